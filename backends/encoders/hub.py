"""Models that lie in the local hub cache. Its folders are read by hand; nothing is ever fetched."""

from __future__ import annotations

import os
from pathlib import Path

ORGANISATION = "sentence-transformers"  # where names without an organisation come from


def hub_folder() -> Path:
    """Where the hub's library keeps downloads, by the variables that it reads itself."""
    if chosen := os.environ.get("HF_HUB_CACHE"):
        return Path(chosen).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return cache / "huggingface" / "hub"


def find_snapshot(name: str) -> Path | None:
    """Folder of a cached model by its name ("org/model" or "model"), or None."""
    full = name if "/" in name else f"{ORGANISATION}/{name}"
    if full.count("/") != 1 or ".." in full or not name:
        return None
    return _snapshot(hub_folder() / ("models--" + full.replace("/", "--")))


def cached_models() -> dict[str, Path]:
    """Name and folder of every sentence-transformers model in the cache, in alphabetical order."""
    try:
        folders = sorted(hub_folder().glob("models--*--*"))
    except OSError:
        return {}
    found = {folder.name[len("models--") :].replace("--", "/", 1): folder for folder in folders}
    snapshots = {name: _snapshot(folder) for name, folder in found.items()}
    return {
        name: path
        for name, path in snapshots.items()
        if path is not None and (path / "modules.json").is_file()
    }


def _snapshot(folder: Path) -> Path | None:
    """The snapshot that "main" names, else the newest."""
    try:
        commit = (folder / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        commit = ""
    named = folder / "snapshots" / commit
    if commit and named.is_dir():
        return named
    every = [path for path in folder.glob("snapshots/*") if path.is_dir()]
    return max(every, key=lambda path: path.stat().st_mtime, default=None)
