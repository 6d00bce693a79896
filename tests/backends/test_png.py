"""PNG files written in parts, read back by Qt."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from backends.png import PngWriter


def write(pixels: np.ndarray, parts: list[int], **more: object) -> bytes:
    """A file of these pixels, written so many lines at a time."""
    file = io.BytesIO()
    height, width, channels = pixels.shape
    writer = PngWriter(file, width, height, channels=channels, **more)  # type: ignore[arg-type]
    top = 0
    while top < height:
        lines = parts[top % len(parts)]
        writer.write(pixels[top : top + lines])
        top += lines
    writer.close()
    return file.getvalue()


def read(data: bytes, channels: int) -> np.ndarray:
    kind = QImage.Format.Format_RGB888 if channels == 3 else QImage.Format.Format_RGBA8888
    image = QImage.fromData(data).convertToFormat(kind)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = flat[:, : image.width() * channels].copy()  # the image goes
    return pixels.reshape(image.height(), image.width(), channels)


@given(
    st.integers(1, 9),
    st.integers(1, 20),
    st.sampled_from([3, 4]),
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.integers(0, 99),
)
def test_parts_make_the_whole(
    width: int, height: int, channels: int, parts: list[int], seed: int
) -> None:
    shape = (height, width, channels)
    pixels = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(read(write(pixels, parts), channels), pixels)


def test_many_chunks_make_the_whole() -> None:
    """Noise does not shrink: more than one chunk of pixels is written."""
    pixels = np.random.default_rng(0).integers(0, 256, (900, 800, 3)).astype(np.uint8)
    data = write(pixels, [100])
    assert data.count(b"IDAT") >= 2
    assert np.array_equal(read(data, 3), pixels)


def test_resolution_and_texts_are_in_the_file() -> None:
    texts = {"Title": "Wörter — 語", "Software": "Embedscope"}
    data = write(np.zeros((2, 2, 3), np.uint8), [2], dpi=300, texts=texts)
    at = data.index(b"pHYs")
    assert struct.unpack(">IIB", data[at + 4 : at + 13]) == (11811, 11811, 1)
    image = QImage.fromData(data)
    assert {key: image.text(key) for key in image.textKeys()} == texts


def test_lines_of_another_shape_or_number_are_refused() -> None:
    writer = PngWriter(io.BytesIO(), 4, 2)
    with pytest.raises(ValueError, match="not 4 pixels"):
        writer.write(np.zeros((1, 3, 4), np.uint8))
    with pytest.raises(ValueError, match="2 are left"):
        writer.write(np.zeros((3, 4, 4), np.uint8))
    with pytest.raises(ValueError, match="missing"):
        writer.close()
