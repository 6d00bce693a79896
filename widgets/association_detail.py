"""What one association test found: in words, as dots, and word by word."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTabBar,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.association import AssociationModel
from app.panels.association_rows import dots_of, words_of, words_table
from app.panels.direction_tables import Table, tab_text
from backends.directions.association import Association
from backends.directions.association_many import Outcome
from backends.directions.association_words import LIMITS, verdict
from backends.directions.metrics import METRICS
from backends.directions.wordsets import AssociationTest
from widgets.association_chart import AssociationChart
from widgets.bind import PLAIN, named, quiet
from widgets.direction_evidence import scrolled
from widgets.direction_take import TakeButton
from widgets.parts import ElidedLabel, text
from widgets.theme import current_theme, theme_signal

TABS = (
    ("finding", "Finding", "What was found, and what it cannot say"),
    ("chart", "Chart", "The association of every word"),
    ("words", "Words", "The four sets, with the words that are lost"),
)
NOBODY = "Choose a test in the table to see what it found."
NOT_MADE = "This test is not made yet: tick it in the list, and run."
HEIGHT = 20  # logical pixels of a line
ROW = Qt.ItemDataRole.UserRole
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class AssociationDetail(QWidget):
    """Shows the test that an `AssociationModel` looks at."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, model: AssociationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown: tuple[object, object] | None = None
        self._build()
        self.tabs.currentChanged.connect(self._stack.setCurrentIndex)
        for part in (self.chart, self.words):
            part.row_activated.connect(self._go)
        self.show_test()

    def show_test(self) -> None:
        """Show what is known of the test now."""
        test, outcome = self._model.looked_at, self._model.outcome
        if self._shown == (test, outcome):
            return
        self._shown = (test, outcome)
        self.title.setText(test.name if test is not None else "")
        self.title.setToolTip(self.title.text())
        self.finding.show_outcome(test, outcome)
        empty = NOBODY if test is None else NOT_MADE
        if outcome is not None and not isinstance(outcome, Association):
            empty = f"{outcome.what} {outcome.hint}"
        self.chart.show_dots(dots_of(outcome), empty)
        self.words.show_words(test, outcome, self._model.settings.metric)
        self.take.setEnabled(test is not None)

    def show_tab(self, name: str) -> None:
        """Bring one of `TABS` to the front."""
        self.tabs.setCurrentIndex([tab[0] for tab in TABS].index(name))

    def _build(self) -> None:
        self.title = ElidedLabel(heading=True)
        self.title.setAccessibleName("The test that is looked at")
        self.finding = FindingView()
        self.chart = AssociationChart()
        self.words = WordsView()
        self.tabs = named(QTabBar(), "Details of the test", "What the test found")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self._stack = QStackedWidget()
        pages = (scrolled(self.finding), scrolled(self.chart), self.words)
        for (_, title, tip), page in zip(TABS, pages, strict=True):
            self.tabs.setTabToolTip(self.tabs.addTab(title), tip)
            self._stack.addWidget(page)
        self.take = TakeButton("Words of the test", self._table, self._model, (self.chart,))
        self.take.setProperty("small", True)
        above = QHBoxLayout()
        above.setSpacing(4)
        above.addWidget(self.tabs)
        above.addStretch(1)
        above.addWidget(self.take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.title)
        layout.addLayout(above)
        layout.addWidget(self._stack, 1)

    def _go(self, row: int) -> None:
        self._model.visit(row)
        self.row_activated.emit(row)

    def _table(self) -> Table | None:
        test = self._model.looked_at
        return words_table(test, self._model.outcome) if test is not None else None


class FindingView(QWidget):
    """Sentences: the finding, what weakens it, how sure it is, and its limits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = _sentences("What was found")
        font = self.finding.font()
        font.setBold(True)
        self.finding.setFont(font)
        self.warnings = _sentences("What weakens the result")
        self.warnings.setProperty("warning", True)
        self.certainty = _sentences("How sure it is, and what was published")
        self.limits = _sentences("What it cannot say")
        self.limits.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 4, 6, 4)
        layout.setSpacing(7)
        for label in (self.finding, self.warnings, self.certainty, self.limits):
            layout.addWidget(label)
        layout.addStretch(1)

    def show_outcome(self, test: AssociationTest | None, outcome: Outcome | None) -> None:
        """Show what a test found, or what it would ask."""
        finding, warnings, certainty, limits = "", "", "", ""
        if test is None:
            limits = NOBODY
        elif outcome is None:
            finding, limits = question(test), NOT_MADE
        elif isinstance(outcome, Association):
            finding, *more = verdict(outcome)
            warnings, certainty = "\n".join(outcome.warnings), "\n".join(more)
            limits = f"{outcome.title}; vectors of words: {outcome.how}. {LIMITS}"
        else:
            finding, limits = outcome.what, outcome.hint
        for label, words in (
            (self.finding, finding),
            (self.warnings, warnings),
            (self.certainty, certainty),
            (self.limits, limits),
        ):
            label.setText(words)
            label.setVisible(bool(words))


class WordsView(QTreeWidget):
    """The four sets with every word: its figure, and where or why not it was found."""

    row_activated = Signal(object)  # corpus row

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._args: tuple[AssociationTest | None, Outcome | None, str] = (None, None, "weat")
        named(self, "Words of the four sets", "Click to go to an item; Ctrl+C copies all")
        self.setHeaderLabels(["Word", "s(w, A, B)", "Remark"])
        self.setUniformRowHeights(True)
        self.setIndentation(12)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        head = self.header()
        head.setStretchLastSection(True)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.headerItem().setTextAlignment(1, RIGHT)
        self.setColumnWidth(0, 150)
        theme_signal().changed.connect(self._on_theme_changed)
        for signal in (self.itemClicked, self.itemActivated):
            signal.connect(self._on_item)

    def show_words(
        self, test: AssociationTest | None, outcome: Outcome | None, metric: str
    ) -> None:
        """Show the words of a test."""
        self._args = (test, outcome, metric)
        theme = current_theme()
        self.headerItem().setText(1, "s(w, A, B)" if metric == "weat" else "Figure")
        self.headerItem().setToolTip(1, METRICS[metric].per_item)
        with quiet(self):
            self.clear()
            for heading, rows in words_of(test, outcome) if test is not None else ():
                top = QTreeWidgetItem(self, [heading])
                top.setFirstColumnSpanned(True)
                top.setSizeHint(0, QSize(0, HEIGHT))
                font = top.font(0)
                font.setBold(True)
                top.setFont(0, font)
                top.setToolTip(0, heading)
                for row in rows:
                    item = QTreeWidgetItem(top, [row.term, row.value, row.remark])
                    item.setData(0, ROW, row.row)
                    item.setTextAlignment(1, RIGHT)
                    item.setToolTip(2, row.remark)
                    item.setForeground(2, QColor(theme.warning if row.is_lost else theme.muted))
                    if row.is_lost:
                        struck = item.font(0)
                        struck.setStrikeOut(True)
                        item.setFont(0, struck)
                        item.setForeground(0, QColor(theme.muted))
                top.setExpanded(True)

    def _on_item(self, item: QTreeWidgetItem) -> None:
        row = item.data(0, ROW)
        if isinstance(row, int) and row >= 0:
            self.row_activated.emit(row)

    def _on_theme_changed(self, _theme: object) -> None:
        self.show_words(*self._args)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hear Copy."""
        if event.matches(QKeySequence.StandardKey.Copy):
            test, outcome, _ = self._args
            if test is not None:
                QGuiApplication.clipboard().setText(tab_text(words_table(test, outcome)))
        else:
            super().keyPressEvent(event)


def question(test: AssociationTest) -> str:
    """What a test asks."""
    x, y = (f"“{one.name}”" for one in test.targets)
    a, b = (f"“{one.name}”" for one in test.attributes)
    return f"Does {x} lean more to {a} than to {b}, compared with {y}?"


def _sentences(name: str) -> QLabel:
    label = text(wrap=True, selectable=True)
    label.setTextFormat(PLAIN)
    label.setAccessibleName(name)
    return label
