"""Where computed things are kept between runs: folders named by fingerprint.

Those that were used longest ago are dropped first. Another process may add and drop entries at any
moment, so whatever is listed here can be gone before it is looked at.

Every entry can be made again, so losing it costs time and nothing else; a pasted text is the
exception, and stays.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

DEFAULT_LIMIT_BYTES = 20 << 30
KINDS = ("corpora", "embeddings", "sweeps", "layers")
PASTED = "pasted"  # how the file of a pasted text begins
SPARE_SECONDS = 86_400.0


def cache_root() -> Path:
    """The cache's folder: `EMBEDSCOPE_CACHE` if that is set, else the platform's own place."""
    chosen = os.environ.get("EMBEDSCOPE_CACHE")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("embedscope", appauthor=False)


def entry(kind: str, name: str) -> Path:
    """Folder of one entry (it may not exist yet); looking at it marks it as used.

    `kind` is one of `KINDS`, `name` a fingerprint.
    """
    path = cache_root() / kind / name
    if path.is_dir():
        with suppress(OSError):  # a cache that can only be read serves as well
            os.utime(path)
    return path


def is_kept(path: Path) -> bool:
    """Whether a file or folder belongs to the cache: its own folder, or what lies in an entry."""
    root = cache_root().absolute()
    path = path.absolute()
    return path == root or any(path.is_relative_to(root / kind) for kind in KINDS)


def trim(
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
    keep: frozenset[str] = frozenset(),
    spare_seconds: float = SPARE_SECONDS,
) -> int:
    """Drop the entries that were used longest ago until the rest fits; return the bytes freed.

    Entries whose name is in `keep` stay, those used within `spare_seconds` (another window may be
    at work on them), and pasted texts, which cannot be made again.
    """
    entries = []
    for kind in KINDS:
        folder = cache_root() / kind
        for path in folder.iterdir() if folder.is_dir() else ():
            with suppress(OSError):
                entries.append((_last_use(path), size_bytes(path), path))
    total = sum(size for _, size, _ in entries)
    freed = 0
    now = time.time()
    for used, size, path in sorted(entries):
        if total - freed <= limit_bytes or now - used < spare_seconds:
            break
        if path.name not in keep and not any(path.glob(f"{PASTED}*")):
            shutil.rmtree(path, ignore_errors=True)
            freed += size if not path.exists() else size - size_bytes(path)
    return freed


def _last_use(folder: Path) -> float:
    """When an entry was looked at or written to; writing to a file leaves the folder's time."""
    times = [folder.stat().st_mtime]
    for file in folder.iterdir():
        with suppress(OSError):
            times.append(file.stat().st_mtime)
    return max(times)


def size_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    total = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            if file.is_file():
                total += file.stat().st_size
    return total
