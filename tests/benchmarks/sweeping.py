"""Seconds and memory of a sweep over codecs, each in a new process with an empty cache."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.measure import Measure, show

ROOT = Path(__file__).parents[2]
DIM = 384
ROWS, QUICK_ROWS = 100_000, 10_000
MANY, QUICK_MANY = 1_000_000, 100_000
MINUTES = 300.0  # seconds that the default sweep of 100,000 rows may take
FIRST = 20.0  # and its first five points
MEGABYTES = 3 << 10  # resident, at a million rows
SOME = "float16,int8,sign,pca,pq,two-stage"  # codecs whose memory is measured


def clustered(rows: int, seed: int = 0, centres: int = 2000) -> np.ndarray[Any, Any]:
    """Rows round Gaussian centres with noise as large as a centre's coordinates, of length 1."""
    rng = np.random.default_rng(seed)
    middle = rng.standard_normal((centres, DIM), dtype=np.float32)
    vectors = np.empty((rows, DIM), dtype=np.float32)
    for start in range(0, rows, 1 << 16):
        part = vectors[start : start + (1 << 16)]
        part[:] = middle[rng.integers(0, centres, len(part))]
        part += rng.standard_normal(part.shape, dtype=np.float32)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors


def swept(vectors: np.ndarray[Any, Any], codecs: str = "") -> dict[str, Any]:
    """What the process that sweeps these vectors says."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vectors.npy"
        np.save(file, vectors)
        words = [sys.executable, "-m", "tests.benchmarks.apart.sweep", str(file), folder, codecs]
        done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


def sweeps(*, quick: bool, as_json: bool) -> None:
    """The default sweep, and the memory of a few codecs at many rows."""
    rows, many = (QUICK_ROWS, QUICK_MANY) if quick else (ROWS, MANY)
    answer = swept(clustered(rows))
    name = f"default sweep, {answer['cells']} cells of {rows:,} x {DIM}"
    show(Measure(name, answer["seconds"], f"<= {MINUTES}", rows), as_json=as_json)
    show(Measure(f"{name}: first five", answer["first"], f"<= {FIRST}", rows), as_json=as_json)
    answer = swept(clustered(many), SOME)
    name = f"sweep of {SOME}, {answer['cells']} cells of {many:,} x {DIM}"
    show(Measure(name, answer["peak_mb"], f"<= {MEGABYTES}", many, "MB"), as_json=as_json)
