"""Text tables whose rows have more or fewer cells than columns, read in bulk all the same.

Arrow reads the rows that fit and hands over the others, which are few; they are put back in their
places. Where quotation marks do not pair, or most rows do not fit, only reading row by row tells.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.corpora.side_by_side import ahead
from backends.errors import UnreadableFile
from backends.reporting import Report

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_BYTES = 1 << 22
MOST_MISFITS = 100_000


@dataclass(frozen=True)
class Table:
    """How a text table is written; its text is UTF-8."""

    path: Path
    title: str
    delimiter: str
    columns: int
    header: bool
    skip: int = 0  # lines before all others


@dataclass(frozen=True)
class Misfits:
    """The rows that do not have a cell for each column."""

    places: tuple[int, ...]  # from 0, the header and blank lines not counted
    rows: tuple[list[str], ...]


def find_misfits(table: Table, report: Report) -> Misfits | None:
    """Look for rows that do not fit; None where this way of reading may be wrong.

    Raises: OSError, Cancelled.
    """
    import pyarrow as pa

    if _odd_quotes(table, report):
        return None
    found: list[tuple[int, str]] = []

    def keep(row: Any) -> str:
        found.append((row.number, row.text))
        return "skip" if len(found) <= MOST_MISFITS else "error"

    last: pa.RecordBatch | None = None
    total = 0
    try:
        for batch in _batches(table, keep, report):
            last = batch if batch.num_rows else last
            total += batch.num_rows
    except pa.ArrowInvalid:
        return None
    first = 1 + table.skip + table.header  # Arrow's number of the first row
    if found and found[0][0] < first:
        return None
    # An end inside quotation marks is no error to Arrow; such a cell has lines in it.
    if found and found[-1][0] == table.skip + total + len(found):
        end = found[-1][1]
    else:
        end = "".join(column[-1].as_py() or "" for column in last.columns) if last else ""
    if "\n" in end or "\r" in end:
        return None
    rows = tuple(_cells(text, table.delimiter) for _, text in found)
    return Misfits(tuple(number - first for number, _ in found), rows)


def read_ragged(
    table: Table, misfits: Misfits, width: int, report: Report
) -> Iterator[list[pa.Array]]:
    """The columns of all rows, block by block: missing cells are null, and so are empty ones.

    Cells beyond `width` stay in the last one, joined as they were.

    Raises: UnreadableFile if the file has changed since, OSError, Cancelled.
    """
    import pyarrow as pa

    # Behind how many of the rows that fit each of the others stands.
    behind = np.array(misfits.places, np.int64) - np.arange(len(misfits.places))
    start = used = 0
    skip = int(table.header)
    try:
        for batch in _batches(table, lambda _: "skip", report):
            fitting = batch.slice(min(skip, batch.num_rows))
            skip -= batch.num_rows - fitting.num_rows
            end = start + fitting.num_rows
            until = int(np.searchsorted(behind, end))
            columns = _columns(misfits.rows[used:until], table.delimiter, width)
            yield _inserted(fitting, columns, behind[used:until] - start)
            start, used = end, until
    except pa.ArrowInvalid as error:
        raise UnreadableFile(
            f"{table.title} was changed while it was read.",
            hint="Open it again when nothing writes to it any more.",
        ) from error
    if used < len(misfits.rows):
        yield _columns(misfits.rows[used:], table.delimiter, width)


def _inserted(
    fitting: pa.RecordBatch, columns: list[pa.Array], places: np.ndarray[Any, Any]
) -> list[pa.Array]:
    import pyarrow as pa

    n, more = fitting.num_rows, len(places)
    order = pa.array(np.insert(np.arange(n), places, np.arange(n, n + more)))
    result = []
    for place, others in enumerate(columns):
        there = place < fitting.num_columns
        cells = fitting.column(place) if there else pa.nulls(n, pa.large_string())
        result.append(pa.concat_arrays([cells, others]).take(order) if more else cells)
    return result


def _columns(rows: Sequence[list[str]], delimiter: str, width: int) -> list[pa.Array]:
    import pyarrow as pa

    whole = [
        [*row[: width - 1], delimiter.join(row[width - 1 :])] if len(row) > width else row
        for row in rows
    ]
    return [
        pa.array([row[i] or None if len(row) > i else None for row in whole], pa.large_string())
        for i in range(width)
    ]


def _cells(text: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])


def _odd_quotes(table: Table, report: Report) -> bool:
    odd = 0
    with table.path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            report.step(0, 0, f"Reading {table.title} once more")
            odd ^= block.count(b'"') & 1
    return bool(odd)


def _batches(table: Table, misfit: Any, report: Report) -> Iterator[pa.RecordBatch]:
    """The rows that fit, all cells as text. Raises: pa.ArrowInvalid, OSError, Cancelled."""
    size = max(1, table.path.stat().st_size)
    done = 0
    for batch in ahead(_parsed(table, misfit)):
        report.step(min(done, 0.99 * size), size, f"Reading {table.title}")
        done += batch.nbytes
        yield batch


def _parsed(table: Table, misfit: Any) -> Generator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    names = [f"c{place}" for place in range(table.columns)]
    with pa.OSFile(str(table.path)) as file:
        yield from arrow_csv.open_csv(
            file,
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=BLOCK_BYTES,
                column_names=names,
                skip_rows=table.skip,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=table.delimiter, newlines_in_values=True, invalid_row_handler=misfit
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
