"""Directions between rows, as large as a corpus: streamed means, columns, probes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.directions.base import Space
from backends.directions.means import group_means
from backends.directions.probe import MOST
from backends.directions.registry import (
    ColumnGiven,
    ProbeParams,
    SelectionsGiven,
    SetsGiven,
    find_direction,
)
from backends.errors import BackendError
from backends.measures import towards
from backends.reporting import SILENT, Cancelled
from backends.selection import select
from tests.backends.clouds import Listener, cloud
from tests.backends.directions.spaces import space, units


@given(st.integers(1, 80), st.integers(1, 9), st.integers(0, 99))
def test_means_by_blocks_are_means(n: int, dim: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, dim)) * 10.0 ** rng.integers(-3, 4, (n, 1))
    embeddings = cloud(values, rng.random(n) < 0.8)
    masks = [rng.random(n) < 0.5, rng.random(n) < 0.05]
    found = group_means(embeddings, masks)
    for mask, mean in zip(masks, found, strict=True):
        wanted = embeddings.vectors[mask & embeddings.present]
        expected = units(wanted).mean(axis=0) if len(wanted) else np.zeros(dim)
        np.testing.assert_allclose(mean, expected, atol=1e-6)


def test_means_bear_lengths_beyond_float32_and_many_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("backends.directions.means.BLOCK_VALUES", 8)
    embeddings = cloud(np.array([[3e38, 3e38], [1e-38, 0], [0, 2.0], [0, 3e-30], [5, 5]]))
    found = group_means(embeddings, [np.ones(5, bool), np.arange(5) == 3])
    np.testing.assert_allclose(found[0], units(embeddings.vectors).mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(found[1], [0, 1], atol=1e-6)
    listener = Listener(patience=1)
    with pytest.raises(Cancelled):
        group_means(embeddings, [np.ones(5, bool)], listener.report)


def test_one_selection_against_the_others_is_the_direction_of_the_measure() -> None:
    where = space(np.random.default_rng(3).normal(size=(200, 6)))
    chosen = select(range(40), "lasso", kind="lasso")
    found = find_direction(where, "selections", SelectionsGiven(None, chosen))
    measured = towards(where.embeddings, chosen).call(SILENT).values
    np.testing.assert_allclose(units(where.embeddings.vectors) @ found.vector, measured, atol=1e-5)
    assert (found.ends, found.evidence.n) == (("the others", "lasso"), (160, 40))
    turned = find_direction(where, "selections", SelectionsGiven(chosen, None))
    np.testing.assert_allclose(turned.vector, -found.vector, atol=1e-6)


def test_what_selections_share_or_lack_is_said() -> None:
    vectors = np.random.default_rng(3).normal(size=(20, 4))
    vectors[2] = 0
    where = space(vectors)
    one, other = select(range(6), "one"), select([5], "other")
    notes = find_direction(where, "selections", SelectionsGiven(one, other)).evidence.notes
    assert any("1 item is in both" in note for note in notes)
    assert any("1 item of “one” has no vector and is left out." in note for note in notes)
    assert any("“other” is a single item" in note for note in notes)


@pytest.mark.parametrize(
    ("negative", "positive", "said"),
    [
        (None, None, "Nothing is selected"),
        (None, select([2], "empty one"), "“empty one” holds no item with a vector"),
        (None, select(range(9), "all"), "“the others” holds no item"),
        (select([1], "a"), select([1], "b"), "no direction between them"),
        (None, select([100], "old"), "of another corpus"),
    ],
)
def test_selections_that_give_no_direction_are_refused(
    negative: object, positive: object, said: str
) -> None:
    vectors = np.random.default_rng(0).normal(size=(9, 3))
    vectors[2] = 0
    with pytest.raises(BackendError, match=said):
        find_direction(
            space(vectors),
            "selections",
            SelectionsGiven(negative, positive),  # type: ignore[arg-type]  # as parametrised
            "difference",
        )


def topics() -> Space:
    """Three kinds of items, some without a kind."""
    rng = np.random.default_rng(5)
    kinds = ["sport", "art", "law", None] * 30
    vectors = rng.normal(size=(120, 5))
    vectors[::4, 0] += 4
    vectors[1::4, 1] += 4
    return space(vectors, topic=kinds, year=[1900.5 + i for i in range(120)])


def test_a_category_against_another_or_against_all_with_a_value() -> None:
    where = topics()
    pair = find_direction(where, "column", ColumnGiven("topic", "art", "sport"), "difference")
    rows = units(where.embeddings.vectors)
    expected = rows[::4].mean(axis=0) - rows[1::4].mean(axis=0)
    np.testing.assert_allclose(pair.vector, expected / np.linalg.norm(expected), atol=1e-5)
    rest = find_direction(where, "column", ColumnGiven("topic", None, "sport"), "difference")
    assert (rest.evidence.n, rest.ends) == ((60, 30), ("topic: all others", "topic: sport"))
    assert any("30 items without a value" in note for note in rest.evidence.notes)


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        (ColumnGiven("year", None, "1900"), "“year” holds numbers"),
        (ColumnGiven("word", None, "w1"), "“word” holds texts"),
        (ColumnGiven("topic", None, "tax"), "No item has the value “tax”"),
        (ColumnGiven("topic", "law", "law"), "same category"),
        (ColumnGiven("topic", None, None), "No category is chosen"),
        (ColumnGiven("nothing", None, "a"), "no column “nothing”"),
    ],
)
def test_columns_that_give_no_direction_are_refused(given_: ColumnGiven, said: str) -> None:
    with pytest.raises(BackendError, match=said):
        find_direction(topics(), "column", given_)


def test_a_probe_is_judged_on_what_it_has_not_seen() -> None:
    rng = np.random.default_rng(0)
    noise = space(rng.normal(size=(300, 40)), kind=["a", "b"] * 150)
    told = find_direction(noise, "column", ColumnGiven("kind", "a", "b"), "probe").evidence
    assert told.accuracy is not None
    assert abs(told.accuracy - 0.5) < 3 * (0.25 / 300) ** 0.5 + 0.02  # nothing to be found, seed 0
    assert (told.chance, told.held_out) == (0.5, 300)
    vectors = rng.normal(size=(300, 40))
    vectors[1::2, 3] += 6
    clear = space(vectors, kind=["a", "b"] * 150)
    found = find_direction(clear, "column", ColumnGiven("kind", "a", "b"), "probe")
    assert found.evidence.accuracy == pytest.approx(1, abs=0.02)
    assert found.vector[3] > 0.8


def test_a_probe_draws_as_many_of_both_and_says_so() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(3_000, 4))
    vectors[:200, 0] += 2
    where = space(vectors)
    chosen = SelectionsGiven(None, select(range(200), "few"))
    told = find_direction(where, "selections", chosen, "probe").evidence
    assert told.chance == 0.5
    assert "200 of 2,800 items of “the others” were drawn by chance, seed 0." in told.notes
    large = SelectionsGiven(None, select(range(1_500), "half"))
    told = find_direction(where, "selections", large, "probe", ProbeParams(most=1_200)).evidence
    assert told.held_out == 480  # a fifth, of many
    assert MOST == 20_000


def test_a_probe_of_a_word_a_side_has_nothing_to_hold_out() -> None:
    where = space(np.eye(3))
    told = find_direction(where, "sets", SetsGiven(("w0",), ("w1",)), "probe").evidence
    assert told.accuracy is None
    assert "Too few examples to hold out." in told.notes
