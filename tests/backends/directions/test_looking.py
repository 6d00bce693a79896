"""Projections, extremes, groups, direct and indirect bias, references: slow obvious versions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from backends.arrays import Matrix, frozen
from backends.directions import groups
from backends.directions.base import Direction
from backends.directions.indirect import along_pair, indirect_bias
from backends.directions.looking import (
    FREQUENT,
    axis_projections,
    direct_bias,
    direct_bias_of_rows,
    direct_bias_of_terms,
    extremes,
    frequency_cut,
    names_of,
    projections,
    ranked,
)
from backends.directions.references import against_reference
from backends.directions.registry import SetsGiven, find_direction, space_of
from backends.embed import EmbedRequest, embed
from backends.errors import BackendError
from backends.selection import select
from backends.types import MadeBy
from tests import builders
from tests.backends.clouds import cloud
from tests.backends.directions.spaces import named, space, units


def towards(*values: float, title: str = "east") -> Direction:
    """A direction that is given by its numbers."""
    basis = np.array([values], dtype=np.float32)
    basis /= np.linalg.norm(basis)
    return Direction(frozen(basis), title, ("west", "east"), "x", "x", MadeBy("x", ("y",)))


def some_values(n: int, seed: int) -> Matrix:
    rng = np.random.default_rng(seed)
    values = np.round(rng.uniform(-1, 1, n), 2).astype(np.float32)
    values[rng.random(n) < 0.2] = np.nan
    return values


@given(st.integers(1, 60), st.integers(1, 9), st.integers(0, 99), st.floats(1e-3, 1e3))
def test_a_projection_is_a_cosine_whatever_the_length(
    n: int, dim: int, seed: int, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    embeddings = cloud(rng.normal(size=(n, dim)), rng.random(n) < 0.8)
    direction = towards(*rng.normal(size=dim))
    found = projections(embeddings, direction)
    with np.errstate(invalid="ignore"):
        expected = units(embeddings.vectors) @ direction.vector
    np.testing.assert_allclose(found, expected, atol=2e-6)
    scaled = cloud(embeddings.vectors * np.float32(scale), embeddings.present)
    np.testing.assert_allclose(projections(scaled, direction), found, atol=1e-5)


def test_another_space_and_an_axis_that_is_not_there_are_refused() -> None:
    embeddings = cloud(np.eye(3))
    plane = Direction(
        *(frozen(np.eye(3, dtype=np.float32)[:2]), "plane", ("a", "b")),
        *("x", "x", MadeBy("x", ("y",))),
    )
    np.testing.assert_array_equal(axis_projections(embeddings, plane, 1), [0, 1, 0])
    with pytest.raises(BackendError, match="2 axes, so there is no axis 3"):
        axis_projections(embeddings, plane, 2)
    with pytest.raises(BackendError, match="has 2 dimensions"):
        projections(embeddings, towards(1, 0))


@given(st.integers(0, 80), st.integers(0, 99), st.integers(1, 30), st.booleans())
def test_ranks_and_extremes_are_those_of_sorting(n: int, seed: int, k: int, some: bool) -> None:
    values = some_values(n, seed)
    rows = np.flatnonzero(np.random.default_rng(seed).random(n) < 0.5) if some else None
    among = [i for i in (range(n) if rows is None else rows.tolist()) if not np.isnan(values[i])]
    order = sorted(among, key=lambda i: (-values[i], i))
    assert ranked(values, rows).tolist() == order
    found = extremes(values, k, rows=rows)
    size = min(k, len(among) // 2)
    assert found.positive.tolist() == order[:size]
    assert found.negative.tolist() == sorted(among, key=lambda i: (values[i], i))[:size]
    assert not set(found.positive.tolist()) & set(found.negative.tolist()) or len(
        {float(values[i]) for i in among}
    ) < len(among)
    assert found.among == len(among)


def test_extremes_are_of_the_first_words_and_say_so() -> None:
    values = np.linspace(-1, 1, 100).astype(np.float32)
    found = extremes(values, 3, first=10)
    assert found.positive.tolist() == [9, 8, 7]
    assert found.note == "Among the first 10 of 100 items, which are the most frequent words."
    assert extremes(values, 3).note == ""
    assert "Among 2 chosen items" in extremes(values, 3, rows=np.array([4, 5])).note


def test_only_long_lists_of_words_from_a_file_are_cut_by_frequency() -> None:
    n = FREQUENT + 1
    vectors = np.ones((n, 2), dtype=np.float32)
    assert frequency_cut(space(vectors)) == FREQUENT
    assert frequency_cut(space(vectors[:-1])) is None
    assert frequency_cut(space(vectors, [f"a sentence {i}" for i in range(n)])) is None


@given(st.integers(0, 99), st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_direct_bias_is_the_mean_strength(seed: int, strictness: float) -> None:
    rng = np.random.default_rng(seed)
    where = space(rng.normal(size=(30, 5)))
    direction = towards(*rng.normal(size=5))
    asked = [f"w{i}" for i in range(10)]
    found = direct_bias_of_terms(where, direction, [*asked, "zzz"], strictness)
    cosines = units(where.embeddings.vectors)[:10] @ direction.vector
    expected = np.mean([abs(float(one)) ** strictness for one in cosines])
    assert found.value == pytest.approx(expected, abs=1e-5)
    assert (found.n, [one.term for one in found.lost]) == (10, ["zzz"])
    rows = direct_bias_of_rows(where.embeddings, direction, np.arange(10), strictness)
    assert rows.value == pytest.approx(found.value, abs=1e-6)


def test_at_strictness_nought_rounding_is_no_overlap_and_nonsense_is_refused() -> None:
    assert direct_bias(np.array([0, 1e-8, 0.2, -0.9]), 0) == 0.5
    with pytest.raises(BackendError, match="nothing to be measured"):
        direct_bias(np.empty(0))
    for wrong in (-1.0, math.nan, math.inf):
        with pytest.raises(BackendError, match="makes no sense"):
            direct_bias(np.ones(2), wrong)
    vectors = np.eye(3)
    vectors[2] = 0
    found = direct_bias_of_rows(cloud(vectors), towards(1, 0, 0), np.arange(3))
    assert (found.value, found.n) == (0.5, 2)
    assert found.lost[0].term == "1 item"


def test_direct_bias_of_a_subspace_is_told_beside_that_of_its_first_axis() -> None:
    rng = np.random.default_rng(3)
    where = space(rng.normal(size=(30, 6)))
    basis = np.linalg.qr(rng.normal(size=(6, 3)))[0].T.astype(np.float32)
    direction = replace(towards(1, 0, 0, 0, 0, 0), basis=basis)
    asked = [f"w{i}" for i in range(10)]
    found = direct_bias_of_terms(where, direction, asked, 2.0)
    first, lengths = [], []
    for vector in units(where.embeddings.vectors)[:10]:
        along = [float(vector @ axis) for axis in basis]
        first.append(abs(along[0]) ** 2)
        lengths.append(sum(one * one for one in along))
    assert found.value == pytest.approx(np.mean(first), abs=1e-5)
    assert found.subspace == pytest.approx(np.mean(lengths), abs=1e-5)
    assert found.axes == 3
    rows = direct_bias_of_rows(where.embeddings, direction, np.arange(10), 2.0)
    assert (rows.value, rows.subspace) == pytest.approx((found.value, found.subspace), abs=1e-6)
    assert direct_bias_of_terms(where, towards(1, 0, 0, 0, 0, 0), asked).subspace is None


def test_groups_share_their_edges_and_lose_nothing() -> None:
    values = some_values(500, 1)
    corpus = builders.corpus(columns={"kind": (["a", "b", "b", "c", None] * 100)[:500]})
    samples = groups.by_column(corpus, values, "kind", most=2)
    assert [one.title for one in samples] == ["b", "2 others"]
    found = groups.histogram(samples, bins=7)
    kinds = np.array(corpus.table.column("kind").to_pylist(), dtype=object)
    for row, mask in enumerate((kinds == "b", (kinds == "a") | (kinds == "c"))):
        wanted = values[mask & ~np.isnan(values)]
        assert found.counts[row].sum() == found.sizes[row] == len(wanted)
        np.testing.assert_array_equal(found.counts[row], np.histogram(wanted, found.edges)[0])
        assert found.means[row] == pytest.approx(wanted.mean(), abs=1e-5)
        assert found.spreads[row] == pytest.approx(wanted.std(), abs=1e-5)
    np.testing.assert_allclose(found.densities.sum(axis=1), 1)
    inside, outside = groups.by_selection(values, select(range(100), "lasso"))
    assert len(inside.values) + len(outside.values) == len(groups.everything(values)[0].values)
    with pytest.raises(BackendError, match="has no categories"):
        groups.by_column(builders.corpus(200), values[:200], "id")


def test_word_sets_are_groups_and_equal_values_have_a_bin() -> None:
    where = named({"a": (1, 0), "b": (1, 0), "c": (0, 1)})
    found = groups.by_terms(where, towards(1, 0), {"one": ["a", "b", "zzz"], "none": ["qqq"]})
    told = groups.histogram(found)
    assert (told.sizes, [one.term for one in told.lost]) == ((2, 0), ["zzz", "qqq"])
    assert told.counts.sum() == 2
    assert math.isnan(told.means[1])
    with pytest.raises(BackendError, match="No group has an item"):
        groups.histogram(found[1:])


@given(st.integers(0, 200))
def test_indirect_bias_is_its_formula_and_knows_no_lengths(seed: int) -> None:
    rng = np.random.default_rng(seed)
    g = rng.normal(size=4)
    g /= np.linalg.norm(g)
    w, v = rng.normal(size=(2, 4))
    a, b = w / np.linalg.norm(w), v / np.linalg.norm(v)
    a_rest, b_rest = a - (a @ g) * g, b - (b @ g) * g
    rest = a_rest @ b_rest / np.linalg.norm(a_rest) / np.linalg.norm(b_rest)
    expected = (a @ b - rest) / (a @ b)
    found = indirect_bias(w[None] * 7, v * 3, g)[0]
    assert found == pytest.approx(expected, abs=1e-3 * max(1, abs(expected)))


def test_indirect_bias_of_what_is_not_alike_is_unknown() -> None:
    g = np.array([1, 0, 0], dtype=np.float32)
    words = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 0, 1]], dtype=np.float32)
    found = indirect_bias(words, np.array([0, 0, 1], dtype=np.float32), g)
    assert np.isnan(found).tolist() == [True, True, False, False]
    assert found[2] == pytest.approx(0)
    assert found[3] == pytest.approx(1 - 2**0.5)


def test_words_along_a_pair_are_the_extremes_of_its_axis() -> None:
    rng = np.random.default_rng(2)
    where = space(rng.normal(size=(50, 6)))
    direction = towards(*rng.normal(size=6))
    found = along_pair(where, direction, ("w3", "w8"), k=4)
    rows = units(where.embeddings.vectors)
    axis = rows[8] - rows[3]
    axis /= np.linalg.norm(axis)
    values = rows @ axis
    others = [i for i in np.argsort(values) if i not in (3, 8)]
    assert [one.row for one in found.negative] == others[:4]
    assert [one.row for one in found.positive] == others[::-1][:4]
    top = found.positive[0]
    beta = indirect_bias(rows[[top.row]], rows[8], direction.vector)[0]
    assert (top.term, top.beta) == (f"w{top.row}", pytest.approx(beta, abs=1e-4))
    assert top.similarity == pytest.approx(rows[top.row] @ rows[8], abs=1e-5)
    between = indirect_bias(rows[[3]], rows[8], direction.vector)[0]
    assert found.between == pytest.approx(between, abs=1e-3 * max(1.0, abs(between)))
    few = along_pair(where, direction, ("w3", "w8"), ["w1", "w2", "w3", "zzz"])
    assert {one.term for one in (*few.negative, *few.positive)} == {"w1", "w2"}
    assert [one.term for one in few.lost] == ["zzz"]


@pytest.mark.parametrize(
    ("ends", "said"),
    [(("a", "zzz"), "“zzz” is not among"), (("a", "a"), "given twice"), (("a", "b"), "same place")],
)
def test_a_pair_without_an_axis_is_refused(ends: tuple[str, str], said: str) -> None:
    where = named({"a": (1, 0), "b": (2, 0), "c": (0, 1)})
    with pytest.raises(BackendError, match=said):
        along_pair(where, towards(0, 1), ends)


@given(st.integers(0, 99), st.integers(4, 20))
def test_correlations_are_those_of_scipy_and_what_is_lost_is_named(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    where = space(rng.normal(size=(n, 5)))
    direction = towards(*rng.normal(size=5))
    numbers = {f"w{i}": float(rng.integers(0, 10)) for i in range(n)} | {"w0": 11.0, "w1": -1.0}
    found = against_reference(where, direction, {**numbers, "zzz": 1.0, "yyy": math.nan})
    cosines = (units(where.embeddings.vectors) @ direction.vector)[: len(numbers)]
    values = list(numbers.values())
    told = stats.pearsonr(values, cosines)
    assert found.pearson == pytest.approx(told.statistic, abs=1e-4)
    assert found.p == pytest.approx(told.pvalue, abs=1e-3)
    interval = told.confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-3)
    assert found.spearman == pytest.approx(stats.spearmanr(values, cosines).statistic, abs=1e-4)
    assert found.n == n
    assert {one.term: one.why for one in found.lost} == {
        "zzz": "not among the items",
        "yyy": "without a number",
    }


def test_too_few_numbers_are_refused_and_flat_ones_correlate_with_nothing() -> None:
    where = named({"a": (1, 0), "b": (2, 1), "c": (0, 1)})
    with pytest.raises(BackendError, match="2 of 3 terms"):
        against_reference(where, towards(1, 0), {"a": 1, "b": 2, "zzz": 3})
    flat = against_reference(where, towards(1, 0), {"a": 1, "b": 1, "c": 1})
    assert math.isnan(flat.pearson)
    assert math.isnan(flat.spearman)
    line = against_reference(where, towards(1, 0), {"a": 3, "b": 2, "c": 1})
    assert line.spearman == pytest.approx(1)
    assert math.isnan(line.low)  # three terms give no interval


def test_items_are_called_by_their_text_or_their_row() -> None:
    corpus = builders.corpus(3)
    assert names_of(corpus, np.array([2, 0])) == ("reef and tide", "tide and tide")
    assert names_of(corpus, np.array([1]), "year") == ("2001",)
    assert names_of(corpus.with_roles(text=None, id=None), np.array([1])) == ("row 1",)


def test_an_encoders_terms_are_looked_at_too() -> None:
    corpus = builders.corpus(60)
    where = space_of(corpus, embed(EmbedRequest(corpus, "lexical")), ("{w}",))
    direction = towards(*np.eye(where.embeddings.dim)[0])
    found = direct_bias_of_terms(where, direction, ["tide", "qqq"])
    assert (found.n, found.rows.tolist(), found.lost[0].term) == (1, [-1], "qqq")
    assert frequency_cut(where) is None


def test_two_spellings_of_a_word_count_once() -> None:
    where = named({"he": [1, 0, 0], "she": [-1, 0.2, 0], "nurse": [0, 1, 0], "king": [0.6, 0, 0.8]})
    direction = towards(1, 0, 0)
    bias = direct_bias_of_terms(where, direction, ["he", "He", "HE", "nurse"])
    assert (bias.value, bias.n) == (pytest.approx(0.5), 2)
    assert [one.why for one in bias.lost] == ["the same item as “he”"] * 2
    (sample,) = groups.by_terms(where, direction, {"set": ("he", "He", "nurse")})
    assert sample.values.tolist() == [1.0, 0.0]
    beside = against_reference(where, direction, {"he": 1, "He": 9, "nurse": 2, "she": 3})
    assert (beside.n, beside.values.tolist()) == (3, [1, 2, 3])
    given = SetsGiven(("he", "king", "He", "HE"), ("she", "KING"))
    found = find_direction(where, "sets", given)
    assert found.evidence.n == (2, 2)
    assert "On both sides, which draws them together: king." in found.evidence.notes
    rows = units(where.embeddings.vectors)
    expected = rows[[1, 3]].mean(axis=0) - rows[[0, 3]].mean(axis=0)
    assert found.vector == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)
