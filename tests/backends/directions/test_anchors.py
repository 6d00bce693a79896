"""Published numbers of Bolukbasi et al. and of responsibly, on a subset of the Google News vectors.

Values within 1e-3; the means over random pairs within .02, with seed 0.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from backends.directions.analogies import generate_analogies
from backends.directions.base import Direction, Space
from backends.directions.indirect import along_pair
from backends.directions.looking import direct_bias_of_terms
from backends.directions.references import against_reference
from backends.directions.registry import PairsGiven, find_direction
from tests.backends.directions.spaces import google_news
from tests.google_news import listed

EXPLAINED = (0.6053, 0.1273, 0.0993, 0.0483, 0.0406, 0.0253, 0.0232, 0.0124, 0.0100, 0.0083)
FIRST_RANDOM = 0.143
NEAR = 1e-3


@pytest.fixture(scope="module")
def news() -> Space:
    return google_news()


@lru_cache(maxsize=1)
def lists() -> dict[str, Any]:
    gender: dict[str, Any] = listed("bolukbasi.json")["gender"]
    return gender


@pytest.fixture(scope="module")
def gender(news: Space) -> Direction:
    """First component of the ten pairs; women lie at positive projections."""
    pairs = tuple((him, her) for her, him in lists()["definitional_pairs"])
    return find_direction(news, "pairs", PairsGiven(pairs), "components")


@pytest.fixture(scope="module")
def she_he(news: Space) -> Direction:
    return find_direction(news, "pairs", PairsGiven((("he", "she"),)), "difference")


def professions(*, neutral: bool) -> list[str]:
    specific = set(lists()["specific_full"])
    names = [name for name, _, _ in lists()["professions"]]
    return [name for name in names if name not in specific] if neutral else names


def test_ten_pairs_share_one_component_and_random_pairs_do_not(gender: Direction) -> None:
    told = gender.evidence
    assert told.explained == pytest.approx(EXPLAINED, abs=1e-4)
    assert told.baseline[0] == pytest.approx(FIRST_RANDOM, abs=0.02)
    assert (told.n, told.lost, told.disagreeing) == ((10, 10), (), ())


def test_the_first_component_is_near_she_he(gender: Direction, she_he: Direction) -> None:
    assert float(gender.vector @ she_he.vector) == pytest.approx(0.945, abs=NEAR)


@pytest.mark.parametrize(("neutral", "n", "value"), [(True, 303, 0.0731), (False, 320, 0.0805)])
def test_direct_bias_of_professions(
    news: Space, gender: Direction, neutral: bool, n: int, value: float
) -> None:
    found = direct_bias_of_terms(news, gender, professions(neutral=neutral))
    assert (found.n, found.value) == (n, pytest.approx(value, abs=1e-4))


def test_indirect_bias_along_softball_and_football(news: Space, gender: Direction) -> None:
    found = along_pair(news, gender, ("football", "softball"), professions(neutral=True), k=5)
    assert [(one.term, round(one.beta, 4)) for one in found.positive] == [
        ("bookkeeper", 0.2012),
        ("receptionist", 0.6723),
        ("registered_nurse", 0.2872),
        ("paralegal", 0.3727),
        ("homemaker", 0.3837),
    ]
    assert found.negative[0].term == "footballer"
    told = {one.term: one.beta for one in found.negative}
    assert told["footballer"] == pytest.approx(0.0154, abs=NEAR)
    assert told["maestro"] == pytest.approx(0.4158, abs=NEAR)
    assert told["pundit"] == pytest.approx(0.1012, abs=NEAR)
    assert told["cleric"] == pytest.approx(0.0178, abs=NEAR)
    receptionist = next(one for one in found.positive if one.term == "receptionist")
    assert receptionist.similarity == pytest.approx(0.0924, abs=NEAR)


@pytest.mark.parametrize(
    ("ends", "word", "beta"),
    [
        (("football", "softball"), "waitress", 0.3178),
        (("football", "softball"), "pitcher", -0.0054),
        (("softball", "football"), "businessman", 0.1701),
    ],
)
def test_indirect_bias_of_single_words(
    news: Space, gender: Direction, ends: tuple[str, str], word: str, beta: float
) -> None:
    found = along_pair(news, gender, ends, [word, ends[0], "programmer"], k=1)
    told = next(one for one in (*found.negative, *found.positive) if one.term == word)
    assert found.positive[0].term == word
    assert told.beta == pytest.approx(beta, abs=NEAR)


def test_professions_on_the_she_he_axis(news: Space, she_he: Direction) -> None:
    found = direct_bias_of_terms(news, she_he, professions(neutral=False))
    order = np.argsort(found.projections)
    ends = [(found.names[i], round(float(found.projections[i]), 3)) for i in order]
    assert ends[:3] == [("maestro", -0.238), ("statesman", -0.217), ("skipper", -0.208)]
    assert ends[-4:] == [
        *(("homemaker", 0.304), ("housewife", 0.340)),
        *(("actress", 0.352), ("businesswoman", 0.360)),
    ]


def test_projections_follow_the_share_of_women_and_what_people_say(
    news: Space, gender: Direction, she_he: Direction
) -> None:
    women = listed("occupational_female_precentage.json")
    found = against_reference(news, gender, women)
    assert (found.n, len(found.lost)) == (36, 4)
    assert found.pearson == pytest.approx(0.7070, abs=NEAR)
    crowd = {name: -stereotype for name, _, stereotype in lists()["professions"]}  # women positive
    told = against_reference(news, she_he, crowd)
    assert (told.n, told.spearman) == (320, pytest.approx(0.5175, abs=NEAR))
    values = np.array([crowd[name] for name in told.terms])
    assert stats.spearmanr(values, told.projections).statistic == pytest.approx(told.spearman)


def test_the_first_analogies(news: Space, she_he: Direction) -> None:
    found = generate_analogies(news, she_he, 8)
    assert [(one.positive, one.negative) for one in found.pairs] == [
        *(("she", "he"), ("herself", "himself"), ("her", "his"), ("woman", "man")),
        *(("daughter", "son"), ("businesswoman", "businessman")),
        *(("girl", "boy"), ("actress", "actor")),
    ]
    assert found.words == 26_423
    assert found.pairs[0].score == pytest.approx(1, abs=1e-5)
