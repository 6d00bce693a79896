"""The cache: entries by name, the longest unused dropped first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backends import cache


def fill(kind: str, name: str, size: int, used: int) -> Path:
    folder = cache.entry(kind, name)
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "data").write_bytes(b"x" * size)
    os.utime(folder, (used, used))
    return folder


def test_the_place_is_chosen_or_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache.cache_root() == Path(os.environ["EMBEDSCOPE_CACHE"])
    monkeypatch.delenv("EMBEDSCOPE_CACHE")
    assert cache.cache_root().name == "embedscope"


def test_nothing_is_trimmed_where_nothing_is() -> None:
    assert cache.trim(0) == 0


def test_the_longest_unused_go_first() -> None:
    folders = [fill(kind, f"n{i}", 100, 1000 + i) for i, kind in enumerate(cache.KINDS)]
    assert cache.entry(cache.KINDS[0], "n0") == folders[0]  # looked at: now it is the newest
    assert cache.trim(250) == 100
    assert [folder.exists() for folder in folders] == [True, False, True]
    assert cache.trim(250) == 0


def test_what_is_in_use_stays() -> None:
    old, new = fill("corpora", "old", 100, 1000), fill("corpora", "new", 100, 2000)
    assert cache.trim(0, keep=frozenset({"old"})) == 100
    assert (old.exists(), new.exists()) == (True, False)


def test_an_entry_that_vanishes_meanwhile_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fill("corpora", "a", 100, 1000)
    (folder / "dangling").symlink_to(folder / "none")
    (cache.cache_root() / "corpora" / "gone").symlink_to(folder / "none")
    assert cache.size_bytes(folder) == 100
    assert cache.trim(0) == 100


def test_looking_at_an_entry_of_a_cache_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = fill("corpora", "a", 1, 1000)

    def refuse(*_args: object) -> None:
        raise PermissionError

    monkeypatch.setattr("backends.cache.os.utime", refuse)
    assert cache.entry("corpora", "a") == folder
