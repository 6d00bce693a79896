"""The editor of the templates, and the button that opens it wherever words are given.

    button = TemplatesButton(models.templates)

What is typed is taken when it can be used: after a short pause, or when the editor is left. What
cannot be used is said below it, and the templates before it still hold.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.templates import READY, TemplatesModel
from backends.directions.terms import SLOT
from widgets.bind import PLAIN, named, quiet
from widgets.parts import text

PAUSE_MS = 500  # after the last letter: half a template is wrong
WIDTH_PX = 340
LINES = 7
UNUSED = "Words are looked up among the items here, so templates are not used."
USED = f"Each word stands where {SLOT} is; its vector is the mean over all lines."


class TemplatesBox(QWidget):
    """One template a line, with ready ones to begin from."""

    def __init__(self, model: TemplatesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._build()
        self._connect()
        self.show_templates()
        self.show_used()

    def show_templates(self) -> None:
        """Show the templates that hold, unless the person is typing others."""
        if not self._pause.isActive() and not self.problem.text():
            with quiet(self.edit):
                if self.edit.toPlainText() != self._model.text:
                    self.edit.setPlainText(self._model.text)
        for (_, templates), button in zip(READY, self.ready, strict=True):
            button.setChecked(templates == self._model.templates)

    def show_used(self) -> None:
        """Say what templates are for, or that nothing here needs them."""
        self.about.setText(USED if self._model.used else UNUSED)

    def take(self) -> None:
        """Take what stands in the editor; say what cannot be used."""
        self._pause.stop()
        problem = self._model.set_text(self.edit.toPlainText())
        self._show_problem("" if problem is None else f"{problem.text} {problem.hint}")

    def give_back(self) -> None:
        """Forget what was typed and cannot be used."""
        self._pause.stop()
        self._show_problem("")
        self.show_templates()

    def _build(self) -> None:
        self.about = text(muted=True, wrap=True)
        tip = f"One template a line; {SLOT} stands for the word"
        self.edit = named(QPlainTextEdit(), "Templates, one a line", tip)
        self.edit.setTabChangesFocus(True)
        self.edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.edit.setPlaceholderText(f"This is {SLOT}.")
        margins = 2 * round(self.edit.document().documentMargin()) + 10
        self.edit.setFixedHeight(LINES * self.edit.fontMetrics().lineSpacing() + margins)
        self.problem = text(wrap=True)
        self.problem.setTextFormat(PLAIN)
        self.problem.setProperty("danger", True)
        self.problem.hide()
        row = QHBoxLayout()
        row.setSpacing(4)
        self.ready = []
        for title, templates in READY:
            button = named(QPushButton(title), title, "\n".join(templates))
            button.setCheckable(True)
            button.setProperty("small", True)
            self.ready.append(button)
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(self.about)
        layout.addWidget(self.edit)
        layout.addWidget(self.problem)
        layout.addLayout(row)
        self.setFocusProxy(self.edit)

    def _connect(self) -> None:
        self._model.changed.connect(self._on_templates_changed)
        self._model.used_changed.connect(self._on_used_changed)
        self.edit.textChanged.connect(self._pause.start)
        self.edit.installEventFilter(self)
        self._pause.timeout.connect(self.take)
        for number, button in enumerate(self.ready):
            button.clicked.connect(lambda _on, number=number: self._on_ready_clicked(number))

    def _show_problem(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def _on_templates_changed(self, _templates: object) -> None:
        self.show_templates()

    def _on_used_changed(self, _used: bool) -> None:
        self.show_used()

    def _on_ready_clicked(self, number: int) -> None:
        self._pause.stop()
        self._show_problem("")
        self._model.set_templates(READY[number][1])
        self.show_templates()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Leaving the editor takes what was typed."""
        if event.type() == QEvent.Type.FocusOut and self._pause.isActive():
            self.take()
        return False


class TemplatesPopup(QFrame):
    """The editor in a window of its own, which closes when the person is done."""

    def __init__(self, model: TemplatesModel, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.box = TemplatesBox(model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.box)
        self.setFixedWidth(WIDTH_PX)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Take what was typed last."""
        self.box.take()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape forgets what cannot be used, and closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.box.give_back()
            self.close()
        else:
            super().keyPressEvent(event)


class TemplatesButton(QPushButton):
    """Says how many templates there are, and opens the editor."""

    def __init__(self, model: TemplatesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.popup: TemplatesPopup | None = None
        model.changed.connect(self._on_templates_changed)
        model.used_changed.connect(self._on_used_changed)
        self.clicked.connect(self.open)
        self.show_templates()

    def show_templates(self) -> None:
        """Show how many there are; disabled where words are looked up among the items."""
        count = len(self._model.templates)
        words = "1 template" if count == 1 else f"{count} templates"
        self.setText(f"{words}…")
        used = self._model.used
        named(self, f"Templates: {words}", f"{self._model.text}" if used else UNUSED)
        self.setEnabled(used)

    def open(self) -> None:
        """Open the editor below the button, or above it where there is no room."""
        self.popup = TemplatesPopup(self._model, self.window())
        self.popup.destroyed.connect(self._forget)
        size: QSize = self.popup.sizeHint()
        screen = self.screen().availableGeometry()
        place = self.mapToGlobal(QPoint(0, self.height()))
        place.setX(max(screen.left(), min(place.x(), screen.right() - WIDTH_PX)))
        if place.y() + size.height() > screen.bottom():
            place.setY(max(screen.top(), self.mapToGlobal(QPoint(0, 0)).y() - size.height()))
        self.popup.move(place)
        self.popup.show()
        self.popup.box.edit.setFocus(Qt.FocusReason.PopupFocusReason)

    def _forget(self) -> None:
        self.popup = None

    def _on_templates_changed(self, _templates: object) -> None:
        self.show_templates()

    def _on_used_changed(self, _used: bool) -> None:
        self.show_templates()
