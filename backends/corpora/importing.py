"""From a source to the cache: items to an Arrow file, vectors to a `.npy`, mapped afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import batches, usable_rows
from backends.corpora import at_rest, formats, literals
from backends.corpora.source import (
    BATCH_ROWS,
    Restart,
    Source,
    as_type,
    is_numbers_list,
    plain_type,
)
from backends.corpora.vectors import unequal
from backends.errors import UnusableVectors
from backends.reporting import Report
from backends.wording import counted, either

if TYPE_CHECKING:
    import pyarrow as pa

THICK_BYTES = 1 << 25
WAITING_ROWS = 4_096  # without a vector, written at once


@dataclass(frozen=True)
class Kept:
    """What lies in the draft folder now."""

    content: str  # fingerprint of the items
    rows: int
    vectors: str | None  # fingerprint of the vectors; their file is vectors_file(it)
    notes: tuple[str, ...]


def vectors_file(vectors: str) -> str:
    """Name of the file of vectors in a corpus' entry."""
    return f"vectors-{vectors}.npy"


def write_source(source: Source, vectors: str | None, folder: Path, report: Report) -> Kept:
    """Write a source's items and vectors (of a column, or its own) to a draft folder.

    Raises: BackendError of many kinds, Cancelled.
    """
    while True:
        try:
            with formats.naming_unreadable(Path(source.title)):
                content, rows, column = _write_items(source, vectors, folder, report)
            break
        except Restart:
            continue
    if source.matrix is not None:
        if source.matrix.shape[0] != rows:
            raise unequal(source, rows, "the file of vectors", source.matrix.shape[0])
        column = _VectorColumn(folder, source.matrix.shape[1])
        _write_matrix(source, column, report)
    if column is None:
        return Kept(content, rows, None, tuple(source.notes))
    name = column.close(source.title)
    return Kept(content, rows, name, (*source.notes, *column.notes()))


def _write_matrix(source: Source, column: _VectorColumn, report: Report) -> None:
    assert source.matrix is not None
    total = source.matrix.shape[0]
    done = 0
    try:
        for block in source.matrix.read():
            report.step(done, total, f"Reading {source.title}")
            column.write_block(block)
            done += len(block)
    except BaseException:  # the file must not stay open; nothing is swallowed
        column.abandon()
        raise


def _write_items(
    source: Source, vectors: str | None, folder: Path, report: Report
) -> tuple[str, int, _VectorColumn | None]:
    import pyarrow as pa

    writer: at_rest.ItemsWriter | None = None
    column: _VectorColumn | None = None
    try:
        for batch in _thick(source.batches(report)):
            if vectors is not None:
                column = column or _VectorColumn(folder, None, vectors)
                column.write(batch.column(vectors))
            plain = _plain_batch(batch, vectors, writer.rows if writer else 0)
            if writer is None:
                writer = at_rest.ItemsWriter(folder, plain.schema)
            writer.write(plain)
        if writer is None:
            names = [field for field in source.head.schema if field.name != vectors]
            writer = at_rest.ItemsWriter(
                folder, pa.schema([(field.name, plain_type(field.type)) for field in names])
            )
        return writer.close(), writer.rows, column
    except BaseException:  # the files must not stay open; nothing is swallowed
        for part in (writer, column):
            if part is not None:
                part.abandon()
        raise


def _thick(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches that are worth a look-up: small ones are brought together."""
    waiting: list[pa.RecordBatch] = []
    size = rows = 0
    for batch in batches:
        waiting.append(batch)
        size, rows = size + batch.nbytes, rows + batch.num_rows
        if size >= THICK_BYTES or rows >= BATCH_ROWS // 2:
            yield _together(waiting)
            waiting, size, rows = [], 0, 0
    if waiting:
        yield _together(waiting)


def _together(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    import pyarrow as pa

    filled = [batch for batch in batches if batch.num_rows] or batches[:1]
    return filled[0] if len(filled) == 1 else pa.concat_batches(filled)


def _plain_batch(batch: pa.RecordBatch, vectors: str | None, start: int) -> pa.RecordBatch:
    """The batch without its vectors, every column of a plain type."""
    import pyarrow as pa

    names = [name for name in batch.schema.names if name != vectors]
    columns = [_plain_column(batch.column(name)) for name in names]
    if not columns:  # vectors alone: items are called by their row
        columns = [pa.array(np.arange(start, start + batch.num_rows, dtype=np.int64))]
        names = ["row"]
    return pa.record_batch(columns, names=names)


def _plain_column(values: pa.Array) -> pa.Array:
    import pyarrow as pa

    if not is_numbers_list(values.type):
        return as_type(values, plain_type(values.type))
    return pa.array([_list_text(cell) for cell in values.to_pylist()], pa.large_string())


def _list_text(cell: list[float] | None) -> str | None:
    """Numbers as JSON, in single precision as they came: 0.1, not 0.10000000149011612."""
    if cell is None:
        return None
    short = [None if item is None else float(str(np.float32(item))) for item in cell]
    whole = all(item is not None and item.is_integer() for item in short)
    return json.dumps([int(item) for item in short if item is not None] if whole else short)


class _VectorColumn:
    """Vectors on their way to the cache; unusable ones become zeros and are counted."""

    def __init__(self, folder: Path, dim: int | None, name: str = "") -> None:
        self._folder = folder
        self._dim = dim
        self._name = name
        self._writer: at_rest.VectorsWriter | None = None
        self._waiting = 0  # rows without a vector before the first one with
        self._rows = 0
        self._unusable = 0
        self._empty = 0

    def write(self, values: pa.Array) -> None:
        """Append a column's lists, or texts that hold lists. Raises: UnusableVectors."""
        import pyarrow.compute as pc

        lists = values
        if not is_numbers_list(values.type):
            try:
                lists = literals.parse_text_vectors(values)
            except literals.Unfit as error:
                raise UnusableVectors(
                    f"The column “{self._name}” has a cell after row {self._rows:,} that is no "
                    "list of numbers.",
                    hint="Mend that row, or read the column as text.",
                ) from error
        lengths = np.asarray(pc.list_value_length(lists).fill_null(-1)).astype(np.int64)  # (b,)
        self._settle_dim(lengths)
        there = lengths > 0
        if self._dim is not None and np.any(lengths[there] != self._dim):
            bad = int(np.flatnonzero(there & (lengths != self._dim))[0])
            raise UnusableVectors(
                f"The vectors in “{self._name}” have different lengths: row "
                f"{self._rows + bad + 1:,} has {counted(int(lengths[bad]), 'number')}, "
                "those before it have "
                f"{self._dim:,}.",
                hint="Every vector needs the same number of dimensions.",
            )
        self._empty += int((~there).sum())
        if self._dim is None:
            self._waiting += len(lengths)
        else:
            numbers = pc.cast(lists.flatten(), "float32", safe=False).fill_null(np.nan)
            block = np.array(numbers).reshape(-1, self._dim)
            if not there.all():
                given = block
                block = np.zeros((len(lengths), self._dim), np.float32)
                block[there] = given
            self._append(block, there)
        self._rows += len(lengths)

    def write_block(self, block: NDArray[Any]) -> None:
        """Append (b, d) of any real dtype; numbers that float32 cannot hold become infinite."""
        with np.errstate(over="ignore"):
            vectors = np.array(block, dtype=np.float32)  # a copy: it is written to
        self._append(vectors, np.ones(len(vectors), np.bool_))
        self._rows += len(vectors)

    def _settle_dim(self, lengths: NDArray[np.int64]) -> None:
        if self._dim is None and np.any(lengths > 0):
            self._dim = int(lengths[lengths > 0][0])

    def _append(self, block: NDArray[np.float32], there: NDArray[np.bool_]) -> None:
        assert self._dim is not None
        if self._writer is None:
            self._writer = at_rest.VectorsWriter(self._folder / "vectors.npy", self._dim)
            for waiting in batches(self._waiting, WAITING_ROWS):
                count = waiting.stop - waiting.start
                self._writer.write(np.zeros((count, self._dim), np.float32))
        usable = usable_rows(block)
        block[~usable] = 0
        self._unusable += int((there & ~usable).sum())
        self._writer.write(block)

    def close(self, title: str) -> str:
        """Finish the file and name it. Raises: UnusableVectors if no row has a usable vector."""
        if self._writer is None or self._empty + self._unusable == self._rows:
            self.abandon()
            raise UnusableVectors(
                f"{title} has no usable vector: all are empty, zero, NaN or infinite.",
                hint="Open the file with another column of vectors, or with none.",
            )
        name = self._writer.close()
        self._writer.path.replace(self._folder / vectors_file(name))
        return name

    def abandon(self) -> None:
        """Let go of the file without finishing it."""
        if self._writer is not None:
            self._writer.abandon()

    def notes(self) -> list[str]:
        """What had to be left out."""
        notes = []
        if self._empty:
            rows = counted(self._empty, "row has", "rows have")
            they = either(self._empty, "it is", "they are")
            notes.append(f"{rows} no vector; {they} not on the map.")
        if self._unusable:
            notes.append(
                f"{counted(self._unusable, 'vector is', 'vectors are')} all zeros or "
                f"{either(self._unusable, 'has', 'have')} values that are no numbers (NaN, "
                f"infinite); {either(self._unusable, 'its row is', 'their rows are')} not on the "
                "map."
            )
        return notes
