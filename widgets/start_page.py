"""What is seen while nothing is loaded: a place to drop things, and every other way in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from widgets.bind import named
from widgets.parts import text
from widgets.theme import current_theme

FORMATS = "csv · tsv · jsonl · json · parquet · arrow · xlsx · txt · md · folders of texts"
MOST_RECENT, RECENT_PAD = 5, 7
VECTOR_FORMATS = "npy · npz · safetensors · GloVe · word2vec · fastText"


class RecentButton(QPushButton):
    """A file that was opened before: its name, and its folder below, cut in the middle."""

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name, self._folder = Path(path).name, str(Path(path).parent)

    def sizeHint(self) -> QSize:
        """Two lines; the width is what there is."""
        return QSize(200, 2 * self.fontMetrics().height() + 2 * RECENT_PAD)

    def shown_texts(self) -> tuple[str, str]:
        """What of name and folder there is room for."""
        bold, room = QFontMetrics(self._bold()), self.width() - 2 * RECENT_PAD
        middle = Qt.TextElideMode.ElideMiddle
        return (
            bold.elidedText(self._name, middle, room),
            self.fontMetrics().elidedText(self._folder, middle, room),
        )

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button's ground, then both lines."""
        super().paintEvent(event)
        theme, area = current_theme(), self.rect().adjusted(RECENT_PAD, RECENT_PAD, -RECENT_PAD, 0)
        name, folder = self.shown_texts()
        left = Qt.AlignmentFlag.AlignLeft
        painter = QPainter(self)
        painter.setFont(self._bold())
        painter.setPen(QColor(theme.text))
        painter.drawText(area, left, name)
        painter.setFont(self.font())
        painter.setPen(QColor(theme.muted))
        painter.drawText(area.adjusted(0, self.fontMetrics().height(), 0, 0), left, folder)
        painter.end()


class StartPage(QWidget):
    """Says what to do first; the window takes the drop itself, anywhere."""

    recent_activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("startPage")
        # Hidden behind the map it must not keep the window from being made narrow.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._build()

    def add_way(
        self,
        words: str,
        tip: str,
        run: Callable[[], object],
        *,
        main: bool = False,
        enabled: bool = True,
    ) -> None:
        """Add a button."""
        button = named(QPushButton(words), words, tip=tip)
        button.setMinimumHeight(34)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        if main:
            button.setDefault(True)
        button.clicked.connect(run)
        button.setEnabled(enabled)
        self._ways.addWidget(button)

    def show_recent(self, paths: Sequence[str]) -> None:
        """List what was opened last."""
        while self._recent.count():
            item = self._recent.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        self._recent_title.setVisible(bool(paths))
        for path in paths[:MOST_RECENT]:
            button = named(RecentButton(path), f"Open {Path(path).name}", tip=path)
            button.clicked.connect(lambda _on=False, path=path: self.recent_activated.emit(path))
            self._recent.addWidget(button)

    def show_drop(self, on: bool) -> None:
        """Show that something is held over the window."""
        self._frame.setProperty("drop", on)
        self._frame.style().unpolish(self._frame)
        self._frame.style().polish(self._frame)

    def _build(self) -> None:
        title = QLabel("Drop a table, texts or vectors here")
        title.setObjectName("startTitle")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        lines = [
            QLabel("A file or a folder. It stays on this computer: nothing is uploaded."),
            QLabel(FORMATS),
            QLabel(VECTOR_FORMATS),
        ]
        for line in lines:
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            line.setWordWrap(True)
        for line in lines[1:]:
            line.setProperty("muted", True)
        self._ways = QHBoxLayout()
        self._ways.setSpacing(8)
        ways = QHBoxLayout()
        ways.addStretch()
        ways.addLayout(self._ways)
        ways.addStretch()
        self._recent_title = text("Opened before", muted=True)
        self._recent_title.hide()
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._frame = QFrame()
        self._frame.setObjectName("dropFrame")
        self._frame.setMaximumWidth(760)
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(32, 32, 32, 24)
        inside.setSpacing(8)
        inside.addWidget(title)
        for line in lines:
            inside.addWidget(line)
        inside.addSpacing(16)
        inside.addLayout(ways)
        inside.addSpacing(12)
        inside.addWidget(self._recent_title)
        inside.addLayout(self._recent)
        across = QHBoxLayout()
        across.addStretch()
        across.addWidget(self._frame, 8)
        across.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addStretch(2)
        layout.addLayout(across)
        layout.addStretch(3)
