"""Selections against Python's sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.selection import NOTHING, Mode, Selection, combine, invert, select

N = 30
ROWS = st.lists(st.integers(0, N - 1), max_size=40)
SET_OF = {
    "replace": lambda old, new: new,
    "add": set.union,
    "subtract": set.difference,
    "intersect": set.intersection,
}


def lasso(rows: list[int]) -> Selection:
    return select(rows, "lasso", kind="lasso")


def clicked(rows: list[int]) -> Selection:
    return select(np.array(rows, dtype=np.int32), "rows", kind="rows")


@given(ROWS)
def test_rows_are_ascending_and_stand_once(rows: list[int]) -> None:
    selection = lasso(rows)
    assert selection.rows.tolist() == sorted(set(rows))
    assert len(selection) == len(set(rows))
    assert selection.rows.dtype == np.int64
    assert not selection.rows.flags.writeable


@given(ROWS, ROWS, st.sampled_from(sorted(SET_OF)))
def test_combining_is_the_algebra_of_sets(old: list[int], new: list[int], mode: Mode) -> None:
    found = combine(lasso(old), clicked(new), mode)
    assert found.rows.tolist() == sorted(SET_OF[mode](set(old), set(new)))
    assert found.rows.dtype == np.int64
    assert not found.rows.flags.writeable


@given(ROWS)
def test_inverting_twice_gives_the_rows_back(rows: list[int]) -> None:
    selection = lasso(rows)
    other = invert(selection, N)
    assert set(other.rows.tolist()) == set(range(N)) - set(rows)
    assert invert(other, N) == selection
    assert other.words == ("all but lasso" if rows else "all rows")
    assert other.description == {"kind": "not", "of": {"kind": "lasso"}}


@given(ROWS)
def test_a_mask_says_of_each_row_whether_it_belongs(rows: list[int]) -> None:
    mask = lasso(rows).mask(N)
    assert mask.tolist() == [row in rows for row in range(N)]


@given(ROWS, ROWS)
def test_selections_are_equal_by_their_rows(left: list[int], right: list[int]) -> None:
    same = set(left) == set(right)
    assert (lasso(left) == clicked(right)) is same
    assert len({lasso(left), clicked(right)}) == (1 if same else 2)


def test_a_selection_is_no_list_of_rows() -> None:
    assert lasso([1]) != [1]


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("add", "lasso plus rows"),
        ("subtract", "lasso without rows"),
        ("intersect", "lasso within rows"),
    ],
)
def test_words_and_descriptions_of_both_are_kept(mode: Mode, words: str) -> None:
    found = combine(lasso([1, 2]), clicked([2, 3]), mode)
    assert found.words == words
    assert found.description == {"kind": mode, "left": {"kind": "lasso"}, "right": {"kind": "rows"}}


@pytest.mark.parametrize("mode", ["add", "replace"])
def test_what_is_added_to_nothing_keeps_its_own_words(mode: Mode) -> None:
    assert combine(NOTHING, lasso([4]), mode).words == "lasso"


def test_subtracting_or_intersecting_with_nothing_chosen_chooses_nothing() -> None:
    assert not len(combine(NOTHING, lasso([4]), "subtract"))
    assert not len(combine(NOTHING, lasso([4]), "intersect"))


def test_a_mask_of_rows_selects_the_rows_that_are_true() -> None:
    assert select(np.array([True, False, True]), "mask", kind="rows").rows.tolist() == [0, 2]


def test_a_long_chain_keeps_its_last_steps_and_says_that_there_were_more() -> None:
    found = lasso([0])
    for row in range(1, N):
        found = combine(found, clicked([row]), "add")
    assert found.rows.tolist() == list(range(N))
    assert "earlier steps" in str(found.description)
    assert len(str(found.description)) < 20_000
    assert len(found.words) < 2_000
