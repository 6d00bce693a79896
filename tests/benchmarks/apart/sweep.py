"""A new process that measures codecs on a file of vectors; prints one JSON object.

Usage: python -m tests.benchmarks.apart.sweep VECTORS.npy CACHE [CODEC,CODEC,...]
Without codecs it is the default sweep. Cells are the ones measured, not those that were wanted.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

FIRST = 5  # points whose time is taken


def main(file: str, cache: str, codecs: str = "") -> None:
    """Sweep, and say when the first points came and how much memory it took at most."""
    os.environ["EMBEDSCOPE_CACHE"] = cache
    import numpy as np

    from backends.compression.results import Sweep
    from backends.compression.sweep import SweepRequest, sweep
    from backends.reporting import Report
    from backends.types import Embeddings, MadeBy

    started = time.perf_counter()
    vectors = np.load(file, mmap_mode="r")
    made_by = MadeBy("benchmark", (), {"file": file, "shape": list(vectors.shape)})
    present = np.ones(len(vectors), dtype=np.bool_)
    embeddings = Embeddings(vectors, present, "file", "benchmark", made_by)
    came: list[float] = []

    def note(value: object) -> None:
        assert isinstance(value, Sweep)
        came.extend([time.perf_counter() - started] * (len(value.cells) - len(came)))
        if value.cells and "-v" in sys.argv:
            cell = value.cells[-1]
            print(cell.codec, cell.bytes_per_vector, cell.recall, came[-1], file=sys.stderr)

    names = tuple(name for name in codecs.split(",") if name)
    found = sweep(SweepRequest(embeddings, names), Report(on_partial=note))
    answer = {
        "seconds": time.perf_counter() - started,
        "first": came[FIRST - 1] if len(came) >= FIRST else None,
        "cells": len(found.cells),
        "missing": [f"{no.codec}: {no.what}" for no in found.missing],
        "exact_seconds": found.truth.seconds,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(answer))


def peak_mb() -> float:
    """Most memory of this process, mapped files included.

    The system's own account (getrusage) begins with what the parent had when it forked.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(*[word for word in sys.argv[1:] if word != "-v"])
