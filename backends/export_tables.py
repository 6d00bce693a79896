"""Writing rows of a table as csv, parquet or jsonl, block by block, in the order asked for.

Nested values (lists, structs) and bytes have no place in csv and no fixed form in jsonl: they are
written as JSON and as base64. Empty cells stay empty: nothing between the commas, `null`.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol

import numpy as np

from backends.arrays import Mask, Matrix, Rows, batches
from backends.reporting import SILENT, Report

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["csv", "parquet", "jsonl"]
BLOCK_BYTES = 32 << 20
MOST_BLOCK_ROWS = 1 << 16
VECTOR_TEXT_BYTES = 20  # one number of a vector as text, at most

Extra = Callable[[Rows], Mapping[str, "pa.Array"]]  # further columns for some rows


def take_rows(table: pa.Table, rows: Rows) -> pa.Table:
    """Some rows of a table in the order of `rows`, copied.

    Goes chunk by chunk: `Table.take` would first join all chunks of a column.
    """
    import pyarrow as pa

    order = np.argsort(rows, kind="stable")
    wanted = rows[order]  # (k,) ascending
    parts, start = [], 0
    for batch in table.to_batches():
        low, high = np.searchsorted(wanted, (start, start + batch.num_rows))
        if high > low:
            parts.append(batch.take(pa.array(wanted[low:high] - start)))
        start += batch.num_rows
    found = pa.Table.from_batches(parts, table.schema)
    if (order[:-1] < order[1:]).all():
        return found
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return found.combine_chunks().take(pa.array(back))


def _blocks(table: pa.Table, rows: Rows, extra: Extra, dim: int) -> Iterator[tuple[int, pa.Table]]:
    """Parts of about 32 MiB, each with the number of rows up to its end; one even of no rows."""
    width = table.nbytes // max(1, table.num_rows) + dim * VECTOR_TEXT_BYTES + 64
    size = max(256, min(MOST_BLOCK_ROWS, BLOCK_BYTES // width))
    for block in batches(len(rows), size) if len(rows) else (slice(0, 0),):
        part = take_rows(table, rows[block])
        for name, values in extra(rows[block]).items():
            part = part.append_column(name, values)
        yield block.stop, part


def write_table(
    path: Path,
    table: pa.Table,
    rows: Rows,
    kind: Format,
    *,
    extra: Extra = lambda _rows: {},
    dim: int = 0,
    report: Report = SILENT,
) -> None:
    """Write `rows` of a table to `path`, which is neither checked nor replaced with care.

    `extra` gives further columns for a block of rows; `dim` is the length of a vector among them.
    Reports once a block.

    Raises: OSError, Cancelled.
    """
    with path.open("wb") as file:
        writer = _WRITERS[kind](file)
        try:
            for done, part in _blocks(table, rows, extra, dim):
                report.step(done, len(rows), f"Writing {done:,} of {len(rows):,} rows")
                writer.write(part)
        finally:
            writer.close()


def vector_column(vectors: Matrix, present: Mask) -> pa.Array:
    """Return (n, d) vectors as a column of n lists, null where there is none."""
    import pyarrow as pa

    offsets = np.concatenate(([0], np.cumsum(np.where(present, vectors.shape[1], 0))))  # (n + 1,)
    values = np.ascontiguousarray(vectors[present], dtype=np.float32).ravel()
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.array(values), mask=pa.array(~present)
    )


class _Writer(Protocol):
    def write(self, part: pa.Table) -> None: ...

    def close(self) -> None: ...


class _Parquet:
    """Blocks become row groups; small ones, so that single rows can be read back quickly."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._writer: Any = None

    def write(self, part: pa.Table) -> None:
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, part.schema, compression="zstd")
        self._writer.write_table(part)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _Csv:
    """UTF-8, comma, quotes where needed; an empty text is "" and an empty cell is nothing."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._texts = _Texts()
        self._writer: Any = None

    def write(self, part: pa.Table) -> None:
        import pyarrow.compute as pc
        from pyarrow import csv

        part, _ = self._texts.plain(part)
        if part.num_columns == 1:  # a line with nothing on it is no row to most readers
            cells = pc.fill_null(pc.cast(part.column(0), "string"), "")
            part = part.set_column(0, part.column_names[0], cells)
        if self._writer is None:
            self._writer = csv.CSVWriter(self._file, part.schema)
        self._writer.write_table(part)

    def close(self) -> None:
        self._texts.close()
        if self._writer is not None:
            self._writer.close()


class _Jsonl:
    """One object a line, UTF-8; NaN and infinity, which JSON does not know, are null."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._texts = _Texts()

    def write(self, part: pa.Table) -> None:
        for chunk in self._texts.lines(part).chunks:
            self._file.write("".join(f"{line}\n" for line in chunk.to_pylist()).encode())

    def close(self) -> None:
        self._texts.close()


_WRITERS: dict[Format, Callable[[BinaryIO], _Writer]] = {
    "csv": _Csv,
    "parquet": _Parquet,
    "jsonl": _Jsonl,
}


class _Texts:
    """Turns values into text with DuckDB, which sees the block it is given and nothing else."""

    def __init__(self) -> None:
        import duckdb

        self._connection = duckdb.connect(config={"enable_external_access": "false"})

    def close(self) -> None:
        self._connection.close()

    def plain(self, part: pa.Table) -> tuple[pa.Table, tuple[str, ...]]:
        """Return the same rows with text for what has no plain form, and which columns are JSON."""
        import pyarrow as pa

        nested = []
        for at, field in enumerate(part.schema):
            kind, column = field.type, part.column(at)
            if pa.types.is_nested(kind):
                nested.append(field.name)
                column = self._json(column)
            elif pa.types.is_dictionary(kind):
                column = column.cast(kind.value_type)
            elif pa.types.is_float16(kind):
                column = column.cast(pa.float32())
            elif any(word in str(kind) for word in ("binary", "duration", "decimal256")):
                column = pa.array([_plain(value) for value in column.to_pylist()], pa.string())
            else:
                continue
            part = part.set_column(at, field.name, column)
        return part, tuple(nested)

    def lines(self, part: pa.Table) -> pa.ChunkedArray:
        """Return one JSON object a row, as text."""
        import pyarrow as pa
        import pyarrow.compute as pc

        part, nested = self.plain(part)
        for at, field in enumerate(part.schema):
            if pa.types.is_floating(field.type):
                column = part.column(at)
                finite = pc.if_else(pc.is_finite(column), column, None)
                part = part.set_column(at, field.name, finite)
        # Numbered columns: DuckDB takes “Text” and “text” for the same name.
        cells = ", ".join(
            f"{_literal(name)}, c{at}{'::JSON' if name in nested else ''}"
            for at, name in enumerate(part.column_names)
        )
        block = part.rename_columns([f"c{at}" for at in range(part.num_columns)])
        return self._ask(block, f"json_object({cells})")

    def _json(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        import pyarrow as pa
        import pyarrow.compute as pc

        if column.type == pa.list_(pa.float32()):  # vectors: too many for a loop in Python
            found = self._ask(pa.table({"c0": column}), "to_json(c0)")
            if not pc.any(pc.match_substring_regex(found, "NaN|Infinity")).as_py():
                return found
        texts = [_json_text(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])

    def _ask(self, block: pa.Table, expression: str) -> pa.ChunkedArray:
        import pyarrow as pa

        self._connection.register("block", block)
        answer = self._connection.sql(f"SELECT ({expression})::VARCHAR FROM block").to_arrow_table()
        self._connection.unregister("block")
        return answer.column(0).cast(pa.large_string())


def _literal(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _json_text(value: object) -> str | None:
    return None if value is None else json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: object) -> object:
    """Return str, int, finite float, bool, None, list or dict: what JSON can hold."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, str | int):
        return value
    return str(value)
