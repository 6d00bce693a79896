"""Disks that are full, folders that cannot be written, projects that vanish or are damaged.

Each is one clear sentence, and nothing that was open is lost.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import cli
from app.panels.state import Failed
from app.project import FILE
from app.requests import WindowRequest
from backends.errors import UnwritableFile
from backends.selection import select
from tests.acceptance.bad_files import csv
from tests.acceptance.desk import Desk

REASONS = {"full": "the disk is full", "blocked": "its parent is a file"}


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot)
    yield desk
    assert desk.close()


@pytest.fixture
def full(desk: Desk, tmp_path: Path) -> Desk:
    """With a corpus, its map, and a selection."""
    csv(400)(tmp_path / "good.csv")
    desk.open(tmp_path / "good.csv")
    desk.application.history.select(select([1, 2], "two rows", kind="rows"))
    desk.said.clear()
    return desk


def facts(desk: Desk) -> tuple[object, ...]:
    document = desk.document
    return (document.corpus, document.active, document.projection, document.selection)


@pytest.fixture(params=["full", "blocked"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder that takes nothing: its disk is full, or its parent is a file."""
    if request.param == "blocked":
        (tmp_path / "blocked").write_text("x")
        return tmp_path / "blocked" / "folder"
    disk: Path = request.getfixturevalue("small_disk")
    (disk / "full").mkdir()
    with (disk / "filling").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError:
            pass
    return disk / "full"


def reason(place: Path) -> str:
    return REASONS["blocked" if place.name == "folder" else "full"]


def one_sentence(desk: Desk, level: str, place: Path) -> None:
    (said,) = [notice for notice in desk.said if notice.level != "info"]
    assert said.level == level
    assert reason(place) in said.text
    assert str(place) in said.text
    assert said.hint
    assert not said.detail


def test_the_cache_takes_nothing_when_a_file_is_opened(
    full: Desk, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts(full)
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(place))
    csv(30)(tmp_path / "other.csv")
    full.open(tmp_path / "other.csv")
    one_sentence(full, "error", place)
    assert all(now is then for now, then in zip(facts(full), before, strict=True))


def test_the_cache_takes_nothing_when_it_embeds(
    full: Desk, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts(full)
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(place))
    full.application.embedding.run()
    full.settle()
    one_sentence(full, "error", place)
    assert all(now is then for now, then in zip(facts(full), before, strict=True))


def test_an_export_to_a_place_that_takes_nothing(full: Desk, place: Path) -> None:
    before = facts(full)
    full.application.subset.change(which="all", format="csv", target=str(place / "out.csv"))
    full.application.subset.run()
    full.settle()
    state = full.application.subset.state  # the dialog, which is still open, shows it
    assert isinstance(state, Failed)
    assert isinstance(state.failure.error, UnwritableFile)
    assert reason(place) in state.failure.error.what
    assert str(place) in state.failure.error.what
    assert state.failure.error.hint
    assert facts(full) == before
    assert not place.is_dir() or not list(place.iterdir())


def test_a_project_saved_to_a_place_that_takes_nothing(full: Desk, place: Path) -> None:
    before = facts(full)
    full.application.session.save(place / "a.embedscope")
    full.settle()
    one_sentence(full, "error", place)
    assert facts(full) == before
    assert full.application.session.dirty
    assert not (place / "a.embedscope").exists()


def test_settings_that_cannot_be_written_are_said_once(
    place: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBEDSCOPE_CONFIG", str(place))
    desk = Desk(qtbot)
    for theme in ("dark", "light"):
        desk.application.settings.change(theme=theme)
        desk.application.settings.flush()
    one_sentence(desk, "warning", place)
    assert desk.close()


def saved(desk: Desk, folder: Path) -> Path:
    """Save the project of what is open."""
    with desk.qtbot.waitSignal(desk.application.session.saved, timeout=30_000):
        desk.application.session.save(folder)
    desk.said.clear()
    return folder


def test_a_project_deleted_while_it_is_open_is_saved_again(full: Desk, tmp_path: Path) -> None:
    folder, before = saved(full, tmp_path / "a.embedscope"), facts(full)
    shutil.rmtree(folder)
    full.application.history.select(select([5], "another", kind="rows"))
    full.settle()
    full.application.session.save()
    full.settle()
    assert facts(full)[:3] == before[:3]
    said = [notice for notice in full.said if notice.level != "info"]
    if folder.exists():
        full.said.clear()
        full.open(folder)
        assert not said
        assert full.document.selection.rows.tolist() == [5]
    else:
        assert len(said) == 1
        assert full.application.session.dirty


DAMAGE = {
    "newer": lambda path: path.write_text('{"schema": 999}'),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "empty": lambda path: os.truncate(path, 0),
    "list": lambda path: path.write_text("[]"),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_project_leaves_what_was_open(
    full: Desk, tmp_path: Path, damage: object, qtbot: QtBot
) -> None:
    folder = saved(full, tmp_path / "a.embedscope")
    shutil.copytree(folder, tmp_path / "b.embedscope", ignore=shutil.ignore_patterns(".lock"))
    damage(tmp_path / "b.embedscope" / FILE)  # type: ignore[operator]
    before = facts(full)
    full.open(tmp_path / "b.embedscope")
    (said,) = full.of("error")
    assert "b.embedscope" in said.text
    assert said.hint
    assert "bug" not in said.text
    assert all(now is then for now, then in zip(facts(full), before, strict=True))
    assert full.application.session.path == folder


def test_a_project_with_damaged_arrays_keeps_the_rest(
    full: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = saved(full, tmp_path / "a.embedscope")
    copy = tmp_path / "b.embedscope"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".lock"))
    data = json.loads((copy / FILE).read_text(encoding="utf-8"))
    for one in data["projections"]:
        os.truncate(copy / "arrays" / one["layout"]["file"], 20)
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "fresh"))
    full.open(copy)
    assert full.document.corpus is not None
    assert len(full.document.corpus) == 401
    assert full.document.selection.rows.tolist() == [1, 2]
    assert any("cannot be used" in notice.text for notice in full.of("warning"))
    assert not full.of("error")


def test_two_windows_on_one_project(full: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    folder = saved(full, tmp_path / "a.embedscope")
    other = Desk(qtbot)
    other.open(folder)
    (said,) = other.of("warning")
    assert "another window" in said.text
    assert said.hint
    assert other.application.session.read_only
    other.application.history.select(select([9], "one", kind="rows"))
    other.application.session.save(folder)
    other.settle()
    assert other.document.selection.rows.tolist() == [9]
    assert len([notice for notice in other.said if notice.level != "info"]) == 2
    full.application.session.save()
    full.settle()
    assert not [notice for notice in full.said if notice.level != "info"]
    assert other.close()


@pytest.mark.parametrize("which", ["cache", "out"])
@pytest.mark.parametrize("command", ["embed", "run"])
def test_commands_say_it_too(
    place: Path,
    which: str,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    csv(40)(tmp_path / "good.csv")
    out = tmp_path / "out.npy"
    if which == "cache":
        monkeypatch.setenv("EMBEDSCOPE_CACHE", str(place))
    else:
        out = place / "out.npy"
    words = [command, str(tmp_path / "good.csv"), "--text", "text", "--encoder", "lexical"]
    code = cli.main([*words, "--out", str(out), "--json"], never)
    printed, said = capsys.readouterr()
    assert (code, printed) == (1, "")
    error, hint = said.splitlines()[-2:]
    assert error.startswith("error: ")
    assert reason(place).split(",")[0].removeprefix("its ") in error
    assert str(place) in error
    assert len(hint) > len("hint: ")
    assert "Traceback" not in said
    assert not out.exists()


def never(_request: WindowRequest) -> int:
    raise AssertionError("a command opened the window")
