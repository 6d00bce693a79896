"""Erasers that are told the axis: what holds after each, and the formulas word by word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from backends.directions.erasing.axis import SoftParams
from backends.directions.erasing.making import Erased, erase
from backends.directions.erasing.preparing import EraseRequest
from backends.directions.erasing.registry import ERASERS
from backends.directions.registry import ComponentsParams, PairsGiven, find_direction
from backends.errors import BackendError, TooFewRows
from backends.reporting import Cancelled, Progress, Report
from tests.backends.directions.erasing.words import (
    MEN,
    PAIRS,
    WOMEN,
    rows_of,
    unit,
    world,
)
from tests.backends.directions.spaces import space

NEUTRAL = slice(10, None)


def erased(how: str, *, k: int = 1, scale: bool = False, **more: object) -> Erased:
    where = world(scale=scale)
    direction = find_direction(where, "pairs", PairsGiven(PAIRS), "components", ComponentsParams(k))
    return erase(EraseRequest(where, direction, how, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [1, 3])
def test_neutral_words_have_nothing_along_the_axes_and_the_rest_of_themselves(k: int) -> None:
    made = erased("neutralise", k=k, kept=(*MEN, *WOMEN))
    basis = made.request.direction.basis.astype(np.float64)
    before = unit(made.request.space.embeddings.vectors)
    after = np.asarray(made.embeddings.vectors, np.float64)
    assert np.abs(after[NEUTRAL] @ basis.T).max() < 1e-6
    for old, new in zip(before[NEUTRAL], after[NEUTRAL], strict=True):  # the formula, word by word
        rest = old - sum((old @ axis) * axis for axis in basis)
        assert new == pytest.approx(rest / np.linalg.norm(rest), abs=1e-5)
    assert made.erasure.rank == k


def test_specific_words_stay_bit_for_bit_and_all_lengths_are_given_back() -> None:
    made = erased("neutralise", kept=("she", "he"), scale=True)
    before, after = made.request.space.embeddings.vectors, made.embeddings.vectors
    kept = rows_of(made.request.space, "he", "she")
    assert after[kept].tobytes() == before[kept].tobytes()
    lengths = np.linalg.norm(before, axis=1)
    assert np.linalg.norm(after, axis=1) == pytest.approx(lengths, rel=1e-5)
    others = np.setdiff1d(np.arange(len(before)), kept)
    assert np.abs(unit(after)[others] @ made.request.direction.vector).max() < 1e-6


def test_without_specific_words_all_lose_the_axis_and_that_is_said() -> None:
    made = erased("neutralise")
    assert np.abs(unit(made.embeddings.vectors) @ made.request.direction.vector).max() < 1e-6
    assert any("No specific words" in note for note in made.embeddings.notes)


@pytest.mark.parametrize("how", ["equalise", "hard"])
def test_equalised_words_are_equally_like_every_neutral_word(how: str) -> None:
    made = erased(how, pairs=PAIRS, kept=(*MEN, *WOMEN))
    after = np.asarray(made.embeddings.vectors, np.float64)
    men, women = (
        after[rows_of(made.request.space, *MEN)],
        after[rows_of(made.request.space, *WOMEN)],
    )
    axis = made.request.direction.vector.astype(np.float64)
    off = after[NEUTRAL] - np.outer(after[NEUTRAL] @ axis, axis)
    assert men @ off.T == pytest.approx(women @ off.T, abs=1e-6)
    assert np.linalg.norm(np.concatenate([men, women]), axis=1) == pytest.approx(1, abs=1e-6)
    assert men @ axis == pytest.approx(-(women @ axis), abs=1e-6)
    assert (men @ axis < 0).all()  # each on the side where it was
    if how == "equalise":
        same = made.request.space.embeddings.vectors[NEUTRAL]
        assert made.embeddings.vectors[NEUTRAL].tobytes() == same.tobytes()
    else:
        assert men @ after[NEUTRAL].T == pytest.approx(women @ after[NEUTRAL].T, abs=1e-6)


def test_a_pair_is_equalised_as_the_paper_writes_it() -> None:
    made = erased("equalise", pairs=PAIRS[:1])
    g = made.request.direction.vector.astype(np.float64)
    a, b = unit(made.request.space.embeddings.vectors[rows_of(made.request.space, *PAIRS[0])])
    mu = (a + b) / 2
    nu = mu - (mu @ g) * g
    z = np.sqrt(1 - nu @ nu) * np.sign((a - b) @ g)
    found = made.embeddings.vectors[rows_of(made.request.space, *PAIRS[0])]
    assert found == pytest.approx(np.stack([nu + z * g, nu - z * g]), abs=1e-6)


def test_pairs_in_other_cases_are_equalised_too_and_oddities_are_told() -> None:
    names = ["he", "she", "He", "She", "HE", "SHE", "king", "n"]
    where = space(np.random.default_rng(1).normal(size=(8, 6)), names)
    direction = find_direction(where, "pairs", PairsGiven((("he", "she"),)), "difference")
    pairs = (("he", "she"), ("king", "queen"), ("n", "n"))
    made = erase(EraseRequest(where, direction, "equalise", pairs=pairs))
    assert sorted(made.erasure.rows.tolist()) == [0, 1, 2, 3, 4, 5]
    assert {lost.term for lost in made.prepared.lost} == {"king, queen", "n, n"}
    assert "2 pairs of the same words in other cases" in " ".join(made.embeddings.notes)


def test_a_word_of_two_pairs_and_a_pair_off_the_axis_stay() -> None:
    where = space(
        [[1, 0, 0.2], [-1, 0, 0.2], [0, 1, 0.1], [0, 1, 0.9], [-1, 0.5, 0]],
        ["a", "b", "c", "d", "e"],
    )
    direction = find_direction(where, "pairs", PairsGiven((("a", "b"),)), "difference")
    pairs = (("a", "b"), ("a", "e"), ("c", "d"))
    made = erase(EraseRequest(where, direction, "equalise", pairs=pairs))
    assert made.erasure.rows.tolist() == [0, 1]
    notes = " ".join(made.embeddings.notes)
    assert "1 pair does not differ along the axis" in notes
    assert "1 pair holds a word of an earlier pair" in notes


def test_what_lies_wholly_along_the_axis_is_left_out_and_counted() -> None:
    where = space([[1, 0, 0], [-1, 0, 0], [3, 0, 0], [1, 1, 0]], ["a", "b", "c", "d"])
    direction = find_direction(where, "pairs", PairsGiven((("b", "a"),)), "difference")
    made = erase(EraseRequest(where, direction, "neutralise"))
    assert made.embeddings.present.tolist() == [False, False, False, True]
    assert not made.embeddings.vectors[:3].any()
    assert any("3 vectors lay wholly along" in note for note in made.embeddings.notes)


def test_rows_without_a_vector_have_none_after() -> None:
    where = space([[1, 0, 0.5], [-1, 0, 0.5], [0, 0, 0], [0.4, 1, 0]], ["a", "b", "gap", "d"])
    direction = find_direction(where, "pairs", PairsGiven((("b", "a"),)), "difference")
    made = erase(EraseRequest(where, direction, "neutralise"))
    assert made.embeddings.present.tolist() == [True, True, False, True]
    assert not made.embeddings.vectors[2].any()


def soft_loss(
    x: NDArray[np.float64], words: NDArray[np.float64], g: NDArray[np.float64], weight: float
) -> float:
    """The two terms of soft debiasing, pair by pair, in terms of X = T^T T."""
    change = words @ x @ words.T - words @ words.T
    return float((change**2).mean() + weight * ((words @ x @ g) ** 2).mean())


def test_soft_comes_to_the_smallest_loss_there_is() -> None:
    params = SoftParams(0.2, 1500)
    made = erased("soft", params=params)
    words = unit(made.request.space.embeddings.vectors)
    g = made.request.direction.vector.astype(np.float64)
    assert made.erasure.affine is not None
    change = made.erasure.affine.matrix.astype(np.float64)
    assert change == pytest.approx(change.T, abs=1e-6)
    found = soft_loss(change @ change, words, g, params.weight)
    assert found == pytest.approx(made.erasure.history[-1], rel=1e-3)
    # The loss is a sum of squares that are linear in X: its lowest point by least squares.
    d = len(g)
    values, vectors = np.linalg.eigh(words.T @ words / len(words))
    half = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    columns, places = [], [(i, j) for i in range(d) for j in range(i, d)]
    for i, j in places:
        one = np.zeros((d, d))
        one[i, j] = one[j, i] = 1
        columns.append(np.concatenate([(half @ one @ half).ravel(), 0.2**0.5 * half @ one @ g]))
    wanted = np.concatenate([(half @ half).ravel(), np.zeros(d)])
    solved = np.linalg.lstsq(np.stack(columns, axis=1), wanted, rcond=None)[0]
    best = np.zeros((d, d))
    for (i, j), value in zip(places, solved, strict=True):
        best[i, j] = best[j, i] = value
    lowest = soft_loss(best, words, g, params.weight)
    assert lowest <= found * (1 + 1e-9)
    assert found < 1.05 * lowest
    assert made.erasure.history[-1] < 0.5 * made.erasure.history[0]


def test_soft_says_when_it_was_stopped_early_and_weighs() -> None:
    early = erased("soft", params=SoftParams(0.2, 3))
    assert any("still falling" in note for note in early.embeddings.notes)
    assert len(early.erasure.history) == 4
    nothing = erased("soft", params=SoftParams(0.0, 20))
    before = nothing.request.space.embeddings.vectors
    assert nothing.embeddings.vectors == pytest.approx(before, abs=1e-5)


@pytest.mark.parametrize("params", [SoftParams(-1.0), SoftParams(float("nan")), SoftParams(0.2, 0)])
def test_soft_refuses_what_makes_no_sense(params: SoftParams) -> None:
    with pytest.raises(BackendError):
        erased("soft", params=params)


def test_equalise_without_usable_pairs_is_refused() -> None:
    with pytest.raises(BackendError, match="no pairs"):
        erased("equalise", pairs=(("qqq", "zzz"),))


@pytest.mark.parametrize("how", list(ERASERS))
def test_every_eraser_is_the_same_again_and_can_be_stopped(how: str) -> None:
    pairs = PAIRS if ERASERS[how].takes_pairs else ()
    first, again = (erased(how, pairs=pairs, seed=3) for _ in range(2))
    assert first.embeddings.fingerprint == again.embeddings.fingerprint
    assert first.embeddings.vectors.tobytes() == again.embeddings.vectors.tobytes()
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        raise Cancelled

    with pytest.raises(Cancelled):
        erase(first.request, Report(stop))
    assert seen


@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(3, 40))
@settings(max_examples=30)
def test_whatever_the_words_nothing_is_left_along_the_axis(seed: int, k: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    where = space(rng.normal(size=(n + 8, 7)) * 10.0 ** rng.integers(-6, 6, (n + 8, 1)))
    pairs = tuple((f"w{2 * i}", f"w{2 * i + 1}") for i in range(4))
    direction = find_direction(where, "pairs", PairsGiven(pairs), "components", ComponentsParams(k))
    made = erase(EraseRequest(where, direction, "hard", pairs=pairs[:2]))
    others = np.setdiff1d(np.flatnonzero(made.embeddings.present), made.erasure.rows)
    along = unit(made.embeddings.vectors[others]) @ direction.basis.T
    assert np.abs(along).max(initial=0) < 1e-5
    assert np.linalg.norm(made.embeddings.vectors, axis=1) == pytest.approx(
        np.linalg.norm(where.embeddings.vectors, axis=1), rel=1e-4
    )


def test_too_few_items_to_learn_from_are_named() -> None:
    where = space([[1, 0, 0.5], [-1, 0, 0.5], [0.4, 1, 0]], ["a", "b", "d"])
    direction = find_direction(where, "pairs", PairsGiven((("b", "a"),)), "difference")
    with pytest.raises(TooFewRows):
        erase(EraseRequest(where, direction, "leace"))
