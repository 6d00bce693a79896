"""Stable names for corpora, parameters and results: what the cache and a project store.

A fingerprint is 32 hexadecimal digits (BLAKE2b, 128 bit) of content, never of a path or a time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIGEST_BYTES = 16


def of_bytes(*parts: bytes | memoryview) -> str:
    """Fingerprint of a sequence of byte strings; where one ends and the next begins matters."""
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def of_json(value: Mapping[str, Any] | list[Any]) -> str:
    """Fingerprint of plain data; the order of keys does not matter, a tuple counts as a list.

    Raises: TypeError if a value is not str, int, float, bool, None, list or dict.
    """
    return of_bytes(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


def of_array(array: NDArray[Any]) -> str:
    """Fingerprint of an array's dtype, shape and content.

    Raises: TypeError for an array of Python objects: its memory holds addresses, not content.
    """
    if array.dtype.hasobject:
        raise TypeError("an array of objects has no content that could be named")
    head = f"{array.dtype.str}{array.shape}".encode()
    return of_bytes(head, np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)


def of_file(path: Path) -> str:
    """Fingerprint of a file's content, read in blocks of 4 MiB.

    Raises: OSError.
    """
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


def of_texts(texts: Iterable[str]) -> NDArray[np.uint64]:
    """128-bit hash of each text, (n, 2) uint64: what an embedding is looked up by."""
    digests = b"".join(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()
        for text in texts
    )
    return np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2)
