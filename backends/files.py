"""Writing so that a file is the old one or the new one, and saying plainly why it failed.

Nothing here maps a file that a person can reach: truncating a mapped file kills the process.
"""

from __future__ import annotations

import errno
import itertools
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from backends.cache import is_kept
from backends.errors import UnwritableFile

_drafts = itertools.count()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a draft path to write to; it takes the place of `path` when the block ends well.

    After a crash, a full disk or an exception the old file is still there and the draft is gone.

    Raises: UnwritableFile.
    """
    target = path.resolve()  # a link stays a link
    draft = _draft_of(target)
    with naming_failure(path):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield draft
            _sync(draft)
            draft.replace(target)
            _sync_folder(target.parent)
        finally:
            with suppress(OSError):
                draft.unlink()


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """The same for a folder of files: written beside `path`, then put in its place.

    Between the two renames there is no `path` for a moment; after a power cut just then the old
    folder lies beside it under a hidden name that ends with `.old`.

    Raises: UnwritableFile.
    """
    draft = _draft_of(path)
    old = draft.with_suffix(".old")
    with naming_failure(path):
        try:
            draft.mkdir(parents=True)
            yield draft
            for file in draft.rglob("*"):
                if file.is_file():
                    _sync(file)
            if path.is_dir():
                path.replace(old)
            try:
                draft.replace(path)
            except OSError:
                if old.exists():
                    old.replace(path)
                raise
            _sync_folder(path.parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            if path.exists():  # else the old one is all there is
                shutil.rmtree(old, ignore_errors=True)


@contextmanager
def replacing_together(paths: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    """The same for files that belong together: all of them appear, or none and the old ones stay.

    Raises: UnwritableFile.
    """
    drafts = tuple(_draft_of(path) for path in paths)
    with naming_failure(paths[0]):
        try:
            for path in paths:
                path.parent.mkdir(parents=True, exist_ok=True)
            yield drafts
            for draft in drafts:
                _sync(draft)
            _put_in_place(drafts, paths)
        finally:
            for draft in drafts:
                with suppress(OSError):
                    draft.unlink()


def _put_in_place(drafts: Sequence[Path], paths: Sequence[Path]) -> None:
    kept: list[tuple[Path, Path]] = []
    placed: list[Path] = []
    try:
        for draft, path in zip(drafts, paths, strict=True):
            if path.is_file():
                old = draft.with_suffix(".old")
                path.replace(old)
                kept.append((old, path))
            draft.replace(path)
            placed.append(path)
    except OSError:
        for path in placed:
            path.unlink()
        for old, path in kept:
            old.replace(path)
        raise
    for old, _ in kept:
        with suppress(OSError):
            old.unlink()


@contextmanager
def naming_failure(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into one sentence about `path`.

    Raises: UnwritableFile.
    """
    try:
        yield
    except OSError as error:
        raise UnwritableFile(
            f"Could not write {path}: {_reason(error)}.", hint=_hint(error, path)
        ) from error


def _draft_of(path: Path) -> Path:
    """A hidden name beside `path` that no other window, machine or run has."""
    start = path.name.encode()[:100].decode(errors="ignore")  # the name may be as long as allowed
    return path.with_name(f".{start}.{os.getpid()}.{next(_drafts)}.{secrets.token_hex(4)}.tmp")


def _sync(path: Path) -> None:
    with path.open("r+b") as file:  # Windows flushes only what it could write
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    """Make a rename last through a power cut, where the platform can."""
    with suppress(OSError):
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _reason(error: OSError) -> str:
    reasons = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "your quota on this disk is used up",
        errno.EACCES: "permission denied",
        errno.EPERM: "permission denied",
        errno.EROFS: "the disk is read-only",
        errno.ENOTDIR: "its parent is a file, not a folder",
        errno.EEXIST: "its parent is a file, not a folder",
        errno.EISDIR: "there is a folder of that name",
        errno.ENAMETOOLONG: "the name is too long",
    }
    return reasons.get(error.errno or 0, error.strerror or str(error))


def _hint(error: OSError, path: Path) -> str:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    if is_kept(path):  # nobody chose this folder in a dialog
        other = "set EMBEDSCOPE_CACHE to a folder on another disk"
        return f"Free some space, or {other}." if full else f"S{other[1:]}."
    if full:
        return "Free some space or choose another disk; nothing was changed."
    return "Choose another folder; nothing was changed."
