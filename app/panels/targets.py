"""Where a person wants a file: what was typed, as a path with the format's ending."""

from __future__ import annotations

import os
from pathlib import Path


def named_path(target: str, suffix: str) -> Path | None:
    """The file that is meant, ending with `.suffix`; None where only a folder is named."""
    target = target.strip().replace("\0", "")
    if not target or target.endswith(("/", os.sep)):
        return None
    path = Path(os.path.expanduser(target)).absolute()  # noqa: PTH111  Path raises for ~nobody
    if path.name in ("", "..") or path.suffix == f".{suffix}":
        return path if path.suffix else None
    return path.with_name(f"{path.name}.{suffix}")
