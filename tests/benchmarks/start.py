"""From a cold process to the window, the rows, the finished map; and the stalls on the way.

The program runs as a person runs it, in a window on a virtual screen; the times are its trace's.
Usage: python -m tests.benchmarks.start [--quick] [--json]
"""

from __future__ import annotations

import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from resources import SAMPLE
from tests.acceptance.screen import Program, drop, virtual_screen
from tests.benchmarks.measure import Measure, arguments, show

ROOT = Path(__file__).parents[2]
STARTS = 5
ROWS = 886_000
CHARACTERS = 70
WARM_UP_MS = 600
STALL_MS = 100


def main() -> None:
    """Measure everything in one run."""
    asked = arguments(__doc__ or "")
    rows = 2_000 if asked.quick else 10_000
    with virtual_screen() as display, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for measure in chain(
            window_seconds(display, home),
            sample_to_map(display, home, rows),
            large_table(display, home, ROWS // 10 if asked.quick else ROWS),
        ):
            show(measure, as_json=asked.json)


def window_seconds(display: str, home: Path) -> Iterator[Measure]:
    """Seconds from the start of the process to the window on the screen, file cache warm."""
    seconds = []
    for i in range(STARTS + 1):
        with running(display, home / f"start-{i}") as program:
            seconds.append(program.wait_for("window", seconds=60)["seconds"])
    yield Measure("window on screen", statistics.median(seconds[1:]), "<= 1.0", STARTS)


def sample_to_map(display: str, home: Path, rows: int) -> Iterator[Measure]:
    """Cold start of the process to the finished UMAP map, against the libraries' defaults."""
    table = home / "sample.parquet"
    write_sample(table, rows)
    kept = home / "peer.npz"
    peer = ROOT / "tests/benchmarks/apart/peer_map.py"
    command = [sys.executable, str(peer), str(table), str(kept)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    with running(display, home / "map", str(table)) as program:
        final = program.wait_for("projection", lambda e: e["method"] == "umap", seconds=600)
        stalls = program.events("stall")
    seconds = final["seconds"]
    worst = sorted((event["ms"] for event in stalls), reverse=True)
    sure = bf16()
    yield from (
        Measure(
            "cold start to finished UMAP map",
            seconds,
            ">= 4" if sure else ">= 2",
            rows,
            peer="SentenceTransformer.encode + umap-learn, defaults",
            theirs=said["seconds"],
        ),
        Measure(
            "trustworthiness lost against umap-learn's map",
            trust(kept) - final["trustworthiness"],
            "<= 0.01",
            rows,
            unit="",
        ),
        Measure(
            "longest stall, the warm-up",
            worst[0] if worst else 0,
            f"<= {WARM_UP_MS}",
            len(worst),
            "ms",
        ),
        Measure(
            "longest stall but for the warm-up",
            worst[1] if worst[1:] else 0,
            f"<= {STALL_MS}",
            len(worst),
            "ms",
        ),
    )


def large_table(display: str, home: Path, rows: int) -> Iterator[Measure]:
    """Seconds from the drop to rows on the screen, and the anonymous memory after reading."""
    table = home / "large.csv"
    write_large(table, rows)
    with running(display, home / "large") as program:
        program.wait_for("window", seconds=60)
        before = anonymous_bytes(program)
        drop(program, [table], home)
        started = program.wait_for("job", lambda e: "large" in e["title"])["seconds"]
        shown = program.wait_for("shown", lambda e: e["rows"] == rows, seconds=120)["seconds"]
        memory = anonymous_bytes(program)
    yield from (
        Measure("rows on screen, csv of short texts", shown - started, "<= 1.0", rows),
        Measure("anonymous memory after reading", memory / 1e9, "<= 1.0", rows, "GB"),
        Measure("anonymous memory of the empty window", before / 1e9, "<= 1.0", 0, "GB"),
    )


class running:
    """A program that is closed at the end of the block."""

    def __init__(self, display: str, home: Path, *words: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        (home / "trace.jsonl").unlink(missing_ok=True)
        self._program = Program(display, home, words)

    def __enter__(self) -> Program:
        return self._program

    def __exit__(self, *_error: object) -> None:
        self._program.close()


def anonymous_bytes(program: Program) -> int:
    """RssAnon of the process."""
    status = Path(f"/proc/{program.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


def trust(kept: Path) -> float:
    """Trustworthiness of the peer's map of its own vectors, by the same function as ours."""
    import numpy as np

    from backends.projections.faithfulness import faithfulness
    from backends.types import Embeddings, MadeBy, Projection

    with np.load(kept) as arrays:
        vectors, layout = arrays["vectors"], arrays["layout"]
    made_by = MadeBy("peer")
    present = np.ones(len(vectors), dtype=np.bool_)
    embeddings = Embeddings(vectors, present, "file", "peer", made_by)
    measured = faithfulness(Projection(layout, "umap-learn", "peer", made_by), embeddings)
    assert measured is not None
    return measured.trustworthiness


def bf16() -> bool:
    """Whether this processor has bf16 instructions."""
    flags = Path("/proc/cpuinfo").read_text()
    return "avx512_bf16" in flags or "amx_bf16" in flags


def write_sample(path: Path, rows: int) -> None:
    """The first rows of the sample under another name."""
    import pyarrow.csv
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.csv.read_csv(SAMPLE).slice(0, rows), path)


def write_large(path: Path, rows: int) -> None:
    """A csv of short texts, made of WordNet's words, 70 characters on average."""
    import pyarrow.csv

    sample: Any = pyarrow.csv.read_csv(SAMPLE)["definition"].to_pylist()
    words = [word for text in sample for word in re.findall(r"[A-Za-z'-]+", text)]
    pick = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        file.write("id,text,score\n")
        for i in range(rows):
            target = pick.gauss(CHARACTERS, 15)
            line: list[str] = []
            length = 0
            while length < target - 3:
                word = pick.choice(words)
                line.append(word)
                length += len(word) + 1
            file.write(f"{i},{' '.join(line)},{pick.random():.4f}\n")


if __name__ == "__main__":
    main()
