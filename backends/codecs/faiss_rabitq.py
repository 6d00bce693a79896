"""RaBitQ by faiss: sign bits of turned residuals with factors that make estimates unbiased."""

from __future__ import annotations

from typing import Any

import numpy as np

from backends.arrays import Matrix, Rows
from backends.codecs.base import Ask, CodecSpec, Coder, Codes, Fit, Params, Solved, Training
from backends.codecs.faiss_shared import (
    NEEDS,
    FaissCoder,
    fill,
    metric_of,
    turned,
)
from backends.reporting import Report

MOST_BITS = 8
QUERY_BITS = 8  # of a query's component; full precision is a hundred times slower in faiss
SIGN_FACTORS = 8  # bytes of two float32 beside the bits of a row
MORE_FACTORS = 12  # bytes of three more, where there is more than one bit a dimension


class RabitqCoder(FaissCoder):
    """Bits of `rotation @ (x - center)` and, in each row's code, the factors of its estimate.

    Tables: `rotation` (d, d), without which few large dimensions would decide; `center` (d,) of
    turned rows.

    Reference: Gao, Long, RaBitQ, SIGMOD 2024; Gao et al., Practical and Asymptotically Optimal
    Quantization of High-Dimensional Vectors, SIGMOD 2025, for several bits a dimension.
    """

    linear = False  # the estimate of several bits has a term of each row beside the decoded vector

    @property
    def bits(self) -> int:
        """Bits a dimension."""
        return int(self.params["bits"])

    @property
    def factory(self) -> str:  # type: ignore[override]  # an attribute elsewhere
        """How faiss names it."""
        return f"RR{self.dim},RaBitQ{'' if self.bits == 1 else self.bits}"

    def shell(self) -> Any:
        """An `IndexRaBitQ` behind the rotation."""
        import faiss

        index = faiss.IndexRaBitQ(self.dim, metric_of(True), self.bits)
        fill(index.center, self.side["center"])
        index.is_trained = True
        index.qb = QUERY_BITS
        return turned(index, self.side["rotation"])

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """The vectors that estimates are inner products with.

        faiss decodes the sign bits alone, so of more bits the levels are put together here.
        """
        if self.bits == 1:
            return super().decode(codes, rows)
        levels, factors = self._levels(np.ascontiguousarray(codes.parts["codes"][rows]))
        centred = (levels - ((1 << (self.bits - 1)) - 0.5)) * factors[:, None]  # (r, d)
        decoded: Matrix = (centred + self.side["center"]) @ self.side["rotation"]
        return decoded

    def _levels(self, codes: Any) -> tuple[Matrix, Matrix]:
        """Levels (r, d) of 0..2^bits-1, and what half a step is worth in each row (r,)."""
        more = self.bits - 1
        signs = -(-self.dim // 8)
        start = signs + MORE_FACTORS
        end = start + -(-self.dim * more // 8)
        high = np.unpackbits(codes[:, :signs], axis=1, count=self.dim, bitorder="little")
        low = np.unpackbits(
            codes[:, start:end], axis=1, count=self.dim * more, bitorder="little"
        ).reshape(len(codes), self.dim, more)
        levels = high.astype(np.float32) * (1 << more)
        for bit in range(more):
            levels += low[:, :, bit] * np.float32(1 << bit)
        # The last two float32 of a code: an offset of the estimate, and this factor.
        factors = np.ascontiguousarray(codes[:, end + 4 : end + 8]).view(np.float32)[:, 0]
        return levels, factors


def code_size(dim: int, bits: int) -> int:
    """Bytes of a code: bits and factors."""
    size = -(-dim // 8) + SIGN_FACTORS
    if bits == 1:
        return size
    return size + MORE_FACTORS + -(-dim * (bits - 1) // 8)


def _load() -> Fit:
    from backends.codecs.rotation import random_rotation

    def fit(training: Training, params: Params, report: Report) -> Coder:
        report.step(0, 1, "Turning vectors")
        dim = training.vectors.shape[1]
        rotation = random_rotation(dim, training.seed)
        center = training.vectors.mean(axis=0, dtype=np.float64) @ rotation.T
        side = {"rotation": rotation, "center": center.astype(np.float32)}
        return RabitqCoder(params, side, dim)

    return fit


def _solve(ask: Ask) -> Solved:
    """The most bits that a budget pays for, factors included; 1 bit if it pays for none."""
    if ask.budget is None:
        return Solved({"bits": 4})
    fitting = [b for b in range(1, MOST_BITS + 1) if code_size(ask.dim, b) <= ask.budget]
    bits = fitting[-1] if fitting else 1
    size = code_size(ask.dim, bits)
    note = ""
    if not fitting:
        note = (
            f"RaBitQ takes at least 1 bit a dimension and {SIGN_FACTORS} bytes of factors: "
            f"{size:,} bytes instead of {ask.budget:,.4g}."
        )
    elif size < round(ask.budget):
        factors = SIGN_FACTORS + (MORE_FACTORS if bits > 1 else 0)
        note = (
            f"RaBitQ takes whole bits a dimension and {factors} bytes of factors: "
            f"{size:,} bytes instead of {ask.budget:,.4g}."
        )
    return Solved({"bits": bits}, note)


SPECS = (
    CodecSpec(
        "rabitq",
        "RaBitQ",
        load=_load,
        needs=NEEDS,
        about="1 to 8 bits a dimension after a random rotation; similarities are not biased.",
        family="Quantisers",
        cost=8,
        default=True,
        solve=_solve,
    ),
)
