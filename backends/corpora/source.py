"""What every reader hands over: a head to look at, and batches of plain columns to keep.

Plain means: large_string, int64, uint64, float, double, bool, date32 or timestamp in microseconds
(UTC, without a zone). Only the vector column is a list of numbers, or text that holds one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backends.errors import UnreadableFile
from backends.reporting import Report

if TYPE_CHECKING:
    import pyarrow as pa

    from backends.corpora.vectors import Blocks

HEAD_ROWS = 1_000
BATCH_ROWS = 30_720  # fifteen of DuckDB's own vectors: stages work on small pieces side by side


class Restart(Exception):
    """A later row does not fit the type that the head promised: read again from the start."""


@dataclass
class Source:
    """A readable thing: one file or several that belong together.

    `batches(report)` may be called again after it raised `Restart`; it adds to `notes` while it
    reads, so notes are complete only when it is exhausted.
    """

    title: str
    head: pa.Table  # the first rows, as they will be kept
    batches: Callable[[Report], Iterator[pa.RecordBatch]]
    total: int | None = None  # rows, where that is known without reading
    notes: list[str] = field(default_factory=list)
    matrix: Blocks | None = None  # vectors that are no column
    split_matters: bool = False  # a text that could be cut in another way
    names_tell: bool = True  # False where the columns' names were made up here


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type that a column is kept as. Nested and unknown ones become text."""
    import pyarrow as pa

    same = (pa.bool_(), pa.float32(), pa.float64(), pa.uint64(), pa.date32(), pa.timestamp("us"))
    if kind in same:
        return kind
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pa.float64()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    return pa.date32() if pa.types.is_date(kind) else pa.large_string()


def is_numbers_list(kind: pa.DataType) -> bool:
    """Whether a column holds lists of numbers."""
    import pyarrow as pa

    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if not any(test(kind) for test in lists):
        return False
    inner = kind.value_type
    return bool(pa.types.is_floating(inner) or pa.types.is_integer(inner))


def from_table(title: str, table: pa.Table, **more: Any) -> Source:
    """A source that is in memory already."""

    def batches(report: Report) -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in table.to_batches(max_chunksize=BATCH_ROWS):
            report.step(done, len(table), f"Reading {title}")
            done += len(batch)
            yield batch

    return Source(title, table.slice(0, HEAD_ROWS), batches, total=len(table), **more)


def unique_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names without repetition (letters' case does not count) and the ones that were changed."""
    taken = {name.lower() for name in names if name}
    seen: set[str] = set()
    result, changed = [], []
    for place, given in enumerate(names, 1):
        name = given.replace("\0", "").strip() or f"column_{place}"
        if name.lower() in seen:
            name = next(
                option
                for number in itertools.count(2)
                if (option := f"{name}_{number}").lower() not in taken | seen
            )
            changed.append(name)
        seen.add(name.lower())
        result.append(name)
    return result, changed


def renamed_note(changed: Sequence[str]) -> list[str]:
    """A sentence about columns that had another's name."""
    if not changed:
        return []
    shown = ", ".join(changed[:5]) + (", ..." if len(changed) > 5 else "")
    return [f"Columns with the name of another were renamed: {shown}."]


def join_sources(paths: Sequence[Path], sources: Sequence[Source], title: str) -> Source:
    """Several tables under one another, with the file's name in a column `file`.

    A column that one of them lacks is empty there; one whose types differ is text.

    Raises: UnreadableFile if a column of vectors in one is something else in another.
    """
    import pyarrow as pa

    labels = [str(path) for path in _short(paths)]
    notes = [note for source in sources for note in source.notes]
    schema = _common_schema([source.head.schema for source in sources])
    width = {len(source.head.schema) for source in sources}
    if len(width) > 1 or any(set(s.head.column_names) != set(schema.names) for s in sources):
        notes.append("The files do not have the same columns; missing ones are empty.")
    file_name = unique_names([*schema.names, "file"])[0][-1]
    whole = schema.append(pa.field(file_name, pa.large_string()))

    def shaped(batch: pa.RecordBatch, label: str) -> pa.RecordBatch:
        count = batch.num_rows
        columns = [
            as_type(batch.column(field.name), field.type)
            if field.name in batch.schema.names
            else pa.nulls(count, field.type)
            for field in schema
        ]
        columns.append(pa.repeat(pa.scalar(label, pa.large_string()), count))
        return pa.record_batch(columns, schema=whole)

    def batches(report: Report) -> Iterator[pa.RecordBatch]:
        for place, (label, source) in enumerate(zip(labels, sources, strict=True)):
            span = report.span(place / len(sources), (place + 1) / len(sources))
            before = len(source.notes)
            for batch in source.batches(span):
                yield shaped(batch, label)
            notes.extend(source.notes[before:])

    heads = (
        shaped(batch, label)
        for label, source in zip(labels, sources, strict=True)
        for batch in source.head.to_batches()
    )
    head = pa.Table.from_batches(list(heads), whole).slice(0, HEAD_ROWS)
    totals = [source.total for source in sources]
    total = None if None in totals else sum(count or 0 for count in totals)
    return Source(title, head, batches, total=total, notes=notes)


def _short(paths: Iterable[Path]) -> list[Path]:
    """Paths without the folder that they share."""
    every = list(paths)
    parents = {path.parent for path in every}
    while len(parents) > 1:
        longest = max(parents, key=lambda parent: len(parent.parts))
        parents = (parents - {longest}) | {longest.parent}
    (root,) = parents
    return [path.relative_to(root) for path in every]


def _common_schema(schemas: Sequence[pa.Schema]) -> pa.Schema:
    import pyarrow as pa

    kinds: dict[str, pa.DataType] = {}
    for item in itertools.chain.from_iterable(schemas):
        old = kinds.setdefault(item.name, item.type)
        if old == item.type:
            continue
        if is_numbers_list(old) or is_numbers_list(item.type):
            if is_numbers_list(old) and is_numbers_list(item.type):
                kinds[item.name] = pa.list_(pa.float32())
                continue
            raise UnreadableFile(
                f"The column “{item.name}” holds vectors in one file and something else in "
                "another.",
                hint="Open the files one at a time.",
            )
        numeric = {old, item.type} <= {pa.int64(), pa.float32(), pa.float64(), pa.uint64()}
        kinds[item.name] = pa.float64() if numeric else pa.large_string()
    return pa.schema(list(kinds.items()))


def as_type(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Cast a plain column to another plain type; to text as a table shows it."""
    import pyarrow as pa

    from backends.corpora.cells import cell_text, cells_of

    if values.type == kind:
        return values
    if kind == pa.large_string() and not pa.types.is_string(values.type):
        shown = [None if value is None else cell_text(value) for value in cells_of(values)]
        return pa.array(shown, kind)
    return values.cast(kind, safe=False)
