"""Changed vectors as ordinary embeddings with a recipe; typed texts go through the same map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from backends import cache
from backends.arrays import Matrix, frozen, unit_rows, usable_rows
from backends.corpora.computed import HOW
from backends.directions.erasing.base import Affine, Erasure, Task, blocks_of
from backends.directions.erasing.preparing import EraseRequest, Prepared, prepare
from backends.directions.erasing.registry import ERASERS
from backends.errors import BackendError, MissingPackage
from backends.files import replacing
from backends.fingerprint import of_array
from backends.recipe import application_version
from backends.reporting import SILENT, Report
from backends.types import BASE, Embeddings, MadeBy
from backends.wording import counted

OPERATION = "debias"
MAP = "map.npz"  # beside the vectors in the cache
LOOKED_AT = 1_000  # rows, to see whether vectors are of length 1
UNIT = 1e-3  # how far a length may be from 1: vectors kept in 16 bits


@dataclass(frozen=True, eq=False)
class Erased:
    """What erasing gave: the vectors, how they came about, and what was lost on the way."""

    request: EraseRequest
    prepared: Prepared
    erasure: Erasure
    embeddings: Embeddings


def erase(request: EraseRequest, report: Report = SILENT) -> Erased:
    """Fit an eraser, change all vectors and keep them in the cache, (n, d) float32.

    Raises: BackendError; MissingPackage; UnwritableFile; Cancelled.
    """
    spec = ERASERS[request.method]
    if spec.missing:
        raise MissingPackage(spec.title, spec.missing)
    prepared = prepare(request, report.span(0.0, 0.2))
    params = request.params if request.params is not None else spec.params()  # type: ignore[misc]  # all have some
    if spec.needs_pairs and not len(prepared.task.pairs):
        raise BackendError(
            "There are no pairs to equalise.",
            hint="Give pairs of words that are both among the items.",
        )
    erasure = spec.load()(prepared.task, params, report.span(0.2, 0.6))
    made_by = _made_by(request, prepared, params)
    return Erased(
        request,
        prepared,
        erasure,
        _written(request, prepared, erasure, made_by, report.span(0.6, 1)),
    )


def _made_by(request: EraseRequest, prepared: Prepared, params: Any) -> MadeBy:
    source, direction, task = request.space.embeddings, request.direction, prepared.task
    spec = ERASERS[request.method]
    told: dict[str, Any] = {
        "method": spec.id,
        "params": asdict(params),
        "direction": direction.made_by.as_json(),
        "title": direction.title,
        "kept": list(request.kept),
        "kept_count": len(task.kept),
        "kept_rows": of_array(np.asarray(task.kept)),
        "pairs": [list(pair) for pair in request.pairs],
        "pair_count": len(task.pairs),
        "pair_rows": of_array(np.asarray(task.pairs)),
        "training": request.training if spec.needs_labels else None,
        "seed": request.seed,
        HOW: _sentence(request, task),
        BASE: source.made_by.as_json(),
    }
    versions = {"embedscope": application_version()}
    for package in ("numpy", *(package for _, package in spec.needs)):
        versions[package] = metadata.version(package)
    return MadeBy(OPERATION, (source.fingerprint, direction.fingerprint), told, versions)


def _sentence(request: EraseRequest, task: Task) -> str:
    spec, source = ERASERS[request.method], request.space.embeddings
    parts = [f"{spec.title} along “{request.direction.title}” in the vectors “{source.title}”"]
    how = "kept as they are" if spec.keeps else "not counted as neutral"
    parts.append(f"{len(task.kept):,} specific items {how}")
    if len(task.pairs) and spec.takes_pairs:
        parts.append(f"{len(task.pairs):,} pairs equalised")
    if task.labelled is not None:
        parts.append(f"learnt from {len(task.labelled.training):,} of {task.labelled.how}")
    return "; ".join(parts)


def _written(
    request: EraseRequest, prepared: Prepared, erasure: Erasure, made_by: MadeBy, report: Report
) -> Embeddings:
    source = request.space.embeddings
    folder = cache.entry("embeddings", made_by.fingerprint)
    with replacing(folder / "vectors.npy") as draft:
        vectors = np.lib.format.open_memmap(
            draft, mode="w+", dtype=np.float32, shape=source.vectors.shape
        )
        for block in blocks_of(source):
            report.step(block.start, len(source), "Changing the vectors")
            vectors[block] = erasure.apply(source, block)
        vectors.flush()
        del vectors
    if erasure.affine is not None:
        keep_map(made_by.fingerprint, erasure.affine)
    kept = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
    present = frozen(source.present & usable_rows(kept))
    lost = source.count - int(present.sum())
    notes = [*prepared.notes, *erasure.notes, *_about_lengths(source, erasure)]
    if lost:
        words = counted(lost, "vector lay", "vectors lay")
        notes.append(f"{words} wholly along the direction, with nothing left beside it.")
    spec = ERASERS[request.method]
    title = f"{source.title}, {spec.title} of {request.direction.title}"
    return Embeddings(kept, present, source.encoder, title, made_by, tuple(notes))


def _about_lengths(source: Embeddings, erasure: Erasure) -> tuple[str, ...]:
    """Say so where vectors that were not of length 1 are brought to it."""
    if erasure.affine is None or erasure.affine.to_units:
        return ()
    rows = np.flatnonzero(source.present)[:LOOKED_AT]
    lengths = np.linalg.norm(np.asarray(source.vectors[rows], np.float64), axis=1)
    if not len(rows) or np.abs(lengths - 1).max() < UNIT:
        return ()
    return ("The vectors were brought to length 1 first; their own lengths are not given back.",)


def query_map(made_by: MadeBy, encoded: Matrix, dim: int) -> Matrix:
    """Take encoded queries (m, d0) to where the vectors of a recipe lie, (m, dim) of length 1.

    A query goes through every erasure that made the vectors, in their order, as an item that is
    neither kept nor equalised; between and after them the first dimensions count where the vectors
    were cut.

    Raises: BackendError if the map of one of them is gone.
    """
    for step in erasures_of(made_by):
        affine = kept_map(step)
        units = unit_rows(encoded[:, : len(affine.matrix)])
        # A text that the encoder knows nothing of has no vector, and gets none from an offset.
        encoded = np.where(units.any(axis=1, keepdims=True), affine(units), np.float32(0))
    return unit_rows(encoded[:, :dim])


def erasures_of(made_by: MadeBy) -> tuple[MadeBy, ...]:
    """The erasures with a map that vectors went through, the first of them first."""
    steps = []
    step: MadeBy | None = made_by
    while step is not None:
        if step.operation == OPERATION and step.params["method"] != "equalise":
            steps.append(step)
        step = step.base
    return tuple(reversed(steps))


def keep_map(fingerprint: str, affine: Affine) -> None:
    """Put a map beside the vectors of that name in the cache. Raises: UnwritableFile."""
    path = cache.entry("embeddings", fingerprint) / MAP
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            matrix=affine.matrix,
            offset=affine.offset,
            to_units=np.array(affine.to_units),
        )


def kept_map(step: MadeBy) -> Affine:
    """The map of an erasure. Raises: BackendError if it is gone."""
    path: Path = cache.entry("embeddings", step.fingerprint) / MAP
    try:
        with np.load(path, allow_pickle=False) as stored:
            parts: Mapping[str, Any] = {name: stored[name] for name in stored.files}
        return Affine(parts["matrix"], parts["offset"], bool(parts["to_units"]))
    except (OSError, KeyError, ValueError) as error:
        raise BackendError(
            "The map that made these vectors is not in the cache any more, so a text cannot be "
            "compared with them.",
            hint="Change the vectors again; that writes it anew.",
        ) from error
