"""What `--out` names: it is never overwritten without `--force`, and known to be writable early."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

from backends.arrays import Matrix
from backends.errors import UnwritableFile
from backends.files import naming_failure, replacing


def check_file(path: Path, sources: Iterable[Path], *, force: bool) -> Path:
    """Return the path if a file may be written there, before any work is done.

    Raises: UnwritableFile.
    """
    path = path.absolute()
    _check_sources(path, sources)
    if path.is_dir():
        raise UnwritableFile(f"{path} is a folder.", hint="Name a file with --out.")
    if path.exists() and not force:
        raise UnwritableFile(f"{path} exists already.", hint="Add --force to replace it.")
    _check_writable(path)
    return path


def check_folder(path: Path, own: Collection[str], sources: Iterable[Path], *, force: bool) -> Path:
    """The same for a folder, which is replaced only if it holds nothing but files named `own`.

    Raises: UnwritableFile.
    """
    path = path.resolve()  # the folder itself is moved, not a link to it
    _check_sources(path, sources)
    if path.exists() and not path.is_dir():
        raise UnwritableFile(f"{path} is a file.", hint="Name a folder with --out.")
    names = sorted(file.name for file in path.iterdir()) if path.exists() else []
    strangers = [name for name in names if name not in own]
    if strangers:
        raise UnwritableFile(
            f"{path} holds files of other origin, such as {strangers[0]}.",
            hint="Name a new folder with --out; this one would be replaced as a whole.",
        )
    if names and not force:
        raise UnwritableFile(f"{path} exists already.", hint="Add --force to replace it.")
    _check_writable(path)
    return path


def save_matrix(path: Path, matrix: Matrix) -> None:
    """Write (n, d) as .npy, whole or not at all.

    Raises: UnwritableFile.
    """
    from backends.export import write_vectors

    with replacing(path) as draft, draft.open("wb") as file:
        write_vectors(file, matrix, np.arange(len(matrix), dtype=np.int64))


def _check_sources(path: Path, sources: Iterable[Path]) -> None:
    """Never replace what is read."""
    for source in sources:
        if source.exists() and path.resolve() in (source.resolve(), *source.resolve().parents):
            raise UnwritableFile(
                f"{path} is or holds what is read.", hint="Choose another name with --out."
            )


def _check_writable(path: Path) -> None:
    """Make the parent folder and try it.

    Raises: UnwritableFile.
    """
    with naming_failure(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
