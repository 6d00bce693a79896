"""The report holds what was found of the active vectors, and nothing that a person unticked."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication

from app.application import Application
from app.panels.audit import NO_VECTORS, NOTHING
from backends.directions.registry import PairsGiven, find_direction
from tests.backends.directions.spaces import space_of

WORDS = ["he", "she", "king", "queen", "nurse", "smith", "stone", "river"]
VECTORS = [
    *([1, 0, 0.1], [-1, 0, 0.1], [1, 1, 0], [-1, 1, 0]),
    *([-0.6, 0, 1], [0.6, 0, 1], [0.1, 0, 1], [-0.1, 0.2, 1]),
]


@pytest.fixture
def app(qapp: QCoreApplication, qtbot: Any) -> Any:
    made = Application()
    yield made
    assert made.close()


def found(app: Application) -> None:
    space = space_of(WORDS, VECTORS)
    app.document.set_corpus(space.corpus)
    app.document.add_embeddings(space.embeddings)
    pairs = PairsGiven((("he", "she"), ("king", "queen"), ("no", "never")))
    app.directions.list.keep(find_direction(space, "pairs", pairs, "difference"))


def test_there_is_nothing_to_write_at_first(app: Application) -> None:
    assert app.directions.audit.problem is NO_VECTORS
    space = space_of(WORDS, VECTORS)
    app.document.set_corpus(space.corpus)
    app.document.add_embeddings(space.embeddings)
    assert app.directions.audit.problem is NOTHING


def test_a_direction_is_written_with_its_doubts(
    app: Application, qtbot: Any, tmp_path: Path
) -> None:
    found(app)
    audit = app.directions.audit
    assert [(one.id, one.about) for one in audit.chapters] == [("directions", "1 direction")]
    with qtbot.waitSignal(app.notices.posted, timeout=20_000) as said:
        audit.save(tmp_path / "audit.html")
    assert said.args[0].text == f"Saved {tmp_path / 'audit.html'}."
    page = (tmp_path / "audit.html").read_text("utf-8")
    assert "he → she" in page
    assert "not among the items" in page
    with (tmp_path / "audit.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    ends = {row[2]: float(row[4]) for row in rows if row[1].endswith("items at the ends")}
    assert ends["she"] > 0.9
    assert ends["he"] < -0.9
    assert ["Vectors", "", "", "dimensions", "3", "3"] in rows
    assert ["Directions", "he → she", "", "positive end", "she, queen", ""] in rows


def test_what_is_unticked_is_left_out(app: Application) -> None:
    found(app)
    audit = app.directions.audit
    audit.take("directions", wanted=False)
    assert audit.problem is NOTHING
    audit.take("directions", wanted=True)
    assert audit.problem is None


def test_a_report_that_is_there_stays(app: Application, qtbot: Any, tmp_path: Path) -> None:
    found(app)
    page, table = tmp_path / "audit.html", tmp_path / "audit.csv"
    table.write_text("mine", encoding="utf-8")
    audit = app.directions.audit
    with qtbot.waitSignal(audit.target_exists, timeout=20_000) as asked:
        audit.save(page)
    assert asked.args[0].paths == (table,)
    assert table.read_text("utf-8") == "mine"
    assert not page.exists()
    page.write_text("came later", encoding="utf-8")
    with qtbot.waitSignal(audit.target_exists, timeout=20_000) as asked:
        audit.save(page, agreed=[table])
    assert asked.args[0].paths == (page, table)
    assert page.read_text("utf-8") == "came later"
    assert table.read_text("utf-8") == "mine"
    with qtbot.waitSignal(app.notices.posted, timeout=20_000):
        audit.save(page, agreed=[page, table])
    assert "he → she" in page.read_text("utf-8")
