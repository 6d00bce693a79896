"""From vectors to a finished map: own UMAP beside umap-learn at its defaults, and how faithful.

Vectors are the sample corpus encoded with MiniLM (`EMBEDSCOPE_SAMPLE_VECTORS` may name a .npy of
them, which spares encoding), and GloVe where `EMBEDSCOPE_GLOVE` names a .npy of it. Each runs in a
new process whose compiled kernels lie in numba's cache where the library keeps them there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from backends.projections.faithfulness import faithfulness
from backends.projections.registry import UmapParams, project
from backends.types import Embeddings, MadeBy, Projection
from tests.benchmarks.measure import Measure, arguments, in_turn, show

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "resources" / "samples"
COLD_OURS = """
import json, sys, time
start = time.perf_counter()
import numpy as np
from tests.benchmarks.projection import of_file
from backends.projections.registry import project
found = project(of_file(sys.argv[1]), "umap", measure=False)
print(json.dumps(time.perf_counter() - start))
np.save(sys.argv[2], found.layout)
"""
COLD_THEIRS = """
import json, sys, time
start = time.perf_counter()
import numpy as np
import umap
layout = umap.UMAP(metric="cosine").fit_transform(np.load(sys.argv[1]))
print(json.dumps(time.perf_counter() - start))
np.save(sys.argv[2], layout)
"""


def of_file(path: str | Path) -> Embeddings:
    """Embeddings of a .npy file of vectors."""
    vectors = np.load(path).astype(np.float32)
    made_by = MadeBy("benchmark", (str(path),), {"rows": len(vectors)})
    return Embeddings(vectors, np.ones(len(vectors), dtype=np.bool_), "file", "file", made_by)


def vectors_of_sample(folder: Path, *, quick: bool) -> tuple[Path, str]:
    """A .npy of the sample's vectors (2,000 if quick), and words for it."""
    target = folder / "sample.npy"
    given = os.environ.get("EMBEDSCOPE_SAMPLE_VECTORS")
    vectors = np.load(given) if given else _encoded()
    np.save(target, vectors[:: 5 if quick else 1])
    return target, "MiniLM"


def _encoded() -> np.ndarray:
    from backends.corpora.reading import read_corpus
    from backends.embed import EmbedRequest, embed

    source = next(path for path in sorted(SAMPLE.iterdir()) if path.suffix in (".csv", ".parquet"))
    return np.asarray(embed(EmbedRequest(read_corpus([source]))).vectors)


def cold(script: str, source: Path, folder: Path) -> tuple[float, np.ndarray]:
    """Seconds from the start of the script's imports to the layout, and the layout."""
    target = folder / "layout.npy"
    command = [sys.executable, "-W", "ignore", "-c", script, str(source), str(target)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return float(json.loads(done.stdout.splitlines()[-1])), np.load(target)


def laid_out(embeddings: Embeddings, layout: np.ndarray) -> Projection:
    """Any layout as a projection, so that it can be measured."""
    made_by = MadeBy("project", (embeddings.fingerprint,))
    return Projection(layout.astype(np.float32), "umap", "any", made_by)


def compare(source: Path, words: str, folder: Path, *, as_json: bool, warm: bool) -> None:
    """Print seconds and faithfulness of both, in new processes and, if asked, in this one."""
    embeddings = of_file(source)
    n = len(embeddings)
    layouts: dict[str, np.ndarray] = {}

    def run(name: str, script: str) -> float:
        seconds, layouts[name] = cold(script, source, folder)
        return seconds

    name = f"vectors to map, {words}"
    run("ours", COLD_OURS)  # once, so that compiled kernels lie in the cache
    pair = in_turn(lambda: run("ours", COLD_OURS), lambda: run("theirs", COLD_THEIRS), 1)
    row = Measure(f"{name}, new process", pair[0], ">= 4", n, "s", "umap-learn", pair[1])
    show(row, as_json=as_json)
    if warm:
        pair = in_turn(lambda: again(embeddings), lambda: their_second(embeddings), 3)
        row = Measure(f"{name}, second run", pair[0], ">= 4", n, "s", "umap-learn", pair[1])
        show(row, as_json=as_json)
    judge(embeddings, layouts, name, as_json=as_json)


def judge(
    embeddings: Embeddings, layouts: dict[str, np.ndarray], name: str, *, as_json: bool
) -> None:
    """Print how faithful both layouts are, and PCA's."""
    n = len(embeddings)
    found: dict[str, Any] = {
        key: faithfulness(laid_out(embeddings, layout), embeddings)
        for key, layout in layouts.items()
    }
    pca = project(embeddings, "pca").faithfulness
    assert pca is not None
    for kind, words in (("trustworthiness", "trustworthiness"), ("neighbour_recall", "recall")):
        ours, theirs = (getattr(found[key], kind) for key in ("ours", "theirs"))
        show(
            Measure(f"{name}, {words} above umap-learn's", ours - theirs, ">= -0.01", n, ""),
            as_json=as_json,
        )
        beside = getattr(pca, kind)
        show(
            Measure(f"{name}, {words} of PCA / UMAP", beside, ">= 1", n, "", "own UMAP", ours),
            as_json=as_json,
        )
    started = time.perf_counter()
    faithfulness(laid_out(embeddings, layouts["ours"]), embeddings)
    seconds = time.perf_counter() - started
    show(Measure(f"{name}, measuring it", seconds, "<= 1.0", n), as_json=as_json)


def again(embeddings: Embeddings) -> float:
    """Seconds of a run with everything imported, neighbours searched anew."""
    from backends.graph import forget_graphs

    forget_graphs()
    started = time.perf_counter()
    project(embeddings, "umap", UmapParams(), measure=False)
    return time.perf_counter() - started


def their_second(embeddings: Embeddings) -> float:
    """Seconds of umap-learn's second run in this process."""
    import umap

    if not getattr(their_second, "compiled", False):
        umap.UMAP(metric="cosine", n_epochs=5).fit(embeddings.vectors[:5000])
        their_second.compiled = True  # type: ignore[attr-defined]  # a mark, nothing more
    started = time.perf_counter()
    umap.UMAP(metric="cosine").fit_transform(embeddings.vectors)
    return time.perf_counter() - started


def main() -> None:
    """Measure the sample, and GloVe where it lies ready."""
    chosen = arguments(__doc__ or "")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, words = vectors_of_sample(folder, quick=chosen.quick)
        compare(source, words, folder, as_json=chosen.json, warm=not chosen.quick)
        glove = os.environ.get("EMBEDSCOPE_GLOVE")
        if glove and not chosen.quick:
            compare(Path(glove), "GloVe", folder, as_json=chosen.json, warm=False)


if __name__ == "__main__":
    main()
