"""The items at both ends of a direction, and a search for any item or word."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.direction_look import LookModel
from app.panels.direction_looked import MOST_SHOWN, LookSettings
from app.panels.direction_tables import Table, ends_table
from backends.wording import counted, either
from widgets.bind import PLAIN, named, quiet
from widgets.direction_bars import Bar, Butterfly
from widgets.direction_drawing import signed
from widgets.direction_evidence import scrolled
from widgets.direction_take import TakeButton
from widgets.elided_combo import ElidedCombo
from widgets.flow import Flow
from widgets.parts import text

ROW = Qt.ItemDataRole.UserRole
AMONG = (("frequent", "frequent words"), ("all", "all items"), ("selection", "the selection"))
PAUSE_MS = 250  # after the last letter
WAIT = "Projections are on their way."
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ExtremesView(QWidget):
    """Shows the ends of a `LookModel`."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, model: LookModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._build()
        self._connect()
        self.show_settings(model.settings)
        self.show_ends()
        self.show_found()

    def show_settings(self, settings: LookSettings) -> None:
        """Show how many, and among which items."""
        looked = self._model.looked.answer
        has_cut = looked is None or looked.first is not None
        among = settings.among if has_cut or settings.among != "frequent" else "all"
        with quiet(self.shown, self.among):
            self.shown.setValue(settings.shown)
            self.among.clear()
            for name, title in AMONG:
                if has_cut or name != "frequent":
                    self.among.addItem(title, name)
            self.among.setCurrentIndex(self.among.findData(among))

    def show_ends(self) -> None:
        """Show the items at both ends, or why there are none."""
        asked, direction = self._model.ends, self._model.direction
        ends = asked.answer
        looked = self._model.looked
        titles = direction.ends if direction is not None else ("", "")
        if ends is None:
            self.bars.show_sides((), (), titles)
        else:
            sides = (
                (ends.negative, ends.values[0], ends.found.negative),
                (ends.positive, ends.values[1], ends.found.positive),
            )
            low, high = (
                [Bar(n, float(v), int(r)) for n, v, r in zip(*side, strict=True)] for side in sides
            )
            self.bars.show_sides(low, high, titles)
        problem = asked.problem or looked.problem
        told = ends.found.note if ends is not None else ""
        if problem is not None:
            told = f"{problem.text} {problem.hint}"
        elif ends is None and looked.is_running:
            told = WAIT
        self.note.setText(told)
        self.note.setVisible(bool(told))
        for button in (self.select_low, self.select_high):
            button.setEnabled(ends is not None)

    def show_found(self) -> None:
        """Show what a search found."""
        found = self._model.found.answer
        self.results.clear()
        self._side.setVisible(found is not None)
        if found is None:
            return
        if found.own is not None:
            item = QTreeWidgetItem(self.results, [f"“{found.asked}” itself", signed(found.own)])
            item.setTextAlignment(1, RIGHT)
            item.setData(0, ROW, -1)
        for row, name, value in zip(
            found.matches.rows, found.matches.names, found.values, strict=True
        ):
            shown = signed(float(value)) if value == value else "no vector"
            item = QTreeWidgetItem(self.results, [name, shown])
            item.setTextAlignment(1, RIGHT)
            item.setData(0, ROW, int(row))
            item.setToolTip(0, f"{name}\nRow {row}. Click to go there.")
        count, listed = found.matches.count, len(found.matches.rows)
        told = f"{counted(count, 'item')} {either(count, 'holds', 'hold')} “{found.asked}”"
        told += f"; the first {listed} are listed." if listed < count else "."
        if found.own is None and found.lost:
            told += f" As a word it is {found.lost[0].why}."
        self._sum.setText(told)

    def _build(self) -> None:
        self.shown = named(QSpinBox(), "Items at each end", "How many items at each end")
        self.shown.setRange(1, MOST_SHOWN)
        self.among = named(
            ElidedCombo(letters=12),
            "Among",
            "Which items are looked through. Rare words lie at the ends of any direction, so of "
            "word vectors the frequent ones are usual.",
        )
        self.search = named(QLineEdit(), "Find an item or a word", "Any word or part of an item")
        self.search.setPlaceholderText("Find an item or a word")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(150)
        self.select_low = named(
            QPushButton("Select ←"), "Select the negative end", "Select the items on the left"
        )
        self.select_high = named(
            QPushButton("Select →"), "Select the positive end", "Select the items on the right"
        )
        self.bars = Butterfly("Extremes", "Nothing to show.")
        self.take = TakeButton("Extremes", self._table, self._model, (self.bars,))
        above = QWidget()
        flow = Flow(above, across=6, down=4)
        for part in (
            self.shown,
            text("at each end among", muted=True),
            self.among,
            self.select_low,
            self.select_high,
            self.take,
            self.search,
        ):
            flow.addWidget(part)
        self.note = QLabel(textFormat=PLAIN, wordWrap=True)
        self.note.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(5)
        layout.addWidget(above)
        layout.addWidget(self.note)
        layout.addLayout(self._build_below(), 1)

    def _build_below(self) -> QHBoxLayout:
        self.results = named(QTreeWidget(), "Found items", "Click to go to an item")
        self.results.setHeaderLabels(["Found", "projection"])
        self.results.setRootIsDecorated(False)
        self.results.setMinimumHeight(60)
        self.results.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.results.setUniformRowHeights(True)
        self.results.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.results.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._sum = text(muted=True, wrap=True)
        self._sum.setTextFormat(PLAIN)
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(4)
        side.addWidget(self.results, 1)
        side.addWidget(self._sum)
        row = QHBoxLayout()
        row.setSpacing(8)
        area = scrolled(self.bars)
        area.setMinimumHeight(80)
        row.addWidget(area, 3)
        row.addWidget(self._side, 1)
        return row

    def _connect(self) -> None:
        model = self._model
        model.settings_changed.connect(self.show_settings)
        for asked in (model.ends, model.looked):
            asked.changed.connect(self.show_ends)
        model.looked.changed.connect(lambda: self.show_settings(model.settings))
        model.found.changed.connect(self.show_found)
        model.direction_changed.connect(self._on_direction_changed)
        self.shown.valueChanged.connect(lambda value: model.change(shown=value))
        self.among.activated.connect(lambda at: model.change(among=self.among.itemData(at)))
        self.search.textChanged.connect(self._on_search_changed)
        self.search.returnPressed.connect(self._on_search_ended)
        self._pause.timeout.connect(self._on_search_ended)
        self.select_low.clicked.connect(lambda: model.select_end(positive=False))
        self.select_high.clicked.connect(lambda: model.select_end(positive=True))
        self.bars.row_activated.connect(self._go)
        for signal in (self.results.itemClicked, self.results.itemActivated):
            signal.connect(lambda item: self._go(item.data(0, ROW)))

    def _on_search_changed(self, words: str) -> None:
        """Search when the person pauses: each search may have the encoder run."""
        if words.strip():
            self._pause.start()
        else:
            self._on_search_ended()

    def _on_search_ended(self) -> None:
        self._pause.stop()
        self._model.search(self.search.text())

    def _table(self) -> Table | None:
        ends = self._model.ends.answer
        return ends_table(ends) if ends is not None else None

    def _go(self, row: int) -> None:
        if row >= 0:
            self._model.visit(row)
            self.row_activated.emit(row)

    def _on_direction_changed(self, _direction: object) -> None:
        with quiet(self.search):
            self.search.clear()
        self.show_ends()
