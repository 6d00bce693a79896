"""Embedding and layout panels: what can be chosen, what is shown, what the buttons do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.panels.embedding import EmbeddingModel
from app.panels.projection import ProjectionModel
from backends.corpora.reading import ReadOptions, read_corpus
from tests.app.bench import Bench
from widgets.panels.embedding import EmbeddingPanel
from widgets.panels.projection import ProjectionPanel, badge

WORDS = ("river", "bank", "money", "loan", "water", "fish", "boat", "coin", "credit", "shore")


class Space(Bench):
    """Both models and both panels."""

    def __init__(self) -> None:
        super().__init__()
        self.settings.change(encoder="lexical")
        self.embedding = EmbeddingModel(*self.common)
        self.projection = ProjectionModel(*self.common, self.embedding)
        self.panel = EmbeddingPanel(self.embedding, self.document)
        self.layout = ProjectionPanel(self.projection)
        for panel in (self.panel, self.layout):
            panel.show()

    def settle(self, qtbot: QtBot) -> None:
        """Wait until nothing runs."""
        qtbot.waitUntil(lambda: not self.jobs.live, timeout=60_000)


@pytest.fixture
def space(qtbot: QtBot) -> Iterator[Space]:
    space = Space()
    yield space
    qtbot.waitUntil(lambda: not space.jobs.live, timeout=60_000)
    space.panel.deleteLater()
    with qtbot.waitSignal(space.layout.destroyed):
        space.layout.deleteLater()
    assert space.close()


@pytest.fixture
def loaded(space: Space, tmp_path: Path) -> Space:
    path = tmp_path / "texts.csv"
    lines = [f"{WORDS[i % 10]} and {WORDS[(i * 7) % 10]} number {i},x{i % 3}" for i in range(80)]
    path.write_text("text,kind\n" + "\n".join(lines) + "\n", encoding="utf-8")
    space.document.set_corpus(read_corpus([path], ReadOptions(text="text")))
    return space


def test_without_a_corpus_the_buttons_say_what_is_missing(space: Space) -> None:
    assert not space.panel._run.isEnabled()
    assert "No corpus" in space.panel._run.toolTip()
    assert not space.layout._run.isEnabled()
    assert "no vectors" in space.layout._run.toolTip()


def test_embed_lists_the_embedding_and_lays_it_out(loaded: Space, qtbot: QtBot) -> None:
    qtbot.mouseClick(loaded.panel._run, Qt.MouseButton.LeftButton)
    assert loaded.panel._run.text() == "Stop"
    loaded.settle(qtbot)
    assert loaded.panel._run.text() == "Embed"
    assert loaded.panel._list.count() == 1
    qtbot.waitUntil(lambda: loaded.layout._trust.isVisible())
    assert "UMAP" in loaded.layout._trust.text()
    assert "PCA" in loaded.layout._trust.text()


def test_one_click_switches_and_delete_forgets(loaded: Space, qtbot: QtBot) -> None:
    loaded.embedding.run()
    loaded.settle(qtbot)
    loaded.document.set_roles(text="kind")
    loaded.embedding.run()
    loaded.settle(qtbot)
    entries = loaded.panel._list
    assert entries.count() == 2
    first, second = loaded.document.embeddings
    assert loaded.document.active is second
    place = entries.visualItemRect(entries.item(0)).center()
    qtbot.mouseClick(entries.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert loaded.document.active is first
    loaded.panel._forget.trigger()
    assert loaded.document.embeddings == (second,)
    assert entries.count() == 1
    assert loaded.document.active is second


def test_only_umap_has_its_settings(loaded: Space, qtbot: QtBot) -> None:
    assert loaded.layout._neighbours.isVisible()
    loaded.projection.change(method="pca")
    assert not loaded.layout._neighbours.isVisible()
    loaded.projection.change(method="umap")
    loaded.layout._neighbours.setValue(33)
    assert loaded.projection.settings.neighbours == 33


def test_choosing_another_text_column_is_a_role(loaded: Space) -> None:
    column = loaded.panel._column
    column.setCurrentIndex(column.findData("kind"))
    column.activated.emit(column.currentIndex())
    assert loaded.document.corpus is not None
    assert loaded.document.corpus.roles.text == "kind"


def test_without_a_measure_the_map_has_no_badge() -> None:
    assert badge(None) == ("", "")


def test_the_layouts_there_are_can_be_shown_again_and_forgotten(
    loaded: Space, qtbot: QtBot
) -> None:
    loaded.embedding.run()
    loaded.settle(qtbot)
    entries = loaded.layout.layouts
    assert [entries.item(at).text() for at in range(entries.count())] == ["PCA", "UMAP"]
    assert entries.currentRow() == 1
    place = entries.visualItemRect(entries.item(0)).center()
    qtbot.mouseClick(entries.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert loaded.document.projection is not None
    assert loaded.document.projection.method == "pca"
    assert "PCA map" in loaded.layout._trust.text()
    entries.forget.trigger()
    assert [p.method for p in loaded.document.projections] == ["umap"]
    assert loaded.document.projection.method == "umap"
    loaded.projection.change(neighbours=7)
    loaded.projection.run()
    loaded.settle(qtbot)
    shown = [entries.item(at).text() for at in range(entries.count())]
    assert shown == ["UMAP · 15 neighbours", "PCA", "UMAP · 7 neighbours"]
