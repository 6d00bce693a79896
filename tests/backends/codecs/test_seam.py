"""The parts that codecs share: sources, keeping the best, searching decoded rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backends.arrays import unit_rows
from backends.codecs.base import Training
from backends.codecs.registry import codec
from backends.codecs.scan import Best
from backends.codecs.source import Source
from backends.errors import BackendError
from backends.reporting import SILENT
from backends.types import Embeddings, MadeBy

QUARTERS = st.integers(-2, 2).map(lambda number: np.float32(number / 4))  # ties are common


def some_vectors(n: int, dim: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, dim), dtype=np.float32)


def test_a_source_has_the_rows_with_a_vector_at_length_one() -> None:
    vectors = some_vectors(7, 3) * 5
    present = np.array([True, False, True, True, False, True, True])
    source = Source.of(Embeddings(vectors, present, "file", "v", MadeBy("read")))
    assert source.corpus_rows.tolist() == [0, 2, 3, 5, 6]
    together = np.concatenate([block for _, block in source.blocks(values=6)])
    assert together == pytest.approx(unit_rows(vectors[present]))
    assert source.take(np.array([4, 1])) == pytest.approx(unit_rows(vectors[[6, 2]]))


@given(arrays(np.float32, (3, 11), elements=QUARTERS), st.integers(1, 12), st.integers(1, 11))
def test_the_best_of_blocks_are_the_best_of_all_in_the_order_of_positions(
    similarities: np.ndarray, k: int, size: int
) -> None:
    best = Best(3, k)
    for start in range(0, 11, size):
        best.offer(similarities[:, start : start + size], start)
    order = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
    assert best.positions[:, : order.shape[1]].tolist() == order.tolist()
    assert (best.positions[:, order.shape[1] :] == -1).all()


def test_a_codec_is_fitted_encodes_decodes_and_searches() -> None:
    source = Source(some_vectors(300, 8))
    training = Training(source.take(slice(0, 100)), np.arange(100), source)
    coder = codec("float16").load()(training, {}, SILENT)
    codes = coder.encode(source)
    assert codes.nbytes == 300 * 8 * 2
    assert coder.decode(codes, slice(0, 300)) == pytest.approx(source.take(slice(0, 300)), abs=1e-3)
    positions, similarities = coder.open(codes, source).search(source.take(slice(0, 20)), 3)
    assert positions[:, 0].tolist() == list(range(20))
    assert similarities[:, 0] == pytest.approx(1.0, abs=1e-3)


def test_a_codec_that_does_not_exist_is_said() -> None:
    with pytest.raises(BackendError, match="no codec called “gzip”"):
        codec("gzip")
