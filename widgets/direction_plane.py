"""Items on two directions, and the same as a layout of the map."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.panels.direction_axes import AxesModel
from app.panels.direction_look import LookModel
from app.panels.direction_tables import Table, plane_table, plane_words
from app.panels.direction_taking import TakingModel
from widgets.bind import PLAIN, named, quiet
from widgets.direction_cloud import Cloud
from widgets.direction_take import TakeButton
from widgets.elided_combo import ElidedCombo
from widgets.flow import Flow
from widgets.parts import text


class PlaneView(QWidget):
    """Shows an `AxesModel`."""

    row_activated = Signal(object)  # corpus row

    def __init__(
        self,
        look: LookModel,
        model: AxesModel,
        taking: TakingModel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self._model, self._taking = look, model, taking
        self._build()
        self._connect()
        self.show_others()
        self.show_plane()

    def show_others(self) -> None:
        """List what can be the second axis."""
        other = self._model.other
        with quiet(self.other):
            self.other.clear()
            for one in self._model.others:
                self.other.addItem(one.title, one.fingerprint)
            if other is not None:
                self.other.setCurrentIndex(self.other.findData(other.fingerprint))
        self.other.setEnabled(other is not None)
        self.lay_out.setEnabled(other is not None)
        problem = self._model.problem
        tip = "Lay the map out with these two directions as its axes"
        self.lay_out.setToolTip(f"{problem.text} {problem.hint}" if problem is not None else tip)

    def show_plane(self) -> None:
        """Show the points, or why there are none."""
        plane, problem = self._model.plane.answer, self._model.problem
        problem = problem or self._model.plane.problem
        if plane is None:
            self.cloud.clear()
            self.show_focus(None)
            told = f"{problem.text} {problem.hint}" if problem is not None else "Projecting…"
            self.note.setText(told)
            return
        rows = plane.rows
        first, second = (one.title for one in plane.directions)
        self.cloud.show_points(
            plane.x,
            plane.y,
            rows,
            titles=(first, second),
            name=lambda number: self._look.names((int(rows[number]),))[0],
            labels=plane.labels,
            summary=f"{len(rows):,} items. Left and right walk along them, Enter goes to one.",
        )
        self.show_focus(self._look.document.focus)
        self.note.setText(plane_words(plane))

    def show_focus(self, row: object) -> None:
        """Ring the item in focus, drawn by chance among the points or not."""
        plane = self._model.plane.answer
        place = plane.place_of(row) if plane is not None and isinstance(row, int) else None
        if place is None or not isinstance(row, int):
            self.cloud.show_focus(None)
        else:
            self.cloud.show_focus((*place, self._look.names((row,))[0]))

    def _build(self) -> None:
        self.other = named(ElidedCombo(letters=16), "Second direction", "What lies upwards")
        self.lay_out = named(QPushButton("Use as map axes"), "Use as map axes")
        self.cloud = Cloud("Two directions", "A second direction is needed.")
        self.take = TakeButton("Two directions", self._table, self._look, (self.cloud,))
        above = QWidget()
        flow = Flow(above, across=6, down=4)
        for part in (text("Upwards", muted=True), self.other, self.lay_out, self.take):
            flow.addWidget(part)
        self.note = QLabel(textFormat=PLAIN, wordWrap=True)
        self.note.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(5)
        layout.addWidget(above)
        layout.addWidget(self.note)
        layout.addWidget(self.cloud, 1)

    def _connect(self) -> None:
        self._model.others_changed.connect(self._on_others_changed)
        self._model.plane.changed.connect(self.show_plane)
        self.other.activated.connect(lambda at: self._model.choose(self.other.itemData(at)))
        self.lay_out.clicked.connect(lambda: self._taking.lay_out(self._model.other))
        self.cloud.row_activated.connect(self._go)
        self._look.document.focus_changed.connect(self.show_focus)

    def _on_others_changed(self) -> None:
        self.show_others()
        self.show_plane()

    def _go(self, row: int) -> None:
        self._look.visit(row)
        self.row_activated.emit(row)

    def _table(self) -> Table | None:
        plane = self._model.plane.answer
        return plane_table(plane, self._look.names) if plane is not None else None
