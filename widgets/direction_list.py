"""The list of directions: choose one, rename it in place, remove it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QBrush, QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.document import Document
from app.panels.directions import DirectionsModel
from backends.directions.base import Direction
from backends.directions.evidence_words import how_found
from widgets.bind import named, quiet
from widgets.parts import text
from widgets.theme import current_theme, theme_signal

NAME = Qt.ItemDataRole.UserRole
EMPTY = "Directions that you make are listed here."


class DirectionList(QWidget):
    """Shows the directions of all embeddings; those of others stand back."""

    new_asked = Signal()
    chosen = Signal(object)  # fingerprint

    def __init__(
        self, model: DirectionsModel, document: Document, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model, self._document = model, document
        self._build()
        self._connect()
        self.show_directions()

    def show_directions(self) -> None:
        """List them; the one that is looked at is the current one."""
        titles = {one.fingerprint: one.title for one in self._document.embeddings}
        here = {one.fingerprint for one in self._model.here}
        with quiet(self.list):
            self.list.clear()
            for one in self._document.directions:
                self.list.addItem(self._item(one, one.fingerprint in here, titles))
        self._empty.setVisible(not self._document.directions)
        self.show_current()

    def show_current(self) -> None:
        """Mark the one that is looked at."""
        looked_at = self._document.direction
        name = looked_at.fingerprint if looked_at is not None else None
        with quiet(self.list):
            self.list.setCurrentRow(-1)
            for row in range(self.list.count()):
                if self.list.item(row).data(NAME) == name:
                    self.list.setCurrentRow(row)
        for button in (self.rename, self.remove):
            button.setEnabled(name is not None)

    def _item(self, one: Direction, is_here: bool, titles: dict[str, str]) -> QListWidgetItem:
        item = QListWidgetItem(one.title)
        item.setData(NAME, one.fingerprint)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        tip = f"{one.title}\nfrom {one.ends[0]}\nto {one.ends[1]}\n{how_found(one)}"
        said = one.title
        if not is_here:
            where = f"in the vectors “{titles.get(one.embeddings, 'of another time')}”"
            item.setForeground(QBrush(QColor(current_theme().muted)))
            font = item.font()
            font.setItalic(True)
            item.setFont(font)
            tip += f"\nIt lies {where}, and cannot be used in the active ones."
            said += f", {where}, not usable here"
        item.setToolTip(tip)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
        return item

    def _build(self) -> None:
        self.new = named(QPushButton("New"), "New direction", "Make another direction")
        self.rename = named(QPushButton("Rename"), "Rename direction", "Rename it (F2)")
        self.remove = named(
            QPushButton("Remove"), "Remove direction", "Remove it (Del); undo brings it back"
        )
        for button in (self.new, self.rename, self.remove):
            button.setProperty("small", True)
        self.list = named(QListWidget(), "Directions", "")
        self.list.setEditTriggers(
            QListWidget.EditTrigger.EditKeyPressed | QListWidget.EditTrigger.DoubleClicked
        )
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._empty = text(EMPTY, muted=True, wrap=True)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.new, self.rename, self.remove):
            buttons.addWidget(button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 6, 6)
        layout.setSpacing(5)
        layout.addLayout(buttons)
        layout.addWidget(self._empty)
        layout.addWidget(self.list, 1)

    def _connect(self) -> None:
        document = self._document
        document.directions_changed.connect(self._on_facts_changed)
        document.active_changed.connect(self._on_facts_changed)
        document.direction_changed.connect(self._on_direction_changed)
        theme_signal().changed.connect(self._on_facts_changed)
        self.new.clicked.connect(self.new_asked)
        self.rename.clicked.connect(self._on_rename_clicked)
        self.remove.clicked.connect(self._on_remove_clicked)
        self.list.currentItemChanged.connect(self._on_current_changed)
        self.list.itemClicked.connect(self._on_item_clicked)
        self.list.itemChanged.connect(self._on_item_edited)
        self.list.customContextMenuRequested.connect(self._on_menu_asked)
        self.list.installEventFilter(self)

    def _on_facts_changed(self, _fact: object) -> None:
        self.show_directions()

    def _on_direction_changed(self, _direction: object) -> None:
        self.show_current()

    def _on_current_changed(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._model.choose(item.data(NAME))

    def _on_item_clicked(self, item: QListWidgetItem) -> None:
        self._model.choose(item.data(NAME))
        self.chosen.emit(item.data(NAME))

    def _on_item_edited(self, item: QListWidgetItem) -> None:
        name, title = item.data(NAME), item.text()
        # The editor still holds the item: the list is made anew when it has let go.
        QTimer.singleShot(0, self, lambda: self._rename(name, title))

    def _rename(self, name: str, title: str) -> None:
        self._model.rename(name, title)
        self.show_directions()

    def _on_rename_clicked(self) -> None:
        if self.list.currentRow() >= 0:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            self.list.editItem(self.list.currentItem())

    def _on_remove_clicked(self) -> None:
        row = self.list.currentRow()
        if row < 0:
            return
        self._model.remove(self.list.item(row).data(NAME))
        if self.list.count():
            beside = self.list.item(min(row, self.list.count() - 1))
            self._model.choose(beside.data(NAME))

    def _on_menu_asked(self, at: QPoint) -> None:
        if self.list.itemAt(at) is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, run in (
            ("Rename", self._on_rename_clicked),
            ("Remove", self._on_remove_clicked),
        ):
            action = QAction(words, menu)
            action.triggered.connect(lambda _on=False, run=run: run())
            menu.addAction(action)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Del removes what is current."""
        is_key = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if is_key and event.matches(QKeySequence.StandardKey.Delete):  # type: ignore[attr-defined]  # a key
            self._on_remove_clicked()
            return True
        return False
