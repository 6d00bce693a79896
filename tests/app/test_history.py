"""Undo and redo: every change by hand can be taken back, in order, and no more than that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication

from app.document import Document, Filter
from app.history import KEPT, History
from backends.selection import select
from tests import builders


@pytest.fixture
def history(qapp: QCoreApplication) -> History:
    document = Document()
    document.set_corpus(builders.corpus(20))
    return History(document, document)


def chosen(history: History) -> list[int]:
    return history._document.selection.rows.tolist()


def test_undo_and_redo_walk_through_selections(history: History) -> None:
    history.select(select((1, 2), "lasso", kind="lasso"))
    history.select(select((3,), "box", kind="box"), "add")
    assert history.undo_text == "select lasso plus box"
    history.undo()
    assert chosen(history) == [1, 2]
    assert history.redo_text == "select lasso plus box"
    history.redo()
    assert chosen(history) == [1, 2, 3]


def test_filters_are_undone_with_their_rows(history: History) -> None:
    value = Filter("contains", "tide", np.array([0]))
    history.narrow(value)
    assert history.undo_text == "filter “tide”"
    history.narrow(None)
    assert history.undo_text == "show all rows"
    history.undo()
    assert history._document.filter is value
    history.undo()
    assert history._document.filter is None
    history.redo()
    assert history._document.filter is value


def test_a_change_that_changes_nothing_leaves_no_trace(history: History) -> None:
    history.select(select((), "empty lasso"))
    history.narrow(None)
    history.undo()
    history.redo()
    assert history.undo_text is history.redo_text is None


def test_a_new_change_forgets_what_was_undone(history: History) -> None:
    history.select(select((1,), "one"))
    history.undo()
    history.select(select((), "nothing"), "replace")
    assert history.redo_text == "select one"  # nothing was changed, so nothing is forgotten
    history.select(select((2,), "two"))
    assert history.redo_text is None


def test_clearing_says_so(history: History) -> None:
    history.select(select((1,), "one"))
    history.select(select((), "nothing"))
    assert history.undo_text == "clear selection"


def test_only_so_many_are_kept(history: History) -> None:
    for row in range(KEPT + 5):
        history.select(select((row % 20,), str(row)))
    for _ in range(KEPT + 5):
        history.undo()
    assert history.undo_text is None
    assert chosen(history) == [4]


def test_a_new_corpus_starts_afresh(history: History) -> None:
    history.select(select((1,), "one"))
    history.undo()
    history.select(select((2,), "two"))
    history._document.set_corpus(builders.corpus(3))
    assert history.undo_text is history.redo_text is None


@given(
    st.lists(
        st.tuples(
            st.sets(st.integers(0, 19)),
            st.sampled_from(["replace", "add", "subtract", "intersect"]),
        ),
        max_size=12,
    )
)
def test_undoing_everything_and_redoing_it_comes_back(steps: list) -> None:  # type: ignore[type-arg]
    document = Document()
    document.set_corpus(builders.corpus(20))
    history = History(document)
    for rows, mode in steps:
        history.select(select(sorted(rows), "some"), mode)
    end = chosen(history)
    while history.undo_text:
        history.undo()
    assert chosen(history) == []
    while history.redo_text:
        history.redo()
    assert chosen(history) == end
