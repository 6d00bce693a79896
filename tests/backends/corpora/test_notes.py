"""What is said about a source: one of something, several, and lists that are no vectors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from backends.corpora.reading import inspect, read_corpus
from backends.errors import BackendError, UnusableVectors
from backends.wording import counted


def lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1_200, "1,200 rows")]
)
def test_a_number_and_its_noun(count: int, said: str) -> None:
    assert counted(count, "row") == said


def test_lists_of_unequal_length_are_named_with_the_row_that_differs(tmp_path: Path) -> None:
    sizes = [3, None, 3, 1, 3]
    rows: list[dict[str, object]] = [
        {"text": f"item {row}", "marks": None if size is None else [0.5] * size}
        for row, size in enumerate(sizes)
    ]
    path = lines(tmp_path / "a.jsonl", rows)
    said = (
        "The lists of numbers in “marks” were kept as text, because they differ in length: "
        "row 1 has 3 numbers, row 4 has 1. Make all rows equally long to use them as vectors."
    )
    assert said in inspect([path]).notes
    corpus = read_corpus([path])
    assert said in corpus.notes
    assert corpus.table.column("marks").to_pylist()[3] == "[0.5]"


def test_lists_of_one_length_are_nothing_to_speak_of(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", [{"text": f"item {i}", "at": [0.5, i]} for i in range(4)])
    assert inspect([path]).notes == ()


def uneven_table(folder: Path, count: int) -> list[Path]:
    path = folder / "a.csv"
    path.write_text("text,n\n" + "some words,1\n" * 5 + "short\n" * count)
    return [path]


def two_sheets(folder: Path, count: int) -> list[Path]:
    book = openpyxl.Workbook()
    book.active.append(["text"])
    book.active.append(["words"])
    for _ in range(count):
        book.create_sheet()
    book.save(folder / "a.xlsx")
    return [folder / "a.xlsx"]


def other_files(folder: Path, count: int) -> list[Path]:
    (folder / "a.csv").write_text("text\nsome words\n")
    for place in range(count):
        (folder / f"b{place}.txt").write_text("aside")
    return [folder]


def strange_files(folder: Path, count: int) -> list[Path]:
    for name in "ab":
        (folder / f"{name}.txt").write_text("some words")
    for place in range(count):
        (folder / f"z{place}.txt").write_bytes(bytes(range(256)) * 9)
    return [folder]


def words(folder: Path, count: int) -> list[Path]:
    row = " 0.1 0.2 0.3 0.4 0.5\n"
    whole = "".join(f"word{place}{row}" for place in range(20))
    (folder / "a.vec").write_text(whole + "bad 0.1 0.2\n" * count + f"word0{row}" * count)
    return [folder / "a.vec"]


def zeros(folder: Path, count: int) -> list[Path]:
    vectors = np.ones((9, 4), np.float32)
    vectors[:count] = 0
    np.save(folder / "a.npy", vectors)
    return [folder / "a.npy"]


@pytest.mark.parametrize(
    ("make", "one", "two"),
    [
        (uneven_table, "1 row has more or fewer cells", "2 rows have more or fewer cells"),
        (uneven_table, "columns (in line 7)", "columns (the first in line 7)"),
        (two_sheets, "1 other was left out.", "2 others were left out."),
        (other_files, "1 other file was left out: b0.txt.", "2 other files were left out: b0.txt"),
        (strange_files, "1 file is no text and was left", "2 files are no text and were left"),
        (words, "1 line does not have 5 numbers and was", "2 lines do not have 5 numbers and were"),
        (words, "(it is line 21)", "(the first is line 21)"),
        (words, "1 word comes more than once", "2 words come more than once"),
        (zeros, "1 vector is all zeros or has", "2 vectors are all zeros or have"),
        (zeros, "its row is not on the map", "their rows are not on the map"),
    ],
)
def test_notes_speak_of_one_and_of_two(tmp_path: Path, make: object, one: str, two: str) -> None:
    assert callable(make)
    for count, said in ((1, one), (2, two)):
        folder = tmp_path / str(count)
        folder.mkdir()
        notes = " ".join(read_corpus(make(folder, count)).notes)
        assert said in notes, notes


def test_errors_speak_of_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nsome words\n")
    np.save(tmp_path / "b.npy", np.ones((2, 4), np.float32))
    with pytest.raises(
        BackendError, match=r"a.csv has 1 item, but the file of vectors has 2 vectors\."
    ):
        read_corpus([tmp_path / "a.csv", tmp_path / "b.npy"])
    rows: list[dict[str, object]] = [{"vector": [0.5] * size} for size in (4, 4, 1)]
    with pytest.raises(UnusableVectors, match="row 3 has 1 number, those before it have 4"):
        read_corpus([lines(tmp_path / "v.jsonl", rows)])
