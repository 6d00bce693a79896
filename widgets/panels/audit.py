"""The page “Report”: what a report would hold, and a button that writes it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.audit import AuditModel
from backends.export import TargetExists
from widgets.bind import PLAIN, named, quiet
from widgets.empty_state import EmptyState
from widgets.parts import text

ABOUT = (
    "One page (HTML) with sizes, numbers, charts, doubts and versions, that can be attached to a "
    "model card, and the same as a table (CSV) beside it."
)
ID = Qt.ItemDataRole.UserRole


class AuditPage(QWidget):
    """Shows an `AuditModel`."""

    def __init__(self, model: AuditModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._asked = Path()
        self.chapters = named(
            QListWidget(), "Chapters", "What goes into the report; untick what should not"
        )
        self.save = named(QPushButton("Save report…"), "Save report", "Write the report to files")
        self.empty = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.chapters)
        foot = QHBoxLayout()
        foot.addWidget(text(ABOUT, muted=True, wrap=True), 1)
        foot.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.addWidget(self._stack, 1)
        layout.addLayout(foot)
        model.changed.connect(self.show_chapters)
        model.target_exists.connect(self._on_target_exists)
        self.chapters.itemChanged.connect(self._on_item_changed)
        self.save.clicked.connect(self._on_save_clicked)
        self.show_chapters()

    def show_chapters(self) -> None:
        """Show what could be written now, or why nothing can."""
        problem, chapters = self._model.problem, self._model.chapters
        with quiet(self.chapters):
            self.chapters.clear()
            for one in chapters:
                item = QListWidgetItem(f"{one.title}: {one.about}")
                item.setData(ID, one.id)
                wanted = one.id not in self._model.left_out
                item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
                self.chapters.addItem(item)
        if problem is not None:
            self.empty.show_problem(problem)
        self._stack.setCurrentWidget(self.chapters if chapters else self.empty)
        self.save.setEnabled(problem is None)
        self.save.setToolTip(
            "Write the report as HTML and CSV"
            if problem is None
            else f"{problem.text} {problem.hint}"
        )

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        self._model.take(item.data(ID), wanted=item.checkState() == Qt.CheckState.Checked)

    def _on_save_clicked(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self,
            "Save report",
            "audit.html",
            "Report (*.html)",
            options=QFileDialog.Option.DontConfirmOverwrite,  # asked here, for both files at once
        )
        if path:
            self._asked = Path(path)
            self._model.save(self._asked)

    def _on_target_exists(self, error: TargetExists) -> None:
        them = "it" if len(error.paths) == 1 else "both"
        box = QMessageBox(
            QMessageBox.Icon.Question,
            "Save report",
            f"{error.what} Replace {them}?",
            QMessageBox.StandardButton.Save | QMessageBox.StandardButton.Cancel,
            self,
        )
        box.setTextFormat(PLAIN)
        box.setInformativeText("A report is a page and a table of the same name.")
        replace = box.button(QMessageBox.StandardButton.Save)
        replace.setText("Replace")
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.accepted.connect(lambda: self._model.save(self._asked, agreed=error.paths))
        box.open()
