"""Sign, ITQ and residual sign: codes, known values, rotations, budgets, odd cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sentence_transformers.util import quantize_embeddings

from backends.arrays import unit_rows
from backends.codecs.base import Ask, Coder, Codes, Solved, Training
from backends.codecs.binary import found_share
from backends.codecs.registry import codec
from backends.codecs.rotation import (
    itq_rotation,
    nearest_rotation,
    principal_axes,
    random_rotation,
)
from backends.codecs.scan import DecodedScan
from backends.codecs.source import Source
from backends.codecs.turned import TurnedSigns, residual_scales
from backends.errors import BackendError
from backends.reporting import SILENT

BINARY = ("sign", "itq", "residual-sign")


def some_vectors(n: int, dim: int, seed: int = 0) -> np.ndarray:
    """Rows that spread unevenly, in a rotated frame, around a mean that is not zero."""
    rng = np.random.default_rng(seed)
    frame = random_rotation(dim, 7)
    spread = np.linspace(2.0, 0.2, dim)
    return ((rng.standard_normal((n, dim)) * spread + 0.3) @ frame).astype(np.float32)


def solved(name: str, dim: int, budget: float | None) -> Solved:
    return codec(name).solve(Ask(dim, 1000, 1000, budget))


def fitted(
    name: str, vectors: np.ndarray, budget: float | None = None, **params: object
) -> tuple[Coder, Codes, Source]:
    source = Source(vectors)
    training = Training(source.take(slice(0, source.rows)), np.arange(source.rows), source)
    known = solved(name, source.dim, budget).params
    coder = codec(name).load()(training, {**known, **params}, SILENT)
    return coder, coder.encode(source), source


@pytest.mark.parametrize("dim", [1, 3, 8, 13, 64])
def test_sign_codes_are_those_of_numpy_and_sentence_transformers(dim: int) -> None:
    vectors = some_vectors(60, dim)
    vectors[3] = 0
    _, codes, _ = fitted("sign", vectors)
    assert np.array_equal(codes.parts["codes"], np.packbits(vectors > 0, axis=1))
    if dim % 8 == 0:  # it mixes up the rows of other dimensions
        theirs = quantize_embeddings(vectors, precision="ubinary")
        assert np.array_equal(codes.parts["codes"], theirs)
    assert codes.nbytes == 60 * ((dim + 7) // 8)


@given(st.integers(1, 5), st.data())
def test_bits_are_packed_and_unpacked(planes: int, data: st.DataObject) -> None:
    dim = data.draw(st.integers(1, 19))
    levels = data.draw(arrays(np.float32, (3, dim), elements=st.integers(0, 2**planes - 1)))
    values = 2 * levels - (2**planes - 1)  # the sums of +-2^p
    scales = np.repeat(2.0 ** np.arange(planes)[::-1, None], dim, axis=1).astype(np.float32)
    axes = np.eye(dim, dtype=np.float32)
    coder = TurnedSigns({}, np.zeros(dim, dtype=np.float32), axes, scales)
    codes = Codes(coder.encode_block(values, 0), 3)
    assert codes.nbytes == 3 * planes * ((dim + 7) // 8)
    assert np.array_equal(codes.parts["codes"][:, 0], np.packbits(values > 0, axis=1))
    assert np.array_equal(coder.decode(codes, slice(0, 3)), values)


def test_a_scoring_that_does_not_exist_is_said() -> None:
    with pytest.raises(BackendError, match="no scoring called “exact”"):
        fitted("sign", some_vectors(9, 4), scoring="exact")


@pytest.mark.parametrize("name", ["sign", "itq"])
def test_the_scoring_is_the_one_that_finds_more(name: str) -> None:
    vectors = some_vectors(1500, 32)
    coder, _, source = fitted(name, vectors)
    shares = {
        scoring: found_share(fitted(name, vectors, scoring=scoring)[0], source.take(slice(0, 1500)))
        for scoring in ("hamming", "asymmetric")
    }
    assert coder.params["scoring"] == max(shares, key=lambda scoring: shares[scoring])
    assert shares["asymmetric"] > shares["hamming"] + 0.05


def test_rounding_the_query_costs_the_sign_next_to_nothing() -> None:
    coder, codes, source = fitted("sign", some_vectors(3000, 64), scoring="asymmetric")
    asked = unit_rows(some_vectors(50, 64, seed=1))
    found, cosines = coder.open(codes, source).search(asked, 10)
    slow, slow_cosines = DecodedScan(coder, codes, 64).search(asked, 10)
    assert np.mean([len(np.intersect1d(a, b)) for a, b in zip(found, slow, strict=True)]) > 9.3
    assert cosines == pytest.approx(slow_cosines, abs=0.01)


@pytest.mark.parametrize("queries", [1, 12])
@pytest.mark.parametrize(
    ("name", "budget"), [("itq", None), ("itq", 2), ("residual-sign", 9), ("residual-sign", 1)]
)
def test_cosines_among_the_axes_are_those_of_decoded_rows(
    name: str, budget: float | None, queries: int
) -> None:
    coder, codes, source = fitted(name, some_vectors(2500, 19), budget, scoring="asymmetric")
    asked = unit_rows(some_vectors(queries, 19, seed=1))
    found, cosines = coder.open(codes, source).search(asked, 10)
    _, slow_cosines = DecodedScan(coder, codes, 19).search(asked, 10)
    assert cosines == pytest.approx(slow_cosines, abs=1e-5)
    exact = unit_rows(coder.decode(codes, found.ravel())).reshape(queries, 10, 19)
    assert np.einsum("mkd,md->mk", exact, asked) == pytest.approx(slow_cosines, abs=1e-5)


def test_itq_codes_are_signs_of_turned_vectors_searched_by_differing_bits() -> None:
    coder, codes, source = fitted("itq", some_vectors(700, 24), 2, scoring="hamming")
    rows = source.take(slice(0, 700))
    signs = (rows - coder.side["mean"]) @ coder.side["axes"] > 0  # (n, 16)
    assert np.array_equal(codes.parts["codes"][:, 0], np.packbits(signs, axis=1))
    differing = (signs[:9, None] != signs[None]).sum(axis=2)
    found, cosines = coder.open(codes, source).search(rows[:9], 20)
    assert found.tolist() == np.argsort(differing, axis=1, kind="stable")[:, :20].tolist()
    near = np.take_along_axis(differing, found, axis=1)
    assert cosines == pytest.approx(1 - 2 * near / 16, abs=1e-6)


def test_itq_turns_and_never_loses_more() -> None:
    rows = unit_rows(some_vectors(2000, 24))
    mean, axes = principal_axes(rows, 16)
    assert axes.T @ axes == pytest.approx(np.eye(16), abs=1e-5)
    rotation, losses = itq_rotation((rows - mean) @ axes, seed=0)
    assert rotation.T @ rotation == pytest.approx(np.eye(16), abs=1e-5)
    assert (np.diff(losses) <= 1e-4 * losses[:-1]).all()
    assert losses[-1] < 0.95 * losses[0]


def test_itq_finds_more_than_signs_of_principal_axes() -> None:
    vectors = some_vectors(2000, 24)
    coder, _, source = fitted("itq", vectors, scoring="hamming")
    rows = source.take(slice(0, 2000))
    mean, axes = principal_axes(rows, 24)
    plain = TurnedSigns({"scoring": "hamming"}, mean, axes, np.ones((1, 24), dtype=np.float32))
    assert found_share(coder, rows) > found_share(plain, rows) + 0.02


@pytest.mark.parametrize("rank", [5, 3])
def test_the_nearest_rotation_is_the_polar_factor(rank: int) -> None:
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((5, rank)) @ rng.standard_normal((rank, 5))
    rotation = nearest_rotation(matrix)
    assert rotation.T @ rotation == pytest.approx(np.eye(5), abs=1e-8)
    nuclear = np.linalg.svd(matrix, compute_uv=False).sum()
    assert np.trace(rotation.T @ matrix) == pytest.approx(nuclear)


def test_residual_signs_of_normal_values_lose_the_known_amounts() -> None:
    values = np.random.default_rng(0).standard_normal((2_000_000, 1), dtype=np.float32)
    for planes, known in enumerate((0.36338, 0.13045, 0.05839, 0.03290, 0.02263), start=1):
        scales = residual_scales(values, planes)
        axis = np.ones((1, 1), dtype=np.float32)
        coder = TurnedSigns({}, np.zeros(1, dtype=np.float32), axis, scales)
        codes = Codes(coder.encode_block(values[:400_000], 0), 400_000)
        error = coder.decode(codes, slice(0, 400_000)) - values[:400_000]
        assert np.square(error).mean(dtype=np.float64) == pytest.approx(known, abs=2e-3)
        assert codes.nbytes == 400_000 * planes


def test_residual_signs_are_those_of_the_recursion() -> None:
    coder, codes, source = fitted("residual-sign", some_vectors(200, 11), planes=3, bytes=6)
    rows = source.take(slice(0, 200))
    left = (rows - coder.side["mean"]) @ coder.side["axes"]  # (n, m)
    levels = np.zeros_like(left)
    for plane, scale in enumerate(coder.side["scales"]):
        assert np.array_equal(codes.parts["codes"][:, plane], np.packbits(left > 0, axis=1))
        levels += np.where(left > 0, scale, -scale)
        left = left - np.where(left > 0, scale, -scale)
    decoded = levels @ coder.side["axes"].T + coder.side["mean"]
    assert coder.decode(codes, slice(0, 200)) == pytest.approx(decoded, abs=1e-5)


def test_residual_signs_spend_bytes_where_they_lose_least() -> None:
    vectors = some_vectors(2000, 64)
    vectors[:, :] = vectors @ np.diag(np.geomspace(1, 0.01, 64)).astype(np.float32)
    losses = {}
    for planes in (None, 1, 2, 4, 8):
        chosen = {} if planes is None else {"planes": planes}
        coder, codes, source = fitted("residual-sign", vectors, 8, **chosen)
        assert codes.nbytes == 2000 * 8
        error = coder.decode(codes, slice(0, 2000)) - source.take(slice(0, 2000))
        losses[planes] = float(np.square(error).sum())
    assert losses[None] == pytest.approx(min(losses.values()), rel=0.02)
    assert losses[None] < 0.8 * losses[1]  # more bits along fewer axes


@pytest.mark.parametrize("name", ["itq", "residual-sign"])
@pytest.mark.parametrize("dim", [1, 3, 20, 64])
@pytest.mark.parametrize("budget", [0.25, 1, 2.5, 5, 8, 700])
def test_a_budget_is_met_or_the_nearest_is_said(name: str, dim: int, budget: float) -> None:
    answer = solved(name, dim, budget)
    coder, codes, _ = fitted(name, some_vectors(40, dim), budget)
    size = codes.nbytes / 40
    assert size <= max(1, budget)
    said = answer.note + " ".join(coder.notes)
    assert (said == "") == (size == budget)
    if size != budget:
        assert f"{size:g} byte" in said
    if budget == 700:
        assert answer.note.startswith("A dimension has at most")


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(
    "vectors",
    [
        np.ones((2, 1), dtype=np.float32),
        np.array([[1, 0, 0], [1, 1, 0], [1, -1, 0]], dtype=np.float32),
        np.full((50, 4), -0.5, dtype=np.float32),
        np.eye(2, 40, dtype=np.float32),
    ],
    ids=["one dimension", "constant dimensions", "duplicates", "fewer rows than dimensions"],
)
@pytest.mark.parametrize("scoring", [{}, {"scoring": "hamming"}, {"scoring": "asymmetric"}])
def test_few_and_equal_rows_are_no_trouble(
    name: str, vectors: np.ndarray, scoring: dict[str, str]
) -> None:
    coder, codes, source = fitted(name, vectors, **scoring)
    rows = source.take(slice(0, source.rows))
    found, cosines = coder.open(codes, source).search(rows, 3)
    assert np.isfinite(coder.decode(codes, slice(0, source.rows))).all()
    assert np.isfinite(cosines).all()
    assert (found >= 0).all()
    if len(np.unique(vectors, axis=0)) == 1:
        assert found[0].tolist() == list(range(min(3, len(vectors))))


@pytest.mark.parametrize("name", BINARY)
def test_equal_training_gives_equal_codes(name: str) -> None:
    vectors = some_vectors(500, 24)
    one, two = fitted(name, vectors, 6), fitted(name, vectors, 6)
    assert one[0].params == two[0].params
    assert np.array_equal(one[1].parts["codes"], two[1].parts["codes"])
