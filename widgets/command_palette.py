"""A search field over everything that can be done: type a few letters, Enter does it.

It lies over the window as a part of it, so that it opens at once and the keyboard goes back to
where it was.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.palette import Entry, PaletteModel, found
from widgets.bind import named
from widgets.palette_list import ROW, EntryList
from widgets.voice import announce

WIDTH = 640  # logical pixels, where the window has so much
MARGIN = 24  # from the window's sides, at least
TOP = 64  # from the window's upper edge
MOST_ROWS = 12
HINT = "↑ ↓ choose · Enter does it · Esc closes"
NOTHING = "Nothing is called that."
STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -MOST_ROWS + 1,
    Qt.Key.Key_PageDown: MOST_ROWS - 1,
}


class SearchField(QLineEdit):
    """Text of which some keys go on to a list below."""

    moved = Signal(object)  # int: rows down
    entered = Signal()
    escaped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand on what moves in the list, chooses or leaves."""
        key = Qt.Key(event.key())
        if key in STEPS:
            self.moved.emit(STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


class CommandPalette(QFrame):
    """Shows what a `PaletteModel` lists, over the window that it belongs to."""

    def __init__(self, model: PaletteModel, window: QWidget) -> None:
        super().__init__(window)
        self._model = model
        self._window = window
        self._entries: tuple[Entry, ...] = ()  # as they stood when they last changed
        self._before: QWidget | None = None  # where the keyboard was
        self.hide()
        self._build()
        self.search.textChanged.connect(lambda _text: self._show_found())
        self.search.moved.connect(self._on_moved)
        self.search.entered.connect(self.choose)
        self.search.escaped.connect(self.leave)
        self.list.clicked.connect(lambda _index: self.choose())
        model.changed.connect(self._on_changed)
        window.installEventFilter(self)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)

    def open(self) -> None:
        """Show everything, what was used lately first, and let the person type."""
        if self.isVisible():
            self.leave()
            return
        self._before = QApplication.focusWidget()
        self._entries = self._model.entries()
        self.search.clear()
        self._show_found()
        self.show()
        self.raise_()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def leave(self) -> None:
        """Close, and give the keyboard back to where it was."""
        before, self._before = self._before, None
        self.hide()
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        else:
            self._window.setFocus(Qt.FocusReason.PopupFocusReason)

    def choose(self) -> None:
        """Do what is chosen; what cannot be done says why, and stays."""
        entry = self.list.entry()
        if entry is None:
            return
        if entry.problem is not None:
            announce(self.search, entry.spoken, at_once=True)
            return
        self.leave()
        self._model.choose(entry)

    def _build(self) -> None:
        self.setObjectName("commandPalette")
        self.setAccessibleName("Command palette")
        self.search = named(SearchField(), "Find a command", "A few letters of what you look for")
        self.search.setPlaceholderText("Find a command, or a column to colour by")
        self.list = EntryList()
        self.note = QLabel(NOTHING)
        self.note.setMinimumHeight(ROW)
        self.hint = QLabel(HINT)
        for label in (self.note, self.hint):
            label.setProperty("muted", True)
            label.setIndent(8)  # as the text of the field
        box = self._box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 6)
        box.setSpacing(6)
        for part in (self.search, self.list, self.note, self.hint):
            box.addWidget(part)

    def _show_found(self, chosen: str = "") -> None:
        query = self.search.text()
        entries = found(self._entries, query, self._model.lately)
        self.list.show_entries(entries, chosen)
        self.list.setVisible(bool(entries))
        self.note.setVisible(not entries)
        self._place()
        self._say_current(NOTHING)

    def _place(self) -> None:
        """Lie in the upper middle of the window, as high as what is found needs."""
        area = self._window.rect()
        width = min(WIDTH, area.width() - 2 * MARGIN)
        rows = min(MOST_ROWS, self.list.count)
        self.list.setFixedHeight(self.list.height_of(rows))
        self._box.activate()  # for what has just been hidden or shown
        height = min(self.sizeHint().height(), area.height() - TOP - MARGIN)
        self.setGeometry((area.width() - width) // 2, TOP, width, height)

    def _say_current(self, otherwise: str = "") -> None:
        """The keyboard stays in the field: say what is chosen in the list."""
        entry = self.list.entry()
        if self.isVisible():
            announce(self.search, entry.spoken if entry else otherwise, at_once=True)

    def _on_moved(self, rows: int) -> None:
        self.list.step(rows)
        self._say_current()

    def _on_changed(self) -> None:
        """What can be done changed under the hand: the same stays chosen."""
        if self.isVisible():
            entry = self.list.entry()
            self._entries = self._model.entries()
            self._show_found(entry.id if entry is not None else "")

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Close when the person goes elsewhere in the program."""
        if self.isVisible() and now is not None and now is not self.search:
            self._before = None
            self.hide()

    def eventFilter(self, thing: QObject, event: QEvent) -> bool:
        """Stay in the middle of the window."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(thing, event)
