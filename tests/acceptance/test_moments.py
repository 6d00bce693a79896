"""A person who does not wait: everything at once, and things that vanish while they are open."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.jobs import Job
from backends.selection import select
from tests.acceptance.bad_files import csv
from tests.acceptance.desk import Desk


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot)
    yield desk
    assert desk.close()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    csv(400)(tmp_path / "good.csv")
    return tmp_path / "good.csv"


@pytest.fixture
def full(desk: Desk, table: Path) -> Desk:
    """With a corpus, its map, and a selection."""
    desk.open(table)
    desk.application.history.select(select([1, 2], "two rows", kind="rows"))
    desk.said.clear()
    return desk


def runs(desk: Desk, start: str) -> Callable[[], bool]:
    """Whether a job whose title begins so is under way."""
    jobs = desk.application.jobs
    return lambda: any(job.title.startswith(start) for job in jobs.live)


MOMENTS = ["Looking at", "Reading", "Embedding", "Layout by PCA", "Layout by UMAP"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_another_file_in_the_middle_of_one(
    desk: Desk, table: Path, tmp_path: Path, moment: str
) -> None:
    csv(30)(tmp_path / "other.csv")
    desk.window._unasked = True
    desk.window.open_paths((table,))
    desk.qtbot.waitUntil(runs(desk, moment), timeout=30_000)
    desk.open(tmp_path / "other.csv")
    assert desk.document.corpus is not None
    assert desk.document.corpus.title == "other.csv"
    assert desk.document.projection is not None
    assert len(desk.document.projection) == 31
    assert desk.document.projection.method == "umap"
    assert not desk.of("error")


@pytest.mark.parametrize("moment", MOMENTS)
def test_closing_in_the_middle(qtbot: QtBot, table: Path, moment: str) -> None:
    desk = Desk(qtbot)
    desk.window._unasked = True
    desk.window.open_paths((table,))
    qtbot.waitUntil(runs(desk, moment), timeout=30_000)
    assert desk.close()
    assert not desk.of("error")


def test_embed_pressed_twice_ends_once(full: Desk) -> None:
    before, layout = full.document.active, full.document.projection
    full.application.embedding.run()
    full.application.embedding.run()
    full.settle()
    (now,) = full.document.embeddings
    assert before is not None
    assert now.fingerprint == before.fingerprint
    assert full.document.projection is layout
    assert not full.of("error")


def test_another_encoder_while_it_embeds(desk: Desk, table: Path) -> None:
    desk.window._unasked = True
    desk.window.open_paths((table,))
    desk.qtbot.waitUntil(runs(desk, "Embedding"), timeout=30_000)
    desk.application.embedding.change(encoder="minilm")
    desk.application.embedding.run()
    desk.settle()
    assert desk.document.active is not None
    assert desk.document.active.encoder == "minilm"
    assert desk.document.active.count == 401
    assert desk.document.projection is not None
    assert desk.document.projection.embeddings == desk.document.active.fingerprint


def test_another_text_column_and_embedding_again(full: Desk, tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text(
        "id,text,title\n" + "".join(f"{i},words of {i},title {i % 5} here\n" for i in range(30))
    )
    full.open(tmp_path / "two.csv")
    first = full.document.active
    assert first is not None
    assert first.made_by.params["column"] == "text"
    full.document.set_roles(text="title")
    full.application.embedding.run()
    full.settle()
    second = full.document.active
    assert second is not None
    assert second.made_by.params["column"] == "title"
    full.application.projection.run()
    full.document.set_active(first.fingerprint)
    full.settle()
    assert full.document.projection is not None
    assert full.document.projection.embeddings == first.fingerprint
    assert not full.of("error")


def test_a_search_before_there_are_vectors(desk: Desk, table: Path) -> None:
    desk.window._unasked = True
    desk.application.neighbours.ask_text("nothing is open")
    desk.window.open_paths((table,))
    desk.qtbot.waitUntil(runs(desk, "Reading"), timeout=30_000)
    desk.application.neighbours.ask_text("tide and salt")
    desk.settle()
    desk.application.neighbours.ask_text("tide and salt")
    desk.settle()
    assert desk.document.hits is not None
    assert not desk.of("error")


def test_filter_and_order_while_another_file_is_read(full: Desk, tmp_path: Path) -> None:
    csv(300)(tmp_path / "other.csv")
    full.window.open_paths((tmp_path / "other.csv",))
    full.application.items.narrow("contains", "tide")
    full.application.items.toggle_sort("text")
    full.settle()
    assert full.document.corpus is not None
    assert full.document.corpus.title in {"good.csv", "other.csv"}
    assert full.application.items.rows.max() < len(full.document.corpus)
    assert not full.of("error")


def test_undo_does_not_reach_into_the_corpus_before(full: Desk, tmp_path: Path) -> None:
    csv(3)(tmp_path / "small.csv")
    full.application.history.select(select([300], "a late row", kind="rows"))
    full.open(tmp_path / "small.csv")
    for _ in range(3):
        full.application.history.undo()
        full.application.history.redo()
        assert all(full.document.selection.rows < 4)


def test_an_export_while_it_embeds(desk: Desk, table: Path, tmp_path: Path) -> None:
    desk.window._unasked = True
    desk.window.open_paths((table,))
    desk.qtbot.waitUntil(runs(desk, "Embedding"), timeout=30_000)
    subset = desk.application.subset
    subset.change(which="all", format="jsonl", vectors="none", target=str(tmp_path / "out.jsonl"))
    subset.run()
    desk.settle()
    assert len((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()) == 401
    assert (tmp_path / "out.recipe.json").exists()
    assert desk.document.projection is not None
    assert not desk.of("error")


@pytest.mark.parametrize("how", ["cut", "deleted"])
def test_a_file_that_vanishes_while_it_is_read(full: Desk, tmp_path: Path, how: str) -> None:
    lines = 300_000
    path = tmp_path / "large.csv"
    path.write_text("id,text\n" + "".join(f"{i},words of item {i}\n" for i in range(lines)))
    before = full.document.corpus, full.document.projection, full.document.selection

    def vanish(job: Job) -> None:
        if not job.title.startswith("Reading large"):
            return
        if how == "cut":
            os.truncate(path, path.stat().st_size // 2)
        else:
            path.unlink()

    full.application.jobs.started.connect(vanish)
    full.open(path)
    assert full.document.corpus is not None
    if how == "cut" and not full.of("error"):  # it was cut before it was looked at
        assert len(full.document.corpus) < lines
        return
    (said,) = full.of("error")
    assert "large.csv" in said.text
    assert said.hint
    after = full.document.corpus, full.document.projection, full.document.selection
    assert all(now is then for now, then in zip(after, before, strict=True))
