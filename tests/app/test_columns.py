"""Computed columns and everybody who knows columns: the document, the map, the table, projects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app import project_arrays
from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.hit_texts import read_detail, title_column
from app.panels.items import ItemsModel, Sort
from app.panels.labels import label_column
from app.panels.map import ByClass, ByNumber, MapModel
from app.project import FILE, capture, open_project, restore, save_project
from app.reload import reload
from backends.corpora.computed import HOW, Classes
from backends.export import ExportRequest, export
from backends.types import Embeddings, MadeBy, Roles
from tests import builders

HEIGHT = MadeBy("measure", params={HOW: "Height above the sea"})
LOOK = MadeBy("look", params={HOW: "What the shore is made of"})
HEIGHTS = np.array([3, 1, np.nan, 2, 0, 5, 4, 7], dtype=np.float32)
SHORE = Classes(np.array([0, 1, 1, -1, 0, 2, 2, 2], dtype=np.int32), ("sand", "rock", "mud"))


class Bench:
    """A document with the models that look at its columns."""

    def __init__(self, qtbot: QtBot) -> None:
        self.root, self.qtbot = QObject(), qtbot
        root = self.root
        self.document, self.jobs, self.notices = Document(root), Jobs(root), Notices(root)
        self.history = History(self.document, root)
        self.map = MapModel(self.document, self.jobs, self.notices, self.history, root)
        self.items = ItemsModel(self.document, self.jobs, self.notices, self.history)
        builders.fill(self.document)

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.jobs.live, timeout=10_000)

    def offered(self) -> list[str]:
        return [column.name for column in self.map.columns]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    assert made.jobs.close(5)
    delete(made.root)


def test_a_column_costs_nothing_of_what_there_is(bench: Bench) -> None:
    document = bench.document
    bench.settle()
    before = (document.embeddings, document.projections, document.selection, document.filter)
    bench.history.select(document.selection, "subtract")
    bench.history.undo()
    fingerprint = document.corpus.fingerprint
    with bench.qtbot.assertNotEmitted(document.corpus_changed):
        assert document.put_column("height", HEIGHTS, HEIGHT) == "height"
    assert document.corpus.fingerprint == fingerprint
    assert (
        document.embeddings,
        document.projections,
        document.selection,
        document.filter,
    ) == before
    assert document.focus == 2
    assert bench.history.redo_text is not None


def test_columns_of_no_corpus_or_of_other_lengths_are_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="7 values for a corpus of 8 rows"):
        bench.document.put_column("height", HEIGHTS[:7], HEIGHT)
    bench.document.set_corpus(None)
    with pytest.raises(ValueError, match="no corpus"):
        bench.document.put_column("height", HEIGHTS, HEIGHT)
    bench.document.drop_column("height")
    assert bench.document.rename_column("height", "depth") == "height"


def test_a_column_of_the_file_is_neither_dropped_nor_renamed(bench: Bench) -> None:
    bench.document.drop_column("year")
    assert bench.document.rename_column("year", "month") == "year"
    assert bench.document.corpus.columns == ("id", "text", "year")


def test_a_computed_column_names_and_is_no_item(bench: Bench) -> None:
    names = Classes(np.arange(8, dtype=np.int32), tuple("abcdefgh"))
    bench.document.put_column("word", names, LOOK)
    corpus = bench.document.corpus
    assert label_column(corpus) is None
    assert title_column(corpus.with_roles(text=None, id=None)) == "id"
    with pytest.raises(ValueError, match="neither the text nor the id"):
        bench.document.set_roles(text="word")


def test_the_map_offers_it_at_once_and_is_coloured_by_it(bench: Bench) -> None:
    bench.document.set_corpus(builders.corpus())
    bench.document.put_column("height", HEIGHTS, HEIGHT)  # the file's columns are not known yet
    assert bench.offered() == ["height"]
    bench.map.set_colour_by("height")
    bench.settle()
    assert bench.offered() == ["year", "height"]
    colouring = bench.map.colouring
    assert isinstance(colouring, ByNumber)  # the column to begin with did not push it away
    assert (colouring.low, colouring.high) == (0, 7)
    bench.document.put_column("shore", SHORE, LOOK)
    bench.map.set_colour_by("shore")
    bench.settle()
    assert isinstance(bench.map.colouring, ByClass)
    assert bench.map.card(5).value == "mud"


def test_the_map_lets_go_of_a_column_that_is_dropped(bench: Bench) -> None:
    bench.settle()
    bench.document.put_column("height", HEIGHTS, HEIGHT)
    bench.map.set_colour_by("height")
    bench.settle()
    bench.document.drop_column("height")
    assert (bench.map.colour_by, bench.map.colouring) == (None, None)
    assert bench.offered() == ["year"]


def test_the_map_shows_other_values_of_the_same_name(bench: Bench) -> None:
    bench.settle()
    bench.document.put_column("height", HEIGHTS, HEIGHT)
    bench.map.set_colour_by("height")
    bench.settle()
    bench.document.put_column("height", -HEIGHTS, MadeBy("dive"), replaces="height")
    bench.settle()
    assert isinstance(bench.map.colouring, ByNumber)
    assert (bench.map.colouring.low, bench.map.colouring.high) == (-7, 0)


def test_another_column_leaves_the_colours_alone(bench: Bench) -> None:
    bench.settle()
    bench.document.put_column("height", HEIGHTS, HEIGHT)
    bench.map.set_colour_by("height")
    bench.settle()
    with bench.qtbot.assertNotEmitted(bench.map.colouring_changed):
        bench.document.put_column("shore", SHORE, LOOK)
        bench.document.drop_column("shore")


def test_renamed_it_keeps_its_colours_its_order_and_its_looks(bench: Bench) -> None:
    bench.settle()
    bench.document.put_column("shore", SHORE, LOOK)
    bench.map.set_colour_by("shore")
    bench.settle()
    bench.map.toggle(1)
    bench.items.order_by(Sort("shore", descending=True))
    bench.settle()
    bench.items.columns.hide("shore")
    bench.items.columns.remember_width("shore", 77)
    order = bench.items.rows.tolist()
    assert bench.document.rename_column("shore", "ground") == "ground"
    bench.settle()
    colouring = bench.map.colouring
    assert isinstance(colouring, ByClass)
    assert (bench.map.colour_by, colouring.column, set(colouring.hidden)) == (
        *("ground", "ground"),
        {1},
    )
    assert bench.items.sort == Sort("ground", descending=True)
    assert bench.items.rows.tolist() == order
    assert bench.items.columns.hidden == {"ground"}
    assert bench.items.columns.widths == {"ground": 77}


def test_the_table_knows_it_and_says_how_it_was_made(bench: Bench) -> None:
    bench.document.put_column("height", HEIGHTS, HEIGHT)
    column = bench.items.columns.all[-1]
    assert (column.name, column.type, column.made) == ("height", "number", "Height above the sea")
    assert [one.made for one in bench.items.columns.all[:-1]] == ["", "", ""]
    cells = bench.items.cells()
    assert cells is not None
    assert cells.text(0, "height") == "3.0"  # row 0: the filter leaves it alone


def test_an_order_follows_values_and_ends_with_its_column(bench: Bench) -> None:
    bench.document.set_filter(None)
    bench.document.put_column("height", HEIGHTS, HEIGHT)
    bench.items.order_by(Sort("height"))
    bench.settle()
    assert bench.items.rows.tolist() == [4, 1, 3, 0, 6, 5, 7, 2]
    bench.document.put_column("height", -HEIGHTS, MadeBy("dive"), replaces="height")
    bench.settle()
    assert bench.items.rows.tolist() == [7, 5, 6, 0, 3, 1, 4, 2]
    bench.document.drop_column("height")
    assert bench.items.sort is None
    assert bench.items.rows.tolist() == list(range(8))


def test_an_order_by_the_file_is_not_computed_anew(bench: Bench) -> None:
    bench.items.order_by(Sort("year", descending=True))
    bench.settle()
    with bench.qtbot.assertNotEmitted(bench.items.rows_changed):
        bench.document.put_column("height", HEIGHTS, HEIGHT)
    assert bench.items.sort == Sort("year", descending=True)


def test_the_filter_finds_it(bench: Bench) -> None:
    bench.document.put_column("height", HEIGHTS, HEIGHT)
    with bench.qtbot.waitSignal(bench.document.filter_changed):
        bench.items.narrow("sql", "height > 3")
    assert bench.items.rows.tolist() == [5, 6, 7]


def test_details_have_it(bench: Bench) -> None:
    bench.document.put_column("height", HEIGHTS, HEIGHT)
    assert ("height", "5.0") in read_detail(bench.document.corpus, 5).fields


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_it_is_exported_and_the_recipe_says_how_it_was_made(
    bench: Bench, tmp_path: Path, kind: str
) -> None:
    import duckdb

    bench.document.put_column("height", HEIGHTS, HEIGHT)
    bench.document.put_column("shore", SHORE, LOOK)
    rows = np.array([5, 2, 3])
    target = tmp_path / f"some.{kind}"
    request = ExportRequest(bench.document.corpus, rows, target, kind)  # type: ignore[arg-type]
    export(request)
    found = duckdb.sql(f"SELECT height, shore FROM '{target}'").fetchall()
    assert found == [(5.0, "mud"), (None, "rock"), (2.0, None)]
    recipe = json.loads(request.recipe_path.read_text(encoding="utf-8"))
    assert recipe["source"]["columns"] == ["id", "text", "year"]
    assert recipe["computed_columns"] == {"height": HEIGHT.as_json(), "shore": LOOK.as_json()}


def two_columns() -> Document:
    document = builders.fill(Document())
    document.put_column("height", HEIGHTS, HEIGHT)
    document.put_column("shore", SHORE, LOOK)
    return document


KINDS = {
    "count": np.arange(8),
    "day": np.arange("2001-01-01", "2001-01-09", dtype="M8[D]"),
    "moment": np.array(["2001-01-01T10:00", "NaT"] * 4, dtype="M8[s]"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_project_brings_every_kind_back(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    document = builders.fill(Document())
    document.put_column(name, KINDS[name], HEIGHT)
    save_project(tmp_path / "a.embedscope", capture(document))
    opened = open_project(tmp_path / "a.embedscope")
    assert opened.notes == ()
    assert opened.corpus.table.column(name).equals(document.corpus.table.column(name))


@pytest.fixture(autouse=True)
def forget_files() -> None:
    """As in a new process: nothing is known about files on the disk."""
    project_arrays._whole.clear()
    project_arrays._names.clear()


def test_a_project_brings_it_back(qtbot: QtBot, tmp_path: Path) -> None:
    document, again = two_columns(), Document()
    save_project(tmp_path / "a.embedscope", capture(document))
    opened = open_project(tmp_path / "a.embedscope")
    restore(opened, again)
    assert opened.notes == ()
    assert again.corpus.computed == document.corpus.computed
    assert again.corpus.columns == document.corpus.columns
    assert again.corpus.table.to_pydict() == document.corpus.table.to_pydict()
    assert again.corpus.source_table.equals(document.corpus.source_table)


def test_a_damaged_one_costs_only_itself(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, capture(two_columns()))
    told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    name = told["corpus"]["computed"][0]["column"]["file"]
    (folder / "arrays" / name).write_bytes(b"nothing")
    opened = open_project(folder)
    assert list(opened.corpus.computed) == ["shore"]
    assert len(opened.embeddings) == len(opened.projections) == 1
    assert [note.partition(":")[0] for note in opened.notes] == [
        "The column “height” of this project cannot be used"
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprint": "0" * 32},
        {"made_by": None},
        {"column": {"file": "../../secret.arrow", "rows": 8}},
        {"column": None},
        {"title": None, "made_by": []},
    ],
)
def test_a_description_that_does_not_fit_costs_only_its_column(
    qtbot: QtBot, tmp_path: Path, change: dict[str, object]
) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, capture(two_columns()))
    told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    told["corpus"]["computed"][0] |= change
    (folder / FILE).write_text(json.dumps(told), encoding="utf-8")
    opened = open_project(folder)
    assert list(opened.corpus.computed) == ["shore"]
    assert len(opened.notes) == 1


def test_the_file_of_another_thing_is_no_column(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, capture(two_columns()))
    told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    told["corpus"]["computed"][0]["column"] = told["corpus"]["table"]
    (folder / FILE).write_text(json.dumps(told), encoding="utf-8")
    assert list(open_project(folder).corpus.computed) == ["shore"]


def test_a_project_from_before_there_were_any_opens(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, capture(two_columns()))
    told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    del told["corpus"]["computed"]
    (folder / FILE).write_text(json.dumps(told), encoding="utf-8")
    opened = open_project(folder)
    assert (opened.corpus.computed, opened.notes) == ({}, ())


def test_one_more_column_writes_one_more_file(qtbot: QtBot, tmp_path: Path) -> None:
    document, folder = two_columns(), tmp_path / "a.embedscope"
    known = save_project(folder, capture(document))
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "arrays").iterdir()}
    document.put_column("depth", -HEIGHTS, MadeBy("dive"))
    document.rename_column("height", "above")
    save_project(folder, capture(document), known=known)
    after = {path.name: path.stat().st_mtime_ns for path in (folder / "arrays").iterdir()}
    assert len(after) == len(before) + 1
    assert before.items() <= after.items()


def reloaded(columns: dict[str, list[object]], **changes: object) -> tuple[Document, str]:
    state = capture(two_columns())
    again = reload(state, builders.corpus(columns=columns, **changes))
    document = Document()
    restore(again, document)
    return document, " ".join(again.notes)


def test_the_same_file_read_again_keeps_it(qtbot: QtBot) -> None:
    table = builders.corpus().table.to_pydict()
    document, _ = reloaded(table)
    assert document.corpus.computed == {"height": HEIGHT, "shore": LOOK}
    assert document.corpus.table.column("shore").to_pylist()[:3] == ["sand", "rock", "rock"]


def test_rows_that_changed_have_no_value_and_it_is_said(qtbot: QtBot) -> None:
    table = builders.corpus().table.to_pydict()
    table = {name: values[::-1] for name, values in table.items()}
    table["text"][0] = "another text"  # of item 7
    document, said = reloaded(table)
    corpus = document.corpus
    assert corpus.table.column("height").to_pylist() == [None, 4, 5, 0, 2, None, 1, 3]
    assert corpus.table.column("shore").to_pylist()[:3] == [None, "mud", "mud"]
    assert "“height”, “shore” kept the values of 7 rows that are as before; 1 row has none." in said
    how = corpus.computed["height"]
    assert how != HEIGHT  # these values are not what computing again would give
    assert "Height above the sea; values of an earlier version" in str(how.params[HOW])


def test_a_file_of_other_rows_drops_it_and_it_is_said(qtbot: QtBot) -> None:
    document, said = reloaded({"id": ["x", "y"], "text": ["new", "newer"]})
    assert document.corpus.computed == {}
    assert "computed columns “height”, “shore” could not be kept" in said


def test_vectors_that_changed_in_the_file_cost_the_values(qtbot: QtBot) -> None:
    plain = {"row": list(range(8))}
    old = builders.corpus(columns=plain, roles=Roles())
    vectors = builders.embeddings(old)
    document = Document()
    object.__setattr__(old, "vectors", vectors)
    document.set_corpus(old)
    document.put_column("height", HEIGHTS, HEIGHT)
    other = vectors.vectors.copy()
    other[0] += 1
    new = builders.corpus(columns=plain, roles=Roles(), made_by=MadeBy("read", ("new",)))
    changed = Embeddings(other, vectors.present, "file", "new", MadeBy("file", ("new",)))
    object.__setattr__(new, "vectors", changed)
    again = reload(capture(document), new)
    assert again.corpus.table.column("height").to_pylist() == [None, 1, None, 2, 0, 5, 4, 7]
    object.__setattr__(new, "vectors", None)
    assert reload(capture(document), new).corpus.computed == {}
