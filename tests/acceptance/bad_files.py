"""Inputs that a hostile new user finds, each with what has to come of it."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

WORDS = ("tide", "salt", "gull", "sand", "foam", "kelp", "crab", "dune", "reef", "wave")
BIDI = "\u202eevil\u202c"
ZERO_WIDTH = "zero\u200bwidth\u200djoined\ufeff"


@dataclass(frozen=True)
class Case:
    """One input: how it is made and what must happen when it is opened."""

    name: str
    make: Callable[[Path], object]  # writes to the path it is given
    rows: int | None = None  # None: it is refused
    says: str = ""  # in the error, or in one of the notes
    asks: bool = False  # a dialog has to settle what is what
    mapped: bool = True  # whether its rows come onto the map
    slow: bool = False


def text(row: int) -> str:
    """A short text of its own."""
    return f"{WORDS[row % 10]} and {WORDS[row // 10 % 10]} number {row}"


def csv_lines(rows: int = 8, head: str = "id,text") -> list[str]:
    """A plain csv as lines."""
    return [head, *(f"{row},{text(row)}" for row in range(rows))]


def csv(rows: int = 8, *, encoding: str = "utf-8", ending: str = "\n") -> Callable[[Path], object]:
    """Write a plain csv in some encoding."""
    content = ending.join([*csv_lines(rows), "99,café and naïve", ""])
    return lambda path: path.write_bytes(content.encode(encoding))


def raw(content: bytes | str) -> Callable[[Path], object]:
    """Write bytes, or text as UTF-8."""
    data = content.encode() if isinstance(content, str) else content
    return lambda path: path.write_bytes(data)


def parquet(**columns: object) -> Callable[[Path], object]:
    """Write a parquet of columns beside a text column."""
    return lambda path: pq.write_table(pa.table(columns), path)


def texts(rows: int = 8) -> list[str]:
    """Some texts."""
    return [text(row) for row in range(rows)]


def vectors(change: Callable[[np.ndarray], None]) -> Callable[[Path], object]:
    """Write an npy of 12 rows after a change."""

    def write(path: Path) -> None:
        matrix = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
        change(matrix)
        np.save(path, matrix)

    return write


def put(value: float, *rows: int) -> Callable[[np.ndarray], None]:
    """Set rows to a value."""

    def change(matrix: np.ndarray) -> None:
        matrix[list(rows)] = value

    return change


def wide(columns: int) -> bytes:
    """A csv of very many columns."""
    head = ",".join(["text", *(f"c{i}" for i in range(columns - 1))])
    rows = ([text(row), *(str(row * i % 7) for i in range(columns - 1))] for row in range(4))
    lines = map(",".join, rows)
    return "\n".join([head, *lines, ""]).encode()


def folder(count: int, content: str = "a file of words {}") -> Callable[[Path], object]:
    """Make a folder of text files."""

    def make(path: Path) -> None:
        path.mkdir()
        for i in range(count):
            (path / f"{i:05}.txt").write_text(content.format(i), encoding="utf-8")

    return make


def pickled(path: Path) -> None:
    """Write an npy of Python objects."""
    np.save(path, np.array([{"a": 1}], object), allow_pickle=True)


def loop(path: Path) -> None:
    """Make a folder that contains itself by a link, and one file."""
    path.mkdir()
    (path / "again").symlink_to(path)
    (path / "ball").symlink_to(path / "ball")
    (path / "a.csv").write_text("\n".join(csv_lines()) + "\n")


CASES = (
    Case("empty.csv", raw(b""), says="is empty"),
    Case("one.csv", raw("id,text\n1,only one row of words\n"), rows=1, says="PCA"),
    Case("zero.parquet", raw(b""), says="is empty"),
    Case("wrong.parquet", csv(8), rows=9, says="in spite of its name"),
    Case("latin.csv", csv(8, encoding="latin-1"), rows=9, says="latin-1"),
    Case("utf16.csv", csv(8, encoding="utf-16"), rows=9, says="UTF-16"),
    Case("utf16le.csv", csv(8, encoding="utf-16-le"), rows=9, says="UTF-16"),
    Case("ragged.csv", raw("id,text\n1,a b\n2\n3,d e,more,x\n4,g h\n5,i\n"), rows=5, says="2 rows"),
    Case("nul.csv", raw(b"id,text\n1,some \0 words\n2,more words\n3,third\n"), rows=3),
    Case("cell.csv", raw(f"id,text\n1,{'word ' * 1_048_576}\n2,short text\n3,more\n"), rows=3),
    Case(
        "twice.csv", raw("text,text,TEXT\na b,c d,e f\ng h,i j,k l\nm,n,o\n"), rows=3, says="TEXT_3"
    ),
    Case(
        "null.parquet",
        parquet(id=[1, 2], text=pa.array([None, None], pa.string())),
        rows=2,
        says="No column",
        asks=True,
        mapped=False,
    ),
    Case("nan.npy", vectors(put(np.nan, 3, 4)), rows=12, says="2 vectors"),
    Case("inf.npy", vectors(put(np.inf, 3)), rows=12, says="1 vector is"),
    Case("zero.npy", vectors(put(0, 3)), rows=12, says="1 vector is"),
    Case("allnan.npy", vectors(put(np.nan, *range(12))), says="no usable vector"),
    Case("unequal.parquet", parquet(text=texts(3), v=[[1.0, 2.0], [1.0], [3.0, 4.0]]), rows=3),
    Case("pickled.npy", pickled, says="never read"),
    Case("pickle.npy", raw(pickle.dumps([1, 2])), says="no numpy file"),
    Case("nothing", folder(0), says="has no file"),
    Case("blank", folder(3, "  \n"), says="no text in it"),
    Case("many", folder(10_000), rows=10_000, slow=True),
    Case("info", csv(8), rows=9),
    Case("<b>bold.csv", raw(b""), says="is empty"),
    Case("new\nline.csv", csv(8), rows=9),
    Case("per%20cent %41.csv", csv(8), rows=9),
    Case("quo'te\"d;--.csv", csv(8), rows=9),
    Case("loop", loop, rows=8),
    Case("fifo.csv", os.mkfifo, says="pipe"),
    Case("device.csv", lambda path: path.symlink_to("/dev/zero"), says="device"),
    Case("wide.csv", raw(wide(600)), rows=4),
    Case("wider.csv", raw(wide(5_000)), rows=4, slow=True),
    Case("rowid.csv", raw("rowid,x,y,text\n5,1,2,some words\n6,3,4,more\n7,5,6,last\n"), rows=3),
    Case(
        "sql.csv",
        raw('"a""b;--",";DROP TABLE t;",text,\nx,y,words,1\nz,v,more,2\n,,x y,\n'),
        rows=3,
    ),
    Case(
        "case.csv",
        raw("a,A,text,Text\n1,2,one,three\n5,6,five,seven\n1,1,a,b\n"),
        rows=3,
        says="A_2",
    ),
    Case(
        "types.parquet",
        parquet(
            text=texts(3),
            old=pa.array([date(1, 1, 1), date(1969, 12, 31), None]),
            time=pa.array([-(10**15), 0, 2**53], pa.timestamp("us")),
            huge=pa.array([2**64 - 1, 0, 1], pa.uint64()),
            flag=[True, None, False],
            span=pa.array([timedelta(days=-1), timedelta(0), None]),
            blob=pa.array([b"\xff\0", b"", None]),
            items=pa.array([["a"], [], None]),
            deep=pa.array([{"a": [1]}, None, {"a": []}]),
            exact=pa.array(["1.5", None, "3"]).cast(pa.decimal128(38, 10)),
            shade=pa.array(["u", "v", "u"]).dictionary_encode(),
            n=[float("nan"), float("inf"), None],
        ),
        rows=3,
        says="“blob”",
    ),
    Case("huge.csv", raw(f"text,n\na b,{10**40}\nc d,-{10**19}\ne f,1e400\n"), rows=3),
    Case(
        "emoji.csv", raw(f"text,cat\n😀 👩‍👩‍👧‍👦,שלום\n{BIDI},مرحبا\n{ZERO_WIDTH},\u200b\n"), rows=3
    ),
    Case("equal.csv", raw("text\n" + "the same words\n" * 30), rows=30),
    Case("two.csv", raw("id,text\n1,some words here\n2,other things\n"), rows=2, says="PCA"),
    Case("three.csv", raw("id,text\n1,some words\n2,other things\n3,third row\n"), rows=3),
    Case("white.csv", raw("id,text\n1,   \n2,\t\n3, \n"), rows=3, says="no text", mapped=False),
    Case("long.csv", raw(f"id,text\n1,{'long words ' * 50_000}\n2,b c\n3,d e\n"), rows=3),
)
