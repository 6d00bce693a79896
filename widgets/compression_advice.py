"""The recommendation in words, and the same settings for other systems."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.panels.compression_advice import AdviceModel
from app.panels.compression_detail import CompressionDetail
from backends.compression.advice import Advice
from backends.compression.results import Cell
from backends.compression.settings import Setting
from widgets.bind import PLAIN, named
from widgets.parts import text

WIDEST = 760  # logical pixels of a line of words
MOST_LINES = 14  # of settings that are shown without scrolling


class AdviceView(QScrollArea):
    """Shows an AdviceModel."""

    def __init__(self, model: AdviceModel, detail: CompressionDetail) -> None:
        super().__init__()
        self._model = model
        self._detail = detail
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._head = text(heading=True)
        self._words = named(QLabel(textFormat=PLAIN, wordWrap=True), "Recommendation")
        self._evidence = named(QLabel(textFormat=PLAIN, wordWrap=True), "Evidence")
        self._evidence.setProperty("muted", True)
        for label in (self._words, self._evidence):
            label.setMaximumWidth(WIDEST)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._look = named(QPushButton("Look at it"), "Look at it", "Look at the codec it names")
        self._copy = named(QPushButton("Copy"), "Copy the recommendation", "Copy all sentences")
        buttons = QHBoxLayout()
        buttons.addWidget(self._look)
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(4, 8, 8, 8)
        layout.setSpacing(8)
        for part in (self._head, self._words, self._evidence):
            layout.addWidget(part)
        layout.addLayout(buttons)
        layout.addStretch(1)
        self.setWidget(inside)
        self._look.clicked.connect(self._on_look_clicked)
        self._copy.clicked.connect(self._on_copy_clicked)
        model.changed.connect(self.show_advice)
        self.show_advice(model.advice)

    def show_advice(self, advice: Advice | None) -> None:
        """Show other sentences."""
        cell = advice.cell if advice is not None else None
        if advice is None:
            head = "It is being looked for…"
        elif cell is None:
            head = "No codec can be recommended"
        else:
            head = f"Take {cell.title} at {cell.bytes_per_vector:,.4g} bytes a vector"
        self._head.setText(head)
        self._words.setText("\n\n".join(advice.sentences) if advice is not None else "")
        self._evidence.setText(advice.evidence if advice is not None else "")
        self._look.setEnabled(cell is not None)
        self._copy.setEnabled(advice is not None)

    def _on_look_clicked(self) -> None:
        advice = self._model.advice
        if advice is not None and advice.cell is not None:
            self._detail.model.choose(advice.cell.fingerprint)

    def _on_copy_clicked(self) -> None:
        if self._model.advice is not None:
            QGuiApplication.clipboard().setText(self._model.advice.text)


class ElsewhereTab(QWidget):
    """Settings of other systems that keep vectors as the codec does."""

    def __init__(self, model: CompressionDetail) -> None:
        super().__init__()
        self._model = model
        self._parts: list[QWidget] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 6, 8, 6)
        self._layout.setSpacing(6)
        self._layout.addStretch(1)
        model.model.cell_changed.connect(self.show_cell)
        self.show_cell(model.cell)

    def show_cell(self, cell: Cell | None) -> None:
        """Show the settings of another codec."""
        for part in self._parts:
            self._layout.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts = [_shown(setting) for setting in self._model.settings] if cell else []
        for at, part in enumerate(self._parts):
            self._layout.insertWidget(at, part)


def _shown(setting: Setting) -> QWidget:
    """One system: its name, how near it comes, and text to copy."""
    part = QWidget()
    layout = QVBoxLayout(part)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(3)
    head = QHBoxLayout()
    head.addWidget(text(setting.system, heading=True))
    if setting.text:
        head.addWidget(text("the same numbers" if setting.same else "of the same kind", muted=True))
    head.addStretch(1)
    layout.addLayout(head)
    if setting.remark:
        remark = QLabel(setting.remark, textFormat=PLAIN, wordWrap=True)
        remark.setProperty("muted", True)
        layout.addWidget(remark)
    if setting.text:
        copy = named(
            QPushButton("Copy"), f"Copy the settings for {setting.system}", "Copy these settings"
        )
        copy.setProperty("small", True)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(setting.text))
        head.addWidget(copy)
        field = named(QPlainTextEdit(setting.text), f"Settings for {setting.system}", "To copy")
        field.setReadOnly(True)
        field.setTabChangesFocus(True)
        field.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        lines = min(MOST_LINES, setting.text.count("\n") + 1)
        field.setFixedHeight(lines * field.fontMetrics().lineSpacing() + 30)
        field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        layout.addWidget(field)
    return part
