"""What a new user may do to it: every bad input is one clear sentence, or a note, and no loss."""

from __future__ import annotations

import gzip
import os
import pickle
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backends import cache
from backends.corpora.reading import inspect, read_corpus, save_pasted
from backends.errors import BackendError, UnreadableFile
from backends.files import replacing
from backends.reporting import Cancelled, Progress, Report

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1"


def parquet_bytes() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"text": ["some words", "more"], "n": [1, 2]}), sink)
    return bytes(sink.getvalue())


def cut_parquet() -> bytes:
    return parquet_bytes()[:-20]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.parquet", b"", "a.parquet is empty"),
        ("a.npy", b"", "a.npy is empty"),
        ("a.txt", b"", "a.txt is empty"),
        ("a.txt", b"\n \n\n", "no text in it"),
        ("a.csv", b"\n\n\n", "no line"),
        ("a.csv", b"id,text\n", "names of columns but no items"),
        ("a.csv", PNG, "PNG picture"),
        ("a.xlsx", PNG, "PNG picture"),
        ("a.parquet", cut_parquet(), "damaged"),
        ("a.parquet", b"PAR1", "damaged"),
        ("a.arrow", b"ARROW1\0\0garbage", "damaged"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n")[:-9], "cannot be unpacked"),
        ("a.csv.gz", b"\x1f\x8bgarbage", "cannot be unpacked"),
        ("a.tgz", gzip.compress(bytes(600)), "not of any other kind"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old or encrypted Office"),
        ("a.xlsx", b"PK\x03\x04cut off", "incomplete or damaged"),
        ("a.pdf", b"%PDF-1.7 ...", "PDF"),
        ("a.dat", bytes(range(256)) * 8, "not of any other kind"),
        ("a.jsonl", b'{"text": "x"}\n{"text": \n{"text": "z"}\n', "Line 2 of a.jsonl is not JSON"),
        ("a.json", b'{"a": [1, 2], "b": [1]}', "different lengths"),
        ("a.json", b"[]", "no items"),
        ("a.npy", b"\x93NUMPY\x01\x00v\x00nonsense", "damaged"),
        ("a.npy", pickle.dumps([1, 2]), "a.npy is no numpy file"),
        ("a.safetensors", b"\x10\0\0\0\0\0\0\0" + b'{"x":garbage', "damaged"),
    ],
)
def test_a_useless_file_is_one_sentence(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    for look in (inspect, read_corpus):
        with pytest.raises(BackendError, match=words) as error:
            look([path])
        assert "\n" not in error.value.what
        assert error.value.hint
    assert path.read_bytes() == content


def write_table(path: Path) -> None:
    pq.write_table(pa.table({"text": ["some words", "more"], "n": [1, 2]}), path)


def write_csv(path: Path) -> None:
    path.write_text("text,n\nsome words,1\nmore,2\n")


def write_xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["text", "n"], ["some words", 1], ["more", 2]):
        book.active.append(row)
    book.save(path.with_suffix(".xlsx"))
    path.with_suffix(".xlsx").replace(path)


def write_json(path: Path) -> None:
    path.write_text('{"text": "some words", "n": 1}\n{"text": "more", "n": 2}\n')


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("parquet.csv", write_table),
        ("csv.parquet", write_csv),
        ("xlsx.csv", write_xlsx),
        ("json.csv", write_json),
        ("csv.json", write_csv),
        ("csv.xlsx", write_csv),
        ("csv.npy", write_csv),
    ],
)
def test_a_wrong_name_is_seen_through_and_said(
    tmp_path: Path, name: str, write: Callable[[Path], None]
) -> None:
    path = tmp_path / name
    write(path)
    corpus = read_corpus([path])
    assert corpus.table.to_pylist() == [{"text": "some words", "n": 1}, {"text": "more", "n": 2}]
    assert "in spite of its name" in corpus.notes[0]
    assert inspect([path]).notes[0] == corpus.notes[0]


@pytest.mark.parametrize("name", ["no suffix", "table.dat"])
def test_a_table_without_a_telling_name_is_recognised(tmp_path: Path, name: str) -> None:
    write_csv(tmp_path / name)
    assert len(read_corpus([tmp_path / name])) == 2


@pytest.mark.parametrize("name", ["it's [1]*?.csv", 'say "hi".parquet', "日本.jsonl", "ü;--.csv"])
def test_strange_paths_are_only_paths(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a 'quoted' [folder]"
    folder.mkdir()
    writers = {".csv": write_csv, ".parquet": write_table, ".jsonl": write_json}
    path = folder / name
    writers[path.suffix](path)
    corpus = read_corpus([path])
    assert len(corpus) == 2
    assert corpus.title == name
    assert len(inspect([folder]).rows) == 2


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="there is no such file") as error:
        read_corpus([tmp_path / "gone.csv"])
    assert "gone.csv" in error.value.what


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    write_csv(folder / "a.csv")
    folder.chmod(0)
    try:
        for path in (folder, folder / "a.csv", tmp_path):
            with pytest.raises(UnreadableFile, match="permission denied"):
                read_corpus([path])
    finally:
        folder.chmod(0o700)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no file that can be read"):
        inspect([tmp_path])


def grown(path: Path, lines: int = 400_000) -> Path:
    path.write_text("id,text\n" + "".join(f"{i},some words of item {i}\n" for i in range(lines)))
    return path


class At:
    """Does something once, at the first report of reading after the head."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action: Callable[[], object] | None = action

    def __call__(self, progress: Progress) -> None:
        if progress.share > 0.3 and self._action is not None:
            action, self._action = self._action, None
            action()


@pytest.mark.parametrize("how", ["cut", "deleted", "appended"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, how: str) -> None:
    path = grown(tmp_path / "a.csv")

    def change() -> None:
        if how == "deleted":
            path.unlink()
        elif how == "cut":
            os.truncate(path, path.stat().st_size // 2)
        else:
            with path.open("a") as file:
                file.write("9,more\n")

    with pytest.raises(UnreadableFile, match=r"changed while|no such file"):
        read_corpus([path], report=Report(on_progress=At(change)))
    assert not list((cache.cache_root() / "corpora").glob("*.tmp"))


def test_reading_stops_when_nobody_wants_it(tmp_path: Path) -> None:
    import threading

    path, stop = grown(tmp_path / "a.csv"), threading.Event()
    with pytest.raises(Cancelled):
        read_corpus([path], report=Report(on_progress=At(stop.set), stop=stop))
    assert not list((cache.cache_root() / "corpora").iterdir())


def test_a_person_may_cut_a_file_that_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    table = pa.table({"text": [f"words {i}" for i in range(50_000)]})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    np.save(tmp_path / "a.npy", np.ones((50_000, 8), np.float32))
    corpus = read_corpus([path, tmp_path / "a.npy"])
    os.truncate(path, 0)
    os.truncate(tmp_path / "a.npy", 0)
    assert corpus.vectors is not None
    assert corpus.table.column("text")[49_999].as_py() == "words 49999"
    assert float(corpus.vectors.vectors.sum()) == 400_000


def test_a_zip_of_something_else_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    with pytest.raises(UnreadableFile, match="zip archive"):
        inspect([tmp_path / "a.zip"])


def test_a_cache_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(blocked / "cache"))
    write_csv(tmp_path / "a.csv")
    with pytest.raises(BackendError, match="its parent is a file"):
        read_corpus([tmp_path / "a.csv"])


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting is refused here")
    try:
        monkeypatch.setenv("EMBEDSCOPE_CACHE", str(small / "cache"))
        path = grown(tmp_path / "a.csv", 100_000)
        np.save(tmp_path / "a.npy", np.ones((100_000, 8), np.float32))
        for given in (path, tmp_path / "a.npy"):
            with pytest.raises(BackendError, match="the disk is full") as error:
                read_corpus([given])
            assert "Free some space" in error.value.hint
        write_csv(tmp_path / "b.csv")
        assert len(read_corpus([tmp_path / "b.csv"])) == 2
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_a_damaged_cache_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(path)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    first = read_corpus([path])
    items = cache.entry("corpora", first.fingerprint) / "items.arrow"
    with replacing(items) as draft:
        draft.write_bytes(b"cut off")
    again = read_corpus([path])
    assert again.table.to_pylist() == [{"text": "some words", "n": 1}, {"text": "more", "n": 2}]


def test_an_unchanged_file_is_not_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(path)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    first = read_corpus([path])
    said: list[str] = []
    again = read_corpus([path], report=Report(on_progress=lambda p: said.append(p.text)))
    assert again.fingerprint == first.fingerprint
    assert again.roles == first.roles
    assert said == ["Looking at the file"]


def test_what_a_killed_process_left_is_dropped_after_a_day(tmp_path: Path) -> None:
    drafts = [cache.cache_root() / "corpora" / f".reading.{i}.0.tmp" for i in (1, 2)]
    for draft in drafts:
        draft.mkdir(parents=True)
        (draft / "items.arrow").write_bytes(b"half")
    os.utime(drafts[0], (1_000_000_000, 1_000_000_000))
    write_csv(tmp_path / "a.csv")
    read_corpus([tmp_path / "a.csv"])
    assert [draft.exists() for draft in drafts] == [False, True]


def test_a_file_changed_just_now_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(path)
    stamp = path.stat().st_mtime_ns
    first = read_corpus([path])
    path.write_text(path.read_text().replace("some", "same"))
    os.utime(path, ns=(stamp, stamp))
    assert read_corpus([path]).fingerprint != first.fingerprint


@pytest.mark.parametrize(
    ("text", "suffix", "rows"),
    [
        ("name\ttext\na\thello\nb\tworld", ".tsv", 2),
        ("name,text\na,hello\nb,world", ".csv", 2),
        ("One line.\nAnother, with a comma.\nA third", ".txt", 3),
        ('[{"text": "a"}, {"text": "b"}]', ".json", 2),
        ("just one line", ".txt", 1),
    ],
)
def test_pasted_text_becomes_a_file_that_can_be_read(text: str, suffix: str, rows: int) -> None:
    path = save_pasted(text)
    assert path.suffix == suffix
    assert len(read_corpus([path])) == rows
    assert save_pasted(text) == path


def test_an_empty_clipboard_is_said() -> None:
    with pytest.raises(BackendError, match="no text"):
        save_pasted(" \n")
