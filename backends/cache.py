"""Where computed things are kept between runs: folders named by fingerprint.

Those that were used longest ago are dropped first.

Every entry can be made again, so losing the cache costs time and nothing else.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

DEFAULT_LIMIT_BYTES = 20 << 30
KINDS = ("corpora", "embeddings", "projections")


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
        os.utime(path)
    return path


def trim(limit_bytes: int = DEFAULT_LIMIT_BYTES, keep: frozenset[str] = frozenset()) -> int:
    """Drop the entries that were used longest ago until the rest fits; return the bytes freed.

    Entries whose name is in `keep` are in use and stay.
    """
    entries = []
    for kind in KINDS:
        folder = cache_root() / kind
        if folder.is_dir():
            entries += [(path.stat().st_mtime, size_bytes(path), path) for path in folder.iterdir()]
    total = sum(size for _, size, _ in entries)
    freed = 0
    for _, size, path in sorted(entries):
        if total - freed <= limit_bytes:
            break
        if path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
            freed += size
    return freed


def size_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
