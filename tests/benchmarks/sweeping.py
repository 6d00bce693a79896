"""Seconds and memory of a sweep over codecs, each in a new process with an empty cache."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Measure, show

ROOT = Path(__file__).parents[2]
MINUTES = 300.0  # seconds that the default sweep of 100,000 rows may take
FIRST = 20.0  # and its first five points
MEGABYTES = 3 << 10  # resident, at a million rows
SOME = "float16,int8,sign,pca,pq,two-stage"  # codecs whose memory is measured


def default_sweep(file: Path, rows: int, dim: int, *, as_json: bool) -> None:
    """Print how long the default sweep takes, and its first five points."""
    answer = swept(file)
    name = f"default sweep, {answer['cells']} cells of {rows:,} x {dim}"
    show(Measure(name, answer["seconds"], f"<= {MINUTES}", rows), as_json=as_json)
    show(Measure(f"{name}: first five", answer["first"], f"<= {FIRST}", rows), as_json=as_json)
    for problem in answer["missing"]:
        print(f"missing: {problem}", file=sys.stderr)


def memory_of_sweep(file: Path, rows: int, dim: int, *, as_json: bool) -> None:
    """Print the most memory that a sweep over some codecs takes, mapped vectors included."""
    answer = swept(file, SOME)
    name = f"sweep of {SOME}, {answer['cells']} cells of {rows:,} x {dim}"
    show(Measure(name, answer["peak_mb"], f"<= {MEGABYTES}", rows, "MB"), as_json=as_json)


def swept(file: Path, codecs: str = "") -> dict[str, Any]:
    """What the process that sweeps these vectors says."""
    with tempfile.TemporaryDirectory() as cache:
        words = [sys.executable, "-m", "tests.benchmarks.apart.sweep", str(file), cache, codecs]
        done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
