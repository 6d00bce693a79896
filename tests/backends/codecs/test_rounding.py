"""Codecs that round each number: sizes, plain formulas, what is lost, odd cases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backends.arrays import unit_rows
from backends.codecs.base import Ask, Coder, Codes, Training
from backends.codecs.levels import fit_levels
from backends.codecs.registry import codec
from backends.codecs.rounding import BFloat16, Float16, Int4
from backends.codecs.scan import DecodedScan
from backends.codecs.source import Source
from backends.reporting import SILENT

ROUNDING = ("float16", "bfloat16", "int8", "int8-row", "int8-stochastic", "int4")


def some_units(n: int, dim: int, seed: int = 0) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).standard_normal((n, dim), dtype=np.float32))


def fitted(name: str, vectors: np.ndarray, **params: object) -> tuple[Coder, Codes, Source]:
    source = Source(vectors)
    training = Training(source.take(slice(0, source.rows)), np.arange(source.rows), source)
    solved = codec(name).solve(Ask(source.dim, source.rows, source.rows)).params
    coder = codec(name).load()(training, {**solved, **params}, SILENT)
    return coder, coder.encode(source), source


@pytest.mark.parametrize("dim", [1, 2, 3, 7, 64])
@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("float16", lambda d: 2 * d),
        ("bfloat16", lambda d: 2 * d),
        ("int8", lambda d: d),
        ("int8-row", lambda d: d + 4),
        ("int8-stochastic", lambda d: d),
        ("int4", lambda d: (d + 1) // 2),
    ],
)
def test_bytes_are_those_of_the_formula(name: str, size: Callable[[int], int], dim: int) -> None:
    coder, codes, source = fitted(name, some_units(41, dim))
    assert codes.nbytes == 41 * size(dim)
    assert coder.decode(codes, np.array([3, 40])).shape == (2, source.dim)


@pytest.mark.parametrize("name", ROUNDING)
@pytest.mark.parametrize("queries", [1, 9])
def test_the_fast_search_finds_what_decoding_finds(name: str, queries: int) -> None:
    coder, codes, source = fitted(name, some_units(3000, 33))
    asked = some_units(queries, 33, seed=1)
    found, cosines = coder.open(codes, source).search(asked, 12)
    slow, slow_cosines = DecodedScan(coder, codes, source.dim).search(asked, 12)
    assert found.dtype == np.int64
    assert cosines.dtype == np.float32
    assert cosines == pytest.approx(slow_cosines, abs=1e-6)
    assert np.mean(found == slow) > 0.98  # neighbours less than a rounding apart may swap


@pytest.mark.parametrize("name", ROUNDING)
def test_equal_rows_are_found_in_the_order_of_positions(name: str) -> None:
    coder, codes, source = fitted(name, np.repeat(some_units(1, 5), 700, axis=0))
    found, _ = coder.open(codes, source).search(source.take(slice(0, 2)), 4)
    if name == "int8-stochastic":
        assert np.isfinite(coder.decode(codes, slice(0, 700))).all()
    assert found.tolist() == [[0, 1, 2, 3]] * 2


@pytest.mark.parametrize("name", ROUNDING)
@pytest.mark.parametrize(
    "vectors",
    [
        np.ones((2, 1), dtype=np.float32),
        np.array([[1, 0, 0], [1, 1, 0], [1, -1, 0]], dtype=np.float32),  # two are constant: 0
        np.full((5, 4), 0.5, dtype=np.float32),
    ],
    ids=["one dimension", "a dimension of zeros", "duplicates"],
)
def test_constant_dimensions_are_kept(name: str, vectors: np.ndarray) -> None:
    coder, codes, source = fitted(name, vectors)
    exact = source.take(slice(0, source.rows))
    assert coder.decode(codes, slice(0, source.rows)) == pytest.approx(exact, abs=0.06)
    found, cosines = coder.open(codes, source).search(exact, 9)
    assert found.shape == (len(vectors), len(vectors))
    assert cosines[:, 0] == pytest.approx(1.0, abs=0.01)


@given(arrays(np.float32, (3, 5), elements=st.floats(-1, 1, width=32)))
def test_halves_are_those_of_numpy_and_torch(vectors: np.ndarray) -> None:
    halves, upper = Float16(5), BFloat16(5)
    codes = Codes(halves.encode_block(vectors, 0), 3)
    assert np.array_equal(
        halves.decode(codes, slice(0, 3)), vectors.astype(np.float16).astype(np.float32)
    )
    codes = Codes(upper.encode_block(vectors, 0), 3)
    expected = torch.from_numpy(vectors).to(torch.bfloat16).float().numpy()
    assert np.array_equal(upper.decode(codes, slice(0, 3)), expected)


def test_int8_is_offset_and_step_of_each_dimension() -> None:
    coder, codes, source = fitted("int8", some_units(500, 12), clip_percent=0)
    exact = source.take(slice(0, 500))
    lowest, highest = exact.min(axis=0), exact.max(axis=0)
    step = (highest - lowest) / np.float32(255)
    plain = np.rint((exact - (lowest + 128 * step)) / step)
    assert np.array_equal(codes.parts["codes"], np.clip(plain, -128, 127).astype(np.int8))
    assert np.abs(coder.decode(codes, slice(0, 500)) - exact).max() <= step.max() * 0.501
    assert coder.side_bytes == 2 * 4 * 12


def test_int8_of_a_vector_has_its_largest_value_at_127() -> None:
    _, codes, source = fitted("int8-row", some_units(50, 12))
    exact = source.take(slice(0, 50))
    peaks = np.abs(exact).max(axis=1, keepdims=True)
    assert np.array_equal(codes.parts["codes"], np.rint(exact / (peaks / np.float32(127))))
    assert np.abs(codes.parts["codes"]).max(axis=1).tolist() == [127] * 50


def test_clipping_is_chosen_where_it_loses_less() -> None:
    levels = np.repeat(np.arange(256, dtype=np.float32), 20)[:, None]
    assert fit_levels(levels, 256).clip_percent == 0
    errors = {}
    for params in ({}, {"clip_percent": 0}):
        coder, codes, source = fitted("int4", some_units(4000, 32), **params)
        error = coder.decode(codes, slice(0, 4000)) - source.take(slice(0, 4000))
        errors[coder.params["clip_percent"]] = float(np.square(error).sum())
    assert len(errors) == 2  # not the extremes, of 16 levels for normal values
    assert errors.pop(0) > 1.2 * next(iter(errors.values()))


def test_stochastic_rounding_has_no_bias() -> None:
    vectors = some_units(20, 8)
    exact = Source(vectors).take(slice(0, 20))
    draws = []
    for seed in range(400):
        coder, codes, _ = fitted("int8-stochastic", vectors, seed=seed)
        draws.append(coder.decode(codes, slice(0, 20)).astype(np.float64))
    errors = np.mean(draws, axis=0) - exact
    step = coder.side["step"]
    share = (exact - coder.side["offset"]) / step % 1  # how often it has to be rounded up
    standard = step * np.sqrt(share * (1 - share) / len(draws))
    assert (np.abs(errors) <= 4 * standard + step / len(draws)).all()
    nearest, codes, _ = fitted("int8", vectors, clip_percent=0)
    bias = nearest.decode(codes, slice(0, 20)) - exact  # which rounding to nearest has
    assert np.mean(np.abs(bias) <= 4 * standard + step / len(draws)) < 0.5


def test_stochastic_rounding_depends_on_seed_and_position_alone() -> None:
    vectors = some_units(300, 8)
    coder, codes, source = fitted("int8-stochastic", vectors, seed=5)
    again = coder.encode_block(source.take(slice(100, 200)), 100)["codes"]  # type: ignore[attr-defined]
    assert np.array_equal(codes.parts["codes"][100:200], again)
    _, others, _ = fitted("int8-stochastic", vectors, seed=6)
    assert not np.array_equal(codes.parts["codes"], others.parts["codes"])


@given(st.integers(1, 9), st.data())
def test_nibbles_are_packed_and_unpacked(dim: int, data: st.DataObject) -> None:
    levels = data.draw(arrays(np.uint8, (4, dim), elements=st.integers(0, 15)))
    ones = np.ones(dim, dtype=np.float32)
    coder = Int4({}, {"offset": 0 * ones, "step": ones})
    codes = Codes(coder.encode_block(levels.astype(np.float32), 0), 4)
    assert codes.nbytes == 4 * ((dim + 1) // 2)
    assert np.array_equal(coder.decode(codes, slice(0, 4)), levels)
    for j in range(dim):
        half = codes.parts["codes"][:, j // 2] >> (4 * (j % 2)) & 15
        assert np.array_equal(half, levels[:, j])
