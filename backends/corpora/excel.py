"""Excel files: the first sheet that has rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backends.corpora import formats
from backends.corpora.source import Source, from_table, renamed_note, unique_names
from backends.corpora.tables import python_column
from backends.errors import UnreadableFile
from backends.reporting import SILENT, Report
from backends.wording import counted


def open_xlsx(path: Path, report: Report = SILENT) -> Source:
    """Read the first sheet of an Excel file that has rows. Raises: UnreadableFile."""
    import openpyxl
    import pyarrow as pa

    with formats.naming_unreadable(path), path.open("rb") as file:
        try:  # the file, not its path: the library looks at the name
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (KeyError, ValueError, SyntaxError) as error:
            raise UnreadableFile(
                f"{path.name} is a damaged Excel file: {str(error)[:200]}.",
                hint="Open it in a spreadsheet and save it again, or save it as csv.",
            ) from error
        try:
            titles = list(book.sheetnames)
            title, rows = _first_sheet(path, book, report)
        finally:
            book.close()
    width = max(len(row) for row in rows)
    first = [*rows[0], *([None] * (width - len(rows[0])))]
    has_header = all(cell is None or isinstance(cell, str) for cell in first)
    given = ["" if cell is None else str(cell) for cell in first] if has_header else [""] * width
    names, changed = unique_names(given)
    body = rows[1:] if has_header else rows
    columns = [
        python_column([row[i] if i < len(row) else None for row in body]) for i in range(width)
    ]
    notes = renamed_note(changed)
    if len(titles) > 1:
        others = counted(len(titles) - 1, "other was", "others were")
        notes.append(f"Read from the sheet “{title}”; {others} left out.")
    table = pa.table(dict(zip(names, columns, strict=True)))
    return from_table(path.name, table, notes=notes, names_tell=has_header)


def _first_sheet(path: Path, book: Any, report: Report) -> tuple[str, list[tuple[Any, ...]]]:
    for sheet in book.worksheets:
        rows = []
        for count, row in enumerate(sheet.iter_rows(values_only=True)):
            if count % 1_000 == 0:
                report.step(count, sheet.max_row or 0, f"Reading {path.name}")
            if any(cell is not None for cell in row):
                rows.append(row)
        if rows:
            return sheet.title, rows
    raise UnreadableFile(f"{path.name} has no sheet with anything in it.")
