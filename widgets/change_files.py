"""The button with the test sets of words that a change of vectors is judged by."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from app.panels.change_files import ChangeFilesModel
from backends.wording import counted
from widgets.bind import named

SHOWN = 20  # letters of titles on the button
KINDS = "Test sets (*.txt *.tsv *.csv *.tab *.questions);;All files (*)"
TIP = "Similarity judgements and analogies to judge both states by; files can be dropped here"


class ChangeFilesButton(QPushButton):
    """Says which test sets are chosen; its menu adds more and takes them away."""

    def __init__(self, model: ChangeFilesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        named(self, "Word files", TIP)
        self.choices = QMenu(self)
        self.choices.setToolTipsVisible(True)
        self.setMenu(self.choices)
        model.changed.connect(self.show_files)
        self.show_files()

    def show_files(self) -> None:
        """Show which are chosen, and which are offered."""
        chosen, offered = self._model.chosen, self._model.offered
        titles = [one.path.stem for one in chosen]
        words = ", ".join(titles) or "None"
        shown = words if len(words) <= SHOWN else counted(len(chosen), "file", "files")
        self.setText(shown.replace("&", "&&"))
        self.setToolTip("\n".join((TIP, *titles)))
        self.choices.clear()
        self.choices.addAction("Add files…", self._on_add)
        if offered:
            names = f"Take {len(offered)} of “Word checks”"
            take = self.choices.addAction(names, self._model.take_offered)
            take.setToolTip(", ".join(one.path.name for one in offered))
        if not chosen:
            return
        self.choices.addSeparator()
        for one in chosen:
            name = one.path.name.replace("&", "&&")
            action = self.choices.addAction(f"Leave out {name}")
            action.setToolTip(str(one.path))
            action.triggered.connect(lambda _on=False, path=one.path: self._model.remove(path))
        if len(chosen) > 1:
            self.choices.addAction("Leave out all", self._model.clear)

    def _on_add(self) -> None:
        names, _kind = QFileDialog.getOpenFileNames(self, "Add test sets", "", KINDS)
        self._model.add(Path(name) for name in names)
