"""What a new user may do to it, end to end: in the window and on the command line.

Each input is opened after a good one. It becomes exactly its rows, with what was changed said; or
one sentence that names it and says what to do, and everything that was open is still there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import cli
from app.requests import WindowRequest
from backends.selection import select
from tests.acceptance.bad_files import CASES, Case, csv
from tests.acceptance.desk import Desk

ROOT = Path(__file__).parents[2]
EACH = [
    pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.slow else [])
    for case in CASES
]


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot)
    yield desk
    assert desk.close()


@pytest.fixture
def full(desk: Desk, tmp_path: Path) -> Desk:
    """With a good corpus, its map, and a selection."""
    csv(40)(tmp_path / "good.csv")
    desk.open(tmp_path / "good.csv")
    desk.application.history.select(select([1, 2], "two rows", kind="rows"))
    assert desk.document.projection is not None
    desk.said.clear()
    return desk


def facts(desk: Desk) -> tuple[object, ...]:
    """What must still be there, the very same objects."""
    document = desk.document
    return (document.corpus, document.active, document.projection, document.selection)


def make(case: Case, folder: Path) -> Path:
    folder.mkdir()
    case.make(folder / case.name)
    return folder / case.name


@pytest.mark.parametrize("case", EACH)
def test_in_the_window(full: Desk, case: Case, tmp_path: Path) -> None:
    path, before = make(case, tmp_path / "bad"), facts(full)
    full.open(path, asks=case.asks)
    assert not [notice for notice in full.said if "bug" in notice.text]
    if case.rows is None:
        (said,) = full.of("error")
        assert case.name in said.text
        assert case.says in said.text
        assert said.hint
        assert all(now is then for now, then in zip(facts(full), before, strict=True))
        return
    document = full.document
    assert document.corpus is not None
    assert len(document.corpus) == case.rows
    assert any(case.says in notice.text for notice in full.said) or not case.says
    assert (document.projection is not None) == case.mapped
    assert not full.of("error") or not case.mapped
    for column in document.corpus.columns[:12]:
        full.application.map.set_colour_by(column)
        full.settle()
    for row in range(min(3, case.rows)):
        full.application.map.go_to(row)
        assert full.application.map.card(row)
    full.window.grab()
    assert not [notice for notice in full.said if "bug" in notice.text]


def never(_request: WindowRequest) -> int:
    raise AssertionError("a command opened the window")


@pytest.mark.parametrize("case", EACH)
def test_on_the_command_line(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make(case, tmp_path / "bad")
    code = cli.main(["info", str(path), "--json"], never)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    assert "bug" not in err
    if case.rows is not None:
        assert code == 0
        assert json.loads(out)["rows"] == case.rows
        return
    assert (code, out) == (1, "")
    error, hint = err.splitlines()
    assert error.startswith("error: ")
    assert case.name in error
    assert case.says in error
    assert len(hint) > len("hint: ")


@pytest.mark.parametrize("name", ["empty.csv", "fifo.csv", "utf16.csv", "info"])
def test_as_a_process(name: str, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == name)
    path = make(case, tmp_path / "bad")
    command = [sys.executable, str(ROOT / "main.py"), "info", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == (1 if case.rows is None else 0)
    assert bool(done.stdout) == (case.rows is not None)
    assert ("error: " in done.stderr) == (case.rows is None)
