"""A file that has changed: rows are found again by id, by number, or not, and it is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from app.document import Document, Filter
from app.project import capture
from app.project_facts import ProjectState
from app.reload import reload
from backends.selection import NOTHING, select
from backends.types import Corpus
from tests import builders


def state_of(items: Corpus, *rows: int, focus: int | None = None) -> ProjectState:
    document = Document()
    document.set_corpus(items)
    document.add_embeddings(builders.embeddings(items))
    document.set_selection(select(rows, "lasso", kind="lasso"))
    document.set_focus(focus)
    return capture(document)


def table(ids: list[Any], texts: list[str] | None = None) -> Corpus:
    return builders.corpus(columns={"id": ids, "text": texts or [f"text {id_}" for id_ in ids]})


def test_the_same_rows_keep_everything(qapp: QCoreApplication) -> None:
    state = state_of(table(["a", "b", "c"]), 0, 2, focus=1)
    again = reload(state, table(["a", "b", "c"]))
    assert (again.embeddings, again.active) == (state.embeddings, state.active)
    assert (again.selection, again.focus) == (state.selection, 1)
    assert "same rows as before" in again.notes[0]


@pytest.mark.parametrize(
    ("ids", "rows", "focus"),
    [
        (["c", "b", "a"], [0, 2], 0),
        (["x", "a", "b"], [1], None),
        (["a", "b", "c", "d"], [0, 2], 2),
        (["x", "y"], [], None),
    ],
)
def test_rows_are_found_by_their_ids(
    qapp: QCoreApplication, ids: list[str], rows: list[int], focus: int | None
) -> None:
    again = reload(state_of(table(["a", "b", "c"]), 0, 2, focus=2), table(ids, ["t"] * len(ids)))
    assert again.selection.rows.tolist() == rows
    assert again.focus == focus
    assert again.embeddings == ()
    lost = 2 - len(rows)
    assert any(f"{lost} of 2 selected rows" in note for note in again.notes) == bool(lost)
    if not rows:
        assert again.selection is NOTHING


def test_where_the_selection_came_from_is_kept(qapp: QCoreApplication) -> None:
    again = reload(state_of(table(["a", "b"]), 0, 1), table(["b", "c"]))
    assert again.selection.words == "lasso"
    assert again.selection.description == {"kind": "reloaded", "from": {"kind": "lasso"}, "lost": 1}


def test_ids_that_repeat_are_said_and_the_first_counts(qapp: QCoreApplication) -> None:
    again = reload(state_of(table(["a", "b", None]), 0, 1, 2), table(["b", "a", "a", "a", None]))
    assert again.selection.rows.tolist() == [0, 1]
    assert any("2 values of “id” occur more than once" in note for note in again.notes)


def test_without_ids_rows_keep_their_numbers_if_there_are_as_many(qapp: QCoreApplication) -> None:
    plain = builders.corpus(columns={"text": ["a", "b", "c"]})
    state = state_of(plain, 0, 2, focus=1)
    again = reload(state, builders.corpus(columns={"text": ["a", "x", "c"]}))
    assert (again.selection.rows.tolist(), again.focus) == ([0, 2], 1)
    assert "kept their numbers" in again.notes[0]
    fewer = reload(state, builders.corpus(columns={"text": ["a", "c"]}))
    assert (len(fewer.selection), fewer.focus) == (0, None)
    assert "cannot be found again" in fewer.notes[0]


def test_roles_are_kept_where_their_columns_are(qapp: QCoreApplication) -> None:
    state = state_of(table(["a"]).with_roles(text="id"), 0)
    assert reload(state, table(["a", "b"])).corpus.roles.text == "id"
    other = builders.corpus(columns={"text": ["a", "b"]})
    assert reload(state, other).corpus.roles.text == "text"


def test_a_filter_is_asked_again(qapp: QCoreApplication) -> None:
    document = Document()
    document.set_corpus(table(["a", "b"], ["tide", "salt"]))
    document.set_filter(Filter("contains", "tide", np.array([0])))
    again = reload(capture(document), table(["b", "a", "c"], ["salt", "tide", "tide"]))
    assert again.filter is not None
    assert again.filter.rows.tolist() == [1, 2]
    document.set_filter(Filter("sql", "id = 'a'", np.array([0])))
    again = reload(capture(document), builders.corpus(columns={"text": ["tide"]}))
    assert again.filter is None
    assert "does not fit any more" in again.notes[-1]
