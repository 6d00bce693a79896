"""Taking a codec up: its vectors as ordinary embeddings, its codes as files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backends import cache
from backends.arrays import batches, frozen, usable_rows
from backends.compression.opened import OpenedCodec
from backends.errors import BackendError
from backends.export import TargetExists
from backends.files import replacing, replacing_together
from backends.recipe import application_version, describe_rows
from backends.reporting import SILENT, Report
from backends.types import BASE, Embeddings, MadeBy

BLOCK_VALUES = 1 << 22
FAISS = ".faiss"  # suffix of an index file


def as_embeddings(opened: OpenedCodec, report: Report = SILENT) -> Embeddings:
    """What the codec keeps of every vector, decoded, as embeddings of the same corpus.

    They are (n, d) float32 in the cache, whatever the codec's own size, so that every panel can
    show them; a typed text is compared with them by its own full vector.

    Raises: UnwritableFile, Cancelled.
    """
    original, cell = opened.embeddings, opened.cell
    made_by = MadeBy(
        "compress",
        (original.fingerprint,),
        {
            **{name: value for name, value in cell.made_by.params.items() if name != "k"},
            "queries": cell.made_by.inputs[1],
            BASE: original.made_by.as_json(),
        },
        cell.made_by.versions,
    )
    path = cache.entry("embeddings", made_by.fingerprint) / "vectors.npy"
    with replacing(path) as draft:
        vectors = np.lib.format.open_memmap(
            draft, mode="w+", dtype=np.float32, shape=original.vectors.shape
        )
        source = opened.source
        for block in batches(source.rows, max(1, BLOCK_VALUES // source.dim)):
            report.step(block.start, source.rows, "Decoding")
            decoded = opened.compressed.coder.decode(opened.compressed.codes, block)
            vectors[source.corpus_rows[block]] = decoded
        vectors.flush()
        del vectors
    kept = np.load(path, mmap_mode="r", allow_pickle=False)
    present = frozen(original.present & usable_rows(kept))
    lost = original.count - int(present.sum())
    notes = (f"{lost:,} vectors became zero and are left out.",) if lost else ()
    title = f"{original.title}, {cell.title} at {cell.bytes_per_vector:,.4g} bytes"
    return Embeddings(kept, present, original.encoder, title, made_by, notes)


def export_codes(
    opened: OpenedCodec, path: Path, *, overwrite: bool = False, report: Report = SILENT
) -> tuple[Path, ...]:
    """Write codes and tables to a file, and the recipe beside it.

    An .npz without pickles has arrays `codes.NAME` (one row a vector, in the order of `rows`) and
    `table.NAME`. A .faiss is an index for `faiss.read_index` (`read_index_binary` of signs) that
    finds the same neighbours; its ids are positions, and `rows` in the recipe says which corpus
    rows those are.

    Raises: TargetExists; UnwritableFile; BackendError if faiss has no index of this kind.
    """
    recipe = path.with_name(f"{path.stem}.recipe.json")
    there = tuple(file for file in (path, recipe) if file.exists())
    if there and not overwrite:
        raise TargetExists(there)
    report.step(0, 0, f"Writing {path.name}")
    with replacing_together((path, recipe)) as (draft, beside):
        (_write_index if path.suffix == FAISS else _write_arrays)(opened, draft)
        beside.write_text(json.dumps(_recipe(opened), indent=2), encoding="utf-8")
    return (path, recipe)


def _write_arrays(opened: OpenedCodec, draft: Path) -> None:
    coder, codes = opened.compressed.coder, opened.compressed.codes
    arrays: dict[str, Any] = {f"codes.{name}": part for name, part in codes.parts.items()}
    arrays |= {f"table.{name}": table for name, table in coder.side.items()}
    with draft.open("wb") as file:
        np.savez(file, allow_pickle=False, rows=opened.source.corpus_rows, **arrays)


def _write_index(opened: OpenedCodec, draft: Path) -> None:
    from backends.codecs.faiss_export import write_faiss

    if not write_faiss(opened.compressed.coder, opened.compressed.codes, draft):
        raise BackendError(
            f"faiss has no index that does what {opened.cell.title} does.",
            hint="Save codes and tables as .npz instead.",
        )


def _recipe(opened: OpenedCodec) -> Mapping[str, Any]:
    cell = opened.cell
    return {
        "schema": 1,
        "application": {"name": "Embedscope", "version": application_version()},
        "codec": cell.codec,
        "title": cell.title,
        "faiss_factory": cell.factory,
        "params": dict(cell.params),
        "bytes_per_vector": cell.bytes_per_vector,
        "side_bytes": cell.memory.side,
        "recall": {"k": cell.found.shape[1], "mean": cell.recall.mean},
        "rows": describe_rows(opened.source.corpus_rows),
        "embeddings": opened.embeddings.made_by.as_json(),
        "made_by": cell.made_by.as_json(),
    }
