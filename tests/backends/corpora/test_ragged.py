"""Ragged tables read in bulk are what Python's csv module reads row by row."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from backends.corpora import delimited, ragged
from backends.corpora.reading import read_corpus
from backends.reporting import SILENT, Cancelled, Report
from backends.types import Corpus

CELLS = ("", "a", "Käse", '"x, y"', '"two\nlines"', '"say ""so"""', 'in"ner"', " ", '""', "\0")


def bulk(path: Path, columns: int, *, header: bool = False) -> list[list[str | None]] | None:
    table = ragged.Table(path, path.name, ",", columns, header)
    misfits = ragged.find_misfits(table, SILENT)
    if misfits is None:
        return None
    width = max([columns, *map(len, misfits.rows)])
    rows: list[list[str | None]] = []
    for part in ragged.read_ragged(table, misfits, width, SILENT):
        rows += [list(row) for row in zip(*(column.to_pylist() for column in part), strict=True)]
    return rows


def row_by_row(path: Path, columns: int) -> list[list[str | None]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    width = max([columns, *map(len, rows)])
    return [[*(cell or None for cell in row), *[None] * (width - len(row))] for row in rows]


@pytest.mark.parametrize("seed", range(30))
def test_bulk_reading_finds_what_the_patient_reader_finds(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    end = chance.choice(["\n", "\r\n"])
    lines = []
    for _ in range(chance.randint(1, 400)):
        count = 3 if chance.random() < 0.8 else chance.randint(1, 6)
        lines.append(",".join(chance.choice(CELLS) for _ in range(count)))
    lines.append("a,b,c")  # an end that is certain
    path = tmp_path / "a.csv"
    path.write_bytes((end.join(lines) + end * chance.randint(0, 2)).encode())
    monkeypatch.setattr(ragged, "BLOCK_BYTES", chance.choice([1 << 10, 1 << 22]))
    assert bulk(path, 3) == row_by_row(path, 3)


def test_an_end_inside_quotation_marks_is_left_to_the_patient_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for text in ('a,b\n1,2,3\n4,"x\n5,y\n', 'a,b\n1,2,3\n4,in"ner\n4,"x\n5,y\n'):
        path.write_text(text)
        assert bulk(path, 2) is None


def large(path: Path) -> Path:
    rows = [f"{i},text number {i}" for i in range(60_000)]
    rows[30_000] += ",more"
    rows[-1] = "59999"
    path.write_text("\n".join(["id,text", *rows]) + "\n")
    return path


def test_one_bad_row_does_not_make_the_rest_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("read row by row")

    monkeypatch.setattr(delimited, "_patient_batches", never)
    corpus = read_corpus([large(tmp_path / "a.csv")])
    assert len(corpus) == 60_000
    assert corpus.columns == ("id", "text", "extra_1")
    assert corpus.table.slice(30_000, 1).to_pylist() == [
        {"id": 30_000, "text": "text number 30000", "extra_1": "more"}
    ]
    assert corpus.table.slice(59_999, 1).to_pylist() == [
        {"id": 59_999, "text": None, "extra_1": None}
    ]
    assert "line 30,002" in corpus.notes[0]


def test_both_ways_name_a_table_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(path: Path) -> Corpus:
        return read_corpus([large(path)])

    quick = read(tmp_path / "a.csv")
    monkeypatch.setattr(ragged, "find_misfits", lambda table, report: None)
    slow = read(tmp_path / "b.csv")
    assert slow.made_by.fingerprint == quick.made_by.fingerprint
    assert slow.notes == quick.notes


def test_a_search_for_ragged_rows_can_be_stopped(tmp_path: Path) -> None:
    class Weary(Report):
        def check(self) -> None:
            raise Cancelled

    table = ragged.Table(large(tmp_path / "a.csv"), "a.csv", ",", 2, True)
    with pytest.raises(Cancelled):
        ragged.find_misfits(table, Weary())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_first_line_that_names_the_separator_is_heeded(tmp_path: Path, end: str) -> None:
    rows = ["sep=;", "id;text", "1;one, two, three", "2;four, five, six", "3;a, b, c"]
    path = tmp_path / "a.csv"
    for more, line in ([], None), (["4;x;y"], "line 6"), (['4;"x;y'], "line 6"):
        path.write_bytes(end.join([*rows, *more, ""]).encode("utf-8-sig"))
        corpus = read_corpus([path])
        assert corpus.columns[:2] == ("id", "text")
        assert corpus.table.column("text").to_pylist()[:3] == [
            "one, two, three", "four, five, six", "a, b, c",
        ]  # fmt: skip
        assert line is None or any(line in note for note in corpus.notes)
    path.write_bytes(end.join(["sep=|", "text", "a;b", "c;d", ""]).encode())
    assert read_corpus([path]).table.column("text").to_pylist() == ["a;b", "c;d"]
