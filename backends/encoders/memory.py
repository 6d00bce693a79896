"""Small facts that took long to find out, kept as JSON in the cache: hashes of weights, paces."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from backends import fingerprint
from backends.cache import cache_root
from backends.errors import UnwritableFile
from backends.files import replacing

MOST_FACTS = 500
_lock = threading.Lock()


def recall(kind: str, key: str) -> Any:
    """The fact that was remembered under a key, or None."""
    with _lock:
        return _read(_file(kind)).get(key)


def remember(kind: str, key: str, fact: Any) -> None:
    """Keep a fact (plain JSON). A cache that cannot be written costs time later, nothing else."""
    with _lock:
        path = _file(kind)
        facts = _read(path)
        facts.pop(key, None)
        facts[key] = fact  # newest last
        kept = dict(list(facts.items())[-MOST_FACTS:])
        try:
            with replacing(path) as draft:
                draft.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        except UnwritableFile:
            return


def file_fingerprint(path: Path) -> str:
    """Fingerprint of a file's content, read again only when its size or time have changed.

    Raises: OSError.
    """
    facts = path.stat()
    key = f"{path.resolve()}|{facts.st_size}|{facts.st_mtime_ns}"
    known = recall("hashes", key)
    if isinstance(known, str):
        return known
    found = fingerprint.of_file(path)
    remember("hashes", key, found)
    return found


def _file(kind: str) -> Path:
    return cache_root() / "encoders" / f"{kind}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
