"""Every test runs offscreen, in folders of its own, and leaves nothing behind."""

from __future__ import annotations

import gc
import itertools
import json
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTEST_QT_API", "pyside6")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest
from hypothesis import settings

from app import cli
from tests.commands import never

# The same cases every time, so that a failure is the change's; `make test-all` draws new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("exploring", deadline=None)
settings.load_profile(os.environ.get("EMBEDSCOPE_HYPOTHESIS", "steady"))

FULL_COLLECTION_EVERY = 200
_tests = itertools.count(1)


def pytest_configure() -> None:
    """Collect garbage in the main thread only, as the program does (app/collector.py)."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What all test files imported stays to the end: no collection need look at it again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_teardown() -> None:
    """Collect what the test left; everything only now and then, for that takes long."""
    gc.collect(2 if next(_tests) % FULL_COLLECTION_EVERY == 0 else 1)


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and cache lie in temporary folders; the person's own are never touched."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(home / "cache"))
    monkeypatch.setenv("EMBEDSCOPE_CONFIG", str(home / "config"))


@pytest.fixture(autouse=True)
def no_unexpected_warnings(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test of ours that logs at WARNING or above without saying so."""
    yield
    ours = ("app", "backends", "widgets")
    loud = [
        record
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING and record.name.split(".")[0] in ours
    ]
    assert not loud, [record.getMessage() for record in loud]


@pytest.fixture
def data() -> Path:
    """Folder of files that tests read and nobody ever removes."""
    return Path(__file__).parent / "data"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small disk is not allowed here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


COMMON = {"schema", "seconds", "peak_rss_mb"}  # what every command answers


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command that must end well; return its one JSON object."""

    def ask(*words: object) -> dict[str, Any]:
        code = cli.main([*map(str, words), "--json"], never)
        captured = capsys.readouterr()
        assert code == 0, captured.err
        assert captured.out.count("\n") == 1
        answer: dict[str, Any] = json.loads(captured.out)
        assert set(answer) >= COMMON
        return {name: value for name, value in answer.items() if name not in COMMON}

    return ask


@pytest.fixture
def refuse(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command that must fail; return what stands after `error:` and `hint:`."""

    def refuse(*words: object) -> tuple[str, str]:
        code = cli.main([*map(str, words)], never)
        captured = capsys.readouterr()
        assert (code, captured.out) == (1, "")
        error, hint = captured.err.splitlines()[-2:]
        return error.removeprefix("error: "), hint.removeprefix("hint: ")

    return refuse
