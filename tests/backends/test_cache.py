"""The cache: entries by name, the longest unused dropped first."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from backends import cache


def fill(kind: str, name: str, size: int, used: int) -> Path:
    folder = cache.entry(kind, name)
    folder.mkdir(parents=True)
    (folder / "data").write_bytes(b"x" * size)
    for path in (folder / "data", folder):
        os.utime(path, (used, used))
    return folder


def test_the_place_is_chosen_or_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache.cache_root() == Path(os.environ["EMBEDSCOPE_CACHE"])
    monkeypatch.delenv("EMBEDSCOPE_CACHE")
    assert cache.cache_root().name == "embedscope"


def test_nothing_is_trimmed_where_nothing_is() -> None:
    assert cache.trim(0) == 0


def test_the_longest_unused_go_first() -> None:
    kinds = ("corpora", "embeddings", "corpora")
    folders = [fill(kind, f"n{i}", 100, 1000 + i) for i, kind in enumerate(kinds)]
    assert cache.entry(cache.KINDS[0], "n0") == folders[0]  # looked at: now it is the newest
    assert cache.trim(250) == 100
    assert [folder.exists() for folder in folders] == [True, False, True]
    assert cache.trim(250) == 0


def test_what_is_in_use_stays() -> None:
    old, new = fill("corpora", "old", 100, 1000), fill("corpora", "new", 100, 2000)
    assert cache.trim(0, keep=frozenset({"old"})) == 100
    assert (old.exists(), new.exists()) == (True, False)


def test_what_was_used_today_stays() -> None:
    folder = fill("embeddings", "new", 100, int(time.time()) - 3600)
    assert cache.trim(0) == 0
    assert cache.trim(0, spare_seconds=60) == 100
    assert not folder.exists()


def test_an_entry_whose_file_is_being_written_is_in_use() -> None:
    folder = fill("embeddings", "busy", 100, 1000)
    os.utime(next(folder.iterdir()))
    assert cache.trim(0) == 0


def test_a_pasted_text_stays_for_it_cannot_be_made_again() -> None:
    folder = fill("corpora", "text", 100, 1000)
    file = next(folder.iterdir())
    file.rename(folder / "pasted.txt")
    os.utime(folder, (1000, 1000))
    assert cache.trim(0) == 0
    assert (folder / "pasted.txt").exists()


def test_an_entry_that_vanishes_meanwhile_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fill("corpora", "a", 100, 1000)
    (folder / "dangling").symlink_to(folder / "none")
    (cache.cache_root() / "corpora" / "gone").symlink_to(folder / "none")
    assert cache.size_bytes(folder) == 100
    assert cache.trim(0, spare_seconds=0) == 100


def test_looking_at_an_entry_of_a_cache_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = fill("corpora", "a", 1, 1000)

    def refuse(*_args: object) -> None:
        raise PermissionError

    monkeypatch.setattr("backends.cache.os.utime", refuse)
    assert cache.entry("corpora", "a") == folder
