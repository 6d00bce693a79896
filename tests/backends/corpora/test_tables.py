"""Tables of every format give the same corpus, and odd ones are kept whole and spoken of."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.corpora.columns import read_cells
from backends.corpora.reading import ReadOptions, inspect, read_corpus
from backends.types import Corpus

ROWS = [
    {"id": 7, "title": "Café", "text": "a, long; “text”\nof two lines", "year": 1999, "score": 0.5},
    {"id": 8, "title": "b", "text": "another one", "year": None, "score": 1.25},
    {"id": 9, "title": "c", "text": None, "year": 2001, "score": None},
]
NAMES = list(ROWS[0])


def cells(corpus: Corpus) -> list[tuple[object, ...]]:
    return read_cells(corpus, np.arange(len(corpus)), corpus.columns)


def write_csv(path: Path, rows: list[dict[str, Any]], delimiter: str = ",", **how: Any) -> Path:
    with path.open("w", newline="", **{"encoding": "utf-8", **how}) as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_xlsx(path: Path, *sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def write(path: Path) -> Path:
    """ROWS in the format that the name of `path` says."""
    table = pa.Table.from_pylist(ROWS)
    name = path.name
    if path.suffix in (".csv", ".tsv"):
        write_csv(path, ROWS, "\t" if path.suffix == ".tsv" else ",")
    elif path.suffix in (".jsonl", ".ndjson"):
        path.write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")
    elif name == "array.json":
        path.write_text(json.dumps(ROWS, indent=1), encoding="utf-8")
    elif name == "columns.json":
        path.write_text(json.dumps({n: [r[n] for r in ROWS] for n in NAMES}), encoding="utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix == ".feather":
        pyarrow.feather.write_feather(table, path, compression="lz4")
    elif name == "stream.arrow":
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
    elif path.suffix == ".arrow":
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    else:
        write_xlsx(path, [], [NAMES, *([row[n] for n in NAMES] for row in ROWS)])
    return path


FORMATS = (
    *("a.csv", "a.tsv", "a.jsonl", "a.ndjson", "array.json", "columns.json", "a.parquet"),
    *("a.feather", "a.arrow", "stream.arrow", "a.xlsx"),
)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_corpus(tmp_path: Path, name: str) -> None:
    reference = read_corpus([write(tmp_path / "reference.csv")])
    path = write(tmp_path / name)
    preview, corpus = inspect([path]), read_corpus([path])
    assert cells(corpus) == [tuple(row.values()) for row in ROWS]
    assert corpus.fingerprint == reference.fingerprint
    assert corpus.roles == preview.guess == reference.roles
    assert (corpus.roles.text, corpus.roles.id) == ("text", "id")
    assert preview.question is None
    assert [c.type for c in preview.columns] == ["number", "text", "text", "number", "number"]
    assert preview.rows[0] == ("7", "Café", ROWS[0]["text"], "1999", "0.5")
    assert preview.total in (3, None)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_guessed(tmp_path: Path, delimiter: str) -> None:
    corpus = read_corpus([write_csv(tmp_path / "a.csv", ROWS, delimiter)])
    assert cells(corpus) == [tuple(row.values()) for row in ROWS]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("cp1252", "Windows-1252"),
        ("utf-32", "UTF-32"),
    ],
)
def test_the_encoding_is_found_and_said(tmp_path: Path, encoding: str, said: str) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS * 20, encoding=encoding)
    corpus = read_corpus([path])
    assert cells(corpus) == [tuple(row.values()) for row in ROWS] * 20
    assert [said in note for note in corpus.notes] == ([True] if said else [])


def test_latin_1_far_behind_the_head_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"name,text\n" + b"x,plain words\n" * 40_000 + "y,Käse\n".encode("latin-1"))
    corpus = read_corpus([path])
    assert cells(corpus)[-1] == ("y", "Käse")
    assert "Windows-1252" in corpus.notes[0]


def test_a_few_broken_bytes_do_not_garble_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"name,text\n" + "x,größer\n".encode() * 50 + b"y,a\xffb\n")
    corpus = read_corpus([path])
    assert cells(corpus)[0] == ("x", "größer")
    assert cells(corpus)[-1] == ("y", "a\ufffdb")
    assert "broken characters" in corpus.notes[0]


def test_ragged_rows_are_kept_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x\ny"\n2\n3,z,more,still\n4,w\n')
    corpus = read_corpus([path])
    assert corpus.columns == ("a", "b", "extra_1", "extra_2")
    assert cells(corpus)[:3] == [
        (1, "x\ny", None, None), (2, None, None, None), (3, "z", "more", "still"),
    ]  # fmt: skip
    assert "2 rows" in corpus.notes[0]
    assert "line 4" in corpus.notes[0]


def test_a_quote_that_never_closes_swallows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,x\n2,"y\n3,z\n4,w\n')
    corpus = read_corpus([path])
    assert cells(corpus) == [(1, "x"), (2, '"y'), (3, "z"), (4, "w")]
    assert "line 3" in corpus.notes[0]


def test_quotes_inside_a_cell_are_borne(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"1"x,2\n5" pipe,3\n')
    assert len(read_corpus([path])) == 2


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_known(tmp_path: Path, line_end: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(line_end.join(["a,b", "1,x", "2,y", ""]).encode())
    assert cells(read_corpus([path])) == [(1, "x"), (2, "y")]


def test_a_nul_and_a_very_long_cell_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    long = "ab " * 1_700_000
    path.write_text(f'a,text\n1,x\0y\n2,"{long}"\n3,end\n')
    corpus = read_corpus([path])
    assert cells(corpus) == [(1, "x\0y"), (2, long), (3, "end")]
    assert len(inspect([path]).rows) == 3


def test_names_that_come_twice_are_made_different(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,A,a,,a_2\nx,y,z,w,v\n")
    corpus = read_corpus([path])
    assert corpus.columns == ("a", "A_3", "a_4", "column_4", "a_2")
    assert "A_3, a_4" in corpus.notes[0]


def test_a_table_without_a_header_keeps_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,hello\n2,world\n")
    corpus = read_corpus([path])
    assert cells(corpus) == [(1, "hello"), (2, "world")]
    assert "first line" in corpus.notes[0]


def test_one_column_with_commas_in_it_is_one_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\nhello, world\nno comma\na, b, c\n")
    assert cells(read_corpus([path])) == [("hello, world",), ("no comma",), ("a, b, c",)]


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        (["1", "-20"], [1, -20]),
        (["007", "1"], ["007", "1"]),
        (["12345678901234567890", "1"], ["12345678901234567890", "1"]),
        (["1.5", "2"], [1.5, 2.0]),
        (["true", "False"], [True, False]),
        (["2024-02-29", "2024-01-01"], [dt.date(2024, 2, 29), dt.date(2024, 1, 1)]),
        (["2024-01-01T10:00:00Z"], [dt.datetime(2024, 1, 1, 10)]),
        (["2024-01-01T10:00:00+02:00"], [dt.datetime(2024, 1, 1, 8)]),
        (["2024-02-30"], ["2024-02-30"]),
        (["+5", "6"], [5.0, 6.0]),
        (["1", "x"], ["1", "x"]),
        (["1e5", "nan"], [1e5, pytest.approx(float("nan"), nan_ok=True)]),
    ],
)
def test_texts_become_values_only_where_nothing_is_lost(
    tmp_path: Path, values: list[str], kept: list[object]
) -> None:
    path = write_csv(tmp_path / "a.csv", [{"text": "some words", "v": value} for value in values])
    assert [row[1] for row in cells(read_corpus([path]))] == kept


def test_a_decimal_comma_is_known_where_it_parts_no_cells(tmp_path: Path) -> None:
    rows = [{"text": "some words", "price": "1,5"}, {"text": "more", "price": "-20"}]
    assert cells(read_corpus([write_csv(tmp_path / "a.csv", rows, ";")]))[0] == ("some words", 1.5)
    assert cells(read_corpus([write_csv(tmp_path / "b.csv", rows, ",")]))[0][1] == "1,5"


def test_texts_of_json_are_not_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    row = {"u": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "t": "12:30", "TIME": "x y", "n": "007"}
    path.write_text(json.dumps({**row, "s": {"u": row["u"], "d": "2024-01-01T10:00:00Z"}}) + "\n")
    (found,) = cells(read_corpus([path]))
    assert found[:4] == tuple(row.values())
    assert json.loads(str(found[4])) == {"u": row["u"], "d": "2024-01-01T10:00:00Z"}


def test_a_table_with_tabs_may_be_called_txt(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("id\ttext\n1\thello there\n2\tmore words\n")
    corpus = read_corpus([path])
    assert cells(corpus) == [(1, "hello there"), (2, "more words")]
    assert "in spite of its name" in corpus.notes[0]


def test_a_type_that_the_last_row_breaks_is_given_up(tmp_path: Path) -> None:
    rows = [{"text": f"words {i}", "n": str(i), "f": str(i)} for i in range(3_000)]
    rows.append({"text": "last", "n": "n/a", "f": "0.5"})
    corpus = read_corpus([write_csv(tmp_path / "a.csv", rows)])
    assert cells(corpus)[-2:] == [("words 2999", "2999", 2999.0), ("last", "n/a", 0.5)]


def test_an_empty_text_column_is_borne(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [{"text": "", "n": 1}, {"text": "", "n": 2}])
    corpus = read_corpus([path])
    assert cells(corpus) == [(None, 1), (None, 2)]
    assert corpus.roles.text is None
    assert inspect([path]).question == "roles"


def test_one_row_is_a_corpus(tmp_path: Path) -> None:
    assert cells(read_corpus([write_csv(tmp_path / "a.csv", ROWS[:1])])) == [
        tuple(ROWS[0].values())
    ]


def test_nested_values_are_readable_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = [{"text": "x", "tags": ["ä", "b"], "who": {"name": "Ann", "age": 3}, "parts": [1, 2]}]
    rows.append({"text": "y", "tags": [], "who": {"name": None, "age": 4}, "parts": [3]})
    pq.write_table(pa.Table.from_pylist(rows), path)
    corpus = read_corpus([path])
    first, second = cells(corpus)
    assert first == ("x", '["ä","b"]', '{"name":"Ann","age":3}', "[1, 2]")
    assert second[3] == "[3]"
    assert corpus.vectors is None


def test_odd_types_of_parquet_are_plain_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    zoned = dt.datetime(2024, 1, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    table = pa.table(
        {
            "text": ["hello there"],
            "picture": pa.array([b"\x89PNG"], pa.binary()),
            "when": pa.array([zoned], pa.timestamp("ns", "Europe/Berlin")),
            "class": pa.array(["x"]).dictionary_encode(),
            "small": pa.array([3], pa.int8()),
            "price": pa.array([1.5], pa.float16()),
        }
    )
    pq.write_table(table, path)
    corpus = read_corpus([path])
    assert cells(corpus) == [("hello there", dt.datetime(2024, 1, 1, 11), "x", 3, 1.5)]
    assert any("“picture” holds binary data" in note for note in corpus.notes)
    assert any("UTC" in note for note in corpus.notes)


def test_json_that_strict_readers_refuse_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x", "n": NaN}\n\n{"text": "half \\ud800 pair", "m": 1}\n')
    corpus = read_corpus([path])
    assert [row[0] for row in cells(corpus)] == ["x", "half ? pair"]


def test_a_key_that_comes_late_is_a_column(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [json.dumps({"text": f"words {i}"}) for i in range(30_000)]
    path.write_text("\n".join([*lines, json.dumps({"text": "last", "late": "here"})]))
    assert cells(read_corpus([path]))[-1] == ("last", "here")


def test_the_sheet_that_has_data_is_read_and_said(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [], [["text", "n"], ["x", 1], ["y", "z"]], [["other"]])
    corpus = read_corpus([path])
    assert cells(corpus) == [("x", "1"), ("y", "z")]
    assert "Sheet 1" in corpus.notes[0]


def test_a_folder_of_tables_is_one_corpus(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"text": "one", "n": 1}])
    (tmp_path / "sub").mkdir()
    write_csv(tmp_path / "sub" / "b.csv", [{"text": "two", "n": 2.5, "more": "x"}])
    (tmp_path / ".hidden.csv").write_text("q\n1\n")
    (tmp_path / "notes.md").write_text("not a table")
    corpus = read_corpus([tmp_path])
    assert corpus.columns == ("text", "n", "more", "file")
    assert cells(corpus) == [("one", 1.0, None, "a.csv"), ("two", 2.5, "x", "sub/b.csv")]
    assert any("notes.md" in note for note in corpus.notes)


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=12)] * 3),
        min_size=1,
        max_size=12,
    )
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_survives_a_csv(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    path = tmp_path / "any.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["first", "second", "third"])
        writer.writerows([("x" + a, "x" + b, "x" + c) for a, b, c in rows])
    corpus = read_corpus([path])
    assert cells(corpus) == [("x" + a, "x" + b, "x" + c) for a, b, c in rows]


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    from backends.errors import BackendError

    path = write_csv(tmp_path / "a.csv", ROWS)
    with pytest.raises(BackendError, match="no column “body”") as error:
        read_corpus([path], ReadOptions(text="body"))
    assert "id, title, text" in error.value.hint
