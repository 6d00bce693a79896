"""Whether the files that a corpus was read from are still what they were."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backends import fingerprint

HASHED_BYTES = 64 << 20  # up to this size a file that was only touched is told from a changed one


@dataclass(frozen=True, slots=True)
class SourceStamp:
    """A file or folder as it was at one moment."""

    path: Path
    size_bytes: int
    modified_ns: int
    content: str = ""  # fingerprint, "" where the file is large or a folder


def stamps_of(paths: Iterable[Path]) -> tuple[SourceStamp, ...]:
    """Look at files without reading them; what is not there (pasted text) has no stamp."""
    stamps = []
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            continue
        size = 0 if path.is_dir() else found.st_size
        stamps.append(SourceStamp(path.absolute(), size, found.st_mtime_ns))
    return tuple(stamps)


def with_content(stamp: SourceStamp) -> SourceStamp:
    """Add the fingerprint of a small file that is still as it was; reads it."""
    if stamp.content or stamp.size_bytes > HASHED_BYTES or stamps_of([stamp.path]) != (stamp,):
        return stamp
    try:
        return replace(stamp, content=fingerprint.of_file(stamp.path))
    except OSError:  # a folder, or gone just now
        return stamp


def has_changed(stamp: SourceStamp) -> bool:
    """Whether a file is there and is another one; a file that is gone has not changed."""
    now = stamps_of([stamp.path])
    if not now or (now[0].size_bytes, now[0].modified_ns) == (stamp.size_bytes, stamp.modified_ns):
        return False
    if not stamp.content or now[0].size_bytes != stamp.size_bytes:
        return True
    return with_content(now[0]).content != stamp.content


def as_json(stamp: SourceStamp, folder: Path) -> dict[str, Any]:
    """Plain data; the path is kept as it is and as it is seen from the project."""
    stamp = with_content(stamp)
    try:
        seen = Path(os.path.relpath(stamp.path, folder.absolute())).as_posix()
    except ValueError:  # another drive
        seen = ""
    return {
        "path": seen,
        "absolute": str(stamp.path),
        "size_bytes": stamp.size_bytes,
        "modified_ns": stamp.modified_ns,
        "content": stamp.content,
    }


def from_json(value: dict[str, Any], folder: Path) -> SourceStamp:
    """Find the file beside the project first: both may have been moved together.

    Raises: KeyError, TypeError, ValueError.
    """
    path = Path(str(value["absolute"]))
    if value["path"]:
        beside = Path(os.path.normpath(folder.absolute() / str(value["path"])))
        if beside.exists():
            path = beside
    size, modified = int(value["size_bytes"]), int(value["modified_ns"])
    return SourceStamp(path, size, modified, str(value["content"]))
