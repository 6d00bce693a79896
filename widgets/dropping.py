"""What was dropped or pasted: paths of files and folders, or text."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from app.project import SUFFIX


def paths_of(mime: QMimeData) -> tuple[Path, ...]:
    """Local files and folders in a drop or on the clipboard, in their order."""
    return tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())


def accepts(mime: QMimeData) -> bool:
    """Whether there is anything in it that could be opened."""
    return bool(paths_of(mime)) or mime.hasText()


def is_project(path: Path) -> bool:
    """Whether a path is a project's folder, or the file inside it."""
    return path.suffix == SUFFIX or path.parent.suffix == SUFFIX


def project_folder(path: Path) -> Path:
    """The project's folder, whichever of the two was named."""
    return path if path.suffix == SUFFIX else path.parent
