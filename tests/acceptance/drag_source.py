"""A window full of one thing to drag: pressed and moved, it starts a drop of the files named.

Usage: python drag_source.py FILE ...
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """Starts a drag as soon as it is pressed and moved."""

    def __init__(self, files: list[str]) -> None:
        super().__init__("drag me")
        self._files = files
        self.setWindowTitle("drag source")
        self.setWindowFlags(Qt.WindowType.FramelessWindowHint)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Start the drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            mime = QMimeData()
            mime.setUrls([QUrl.fromLocalFile(file) for file in self._files])
            drag = QDrag(self)
            drag.setMimeData(mime)
            dropped = drag.exec(Qt.DropAction.CopyAction)
            print("dropped" if dropped == Qt.DropAction.CopyAction else "refused", flush=True)


application = QApplication(sys.argv[:1])
source = Source(sys.argv[1:])
source.setGeometry(1300, 0, 100, 60)
source.show()
print("ready", flush=True)
sys.exit(application.exec())
