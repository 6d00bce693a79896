"""Codecs that round each number by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows
from backends.codecs.base import BlockCoder, CodecSpec, Coder, Codes, Fit, Params, Training
from backends.reporting import Report


class Float16(BlockCoder):
    """IEEE half precision: 11 significant bits, 2 bytes a number."""

    def __init__(self) -> None:
        self.params: Params = {}
        self.side: Mapping[str, NDArray[Any]] = {}

    def encode_block(self, vectors: Matrix, start: int) -> Mapping[str, NDArray[Any]]:
        """Round to nearest even."""
        return {"codes": vectors.astype(np.float16)}

    def decode(self, codes: Codes, rows: slice | Rows) -> Matrix:
        """Every half is a float32."""
        return codes.parts["codes"][rows].astype(np.float32)


def _load_float16() -> Fit:
    def fit(_training: Training, _params: Params, _report: Report) -> Coder:
        return Float16()

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
)
