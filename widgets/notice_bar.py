"""Notices above the map: one at a time, the worst first; good news goes away by itself."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.notices import Notice, Notices
from widgets.bind import named

INFO_MS = 9000
KEPT = 50


class NoticeBar(QFrame):
    """Shows the newest notice; errors and warnings stay until they are closed."""

    def __init__(self, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeBar")
        self._waiting: deque[Notice] = deque(maxlen=KEPT)
        self._shown: Notice | None = None
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=INFO_MS)
        self._timer.timeout.connect(self.show_next)
        notices.posted.connect(self._on_posted)
        self.hide()

    @property
    def shown(self) -> Notice | None:
        """The notice that is on the screen."""
        return self._shown

    def show_notice(self, notice: Notice) -> None:
        """Put one notice on the screen."""
        self._shown = notice
        self._text.setText(notice.text)
        self._hint.setText(notice.hint)
        self._hint.setVisible(bool(notice.hint))
        self._details.setVisible(bool(notice.detail))
        self._more.setText(f"{len(self._waiting)} more" if self._waiting else "")
        self.setProperty("level", notice.level)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(f"{notice.level}: {notice.text} {notice.hint}")
        self.show()
        if notice.level == "info":
            self._timer.start()
        else:
            self._timer.stop()

    def show_next(self) -> None:
        """Close the notice and show the next one that waits."""
        self._timer.stop()
        self._shown = None
        if self._waiting:
            self.show_notice(self._waiting.popleft())
        else:
            self.hide()

    def forget_news(self) -> None:
        """Drop what was good to know about the items before; errors and warnings stay."""
        kept = [notice for notice in self._waiting if notice.level != "info"]
        self._waiting = deque(kept, maxlen=KEPT)
        if self._shown is not None and self._shown.level == "info":
            self.show_next()
        elif self._shown is not None:
            self._more.setText(f"{len(self._waiting)} more" if self._waiting else "")

    def _build(self) -> None:
        # A file may be called <b>: names are never read as markup.
        plain, selectable = Qt.TextFormat.PlainText, Qt.TextInteractionFlag.TextSelectableByMouse
        self._text = QLabel(wordWrap=True, textFormat=plain, textInteractionFlags=selectable)
        self._text.setObjectName("noticeText")
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._hint = QLabel(wordWrap=True, textFormat=plain, textInteractionFlags=selectable)
        self._hint.setObjectName("noticeHint")
        self._hint.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._more = QLabel()
        self._details = named(QToolButton(), "Details of this notice")
        self._details.setText("Details…")
        self._details.setToolTip("Show the traceback, to read or copy")
        self._details.clicked.connect(self._on_details_clicked)
        close = named(QToolButton(), "Close this notice")
        close.setText("✕")
        close.setAutoRaise(True)
        close.setToolTip("Close this notice")
        close.clicked.connect(self.show_next)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.setSpacing(12)
        layout.addWidget(self._text, 3)
        layout.addWidget(self._hint, 2)
        layout.addWidget(self._more)
        layout.addWidget(self._details)
        layout.addWidget(close)

    def _on_posted(self, notice: Notice) -> None:
        if self._shown is None:
            self.show_notice(notice)
        elif notice.level == "error" and self._shown.level != "error":
            self._waiting.appendleft(self._shown)
            self.show_notice(notice)
        else:
            self._waiting.append(notice)
            self._more.setText(f"{len(self._waiting)} more")

    def _on_details_clicked(self) -> None:
        if self._shown is None:
            return
        box = QMessageBox(self)
        box.setWindowTitle("Details")
        box.setText(self._shown.text)
        box.setDetailedText(self._shown.detail)
        copy = box.addButton("Copy", QMessageBox.ButtonRole.ActionRole)
        box.addButton(QMessageBox.StandardButton.Close)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(box.detailedText()))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
