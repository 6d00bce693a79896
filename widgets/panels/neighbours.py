"""Search by meaning, the item looked at, and its neighbours."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.neighbours import (
    MOST_NEIGHBOURS,
    NeighboursModel,
    NeighboursSettings,
    NeighboursState,
)
from widgets.bind import named, quiet
from widgets.detail_card import DetailCard
from widgets.empty_state import EmptyState
from widgets.hit_list import HitList
from widgets.icons import set_icon
from widgets.parts import ElidedLabel

SLIDER_STEPS = 100  # of the smallest similarity, from 0 to 1


class QueryLine(QLineEdit):
    """Enter asks, Esc goes back to the item; texts asked before are offered."""

    asked = Signal(object)  # str

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "Search by meaning")
        self.setPlaceholderText("Search by meaning…")
        self.setClearButtonEnabled(True)
        self._recent = QStringListModel(self)
        completer = QCompleter(self._recent, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)
        self.returnPressed.connect(lambda: self.asked.emit(self.text()))

    def show_recent(self, texts: tuple[str, ...]) -> None:
        """Offer these texts while typing."""
        self._recent.setStringList(list(texts))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.asked.emit("")
        else:
            super().keyPressEvent(event)


class NeighboursPanel(QWidget):
    """Shows a NeighboursModel."""

    row_activated = Signal(object)  # corpus row the person opened

    def __init__(self, model: NeighboursModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self._query.show_recent(model.recent)
        self.show_settings(model.settings)
        self.show_state(model.state)
        self._card.show_detail(model.detail)

    def show_state(self, state: NeighboursState) -> None:
        """Show hits, or why there are none."""
        if state.problem is not None:
            self._empty.show_problem(state.problem)
        has_hits = state.hits is not None and state.problem is None
        self._stack.setCurrentWidget(self._list if has_hits or state.busy else self._empty)
        self._list.show_hits(self._model.hit_rows)
        self._list.show_focus(self._model.focus)
        self._show_heading(state)
        asked = state.question
        if asked is not None and asked.row is not None and not self._query.hasFocus():
            self._query.clear()  # what stands there is not what the list answers
        for button in (self._select, self._copy):
            button.setEnabled(bool(state.hits))
        blocked = self._model.can_search
        self._query.setEnabled(blocked is None)
        self._query.setToolTip(
            f"{blocked.text} {blocked.hint}" if blocked else "Enter searches, Esc clears"
        )

    def show_settings(self, settings: NeighboursSettings) -> None:
        """Show what is chosen."""
        with quiet(self._k, self._minimum, self._slider):
            self._k.setValue(settings.k)
            self._minimum.setValue(settings.minimum)
            self._slider.setValue(round(settings.minimum * SLIDER_STEPS))

    def _show_heading(self, state: NeighboursState) -> None:
        if state.hits is not None and state.problem is None:
            left_out = f", {state.left_out} less similar" if state.left_out else ""
            self._heading.setText(f"{len(state.hits)} nearest to {self._model.asked}{left_out}")
        elif state.busy and state.question is not None:
            self._heading.setText(f"Looking for neighbours of {self._model.asked}…")
        else:
            self._heading.setText("Neighbours")
        self._heading.setToolTip(self._heading.text())

    def _build(self) -> None:
        self._query = QueryLine()
        self._card = DetailCard()
        self._heading = ElidedLabel("Neighbours", heading=True)
        self._select = named(
            QPushButton("Select"), "Select these neighbours", "Select these, in table and map"
        )
        self._copy = named(QToolButton(), "Copy neighbours", "Copy these as a table")
        set_icon(self._copy, "copy")
        self._list = HitList()
        self._empty = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._list)
        self._stack.addWidget(self._empty)
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self._select)
        head.addWidget(self._copy)
        lower = QWidget()
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 4, 0, 0)
        below.setSpacing(4)
        below.addLayout(head)
        below.addLayout(self._build_settings())
        below.addWidget(self._stack, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._card)
        splitter.addWidget(lower)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([150, 400])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(6)
        layout.addWidget(self._query)
        layout.addWidget(splitter, 1)
        self.show_colouring = self._list.show_colouring  # classes as the map colours them
        self.setFocusProxy(self._query)

    def _build_settings(self) -> QHBoxLayout:
        self._k = named(QSpinBox(), "Number of neighbours", "How many neighbours are listed")
        self._k.setRange(1, MOST_NEIGHBOURS)
        tip = "Neighbours less similar than this (cosine) are left out"
        self._slider = named(QSlider(Qt.Orientation.Horizontal), "Smallest similarity", tip)
        self._slider.setRange(0, SLIDER_STEPS)
        self._slider.setMinimumWidth(36)
        self._minimum = named(QDoubleSpinBox(), "Smallest similarity, as a number", tip)
        self._minimum.setRange(-1, 1)
        self._minimum.setSingleStep(0.05)
        self._minimum.setSpecialValueText("any")
        for box, letters in ((self._k, "0000"), (self._minimum, "-0.000")):
            box.setFixedWidth(box.fontMetrics().horizontalAdvance(letters) + 40)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(QLabel("Show"))
        line.addWidget(self._k)
        line.addWidget(QLabel("at least"))
        line.addWidget(self._slider, 1)
        line.addWidget(self._minimum)
        return line

    def _connect(self) -> None:
        model = self._model
        self._query.asked.connect(model.ask_text)
        self._k.valueChanged.connect(lambda k: model.change(k=k))
        self._slider.valueChanged.connect(lambda step: model.change(minimum=step / SLIDER_STEPS))
        self._minimum.valueChanged.connect(lambda value: model.change(minimum=value))
        self._select.clicked.connect(lambda: model.select_hits())
        self._copy.clicked.connect(self._copy_hits)
        self._list.copy_asked.connect(self._copy_hits)
        self._list.row_activated.connect(self._on_hit_activated)
        self._list.row_asked.connect(model.ask_row)
        model.state_changed.connect(self.show_state)
        model.settings_changed.connect(self.show_settings)
        model.recent_changed.connect(self._query.show_recent)
        model.focus_changed.connect(self._list.show_focus)
        model.detail_changed.connect(self._on_detail_changed)

    def _on_hit_activated(self, row: int) -> None:
        self._model.visit(row)
        self.row_activated.emit(row)

    def _on_detail_changed(self) -> None:
        self._card.show_detail(self._model.detail)

    def _copy_hits(self) -> None:
        QGuiApplication.clipboard().setText(self._model.hits_text())
