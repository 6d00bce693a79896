"""Columns as classes, numbers and single cells."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.corpora.cells import cell_text
from backends.corpora.columns import (
    column_kind,
    read_categories,
    read_cells,
    read_numbers,
    rows_of_ids,
    texts,
)
from backends.corpora.reading import inspect, read_corpus
from backends.errors import BackendError
from backends.types import Corpus, MadeBy, Roles


def corpus_of(**columns: object) -> Corpus:
    return Corpus(pa.table(columns), Roles(), "test", (), MadeBy("read"))


def chunked(values: list[object], size: int = 3) -> pa.ChunkedArray:
    whole = pa.array(values)
    return pa.chunked_array([whole[i : i + size] for i in range(0, len(values), size)], whole.type)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", "b", "a", "b", None], "categories"),
        (["a", "b", "c", "a"], "text"),
        ([True, False, None], "categories"),
        ([1, 2, 1, 2], "categories"),
        ([1, 2, 3], "numbers"),
        (list(range(30)) * 3, "numbers"),
        ([0.5, 0.5], "numbers"),
        ([dt.date(2020, 1, 1)] * 4, "dates"),
        ([dt.datetime(2020, 1, 1)] * 4, "dates"),
        ([None, None], "text"),
        ([f"v{i}" for i in range(1_001)] * 3, "categories"),
        ([f"v{i}" for i in range(1_000)] * 3, "categories"),
        ([[1], [1]], "text"),
    ],
)
def test_kind_of_a_column(values: list[object], kind: str) -> None:
    assert column_kind(corpus_of(a=pa.array(values)), "a") == kind


@given(st.lists(st.one_of(st.none(), st.sampled_from(["x", "y", "ß", "", "zz"])), max_size=40))
@settings(deadline=None)
def test_categories_are_counted_like_a_counter(values: list[str | None]) -> None:
    found = read_categories(corpus_of(a=chunked(values)), "a")
    slow = sorted(Counter(v for v in values if v).items(), key=lambda item: (-item[1], item[0]))
    assert list(zip(found.labels, found.counts.tolist(), strict=True)) == slow
    assert [found.labels[code] if code >= 0 else None for code in found.codes] == [
        value or None for value in values
    ]


def test_numbers_dates_and_booleans() -> None:
    day = dt.datetime(2020, 1, 2, 3, 4, 5)
    corpus = corpus_of(
        n=[1, None, 3],
        f=[0.5, float("inf"), float("nan")],
        t=[day, None, day],
        d=[dt.date(1970, 1, 2), None, None],
        b=[True, False, None],
    )
    n, f, t, d, b = (read_numbers(corpus, name) for name in "nftdb")
    np.testing.assert_array_equal(n.values, np.array([1, np.nan, 3], np.float32))
    assert (n.low, n.high, n.is_date) == (1, 3, False)
    assert (f.low, f.high) == (0.5, 0.5)
    assert (t.low, t.is_date) == (day.replace(tzinfo=dt.UTC).timestamp(), True)
    assert d.high == 86_400
    assert b.values.tolist()[:2] == [1, 0]
    assert not n.values.flags.writeable


@pytest.mark.parametrize(
    ("cells", "values", "ends"),
    [
        ([1.7e308, -1.7e308, 0.0], [1e38, -1e38, 0], (-1e38, 1e38)),
        ([3e38, math.inf, None], [1e38, math.inf, math.nan], (1e38, 1e38)),
        ([5e-324, 1e-310, None], [0, 0, math.nan], (0, 0)),
        ([1e-300, 2.0, -math.inf], [0, 2, -math.inf], (1e-300, 2)),
    ],
)
def test_values_that_single_precision_cannot_hold(
    cells: list[float | None], values: list[float], ends: tuple[float, float]
) -> None:
    numbers = read_numbers(corpus_of(a=cells), "a")
    np.testing.assert_array_equal(numbers.values, np.array(values, np.float32))
    assert (numbers.low, numbers.high) == ends


def test_text_is_no_number() -> None:
    with pytest.raises(BackendError, match="“a” holds text"):
        read_numbers(corpus_of(a=["x"]), "a")


def test_cells_come_in_the_order_asked_across_chunks() -> None:
    corpus = corpus_of(a=chunked([f"v{i}" for i in range(10)]), b=chunked(list(range(10)), 4))
    assert read_cells(corpus, np.array([9, 0, 4]), ["b", "a"]) == [(9, "v9"), (0, "v0"), (4, "v4")]
    assert read_cells(corpus, np.array([], np.int64), ["a"]) == []
    with pytest.raises(BackendError, match="no column “c”"):
        read_cells(corpus, np.array([0]), ["c"])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ("x", "x"),
        (True, "true"),
        (3, "3"),
        (0.1, "0.1"),
        (dt.date(2020, 1, 2), "2020-01-02"),
        (dt.datetime(2020, 1, 2, 3, 4, 5), "2020-01-02 03:04:05"),
        (dt.datetime(2020, 1, 2, 3, 4, 5, 120_000), "2020-01-02 03:04:05.12"),
    ],
)
def test_a_cell_as_it_is_shown(value: object, shown: str) -> None:
    assert cell_text(value) == shown


def test_texts_of_consecutive_rows() -> None:
    corpus = corpus_of(
        a=chunked(["x", None, "y", "z"]), f=pa.array([0.1, None, 2, 3], pa.float32())
    )
    assert texts(corpus, "a", slice(1, 4)) == ["", "y", "z"]
    assert texts(corpus, "f", slice(0, 2)) == ["0.1", ""]
    assert texts(corpus, "a", slice(9, 12)) == []


@pytest.mark.parametrize(
    ("column", "ids", "rows"),
    [
        ("n", [30, 10, 99], [0, 2]),
        ("n", ["20"], [1]),
        ("s", ["b", "gone"], [1, 3]),
        ("s", [], []),
        ("d", ["2020-01-01"], [0]),
        ("s", [None, ""], []),
    ],
)
def test_rows_are_found_again_by_their_ids(column: str, ids: list[object], rows: list[int]) -> None:
    corpus = corpus_of(
        n=[10, 20, 30, 40], s=["a", "b", None, "b"], d=[dt.date(2020, 1, i) for i in range(1, 5)]
    )
    assert rows_of_ids(corpus, column, ids).tolist() == rows


def test_dates_beyond_the_year_9999_are_read_and_shown(tmp_path: Path) -> None:
    path = tmp_path / "far.parquet"
    when = pa.array([0, 300_000_000_000, None], pa.timestamp("s"))
    pq.write_table(pa.table({"text": ["a b", "c d", "e f"], "when": when}), path)
    assert inspect([path]).rows[1] == ("c d", "11476-08-15 05:20:00.000000")
    corpus = read_corpus([path])
    assert texts(corpus, "when", slice(0, 3)) == [
        "1970-01-01 00:00:00",
        "11476-08-15 05:20:00.000000",
        "",
    ]
    assert read_categories(corpus, "when").labels[0].startswith("11476")
