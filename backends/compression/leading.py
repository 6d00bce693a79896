"""The first dimensions of an embedding as an embedding of its own, without encoding anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from backends import cache
from backends import embedding_store as store
from backends.arrays import Mask, batches, frozen, unit_rows
from backends.errors import BackendError
from backends.files import naming_failure
from backends.reporting import SILENT, Report
from backends.types import BASE, Embeddings, MadeBy
from backends.wording import counted

OPERATION = "truncate"


def leading_dimensions(
    embeddings: Embeddings, dims: int, report: Report = SILENT, *, title: str = ""
) -> Embeddings:
    """Keep the first dimensions and scale rows to length 1: (n, dims) float32, mapped.

    `made_by` says of what it is a part, so that a typed text is encoded as that one's would be.

    Raises: BackendError if there are not so many dimensions; Cancelled.
    """
    if not 1 <= dims <= embeddings.dim:
        raise BackendError(
            f"{embeddings.title} has {embeddings.dim} dimensions, not {dims}.",
            hint=f"Name a number from 1 to {embeddings.dim}.",
        )
    params = {"dims": dims, BASE: embeddings.made_by.as_json()}
    made_by = MadeBy(OPERATION, (embeddings.fingerprint,), params)
    folder = cache.entry("embeddings", made_by.fingerprint)
    with store.claimed(folder, report):
        if store.read_result(folder) is None:
            store.reserve(folder, len(embeddings), dims)
            present = _fill(embeddings, dims, folder, report)
            store.write_result(folder, present, {"notes": []})
    return Embeddings(
        store.open_vectors(folder),
        store.open_present(folder),
        embeddings.encoder,
        title or f"{embeddings.title}, {dims} dimensions",
        made_by,
        embeddings.notes,
    )


def _fill(embeddings: Embeddings, dims: int, folder: Path, report: Report) -> Mask:
    """Write all rows into the reserved space; return which of them have a direction left."""
    present: Mask = np.zeros(len(embeddings), dtype=np.bool_)
    path = folder / "vectors.npy"
    with naming_failure(path), path.open("r+b") as file:
        npy.read_magic(file)
        npy.read_array_header_1_0(file)
        for block in batches(len(embeddings), store.BLOCK_ROWS):
            report.step(block.start, len(embeddings), f"Keeping {counted(dims, 'dimension')}")
            rows = unit_rows(embeddings.vectors[block, :dims])  # (b, dims)
            present[block] = embeddings.present[block] & (rows != 0).any(axis=1)
            rows[~present[block]] = 0
            file.write(rows.data)
    return frozen(present)
