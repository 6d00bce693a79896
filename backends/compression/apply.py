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
from backends.export import TargetExists
from backends.files import replacing, replacing_together
from backends.recipe import application_version, describe_rows
from backends.reporting import SILENT, Report
from backends.types import BASE, Embeddings, MadeBy

BLOCK_VALUES = 1 << 22


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
    """Write codes and tables as an .npz without pickles, and the recipe beside it.

    Arrays are named `codes.NAME` (one row a vector, in the order of `rows`) and `table.NAME`.

    Raises: TargetExists; UnwritableFile.
    """
    recipe = path.with_name(f"{path.stem}.recipe.json")
    _refuse_existing((path, recipe), overwrite=overwrite)
    coder, codes = opened.compressed.coder, opened.compressed.codes
    arrays: dict[str, Any] = {f"codes.{name}": part for name, part in codes.parts.items()}
    arrays |= {f"table.{name}": table for name, table in coder.side.items()}
    report.step(0, 0, f"Writing {path.name}")
    with replacing_together((path, recipe)) as (draft, beside):
        with draft.open("wb") as file:
            np.savez(file, allow_pickle=False, rows=opened.source.corpus_rows, **arrays)
        beside.write_text(json.dumps(_recipe(opened), indent=2), encoding="utf-8")
    return (path, recipe)


def _recipe(opened: OpenedCodec) -> Mapping[str, Any]:
    cell = opened.cell
    return {
        "schema": 1,
        "application": {"name": "Embedscope", "version": application_version()},
        "codec": cell.codec,
        "title": cell.title,
        "params": dict(cell.params),
        "bytes_per_vector": cell.bytes_per_vector,
        "side_bytes": cell.memory.side,
        "recall": {"k": cell.found.shape[1], "mean": cell.recall.mean},
        "rows": describe_rows(opened.source.corpus_rows),
        "embeddings": opened.embeddings.made_by.as_json(),
        "made_by": cell.made_by.as_json(),
    }


def _refuse_existing(paths: tuple[Path, ...], *, overwrite: bool) -> None:
    there = tuple(path for path in paths if path.exists())
    if there and not overwrite:
        raise TargetExists(there)
