"""Rows of a corpus to files, with a recipe beside them that says exactly how they were made.

The rule for names: a table `NAME.csv` (or .parquet, .jsonl) has `NAME.recipe.json` beside it, and
`NAME.vectors.npy` where vectors are wanted as an array. The files appear together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np

from backends.arrays import Matrix, Rows, batches
from backends.errors import BackendError, UnwritableFile
from backends.export_tables import Format, vector_column, write_table
from backends.files import replacing_together
from backends.recipe import build_recipe
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings, Projection

if TYPE_CHECKING:
    import pyarrow as pa

Vectors = Literal["none", "npy", "column"]
FORMATS: tuple[Format, ...] = ("csv", "parquet", "jsonl")
VECTOR_BLOCK_BYTES = 16 << 20


class TargetExists(BackendError):
    """Files of these names are already there, and nobody has said that they may be replaced."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        names = " and ".join(path.name for path in paths)
        verb = "is" if len(paths) == 1 else "are"
        super().__init__(
            f"{names} {verb} already in {paths[0].parent}.",
            hint="Choose another name, or replace what is there.",
        )
        self.paths = paths


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """Which rows go where, in which form. The order of `rows` is the order of the files."""

    corpus: Corpus
    rows: Rows  # (k,)
    target: Path  # the table; its siblings are named after it
    format: Format
    vectors: Vectors = "none"
    embeddings: Embeddings | None = None
    projection: Projection | None = None  # adds the columns x and y, and z where there is one
    recipe: Mapping[str, Any] = field(default_factory=dict)  # added to the recipe, plain JSON
    overwrite: bool = False

    @property
    def recipe_path(self) -> Path:
        """Where the recipe goes."""
        return self.target.with_name(f"{self.target.stem}.recipe.json")

    @property
    def vectors_path(self) -> Path | None:
        """Where the vectors go, None if they are no file of their own."""
        if self.vectors != "npy":
            return None
        return self.target.with_name(f"{self.target.stem}.vectors.npy")

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files that are written, the table first and the recipe last."""
        vectors = self.vectors_path
        return (self.target, *([vectors] if vectors else []), self.recipe_path)


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written."""

    paths: tuple[Path, ...]
    rows: int


def export(request: ExportRequest, report: Report = SILENT) -> ExportResult:
    """Write the table, the vectors and the recipe; after a failure or a stop nothing has changed.

    Rows without a vector or a place on the map have null in a column and zeros in `vectors.npy`,
    which is bit for bit what the encoder gave.

    Raises: TargetExists, UnwritableFile, BackendError if the target is a source of the corpus or
    vectors are wanted and there are none, Cancelled.
    """
    _check(request)
    names = _names(request)
    split = 0.6 if request.vectors == "npy" else 1.0
    with replacing_together(request.paths) as drafts:
        write_table(
            drafts[0],
            request.corpus.table,
            request.rows,
            request.format,
            extra=lambda rows: _columns(request, names, rows),
            dim=_width(request),
            report=report.span(0.0, split),
        )
        if request.vectors == "npy" and request.embeddings is not None:
            with drafts[1].open("wb") as file:
                write_vectors(
                    file, request.embeddings.vectors, request.rows, report.span(split, 1.0)
                )
        recipe = build_recipe(
            request.corpus,
            request.rows,
            embeddings=request.embeddings,
            projection=request.projection,
            extra={"export": _describe(request, names), **request.recipe},
        )
        text = json.dumps(recipe, indent=2, ensure_ascii=False, allow_nan=False)
        drafts[-1].write_text(text + "\n", encoding="utf-8")
        report.check()
    return ExportResult(request.paths, len(request.rows))


def existing(request: ExportRequest) -> tuple[Path, ...]:
    """Files that are in the way."""
    return tuple(path for path in request.paths if path.exists())


def write_vectors(file: BinaryIO, vectors: Matrix, rows: Rows, report: Report = SILENT) -> None:
    """Write `vectors[rows]` as .npy, block by block, unchanged.

    Raises: OSError, Cancelled.
    """
    head = {
        "descr": np.lib.format.dtype_to_descr(vectors.dtype),
        "fortran_order": False,
        "shape": (len(rows), vectors.shape[1]),
    }
    np.lib.format.write_array_header_1_0(file, head)
    size = max(1, VECTOR_BLOCK_BYTES // max(1, vectors.itemsize * vectors.shape[1]))
    for block in batches(len(rows), size):
        report.step(block.start, len(rows), f"Writing {block.stop:,} of {len(rows):,} vectors")
        # Not `tofile`: on a full disk that raises an OSError without the reason.
        file.write(np.ascontiguousarray(vectors[rows[block]]).data)


def _check(request: ExportRequest) -> None:
    for path in request.paths:
        if path.is_dir():
            raise UnwritableFile(
                f"Could not write {path}: there is a folder of that name.",
                hint="Choose another name; nothing was changed.",
            )
    _check_sources(request)
    if request.vectors != "none" and request.embeddings is None:
        raise BackendError(
            "There are no vectors to export yet.", hint="Embed the items first, or leave them out."
        )
    if not request.overwrite and (there := existing(request)):
        raise TargetExists(there)


def _check_sources(request: ExportRequest) -> None:
    """Never write over the file that the items come from."""
    sources = {source.resolve() for source in request.corpus.sources}
    for path in request.paths:
        if path.resolve() in sources:
            raise UnwritableFile(
                f"{path} is the file that the items were read from.",
                hint="Choose another name, so that the original stays as it is.",
            )


def _width(request: ExportRequest) -> int:
    return request.embeddings.dim if request.vectors == "column" and request.embeddings else 0


def _names(request: ExportRequest) -> dict[str, str]:
    """Names of the added columns; one that the corpus has already gets a number."""
    taken = {name.lower() for name in request.corpus.columns}
    wanted = list("xyz"[: request.projection.dims]) if request.projection is not None else []
    wanted += ["vector"] if request.vectors == "column" else []
    names = {}
    for base in wanted:
        name, number = base, 2
        while name.lower() in taken:
            name, number = f"{base}_{number}", number + 1
        names[base] = name
    return names


def _columns(request: ExportRequest, names: Mapping[str, str], rows: Rows) -> dict[str, pa.Array]:
    """Added columns for some rows."""
    import pyarrow as pa

    columns: dict[str, pa.Array] = {}
    if request.projection is not None:
        places = request.projection.layout[rows]  # (b, 2 or 3)
        for axis, name in enumerate("xyz"[: request.projection.dims]):
            place = np.ascontiguousarray(places[:, axis])
            columns[names[name]] = pa.array(place, mask=np.isnan(place))
    if request.vectors == "column" and request.embeddings is not None:
        present = request.embeddings.present[rows]  # (b,)
        columns[names["vector"]] = vector_column(request.embeddings.vectors[rows], present)
    return columns


def _describe(request: ExportRequest, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "files": [path.name for path in request.paths],
        "format": request.format,
        "vectors": request.vectors,
        "added_columns": dict(names),
    }
