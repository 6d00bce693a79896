"""What a change of vectors did: the verdict, both states in numbers and in pictures.

Imports pyqtgraph by way of its curve: load it when it is first looked at.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.direction_change import Changed
from backends.directions.erasing.rows import rows_of
from widgets.bind import PLAIN, named
from widgets.chart_small import SmallChart
from widgets.parts import text
from widgets.sides_picture import SidesPicture

FLOOR = 1e-12  # share of the largest loss that is drawn as none
HEADS = ("Measure", "Before", "After", "Difference", "On")


class ChangeResults(QWidget):
    """Shows a `Changed`."""

    def __init__(self) -> None:
        super().__init__()
        self._build()

    def show_result(self, result: Changed) -> None:
        """Show another result."""
        verdict, erased = result.verdict, result.erased
        first, _, rest = verdict.words.partition(". ")
        self.verdict.setText(f"{first}." if rest else first)
        self.more.setText(rest)
        self.how.setText(str(erased.embeddings.made_by.params["how"]))
        self._show_rows(result)
        self.before.show_residual(verdict.before.residual)
        self.after.show_residual(verdict.after.residual)
        self._show_notes(result)
        self._show_curve(result)

    def _build(self) -> None:
        self.verdict = text(heading=True, wrap=True, selectable=True)
        self.verdict.setTextFormat(PLAIN)
        self.verdict.setAccessibleName("Verdict")
        self.more = text(wrap=True, selectable=True)
        self.more.setTextFormat(PLAIN)
        self.more.setAccessibleName("Verdict, in full")
        self.how = text(muted=True, wrap=True, selectable=True)
        self.how.setTextFormat(PLAIN)
        self.table = named(QTableWidget(0, len(HEADS)), "Before and after", "")
        for at, words in enumerate(HEADS):
            head = QTableWidgetItem(words)
            head.setTextAlignment(_side(at))
            self.table.setHorizontalHeaderItem(at, head)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.before, self.after = SidesPicture("Before"), SidesPicture("After")
        self.curve = SmallChart("Course of the fit")
        self.notes = text(muted=True, wrap=True)
        self.notes.setTextFormat(PLAIN)
        pictures = QHBoxLayout()
        pictures.addWidget(self.before, 1)
        pictures.addWidget(self.after, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        for part in (self.verdict, self.more, self.how, self.table):
            column.addWidget(part)
        column.addLayout(pictures)
        column.addWidget(self.curve)
        column.addWidget(self.notes)
        column.addStretch(1)

    def _show_rows(self, result: Changed) -> None:
        rows = rows_of(result.verdict)
        self.table.setRowCount(len(rows))
        for at, row in enumerate(rows):
            cells = (
                row.title,
                row.shown(row.before),
                row.shown(row.after),
                row.difference,
                row.note,
            )
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setToolTip(row.about)
                item.setTextAlignment(_side(column))
                self.table.setItem(at, column, item)
        height = self.table.horizontalHeader().sizeHint().height() + 4
        self.table.setFixedHeight(height + sum(map(self.table.rowHeight, range(len(rows)))))

    def _show_notes(self, result: Changed) -> None:
        erased, after = result.erased, result.verdict.after
        lost = (*erased.prepared.lost, *after.lost)
        said = [*erased.embeddings.notes, *after.notes]
        if lost:
            some = ", ".join(f"{one.term} ({one.why})" for one in lost[:6])
            more = f" and {len(lost) - 6:,} more" if len(lost) > 6 else ""
            said.append(f"Left out: {some}{more}.")
        self.notes.setText("\n".join(said))
        self.notes.setToolTip("\n".join(f"{one.term}: {one.why}" for one in lost[:40]))

    def _show_curve(self, result: Changed) -> None:
        history = np.array(result.erased.erasure.history)
        self.curve.setVisible(len(history) > 1 and bool(history.max() > 0))
        if self.curve.isHidden():
            return
        soft = result.erased.request.method == "soft"
        what, step = ("loss", "step") if soft else ("accuracy of the classifier", "round")
        words = f"{what} from {history[0]:.3g} to {history[-1]:.3g} in {len(history):,} {step}s"
        places = np.arange(len(history)) + (0 if soft else 1)
        name = what.split()[0]
        if soft:  # its first steps overshoot a hundredfold, beside which the rest would be a line
            history = np.log10(np.maximum(history, FLOOR * history.max()))
            what, name = "loss, as a power of ten", "log10 loss"
        self.curve.show_curves([(what, places, history)], titles=(step, name), words=words)


def _side(column: int) -> Qt.AlignmentFlag:
    """Numbers to the right, words to the left."""
    side = Qt.AlignmentFlag.AlignRight if 0 < column < 4 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
