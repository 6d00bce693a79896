"""Codecs that round each number by itself: halves, bfloat16, int8 in three ways, int4."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows
from backends.codecs.base import (
    BlockCoder,
    CodecSpec,
    Coder,
    Codes,
    Fit,
    Params,
    Searcher,
    Training,
)
from backends.codecs.source import Source
from backends.codecs.unit_scan import UnitScan
from backends.reporting import Report


class RoundingCoder(BlockCoder):
    """Codes of a fixed size whose decoded rows are compared by cosine."""

    def __init__(self, params: Params, side: Mapping[str, NDArray[Any]]) -> None:
        self.params: Params = params
        self.side: Mapping[str, NDArray[Any]] = side

    @abstractmethod
    def decode_into(self, codes: Codes, rows: slice | Rows, out: Matrix) -> None:
        """Write the vectors of these positions into (r, d) float32."""

    @property
    @abstractmethod
    def dim(self) -> int:
        """Dimensions d of decoded vectors."""

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Vectors (r, d) that the codes stand for."""
        count = len(range(codes.rows)[rows]) if isinstance(rows, slice) else len(rows)
        out = np.empty((count, self.dim), dtype=np.float32)
        self.decode_into(codes, rows, out)
        return out

    def open(self, codes: Codes, source: Source) -> Searcher:
        """Compare queries in full precision with decoded rows by cosine."""
        from backends.codecs.rounding_kernel import to_unit

        def fill(block: slice, out: Matrix) -> None:
            self.decode_into(codes, block, out)
            to_unit(out)

        return UnitScan(codes.rows, self.dim, fill)


class HalfCoder(RoundingCoder):
    """A float format of two bytes."""

    def __init__(self, dim: int) -> None:
        super().__init__({}, {})
        self._dim = dim

    @property
    def dim(self) -> int:
        """Dimensions d."""
        return self._dim


class Float16(HalfCoder):
    """IEEE half precision: 11 significant bits, 2 bytes a number."""

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Round to nearest even."""
        return {"codes": vectors.astype(np.float16)}

    def decode_into(self, codes: Codes, rows: slice | Rows, out: Matrix) -> None:
        """Every half is a float32."""
        from backends.codecs.rounding_kernel import write_halves

        write_halves(codes.parts["codes"][rows].view(np.uint16), out.view(np.uint32), out)


class BFloat16(HalfCoder):
    """The upper half of a float32: 8 significant bits and its whole range, as uint16."""

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Round to nearest even: add just under half a step, and half of it where that is odd."""
        bits = np.ascontiguousarray(vectors).view(np.uint32)  # (b, d)
        odd = (bits >> 16) & 1
        return {"codes": ((bits + (odd + 0x7FFF)) >> 16).astype(np.uint16)}

    def decode_into(self, codes: Codes, rows: slice | Rows, out: Matrix) -> None:
        """Put zeros below."""
        bits = out.view(np.uint32)
        bits[...] = codes.parts["codes"][rows]
        bits <<= 16


class ColumnCoder(RoundingCoder):
    """Whole numbers with an offset and a step for each dimension: x = offset + step * code."""

    @property
    def dim(self) -> int:
        """Dimensions d."""
        return len(self.side["step"])


class Int8(ColumnCoder):
    """A signed byte a number."""

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Round to the nearest of 256 levels."""
        from backends.codecs.rounding_kernel import round_columns

        codes = np.empty(vectors.shape, dtype=np.int8)
        round_columns(vectors, self.side["offset"], self.side["step"], -128, 127, codes)
        return {"codes": codes}

    def decode_into(self, codes: Codes, rows: slice | Rows, out: Matrix) -> None:
        """Undo scale and offset."""
        from backends.codecs.rounding_kernel import write_columns

        write_columns(codes.parts["codes"][rows], self.side["offset"], self.side["step"], out)


class StochasticInt8(Int8):
    """A signed byte a number, rounded up as often as it is near the upper level."""

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Round by a draw that depends on seed, position and dimension alone."""
        from backends.codecs.rounding_kernel import round_at_random

        codes = np.empty(vectors.shape, dtype=np.int8)
        offset, step = self.side["offset"], self.side["step"]
        round_at_random(vectors, offset, step, int(self.params["seed"]), start, codes)
        return {"codes": codes}


class Int8Row(RoundingCoder):
    """A signed byte a number, and a scale for each vector."""

    def __init__(self, dim: int) -> None:
        super().__init__({"bits": 8, "scale": "per vector"}, {})
        self._dim = dim

    @property
    def dim(self) -> int:
        """Dimensions d."""
        return self._dim

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Scale the largest value to 127 and round."""
        from backends.codecs.rounding_kernel import round_rows

        codes = np.empty(vectors.shape, dtype=np.int8)
        scales = np.empty(len(vectors), dtype=np.float32)
        round_rows(vectors, codes, scales)
        return {"codes": codes, "scales": scales}

    def decode_into(self, codes: Codes, rows: slice | Rows, out: Matrix) -> None:
        """Undo the scale."""
        np.multiply(codes.parts["codes"][rows], codes.parts["scales"][rows][:, None], out=out)


class Int4(ColumnCoder):
    """Half a byte a number, the even dimension in the low half; an odd last one stands alone."""

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Round to the nearest of 16 levels, and put two into a byte."""
        from backends.codecs.rounding_kernel import round_columns

        rows, dim = vectors.shape
        levels = np.zeros((rows, dim + dim % 2), dtype=np.uint8)
        round_columns(vectors, self.side["offset"], self.side["step"], 0, 15, levels[:, :dim])
        return {"codes": levels[:, ::2] | (levels[:, 1::2] << 4)}  # (b, (d + 1) // 2)

    def decode_into(self, codes: Codes, rows: slice | Rows, out: Matrix) -> None:
        """Undo scale and offset."""
        from backends.codecs.rounding_kernel import write_nibbles

        write_nibbles(codes.parts["codes"][rows], self.side["offset"], self.side["step"], out)


def _load_float16() -> Fit:
    def fit(training: Training, _params: Params, _report: Report) -> Coder:
        return Float16(training.vectors.shape[1])

    return fit


def _load_bfloat16() -> Fit:
    def fit(training: Training, _params: Params, _report: Report) -> Coder:
        return BFloat16(training.vectors.shape[1])

    return fit


def _load_int8_row() -> Fit:
    def fit(training: Training, _params: Params, _report: Report) -> Coder:
        return Int8Row(training.vectors.shape[1])

    return fit


def _load_columns(coder: type[ColumnCoder], bits: int, lowest: int) -> Fit:
    from backends.codecs.levels import fit_levels

    def fit(training: Training, params: Params, report: Report) -> Coder:
        levels = fit_levels(training.vectors, 2**bits, params.get("clip_percent"), report)
        chosen = {"bits": bits, "scale": "per dimension", "clip_percent": levels.clip_percent}
        return coder(chosen, levels.side(lowest))

    return fit


def _load_int8() -> Fit:
    return _load_columns(Int8, bits=8, lowest=-128)


def _load_int4() -> Fit:
    return _load_columns(Int4, bits=4, lowest=0)


def _load_stochastic() -> Fit:
    from backends.codecs.levels import cover_levels

    def fit(training: Training, params: Params, report: Report) -> Coder:
        seed = int(params.get("seed", training.seed))
        chosen = {"bits": 8, "scale": "per dimension", "rounding": "stochastic", "seed": seed}
        return StochasticInt8(chosen, cover_levels(training.source, 256, report).side(-128))

    return fit


SPECS = (
    CodecSpec(
        "float16",
        "float16",
        load=_load_float16,
        about="Half precision: two bytes a number, and next to nothing lost.",
        family="Rounding",
        cost=0,
        budgeted=False,
        default=True,
    ),
    CodecSpec(
        "bfloat16",
        "bfloat16",
        load=_load_bfloat16,
        about="The upper two bytes of a float32: its range, with 8 significant bits.",
        family="Rounding",
        cost=1,
        budgeted=False,
    ),
    CodecSpec(
        "int8",
        "int8",
        load=_load_int8,
        about="One byte a number, with an offset and a step learned for each dimension.",
        family="Rounding",
        cost=2,
        budgeted=False,
        default=True,
    ),
    CodecSpec(
        "int8-row",
        "int8, scale per vector",
        load=_load_int8_row,
        about="One byte a number and four bytes of scale a vector; nothing is learned.",
        family="Rounding",
        cost=2,
        budgeted=False,
    ),
    CodecSpec(
        "int8-stochastic",
        "int8, stochastic rounding",
        load=_load_stochastic,
        about="One byte a number, rounded up or down at random so that the mean error is zero.",
        family="Rounding",
        cost=3,
        budgeted=False,
    ),
    CodecSpec(
        "int4",
        "int4",
        load=_load_int4,
        about="Two numbers a byte, with an offset and a step learned for each dimension.",
        family="Rounding",
        cost=2,
        budgeted=False,
        default=True,
    ),
)
