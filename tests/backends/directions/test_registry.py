"""Any source with any method gives an orthonormal basis, a sign, a recipe and its evidence."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backends.directions.base import Evidence, Space
from backends.directions.given import Given, rows_as_json, rows_from_json
from backends.directions.methods import signed
from backends.directions.registry import (
    METHODS,
    SOURCES,
    ColumnGiven,
    ComponentsParams,
    PairsGiven,
    PromptsGiven,
    RelationGiven,
    SelectionsGiven,
    SetsGiven,
    default_method,
    find_again,
    find_direction,
    space_of,
)
from backends.embed import EmbedRequest, embed
from backends.errors import BackendError
from backends.reporting import Cancelled
from backends.selection import select
from backends.types import MadeBy, Roles
from tests import builders
from tests.backends.clouds import Listener, cloud
from tests.backends.directions.spaces import named, space, units

PAIRS = tuple((f"w{i}", f"w{i + 1}") for i in range(0, 12, 2))
GIVEN: dict[str, Given] = {
    "pairs": PairsGiven(PAIRS, "low", "high"),
    "sets": SetsGiven(("w0", "w2", "w4"), ("w1", "w3")),
    "selections": SelectionsGiven(None, select(range(1, 40, 2), "lasso", kind="lasso")),
    "column": ColumnGiven("kind", "a", "b"),
    "relation": RelationGiven("next", PAIRS),
}


def shifted(seed: int = 0, scale: float = 1.0) -> Space:
    """Forty words; odd ones are moved along one axis, and of another kind."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(40, 8))
    vectors[1::2, 0] += 3
    return space(vectors * scale, kind=["a", "b"] * 20)


@pytest.mark.parametrize("source", GIVEN)
@pytest.mark.parametrize("method", METHODS)
def test_every_source_serves_every_method_that_it_can(source: str, method: str) -> None:
    where = shifted()
    if METHODS[method].needs_pairs and not SOURCES[source].paired:
        with pytest.raises(BackendError, match="needs pairs"):
            find_direction(where, source, GIVEN[source], method)
        return
    found = find_direction(where, source, GIVEN[source], method)
    basis = found.basis
    np.testing.assert_allclose(basis @ basis.T, np.eye(len(basis)), atol=1e-5)
    assert not basis.flags.writeable
    assert (found.source, found.method, found.embeddings) == (
        *(source, method),
        where.embeddings.fingerprint,
    )
    assert found.vector[0] > 0.5  # the odd ones lie at positive projections
    assert min(found.evidence.n) > 0
    assert (len(found.evidence.pairs) > 0) == SOURCES[source].paired
    json.dumps(found.made_by.as_json())
    assert Evidence.from_json(json.loads(json.dumps(found.evidence.as_json()))) == found.evidence
    assert found.title in ("low → high", "w0 → w1", "next") or source in ("selections", "column")
    assert isinstance(found.made_by.params["how"], str)


@pytest.mark.parametrize("source", GIVEN)
def test_a_direction_is_found_again_from_its_recipe(source: str) -> None:
    where = shifted()
    found = find_direction(where, source, GIVEN[source])
    assert found.method == default_method(source)
    stored = json.loads(json.dumps(found.made_by.as_json()))
    again = find_again(where, MadeBy.from_json(stored), title="mine")
    assert again.fingerprint == found.fingerprint
    assert again.title == "mine"
    np.testing.assert_array_equal(again.basis, found.basis)
    with pytest.raises(BackendError, match="The recipe of “x” cannot be read"):
        find_again(where, where.corpus.made_by, title="x")


def test_what_differs_has_another_name() -> None:
    where = shifted()
    names = {
        find_direction(where, source, one, method).fingerprint
        for source, one in (
            ("pairs", PairsGiven(PAIRS)),
            ("pairs", PairsGiven(PAIRS[1:])),
            ("selections", SelectionsGiven(None, select([1, 3], "lasso"))),
            ("selections", SelectionsGiven(None, select([1, 5], "lasso"))),
        )
        for method in ("difference", "probe")
    }
    assert len(names) == 8


@given(st.integers(0, 50), st.floats(1e-3, 1e3), st.sampled_from(["difference", "components"]))
def test_turning_the_pairs_turns_the_direction_and_lengths_do_not_count(
    seed: int, scale: float, method: str
) -> None:
    found = find_direction(shifted(seed), "pairs", PairsGiven(PAIRS), method)
    turned = tuple((high, low) for low, high in PAIRS)
    other = find_direction(shifted(seed), "pairs", PairsGiven(turned), method)
    scaled = find_direction(shifted(seed, scale), "pairs", PairsGiven(PAIRS), method)
    np.testing.assert_allclose(other.vector, -found.vector, atol=1e-5)
    np.testing.assert_allclose(scaled.vector, found.vector, atol=1e-4)
    np.testing.assert_allclose(scaled.evidence.explained, found.evidence.explained, atol=1e-4)


@given(st.integers(0, 99), st.integers(1, 6))
def test_components_are_eigenvectors_of_the_pair_centred_covariance(seed: int, k: int) -> None:
    where = shifted(seed)
    found = find_direction(where, "pairs", PairsGiven(PAIRS), "components", ComponentsParams(k))
    words = units(where.embeddings.vectors)[:12]
    covariance = np.zeros((8, 8))
    for i in range(0, 12, 2):
        middle = (words[i] + words[i + 1]) / 2
        for one in words[i : i + 2]:
            covariance += np.outer(one - middle, one - middle) / 2
    values, vectors = np.linalg.eigh(covariance)
    expected = values[::-1][:6] / values.sum()
    np.testing.assert_allclose(found.evidence.explained, expected, atol=1e-5)
    for axis, strength in zip(found.basis, values[::-1][:k], strict=True):
        np.testing.assert_allclose(covariance @ axis, strength * axis, atol=1e-4)
    np.testing.assert_allclose(found.basis @ found.basis.T, np.eye(k), atol=1e-5)
    assert vectors.shape == (8, 8)
    # Consistency is the mean cosine of the differences, as they were given.
    rises = units(words[1::2] - words[::2])
    fits = [pair.cosine for pair in found.evidence.pairs]
    np.testing.assert_allclose(fits, rises @ found.vector, atol=1e-5)
    assert found.evidence.consistency == pytest.approx(np.mean(fits))
    worst = [pair.cosine for pair in found.evidence.disagreeing]
    assert worst == sorted(one for one in fits if one < 0)


def test_axes_point_along_the_examples_and_across_them_by_their_largest_value() -> None:
    axes = np.array([[-1, 0, 0], [0, 1, 0], [0, 0, -1]], dtype=np.float32)
    turned = signed(axes, np.array([0.5, -0.5, 0]))
    np.testing.assert_array_equal(turned, [[1, 0, 0], [0, -1, 0], [0, 0, 1]])


def test_the_words_of_a_pair_are_held_out_together() -> None:
    # Twins that differ by chance: a probe that knows one of them takes the other for it.
    rng = np.random.default_rng(0)
    vectors = np.repeat(rng.normal(size=(60, 200)), 2, axis=0)
    where = space(vectors + 0.01 * rng.normal(size=vectors.shape))
    pairs = tuple((f"w{i}", f"w{i + 1}") for i in range(0, 120, 2))
    told = find_direction(where, "pairs", PairsGiven(pairs), "probe").evidence
    assert told.accuracy is not None
    assert told.accuracy > 0.4


def test_more_components_than_pairs_are_refused() -> None:
    with pytest.raises(BackendError, match="6 pairs give 6 components, not 7"):
        find_direction(shifted(), "pairs", PairsGiven(PAIRS), "components", ComponentsParams(7))
    with pytest.raises(BackendError, match="1 pair gives 1 component, not 2"):
        find_direction(shifted(), "pairs", PairsGiven(PAIRS[:1]), "components", ComponentsParams(2))


def test_the_recipe_of_one_pair_speaks_of_one() -> None:
    found = find_direction(shifted(), "pairs", PairsGiven(PAIRS[:1]), "components")
    told = found.made_by.params["how"]
    assert told.startswith("First component of pair-centred vectors of 1 pair (")


def test_random_pairs_are_drawn_from_the_items_with_the_seed_that_is_said() -> None:
    where = shifted()
    found = find_direction(where, "pairs", PairsGiven(PAIRS), "components", ComponentsParams(1, 7))
    again = find_direction(where, "pairs", PairsGiven(PAIRS), "components", ComponentsParams(1, 7))
    other = find_direction(where, "pairs", PairsGiven(PAIRS), "components", ComponentsParams(1, 8))
    assert found.evidence.baseline == again.evidence.baseline != other.evidence.baseline
    assert found.evidence.runs == 100
    assert sum(found.evidence.baseline) == pytest.approx(1)
    assert "6 pairs among 40 items, seed 7" in found.evidence.notes[-1]


def test_encoded_pairs_are_compared_with_words_in_the_same_templates() -> None:
    corpus = builders.corpus(200)
    where = space_of(corpus, embed(EmbedRequest(corpus, "lexical")), ("{w} it", "{w}"))
    given = PairsGiven((("tide", "salt"), ("reef", "gull")))
    told = find_direction(where, "pairs", given, "components").evidence
    assert "among 10 words of the texts in the same templates" in told.notes[-1]
    assert sum(told.baseline) == pytest.approx(1)
    few = builders.corpus(3)
    where = space_of(few, embed(EmbedRequest(few, "lexical")), ("{w}",))
    pairs = (("tide", "salt"), ("reef", "tide"), ("salt", "reef"))
    told = find_direction(where, "pairs", PairsGiven(pairs), "components").evidence
    assert "1 pair among 3 items" in told.notes[-1]  # four words are too few for three pairs


def test_a_pair_with_a_lost_word_is_lost_and_the_word_is_named() -> None:
    where = named({"he": (0, 1), "she": (1, 1), "Man": (0, 2), "woman": (2, 2), "empty": (0, 0)})
    asked = (
        *(("he", "she"), ("man", "woman"), ("king", "queen"), ("he", "empty"), ("he", "she")),
        *(("man", "Man"), ("he", "  ")),
    )
    found = find_direction(where, "pairs", PairsGiven(asked))
    lost = {one.term: one.why for one in found.evidence.lost}
    assert len(found.evidence.pairs) == 2
    assert lost == {
        "king → queen": "“king”: not among the items, “queen”: not among the items",
        "he → empty": "“empty”: among the items, but without a vector",
        "he → she": "given twice",
        "man → Man": "both are the same item",
        "he → ": "a word is missing",
    }
    assert any("man as Man" in note for note in found.evidence.notes)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ((), "There is no pair"),
        ((("x", "y"),), "The pair cannot be used"),
        ((("he", "he"),), "both are the same item"),
        ((("he", "him"),), "no direction"),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_pairs_that_give_no_direction_are_refused(pairs: Any, said: str, method: str) -> None:
    where = named({"he": (0, 1), "him": (0, 2), "she": (1, 1)})
    with pytest.raises(BackendError, match=said):
        find_direction(where, "pairs", PairsGiven(pairs), method)


def test_pairs_in_both_orders_and_words_on_both_sides_are_said() -> None:
    where = named({"he": (0, 1), "she": (1, 1), "man": (0, 2), "woman": (3, 2)})
    pairs = (("he", "she"), ("she", "he"), ("man", "woman"))
    notes = find_direction(where, "pairs", PairsGiven(pairs), "components").evidence.notes
    assert any("both orders" in note and "he → she" in note for note in notes)
    assert any("On both sides" in note and "he" in note for note in notes)
    single = find_direction(where, "pairs", PairsGiven(pairs[2:]), "components")
    assert any("single pair" in note for note in single.evidence.notes)


def test_a_list_is_its_mean_and_what_it_lost_is_said() -> None:
    where = named({"a": (2, 0), "b": (0, 5), "c": (-1, 0), "d": (0, -1)})
    given = SetsGiven(("a", "b", "zzz", "a"), ("c", "b"), "", "south west")
    found = find_direction(where, "sets", given)
    expected = np.array([-0.5, 0.5]) - np.array([0.5, 0.5])
    np.testing.assert_allclose(found.vector, expected / np.linalg.norm(expected), atol=1e-6)
    assert {one.term for one in found.evidence.lost} == {"zzz", "a"}
    assert any("On both sides" in note and "b" in note for note in found.evidence.notes)
    assert (found.ends, found.evidence.n) == (("a, b", "south west"), (2, 2))
    one = find_direction(where, "sets", SetsGiven(("a",), ("c", "d")))
    assert any("“a” is a single term" in note for note in one.evidence.notes)


@pytest.mark.parametrize("method", ["difference", "probe"])
def test_lists_that_give_no_direction_are_refused(method: str) -> None:
    where = named({"a": (2, 0), "b": (0, 5)})
    with pytest.raises(BackendError, match="One side has no vector: zzz"):
        find_direction(where, "sets", SetsGiven(("a",), ("zzz",)), method)
    with pytest.raises(BackendError, match="One side has no vector: an empty list"):
        find_direction(where, "sets", SetsGiven((), ("a",)), method)
    with pytest.raises(BackendError, match="no direction between them"):
        find_direction(where, "sets", SetsGiven(("a", "b"), ("b", "a")), method)


def test_texts_are_encoded_as_they_stand() -> None:
    corpus = builders.corpus(60)
    where = space_of(corpus, embed(EmbedRequest(corpus, "lexical")))
    given = PromptsGiven(("tide and salt",), ("gull and dune",))
    found = find_direction(where, "prompts", given)
    assert found.ends == ("tide and salt", "gull and dune")
    assert "terms" not in found.made_by.params
    assert find_again(where, found.made_by).fingerprint == found.fingerprint
    with pytest.raises(BackendError, match="One side has no vector: qqq"):
        find_direction(where, "prompts", PromptsGiven(("tide",), ("qqq",)))
    with pytest.raises(BackendError, match="came from a file"):
        find_direction(shifted(), "prompts", given)


def test_where_words_cannot_be_looked_up_selections_still_serve() -> None:
    nameless = builders.corpus(columns={"year": list(range(30))}, roles=Roles())
    where = space_of(nameless, cloud(np.random.default_rng(0).normal(size=(30, 4))))
    with pytest.raises(BackendError, match="no column names them"):
        find_direction(where, "pairs", PairsGiven((("a", "b"),)))
    found = find_direction(where, "selections", SelectionsGiven(None, select([1, 2], "two")))
    assert found.evidence.n == (28, 2)


@pytest.mark.parametrize(("source", "method"), [("nothing", "difference"), ("pairs", "nothing")])
def test_unknown_rows_are_refused_with_those_that_are_known(source: str, method: str) -> None:
    with pytest.raises(BackendError, match="called “nothing”") as caught:
        find_direction(shifted(), source, PairsGiven(PAIRS), method)
    assert "difference" in caught.value.hint or "pairs" in caught.value.hint


def test_it_stops_when_nobody_wants_it() -> None:
    listener = Listener(patience=3)
    with pytest.raises(Cancelled):
        find_direction(shifted(), "pairs", PairsGiven(PAIRS), report=listener.report)
    assert len(listener.progress) <= 4


@given(st.sets(st.integers(0, 5000), max_size=50))
@example(set(range(7, 5000, 3)))
def test_rows_of_a_recipe_come_back(rows: set[int]) -> None:
    given_rows = np.array(sorted(rows), dtype=np.int64)
    told = json.loads(json.dumps(rows_as_json(given_rows)))
    np.testing.assert_array_equal(rows_from_json(told), given_rows)


@pytest.mark.parametrize("told", ["!", "AAAA"])  # no base64, nothing packed
def test_damaged_rows_are_an_error(told: str) -> None:
    with pytest.raises(ValueError, match=r"damaged|base64"):
        rows_from_json(told)
