"""Merging of blocks against a slow obvious version."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.codecs import dedup
from backends.codecs.base import Ask
from backends.codecs.source import Source
from tests.backends.codecs.tables import (
    DIMS,
    SIZES,
    all_of,
    bytes_of,
    encoded,
    solved,
    source_of,
)


def test_equal_rows_alone_are_lossless_and_counted() -> None:
    rng = np.random.default_rng(0)
    unique = Source(rng.standard_normal((50, 24), dtype=np.float32)).take(slice(0, 50))
    rows = np.r_[np.arange(50), rng.integers(0, 50, 350)]
    rng.shuffle(rows)
    source = Source(unique[rows])
    params, _ = solved("dedup", source, 4 * 24 / 4)
    coder, codes = encoded("dedup", source, params)
    assert (coder.decode(codes, slice(0, 400)) == all_of(source)).all()
    assert (coder.params["unique"], coder.params["blocks"]) == (50, 400)
    assert coder.params["delta"] == 0.0
    assert codes.nbytes == 50 * 24 * 4 + 400  # numbers of a row are bytes
    assert coder.notes == ("50 of 400 blocks are kept, and nothing is lost.",)


def test_merged_blocks_differ_by_delta_at_most_and_unique_ones_are_rows_parts() -> None:
    source = source_of(500, 32)
    params, _ = solved("dedup", source, 12.0)
    coder, codes = encoded("dedup", source, params)
    columns, delta = coder.params["columns"], coder.params["delta"]
    assert 0 < coder.params["unique"] <= params["room"]
    whole = np.zeros((500, columns * codes.parts["map"].shape[1]), dtype=np.float32)
    whole[:, :32] = all_of(source)
    blocks = whole.reshape(-1, columns)
    decoded = codes.parts["unique"][codes.parts["map"]].reshape(-1, columns)
    assert np.abs(blocks - decoded).max() <= delta
    given_blocks = {block.tobytes() for block in blocks}
    assert all(block.tobytes() in given_blocks for block in codes.parts["unique"])
    assert codes.nbytes == codes.parts["unique"].nbytes + codes.parts["map"].nbytes


@pytest.mark.parametrize("most", [60, 10_000])
def test_delta_is_found_on_some_rows_or_on_all(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(dedup, "SAMPLED", most)
    source = source_of(400, 16)
    params, _ = solved("dedup", source, 9.0)
    coder, codes = encoded("dedup", source, params)
    decoded = coder.decode(codes, slice(0, 400))
    assert bytes_of(codes) <= 9.0
    assert 0.4 * params["room"] <= coder.params["unique"] <= params["room"]
    assert np.abs(decoded - all_of(source)).max() <= coder.params["delta"]
    assert json.loads(json.dumps(coder.params)) == coder.params


def test_merging_is_that_of_a_slow_version_where_the_hash_puts_all_into_one_bucket() -> None:
    from backends.codecs.dedup_kernel import merge

    rng = np.random.default_rng(5)
    blocks = rng.standard_normal((120, 4)).astype(np.float32)
    order = rng.permutation(120)
    delta, misses = 0.8, 1
    wanted, found_slowly = [], np.empty(120, dtype=np.int64)
    for number in order:
        near = [
            (float(((blocks[number] - other) ** 2).sum()), place)
            for place, other in enumerate(wanted)
            if (np.abs(blocks[number] - other) > delta).sum() <= misses
        ]
        if near:
            found_slowly[number] = min(near)[1]
        else:
            found_slowly[number] = len(wanted)
            wanted.append(blocks[number])
    unique, found = np.empty((120, 4), dtype=np.float32), np.empty(120, dtype=np.int32)
    heads, after = np.full((1, 16), -1, np.int32), np.empty((1, 120), np.int32)
    chains = (heads, after, np.full(120, -1, dtype=np.int64))
    lines, shifts = rng.standard_normal((1, 1, 4)), np.full((1, 1), 0.5)
    hash_and_limits = (delta, misses, 1e9, 1000, 0)
    count = merge(blocks, order, unique, 0, chains, lines, shifts, hash_and_limits, found)
    assert count == len(wanted)
    assert (unique[:count] == np.array(wanted)).all()
    assert found.tolist() == found_slowly.tolist()


@given(SIZES, DIMS, st.floats(1.0, 90.0))
@settings(max_examples=60, deadline=None)
def test_every_cut_fits_its_budget(n: int, dim: int, budget: float) -> None:
    for cut in dedup.cuts_for(Ask(dim, n, n, budget), budget):
        parts = -(-dim // cut.columns)
        assert 4 * cut.columns * cut.room + n * parts * cut.index <= budget * n
        assert cut.room <= 1 << (8 * cut.index)
