"""Where triples come from and how relations are judged: one row of controls."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QPushButton, QWidget

from app.panels.relations import RelationsModel, RelationsSettings
from app.panels.state import Blocked, PanelState, Running
from backends.directions.relation_scorers import SCORERS
from backends.directions.relation_study import SPLITS
from backends.directions.relations import BY_ROW
from widgets.bind import named, quiet
from widgets.elided_combo import ElidedCombo
from widgets.flow import Flow
from widgets.parts import text

FILES = "Triples (*.csv *.tsv *.txt *.jsonl *.json);;All files (*)"
SPLIT_NAMES = {"pairs": "Pairs", "unseen": "Unseen items"}
RUN_TIP = "Read the triples, and judge each relation on pairs that were held out"


class RelationForm(QWidget):
    """Shows and changes a `RelationsModel`'s settings."""

    typing_asked = Signal()

    def __init__(self, model: RelationsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._build()
        self._connect()
        self.show_columns()
        self.show_settings(model.settings)
        self.show_state(model.state)

    def show_columns(self) -> None:
        """Offer the columns of the corpus as names of items, and as triples."""
        columns = self._model.text_columns
        self._fill_by(columns)
        self.columns.clear()
        self.columns.setEnabled(bool(columns))
        self.columns.setTitle("A column that names other items")
        for column in columns:
            action = self.columns.addAction(column.replace("&", "&&"))
            action.triggered.connect(partial(self._on_column_chosen, column))

    def show_settings(self, settings: RelationsSettings) -> None:
        """Show what is chosen."""
        words = self._model.source_words
        self.source.setText("Triples" if not words else f"Triples: {_clipped(words)}")
        source = settings.source
        self.source.setToolTip(
            "Where the relations come from: a file, a column, or pairs that you type"
            + (f"\nNow: {source.path or words}" if source is not None else "")
        )
        with quiet(self.by, self.scorer, self.split):
            self.by.setCurrentIndex(max(0, self.by.findData(source.by if source else "")))
            self.scorer.setCurrentIndex(self.scorer.findData(settings.scorer))
            self.split.setCurrentIndex(self.split.findData(settings.split))

    def show_state(self, state: PanelState) -> None:
        """Let the button run or stop, or say why it cannot."""
        running = isinstance(state, Running)
        self.run.setText("Stop" if running else "Run")
        self.run.setEnabled(not isinstance(state, Blocked))
        self.run.setToolTip(
            f"{state.problem.text} {state.problem.hint}"
            if isinstance(state, Blocked)
            else "Stop judging"
            if running
            else RUN_TIP
        )

    def _build(self) -> None:
        self.source = named(QPushButton("Triples"), "Where triples come from")
        menu = QMenu(self.source)
        self.open = menu.addAction("Open a file…")
        self.columns = menu.addMenu("A column that names other items")
        self.type = menu.addAction("Type or paste pairs…")
        self.source.setMenu(menu)
        self.by = named(
            ElidedCombo(letters=10),
            "What names refer to",
            "Which column heads and tails are names in; found out by itself if you do not say",
        )
        self.scorer = named(ElidedCombo(letters=11), "Scorer", "How tails are guessed from heads")
        for place, spec in enumerate(SCORERS.values()):
            self.scorer.addItem(spec.title, spec.id)
            self.scorer.setItemData(place, spec.about, 3)  # Qt.ToolTipRole
        self.split = named(
            ElidedCombo(letters=9),
            "What is held out",
            "Pairs by chance, or only pairs of items that no pair learnt from has",
        )
        for name, title in SPLIT_NAMES.items():
            self.split.addItem(title, name)
            self.split.setItemData(self.split.count() - 1, SPLITS[name], 3)  # type: ignore[index]
        self.run = named(QPushButton("Run"), "Judge the relations")
        self.progress = text(muted=True)
        row = Flow(self)
        row.addWidget(self.source)
        for words, field in (
            ("Names", self.by),
            ("Scorer", self.scorer),
            ("Hold out", self.split),
        ):
            row.addWidget(_labelled(words, field))
        row.addWidget(self.run)
        row.addWidget(self.progress)

    def _connect(self) -> None:
        model = self._model
        model.settings_changed.connect(self.show_settings)
        model.state_changed.connect(self.show_state)
        model.columns_changed.connect(lambda _columns: self.show_columns())
        self.open.triggered.connect(self._on_open_clicked)
        self.type.triggered.connect(self.typing_asked)
        self.by.activated.connect(lambda _index: model.set_by(self.by.currentData()))
        self.scorer.activated.connect(lambda _index: model.change(scorer=self.scorer.currentData()))
        self.split.activated.connect(lambda _index: model.change(split=self.split.currentData()))
        self.run.clicked.connect(self._on_run_clicked)

    def _fill_by(self, columns: Sequence[str]) -> None:
        kept = self._model.settings.source
        with quiet(self.by):
            self.by.clear()
            self.by.addItem("Find out", "")
            for column in columns:
                self.by.addItem(column, column)
            self.by.addItem("Row numbers", BY_ROW)
            self.by.setCurrentIndex(max(0, self.by.findData(kept.by if kept else "")))

    def _on_open_clicked(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, "Open triples", "", FILES)
        if name:
            self._model.take_file(name)

    def _on_column_chosen(self, column: str) -> None:
        self._model.take_column(column)

    def _on_run_clicked(self) -> None:
        if isinstance(self._model.state, Running):
            self._model.stop()
        else:
            self._model.run()


def _labelled(words: str, field: ElidedCombo) -> QWidget:
    """A field with its name before it, as one word of the row."""
    from PySide6.QtWidgets import QHBoxLayout

    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    label: QLabel = text(words, muted=True)
    label.setBuddy(field)
    row.addWidget(label)
    row.addWidget(field)
    return both


def _clipped(words: str, letters: int = 28) -> str:
    clean = words.replace("&", "&&")
    return clean if len(clean) <= letters else clean[: letters - 1] + "…"
