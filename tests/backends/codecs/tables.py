"""Small tables for codecs that look at all rows at once."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from backends.codecs.base import Ask, Coder, Codes, Params, Training
from backends.codecs.registry import codec
from backends.codecs.source import Source
from backends.reporting import SILENT

SIZES = st.integers(2, 40)
DIMS = st.integers(1, 20)


def source_of(n: int, dim: int, seed: int = 0) -> Source:
    rng = np.random.default_rng(seed)
    return Source(rng.standard_normal((n, dim), dtype=np.float32))


def encoded(name: str, source: Source, params: Params) -> tuple[Coder, Codes]:
    positions = np.arange(source.rows)
    training = Training(source.take(positions), positions, source)
    coder = codec(name).load()(training, params, SILENT)
    return coder, coder.encode(source)


def solved(name: str, source: Source, budget: float) -> tuple[Params, str]:
    answer = codec(name).solve(Ask(source.dim, source.rows, source.rows, budget))
    return answer.params, answer.note


def all_of(source: Source) -> np.ndarray:
    return source.take(slice(0, source.rows))


def bytes_of(codes: Codes) -> float:
    return codes.nbytes / codes.rows
