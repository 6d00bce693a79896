"""Pictures as PNG files, written line by line without a library: no size is too large for memory.

The map of `run` needs no Qt, and a poster of 30,000 x 30,000 pixels is never in memory as a whole.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
SIGNATURE = b"\x89PNG\r\n\x1a\n"
KINDS = {3: 2, 4: 6}  # channels -> colour type
INCH = 0.0254  # metres
PART = 1 << 20  # bytes of a chunk of pixels, at least


def write_png(path: Path, pixels: Pixels) -> None:
    """Write (h, w, 4) RGBA, not premultiplied, top row first.

    Raises: OSError, ValueError.
    """
    if pixels.shape[2:] != (4,) or pixels.dtype != np.uint8:
        raise ValueError(f"not RGBA bytes: {pixels.shape} {pixels.dtype}")
    with path.open("wb") as file:
        writer = PngWriter(file, pixels.shape[1], pixels.shape[0])
        writer.write(pixels)
        writer.close()


class PngWriter:
    """Writes one picture, some lines at a time, from the top.

    Raises: OSError.
    Reference: PNG Specification, third edition, W3C 2025.
    """

    def __init__(
        self,
        file: BinaryIO,
        width: int,
        height: int,
        *,
        channels: int = 4,
        dpi: float | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        self._file = file
        self._shape = (width, channels)
        self._left = height  # lines still to come
        self._above = np.zeros(width * channels, np.uint8)  # the line before
        self._squeeze = zlib.compressobj(6)
        self._squeezed = bytearray()
        file.write(SIGNATURE)
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, KINDS[channels], 0, 0, 0))
        if dpi is not None:
            per_metre = round(dpi / INCH)
            self._chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))
        for key, text in (texts or {}).items():  # UTF-8, of no language, not compressed
            self._chunk(b"iTXt", key.encode("latin-1") + bytes(5) + text.encode())

    def write(self, pixels: Pixels) -> None:
        """Write the next lines, (lines, width, channels): red, green, blue and perhaps opacity.

        Raises: ValueError if they are of another shape or type, or too many.
        """
        width, channels = self._shape
        if pixels.shape[1:] != (width, channels) or pixels.dtype != np.uint8:
            raise ValueError(f"not {width} pixels of {channels} bytes: {pixels.shape}")
        lines = len(pixels)
        if not lines or lines > self._left:
            raise ValueError(f"{lines} lines, but {self._left} are left")
        flat = pixels.reshape(lines, width * channels)
        packed = np.empty((lines, 1 + width * channels), np.uint8)
        packed[:, 0] = 2  # each line as its difference from the one above: large even grounds
        packed[0, 1:] = flat[0] - self._above
        np.subtract(flat[1:], flat[:-1], out=packed[1:, 1:])
        self._above = flat[-1].copy()
        self._left -= lines
        self._squeezed += self._squeeze.compress(packed.data)
        if len(self._squeezed) >= PART:
            self._put()

    def close(self) -> None:
        """Write what is left; the file itself stays open.

        Raises: ValueError if lines are missing.
        """
        if self._left:
            raise ValueError(f"{self._left} lines are missing")
        self._squeezed += self._squeeze.flush()
        self._put()
        self._chunk(b"IEND", b"")

    def _put(self) -> None:
        self._chunk(b"IDAT", bytes(self._squeezed))
        self._squeezed.clear()

    def _chunk(self, name: bytes, data: bytes) -> None:
        check = zlib.crc32(name + data)
        self._file.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", check))
