"""The safetensors format, read and never mapped: the library maps a file while it copies from it.

Eight bytes give the length of a JSON object; that has type, shape and place of each tensor.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from backends.errors import UnreadableFile
from backends.reporting import Report

LONGEST_HEAD_BYTES = 100_000_000  # the library's own limit
BLOCK_BYTES = 1 << 24
_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
    "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip


def read_tensors(path: Path, report: Report) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """The tensors by name, and the names of those whose type numpy does not know.

    Raises: UnreadableFile if it is damaged, OSError, Cancelled.
    """
    arrays: dict[str, NDArray[Any]] = {}
    strange: list[str] = []
    with path.open("rb") as file:
        size = path.stat().st_size
        start, entries = _head(path, file, size)
        for name, entry in entries.items():
            dtype, shape, begin = _entry(path, entry, size - start)
            if dtype is None:
                strange.append(name)
                continue
            file.seek(start + begin)
            arrays[name] = _array(path, file, dtype, shape, size, report)
    return arrays, strange


def _head(path: Path, file: BinaryIO, size: int) -> tuple[int, dict[str, Any]]:
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(LONGEST_HEAD_BYTES, size - 8):
        raise _damaged(path, "its first bytes promise more than there is")
    try:
        entries = json.loads(file.read(length))
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "its list of tensors cannot be read") from error
    if not isinstance(entries, dict):
        raise _damaged(path, "it has no list of tensors")
    entries.pop("__metadata__", None)
    return 8 + length, entries


def _entry(path: Path, entry: Any, room: int) -> tuple[np.dtype[Any] | None, tuple[int, ...], int]:
    try:
        kind, shape = entry["dtype"], tuple(entry["shape"])
        begin, end = entry["data_offsets"]
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, "its list of tensors is incomplete") from error
    numbers = (*shape, begin, end)
    if type(kind) is not str or not all(type(n) is int and n >= 0 for n in numbers):
        raise _damaged(path, "its list of tensors makes no sense")
    dtype = np.dtype(_TYPES[kind]) if kind in _TYPES else None
    if dtype is not None and math.prod(shape) * dtype.itemsize != end - begin:
        raise _damaged(path, "its list of tensors makes no sense")
    if end > room:
        raise _damaged(path, "it is cut off")
    return dtype, shape, begin


def _array(
    path: Path,
    file: BinaryIO,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    size: int,
    report: Report,
) -> NDArray[Any]:
    array = np.empty(math.prod(shape), dtype)
    view = array.view(np.uint8).data
    for start in range(0, len(view), BLOCK_BYTES):
        report.step(file.tell(), size, f"Reading {path.name}")
        part = view[start : start + BLOCK_BYTES]
        if file.readinto(part) < len(part):  # type: ignore[attr-defined]  # a buffered reader
            raise _damaged(path, "it was cut off while it was read")
    return array.reshape(shape)


def _damaged(path: Path, why: str) -> UnreadableFile:
    return UnreadableFile(f"{path.name} is damaged: {why}.", hint="Copy or download it again.")
