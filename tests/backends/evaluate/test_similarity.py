"""Spearman's rho against pairs: by hand, beside scipy, and with words that are not there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from backends.directions.base import Space
from backends.directions.terms import NO_VECTOR, UNKNOWN, Encoded, Lost
from backends.embed import EmbedRequest, embed
from backends.evaluate.files import SimilarityFile
from backends.evaluate.similarity import (
    mean_ranks,
    similarity_check,
    spearman,
    spearman_interval,
)
from tests import builders
from tests.backends.evaluate.spaces import random_space, space_of

VALUES = st.lists(st.integers(-5, 5).map(float), min_size=2, max_size=30)


def file_of(*rows: tuple[str, str, float]) -> SimilarityFile:
    return SimilarityFile(
        "pairs", "", tuple((a, b) for a, b, _ in rows), tuple(c for _, _, c in rows)
    )


def rank_by_hand(values: list[float]) -> list[float]:
    return [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2
        for value in values
    ]


@given(VALUES)
def test_equal_values_share_the_mean_of_their_ranks(values: list[float]) -> None:
    found = mean_ranks(np.array(values))
    assert found.tolist() == rank_by_hand(values) == rankdata(values).tolist()


@given(st.data(), VALUES)
def test_rho_is_scipys(data: st.DataObject, one: list[float]) -> None:
    two = data.draw(st.lists(st.integers(-5, 5).map(float), min_size=len(one), max_size=len(one)))
    found = spearman(np.array(one), np.array(two))
    if len(set(one)) == 1 or len(set(two)) == 1:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(spearmanr(one, two)[0], abs=1e-12)


def test_the_interval_is_that_of_a_slow_bootstrap() -> None:
    rng = np.random.default_rng(3)
    one = rng.integers(0, 6, 40).astype(float)
    two = one + rng.normal(scale=2, size=40)
    rho, low, high = spearman_interval(one, two, seed=7, resamples=200)
    # The same counts, in blocks of the same size.
    times = np.random.default_rng(7).multinomial(40, np.full(40, 1 / 40), size=200)
    slow = [spearmanr(np.repeat(one, t), np.repeat(two, t))[0] for t in times]
    assert rho == pytest.approx(spearmanr(one, two)[0])
    assert (low, high) == pytest.approx(tuple(np.percentile(slow, (2.5, 97.5))), abs=1e-9)
    assert low < rho < high


def test_pairs_by_hand() -> None:
    space = space_of({"east": [1, 0], "north": [0, 1], "up": [1, 1], "west": [-1, 0]})
    file = file_of(("east", "up", 9), ("east", "north", 6), ("EAST", "west", 1), ("up", "up", 10))
    found = similarity_check(space, file)
    assert found.cosines == pytest.approx([0.5**0.5, 0, -1, 1], abs=1e-6)
    assert (found.spearman, found.n, found.asked, found.lost) == (1, 4, 4, ())
    assert found.ranks[0].tolist() == found.ranks[1].tolist() == [3, 2, 1, 4]
    against = similarity_check(space, file_of(("east", "up", 1), ("east", "north", 2)))
    assert against.spearman == -1
    assert np.isnan([against.low, against.high]).all()
    (worst,) = against.misjudged(1)
    assert (worst.pair, worst.score, worst.people, worst.ours) == (("east", "up"), 1, 1, 2)
    assert worst.cosine == pytest.approx(0.5**0.5)


def test_words_without_a_vector_are_left_out_and_named() -> None:
    space = space_of([("cat", [1, 0]), ("dog", [1, 1]), ("empty", [0, 0]), ("Cat", [0, 1])])
    file = file_of(("cat", "dog", 2), ("dog", "unicorn", 1), ("empty", "cat", 3), ("DOG", "CAT", 1))
    found = similarity_check(space, file)
    assert (found.n, found.asked) == (2, 4)
    assert found.at.tolist() == [0, 3]
    assert found.lost == (Lost("unicorn", UNKNOWN), Lost("empty", NO_VECTOR))
    exact = similarity_check(space, file, case="exact")
    assert exact.at.tolist() == [0]
    assert {lost.term for lost in exact.lost} == {"unicorn", "empty", "DOG", "CAT"}
    assert np.isnan(exact.spearman)


def test_of_several_items_of_a_name_the_first_with_a_vector_counts() -> None:
    space = space_of([("Cat", [0, 0]), ("CAT", [0, 1]), ("cat", [1, 0]), ("dog", [0, 2])])
    assert similarity_check(space, file_of(("cat", "dog", 1))).cosines[0] == pytest.approx(1)
    exact = similarity_check(space, file_of(("cat", "dog", 1)), case="exact")
    assert exact.cosines[0] == pytest.approx(0)
    other = similarity_check(space, file_of(("Cat", "dog", 1)), case="spellings")
    assert other.cosines[0] == pytest.approx(0)  # in lower case before capitals


def test_phrases_are_found_with_underscores_if_spellings_are_tried() -> None:
    space = space_of({"new_york": [1, 0], "city": [1, 1]})
    file = file_of(("New York", "city", 1))
    assert similarity_check(space, file).n == 0
    assert similarity_check(space, file, case="spellings").n == 1


def test_random_vectors_reach_nothing() -> None:
    words = [f"w{i}" for i in range(60)]
    rng = np.random.default_rng(0)
    rows = [
        (str(a), str(b), float(s))
        for a, b, s in zip(
            rng.choice(words, 400), rng.choice(words, 400), rng.normal(size=400), strict=True
        )
        if a != b
    ]
    found = similarity_check(random_space(words, 20), file_of(*rows))
    assert abs(found.random) < 0.1
    assert found.low < 0 < found.high
    again = similarity_check(random_space(words, 20), file_of(*rows))
    assert (again.random, again.low, again.high) == (found.random, found.low, found.high)


def test_sentences_of_an_encoder() -> None:
    corpus = builders.corpus(columns={"text": ["the tide is high", "salt in the reef", "a gull"]})
    embeddings = embed(EmbedRequest(corpus, "lexical", "text"))
    space = Space(corpus, embeddings, Encoded(corpus, embeddings, ("{w}",)))
    file = file_of(("the tide is high", "the  tide is high", 5), ("a gull", "salt in the reef", 1))
    found = similarity_check(space, file)
    assert (found.n, found.spearman) == (2, 1)
    assert found.cosines[0] == pytest.approx(1, abs=1e-5)
