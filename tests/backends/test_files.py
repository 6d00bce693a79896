"""Files are the old one or the new one, whatever happens, and a failure is one sentence."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from backends.errors import UnwritableFile
from backends.files import naming_failure, replacing, replacing_folder, replacing_together


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    for text in ("first", "second"):
        with replacing(path) as draft:
            draft.write_text(text)
            assert path.exists() == (text == "second")
        assert path.read_text() == text
    assert names(path.parent) == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_breaks_off_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write() -> None:
        with replacing(path) as draft:
            draft.write_text("half")
            raise error

    with pytest.raises(error):
        write()
    assert names(tmp_path) == ["a.txt"]
    assert path.read_text() == "old"


def test_two_drafts_of_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replacing(path) as one, replacing(path) as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert path.read_text() == "one"


@pytest.mark.parametrize("name", ["a" * 255, "ü" * 127])
def test_a_name_may_be_as_long_as_the_disk_allows(tmp_path: Path, name: str) -> None:
    with replacing(tmp_path / name) as draft:
        draft.write_text("x")
    assert names(tmp_path) == [name]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("old")
    (tmp_path / "a.txt").symlink_to(tmp_path / "real" / "a.txt")
    with replacing(tmp_path / "a.txt") as draft:
        draft.write_text("new")
    assert (tmp_path / "a.txt").is_symlink()
    assert (tmp_path / "real" / "a.txt").read_text() == "new"


def put_file(path: Path) -> None:
    with replacing(path) as draft:
        draft.write_text("x")


def put_folder(path: Path) -> None:
    with replacing_folder(path) as draft:
        (draft / "a.txt").write_text("x")


def put_together(path: Path) -> None:
    with replacing_together([path, path.with_suffix(".json")]) as drafts:
        for draft in drafts:
            draft.write_text("x")


@pytest.mark.parametrize("put", [put_file, put_folder, put_together])
def test_a_parent_that_is_a_file_is_said(tmp_path: Path, put) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    (tmp_path / "file").write_text("x")
    with pytest.raises(UnwritableFile, match="its parent is a file") as caught:
        put(tmp_path / "file" / "out")
    assert "nothing was changed" in caught.value.hint
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("put", [put_file, put_together])
def test_a_folder_of_that_name_is_said(tmp_path: Path, put) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    (tmp_path / "out").mkdir()
    with pytest.raises(UnwritableFile, match="there is a folder of that name"):
        put(tmp_path / "out")
    assert names(tmp_path) == ["out"]


def test_a_full_disk_is_said_and_keeps_the_old_file(small_disk: Path) -> None:
    path = small_disk / "a.bin"
    path.write_bytes(b"old")

    def write() -> None:
        with replacing(path) as draft:
            draft.write_bytes(b"x" * 400_000)

    with pytest.raises(UnwritableFile, match="the disk is full") as caught:
        write()
    assert "Free some space" in caught.value.hint
    assert path.read_bytes() == b"old"
    assert names(small_disk) == ["a.bin"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EDQUOT, "your quota"),
        (errno.ENAMETOOLONG, "the name is too long"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_every_reason_is_in_words(tmp_path: Path, code: int, words: str) -> None:
    def write() -> None:
        with naming_failure(tmp_path / "a"):
            raise OSError(code, os.strerror(code))

    with pytest.raises(UnwritableFile, match=words) as caught:
        write()
    assert str(tmp_path / "a") in caught.value.what


def test_a_reason_without_a_number_is_said_too(tmp_path: Path) -> None:
    def write() -> None:
        with naming_failure(tmp_path / "a"):
            raise OSError("the cable was pulled")

    with pytest.raises(UnwritableFile, match="the cable was pulled"):
        write()


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "out"
    put_folder(path)
    (path / "old.txt").write_text("x")
    with replacing_folder(path) as draft:
        (draft / "sub").mkdir()
        (draft / "sub" / "b.txt").write_text("b")
        assert names(path) == ["a.txt", "old.txt"]
    assert names(path) == ["sub"]
    assert names(tmp_path) == ["out"]


def test_a_folder_that_breaks_off_leaves_the_old_one(tmp_path: Path) -> None:
    put_folder(tmp_path / "out")

    def write() -> None:
        with replacing_folder(tmp_path / "out") as draft:
            (draft / "b.txt").write_text("b")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        write()
    assert names(tmp_path / "out") == ["a.txt"]
    assert names(tmp_path) == ["out"]


def test_a_folder_that_cannot_be_put_in_place_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    put_folder(path)
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target == path and self.suffix == ".tmp":
            raise OSError(errno.EACCES, "refused")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UnwritableFile, match="permission denied"):
        put_folder(path)
    assert names(path) == ["a.txt"]
    assert names(tmp_path) == ["out"]


def test_the_only_copy_of_a_folder_is_never_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    put_folder(path)
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target == path:
            raise OSError(errno.EIO, "the disk is failing")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UnwritableFile):
        put_folder(path)
    (left,) = tmp_path.iterdir()
    assert names(left) == ["a.txt"]


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(UnwritableFile):
        put_folder(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "x"
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize(
    "inside", [".", "corpora", "corpora/.reading.1.tmp/scratch", "embeddings/a"]
)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_cache_that_cannot_be_written_says_how_to_move_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str, code: int
) -> None:
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UnwritableFile) as caught, naming_failure(tmp_path / "cache" / inside):
        raise OSError(code, "refused")
    assert "et EMBEDSCOPE_CACHE to a folder on another disk." in caught.value.hint
    assert "Choose another folder" not in caught.value.hint
    assert caught.value.hint.startswith("Free some space") == (code == errno.ENOSPC)


@pytest.mark.parametrize("place", ["settings.json", "cache-of-mine/a.csv", "cache/a.csv"])
def test_files_of_a_person_keep_their_own_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UnwritableFile) as caught, naming_failure(tmp_path / place):
        raise PermissionError(errno.EACCES, "refused")
    assert caught.value.hint == "Choose another folder; nothing was changed."
