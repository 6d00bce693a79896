"""Word checks: test sets with their scores, gain over random vectors, and what was misjudged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.panels.state import Blocked, PanelState, Running, seconds_text
from app.panels.word_check_rows import bars, lost_words, misses, table_rows
from app.panels.word_checks import ALL_DONE, NO_FILES, WordChecksModel
from backends.evaluate.lookup import CASE_WORDS
from backends.evaluate.verdict import verdict
from backends.evaluate.words import WordScore
from widgets.bind import PLAIN, named, quiet
from widgets.chart_pictures import ask_picture, image_of
from widgets.dropping import paths_of
from widgets.elided_combo import ElidedCombo
from widgets.empty_state import EmptyState
from widgets.flow import Flow
from widgets.gain_chart import GainChart, GainPicture
from widgets.parts import text
from widgets.word_check_lists import ChecksTable, ListingView

WIDE = 720  # from here on table and details stand side by side
CASE_TITLES = {"fold": "Case ignored", "exact": "As written", "spellings": "Other spellings"}
KINDS = "Test sets (*.txt *.tsv *.csv *.tab *.questions);;All files (*)"
TABS = (
    ("Gain", "Score above random vectors, of all embeddings"),
    ("Misjudged", "Pairs that people and vectors place differently, or analogies answered wrongly"),
    ("Lost words", "Words of the test set that have no vector"),
)
MISSES, LOST = 1, 2  # numbers of these tabs
WRONG = "Wrong answers"  # what misjudged pairs are called where there are questions
ENCODER = "The encoder"
NO_REFERENCE = "None"


class WordChecksPage(QWidget):
    """Shows a `WordChecksModel`."""

    def __init__(self, model: WordChecksModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown: dict[int, object] = {}  # outcome in each list, by tab
        self.setAcceptDrops(True)
        self._build()
        self._connect()
        model.remember()
        self.show_settings()
        self.show_scores()
        self.show_state(model.state)

    def show_settings(self) -> None:
        """Show how words are found, and what can be chosen."""
        model, settings = self._model, self._model.settings
        with quiet(self.case, self.restrict, self.column, self.reference):
            self.case.setCurrentIndex(self.case.findData(settings.case))
            self.restrict.setValue(settings.restrict)
            self.column.clear()
            if model.encodes:
                self.column.addItem(ENCODER, None)
            for name in model.columns:
                self.column.addItem(name, name)
            self.column.setCurrentIndex(self.column.findData(model.column))
            self.reference.clear()
            self.reference.addItem(NO_REFERENCE, None)
            for each in model.embeddings:
                self.reference.addItem(each.title, each.fingerprint)
            self.reference.setCurrentIndex(max(0, self.reference.findData(settings.reference)))
        self.column.setEnabled(self.column.count() > 0)
        self.reference.setEnabled(self.reference.count() > 1)

    def show_scores(self) -> None:
        """Show what is known of each test set."""
        model = self._model
        self.table.show_rows(table_rows(model))
        percent = model.reference is not None
        self.chart.show_bars(bars(model), percent=percent)
        said = " ".join(verdict(model.scores))
        self.verdict.setText(said)
        self.verdict.setToolTip(said)
        self.verdict.setVisible(bool(said))
        self.csv.setEnabled(bool(model.files))
        for action in (self.copy_picture, self.save_png, self.save_svg):
            action.setEnabled(bool(self.chart.bars))
        self._stack.setCurrentWidget(self._split if model.files else self.empty)
        self.show_details()

    def show_details(self) -> None:
        """Show the list in front of the test set that is looked at, unless it is shown already."""
        outcomes, at = self._model.outcomes, self.table.current
        outcome = outcomes[at] if 0 <= at < len(outcomes) else None
        self.remove.setEnabled(at >= 0)
        asked = isinstance(outcome, WordScore) and outcome.kind == "analogies"
        self.tabs.setTabText(MISSES, WRONG if asked else TABS[MISSES][0])
        front = self.tabs.currentIndex()
        if self._shown.get(front, self) is outcome:
            return
        self._shown[front] = outcome
        if front == MISSES:
            self.misses.show_listing(misses(outcome))
        elif front == LOST:
            self.lost.show_listing(lost_words(outcome))

    def show_state(self, state: PanelState) -> None:
        """Show whether it can be judged, or how far it is."""
        running = isinstance(state, Running)
        self.run.setText("Stop" if running else "Judge")
        self.run.setEnabled(not isinstance(state, Blocked))
        if isinstance(state, Blocked):
            self.run.setToolTip(f"{state.problem.text} {state.problem.hint}")
        else:
            self.run.setToolTip(
                "Stop; what is judged so far stays" if running else "Judge all embeddings by these"
            )
        self.progress.setText(_progress(state))
        self.progress.setVisible(bool(self.progress.text()))
        blocked = state.problem if isinstance(state, Blocked) else NO_FILES
        self.empty.show_problem(NO_FILES if blocked is ALL_DONE else blocked)

    def _build(self) -> None:
        self.empty = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._build_split())
        self.verdict = text(wrap=True, selectable=True)
        self.verdict.setTextFormat(PLAIN)
        self.verdict.setAccessibleName("What the scores say")
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 6, 8, 6)
        box.setSpacing(5)
        box.addLayout(self._build_bar())
        box.addWidget(self.verdict)
        box.addWidget(self._stack, 1)
        self.setFocusProxy(self.table)

    def _build_bar(self) -> Flow:
        self.add = named(
            QPushButton("Add…"),
            "Add test sets",
            "Files with similarity judgements or analogies; they can also be dropped here",
        )
        self.remove = named(
            QPushButton("Remove"), "Remove the test set", "Take it off the list (Delete)"
        )
        self.run = named(QPushButton("Judge"), "Judge the vectors")
        self.progress = text(muted=True)
        self.column = named(
            ElidedCombo(letters=4),
            "Words from",
            "The column with the words, or the encoder for any text",
        )
        self.case = named(ElidedCombo(letters=9), "Case", "How words of the files are found")
        for case, title in CASE_TITLES.items():
            self.case.addItem(title, case)
            about = CASE_WORDS[case]
            at = self.case.count() - 1
            self.case.setItemData(at, about[0].upper() + about[1:], Qt.ItemDataRole.ToolTipRole)
        self.restrict = _restriction()
        tip = "Embeddings whose gain over random vectors stands for 100%"
        self.reference = named(ElidedCombo(letters=4), "Gain compared with", tip)
        tip = "All scores of all embeddings as a table, and the chart as a picture"
        self.csv = named(QPushButton("Export"), "Export scores and chart", tip)
        menu = QMenu(self.csv)
        self.copy_csv = menu.addAction("Copy the scores as CSV")
        self.save = menu.addAction("Save the scores as CSV…")
        menu.addSeparator()
        self.copy_picture = menu.addAction("Copy the chart")
        self.save_png = menu.addAction("Save the chart as PNG…")
        self.save_svg = menu.addAction("Save the chart as SVG…")
        self.csv.setMenu(menu)
        bar = Flow()
        for part in (self.add, self.remove, self.run, self.progress):
            bar.addWidget(part)
        for words, field in (
            ("Words", self.column),
            ("Case", self.case),
            ("Answers", self.restrict),
            ("Reference", self.reference),
        ):
            bar.addWidget(_labelled(words, field))
        bar.addWidget(self.csv)
        return bar

    def _build_split(self) -> QSplitter:
        self.table = ChecksTable()
        self.chart = GainChart()
        self.misses = ListingView("Misjudged", "Nothing is judged yet.")
        self.lost = ListingView("Lost words", "Nothing is judged yet.")
        scroll = QScrollArea()
        scroll.setWidget(self.chart)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tabs = named(QTabBar(), "Details of the test set", "Gain, misjudged pairs, lost words")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self._pages = QStackedWidget()
        for (title, tip), page in zip(TABS, (scroll, self.misses, self.lost), strict=True):
            self.tabs.setTabToolTip(self.tabs.addTab(title), tip)
            self._pages.addWidget(page)
        details = QWidget()
        inside = QVBoxLayout(details)
        inside.setContentsMargins(6, 0, 0, 0)
        inside.setSpacing(2)
        inside.addWidget(self.tabs)
        inside.addWidget(self._pages, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(1)
        self._split.addWidget(self.table)
        self._split.addWidget(details)
        self._split.setStretchFactor(0, 5)
        self._split.setStretchFactor(1, 3)
        return self._split

    def _connect(self) -> None:
        model = self._model
        model.state_changed.connect(self.show_state)
        model.settings_changed.connect(self._on_settings_changed)
        model.scores_changed.connect(self.show_scores)
        self.add.clicked.connect(self._on_add_clicked)
        self.remove.clicked.connect(lambda: model.remove(self.table.current))
        self.run.clicked.connect(self._on_run_clicked)
        self.table.chosen.connect(lambda _at: self.show_details())
        self.table.removed.connect(model.remove)
        self.chart.chosen.connect(self.table.choose)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.column.activated.connect(lambda at: model.change(column=self.column.itemData(at)))
        self.case.activated.connect(lambda at: model.change(case=self.case.itemData(at)))
        self.restrict.valueChanged.connect(lambda value: model.change(restrict=value))
        self.reference.activated.connect(
            lambda at: model.change(reference=self.reference.itemData(at))
        )
        self.copy_csv.triggered.connect(lambda: QApplication.clipboard().setText(model.csv_text()))
        self.save.triggered.connect(self._on_save_clicked)
        picture = GainPicture(self.chart)
        self.copy_picture.triggered.connect(
            lambda: QApplication.clipboard().setImage(image_of(picture, None))
        )
        self.save_png.triggered.connect(lambda: ask_picture(picture, None, model, "png"))
        self.save_svg.triggered.connect(lambda: ask_picture(picture, None, model, "svg"))

    def _on_settings_changed(self, _settings: object) -> None:
        self.show_settings()

    def _on_add_clicked(self) -> None:
        names, _kind = QFileDialog.getOpenFileNames(self, "Add test sets", "", KINDS)
        self._model.add(Path(name) for name in names)

    def _on_run_clicked(self) -> None:
        if isinstance(self._model.state, Running):
            self._model.stop()
        else:
            self._model.run()

    def _on_tab_changed(self, at: int) -> None:
        self._pages.setCurrentIndex(at)
        self.show_details()

    def _on_save_clicked(self) -> None:
        name, _kind = QFileDialog.getSaveFileName(
            self, "Save the scores", "word checks.csv", "Comma-separated (*.csv)"
        )
        if name:
            self._model.save_csv(Path(name).with_suffix(".csv"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files as test sets, before the window opens them."""
        if any(path.is_file() for path in paths_of(event.mimeData())):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        self._model.add(path for path in paths_of(event.mimeData()) if path.is_file())
        event.acceptProposedAction()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put table and details side by side, or one above the other."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)


def _restriction() -> QSpinBox:
    """How many first items may answer."""
    field = named(
        QSpinBox(),
        "Items that may answer",
        "Analogies are answered among so many first items: word vectors come by frequency",
    )
    field.setPrefix("first ")
    field.setRange(10, 100_000_000)
    field.setSingleStep(10_000)
    field.setGroupSeparatorShown(True)
    field.setKeyboardTracking(False)
    field.setFixedWidth(126)
    return field


def _labelled(words: str, field: QWidget) -> QWidget:
    """A field behind its label, kept together where lines are broken."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(4, 0, 0, 0)
    row.setSpacing(4)
    label = text(words, muted=True)
    label.setBuddy(field)
    row.addWidget(label)
    row.addWidget(field)
    return both


def _progress(state: PanelState) -> str:
    if not isinstance(state, Running):
        return ""
    share = state.progress.share
    words = f"{share:.0%}" if share >= 0 else state.progress.text
    left = state.seconds_left
    return f"{words}, {seconds_text(left)} left" if left is not None else words
