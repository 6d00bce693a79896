"""Analogies beside a slow loop over all items, and what leaving out the question's words hides."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.directions.base import Space
from backends.directions.terms import NO_VECTOR, UNKNOWN, Encoded, Lost
from backends.errors import BackendError
from backends.evaluate import analogies
from backends.evaluate.analogies import analogy_check
from backends.evaluate.files import AnalogyFile, Question, Section
from backends.evaluate.lookup import BEYOND
from backends.reporting import Cancelled, Progress, Report
from tests.backends.evaluate.spaces import random_space, space_of


def file_of(*questions: Question, title: str = "all") -> AnalogyFile:
    return AnalogyFile("questions", "", (Section(title, questions),))


def slow_answers(space: Space, question: Question) -> list[str]:
    """Sum and product without the words of the question, sum and product with them."""
    words = space.corpus.table.column("word").to_pylist()
    units = space.embeddings.vectors / np.linalg.norm(space.embeddings.vectors, axis=1)[:, None]
    a, b, c = (units[words.index(word)] for word in question[:3])
    found = []
    for excluded in (question[:3], ()):
        for product in (False, True):
            best, value = "", -np.inf
            for word, x in zip(words, units, strict=True):
                if word in excluded:
                    continue
                score = x @ b - x @ a + x @ c
                if product:
                    score = (1 + x @ b) / 2 * (1 + x @ c) / 2 / ((1 + x @ a) / 2 + 1e-3)
                if score > value:
                    best, value = word, score
            found.append(best)
    return found


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(5, 40))
def test_answers_are_those_of_a_slow_loop(seed: int, count: int) -> None:
    words = [f"w{i}" for i in range(count)]
    space = random_space(words, 6, seed)
    rng = np.random.default_rng(seed)
    questions = [tuple(words[i] for i in rng.choice(count, 4, replace=False)) for _ in range(8)]
    slow = [slow_answers(space, question) for question in questions]
    # Each is asked with what the slow loop says as its fourth word, one way after the other.
    for column in range(4):
        asked = [
            (*question[:3], answers[column])
            for question, answers in zip(questions, slow, strict=True)
        ]
        found = analogy_check(space, file_of(*asked), chance=False)
        assert found.right[:, column].all()
    assert found.answers == tuple(answers[0] for answers in slow)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [f"w{i}" for i in range(1500)]
    space = random_space(words, 4, 5)
    rng = np.random.default_rng(0)
    file = file_of(
        *(tuple(words[i] for i in rng.choice(1500, 4, replace=False)) for _ in range(50))
    )
    whole = analogy_check(space, file)
    monkeypatch.setattr(analogies, "_BLOCK_CELLS", 1)
    parts = analogy_check(space, file)
    assert parts.answers == whole.answers
    assert np.array_equal(parts.right, whole.right)
    assert (parts.random, parts.low, parts.high) == (whole.random, whole.low, whole.high)


def planted() -> Space:
    """Men and women differ in one dimension; a capital from its country by another."""
    base = {"king": (1, 0, 0), "man": (0, 1, 0), "uncle": (0.2, 0.3, 0.9)}
    partner = {"king": "queen", "man": "woman", "uncle": "aunt"}
    items = {word: [*vector, 0.0] for word, vector in base.items()}
    items |= {partner[word]: [*vector, 0.4] for word, vector in base.items()}
    return space_of(items)


def test_shares_by_section_and_in_all() -> None:
    royal = ("man", "woman", "king", "queen")
    file = AnalogyFile(
        "planted",
        "",
        (
            Section("family", (royal, ("man", "woman", "uncle", "aunt"))),
            Section("odd", (("man", "woman", "king", "aunt"), ("man", "woman", "king", "unicorn"))),
            Section("lost", (("a", "b", "c", "d"),)),
        ),
    )
    found = analogy_check(planted(), file)
    family, odd, lost = found.sections
    assert (family.n, family.asked, family.add, family.mul) == (2, 2, 1, 1)
    assert (odd.n, odd.asked, odd.add) == (1, 2, 0)
    assert (lost.n, lost.asked) == (0, 1)
    assert np.isnan(lost.add)
    assert (found.total.n, found.total.asked) == (3, 5)
    assert found.total.add == pytest.approx(2 / 3)
    assert found.wrong() == [(("man", "woman", "king", "aunt"), "queen")]
    assert {each.term for each in found.lost} == {"unicorn", "a", "b", "c", "d"}
    assert np.isnan([found.low, found.high]).all()  # one first pair only


def test_without_the_custom_vectors_answer_with_the_question() -> None:
    # The step from man to woman is small beside the distance of king and queen to the rest.
    space = space_of(
        {"man": [1, 0, 0.1], "woman": [1, 0, 0.2], "king": [0, 1, 0], "queen": [0, 1, 0.3]}
    )
    found = analogy_check(space, file_of(("man", "woman", "king", "queen")))
    assert (found.total.add, found.total.add_free) == (1, 0)
    assert found.echoed == 1


def test_case_decides_which_items_are_the_same_word() -> None:
    items = [("Man", [1, 0, 0]), ("woman", [1, 0, 1]), ("KING", [0, 1, 0])]
    items += [("King", [0.01, 1, 0.001]), ("Queen", [0, 1, 1]), ("queen", [0, 1, 0.2])]
    file = file_of(("man", "woman", "king", "queen"))
    found = analogy_check(space_of(items), file)
    assert (found.total.n, found.total.add, found.answers) == (1, 1, ("Queen",))
    exact = analogy_check(space_of(items), file, case="exact")
    assert exact.total.n == 0
    assert exact.answers == ()
    assert {lost.term for lost in exact.lost} == {"man", "king"}
    spelled = analogy_check(space_of(items), file, case="spellings")
    assert (spelled.total.n, spelled.answers) == (1, ("Queen",))
    assert spelled.total.add == 0  # there the word is the item “queen” alone


def test_only_the_first_items_may_ask_and_answer() -> None:
    items = [("man", [1, 0, 0]), ("woman", [1, 0, 1]), ("king", [0, 1, 0]), ("empty", [0, 0, 0])]
    items += [("lady", [0.1, 1, 0.6]), ("queen", [0, 1, 1])]
    file = file_of(("man", "woman", "king", "lady"), ("man", "woman", "king", "queen"))
    far = analogy_check(space_of(items), file)
    assert (far.total.n, far.restrict, far.answers) == (2, 6, ("queen", "queen"))
    near = analogy_check(space_of(items), file, restrict=5)
    assert (near.total.n, near.total.asked, near.restrict) == (1, 2, 5)
    assert near.answers == ("lady",)
    assert near.lost == (Lost("queen", BEYOND.format(5)),)
    gone = analogy_check(space_of(items), file_of(("man", "empty", "king", "who")))
    assert set(gone.lost) == {Lost("empty", NO_VECTOR), Lost("who", UNKNOWN)}


def test_the_interval_draws_whole_groups_of_questions() -> None:
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, 4, 200)
    right = pairs < 2
    low, high = analogies._interval(right, np.stack([pairs, pairs], axis=1).astype(np.int32), 0)
    # Four groups all right or all wrong: nothing is known within some tens of points.
    assert (low, high) == (0, 1) or high - low > 0.7
    single = np.arange(200, dtype=np.int32)
    low, high = analogies._interval(right, np.stack([single, single], axis=1), 0)
    assert high - low < 0.2


def test_random_vectors_hardly_answer() -> None:
    words = [f"w{i}" for i in range(300)]
    rng = np.random.default_rng(4)
    file = file_of(
        *(tuple(words[i] for i in rng.choice(300, 4, replace=False)) for _ in range(400))
    )
    found = analogy_check(random_space(words, 10, 9), file)
    assert found.random < 0.03
    assert np.isnan(analogy_check(random_space(words), file, chance=False).random)


def test_an_encoder_has_no_items_to_answer_with() -> None:
    space = random_space(["a", "b"])
    encoded = Space(space.corpus, space.embeddings, Encoded(space.corpus, space.embeddings))
    with pytest.raises(BackendError, match="looked up among them"):
        analogy_check(encoded, file_of(("a", "b", "a", "b")))


def test_it_says_where_it_is_and_stops() -> None:
    words = [f"w{i}" for i in range(2000)]
    space = random_space(words, 3)
    file = file_of(*(tuple(words[i : i + 4]) for i in range(1996)))
    seen: list[float] = []
    stop = threading.Event()

    def progressed(progress: Progress) -> None:
        seen.append(progress.share)
        if len(seen) == 4:
            stop.set()

    with pytest.raises(Cancelled):
        analogy_check(space, file, Report(progressed, None, stop))
    assert len(seen) == 4
    assert seen[-1] > 0
