"""Sentences about scores: what is lost, too little or no better than chance is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backends.evaluate.files import AnalogyFile, Section, SimilarityFile
from backends.evaluate.verdict import is_chance, verdict
from backends.evaluate.words import WordScore, word_scores
from tests.backends.evaluate.spaces import space_of

ITEMS = {"man": [1, 0, 0], "woman": [1, 0, 0.5], "king": [0, 1, 0], "queen": [0, 1, 0.5]}


@pytest.fixture(scope="module")
def scores() -> tuple[WordScore, ...]:
    pairs = SimilarityFile(
        "pairs", "", (("man", "woman"), ("king", "queen"), ("man", "king")), (9.0, 8.0, 1.0)
    )
    asked = AnalogyFile("asked", "", (Section("all", (("man", "woman", "king", "queen"),)),))
    return word_scores(space_of(ITEMS), [pairs, asked])


def score(scores: tuple[WordScore, ...], **changes: object) -> WordScore:
    plain = {"score": 0.6, "low": 0.5, "high": 0.7, "random": 0.01, "n": 90, "asked": 100}
    return replace(scores[0], **{**plain, **changes})  # type: ignore[arg-type]


def test_plain_scores(scores: tuple[WordScore, ...]) -> None:
    one = "Spearman's rho with people's judgements:"
    assert verdict([score(scores)]) == (f"{one} 0.60 (pairs).",)
    both = verdict([score(scores), score(scores, score=0.4)])
    assert both == (f"{one} 0.40 (pairs) to 0.60 (pairs).",)
    assert verdict([]) == ()


def test_analogies_with_and_without_the_custom(scores: tuple[WordScore, ...]) -> None:
    first = verdict([scores[1]])[0]
    assert first.startswith("asked: 100% of 1 analogy right, ")
    assert "if words of the question may be answers" in first


@pytest.mark.parametrize(
    ("changes", "chance"),
    [
        ({}, False),
        ({"low": 0.005}, True),
        ({"low": -0.1}, True),
        ({"random": 0.55}, True),
        ({"low": np.nan}, True),
        ({"random": np.nan, "low": -1.0}, False),
    ],
)
def test_chance(scores: tuple[WordScore, ...], changes: dict[str, float], chance: bool) -> None:
    one = score(scores, **changes)
    assert is_chance(one) is chance
    assert any("random vectors" in said for said in verdict([one])) is chance


def test_what_is_missing(scores: tuple[WordScore, ...]) -> None:
    assert (
        verdict([score(scores, n=70)])[-1]
        == "More than 20% lost of pairs: its score is about the rest."
    )
    assert "fewer than 30" in verdict([score(scores, n=20, asked=21)])[-1]
    assert "could not be judged" in verdict([score(scores, score=np.nan)])[0]
    # Each reason is its own: words that are lost, one pair, no order.
    counts = ((1, 9), (1, 1), (9, 9))  # judged, asked
    reasons = [verdict([score(scores, score=np.nan, n=n, asked=of)])[0] for n, of in counts]
    assert [reason.split(": ")[1] for reason in reasons] == [
        "too few of the words have a vector.",
        "a single pair has no order.",
        "all scores, or all cosines, are the same.",
    ]
    many = verdict([score(scores, n=50)] * 5)[-1]
    assert "pairs, pairs, pairs and 2 more" in many
