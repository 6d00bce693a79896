"""Text tables: csv, tsv and kin. DuckDB reads what is well formed, a patient reader the rest.

Every cell is read as text first and turned into numbers and dates only where nothing is lost.
"""

from __future__ import annotations

import codecs
import csv
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from backends.corpora import dialects, formats, literals, ragged
from backends.corpora.dialects import Dialect
from backends.corpora.duck import arrow_batches, quoted_text
from backends.corpora.source import (
    HEAD_ROWS,
    Restart,
    Source,
    renamed_note,
    unique_names,
)
from backends.errors import UnreadableFile
from backends.reporting import Report
from backends.wording import counted, either

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST_LINE_BYTES = 1 << 28
SLOW_BATCH_ROWS = 5_000  # in Python, during which nothing else may run
MOST_EXTRA_COLUMNS = 50


@dataclass
class _Layout:
    """What is known of the file so far; reading may change it and start again."""

    path: Path
    encoding: str
    dialect: Dialect
    names: list[str]
    written: list[literals.Written]
    row_bytes: float
    patient: bool = False  # read by Python's csv module
    misfits: ragged.Misfits | None = None  # rows of another length, where the rest is well formed
    mend: bool = False  # UTF-8 with broken bytes
    quotes: bool = True
    skip: int = 0  # lines before the header: one that names the separator
    extra: int = 0  # columns for cells beyond the header's
    copy: Path | None = None  # the same text in UTF-8
    said: set[str] = field(default_factory=set)


def open_delimited(path: Path, folder: Path | None = None) -> Source:
    """Look at a text table. `folder` is where a copy in UTF-8 may lie while it is read.

    Raises: UnreadableFile.
    """
    import pyarrow as pa

    size, _ = formats.signature(path)
    with formats.naming_unreadable(path):
        text, encoding, complete = _head_text(path, size)
    named = dialects.named_delimiter(text)
    if named:
        text = text.partition("\n")[2]
        dialect = dialects.guess_dialect(text, named, named)
    else:
        tabs = path.suffix.lower() in (".tsv", ".tab")
        dialect = dialects.guess_dialect(text, "\t" if tabs else ",")
    rows = list(dialects.head_rows(text, dialect.delimiter, HEAD_ROWS + 2))
    if not complete and len(rows) < HEAD_ROWS + 2:
        rows.pop()  # cut off in the middle
    if not rows:
        raise UnreadableFile(f"{path.name} has no line in it.", hint="Choose a file with items.")
    given = rows.pop(0) if dialect.header else [f"column_{i + 1}" for i in range(dialect.fields)]
    names, changed = unique_names(given)
    rows = rows[:HEAD_ROWS]
    columns = [_column(rows, place) for place in range(len(names))]
    comma = dialect.delimiter != ","  # where it parts no cells it may be a decimal comma
    layout = _Layout(
        path, encoding, dialect, names, [literals.written_as(v, comma=comma) for v in columns],
        row_bytes=max(1.0, len(text.encode("utf-8", "replace")) / (text.count("\n") + 1)),
        skip=int(named is not None),
    )  # fmt: skip
    head = pa.table(
        [literals.parse(v, kind) for v, kind in zip(columns, layout.written, strict=True)],
        names=names,
    )
    source = Source(path.name, head, lambda report: iter(()), notes=renamed_note(changed))
    source.names_tell = dialect.header
    source.batches = lambda report: _batches(layout, source, folder, report)
    _say_encoding(layout, source)
    if not dialect.header:
        source.notes.append(f"The first line of {path.name} is an item, not a line of names.")
    # In a single column a blank line may be an empty cell: only reading tells.
    known = complete and len(rows) < HEAD_ROWS and len(names) > 1
    source.total = len(rows) if known else None
    return source


def _head_text(path: Path, size: int) -> tuple[str, str, bool]:
    """The first lines, their codec, and whether that is all; more where a cell is very long."""
    wanted = formats.HEAD_BYTES
    while True:
        head = formats.read_head(path, wanted)
        encoding = formats.guess_encoding(head)
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        text = decoder.decode(head, final=len(head) >= size)
        if len(head) >= size or text.count("\n") > 20 or wanted > LONGEST_LINE_BYTES:
            return text, encoding, len(head) >= size
        wanted *= 8


def _column(rows: list[list[str]], place: int) -> pa.Array:
    import pyarrow as pa

    cells = (row[place] if len(row) > place else None for row in rows)
    return pa.array([_clean(cell) or None for cell in cells], pa.large_string())


def _clean(cell: str | None) -> str | None:
    """A cell without what no text can hold: halves of surrogate pairs."""
    return cell.encode("utf-8", "replace").decode("utf-8") if cell else cell


def _say_encoding(layout: _Layout, source: Source) -> None:
    if layout.encoding in ("utf-8", "utf-8-sig") or layout.encoding in layout.said:
        return
    layout.said.add(layout.encoding)
    title = formats.encoding_title(layout.encoding)
    source.notes.append(f"{layout.path.name} was read as {title}.")


def _batches(
    layout: _Layout, source: Source, folder: Path | None, report: Report
) -> Iterator[pa.RecordBatch]:
    import duckdb

    if not layout.patient:
        try:
            yield from _quick_batches(layout, folder, report)
        except duckdb.Error as error:
            formats.signature(layout.path)  # gone in the meantime: say that instead
            if layout.encoding == "utf-8" and "unicode" in str(error).lower():
                layout.encoding = formats.whole_encoding(layout.path)
                _say_encoding(layout, source)
                if layout.encoding == "utf-8":
                    layout.mend = True
                    source.notes.append(
                        f"{layout.path.name} has broken characters; they are shown as \ufffd."
                    )
            else:
                _find_ragged(layout, source, folder, report)
            raise Restart from error
    elif layout.misfits is not None:
        table, width = _ragged_table(layout, folder, report), len(layout.names)
        for columns in ragged.read_ragged(table, layout.misfits, width, report):
            yield _typed(layout, columns)
    else:
        yield from _patient_batches(layout, report)


def _ragged_table(layout: _Layout, folder: Path | None, report: Report) -> ragged.Table:
    return ragged.Table(
        _utf8_path(layout, folder, report),
        layout.path.name,
        layout.dialect.delimiter,
        len(layout.names) - layout.extra,
        layout.dialect.header,
        layout.skip,
    )


def _find_ragged(layout: _Layout, source: Source, folder: Path | None, report: Report) -> None:
    """Find out what a quick reader stumbles over, and how to read it all the same."""
    layout.patient = True
    found = ragged.find_misfits(_ragged_table(layout, folder, report), report)
    if found is None or not found.places:
        _survey(layout, source, report)
        return
    layout.misfits = found
    before = found.places[0] + layout.dialect.header
    line, _ = next(itertools.islice(_patient_rows(layout, report), before, None))
    longest = max(map(len, found.rows))
    _widen(layout, source, len(found.rows), line, max(longest, len(layout.names)))


def _quick_batches(
    layout: _Layout, folder: Path | None, report: Report
) -> Iterator[pa.RecordBatch]:
    import duckdb

    path = _utf8_path(layout, folder, report)
    keys = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(layout.names)))
    delimiter = quoted_text(layout.dialect.delimiter)
    query = (
        f"FROM read_csv({quoted_text(formats.literal_glob(path))}, auto_detect=false, "
        f"columns={{{keys}}}, header={str(layout.dialect.header).lower()}, delim={delimiter}, "
        f"skip={layout.skip}, "
        f"""quote='"', escape='"', max_line_size={LONGEST_LINE_BYTES})"""
    )
    expected = max(1.0, path.stat().st_size / layout.row_bytes)
    done = 0
    with duckdb.connect(config={"arrow_large_buffer_size": "true"}) as connection:
        for batch in arrow_batches(connection.sql(query)):
            report.step(min(done, expected * 0.99), expected, f"Reading {layout.path.name}")
            done += batch.num_rows
            yield _typed(layout, batch.columns)


def _utf8_path(layout: _Layout, folder: Path | None, report: Report) -> Path:
    """The file itself, or a copy of it in UTF-8 in the draft folder."""
    plain = layout.encoding == "utf-8" and not layout.mend
    if plain or (layout.encoding == "utf-8-sig" and layout.dialect.header):
        return layout.path  # the byte order mark lies in the header, whose names are known
    if layout.copy is None:
        if folder is None:
            raise RuntimeError("a copy needs a folder")
        layout.copy = folder / "utf8.csv"
        with (
            layout.path.open(encoding=layout.encoding, errors="replace", newline="") as old,
            layout.copy.open("w", encoding="utf-8", newline="") as new,
        ):
            while block := old.read(1 << 22):
                report.step(0, 0, f"Converting {layout.path.name}")
                new.write(block)
    return layout.copy


def _typed(layout: _Layout, columns: list[pa.Array]) -> pa.RecordBatch:
    """Texts as what their columns hold. Raises: Restart if one does not fit any longer."""
    import pyarrow as pa

    parsed = []
    for place, values in enumerate(columns):
        texts = values.cast(pa.large_string())
        try:
            parsed.append(literals.parse(texts, layout.written[place]))
        except literals.Unfit as error:
            was_int = layout.written[place] == "int"
            wider = was_int and literals.written_as(texts) == "float"
            layout.written[place] = "float" if wider else "text"
            raise Restart from error
    return pa.record_batch(parsed, names=layout.names)


def _patient_rows(
    layout: _Layout, report: Report, lines: list[str] | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Rows and the line that each starts in, whatever is wrong with them.

    The lines that were read are added to `lines`, which the caller empties.
    """
    csv.field_size_limit(1 << 30)
    quoting: Literal[0, 3] = 0 if layout.quotes else 3  # QUOTE_MINIMAL, QUOTE_NONE
    with layout.path.open(encoding=layout.encoding, errors="replace", newline="") as file:
        given = file if lines is None else _noted(file, lines)
        rows = csv.reader(given, delimiter=layout.dialect.delimiter, quoting=quoting)
        line = 1 + layout.skip
        for _ in range(layout.skip):
            file.readline()
        for count, row in enumerate(rows):
            if count % 5_000 == 0:
                report.step(0, 0, f"Reading {layout.path.name} line by line")
            if row:
                yield line, row
            line = rows.line_num + 1 + layout.skip


def _noted(file: Iterable[str], lines: list[str]) -> Iterator[str]:
    for line in file:
        lines.append(line)
        yield line


def _survey(layout: _Layout, source: Source, report: Report) -> None:
    """Count the rows that are too short or too long, and look for a quote that never ends."""
    width = len(layout.names)
    uneven, first, longest = 0, 0, width
    last: list[str] = []  # the lines of the row that is being read
    written: list[str] = []  # and of the one before
    start = 1
    for line, row in _patient_rows(layout, report, last):
        if len(row) != width:
            uneven, first = uneven + 1, first or line
            longest = max(longest, len(row))
        start = line
        written = last[:]
        last.clear()
    if layout.quotes and _never_closed(layout, written):
        layout.quotes = False
        source.notes.append(
            f"A quotation mark in line {start:,} is never closed; "
            "quotation marks were read as part of the text."
        )
        _survey(layout, source, report)
        return
    _widen(layout, source, uneven, first, longest)


def _widen(layout: _Layout, source: Source, uneven: int, first: int, longest: int) -> None:
    """Make columns for cells beyond the header's, and say so."""
    width = len(layout.names)
    layout.extra = min(longest - width, MOST_EXTRA_COLUMNS)
    given = [*layout.names, *(f"extra_{i + 1}" for i in range(layout.extra))]
    layout.names = unique_names(given)[0]
    layout.written += ["text"] * layout.extra
    if uneven:
        kept = f", extra ones are in {layout.names[width]} and on" if layout.extra else ""
        source.notes.append(
            f"{counted(uneven, 'row has', 'rows have')} more or fewer cells than the "
            f"{counted(width, 'column')} ({either(uneven, '', 'the first ')}in "
            f"line {first:,}): missing cells are empty{kept}."
        )


def _never_closed(layout: _Layout, lines: list[str]) -> bool:
    """Whether a row of these lines ends inside quotation marks."""
    try:
        for _ in csv.reader(lines, delimiter=layout.dialect.delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _patient_batches(layout: _Layout, report: Report) -> Iterator[pa.RecordBatch]:
    rows = (row for _, row in _patient_rows(layout, report))
    if layout.dialect.header:
        next(rows, None)
    width = len(layout.names)
    joint = layout.dialect.delimiter
    while block := list(itertools.islice(rows, SLOW_BATCH_ROWS)):
        for row in block:
            if len(row) > width:
                row[width - 1 :] = [joint.join(row[width - 1 :])]
        yield _typed(layout, [_column(block, place) for place in range(width)])
