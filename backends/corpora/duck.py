"""Sources that DuckDB can scan: every type of column is brought to a plain one by SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from backends.corpora.side_by_side import ahead, stoppable
from backends.corpora.source import (
    BATCH_ROWS,
    HEAD_ROWS,
    Source,
    is_numbers_list,
    renamed_note,
    unique_names,
)
from backends.reporting import SILENT, Report

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

VECTOR_BATCH_ROWS = 16_384  # of a thousand numbers each: 64 MB
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_SAME = {"VARCHAR", "BOOLEAN", "DATE", "FLOAT", "DOUBLE", "UBIGINT", "TIMESTAMP"}
_VECTOR = re.compile(
    r"(FLOAT|DOUBLE|TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|HALF|DECIMAL\(\d+,\d+\))\[(\d*)\]"
)


def quoted_text(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """A column's name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def connect() -> duckdb.DuckDBPyConnection:
    """A connection of its own, whose texts may be longer than two gigabytes together."""
    import duckdb

    return duckdb.connect(
        config={"arrow_large_buffer_size": "true", "python_enable_replacements": "false"}
    )


def scan(
    title: str,
    begin: Callable[[duckdb.DuckDBPyConnection], str],
    *,
    total: int | None = None,
    names: list[str] | None = None,
    durations: Mapping[int, int] | None = None,
    report: Report = SILENT,
) -> Source:
    """Look at what a `FROM ...` of SQL gives; `begin` prepares a connection and returns it.

    `names` are the names as the file has them, where DuckDB may have changed them;
    `durations` says for the places of durations how many of their units make a second.

    Raises: duckdb.Error, Cancelled.
    """
    notes: list[str] = []
    with connect() as connection:

        def look() -> tuple[str, pa.Table | None]:
            relation = connection.sql(begin(connection))
            select = _plain_select(relation, notes, names, durations or {})
            return select, (
                relation.limit(HEAD_ROWS).project(select).to_arrow_table() if select else None
            )

        select, head = stoppable(look, report, connection.interrupt)
    if head is None:
        import pyarrow as pa

        head = pa.table({})

    wide = any(is_numbers_list(field.type) for field in head.schema)

    def batches(report: Report) -> Iterator[pa.RecordBatch]:
        if not select:
            return
        with connect() as again:
            done = 0
            rows = VECTOR_BATCH_ROWS if wide else BATCH_ROWS
            for batch in arrow_batches(again.sql(begin(again)).project(select), rows):
                report.step(min(done, total) if total else 0, total or 0, f"Reading {title}")
                done += batch.num_rows
                yield _large(batch)

    source = Source(title, _large_table(head), batches, total=total, notes=notes)
    if total is None and len(head) < HEAD_ROWS:
        source.total = len(head)
    return source


def _plain_select(
    relation: Any, notes: list[str], given: list[str] | None, durations: Mapping[int, int]
) -> str:
    names, changed = unique_names(given or relation.columns)
    notes.extend(renamed_note(changed))
    parts = []
    every = zip(relation.columns, names, map(str, relation.types), strict=True)
    for place, (old, new, kind) in enumerate(every):
        if place in durations:
            column = quoted_name(old)
            whole = kind == "INTERVAL"  # as Arrow gives it; Parquet gives the plain number
            seconds = f"epoch({column})" if whole else f"{column}::DOUBLE / {durations[place]}"
            parts.append(f"{seconds} AS {quoted_name(new)}")
            notes.append(f"The durations in “{new}” are shown in seconds.")
            continue
        sql = plain_expression(quoted_name(old), kind)
        if sql is None:
            notes.append(f"The column “{new}” holds binary data and was left out.")
            continue
        if _has_zone(kind):
            notes.append(f"The times in “{new}” are shown in UTC.")
        parts.append(f"{sql} AS {quoted_name(new)}")
    return ", ".join(parts)


def plain_expression(column: str, kind: str) -> str | None:
    """SQL that brings a column to a plain type or a list of FLOAT; None for binary data."""
    if kind in _SAME:
        return column
    if kind in _INTEGERS:
        return f"{column}::BIGINT"
    if _VECTOR.fullmatch(kind):
        return column if kind.startswith("FLOAT[") else f"{column}::FLOAT[]"
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"to_json({column})::VARCHAR"
    if kind.startswith("DECIMAL") or kind in ("HUGEINT", "UHUGEINT"):
        return f"{column}::DOUBLE"
    if kind.startswith("TIMESTAMP"):
        zoned = f"({column}::TIMESTAMPTZ AT TIME ZONE 'UTC')" if _has_zone(kind) else column
        return f"{zoned}::TIMESTAMP"
    if kind == "BLOB":
        return None
    return f"json_extract_string({column}, '$')" if kind == "JSON" else f"{column}::VARCHAR"


def _has_zone(kind: str) -> bool:
    return kind.startswith("TIMESTAMP") and ("TZ" in kind or kind.endswith("WITH TIME ZONE"))


def arrow_batches(relation: Any, rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """The rows of a relation in batches, the next fetched while one is used.

    Raises: duckdb.Error, also for what comes late.
    """
    return ahead(_fetched(relation, rows))


def _fetched(relation: Any, rows: int) -> Generator[pa.RecordBatch]:
    import duckdb

    try:
        yield from relation.to_arrow_reader(rows)
    except OSError as error:  # Arrow's stream knows no other way to say that DuckDB failed
        if error.errno is None:
            raise duckdb.Error(str(error)) from error
        raise


def _large(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Strings with offsets of 64 bits: DuckDB leaves some of its own making small."""
    import pyarrow as pa

    columns = [
        values.cast(pa.large_string())
        if not pa.types.is_large_string(values.type)
        and (pa.types.is_string(values.type) or pa.types.is_null(values.type))
        else values
        for values in batch.columns
    ]
    return pa.record_batch(columns, names=batch.schema.names)


def _large_table(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    batches = [_large(batch) for batch in table.to_batches()]
    if not batches:
        empty = [pa.array([], field.type) for field in table.schema]
        batches = [_large(pa.record_batch(empty, names=table.schema.names))]
    return pa.Table.from_batches(batches)
