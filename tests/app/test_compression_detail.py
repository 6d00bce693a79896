"""The codec that is looked at: lost and gained neighbours, who pays, taking it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.panels.compression_detail import shares_found
from app.panels.compression_groups import OUTSIDE, find_payers
from app.panels.compression_lists import lists_of, query_number
from backends.compression.opened import Neighbourhood
from tests import builders
from tests.compression import GROUPS, fill, measure, settle


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    fill(made)
    settle(made, qtbot)
    measure(made, qtbot)
    yield made
    assert made.close()
    delete(made)


def look(app: Application, qtbot: QtBot, codec: str = "sign") -> None:
    cell = next(cell for cell in app.compression.sweep.cells if cell.codec == codec)
    app.compression.choose(cell.fingerprint)
    settle(app, qtbot)


def slow_lists(app: Application, row: int, k: int) -> list[int]:
    vectors = np.asarray(app.document.active.vectors, dtype=np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = vectors @ vectors[row]
    similar[row] = -2
    return np.lexsort((np.arange(len(similar)), -similar))[:k].tolist()


def test_the_worst_query_is_shown_at_once(app: Application, qtbot: QtBot) -> None:
    detail = app.compressed
    assert detail.lists is None
    look(app, qtbot)
    worst = detail.losers[0]
    cell, truth = detail.cell, detail.truth
    assert worst.recall == pytest.approx(float(cell.kept.min()))
    assert detail.lists.row == worst.row
    assert detail.lists.recall == pytest.approx(worst.recall)
    assert [one.row for one in detail.lists.exact] == slow_lists(app, worst.row, truth.k)
    number = query_number(truth, worst.row)
    assert [one.row for one in detail.lists.found] == cell.found[number].tolist()
    found = {one.row for one in detail.lists.found}
    for one in detail.lists.exact:
        assert (one.fate == "kept") == (one.row in found)
    assert worst.name == detail.lists.name == f"{builders.WORDS[worst.row % 10]} number {worst.row}"


def test_any_item_can_be_asked_for_and_then_the_focus_is_followed(
    app: Application, qtbot: QtBot
) -> None:
    look(app, qtbot, "truncate")
    detail = app.compressed
    others = [row for row in range(400) if query_number(detail.truth, row) is None]
    app.document.set_focus(others[0])
    assert detail.asked_row == others[0]
    assert detail.lists.row != others[0]
    detail.show_row(others[0])
    assert detail.is_busy
    settle(app, qtbot)
    assert not detail.is_busy
    assert detail.lists.row == others[0]
    assert detail.asked_row is None
    assert [one.row for one in detail.lists.exact] == slow_lists(app, others[0], 5)
    beside = detail.lists.exact[0].row
    app.document.set_focus(beside)  # who goes to a neighbour goes on reading
    settle(app, qtbot)
    assert detail.lists.row == others[0]
    listed = {one.row for one in (*detail.lists.exact, *detail.lists.found)}
    far = next(row for row in others[1:] if row not in listed)
    app.document.set_focus(far)
    settle(app, qtbot)
    assert detail.lists.row == far


def test_a_query_in_focus_is_shown_without_encoding(app: Application, qtbot: QtBot) -> None:
    look(app, qtbot)
    rows = app.compressed.truth.queries.rows
    listed = {one.row for one in (*app.compressed.lists.exact, *app.compressed.lists.found)}
    row = next(int(r) for r in rows if r not in listed and r != app.compressed.lists.row)
    app.document.set_focus(row)
    assert not app.compressed.is_busy
    assert app.compressed.lists.row == row


def test_ties_are_neither_lost_nor_gained() -> None:
    corpus = builders.corpus(6)
    exact = np.array([1, 2, 3])
    found = np.array([2, 4, 5])
    lists = lists_of(
        Neighbourhood(0, exact, np.array([0.9, 0.8, 0.5]), found, np.array([0.8, 0.5, 0.4])),
        corpus,
    )
    assert [one.fate for one in lists.exact] == ["lost", "kept", "tied"]
    assert [one.fate for one in lists.found] == ["kept", "tied", "gained"]
    assert lists.lost == 1
    assert lists.recall == pytest.approx(2 / 3)


def test_categories_pay_unequally(app: Application, qtbot: QtBot) -> None:
    look(app, qtbot)
    payers = app.compressed.payers
    assert app.compressed.groups.columns == ("place",)
    assert payers.grouping.column == "place"
    assert payers.asked == "queries"
    cell, truth = app.compressed.cell, app.compressed.truth
    for row in payers.categories:
        own = truth.queries.rows % len(GROUPS) == GROUPS.index(row.name)
        assert row.queries == own.sum()
        assert row.recall.mean == pytest.approx(float(cell.kept[own].mean()))
    order = [(row.uncertain, row.recall.mean) for row in payers.categories]
    assert order == sorted(order)


def test_groups_of_few_queries_come_last(app: Application, qtbot: QtBot) -> None:
    measure(app, qtbot, query_rows=41)  # 14 of one category at most
    look(app, qtbot)
    assert all(row.uncertain for row in app.compressed.payers.categories)
    measure(app, qtbot, query_rows=300)
    look(app, qtbot)
    payers = app.compressed.payers
    groups = replace(payers.groups, codes=np.where(np.arange(400) < 390, 0, 1), names=("a", "b"))
    found = find_payers(
        app.document.corpus,
        payers.grouping,
        lambda _corpus, _report: groups,
        replace(
            app.compressed.cell, kept=np.where(app.compressed.truth.queries.rows < 390, 0.9, 0)
        ),
        app.compressed.truth,
        None,
    )
    assert [(row.name, row.uncertain) for row in found.categories] == [("a", False), ("b", True)]


def test_regions_of_the_map_pay_as_categories_do(app: Application, qtbot: QtBot) -> None:
    app.map.shows.set_on("labels", False)  # the regions are found for whoever asks who pays
    look(app, qtbot)
    detail = app.compressed
    regions = [grouping for grouping in detail.groups.all if grouping.is_regions]
    topics = app.topics.topics
    assert topics is not None
    assert regions[0].title.startswith("Regions of the map: ")
    detail.set_grouping(regions[0])
    settle(app, qtbot)
    payers, cell, truth = detail.payers, detail.cell, detail.truth
    assert payers.grouping == regions[0] == detail.groups.shown
    codes = topics.regions.codes(regions[0].level)[truth.queries.rows]
    shown = {row.name: row for row in payers.categories}
    for number in set(codes.tolist()):
        row = shown[app.topics.text(number) if number >= 0 else OUTSIDE]
        assert row.queries == np.count_nonzero(codes == number)
        assert row.recall.mean == pytest.approx(float(cell.kept[codes == number].mean()))
    assert sum(row.queries for row in payers.categories) == len(codes)
    number = next(number for number in codes.tolist() if number >= 0)
    detail.select_group(app.topics.text(number))
    assert app.document.selection.rows.tolist() == topics.regions.rows(number).tolist()
    app.topics.rename(number, "home")
    settle(app, qtbot)
    assert "home" in [row.name for row in detail.payers.categories]
    app.history.undo()
    app.history.undo()
    assert not len(app.document.selection)


def test_without_a_column_the_regions_are_listed(app: Application, qtbot: QtBot) -> None:
    texts = [f"number {row}" for row in range(400)]
    corpus = builders.corpus(columns={"id": [f"item-{row}" for row in range(400)], "text": texts})
    vectors = app.document.active
    app.document.set_corpus(corpus)
    app.document.add_embeddings(vectors)
    settle(app, qtbot)
    measure(app, qtbot)
    look(app, qtbot)
    assert app.compressed.groups.columns == ()
    assert app.compressed.payers.grouping.is_regions


def test_the_map_is_coloured_by_what_each_item_keeps(app: Application, qtbot: QtBot) -> None:
    look(app, qtbot)
    app.compressed.colour_map()
    settle(app, qtbot)
    (name,) = app.document.corpus.computed
    assert app.map.colour_by == name
    assert app.document.corpus.computed[name].params["how"].startswith("Share of each item's 5")
    values = np.array(app.document.corpus.table.column(name).to_pylist())
    cell, truth = app.compressed.cell, app.compressed.truth
    assert values[truth.queries.rows] == pytest.approx(cell.kept)
    payers = app.compressed.payers  # now all items are counted
    assert payers.asked == "items"
    assert sum(row.queries for row in payers.categories) == 400


def test_what_a_codec_keeps_becomes_an_embedding(app: Application, qtbot: QtBot) -> None:
    look(app, qtbot, "int4")
    app.compressed.use_vectors()
    settle(app, qtbot)
    active = app.document.active
    assert len(app.document.embeddings) == 2
    assert active.made_by.operation == "compress"
    assert "int4" in active.title
    assert app.compression.cell is None


def test_codes_are_saved_and_nothing_is_replaced_unasked(
    app: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    look(app, qtbot)
    path = tmp_path / "codes.npz"
    app.compressed.export(path)
    settle(app, qtbot)
    with np.load(path) as kept:
        assert kept["rows"].tolist() == list(range(400))
        assert sum(kept[name].nbytes for name in kept if name.startswith("codes.")) == 400 * 2
    before = path.read_bytes()
    with qtbot.waitSignal(app.compressed.target_exists):
        app.compressed.export(path)
    assert path.read_bytes() == before


def test_queries_of_a_file_are_no_rows_that_lose(
    app: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    queries = tmp_path / "queries.npy"
    np.save(queries, np.asarray(app.document.active.vectors[:9]) + np.float32(0.1))
    measure(app, qtbot, codecs=("sign",), query_file=str(queries))
    look(app, qtbot)
    assert app.compressed.losers == ()
    assert app.compressed.lists is None
    assert app.compressed.payers is None


def test_queries_are_counted_by_what_they_keep() -> None:
    kept = np.array([0.0, 0.2, 0.2, 1.0, 0.6], dtype=np.float32)
    assert shares_found(kept, 5).tolist() == [1, 2, 0, 1, 0, 1]
