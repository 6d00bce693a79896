"""The question about unsaved changes, and where a project is saved to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.jobs import Job
from app.project import SUFFIX
from app.session import Session

Button = QMessageBox.StandardButton


def ask_unsaved(parent: QWidget, session: Session, then: Callable[[], object]) -> None:
    """Go on with `then` if nothing is unsaved, else after the person has answered."""
    if not session.dirty:
        then()
        return
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Unsaved changes")
    box.setTextFormat(Qt.TextFormat.PlainText)  # a project may be called <b>
    box.setText(f"Save the changes to “{session.title}” before it is closed?")
    box.setStandardButtons(Button.Save | Button.Discard | Button.Cancel)
    box.setDefaultButton(Button.Save)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def answered(answer: int) -> None:
        if answer == Button.Discard:
            then()
        elif answer == Button.Save:
            job = save_project(parent, session)
            if job is not None:
                job.done.connect(lambda _result: then())

    box.finished.connect(answered)
    box.open()


def save_project(parent: QWidget, session: Session, *, as_new: bool = False) -> Job | None:
    """Save where it was saved before, or ask where; None if the person does not say."""
    path = None if as_new else session.path
    if path is None:
        suggestion = str(Path.home() / f"{session.title or 'project'}{SUFFIX}")
        chosen, _kind = QFileDialog.getSaveFileName(
            parent, "Save project", suggestion, f"Embedscope project (*{SUFFIX})"
        )
        if not chosen:
            return None
        path = Path(chosen)
        if path.suffix != SUFFIX:
            path = path.with_name(path.name + SUFFIX)
    return session.save(path)


def ask_overwrite(parent: QWidget, session: Session, path: Path) -> None:
    """Ask whether to write over a project that somebody else has changed since it was opened."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("The project has changed")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"{path.name} was changed by somebody else since it was opened here.")
    box.setInformativeText("Writing over it loses their changes; another name keeps both.")
    over = box.addButton("Write over it", QMessageBox.ButtonRole.DestructiveRole)
    other = box.addButton("Another name…", QMessageBox.ButtonRole.AcceptRole)
    box.addButton(Button.Cancel)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    over.clicked.connect(lambda: session.save(path, overwrite=True))
    other.clicked.connect(lambda: save_project(parent, session, as_new=True))
    box.open()
