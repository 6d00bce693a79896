"""The list of layouts there are of the active embeddings: one click goes back to one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from app.panels.layouts import LayoutEntry, LayoutsModel
from widgets.bind import named, quiet

EDGES = 6  # border and padding of the list, above and below
MOST_ROWS = 4
FINGERPRINT = Qt.ItemDataRole.UserRole


class LayoutList(QListWidget):
    """Shows a LayoutsModel; hidden while there is nothing to choose from."""

    def __init__(self, model: LayoutsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        named(self, "Layouts of these vectors")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setToolTip("Click to look at another layout of the same vectors; Delete forgets one")
        self.forget = QAction("Forget this layout", self)
        self.forget.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        self.forget.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.forget.triggered.connect(self._on_forget_triggered)
        self.addAction(self.forget)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.currentItemChanged.connect(self._on_item_changed)
        model.changed.connect(self.show_entries)
        self.show_entries(model.entries)

    def show_entries(self, entries: tuple[LayoutEntry, ...]) -> None:
        """List layouts, the shown one marked."""
        with quiet(self):
            self.clear()
            for entry in entries:
                item = QListWidgetItem(entry.text)
                item.setData(FINGERPRINT, entry.fingerprint)
                item.setToolTip(entry.tip)
                self.addItem(item)
                if entry.shown:
                    self.setCurrentItem(item)
        self.setVisible(bool(entries))
        rows = min(MOST_ROWS, max(1, len(entries)))
        self.setFixedHeight(rows * self.sizeHintForRow(0) + EDGES)

    def _on_item_changed(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._model.show(item.data(FINGERPRINT))

    def _on_forget_triggered(self) -> None:
        item = self.currentItem()
        if item is not None:
            self._model.forget(item.data(FINGERPRINT))
