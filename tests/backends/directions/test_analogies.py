"""Generated analogies against every pair in turn; the ban that hides a word's own answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.directions import analogies
from backends.directions.analogies import generate_analogies
from backends.directions.registry import PairsGiven, SelectionsGiven, find_direction
from backends.errors import BackendError
from backends.reporting import Cancelled
from backends.selection import select
from tests.backends.clouds import Listener
from tests.backends.directions.spaces import named, space, units

Pairs = list[tuple[int, int, float]]


def every_pair(vectors: np.ndarray, g: np.ndarray, delta: float, most: int) -> Pairs:
    """Score all pairs, the best first, each word once a side: (negative, positive, score)."""
    rows = units(vectors)
    scored: Pairs = []
    for x in range(len(rows)):
        for y in range(len(rows)):
            apart = float(np.linalg.norm(rows[x] - rows[y]))
            if x != y and 0 < apart <= delta:
                scored.append((y, x, float((rows[x] - rows[y]) @ g) / apart))
    taken: Pairs = []
    for one in sorted(scored, key=lambda pair: -pair[2]):
        if one[2] <= 0 or len(taken) == most:
            break
        if one[0] not in {two[0] for two in taken} and one[1] not in {two[1] for two in taken}:
            taken.append(one)
    return taken


@given(st.integers(2, 40), st.integers(0, 99), st.sampled_from([0.5, 1.0, 1.6]), st.integers(1, 12))
def test_analogies_are_those_of_looking_at_every_pair(
    n: int, seed: int, delta: float, most: int
) -> None:
    rng = np.random.default_rng(seed)
    where = space(rng.normal(size=(n, 5)) + 0.8 * np.eye(5)[0])
    g = find_direction(where, "pairs", PairsGiven((("w0", "w1"),)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analogies, "BLOCK", 7)  # so that many blocks meet
        patch.setattr(analogies, "POOL", 3 * most)  # and the hopeless are thrown away
        found = generate_analogies(where, g, most, delta=delta)
    expected = every_pair(where.embeddings.vectors, g.vector.astype(float), delta, most)
    assert [(one.negative_row, one.positive_row) for one in found.pairs] == [
        one[:2] for one in expected
    ]
    np.testing.assert_allclose(
        [one.score for one in found.pairs], [one[2] for one in expected], atol=1e-5
    )
    assert all(one.distance <= delta + 1e-6 for one in found.pairs)
    assert found.words == n


def test_pairs_that_better_ones_block_are_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two pairs are above .4 until a better one takes a word of each; then the third counts.
    monkeypatch.setattr(analogies, "POOL", 2)
    pool = analogies._Pool(2)
    offers = [((0, 0, 0.5), (1, 1, 0.6), (2, 2, 0.4)), ((0, 1, 0.9),)]
    for offer in offers:
        high, low, scores = (np.array(part) for part in zip(*offer, strict=True))
        pool.offer(high, low, scores.astype(np.float32))
    high, low, scores = pool.best()
    assert list(zip(high.tolist(), low.tolist(), strict=True)) == [(0, 1), (2, 2)]
    assert scores.tolist() == pytest.approx([0.9, 0.4])


def test_near_twins_have_exact_scores_and_the_same_vector_twice_is_no_pair() -> None:
    step = 1e-4
    where = named({"a": (1, 0, 0), "b": (1, step, step), "c": (1, 0, 0), "far": (0, 0, 1)})
    g = find_direction(where, "pairs", PairsGiven((("a", "b"),)))
    found = generate_analogies(where, g)
    assert [(one.negative, one.positive) for one in found.pairs] == [("a", "b")]
    assert found.pairs[0].score == pytest.approx(1, abs=1e-3)


def test_without_the_ban_a_word_may_be_its_own_answer() -> None:
    # From man to woman is a short step; the only words near doctor are doctor and nurse, far off.
    where = named(
        {
            "man": (1, 0, 0.0),
            "woman": (1, 0.2, 0.0),
            "doctor": (0, 0.0, 1),
            "nurse": (0, 0.9, 1),
        }
    )
    g = find_direction(where, "pairs", PairsGiven((("man", "woman"),)))
    found = generate_analogies(where, g)
    told = {one.negative: one for one in found.pairs}
    assert told["man"].match
    assert told["doctor"].positive == "nurse"
    assert (told["doctor"].found_positive, told["doctor"].match) == ("doctor", False)
    assert (found.offset, found.matches) == ("woman - man", 1)
    own = generate_analogies(where, g, seed_pair=("doctor", "nurse"))
    assert {one.negative: one.match for one in own.pairs}["doctor"]


def test_only_the_first_or_the_chosen_words_are_searched_and_that_is_said() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 3))
    vectors[4] = 0
    where = space(vectors)
    g = find_direction(where, "selections", SelectionsGiven(None, select(range(20), "some")))
    found = generate_analogies(where, g, first=30)
    assert (found.words, found.note) == (29, "Among the first 29 of 59 items.")
    assert {one.negative_row for one in found.pairs} <= set(range(30))
    assert "the direction, " in found.offset  # there is no pair to take the step from
    chosen = generate_analogies(where, g, rows=np.array([4, 7, 9, 11]))
    assert (chosen.words, chosen.note) == (3, "Among 3 chosen items.")


def test_nothing_within_reach_is_no_analogy_and_nonsense_is_refused() -> None:
    where = space(np.eye(4))
    g = find_direction(where, "pairs", PairsGiven((("w0", "w1"),)))
    none = generate_analogies(where, g)
    assert (none.pairs, none.candidates) == ((), 0)
    with pytest.raises(BackendError, match="at least two words"):
        generate_analogies(where, g, first=1)
    for delta in (0.0, 2.5):
        with pytest.raises(BackendError, match="not in 0 to 2"):
            generate_analogies(where, g, delta=delta)


def test_it_stops_between_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analogies, "BLOCK", 4)
    where = space(np.random.default_rng(0).normal(size=(40, 3)))
    g = find_direction(where, "pairs", PairsGiven((("w0", "w1"),)))
    listener = Listener(patience=5)
    with pytest.raises(Cancelled):
        generate_analogies(where, g, report=listener.report)
    assert len(listener.progress) == 5
