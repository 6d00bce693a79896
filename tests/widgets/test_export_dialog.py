"""The export dialog as a person sees and handles it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import shiboken6
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from app.document import Document
from app.jobs import Jobs
from app.notices import Notices
from app.panels.subsets import SubsetModel
from app.settings import SettingsStore
from backends.selection import select
from tests.subsets import corpus_of, embeddings_of, projection_of, table_of
from widgets.export_dialog import ExportDialog


class Bench:
    """A dialog in the middle of everything that it needs."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.folder = folder
        self.document = Document()
        self.jobs = Jobs()
        self.store = SettingsStore(folder / "settings.json")
        self.model = SubsetModel(self.document, self.jobs, Notices(), self.store)
        self.document.set_corpus(corpus_of(table_of(30)))
        self.document.set_selection(select([4, 9], "lasso", kind="lasso"))

    def open(self) -> None:
        self.dialog = ExportDialog(self.model)  # deletes itself when it is closed
        self.dialog.show()

    def button(self, name: str) -> QAbstractButton:
        (found,) = [
            one for one in self.dialog.findChildren(QAbstractButton) if one.accessibleName() == name
        ]
        return found

    def target(self, path: Path) -> None:
        (line,) = [
            one for one in self.dialog.findChildren(QLineEdit) if one.accessibleName() == "File"
        ]
        line.clear()
        self.qtbot.keyClicks(line, str(path))

    def said(self) -> str:
        found = self.dialog.findChildren(QLabel)
        return "\n".join(one.text() for one in found if one.isVisible())


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    if shiboken6.isValid(made.dialog):
        made.dialog.close()
    made.store.flush()
    assert made.jobs.close(5)


def test_it_opens_on_the_selection_with_counts_and_reasons(bench: Bench) -> None:
    bench.open()
    assert bench.button("Items: Selected items").isChecked()
    assert bench.button("Items: Selected items").text() == "Selected items  (2)"
    assert bench.button("Items: All items").text() == "All items  (30)"
    filtered = bench.button("Items: Filtered items")
    assert not filtered.isEnabled()
    assert filtered.toolTip() == "There is no filter. Type words above the table."
    assert "Embed the items first." in bench.button("Vectors: Column").toolTip()


def test_a_click_writes_what_was_chosen_and_closes(bench: Bench, qtbot: QtBot) -> None:
    embeddings = embeddings_of(bench.document.corpus)
    bench.document.add_embeddings(embeddings)
    bench.document.add_projection(projection_of(embeddings))
    bench.open()
    bench.button("Format: Parquet").click()
    bench.button("Vectors: Column").click()
    bench.target(bench.folder / "out.parquet")
    with qtbot.waitSignal(bench.dialog.accepted):
        bench.button("Export").click()
    found = pq.read_table(bench.folder / "out.parquet")
    assert found["id"].to_pylist() == ["item 4", "item 9"]
    assert found.column_names[-3:] == ["x", "y", "vector"]


def test_a_file_in_the_way_is_asked_about(bench: Bench, qtbot: QtBot) -> None:
    there = bench.folder / "a.csv"
    there.write_text("mine")
    bench.open()
    bench.target(there)
    with qtbot.waitSignal(bench.model.target_exists):
        bench.button("Export").click()
    assert "a.csv is already in" in bench.said()
    bench.button("Keep what is there").click()
    assert "already" not in bench.said()
    assert there.read_text() == "mine"
    with qtbot.waitSignal(bench.model.target_exists):
        bench.button("Export").click()
    with qtbot.waitSignal(bench.dialog.accepted):
        bench.button("Replace what is there").click()
    assert there.read_text() != "mine"


def test_a_failure_is_said_in_the_dialog_which_stays(bench: Bench, qtbot: QtBot) -> None:
    (bench.folder / "file").write_text("mine")
    bench.open()
    bench.target(bench.folder / "file" / "a.csv")
    bench.button("Export").click()
    qtbot.waitUntil(lambda: "its parent is a file" in bench.said())
    assert bench.dialog.isVisible()
    assert bench.button("Export").isEnabled()
    bench.target(bench.folder / "a.csv")
    assert "parent" not in bench.said()


def test_without_a_name_nothing_can_be_written(bench: Bench) -> None:
    bench.open()
    bench.target(Path())
    (line,) = [
        one for one in bench.dialog.findChildren(QLineEdit) if one.accessibleName() == "File"
    ]
    line.selectAll()
    bench.qtbot.keyClick(line, "\b")
    assert not bench.button("Export").isEnabled()
    assert "No file is named." in bench.said()


def test_a_closed_dialog_hears_nothing_more(bench: Bench, qtbot: QtBot) -> None:
    bench.open()
    first = bench.dialog
    with qtbot.waitSignal(first.destroyed):
        bench.button("Cancel").click()
    bench.open()
    bench.target(bench.folder / "a.csv")
    with qtbot.waitSignal(bench.dialog.accepted):
        bench.button("Export").click()


def test_every_control_is_named_and_explained(bench: Bench) -> None:
    bench.open()
    for button in bench.dialog.findChildren(QAbstractButton):
        assert button.accessibleName(), button
        assert button.toolTip() or button.isEnabled(), button
