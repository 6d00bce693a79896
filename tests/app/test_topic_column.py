"""Regions as a column of a real document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.column_commands import RemoveColumn, RenameColumn
from app.panels.map import ByClass
from tests import builders
from tests.app.test_topics_model import ROWS, laid_out, shore


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    corpus = shore()
    vectors = builders.embeddings(corpus)
    with made.document.batch():
        made.document.set_corpus(corpus)
        made.document.add_embeddings(vectors)
        made.document.add_projection(laid_out(vectors))
    settle(made, qtbot)
    yield made
    assert made.close()
    delete(made)


def settle(app: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=60_000)


def values(app: Application) -> list[str | None]:
    corpus = app.document.corpus
    assert corpus is not None
    return corpus.table.column(app.topic_column.name or "").to_pylist()  # type: ignore[no-any-return]


def test_nothing_is_put_in_unasked(app: Application) -> None:
    assert app.document.corpus is not None
    assert not app.document.corpus.computed
    first = app.topic_column.levels[0]
    assert (first.name, first.count) == ("coarse", 4)


def test_the_regions_of_a_level_colour_the_map(app: Application, qtbot: QtBot) -> None:
    app.topic_column.put_level(0)
    settle(app, qtbot)
    found = values(app)
    topics = app.topics.topics
    assert topics is not None
    codes = topics.regions.codes(0)
    expected = [app.topics.text(code) if code >= 0 else None for code in codes.tolist()]
    assert found == expected
    assert len(set(found) - {None}) == 4
    colouring = app.map.colouring
    assert isinstance(colouring, ByClass)
    assert colouring.column == "cluster"


def test_what_a_person_calls_a_region_is_in_the_column_and_alike_is_one(
    app: Application, qtbot: QtBot
) -> None:
    app.topic_column.put_level(0)
    settle(app, qtbot)
    one, other = (label.number for label in app.topics.labels[:2])
    app.topics.rename(one, "The sea")
    settle(app, qtbot)
    assert "The sea" in values(app)
    app.topics.rename(other, "The sea")
    settle(app, qtbot)
    assert len(set(values(app)) - {None}) == 3
    assert app.document.corpus is not None
    assert list(app.document.corpus.computed) == ["cluster"]  # one column all the time
    app.history.undo()
    settle(app, qtbot)
    assert len(set(values(app)) - {None}) == 4


def test_another_level_replaces_the_column(app: Application, qtbot: QtBot) -> None:
    for level in (0, 1):
        app.topic_column.put_level(level)
        settle(app, qtbot)
    assert app.document.corpus is not None
    (how,) = app.document.corpus.computed.values()
    assert how.params["level"] == 1
    assert how.params["how"] == "Clusters of the map, medium"


def test_the_column_stays_when_another_layout_is_shown(app: Application, qtbot: QtBot) -> None:
    app.topic_column.put_level(0)
    settle(app, qtbot)
    before = values(app)
    assert app.document.active is not None
    app.document.add_projection(laid_out(app.document.active, seed=5))
    settle(app, qtbot)
    assert values(app) == before


def test_a_column_that_is_dropped_is_not_put_back(app: Application, qtbot: QtBot) -> None:
    app.topic_column.put_level(0)
    settle(app, qtbot)
    app.document.rename_column("cluster", "part of the sea")
    assert app.topic_column.name == "part of the sea"
    app.document.drop_column("part of the sea")
    assert app.topic_column.name is None
    app.topics.rename(app.topics.labels[0].number, "The sea")
    settle(app, qtbot)
    assert app.document.corpus is not None
    assert not app.document.corpus.computed


def test_a_removed_column_that_is_brought_back_is_kept_true(app: Application, qtbot: QtBot) -> None:
    app.topic_column.put_level(0)
    settle(app, qtbot)
    removal = RemoveColumn.of(app.document, "cluster")
    assert removal is not None
    app.history.do(removal)
    assert app.topic_column.name is None
    app.history.undo()
    app.topics.rename(app.topics.labels[0].number, "The sea")
    settle(app, qtbot)
    assert app.topic_column.name == "cluster"
    assert "The sea" in values(app)


def test_quick_undoing_reaches_a_column_whose_names_are_still_put_right(
    app: Application, qtbot: QtBot
) -> None:
    app.topic_column.put_level(0)
    settle(app, qtbot)
    assert app.document.corpus is not None
    made_by = app.document.corpus.computed["cluster"]
    app.history.do(RenameColumn("cluster", "part", made_by))
    app.topics.rename(app.topics.labels[0].number, "The sea")
    settle(app, qtbot)
    app.history.undo()
    app.history.undo()  # while the names are still being put right
    settle(app, qtbot)
    assert list(app.document.corpus.computed) == ["cluster"]
    assert "The sea" not in values(app)


def test_a_project_brings_it_back_and_names_stay_true(
    app: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    number = app.topics.labels[0].number
    app.topics.rename(number, "The sea")
    app.topic_column.put_level(0)
    settle(app, qtbot)
    with qtbot.waitSignal(app.session.saved, timeout=30_000):
        app.session.save(tmp_path / "work.embedscope")
    app.document.set_corpus(None)
    with qtbot.waitSignal(app.session.opened, timeout=30_000):
        app.session.open(tmp_path / "work.embedscope")
    settle(app, qtbot)
    assert app.topics.text(number) == "The sea"
    assert values(app).count("The sea") == pytest.approx(ROWS / 4, abs=5)
    app.topics.rename(number, "The ocean")
    settle(app, qtbot)
    assert "The ocean" in values(app)
    assert "The sea" not in values(app)


def test_a_name_that_was_given_is_an_unsaved_change(
    app: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    assert not app.session.dirty
    with qtbot.waitSignal(app.session.changed):
        app.topics.rename(app.topics.labels[0].number, "The sea")
    assert app.session.dirty
    with qtbot.waitSignal(app.session.saved, timeout=30_000):
        app.session.save(tmp_path / "work.embedscope")
    assert not app.session.dirty
    app.history.undo()
    assert app.session.dirty
    app.document.set_corpus(None)
    with qtbot.waitSignal(app.session.opened, timeout=30_000):
        app.session.open(tmp_path / "work.embedscope")
    settle(app, qtbot)
    assert not app.session.dirty


def test_regions_that_are_alike_by_chance_stay_apart() -> None:
    from app.panels.topic_column import _column_of
    from app.panels.topic_names import Topics
    from backends.curate.naming import Names
    from backends.curate.regions import Region, Regions
    from backends.reporting import SILENT

    box = (0.0, 0.0, 0.0, 0.0)
    regions = Regions(
        tuple(Region(0, -1, (i, 0), (i, 0), box, 2) for i in range(3)),
        np.array([0, 1, 2, -1, 0], np.int32),
        1,
    )
    topics = Topics("layout", None, regions, Names((("a",), ("a",), ("b",)), "words", None))
    column, _ = _column_of(topics, 0, ["a", "a", "b"], [False] * 3, SILENT)
    assert column.to_pylist() == ["a", "a (2)", "b", None, "a"]
