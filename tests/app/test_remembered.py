"""What a window remembers of its looks for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from shiboken6 import delete

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.items import ItemsModel
from app.panels.map import MapModel
from app.panels.neighbours import NeighboursModel
from app.settings import SettingsStore
from tests import builders


class Start:
    """The models of one start of the program, with the settings that are on the disk."""

    def __init__(self, path: Path) -> None:
        self.root = QObject()
        self.document, self.jobs = Document(self.root), Jobs(self.root)
        notices = Notices(self.root)
        history = History(self.document, self.root)
        self.settings = SettingsStore(path, notices, self.root)
        common = (self.document, self.jobs, notices, history)
        self.map = MapModel(*common, self.root, self.settings)
        self.items = ItemsModel(*common, self.settings)
        self.neighbours = NeighboursModel(*common, self.settings)

    def end(self) -> None:
        assert self.jobs.close(5)
        self.settings.flush()
        delete(self.root)


@pytest.fixture
def starts(tmp_path: Path, qapp: object) -> Iterator[list[Start]]:
    made = [Start(tmp_path / "settings.json")]
    yield made
    made[-1].end()


def again(starts: list[Start], path: Path) -> Start:
    starts[-1].end()
    starts.append(Start(path))
    return starts[-1]


def test_point_size_tool_and_number_of_neighbours(starts: list[Start], tmp_path: Path) -> None:
    starts[0].map.set_size(2.5)
    starts[0].map.set_tool("lasso")
    starts[0].neighbours.change(k=7)
    new = again(starts, tmp_path / "settings.json")
    assert (new.map.size, new.map.tool, new.neighbours.settings.k) == (2.5, "lasso", 7)


def test_hidden_columns_of_tables_with_the_same_columns(
    starts: list[Start], tmp_path: Path
) -> None:
    starts[0].document.set_corpus(builders.corpus())
    starts[0].items.columns.hide("year")
    new = again(starts, tmp_path / "settings.json")
    new.document.set_corpus(builders.corpus(columns={"text": ["a", "b"], "year": [1, 2]}))
    assert not new.items.columns.hidden, "another table"
    new.document.set_corpus(builders.corpus(3))
    assert new.items.columns.hidden == {"year"}
    new.items.columns.show_all()
    last = again(starts, tmp_path / "settings.json")
    last.document.set_corpus(builders.corpus(3))
    assert not last.items.columns.hidden
