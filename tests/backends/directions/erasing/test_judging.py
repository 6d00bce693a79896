"""Judging by the same items before and after, and the sentences that come out of the numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backends.directions.erasing.judging import (
    Criteria,
    Judgement,
    Verdict,
    judge,
    neighbour_overlap,
)
from backends.directions.erasing.making import erase
from backends.directions.erasing.preparing import EraseRequest
from backends.directions.erasing.residual import Residual, residual_rows
from backends.directions.erasing.rows import rows_of
from backends.directions.erasing.verdict import words_of
from backends.directions.registry import PairsGiven, find_direction
from backends.directions.wordsets import AssociationTest, WordSet
from backends.errors import BackendError
from tests.backends.directions.erasing.words import MEN, PAIRS, WOMEN, gender, unit, world
from tests.backends.directions.spaces import space

LEAN = tuple(f"n{number}" for number in (0, 1, 2, 3, 396, 397, 398, 399))


NOTHING = Criteria()


def verdict(how: str, criteria: Criteria = NOTHING, **more: object) -> Verdict:
    where = world()
    request = EraseRequest(where, gender(where), how, kept=(*MEN, *WOMEN), **more)  # type: ignore[arg-type]
    return judge(erase(request), criteria)


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMBEDSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))
        return verdict("hard", pairs=PAIRS)


def test_hard_debias_takes_the_axis_and_leaves_bias(hard: Verdict) -> None:
    assert hard.before.direct_bias > 0.2
    assert hard.after.direct_bias < 1e-6
    assert hard.before.residual is not None
    assert hard.after.residual is not None
    assert hard.before.residual.linear > 0.95
    assert hard.after.residual.linear > 0.8  # the other axis still tells
    assert hard.after.residual.nonlinear > 0.8
    assert "The axis is gone" in hard.words
    assert "still tells the sides of “gender” apart" in hard.words
    assert hard.before.neighbour_overlap == 1.0
    assert 0.2 < hard.after.neighbour_overlap < 1.0


def test_leace_beats_linear_probes_only_and_the_verdict_says_so() -> None:
    found = verdict("leace")
    new = found.after.residual
    assert new is not None
    assert new.linear < new.chance + 0.2
    assert new.nonlinear > 0.8
    assert "A non-linear classifier still tells" in found.words


def test_what_was_learnt_from_is_never_judged() -> None:
    where = world()
    done = erase(EraseRequest(where, gender(where), "leace", kept=(*MEN, *WOMEN)))
    labelled = done.prepared.task.labelled
    judged = residual_rows(done)
    assert labelled is not None
    assert judged is not None
    learnt = labelled.rows[labelled.training]
    assert not np.isin(judged.rows, learnt).any()
    assert not np.isin(judged.rows, done.prepared.task.kept).any()
    assert judge(done).after.bias_n == len(where.embeddings) - 10 - len(learnt)


def test_both_states_are_judged_by_the_same_items(hard: Verdict) -> None:
    old, new = hard.before.residual, hard.after.residual
    assert old is not None
    assert new is not None
    assert old.rows.tolist() == new.rows.tolist()
    assert old.of.tolist() == new.of.tolist()
    assert (hard.before.bias_n, old.held_out) == (hard.after.bias_n, new.held_out)
    assert old.picture.shape == new.picture.shape == (old.n, 2)
    assert np.bincount(old.of).tolist() == [old.n // 2, old.n // 2]


def test_overlap_is_what_a_loop_over_all_pairs_counts() -> None:
    where = world(60)
    done = erase(EraseRequest(where, gender(where), "neutralise"))
    shared, n = neighbour_overlap(where.embeddings, done.embeddings)
    assert n == len(where.embeddings)
    found = []
    for one in (where.embeddings, done.embeddings):
        cosines = unit(one.vectors) @ unit(one.vectors).T
        np.fill_diagonal(cosines, -2)
        found.append(np.argsort(-cosines, axis=1)[:, :10])
    slow = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(*found, strict=True)])
    assert shared == pytest.approx(slow, abs=1e-3)
    assert neighbour_overlap(where.embeddings, where.embeddings)[0] == 1.0


def test_neutral_words_tests_and_files_are_judged_before_and_after(tmp_path: Path) -> None:
    sets = [
        WordSet(name, "terms", terms)
        for name, terms in (("low", LEAN[:4]), ("high", LEAN[4:]), ("men", MEN), ("women", WOMEN))
    ]
    test = AssociationTest("T: lean and gender", (sets[0], sets[1]), (sets[2], sets[3]))
    nothing = AssociationTest(
        "lost", (replace(sets[0], terms=("qqq",)), sets[1]), (sets[2], sets[3])
    )
    pairs = tmp_path / "alike.csv"
    pairs.write_text("word1,word2,score\nn0,n1,9\nn0,n399,1\nn398,n399,8\nn1,n397,2\nn3,n200,4\n")
    found = verdict(
        "hard",
        Criteria((*LEAN, "qqq"), (test, nothing), (pairs, tmp_path / "gone.csv")),
        pairs=PAIRS,
    )
    assert found.after.bias_n == len(LEAN)
    assert [lost.term for lost in found.after.lost] == ["qqq"]
    before, after = found.before.associations[0], found.after.associations[0]
    assert before.effect_size is not None
    assert after.effect_size is not None
    assert abs(after.statistic) < 0.1 * abs(before.statistic)  # equalised: as like one as the other
    assert found.before.checks[0].n == 5
    assert len(found.after.notes) == 2  # the test of unknown words and the file that is not there
    titles = [row.title for row in rows_of(found)]
    assert titles == [
        "Direct bias",
        "Direct bias, found again",
        "Same neighbours@10",
        "Clusters agree",
        "Linear probe",
        "Non-linear probe",
        "T",
        found.before.checks[0].title,
    ]


def test_neutral_words_that_are_not_there_are_refused() -> None:
    with pytest.raises(BackendError, match="None of the neutral words"):
        verdict("neutralise", Criteria(("qqq", "he")))


def test_too_few_items_for_a_residual_are_said() -> None:
    where = space([[1, 0, 0.5], [-1, 0, 0.5], [0.4, 1, 0], [0.3, 1, 1]], ["she", "he", "a", "b"])
    direction = find_direction(where, "pairs", PairsGiven((("he", "she"),)), "difference")
    found = judge(erase(EraseRequest(where, direction, "neutralise", kept=("he", "she"))))
    assert found.after.residual is None
    assert "too few items to see whether the sides can still be told apart" in found.words


# -- the sentence ---------------------------------------------------------------------------------


def state(
    bias: float,
    *,
    again: float | None = None,
    linear: float = 0.5,
    nonlinear: float = 0.5,
    clusters: tuple[float, float, float] = (0.5, 0.5, 0.51),
    overlap: float = 1.0,
) -> Judgement:
    tightest, low, high = clusters
    residual = Residual(tightest, low, high, linear, nonlinear, 0.5, 1000, 500, ("he", "she"), "")
    return Judgement("v", bias, 303, again, overlap, residual)


BEFORE = state(0.08, again=0.08, linear=1.0, nonlinear=0.99, clusters=(0.999, 0.998, 0.999))


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (state(0.0, again=0.0), "The axis is gone: direct bias 0.0800 before, 0.0000 after"),
        (state(0.0, again=0.05), "The axis as it was is gone"),
        (state(0.0, again=0.05), "the same recipe finds another in the changed vectors"),
        (state(0.03), "The axis is weaker"),
        (state(0.079), "The axis is as it was"),
        (state(0.2), "The axis is stronger"),
        (
            state(0.0, linear=0.6, nonlinear=0.85),
            "A non-linear classifier still tells the sides of “gender” apart for 85% of 500 "
            "held-out items (a linear one 60%, chance 50%; before 100%)",
        ),
        (state(0.0, linear=0.94, nonlinear=0.9), "A linear classifier still tells"),
        (state(0.0, linear=0.52, nonlinear=0.53), "Neither a linear nor a non-linear classifier"),
        (
            state(0.0, clusters=(0.72, 0.66, 0.9)),
            "for 72% of the items (66% to 90%, depending on the start), before for 99.9%",
        ),
        (state(0.0, clusters=(0.9, 0.9, 0.91)), "for 90% of the items, before"),
        (state(0.0, overlap=0.982), "98% of the ten nearest neighbours are the same"),
        (state(0.0, overlap=0.99996), "over 99.9% of the ten"),
    ],
)  # fmt: skip
def test_the_verdict_says_what_the_numbers_say(after: Judgement, said: str) -> None:
    where = world(20)
    assert said in words_of(BEFORE, after, gender(where))


def test_the_verdict_never_calls_a_finding_chance_or_chance_a_finding() -> None:
    """Two standard errors of 500 guesses are 4.5 points."""
    direction = gender(world(20))
    assert "Neither" in words_of(BEFORE, state(0.0, nonlinear=0.544), direction)
    assert "still tells" in words_of(BEFORE, state(0.0, nonlinear=0.546), direction)
