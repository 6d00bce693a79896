"""The codec that is looked at, beside the charts: what it is, lost and gained, who pays.

Imports pyqtgraph by way of its small charts: load it when the panel is first looked at.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.compression_detail import CompressionDetail
from backends.compression.results import Cell
from widgets.bind import named
from widgets.compression_advice import ElsewhereTab
from widgets.compression_codec import CodecTab
from widgets.compression_lists import ListsTab
from widgets.compression_pays import PaysTab
from widgets.icons import set_icon
from widgets.parts import ElidedLabel

LEAST_WIDTH = 340


class DetailPane(QWidget):
    """Shows a CompressionDetail while a codec is looked at."""

    row_activated = Signal(object)  # corpus row to go to

    def __init__(self, model: CompressionDetail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.codec, self.lists, self.pays = CodecTab(model), ListsTab(model), PaysTab(model)
        self.elsewhere = ElsewhereTab(model)
        self.tabs = named(QTabWidget(), "The codec that is looked at")
        self.tabs.setDocumentMode(True)
        for part, title in (
            (self.codec, "Codec"),
            (self.lists, "Lost and gained"),
            (self.pays, "Who pays"),
            (self.elsewhere, "Elsewhere"),
        ):
            self.tabs.addTab(_scrolled(part), title)
        self.tabs.setTabToolTip(3, "What to write into faiss, Qdrant, Milvus and pgvector")
        self._title = ElidedLabel(heading=True)
        close = named(QToolButton(), "Close", "Look at no codec any more")
        set_icon(close, "close", 14)
        above = QHBoxLayout()
        above.setContentsMargins(10, 4, 4, 0)
        above.addWidget(self._title, 1)
        above.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(above)
        layout.addWidget(self.tabs, 1)
        self.setMinimumWidth(LEAST_WIDTH)
        close.clicked.connect(lambda: model.model.choose(None))
        for tab in (self.lists, self.pays):
            tab.row_activated.connect(model.visit)
            tab.row_activated.connect(self.row_activated)
        model.model.cell_changed.connect(self.show_cell)
        self.show_cell(model.cell)

    def show_cell(self, cell: Cell | None) -> None:
        """Show the pane while there is a codec to look at."""
        self.setVisible(cell is not None)
        if cell is not None:
            self._title.setText(f"{cell.title} · {cell.bytes_per_vector:,.4g} bytes")


def _scrolled(part: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(part)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
