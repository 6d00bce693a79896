"""One setter and one signal per fact; what depends on a changed fact is cleared with it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from app.document import Document, Filter
from backends.selection import NOTHING, select
from backends.types import Hits
from tests import builders

SIGNALS = (
    *("corpus_changed", "roles_changed", "embeddings_changed", "active_changed"),
    *("projection_changed", "selection_changed", "filter_changed", "focus_changed", "hits_changed"),
)


@pytest.fixture
def document(qapp: QCoreApplication) -> Document:
    return Document()


def listen(document: Document) -> list[tuple[str, Any]]:
    heard: list[tuple[str, Any]] = []
    for name in SIGNALS:
        getattr(document, name).connect(lambda value, name=name: heard.append((name, value)))
    return heard


def names(heard: list[tuple[str, Any]]) -> list[str]:
    return [name for name, _ in heard]


def hits(of: str) -> Hits:
    return Hits(np.array([1]), np.array([0.5], dtype=np.float32), "row 2", of, 2)


def test_an_empty_document_holds_nothing(document: Document) -> None:
    assert document.corpus is document.active is document.projection is None
    assert document.filter is document.focus is document.hits is None
    assert document.embeddings == document.projections == ()
    assert document.selection is NOTHING


def test_a_new_corpus_drops_everything_made_from_the_old(document: Document) -> None:
    builders.fill(document)
    assert document.active is not None
    document.set_hits(hits(document.active.fingerprint))
    heard = listen(document)
    document.set_corpus(None)
    assert document.corpus is document.active is document.projection is None
    assert document.filter is document.focus is document.hits is None
    assert document.selection is NOTHING
    assert names(heard)[0] == "corpus_changed"  # so that no view sees new choices over old rows
    assert sorted(names(heard)) == sorted(set(SIGNALS) - {"roles_changed"})


def test_vectors_that_came_with_the_corpus_are_shown(document: Document) -> None:
    plain = builders.corpus()
    vectors = builders.embeddings(plain)
    document.set_corpus(builders.corpus(vectors=vectors))
    assert document.active is vectors


def test_roles_change_without_losing_what_was_computed(document: Document) -> None:
    builders.fill(document)
    heard = listen(document)
    document.set_roles(text="id")
    document.set_roles(text="id")
    assert names(heard) == ["roles_changed"]
    assert document.corpus is not None
    assert document.corpus.roles.text == "id"
    assert document.active is not None


def test_roles_of_nothing_are_nothing(document: Document) -> None:
    document.set_roles(text="id")
    assert document.corpus is None


@pytest.mark.parametrize(
    ("setter", "signal", "value", "equal"),
    [
        ("set_selection", "selection_changed", select((1, 2), "a"), select((2, 1), "b")),
        ("set_focus", "focus_changed", 3, 3),
        (
            *("set_filter", "filter_changed"),
            Filter("sql", "a = 1", np.array([0])),
            Filter("sql", "a = 1", np.array([0])),
        ),
    ],
)
def test_an_equal_value_is_not_told(
    document: Document, setter: str, signal: str, value: Any, equal: Any
) -> None:
    document.set_corpus(builders.corpus())
    heard = listen(document)
    getattr(document, setter)(value)
    getattr(document, setter)(equal)
    assert heard == [(signal, value)]
    assert hash(value) == hash(equal)


def test_several_embeddings_live_side_by_side(document: Document) -> None:
    items = builders.corpus()
    document.set_corpus(items)
    first, second = builders.embeddings(items), builders.embeddings(items, seed=1)
    document.add_embeddings(first)
    document.add_projection(builders.projection(first))
    document.add_embeddings(second, show=False)
    assert document.active is first
    document.set_hits(hits(first.fingerprint))
    document.set_active(second.fingerprint)
    assert (document.active, document.projection, document.hits) == (second, None, None)
    document.set_active(first.fingerprint)
    assert document.projection is not None
    heard = listen(document)
    document.set_active(first.fingerprint)
    assert not heard


def test_unknown_embeddings_cannot_be_shown(document: Document) -> None:
    with pytest.raises(KeyError):
        document.set_active("0" * 32)


@pytest.mark.parametrize("rows", [7, 9])
def test_embeddings_of_another_corpus_are_refused(document: Document, rows: int) -> None:
    document.set_corpus(builders.corpus(8))
    with pytest.raises(ValueError, match="8 rows"):
        document.add_embeddings(builders.embeddings(builders.corpus(rows)))
    document.set_corpus(None)
    with pytest.raises(ValueError, match="no rows"):
        document.add_embeddings(builders.embeddings(builders.corpus(8)))


@pytest.mark.parametrize("show", [True, False])
def test_embeddings_of_the_same_name_replace_the_shown_ones(document: Document, show: bool) -> None:
    items = builders.corpus()
    document.set_corpus(items)
    document.add_embeddings(builders.embeddings(items))
    again = builders.embeddings(items)
    heard = listen(document)
    document.add_embeddings(again, show=show)
    assert document.embeddings == (again,)
    assert names(heard) == ["embeddings_changed", "active_changed", "projection_changed"]


def test_dropped_embeddings_take_their_layouts_along(document: Document) -> None:
    items = builders.corpus()
    document.set_corpus(items)
    first, second = builders.embeddings(items), builders.embeddings(items, seed=1)
    for each in (first, second):
        document.add_embeddings(each)
        document.add_projection(builders.projection(each))
    document.drop_embeddings(second.fingerprint)
    document.drop_embeddings(second.fingerprint)
    assert document.active is first
    document.add_projection(builders.projection(second))  # of a job that ended too late
    assert document.projections_of(second.fingerprint) == ()
    document.drop_embeddings(first.fingerprint)
    assert document.active is document.projection is None


def test_hidden_embeddings_may_be_dropped_unseen(document: Document) -> None:
    items = builders.corpus()
    document.set_corpus(items)
    first, second = builders.embeddings(items), builders.embeddings(items, seed=1)
    document.add_embeddings(first)
    document.add_embeddings(second, show=False)
    heard = listen(document)
    document.drop_embeddings(second.fingerprint)
    assert names(heard) == ["embeddings_changed"]


def test_the_newest_layout_is_shown_and_replaces_its_namesake(document: Document) -> None:
    items = builders.corpus()
    document.set_corpus(items)
    vectors = builders.embeddings(items)
    document.add_embeddings(vectors)
    first, second = builders.projection(vectors), builders.projection(vectors, seed=1)
    again = builders.projection(vectors)
    for each in (first, second, again):
        document.add_projection(each)
    assert document.projections == (second, again)
    assert document.projection is again


def test_a_grown_part_takes_the_place_of_the_part(document: Document) -> None:
    items = builders.corpus()
    document.set_corpus(items)
    other = builders.embeddings(items, seed=9)
    part, more, whole = (builders.embeddings(items, present=rows) for rows in (3, 6, 8))
    document.add_embeddings(part)
    document.add_embeddings(other, show=False)
    layout = builders.projection(part)
    document.add_projection(layout)
    found = hits(part.fingerprint)
    document.set_hits(found)
    document.add_embeddings(more, replaces=part.fingerprint)
    assert document.embeddings == (more, other)
    assert (document.active, document.projection, document.hits) == (more, layout, found)
    document.add_embeddings(whole, show=False, replaces=more.fingerprint)
    assert (document.active, document.projection) == (whole, layout)  # until a better one comes
    late = builders.projection(more)
    document.add_projection(late)
    assert document.projection is late
    own = builders.projection(whole)
    document.add_projection(own)
    document.add_projection(late)  # too late: there is one of the whole
    assert document.projections == (own,)


def test_a_part_that_is_not_shown_is_replaced_unseen(document: Document) -> None:
    items = builders.corpus()
    document.set_corpus(items)
    shown = builders.embeddings(items, seed=9)
    part, whole = builders.embeddings(items, present=3), builders.embeddings(items)
    document.add_embeddings(part)
    document.add_embeddings(shown)
    document.add_embeddings(whole, show=False, replaces=part.fingerprint)
    assert document.active is shown
    assert document.embeddings == (whole, shown)
    document.add_embeddings(part, show=False, replaces=whole.fingerprint)  # the run was repeated
    layout = builders.projection(part)
    document.add_projection(layout)
    assert document.projections_of(part.fingerprint) == (layout,)


def test_a_batch_tells_each_fact_once_with_its_last_value(document: Document) -> None:
    document.set_corpus(builders.corpus())
    heard = listen(document)
    with document.batch():
        document.set_focus(1)
        document.set_selection(select((1,), "one"))
        with document.batch():
            document.set_focus(2)
        assert not heard
    assert heard == [("focus_changed", 2), ("selection_changed", select((1,), "one"))]


def test_a_batch_that_fails_tells_what_did_change(document: Document) -> None:
    heard = listen(document)

    def half() -> None:
        with document.batch():
            document.set_focus(1)
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        half()
    assert heard == [("focus_changed", 1)]


def test_a_slot_may_change_facts_of_the_batch_that_tells_it(document: Document) -> None:
    builders.fill(document)
    document.corpus_changed.connect(lambda _corpus: document.set_focus(0))
    heard = listen(document)
    document.set_corpus(builders.corpus(5))
    assert document.focus == 0
    assert [value for name, value in heard if name == "focus_changed"] == [0]  # not None after it


def test_a_slot_may_open_a_batch_of_its_own(document: Document) -> None:
    builders.fill(document)

    def choose(_corpus: object) -> None:
        with document.batch():
            document.set_focus(1)
            document.set_selection(select((2,), "two"))

    document.corpus_changed.connect(choose)
    heard = listen(document)
    document.set_corpus(builders.corpus(5))
    told = dict(heard)
    assert (told["focus_changed"], told["selection_changed"]) == (1, select((2,), "two"))
    assert names(heard).count("selection_changed") == 1


def test_facts_are_set_in_the_gui_thread_only(document: Document) -> None:
    caught: list[BaseException] = []

    def set_there() -> None:
        try:
            document.set_focus(1)
        except AssertionError as error:
            caught.append(error)

    thread = threading.Thread(target=set_there)
    thread.start()
    thread.join()
    assert caught


def test_an_earlier_layout_can_be_shown_again_and_stays_while_another_is_only_measured(
    document: Document,
) -> None:
    document.set_corpus(builders.corpus())
    assert document.corpus is not None
    vectors = builders.embeddings(document.corpus)
    document.add_embeddings(vectors)
    first, second = builders.projection(vectors), builders.projection(vectors, seed=1)
    for each in (first, second):
        document.add_projection(each)
    heard = listen(document)
    document.show_projection(first.fingerprint)
    assert document.projection is first
    assert heard == [("projection_changed", first)]
    document.show_projection(first.fingerprint)
    assert len(heard) == 1
    measured = builders.projection(vectors, seed=1)
    document.add_projection(measured, show=False)
    assert document.projection is first
    assert document.projections == (first, measured)
    again = builders.projection(vectors)
    document.add_projection(again, show=False)  # in the place of the one that is shown
    assert document.projection is again
    other = builders.embeddings(document.corpus, seed=5)
    document.add_embeddings(other)
    assert document.projection is None
    document.set_active(vectors.fingerprint)
    assert document.projection is again
    with pytest.raises(KeyError):
        document.show_projection("of nobody")


def test_the_newest_other_layout_is_shown_when_the_shown_one_is_dropped(
    document: Document,
) -> None:
    document.set_corpus(builders.corpus())
    assert document.corpus is not None
    vectors = builders.embeddings(document.corpus)
    document.add_embeddings(vectors)
    first, second, third = (builders.projection(vectors, seed=seed) for seed in range(3))
    for each in (first, second, third):
        document.add_projection(each)
    document.show_projection(first.fingerprint)
    lists: list[Any] = []
    document.projections_changed.connect(lists.append)
    document.drop_projection(first.fingerprint)
    assert document.projection is third
    assert lists == [(second, third)]
    document.drop_projection("of nobody")
    assert len(lists) == 1
    for each in (second, third):
        document.drop_projection(each.fingerprint)
    assert document.projection is None
