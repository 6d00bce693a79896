"""The space that is looked at: the embedding and its layout, one above the other in one dock."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from widgets.panels.embedding import EmbeddingPanel
from widgets.panels.projection import ProjectionPanel


class SpacePanel(QScrollArea):
    """Both of them, one above the other."""

    def __init__(
        self, embedding: EmbeddingPanel, projection: ProjectionPanel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(14)
        layout.addWidget(embedding)
        layout.addWidget(_line())
        layout.addWidget(projection)
        layout.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its controls take the keys
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar = self.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(inside.minimumSizeHint().width() + bar)


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("separator", True)
    line.setFixedHeight(1)
    return line
