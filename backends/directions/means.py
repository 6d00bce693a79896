"""Means of unit vectors of groups of rows, by blocks, so that groups may be as large as a corpus.

Reference: the difference of class means is how a direction is found from two sets of words by Dev
and Phillips 2019, Attenuating bias in word vectors, there called 2-means.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Mask, Matrix, batches, unit_rows
from backends.indexes.exact import reciprocal_lengths
from backends.reporting import SILENT, Report
from backends.types import Embeddings

BLOCK_VALUES = 1 << 22  # values of a block of vectors
NO_LENGTH = 1e-6  # of a difference of means: rounding
FEW = 4  # a block of which less than a 4th is wanted is picked row by row

Mean = NDArray[np.float64]


def group_means(
    embeddings: Embeddings, masks: Sequence[Mask], report: Report = SILENT
) -> NDArray[np.float64]:
    """Mean unit vector of the rows of each mask that have a vector, (g, d); zeros where none has.

    Reads the vectors once, whatever the number of groups.
    """
    scales = reciprocal_lengths(embeddings, report.span(0.0, 0.5))  # (n,)
    report = report.span(0.5, 1.0)
    sums, counts = np.zeros((len(masks), embeddings.dim)), np.zeros(len(masks))
    for block in batches(len(embeddings), max(1, BLOCK_VALUES // embeddings.dim)):
        report.step(block.start, len(embeddings), "Finding the direction")
        wanted = np.stack([mask[block] for mask in masks]) & embeddings.present[block]  # (g, b)
        counts += np.count_nonzero(wanted, axis=1)
        used = np.flatnonzero(wanted.any(axis=0))
        if len(used) * FEW < block.stop - block.start:
            sums += _sum(embeddings.vectors[block][used], scales[block][used], wanted[:, used])
        else:
            sums += _sum(embeddings.vectors[block], scales[block], wanted)
    return np.asarray(sums / np.maximum(counts, 1)[:, None])


def _sum(vectors: Matrix, scales: Matrix, wanted: Mask) -> Matrix:
    """Sums of unit rows (g, d); rows whose length left float32's range are taken one by one."""
    weights = wanted * scales  # (g, b)
    odd = np.flatnonzero(np.isnan(scales) & wanted.any(axis=0))
    weights[:, np.isnan(scales)] = 0.0
    sums: Matrix = weights @ vectors  # (g, d)
    if len(odd):
        sums = sums + wanted[:, odd].astype(np.float32) @ unit_rows(vectors[odd])
    return sums


def unit_difference(negative: Mean, positive: Mean) -> Matrix | None:
    """Direction from one mean to another, (d,) float32 of length 1; None if they are the same."""
    difference = positive - negative
    length = float(np.linalg.norm(difference))
    return None if length < NO_LENGTH else (difference / length).astype(np.float32)
