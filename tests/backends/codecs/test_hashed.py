"""Hashed and compositional tables against least squares by numpy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from backends.codecs import hashed
from backends.codecs.source import Source
from tests.backends.codecs.tables import (
    all_of,
    encoded,
    solved,
    source_of,
)


@pytest.mark.parametrize("buckets", [1, 7, 20, 60, 200])
def test_the_table_is_the_least_squares_solution(buckets: int) -> None:
    source = source_of(80, 5)
    coder, codes = encoded("hash", source, {"buckets": buckets, "hashes": 3})
    matrix = np.zeros((80, buckets))
    for row, chosen in enumerate(hashed.buckets_of(np.arange(80), buckets, 3)):
        for bucket in chosen:
            matrix[row, bucket] += 1
    wanted = np.linalg.lstsq(matrix, all_of(source).astype(np.float64), rcond=None)[0]
    assert codes.parts["table"] == pytest.approx(wanted, abs=1e-4)  # the shortest of many
    assert coder.decode(codes, slice(0, 80)) == pytest.approx(matrix @ wanted, abs=1e-4)
    assert codes.nbytes == 4 * buckets * 5


def test_hashes_share_buckets_as_often_as_the_formula_says() -> None:
    chosen = hashed.buckets_of(np.arange(3000), 2000, 4)
    assert chosen.min() >= 0
    assert chosen.max() < 2000
    for column in chosen.T:
        sizes = np.bincount(column, minlength=2000)
        assert (sizes[column] > 1).mean() == pytest.approx(
            hashed.shared_share(3000, 2000), abs=0.03
        )
    assert hashed.shared_share(2, 4) == pytest.approx(0.25)
    pairs = itertools.combinations(chosen.T, 2)
    assert all((one == two).mean() < 0.01 for one, two in pairs)


def test_more_buckets_than_a_table_can_use_fit_every_row() -> None:
    source = source_of(40, 6)
    coder, codes = encoded("hash", source, {"buckets": 4000, "hashes": 4})
    assert coder.decode(codes, slice(0, 40)) == pytest.approx(all_of(source), abs=1e-5)


@pytest.mark.parametrize(("n", "count"), [(60, 5), (60, 1), (21, 3)])
def test_two_tables_are_the_best_product_of_each_dimension(n: int, count: int) -> None:
    source = source_of(n, 4)
    coder, codes = encoded("compositional", source, {"remainders": count})
    grid = all_of(source).reshape(n // count, count, 4).astype(np.float64)
    wanted = np.empty_like(grid)
    for column in range(4):
        left, sizes, right = np.linalg.svd(grid[:, :, column], full_matrices=False)
        wanted[:, :, column] = sizes[0] * np.outer(left[:, 0], right[0])
    assert coder.decode(codes, slice(0, n)) == pytest.approx(wanted.reshape(n, 4), abs=1e-3)
    assert codes.nbytes == 4 * 4 * (n // count + count)


def test_an_incomplete_last_quotient_is_fitted_by_the_rows_it_has() -> None:
    source = source_of(22, 3)
    coder, codes = encoded("compositional", source, {"remainders": 4})
    assert codes.parts["quotients"].shape == (6, 3)
    decoded = coder.decode(codes, slice(0, 22))
    factors = codes.parts["remainders"].astype(np.float64)
    vectors = all_of(source)
    for start in range(0, 22, 4):
        here, part = vectors[start : start + 4], factors[: min(4, 22 - start)]
        best = (here * part).sum(axis=0) / (part**2).sum(axis=0)
        assert decoded[start : start + 4] == pytest.approx(best * part, abs=1e-5)


def test_alternating_from_chance_ends_at_the_same_product(monkeypatch: pytest.MonkeyPatch) -> None:
    # One direction stands out, so that both ways must find it.
    rng = np.random.default_rng(2)
    plain = rng.uniform(0.5, 1.5, (12, 1, 4)) * rng.uniform(0.5, 1.5, (1, 5, 4))
    source = Source((plain + 0.05 * rng.standard_normal((12, 5, 4))).reshape(60, 4))
    _, one = encoded("compositional", source, {"remainders": 5})
    monkeypatch.setattr(hashed, "START_VALUES", 0)
    coder, two = encoded("compositional", source, {"remainders": 5})
    assert coder.decode(two, slice(0, 60)) == pytest.approx(
        coder.decode(one, slice(0, 60)), abs=5e-3
    )


def test_what_two_tables_cannot_do_is_said() -> None:
    params, note = solved("compositional", source_of(100, 8), 1.0)
    assert params["remainders"] == 10
    assert note == "Two tables by quotient and remainder take at least 6.4 bytes a vector."
