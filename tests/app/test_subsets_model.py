"""Which rows are taken out, in which form and where to."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from pytestqt.qtbot import QtBot

from app.document import Document, Filter
from app.jobs import Jobs
from app.notices import Notice, Notices
from app.panels.state import Blocked, Failed, Idle
from app.panels.subsets import (
    NO_CORPUS,
    NO_FILTER,
    NO_ITEMS,
    NO_MATCH,
    NO_TARGET,
    NO_VECTORS,
    NOTHING_SELECTED,
    SubsetModel,
    SubsetSettings,
    plan,
)
from app.settings import SettingsStore
from backends.selection import select
from tests.subsets import corpus_of, embeddings_of, projection_of, table_of

N = 30


class Bench:
    """A model with everything that it needs."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.folder = folder
        self.document = Document()
        self.jobs = Jobs()
        self.notices = Notices()
        self.posted: list[Notice] = []
        self.notices.posted.connect(self.posted.append)
        self.store = SettingsStore(folder / "settings.json")
        self.model = SubsetModel(self.document, self.jobs, self.notices, self.store)
        self.document.set_corpus(corpus_of(table_of(N)))

    def load_vectors(self) -> None:
        embeddings = embeddings_of(self.document.corpus)
        self.document.add_embeddings(embeddings)
        self.document.add_projection(projection_of(embeddings))

    def run(self, **kwargs: Any) -> None:
        with self.qtbot.waitSignal(self.model.exported):
            self.model.run(**kwargs)


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.store.flush()
    assert made.jobs.close(5)


@pytest.mark.parametrize("typed", ["", " ", "/", "//", "folder/", "..", "a/..", "\0"])
def test_a_folder_is_no_file(bench: Bench, typed: str) -> None:
    assert blocked(bench, target=typed) is NO_TARGET


def test_a_home_that_nobody_has_is_a_folder_like_any_other(bench: Bench) -> None:
    assert blocked(bench, target="~nobody-has-this/a").target.name == "a.csv"


def blocked(bench: Bench, **settings: Any) -> Any:
    return plan(bench.document, SubsetSettings(**{"target": "a.csv", **settings}))


def test_asking_whether_it_can_run_makes_no_list_of_rows(bench: Bench) -> None:
    bench.document.set_corpus(corpus_of(table_of(100_000)))
    bench.model.change(target=str(bench.folder / "a.csv"))
    tracemalloc.start()
    assert isinstance(bench.model.state, Idle)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000  # bytes; the numbers of all rows take eight times that


def test_what_stands_in_the_way_is_data(bench: Bench) -> None:
    assert blocked(bench, target=" ") is NO_TARGET
    assert blocked(bench, which="selection") is NOTHING_SELECTED
    assert blocked(bench, which="filtered") is NO_FILTER
    bench.document.set_filter(Filter("contains", "zzz", np.zeros(0, dtype=np.int64)))
    assert blocked(bench, which="filtered") is NO_MATCH
    assert blocked(bench, vectors="npy") is NO_VECTORS
    bench.document.set_corpus(corpus_of(table_of(0)))
    assert blocked(bench) is NO_ITEMS
    bench.document.set_corpus(None)
    assert blocked(bench) is NO_CORPUS
    assert bench.model.state == Blocked(NO_CORPUS)


@pytest.mark.parametrize(
    ("which", "rows"),
    [("selection", [3, 8]), ("filtered", [1, 2, 5]), ("all", list(range(N)))],
)
def test_the_rows_chosen_are_the_rows_written(bench: Bench, which: str, rows: list[int]) -> None:
    bench.load_vectors()
    bench.document.set_selection(select([8, 3], "lasso", kind="lasso"))
    bench.document.set_filter(Filter("contains", "fruit", np.array([1, 2, 5])))
    target = bench.folder / "out.parquet"
    bench.model.change(which=which, format="parquet", vectors="npy", target=str(target))
    bench.run()
    assert pq.read_table(target)["id"].to_pylist() == [f"item {row}" for row in rows]
    vectors = np.load(bench.folder / "out.vectors.npy", allow_pickle=False)
    assert vectors.tobytes() == bench.document.active.vectors[rows].tobytes()
    recipe = json.loads((bench.folder / "out.recipe.json").read_text(encoding="utf-8"))
    assert recipe["subset"]["rows"] == which
    assert recipe["rows"]["count"] == len(rows)
    assert recipe["filter"] == {"mode": "contains", "text": "fruit"}
    assert recipe["projection"]["fingerprint"] == bench.document.projection.fingerprint
    assert bench.posted[-1].text == f"Exported {len(rows)} rows to {target}."
    assert "out.recipe.json" in bench.posted[-1].hint


def test_the_words_of_the_selection_are_in_the_recipe(bench: Bench) -> None:
    bench.document.set_selection(select([3], "row 3", kind="rows", count=1))
    bench.model.prepare()
    bench.model.change(target=str(bench.folder / "a.csv"))
    bench.run()
    recipe = json.loads((bench.folder / "a.recipe.json").read_text(encoding="utf-8"))
    assert recipe["subset"]["words"] == "row 3"
    assert recipe["subset"]["description"] == {"kind": "rows", "count": 1}


def test_a_file_in_the_way_is_a_question(bench: Bench, qtbot: QtBot) -> None:
    target = bench.folder / "a.csv"
    target.write_text("mine")
    bench.model.change(target=str(target))
    with qtbot.waitSignal(bench.model.target_exists):
        bench.model.run()
    assert target.read_text() == "mine"
    assert not bench.posted
    assert isinstance(bench.model.state, Idle)
    bench.run(overwrite=True)
    assert target.read_text() != "mine"


def test_a_failure_stays_in_the_dialog_until_something_changes(bench: Bench, qtbot: QtBot) -> None:
    (bench.folder / "file").write_text("mine")
    bench.model.change(target=str(bench.folder / "file" / "a.csv"))
    bench.model.run()
    qtbot.waitUntil(lambda: isinstance(bench.model.state, Failed))
    assert "its parent is a file" in str(bench.model.state.failure.error)
    bench.model.change(target=str(bench.folder / "a.csv"))
    assert isinstance(bench.model.state, Idle)


def test_the_ending_follows_the_format_and_is_added_where_it_lacks(bench: Bench) -> None:
    bench.model.change(target=str(bench.folder / "a.csv"))
    bench.model.change(format="jsonl")
    assert bench.model.settings.target == str(bench.folder / "a.jsonl")
    bench.model.change(target=str(bench.folder / "b 1.0"))
    bench.run()
    assert (bench.folder / "b 1.0.jsonl").exists()
    assert (bench.folder / "b 1.0.recipe.json").exists()


def test_the_name_is_made_up_until_one_is_chosen(bench: Bench) -> None:
    bench.store.change(last_folder=str(bench.folder))
    bench.document.set_selection(select([3], "row 3", kind="rows"))
    bench.model.prepare()
    assert bench.model.settings.which == "selection"
    assert bench.model.settings.target == str(bench.folder / "Things selection.csv")
    bench.model.change(which="all")
    assert bench.model.settings.target == str(bench.folder / "Things items.csv")


def test_the_form_is_remembered(bench: Bench) -> None:
    bench.model.change(format="parquet", vectors="column", positions=False)
    again = SubsetModel(bench.document, bench.jobs, bench.notices, bench.store)
    assert again.settings.format == "parquet"
    assert again.settings.vectors == "column"
    assert not again.settings.positions
    bench.model.prepare()
    assert bench.model.settings.vectors == "none", "there are no vectors yet"


def test_counts_follow_the_document(bench: Bench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.model.counts_changed):
        bench.document.set_selection(select([3, 4], "rows", kind="rows"))
    assert bench.model.counts == {"selection": 2, "filtered": 0, "all": N}


def test_a_stopped_export_leaves_nothing(bench: Bench) -> None:
    bench.model.change(target=str(bench.folder / "out" / "a.csv"))
    bench.model.run()
    bench.model.stop()
    assert isinstance(bench.model.state, Idle)
    assert bench.jobs.close(5)
    assert not list(bench.folder.glob("out/*"))
    assert not bench.posted


def test_an_export_runs_on_when_another_corpus_is_opened(bench: Bench, qtbot: QtBot) -> None:
    target = bench.folder / "a.parquet"
    bench.model.change(format="parquet", target=str(target))
    bench.model.run()
    with qtbot.waitSignal(bench.model.exported):
        bench.document.set_corpus(corpus_of(table_of(5)))
    assert pq.read_table(target).num_rows == N, "the items of the corpus that was chosen"
    assert bench.posted[-1].text == f"Exported {N} rows to {target}."
    assert bench.model.counts["all"] == 5


def test_a_file_in_the_way_of_items_that_are_gone_is_told(bench: Bench, qtbot: QtBot) -> None:
    target = bench.folder / "a.csv"
    target.write_text("mine")
    bench.model.change(target=str(target))
    asked: list[object] = []
    bench.model.target_exists.connect(asked.append)
    bench.model.run()
    bench.document.set_corpus(corpus_of(table_of(5)))
    qtbot.waitUntil(lambda: bool(bench.posted))
    assert bench.posted[-1].text.startswith("a.csv is already in")
    assert not asked, "a yes would write the new corpus there"
    assert target.read_text() == "mine"
