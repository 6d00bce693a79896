"""Fewer dimensions: bytes, what is kept, what the best possible error is, and poor input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.arrays import unit_rows
from backends.codecs.base import Ask, Coder, Training
from backends.codecs.principal import leading, scatter_of
from backends.codecs.reducer import Reducer
from backends.codecs.registry import codec
from backends.codecs.scan import DecodedScan
from backends.codecs.source import Source
from backends.reporting import SILENT

REDUCERS = ("truncate", "truncate-plain", "pca", "svd", "random-projection")


def spread_vectors(n: int, dim: int, seed: int = 0) -> np.ndarray:
    """Vectors off the origin that spread most along a few directions, none of them an axis."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((dim, dim)))[0]
    spread = 1.0 / np.arange(1, dim + 1)
    vectors = (rng.standard_normal((n, dim)) * spread + 0.3 * spread) @ turn
    return vectors.astype(np.float32)


def fitted(name: str, vectors: np.ndarray, **params: Any) -> tuple[Coder, Source]:
    """A codec that learnt from all rows, at the settings it solves but for those given."""
    source = Source(vectors)
    training = Training(source.take(slice(None)), np.arange(source.rows), source, seed=3)
    spec = codec(name)
    solved = spec.solve(Ask(source.dim, source.rows, source.rows)).params
    return spec.load()(training, {**solved, **params}, SILENT), source


def squared_error(coder: Coder, source: Source) -> float:
    decoded = coder.decode(coder.encode(source), slice(0, source.rows)).astype(np.float64)
    return float(((source.take(slice(None)) - decoded) ** 2).sum())


@pytest.mark.parametrize("name", REDUCERS)
@pytest.mark.parametrize("budget", [2, 4, 20, 47, 48, 1000])
def test_codes_take_what_the_budget_pays_for(name: str, budget: float) -> None:
    ask = Ask(dim=12, rows=90, training=90, budget=budget)
    solved = codec(name).solve(ask)
    coder, source = fitted(name, spread_vectors(90, 12), **solved.params)
    codes = coder.encode(source)
    assert codes.nbytes == 90 * 4 * solved.params["dims"]
    if name == "svd":  # both factors together
        assert codes.nbytes + coder.side_bytes <= 90 * max(budget, 4 * (90 + 12) / 90)
    else:
        assert codes.nbytes <= 90 * max(budget, 4)
        assert solved.params["dims"] == min(max(budget // 4, 1), 12)
    assert ("1 dimension is kept" in solved.note) == (budget < 4 or (name, budget) == ("svd", 4))
    assert ("only 12 dimensions: all are kept" in solved.note) == (budget == 1000)


def test_tables_are_counted_to_the_byte() -> None:
    vectors = spread_vectors(50, 8)
    assert fitted("pca", vectors, dims=3)[0].side_bytes == 4 * (8 * 3 + 8)
    assert fitted("svd", vectors, dims=3)[0].side_bytes == 4 * 8 * 3
    assert fitted("random-projection", vectors, dims=3)[0].side_bytes == 4 * 8 * 3
    assert fitted("truncate", vectors, dims=3)[0].side_bytes == 4
    assert fitted("truncate-plain", vectors, dims=3)[0].side_bytes == 0


@pytest.mark.parametrize("name", REDUCERS)
def test_all_dimensions_lose_nothing_but_rounding(name: str) -> None:
    coder, source = fitted(name, spread_vectors(60, 10), dims=10)
    decoded = coder.decode(coder.encode(source), slice(0, 60))
    assert decoded == pytest.approx(source.take(slice(None)), abs=2e-4)
    found, similarities = coder.open(coder.encode(source), source).search(decoded[:9], 4)
    exact = source.take(slice(0, 9)) @ source.take(slice(None)).T
    assert similarities == pytest.approx(-np.sort(-exact, axis=1)[:, :4], abs=1e-3)
    assert found[:, 0].tolist() == list(range(9))


def test_the_svd_has_the_error_of_eckart_and_young() -> None:
    vectors = unit_rows(spread_vectors(200, 24))
    singular = np.linalg.svd(vectors.astype(np.float64), compute_uv=False)
    for rank in (1, 5, 23):
        coder, source = fitted("svd", vectors, dims=rank)
        assert squared_error(coder, source) == pytest.approx((singular[rank:] ** 2).sum(), rel=1e-4)


def test_pca_has_the_error_of_the_variances_left_out() -> None:
    vectors = unit_rows(spread_vectors(200, 24)).astype(np.float64)
    variances = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False) ** 2
    for dims in (1, 5, 23):
        coder, source = fitted("pca", vectors.astype(np.float32), dims=dims)
        assert squared_error(coder, source) == pytest.approx(variances[dims:].sum(), rel=1e-4)


@pytest.mark.parametrize("name", ["truncate-plain", "pca", "svd", "random-projection"])
def test_more_dimensions_never_lose_more(name: str) -> None:
    vectors = spread_vectors(80, 12)
    errors = [squared_error(*fitted(name, vectors, dims=dims)) for dims in range(1, 13)]
    if name == "random-projection":  # each number of dimensions draws another matrix
        assert errors[0] > errors[5] > errors[11]
    else:
        assert (np.diff(errors) <= 1e-6).all()


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("name", ["truncate", "pca", "svd", "random-projection"])
def test_searching_few_numbers_finds_what_decoding_finds(name: str, count: int) -> None:
    coder, source = fitted(name, spread_vectors(150, 16), dims=5)
    codes = coder.encode(source)
    queries = unit_rows(spread_vectors(20, 16, seed=9))[:count]
    found, similarities = coder.open(codes, source).search(queries, 7)
    slow, slow_similarities = DecodedScan(coder, codes, 16).search(queries, 7)
    assert found.tolist() == slow.tolist()
    if name != "truncate":  # there both are scaled to length 1
        assert similarities == pytest.approx(slow_similarities, abs=1e-5)


def test_plain_truncation_compares_by_dot_products_of_prefixes() -> None:
    coder, source = fitted("truncate-plain", spread_vectors(50, 8), dims=3)
    rows = source.take(slice(None))
    found, similarities = coder.open(coder.encode(source), source).search(rows[:6], 5)
    products = rows[:6, :3] @ rows[:, :3].T
    assert similarities == pytest.approx(-np.sort(-products, axis=1)[:, :5], abs=1e-6)
    assert found.tolist() == np.argsort(-products, axis=1, kind="stable")[:, :5].tolist()


def test_truncation_keeps_prefixes_of_length_one() -> None:
    coder, source = fitted("truncate", spread_vectors(40, 9), dims=4)
    codes = coder.encode(source).parts["codes"]
    assert codes == pytest.approx(unit_rows(source.take(slice(None))[:, :4]), abs=1e-6)


def test_random_projections_keep_squared_lengths_on_average() -> None:
    """E|xP|^2 = |x|^2, with a standard deviation of sqrt(2/k) for each unit vector."""
    dims, seeds = 12, 100
    source = Source(spread_vectors(5, 20))
    squares = []
    for seed in range(seeds):
        training = Training(source.take(slice(None)), np.arange(5), source, seed=seed)
        coder = codec("random-projection").load()(training, {"dims": dims}, SILENT)
        squares.append((coder.encode(source).parts["codes"] ** 2).sum(axis=1))
    spread = np.sqrt(2 / dims / seeds)
    assert np.mean(squares, axis=0) == pytest.approx(np.ones(5), abs=4 * spread)


@pytest.mark.parametrize("name", REDUCERS)
def test_the_same_seed_gives_the_same_codes(name: str) -> None:
    codes = []
    for _ in range(2):
        coder, source = fitted(name, spread_vectors(50, 8), dims=3)
        codes.append(coder.encode(source).parts["codes"].tobytes())
    assert codes[0] == codes[1]


POOR = {
    "one dimension": spread_vectors(9, 1),
    "two rows": spread_vectors(2, 7),
    "one row": spread_vectors(1, 7),
    "duplicates only": np.ones((12, 5), dtype=np.float32),
    "constant dimensions": np.float32([3, 0, 0, 2, -1]) + np.eye(12, 5, dtype=np.float32)[:, [1]],
    "zeros in front": np.eye(6, dtype=np.float32)[[4, 5, 5, 4]],
}


@pytest.mark.parametrize("name", REDUCERS)
@pytest.mark.parametrize("vectors", POOR.values(), ids=POOR)
def test_poor_vectors_are_borne(name: str, vectors: np.ndarray) -> None:
    for dims in {1, vectors.shape[1]}:
        coder, source = fitted(name, vectors, dims=dims)
        codes = coder.encode(source)
        assert np.isfinite(coder.decode(codes, slice(0, source.rows))).all()
        found, similarities = coder.open(codes, source).search(source.take(slice(0, 1)), 3)
        assert np.isfinite(similarities).all()
        assert found.shape == (1, min(3, source.rows))


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 5))
def test_directions_are_orthonormal_whatever_the_rows(rows: int, dim: int, seed: int) -> None:
    vectors = spread_vectors(rows, dim, seed)
    found = leading(scatter_of(vectors), dim)
    assert found.T @ found == pytest.approx(np.eye(dim), abs=1e-5)


def test_a_few_of_many_directions_are_those_of_the_full_decomposition() -> None:
    dim, rank = 1300, 6
    rng = np.random.default_rng(0)
    right = np.linalg.qr(rng.standard_normal((dim, 12)))[0]
    found = leading((right * 4.0 ** -np.arange(12)) @ right.T, rank)
    assert np.abs(found.T @ right[:, :rank]) == pytest.approx(np.eye(rank), abs=1e-5)


def test_reducers_say_so() -> None:
    specs: Mapping[str, Any] = {name: codec(name) for name in REDUCERS}
    assert [name for name in REDUCERS if not specs[name].reduces] == ["truncate-plain"]
    for name in REDUCERS:
        assert isinstance(fitted(name, spread_vectors(20, 6), dims=2)[0], Reducer)
