"""Which encoder, which column, and the embeddings there are: one click switches between them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.document import Document
from app.panels.embedding import EmbeddingModel
from app.panels.state import Blocked, PanelState, Running, seconds_text
from backends.types import Embeddings
from widgets.bind import named, quiet
from widgets.elided_combo import ElidedCombo
from widgets.parts import LABELS, disable, text

BROWSE = "browse"
LIST_EDGES = 6  # border and padding of the list, above and below


class EmbeddingPanel(QWidget):
    """Shows an EmbeddingModel: the encoder, a button, and the embeddings there are."""

    compression_asked = Signal()  # how small may they be?

    def __init__(
        self, model: EmbeddingModel, document: Document, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._document = document
        self._build()
        self._connect()
        self.show_encoders()
        self.show_text_columns()
        self.show_embeddings(document.embeddings)
        self.show_state(model.state)

    def show_encoders(self) -> None:
        """List what can be chosen; what is missing stays listed with the way to get it."""
        with quiet(self._encoder):
            self._encoder.clear()
            for info in self._model.encoders:
                self._encoder.addItem(info.title, info.id)
                index = self._encoder.count() - 1
                self._encoder.setItemData(index, info.about, Qt.ItemDataRole.ToolTipRole)
                if not info.available:
                    self._encoder.setItemData(index, info.hint, Qt.ItemDataRole.ToolTipRole)
                    disable(self._encoder, index)
            chosen = self._model.settings.encoder
            if self._encoder.findData(chosen) < 0:
                self._encoder.addItem(chosen.rsplit("/", 1)[-1], chosen)
            self._encoder.addItem("Model folder…", BROWSE)
            self._encoder.setCurrentIndex(self._encoder.findData(chosen))

    def show_text_columns(self) -> None:
        """List the columns that can be embedded."""
        corpus = self._document.corpus
        with quiet(self._column):
            self._column.clear()
            self._column.setEnabled(corpus is not None)
            if corpus is not None:
                for name in corpus.source_columns:
                    self._column.addItem(name, name)
                self._column.setCurrentIndex(self._column.findData(corpus.roles.text))

    def show_embeddings(self, embeddings: tuple[Embeddings, ...]) -> None:
        """List the embeddings of this corpus; one click shows one."""
        active = self._document.active
        with quiet(self._list):
            self._list.clear()
            for entry in embeddings:
                count = "" if entry.count == len(entry) else f" · {entry.count:,} of {len(entry):,}"
                item = QListWidgetItem(f"{entry.title} · {entry.dim} d{count}")
                item.setData(Qt.ItemDataRole.UserRole, entry.fingerprint)
                item.setToolTip(_tip(entry))
                self._list.addItem(item)
                if active is not None and entry.fingerprint == active.fingerprint:
                    self._list.setCurrentItem(item)
        self._list.setVisible(bool(embeddings))
        self._compress.setVisible(bool(embeddings))
        rows = min(4, max(1, len(embeddings)))
        self._list.setFixedHeight(rows * self._list.sizeHintForRow(0) + LIST_EDGES)

    def show_state(self, state: PanelState) -> None:
        """Show whether it can run, runs, or failed."""
        running = isinstance(state, Running)
        self._run.setText("Stop" if running else "Embed")
        self._run.setEnabled(not isinstance(state, Blocked))
        if isinstance(state, Blocked):
            self._run.setToolTip(f"{state.problem.text} {state.problem.hint}")
            self._expected.setText("")
            return
        self._run.setToolTip(
            "Stop; what is finished is kept" if running else "Compute vectors (Ctrl+Return)"
        )
        seconds = self._model.seconds_expected
        if isinstance(state, Running):
            left = state.seconds_left
            self._expected.setText(f"{seconds_text(left)} left" if left is not None else "")
        elif seconds is not None:
            self._expected.setText(f"takes about {seconds_text(seconds)}")

    def _build(self) -> None:
        self._encoder = named(ElidedCombo(), "Encoder", tip="What turns text into vectors")
        self._column = named(ElidedCombo(), "Text column", tip="The column to embed")
        self._run = named(QPushButton("Embed"), "Embed")
        self._expected = text(muted=True)
        self._list = named(QListWidget(), "Embeddings of this corpus")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.setToolTip(
            "Click to look at another embedding of the same items; Delete forgets one"
        )
        self._compress = named(
            QPushButton("How small may they be?"),
            "How small may these vectors be?",
            "Measure what compressing these vectors would cost, and who pays",
        )
        self._compress.setProperty("small", True)
        self._forget = QAction("Forget this embedding", self._list)
        self._forget.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        self._forget.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._list.addAction(self._forget)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(LABELS)
        form.addRow("Encoder", self._encoder)
        form.addRow("Text", self._column)
        across = QHBoxLayout()
        across.addWidget(self._run)
        across.addWidget(self._expected, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(text("Embedding", heading=True))
        layout.addLayout(form)
        layout.addLayout(across)
        layout.addWidget(self._list)
        layout.addWidget(self._compress)

    def _connect(self) -> None:
        self._encoder.activated.connect(self._on_encoder_activated)
        self._column.activated.connect(self._on_column_activated)
        self._run.clicked.connect(self._on_run_clicked)
        self._compress.clicked.connect(self.compression_asked)
        self._list.currentItemChanged.connect(self._on_item_changed)
        self._forget.triggered.connect(self._on_forget_triggered)
        self._model.state_changed.connect(self.show_state)
        self._model.settings_changed.connect(lambda _settings: self.show_encoders())
        self._document.corpus_changed.connect(lambda _corpus: self.show_text_columns())
        self._document.roles_changed.connect(lambda _corpus: self.show_text_columns())
        self._document.embeddings_changed.connect(self.show_embeddings)
        self._document.active_changed.connect(
            lambda _active: self.show_embeddings(self._document.embeddings)
        )

    def _on_encoder_activated(self, index: int) -> None:
        chosen = self._encoder.itemData(index)
        if chosen != BROWSE:
            self._model.change(encoder=chosen)
            return
        folder = QFileDialog.getExistingDirectory(
            self, "Choose the folder of a sentence-transformers model"
        )
        if folder:
            self._model.change(encoder=folder)
        else:
            self.show_encoders()

    def _on_column_activated(self, index: int) -> None:
        self._document.set_roles(text=self._column.itemData(index))

    def _on_run_clicked(self) -> None:
        if self._model.is_running:
            self._model.stop()
        else:
            self._model.run()

    def _on_forget_triggered(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self._document.drop_embeddings(item.data(Qt.ItemDataRole.UserRole))

    def _on_item_changed(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._document.set_active(item.data(Qt.ItemDataRole.UserRole))


def _tip(entry: Embeddings) -> str:
    have = "1 item has a vector" if entry.count == 1 else f"{entry.count:,} items have a vector"
    return "\n".join((entry.title, f"{have} of {entry.dim} dimensions.", *entry.notes))
