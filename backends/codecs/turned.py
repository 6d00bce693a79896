"""Coders of sign bits along chosen directions: one plane (ITQ) or several (residual sign)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows
from backends.codecs.base import BlockCoder, Codes, Params, Searcher
from backends.codecs.hamming import Bits, BitScan, sign_planes
from backends.codecs.source import Source
from backends.codecs.unit_scan import UnitScan

_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)  # (256, 8)
CORNERS = (_BITS.astype(np.int8) * 2 - 1).view(np.uint64)[:, 0]  # eight signs of each byte


def residual_scales(values: Matrix, planes: int) -> Matrix:
    """Mean |what is left| of each dimension after 0, 1, ... planes, for values (t, m): (planes, m).

    Of standard normal values the first t planes leave a mean square of .36338, .13045, .05839,
    .03290, .02263.
    """
    left = values.copy()
    scales = np.empty((planes, values.shape[1]), dtype=np.float32)
    for plane in range(planes):
        scales[plane] = np.abs(left).mean(axis=0, dtype=np.float64)
        left -= np.where(left > 0, scales[plane], -scales[plane])
    return scales


class TurnedSigns(BlockCoder):
    """Signs of (x - mean) @ axes, then signs of what they leave, t planes of m bits each.

    x is decoded as mean + axes @ (sum over planes of +-scale).
    """

    def __init__(self, params: Params, mean: Matrix, axes: Matrix, scales: Matrix) -> None:
        self.params: Params = params
        self.side: Mapping[str, NDArray[Any]] = {"mean": mean, "axes": axes, "scales": scales}

    @property
    def _bits(self) -> int:
        return int(self.side["axes"].shape[1])

    def turn(self, vectors: Matrix) -> Matrix:
        """Coordinates (b, m) of vectors (b, d) along the axes, from the mean."""
        turned: Matrix = (vectors - self.side["mean"]) @ self.side["axes"]
        return turned

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Turn, and write signs plane after plane."""
        from backends.codecs.bits_kernel import residual_bits

        scales = self.side["scales"]
        codes = np.empty((len(vectors), len(scales), -(-self._bits // 8)), dtype=np.uint8)
        residual_bits(self.turn(vectors), scales, codes)
        return {"codes": codes}

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Vectors (r, d) that the codes stand for."""
        from backends.codecs.bits_kernel import write_levels

        part = np.ascontiguousarray(codes.parts["codes"][rows])  # (r, t, bytes)
        levels = np.empty((len(part), 8 * part.shape[2]), dtype=np.float32)
        write_levels(part, CORNERS, self._padded(self.side["scales"]), levels)
        decoded: Matrix = levels[:, : self._bits] @ self.side["axes"].T + self.side["mean"]
        return decoded

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Compare by Hamming distance, or queries in full precision with decoded rows by cosine."""
        if self.params.get("scoring") == "hamming":
            return self._bit_scan(codes)
        return self._cosine_scan(codes)

    def _bit_scan(self, codes: Codes) -> Searcher:
        def planes(queries: Matrix) -> tuple[Bits, Matrix]:
            return sign_planes(self.turn(queries)), np.full(len(queries), self._bits, np.float32)

        return BitScan(codes.parts["codes"][:, 0], self._bits, planes)

    def _cosine_scan(self, codes: Codes) -> Searcher:
        """Stay among the axes: q . decoded = q . mean + (q @ axes) . levels, exactly."""
        from backends.codecs.bits_kernel import scale_to_cosine, write_levels

        mean, axes = self.side["mean"], self.side["axes"]
        scales = self._padded(self.side["scales"])
        turned_mean = self._padded((mean @ axes)[None, :])[0]  # (8 * bytes,)
        square = float(mean @ mean)
        part = codes.parts["codes"]

        def fill(block: slice, out: Matrix) -> None:
            write_levels(part[block], CORNERS, scales, out)
            scale_to_cosine(turned_mean, square, out)

        def prepare(queries: Matrix) -> Matrix:
            return np.hstack([self._padded(queries @ axes), (queries @ mean)[:, None]])

        return UnitScan(codes.rows, 8 * part.shape[2] + 1, fill, prepare)

    def _padded(self, values: Matrix) -> Matrix:
        """Columns (r, m) with zeros behind, up to whole bytes."""
        return np.pad(values, ((0, 0), (0, -self._bits % 8)))
