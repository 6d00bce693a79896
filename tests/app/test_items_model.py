"""What the table of items shows: filter, order, selection and roles, all of it undoable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.document import Document, Filter
from app.history import History
from app.jobs import Jobs
from app.notices import Notice, Notices
from app.panels.cells import Cells, one_line, tab_separated
from app.panels.items import NO_CORPUS, NO_ITEMS, NO_MATCH, NOTHING_SELECTED, ItemsModel, Sort
from app.panels.shown_rows import ShownRows
from backends.selection import select
from tests.subsets import corpus_of, table_of

N = 60


class Bench:
    """A model with everything that it needs."""

    def __init__(self, qtbot: QtBot, rows: int = N) -> None:
        self.qtbot = qtbot
        self.document = Document()
        self.jobs = Jobs()
        self.notices = Notices()
        self.history = History(self.document)
        self.posted: list[Notice] = []
        self.notices.posted.connect(self.posted.append)
        self.model = ItemsModel(self.document, self.jobs, self.notices, self.history)
        self.document.set_corpus(corpus_of(table_of(rows)))

    def narrow(self, mode: str, text: str) -> None:
        with self.qtbot.waitSignal(self.document.filter_changed):
            self.model.narrow(mode, text)

    def order(self, column: str, descending: bool = False) -> None:
        with self.qtbot.waitSignal(self.model.rows_changed):
            self.model.order_by(Sort(column, descending))

    def column(self, name: str) -> list[Any]:
        return self.document.corpus.table.column(name).to_pylist()


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    assert made.jobs.close(5)


def test_all_rows_are_shown_in_the_order_of_the_source(bench: Bench) -> None:
    assert bench.model.rows.tolist() == list(range(N))
    assert [column.name for column in bench.model.columns.all] == list(
        bench.document.corpus.columns
    )


def test_words_narrow_the_rows(bench: Bench) -> None:
    bench.narrow("contains", "naïve")
    expected = [row for row, text in enumerate(bench.column("text")) if text and "naïve" in text]
    assert bench.model.rows.tolist() == expected
    assert bench.model.shown == "filtered"
    assert bench.model.counts.filtered == len(expected) > 0


def test_a_condition_narrows_the_rows(bench: Bench) -> None:
    bench.narrow("sql", "year > 1950 AND kind = 'fruit'")
    pairs = zip(bench.column("year"), bench.column("kind"), strict=True)
    expected = [
        row for row, (year, kind) in enumerate(pairs) if (year or 0) > 1950 and kind == "fruit"
    ]
    assert bench.model.rows.tolist() == expected
    assert expected


def test_a_wrong_condition_is_said_and_changes_nothing(bench: Bench, qtbot: QtBot) -> None:
    bench.narrow("contains", "naïve")
    before = bench.model.rows
    with qtbot.waitSignal(bench.model.problem_changed):
        bench.model.narrow("sql", "no_such_column = 1")
    assert "no_such_column" in str(bench.model.problem)
    assert bench.model.rows is before
    assert not bench.posted
    bench.model.narrow("sql", "")
    assert bench.model.problem is None
    assert len(bench.model.rows) == N


def test_the_newest_filter_wins(bench: Bench, qtbot: QtBot) -> None:
    seen: list[Filter] = []
    bench.document.filter_changed.connect(seen.append)
    with qtbot.waitSignal(bench.document.filter_changed):
        for text in ("p", "pl", "plain"):
            bench.model.narrow("contains", text)
    assert [value.text for value in seen] == ["plain"]


def test_filters_can_be_undone_and_done_again(bench: Bench) -> None:
    bench.narrow("contains", "plain")
    narrowed = bench.model.rows.tolist()
    bench.history.undo()
    assert len(bench.model.rows) == N
    assert bench.model.shown == "all"
    bench.history.redo()
    assert bench.model.rows.tolist() == narrowed


@pytest.mark.parametrize("descending", [False, True])
def test_an_order_is_stable_with_empty_cells_last(bench: Bench, descending: bool) -> None:
    bench.order("year", descending)
    years = bench.column("year")
    filled = [row for row in range(N) if years[row] is not None]
    empty = [row for row in range(N) if years[row] is None]
    sign = -1 if descending else 1
    assert bench.model.rows.tolist() == sorted(filled, key=lambda row: sign * years[row]) + empty


def test_the_third_click_brings_the_source_order_back(bench: Bench, qtbot: QtBot) -> None:
    for expected in (Sort("kind"), Sort("kind", descending=True)):
        with qtbot.waitSignal(bench.model.rows_changed):
            bench.model.toggle_sort("kind")
        assert bench.model.sort == expected
    bench.model.toggle_sort("kind")
    assert bench.model.sort is None
    assert bench.model.rows.tolist() == list(range(N))


def test_a_filter_keeps_the_order(bench: Bench) -> None:
    bench.order("kind")
    whole = bench.model.rows.tolist()
    bench.narrow("sql", "year IS NOT NULL")
    kept = set(bench.document.filter.rows.tolist())
    assert bench.model.rows.tolist() == [row for row in whole if row in kept]
    bench.model.show("all")
    assert bench.model.rows.tolist() == whole


@given(
    st.permutations(range(12)),
    st.one_of(st.none(), st.sets(st.integers(0, 11))),
    st.booleans(),
)
def test_shown_rows_are_the_order_without_the_others(
    order: list[int], some: set[int] | None, ordered: bool
) -> None:
    view = ShownRows(12)
    view.set_order(np.array(order) if ordered else None)
    rows = view.narrow(None if some is None else np.array(sorted(some), dtype=np.int64))
    base = order if ordered else range(12)
    assert rows.tolist() == [row for row in base if some is None or row in some]
    for row in range(12):
        found = view.position_of(row)
        assert found == (rows.tolist().index(row) if row in rows else None)


def test_selected_rows_can_be_shown_and_follow_the_selection(bench: Bench) -> None:
    bench.history.select(select([9, 3], "lasso", kind="lasso"))
    bench.model.show("selected")
    assert bench.model.rows.tolist() == [3, 9]
    bench.model.picking.toggle(0)
    assert bench.model.rows.tolist() == [9]
    bench.history.undo()
    assert bench.model.rows.tolist() == [3, 9]


def test_picks_are_places_in_the_order_shown(bench: Bench) -> None:
    bench.order("kind", descending=True)
    shown = bench.model.rows
    bench.model.picking.between(5, 2)
    assert bench.document.selection.rows.tolist() == sorted(shown[2:6].tolist())
    assert bench.document.selection.description["kind"] == "rows"
    assert bench.document.selection.description["listed"] == sorted(shown[2:6].tolist())
    bench.model.picking.toggle(5)
    bench.model.picking.toggle(20)
    expected = sorted([*shown[2:5].tolist(), int(shown[20])])
    assert np.flatnonzero(bench.model.picking.mask).tolist() == expected


def test_a_preview_is_no_selection_until_it_counts(bench: Bench) -> None:
    bench.model.picking.preview(1, 3)
    assert np.flatnonzero(bench.model.picking.mask).tolist() == [1, 2, 3]
    assert len(bench.document.selection) == 0
    assert bench.history.undo_text is None


def test_the_filtered_rows_can_be_selected_with_their_words(bench: Bench) -> None:
    bench.narrow("sql", "year > 1950")
    bench.model.picking.filtered()
    selection = bench.document.selection
    assert selection.rows.tolist() == bench.document.filter.rows.tolist()
    assert selection.words == "where year > 1950"
    assert selection.description == {"kind": "filter", "mode": "sql", "text": "year > 1950"}
    assert bench.history.undo_text == "select where year > 1950"


def test_everything_and_nothing_can_be_selected(bench: Bench) -> None:
    bench.model.select_shown()
    assert len(bench.document.selection) == N
    bench.model.picking.nothing()
    assert len(bench.document.selection) == 0


def test_a_column_of_single_values_can_name_the_rows(bench: Bench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.document.roles_changed):
        bench.model.columns.use_as_id("id")
    assert [column.role for column in bench.model.columns.all][:2] == ["id", "text"]
    bench.model.columns.use_as_id(None)
    assert bench.document.corpus.roles.id is None


@pytest.mark.parametrize(
    ("column", "said"),
    [("kind", "stands in"), ("year", "empty in 20 rows"), ("tags", "empty in 20 rows")],
)
def test_a_column_that_cannot_name_the_rows_says_why(
    bench: Bench, qtbot: QtBot, column: str, said: str
) -> None:
    with qtbot.waitSignal(bench.notices.posted):
        bench.model.columns.use_as_id(column)
    assert said in bench.posted[0].text
    assert bench.posted[0].hint
    assert bench.document.corpus.roles.id is None


def test_columns_can_be_hidden_but_never_all(bench: Bench) -> None:
    columns = bench.model.columns
    for name in columns.names:
        columns.hide(name)
    assert len(columns.names - columns.hidden) == 1
    columns.show_all()
    assert not columns.hidden


def test_copied_rows_come_in_the_order_shown(bench: Bench, qtbot: QtBot) -> None:
    bench.order("id", descending=True)
    bench.model.picking.between(0, 1)
    with qtbot.waitSignal(bench.model.picking.copied) as caught:
        bench.model.picking.copy(["id", "kind"])
    ids, kinds = bench.column("id"), bench.column("kind")
    lines = [f"{ids[row]}\t{kinds[row]}" for row in bench.model.rows[:2].tolist()]
    assert caught.args == ["\n".join(["id\tkind", *lines]) + "\n"]


def test_copied_cells_keep_tabs_and_lines_in_quotes() -> None:
    corpus = corpus_of(pa.table({"text": ["a\tb\nc", None]}))
    assert tab_separated(corpus, np.arange(2), ["text"]) == 'text\n"a\tb\nc"\n""\n'


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, None), ("a\n b\t\tc", "a b c"), ("x" * 5_000_000, "x" * 299 + "…"), (1.5, "1.5")],
    ids=["empty", "breaks", "long", "number"],
)
def test_a_cell_is_one_short_line(value: object, shown: str | None) -> None:
    assert one_line(value) == shown


def test_cells_are_those_of_the_rows_in_any_order(bench: Bench) -> None:
    rows = np.random.default_rng(0).permutation(N)
    cells = Cells(bench.document.corpus, rows)
    ids, years = bench.column("id"), bench.column("year")
    for position, row in enumerate(rows.tolist()):
        assert cells.text(position, "id") == ids[row]
        assert cells.text(position, "year") == (None if years[row] is None else str(years[row]))


def test_why_there_is_nothing_to_see(bench: Bench) -> None:
    assert bench.model.emptiness is None
    bench.narrow("contains", "this stands nowhere")
    assert bench.model.emptiness is NO_MATCH
    bench.model.show("selected")
    assert bench.model.emptiness is NOTHING_SELECTED
    bench.document.set_corpus(corpus_of(table_of(0)))
    assert bench.model.emptiness is NO_ITEMS
    bench.document.set_corpus(None)
    assert bench.model.emptiness is NO_CORPUS
    assert bench.model.columns.all == ()


def test_a_new_corpus_starts_afresh_while_a_filter_still_runs(bench: Bench, qtbot: QtBot) -> None:
    bench.order("kind")
    bench.model.narrow("contains", "plain")
    with qtbot.assertNotEmitted(bench.document.filter_changed, wait=50):
        bench.document.set_corpus(corpus_of(table_of(5)))
    assert bench.model.rows.tolist() == [0, 1, 2, 3, 4]
    assert bench.model.sort is None
    assert not bench.model.busy


def test_what_a_project_keeps_comes_back(bench: Bench, qtbot: QtBot) -> None:
    bench.order("year", descending=True)
    bench.model.columns.hide("raw")
    bench.model.columns.widths["text"] = 333
    kept = bench.model.project_state()
    rows = bench.model.rows.tolist()
    bench.document.set_corpus(None)
    bench.document.set_corpus(corpus_of(table_of(N)))
    with qtbot.waitSignal(bench.model.rows_changed):
        bench.model.restore_project_state(kept)
    assert bench.model.rows.tolist() == rows
    assert bench.model.project_state() == kept


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"sort": "year", "hidden": "raw", "widths": [1], "shown": "some"},
        {"sort": {"column": "gone"}, "hidden": ["gone"], "widths": {"text": "wide"}, "shown": 3},
    ],
)
def test_what_does_not_fit_is_left_out(bench: Bench, kept: dict[str, Any]) -> None:
    bench.model.restore_project_state(kept)
    assert bench.model.project_state() == {
        "sort": None,
        "shown": "all",
        "hidden": [],
        "widths": {},
    }
