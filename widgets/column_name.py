"""Asking for another name of a computed column."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QLineEdit, QWidget

from app.panels.columns import ColumnsModel
from widgets.bind import named

WIDTH_PX = 320


def ask_column_name(parent: QWidget, columns: ColumnsModel, column: str) -> QInputDialog:
    """Open a line with the name as it is; what is accepted becomes the new one."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Rename column")
    dialog.setLabelText("Name of the computed column")
    dialog.setTextValue(column)
    line = dialog.findChild(QLineEdit)
    if isinstance(line, QLineEdit):
        named(line, "Name of the computed column")
        line.setMinimumWidth(WIDTH_PX)  # of the dialog it would be ignored
        line.selectAll()
    dialog.textValueSelected.connect(lambda name: columns.rename(column, name))
    dialog.open()
    return dialog
