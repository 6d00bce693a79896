"""Cells of a corpus as a table shows them, read a block at a time when somebody looks."""

from __future__ import annotations

import csv
import io
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backends.arrays import Rows, batches
from backends.corpora.cells import cell_text
from backends.corpora.columns import (
    read_cells,
)
from backends.corpora.computed import how_made
from backends.reporting import SILENT, Report
from backends.types import Corpus

Role = Literal["text", "id"]
SHOWN_LETTERS = 300
TOOLTIP_LETTERS = 2_000
BLOCK_ROWS = 32
BLOCKS_KEPT = 512
_BREAKS = re.compile(r"\s+")
_NUMBERS = ("int", "uint", "float", "double", "halffloat", "decimal")


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column as the table's header shows it."""

    name: str
    type: str  # "text", "number", "date", "yes or no", "other"
    role: Role | None
    made: str = ""  # how it was computed, "" for a column of the file

    @property
    def is_number(self) -> bool:
        """Whether its cells stand at the right."""
        return self.type == "number"


def describe_columns(corpus: Corpus) -> tuple[TableColumn, ...]:
    """Columns of the source in its order, then computed ones, with types in plain words."""
    roles: dict[str | None, Role] = {corpus.roles.id: "id", corpus.roles.text: "text"}
    made = {name: how_made(how) for name, how in corpus.computed.items()}
    return tuple(
        TableColumn(
            field.name,
            _type_word(str(field.type)),
            roles.get(field.name),
            made.get(field.name, ""),
        )
        for field in corpus.table.schema
    )


def _type_word(arrow: str) -> str:
    if "string" in arrow:
        return "text" if not arrow.startswith(("list", "struct", "map")) else "other"
    if arrow.startswith(_NUMBERS):
        return "number"
    if arrow.startswith(("date", "time")):
        return "date"
    return "yes or no" if arrow == "bool" else "other"


def shortened(text: str, letters: int) -> str:
    """At most that many letters of a text, with an ellipsis where some are missing."""
    return text if len(text) <= letters else text[: letters - 1] + "…"


class Cells:
    """Texts of the cells of some rows in some order; keeps the blocks that were shown last."""

    def __init__(self, corpus: Corpus, rows: Rows) -> None:
        self._corpus = corpus
        self._rows = rows
        self._kept: OrderedDict[tuple[int, str], list[str | None]] = OrderedDict()

    def text(self, position: int, column: str) -> str | None:
        """One line for the cell at a place in the order of the rows; None where it is empty."""
        block, at = divmod(position, BLOCK_ROWS)
        key = (block, column)
        cells = self._kept.get(key)
        if cells is None:
            cells = self._read(block, column)
            self._kept[key] = cells
            if len(self._kept) > BLOCKS_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return cells[at]

    def full_text(self, position: int, column: str, letters: int = TOOLTIP_LETTERS) -> str:
        """The cell with its line breaks, up to a length that a tooltip bears."""
        ((value,),) = read_cells(self._corpus, self._rows[position : position + 1], [column])
        return shortened(cell_text(value), letters)

    def _read(self, block: int, column: str) -> list[str | None]:
        rows = self._rows[block * BLOCK_ROWS : (block + 1) * BLOCK_ROWS]
        return [one_line(value) for (value,) in read_cells(self._corpus, rows, [column])]


def one_line(value: object, letters: int = SHOWN_LETTERS) -> str | None:
    """A value on one line; None for an empty cell."""
    if value is None:
        return None
    # Cut before looking for breaks: a cell may hold megabytes.
    return shortened(_BREAKS.sub(" ", cell_text(value)[: letters * 2]), letters)


def tab_separated(
    corpus: Corpus, rows: Rows, columns: Sequence[str], report: Report = SILENT
) -> str:
    """Rows with a heading as tab-separated text, as spreadsheets paste it.

    Raises: Cancelled.
    """
    text = io.StringIO()
    writer = csv.writer(text, dialect="excel-tab", lineterminator="\n")
    writer.writerow(columns)
    for block in batches(len(rows), 256):
        report.step(block.start, len(rows), "Copying rows")
        for values in read_cells(corpus, rows[block], columns):
            writer.writerow([cell_text(value) for value in values])
    return text.getvalue()
