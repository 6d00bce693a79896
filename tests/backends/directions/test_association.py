"""Association tests against published values, slow versions, and sets that cannot be tested."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.directions.association import associate
from backends.directions.base import Space
from backends.directions.metrics import METRICS, AssociationParams
from backends.directions.shipped import shipped
from backends.directions.terms import TWICE, UNKNOWN, term_source
from backends.directions.wordsets import AssociationTest, WordSet
from backends.embed import EmbedRequest, embed
from backends.errors import BackendError
from tests import builders
from tests.backends.directions.spaces import google_news, space_of

WORDS = [f"{part}{i}" for part in "xyab" for i in range(4)]


def words(name: str, *terms: str) -> WordSet:
    return WordSet(name, "terms", terms)


def planned(**parts: WordSet) -> AssociationTest:
    sets = {part: words(part, *(f"{part.lower()}{i}" for i in range(4))) for part in "XYAB"}
    sets |= parts
    return AssociationTest("test", (sets["X"], sets["Y"]), (sets["A"], sets["B"]))


def random_space(seed: int = 0, scale: float = 1.0) -> Space:
    vectors = np.random.default_rng(seed).normal(size=(16, 5)) * scale
    return space_of(WORDS, vectors)


def female_and_male(*attributes: str) -> AssociationTest:
    named = shipped().named
    return AssociationTest(
        "gender",
        (named("Female terms"), named("Male terms")),
        (named(attributes[0]), named(attributes[1])),
    )


def test_published_values_of_names_and_pleasant_words() -> None:
    test = next(one for one in shipped().tests if one.name.startswith("WEAT 5"))
    found = associate(google_news(), test, params=AssociationParams(ddof=0, runs=2_000))
    assert found.effect_size == pytest.approx(0.7337, abs=1e-3)
    assert [size.after for size in found.n.values()] == [18, 18, 8, 8]
    assert found.p_kind == "sampled"
    published = associate(google_news(), test, params=AssociationParams(runs=2_000))
    assert published.effect_size == pytest.approx(0.7234, abs=1e-3)
    assert published.published["d, word2vec Google News"] == 0.72
    assert (found.ddof, published.ddof) == (0, 1)


@pytest.mark.parametrize(
    ("metric", "statistic"),
    [("weat", 0.46344), ("mac", 0.84164), ("ect", 0.76190), ("rnd", -0.00628)],
)
def test_published_values_of_gender_and_family(metric: str, statistic: float) -> None:
    test = female_and_male("Family", "Career")
    found = associate(google_news(), test, metric, AssociationParams(ddof=0))
    assert found.statistic == pytest.approx(statistic, abs=1e-4)
    if metric == "weat":
        assert found.effect_size == pytest.approx(0.45077, abs=1e-4)
        assert (found.p_kind, found.partitions) == ("exact", 12_870)


def test_weat_is_what_a_slow_version_finds() -> None:
    space = random_space()
    vectors = {word: np.array(space.embeddings.vectors[i]) for i, word in enumerate(WORDS)}

    def cosine(one: str, other: str) -> float:
        u, v = vectors[one].astype(float), vectors[other].astype(float)
        return float(u @ v / np.linalg.norm(u) / np.linalg.norm(v))

    def s(word: str) -> float:
        near = [cosine(word, f"a{i}") for i in range(4)]
        far = [cosine(word, f"b{i}") for i in range(4)]
        return sum(near) / 4 - sum(far) / 4

    x, y = [s(f"x{i}") for i in range(4)], [s(f"y{i}") for i in range(4)]
    found = associate(space, planned())
    assert found.statistic == pytest.approx(sum(x) - sum(y), abs=1e-5)
    d = (np.mean(x) - np.mean(y)) / np.std([*x, *y], ddof=1)
    assert found.effect_size == pytest.approx(d, abs=1e-5)
    assert [value for _, value in found.items["X"]] == pytest.approx(x, abs=1e-6)


@given(st.integers(0, 10_000))
def test_swapping_and_scaling(seed: int) -> None:
    space = random_space(seed)
    found = associate(space, planned(), params=AssociationParams(resamples=10))
    test = planned()
    swapped = AssociationTest("swapped", test.targets[::-1], test.attributes)
    turned = associate(space, swapped, params=AssociationParams(resamples=10))
    assert turned.statistic == pytest.approx(-found.statistic, abs=1e-5)
    assert found.p is not None
    assert turned.p is not None
    assert found.p + turned.p >= 1 - 1e-9, "the observed partition counts in both"
    both = AssociationTest("both", test.targets[::-1], test.attributes[::-1])
    again = associate(space, both, params=AssociationParams(resamples=10))
    assert again.statistic == pytest.approx(found.statistic, abs=1e-5)
    assert again.p == pytest.approx(found.p)
    larger = associate(
        random_space(seed, 1000.0), planned(), params=AssociationParams(resamples=10)
    )
    assert larger.effect_size == pytest.approx(found.effect_size, abs=1e-4)
    assert abs(found.statistic) <= 2 * 8
    assert abs(found.effect_size or 0) <= 2 * np.sqrt(7 / 8) + 1e-9


@given(st.integers(0, 10_000))
def test_turning_the_space_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(16, 5))
    turn, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    params = AssociationParams(resamples=10)
    for metric in ("weat", "rnd", "mac", "ripa"):
        plain = associate(space_of(WORDS, vectors), planned(), metric, params)
        turned = associate(space_of(WORDS, vectors @ turn), planned(), metric, params)
        assert turned.statistic == pytest.approx(plain.statistic, abs=1e-5)


def test_of_a_pair_both_or_none_count() -> None:
    test = planned(X=words("X", "x0", "nobody", "x2", "x0"), Y=words("Y", "y0", "y1", "y2", "y3"))
    found = associate(random_space(), test, "ripa")
    vectors = random_space().embeddings.vectors.astype(float)
    axes = [vectors[0] - vectors[4], vectors[2] - vectors[6], vectors[0] - vectors[7]]
    along = [vectors[8:12] @ axis / np.linalg.norm(axis) for axis in axes]
    assert found.statistic == pytest.approx(np.mean(along), abs=1e-5)
    assert (found.n["Y"].before, found.n["Y"].after) == (4, 3)
    assert [one.term for one in found.n["Y"].lost] == ["y1"]
    assert "“nobody”, the other of its pair" in found.n["Y"].lost[0].why
    assert [one.term for one in found.n["X"].lost] == ["nobody"]


def test_two_spellings_of_one_item_are_told() -> None:
    test = planned(A=words("A", "a0", "A0", "a1", "a2"))
    warned = " ".join(associate(random_space(), test).warnings)
    assert "“a0” and “A0” of “A” (A) are one item here, “a0”: it counts 2 times." in warned


def test_ect_of_attributes_that_cannot_be_ranked_is_refused() -> None:
    vectors = np.random.default_rng(0).normal(size=(16, 5))
    vectors[8:12] = vectors[8]
    with pytest.raises(BackendError, match="all terms of A are equally near"):
        associate(space_of(WORDS, vectors), planned(), "ect")


def test_ripa_depends_on_lengths_and_rnsb_on_nothing_else() -> None:
    plain, larger = random_space(), random_space(0, 10.0)
    assert associate(larger, planned(), "ripa").statistic == pytest.approx(
        10 * associate(plain, planned(), "ripa").statistic, rel=1e-5
    )
    assert associate(larger, planned(), "rnsb").statistic == pytest.approx(
        associate(plain, planned(), "rnsb").statistic, rel=1e-4
    )


def test_ripa_by_hand() -> None:
    vectors = np.zeros((16, 3))
    vectors[:4] = [3, 0, 0]  # X
    vectors[4:8] = [0, 4, 0]  # Y: x - y = (3, -4, 0), of length 5
    vectors[8:12] = [1, 0, 2]  # A
    vectors[12:] = [0, 1, 2]  # B
    found = associate(space_of(WORDS, vectors), planned(), "ripa")
    assert found.statistic == pytest.approx(3 / 5)
    assert found.beside["B"] == pytest.approx(-4 / 5)


def test_a_classifier_that_sees_no_difference_is_fair() -> None:
    vectors = np.tile([[1.0, 0.0]], (16, 1))
    vectors[8:12] = [0, 1]
    vectors[12:] = [0, -1]
    found = associate(space_of(WORDS, vectors), planned(), "rnsb")
    assert found.statistic == pytest.approx(0.0, abs=1e-9)
    assert found.beside["held-out accuracy"] == 1.0


def test_lost_terms_are_counted_named_and_warned_of() -> None:
    test = planned(X=words("few", "X0", "x1", "x1", "nowhere", "x2"))
    found = associate(random_space(), test)
    assert (found.n["X"].before, found.n["X"].after) == (4, 3)
    assert {(one.term, one.why) for one in found.lost} == {("x1", TWICE), ("nowhere", UNKNOWN)}
    assert found.spelled == {"X0": "x0"}
    warned = " ".join(found.warnings)
    assert "has 3 of the 4 terms" in warned
    assert "25% of “few” (X) have no vector" in warned


def test_one_against_one_says_that_it_can_say_nothing() -> None:
    test = planned(X=words("one", "x0"), Y=words("other", "y0"))
    found = associate(random_space(), test, params=AssociationParams(ddof=0))
    assert abs(found.effect_size or 0) == pytest.approx(2.0)
    assert found.smallest_p == 0.5
    assert found.interval is None
    assert any("cannot give a p below 0.5" in warning for warning in found.warnings)
    assert any("always gives |d| = 2.00" in warning for warning in found.warnings)
    usual = associate(random_space(), test)
    assert abs(usual.effect_size or 0) == pytest.approx(np.sqrt(2))
    assert any("always gives |d| = 1.41" in warning for warning in usual.warnings)


def test_overlapping_sets_are_told() -> None:
    test = planned(Y=words("Y", "y0", "y1", "y2", "x3"), B=words("B", "b0", "b1", "b2", "x0"))
    warned = " ".join(associate(random_space(), test).warnings)
    assert "x3 stands in both sets of targets." in warned
    assert "x0 stands in targets and attributes." in warned


@pytest.mark.parametrize(
    ("parts", "metric", "said"),
    [
        ({"X": words("gone", "no", "never")}, "weat", "None of the 2 terms of “gone”"),
        ({"Y": words("Y", "x0", "x1", "x2", "x3")}, "weat", "sets of targets of “test” are the"),
        ({"B": words("B", "a0", "a1", "a2", "a3")}, "mac", "sets of attributes of “test” are the"),
        ({"X": words("X", "x0", "x1")}, "ripa", "RIPA needs pairs of targets, but “X” has 2"),
        ({"Y": words("Y", "X0", "X1", "X2", "X3")}, "weat", "targets of “test” are the same items"),
        ({"X": WordSet("X", "pairs", (), (("x0", "x1"),))}, "weat", "“X” is a set of pairs"),
        ({"A": words("A", "a0", "a1")}, "ect", "A has 2 terms"),
        ({"X": words("empty")}, "weat", "“empty” is empty"),
    ],
)
def test_what_cannot_be_tested_is_refused(
    parts: dict[str, WordSet], metric: str, said: str
) -> None:
    with pytest.raises(BackendError, match=said):
        associate(random_space(), planned(**parts), metric)


def test_equal_vectors_of_a_pair_are_refused_by_ripa() -> None:
    vectors = np.random.default_rng(0).normal(size=(16, 5))
    vectors[4] = vectors[0]
    with pytest.raises(BackendError, match="“x0” and “y0” have the same vector"):
        associate(space_of(WORDS, vectors), planned(), "ripa")


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_is_plain_data_and_the_same_every_time(metric: str) -> None:
    found = associate(random_space(), planned(), metric)
    assert json.loads(json.dumps(found.as_json()))["metric"] == metric
    assert found == associate(random_space(), planned(), metric)
    assert found.items
    assert np.isfinite(found.statistic)


def test_terms_of_an_encoder_go_through_templates() -> None:
    corpus = builders.corpus(40)
    embeddings = embed(EmbedRequest(corpus, "lexical"))
    space = Space(corpus, embeddings, term_source(corpus, embeddings, ("the {w} there",)))
    test = AssociationTest(
        "sea",
        (words("X", "tide", "salt", "reef"), words("Y", "gull", "dune", "kelp")),
        (words("A", "pier", "mist"), words("B", "sail", "rope")),
    )
    found = associate(space, test)
    assert found.how == "encoded in “the {w} there”"
    assert found.title == "SEAT"
    assert associate(space, test, "mac").title == "MAC"
    assert associate(random_space(), planned()).title == "WEAT"
    assert [size.after for size in found.n.values()] == [3, 3, 2, 2]
