"""The dialog that says what the card under the cursor shows: a list to tick and to order."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.card import MOST_ROWS, CardColumn, CardModel
from widgets.bind import named, quiet
from widgets.icons import set_icon
from widgets.parts import text

SEARCHED_FROM = 10  # columns, from which on they can be searched
NAME = Qt.ItemDataRole.UserRole
COLOUR_WORDS = "What colours the map"
SIZE = (320, 400)


class CardChooser(QDialog):
    """Shows a CardModel's columns; each tick counts at once."""

    def __init__(self, model: CardModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle("Card shows")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build()
        # The list is made anew once the click that changed it is over.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(lambda: self.show_columns(model.columns))
        model.changed.connect(self._on_changed)  # let go of with the dialog, as a lambda is not
        self.show_columns(model.columns)
        self.resize(*SIZE)

    def show_columns(self, columns: tuple[CardColumn, ...]) -> None:
        """List the columns; the one that was chosen stays chosen."""
        kept = self._current()
        with quiet(self.list):
            self.list.clear()
            for column in columns:
                item = QListWidgetItem(column.name or COLOUR_WORDS)
                item.setData(NAME, column.name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                on = Qt.CheckState.Checked if column.shown else Qt.CheckState.Unchecked
                item.setCheckState(on)
                item.setToolTip(column.name or "The column that colours the map at the moment")
                self.list.addItem(item)
                if column.name == kept:
                    self.list.setCurrentItem(item)
        self.search.setVisible(len(columns) >= SEARCHED_FROM)
        self._narrow(self.search.text())
        self.usual.setEnabled(self._model.chosen is not None)
        shown = sum(column.shown for column in columns)
        self.note.setText(
            f"A card has room for {MOST_ROWS}: the first that have a value."
            if shown > MOST_ROWS
            else "Empty values are left out."
        )
        self._show_movable()

    def _on_changed(self, _columns: object) -> None:
        self._soon.start()

    def _build(self) -> None:
        self.search = named(QLineEdit(), "Search columns")
        self.search.setPlaceholderText("Search columns…")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        self.list = named(QListWidget(), "Columns of the card", "Tick what the card shows")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.itemChanged.connect(self._on_item_changed)
        self.list.currentItemChanged.connect(lambda *_: self._show_movable())
        self.up = self._mover("chevron-up", "Move up", "Show it higher on the card (Alt+Up)", -1)
        self.down = self._mover("chevron-down", "Move down", "Show it lower (Alt+Down)", 1)
        for keys, by in (("Alt+Up", -1), ("Alt+Down", 1)):
            QShortcut(QKeySequence(keys), self).activated.connect(lambda by=by: self._move(by))
        self.note = text(muted=True, wrap=True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.usual = buttons.addButton("As usual", QDialogButtonBox.ButtonRole.ResetRole)
        self.usual.setAutoDefault(False)
        self.usual.setToolTip("Name, text and what colours the map")
        self.usual.clicked.connect(self._model.reset)
        buttons.rejected.connect(self.reject)
        below = QHBoxLayout()
        below.addWidget(self.note, 1)
        below.addWidget(self.up)
        below.addWidget(self.down)
        box = QVBoxLayout(self)
        box.addWidget(self.search)
        box.addWidget(self.list, 1)
        box.addLayout(below)
        box.addWidget(buttons)

    def _mover(self, icon: str, name: str, tip: str, by: int) -> QToolButton:
        button = named(QToolButton(), name, tip)
        set_icon(button, icon)
        button.clicked.connect(lambda: self._move(by))
        return button

    def _current(self) -> str | None:
        item = self.list.currentItem()
        return str(item.data(NAME)) if item is not None else None

    def _move(self, by: int) -> None:
        name = self._current()
        if name is not None:
            self._model.move(name, by)

    def _narrow(self, words: str) -> None:
        """Hide the columns that do not have the words in their name."""
        wanted = words.casefold().strip()
        for at in range(self.list.count()):
            item = self.list.item(at)
            item.setHidden(wanted not in item.text().casefold())

    def _show_movable(self) -> None:
        """Only what is shown has an order."""
        shown = [column.name for column in self._model.columns if column.shown]
        name = self._current()
        self.up.setEnabled(name in shown[1:])
        self.down.setEnabled(name in shown[:-1])

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        on = item.checkState() == Qt.CheckState.Checked
        self.list.setCurrentItem(item)
        self._model.set_shown(item.data(NAME), on)


def show_card_chooser(model: CardModel, parent: QWidget) -> None:
    """Open the dialog, or bring it to the front; the map stays usable beside it."""
    known = parent.findChild(CardChooser)
    chooser = known if isinstance(known, CardChooser) else CardChooser(model, parent)
    chooser.show()
    chooser.raise_()
    chooser.activateWindow()
