"""Embeddings from arrays, and reports that change their mind."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends import fingerprint
from backends.arrays import frozen, usable_rows
from backends.reporting import Progress, Report
from backends.types import Embeddings, MadeBy


def cloud(values: NDArray[Any], present: NDArray[np.bool_] | None = None) -> Embeddings:
    """Embeddings of these vectors; unusable rows are absent and hold zeros."""
    vectors = np.array(values, dtype=np.float32)
    mask = usable_rows(vectors) if present is None else np.array(present)
    vectors[~mask] = 0
    name = fingerprint.of_array(vectors)
    return Embeddings(frozen(vectors), frozen(mask), "file", "cloud", MadeBy("read", (name,)))


def blobs(
    n: int, dim: int = 16, centres: int = 6, *, seed: int = 0, spread: float = 0.4
) -> Embeddings:
    """Groups of rows round random centres; row i belongs to group i modulo `centres`."""
    rng = np.random.default_rng(seed)
    middle = rng.normal(size=(centres, dim))
    return cloud(middle[np.arange(n) % centres] + spread * rng.normal(size=(n, dim)))


def similarities(embeddings: Embeddings) -> NDArray[np.float64]:
    """All cosines in float64, (n, n); NaN where a row has no vector, -inf of a row to itself."""
    vectors = embeddings.vectors.astype(np.float64)
    vectors[~embeddings.present] = np.nan
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    table = vectors @ vectors.T
    np.fill_diagonal(table, -np.inf)
    return table


class Listener:
    """Hears a report; after `patience` progresses it wants no more, and counts what still comes."""

    def __init__(self, patience: int | None = None, *, after_partials: int | None = None) -> None:
        self.progress: list[Progress] = []
        self.partials: list[Any] = []
        self._patience = patience
        self._after_partials = after_partials
        self._stop = threading.Event()
        self.report = Report(self._on_progress, self._on_partial, self._stop)

    def _on_progress(self, progress: Progress) -> None:
        self.progress.append(progress)
        if self._patience is not None and len(self.progress) >= self._patience:
            self._stop.set()

    def _on_partial(self, value: object) -> None:
        self.partials.append(value)
        if self._after_partials is not None and len(self.partials) >= self._after_partials:
            self._stop.set()
