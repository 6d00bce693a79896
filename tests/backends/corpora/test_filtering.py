"""Filter and sort against the obvious way in Python; and attempts to reach beyond the table."""

from __future__ import annotations

import datetime as dt
import math
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.corpora.cells import cell_text
from backends.corpora.filtering import filter_rows, sort_rows
from backends.errors import BackendError
from backends.reporting import Cancelled, Report
from backends.types import Corpus, MadeBy, Roles


def corpus_of(**columns: object) -> Corpus:
    return Corpus(pa.table(columns), Roles(), "test", (), MadeBy("read"))


SMALL = corpus_of(
    text=["50% off", "a_b", "it's", None, 'say "hi"', "Größe \\ x"],
    year=[1990, 2000, 2010, None, 2020, 2024],
    score=[0.5, 1e20, 1e-5, None, 2.0, float("nan")],
    day=[dt.date(2020, 1, i + 1) for i in range(6)],
    **{'odd "name"': [True, False, None, True, True, False]},
)

# Letters that have one small form of one letter, as nearly all have.
LETTERS = st.characters(exclude_categories=["Cs"]).filter(
    lambda letter: len(letter.lower()) == len(letter.upper()) == 1 and letter != "Σ"
)
CELLS = st.lists(st.one_of(st.none(), st.text(LETTERS, max_size=6)), min_size=1, max_size=12)


@given(CELLS, st.one_of(st.text(LETTERS, min_size=1, max_size=3), st.sampled_from("%_'\"\\$1")))
@settings(max_examples=40, deadline=None)
def test_contains_is_a_loop_over_small_letters(cells: list[str | None], text: str) -> None:
    rows = filter_rows(corpus_of(a=pa.array(cells, pa.large_string())), "contains", text)
    found = [cell is not None and text.lower() in cell.lower() for cell in cells]
    slow = [i for i in range(len(cells)) if found[i] or not text.strip()]
    assert rows.tolist() == slow


@given(
    st.lists(
        st.one_of(
            st.integers(-(10**18), 10**18),
            st.floats(allow_nan=False),
            st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 1, 1)),
            st.booleans(),
        ),
        min_size=1,
        max_size=1,
    ),
    st.data(),
)
@settings(max_examples=40, deadline=None)
def test_what_is_shown_is_found(cells: list[object], data: st.DataObject) -> None:
    shown = cell_text(cells[0])
    start = data.draw(st.integers(0, len(shown) - 1))
    part = shown[start : start + 4]
    assert filter_rows(corpus_of(a=pa.array(cells)), "contains", part).tolist() == [0]


@pytest.mark.parametrize(
    ("text", "rows"),
    [("50%", [0]), ("a_b", [1]), ("'", [2]), ('"', [4]), ("GRÖSSE", []), ("größe \\", [5])],
)
def test_nothing_in_a_searched_text_is_special(text: str, rows: list[int]) -> None:
    assert filter_rows(SMALL, "contains", text).tolist() == rows


@pytest.mark.parametrize(
    ("text", "rows"), [("TRUE", [0, 3, 4]), ("2020-01-02", [1]), ("E-05", [2]), ("2010", [2])]
)
def test_numbers_and_dates_are_found_as_they_are_shown(text: str, rows: list[int]) -> None:
    assert filter_rows(SMALL, "contains", text).tolist() == rows


def test_no_text_is_no_filter() -> None:
    assert filter_rows(SMALL, "contains", "  ").tolist() == list(range(6))


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("year > 2000", [2, 4, 5]),
        ("year > 2000 -- and so on", [2, 4, 5]),
        ("text LIKE '%it''s%' OR day = '2020-01-02'", [1, 2]),
        ('"odd ""name"""', [0, 3, 4]),
        ("text IS NULL", [3]),
        ("year = (SELECT max(year) FROM items)", [5]),
        ("false", []),
    ],
)
def test_a_condition_chooses_rows(condition: str, rows: list[int]) -> None:
    assert filter_rows(SMALL, "sql", condition).tolist() == rows


@pytest.mark.parametrize(
    "attempt",
    [
        "true; DROP TABLE items",
        "true; SELECT 1",
        "true) UNION SELECT 1 FROM items WHERE (true",
        "true) ORDER BY (1",
        "true) LIMIT (1",
        "true) GROUP BY ALL HAVING (true",
        "EXISTS (SELECT * FROM read_csv('/etc/passwd'))",
        "EXISTS (FROM read_text('/etc/passwd'))",
        "EXISTS (FROM '/etc/passwd')",
        "EXISTS (FROM glob('/etc/*'))",
        "EXISTS (FROM duckdb_settings())",
        "EXISTS (FROM information_schema.tables)",
        "EXISTS (FROM query('SELECT 1'))",
        "EXISTS (FROM items JOIN pragma_database_list() ON true)",
        "text IN (SELECT content FROM read_blob('/etc/passwd'))",
        "EXISTS (WITH q AS (FROM read_csv('/etc/passwd')) FROM items)",
        "getenv('HOME') = 'x'",
        "ATTACH '/tmp/x.db'",
        "COPY items TO '/tmp/x.csv'",
        "true /* never closed",
        "year >",
        "nothing = 1",
        "count(*) > 1",
        "text",
        ")",
        ";",
        "EXISTS (FROM SMALL)",
        "EXISTS (FROM pa)",
    ],
)
def test_a_condition_reaches_nothing_but_the_table(attempt: str, tmp_path: Path) -> None:
    with pytest.raises(BackendError) as error:
        filter_rows(SMALL, "sql", attempt)
    assert "\n" not in error.value.what
    assert "condition" in error.value.what.lower()
    assert error.value.hint


@given(CELLS, st.booleans(), st.randoms())
@settings(max_examples=40, deadline=None)
def test_sorting_text_is_sorted(cells: list[str | None], descending: bool, random: object) -> None:
    corpus = corpus_of(a=pa.array(cells, pa.large_string()))
    rows = np.array(random.sample(range(len(cells)), len(cells)))  # type: ignore[attr-defined]
    filled = [row for row in rows if cells[row]]
    # reverse=True keeps the order of equal ones, too
    slow = sorted(filled, key=lambda row: str(cells[row]).lower(), reverse=descending)
    slow += [row for row in rows if not cells[row]]
    assert sort_rows(corpus, rows, "a", descending=descending).tolist() == slow


@given(st.lists(st.one_of(st.none(), st.floats(width=32)), min_size=1, max_size=12), st.booleans())
@settings(max_examples=40, deadline=None)
def test_sorting_numbers_is_sorted(cells: list[float | None], descending: bool) -> None:
    rows = np.arange(len(cells))
    filled = [row for row in rows if cells[row] is not None and not math.isnan(cells[row])]  # type: ignore[arg-type]
    sign = -1 if descending else 1
    slow = sorted(filled, key=lambda row: sign * cells[row])  # type: ignore[operator]
    slow += [row for row in rows if row not in set(filled)]
    found = sort_rows(corpus_of(a=pa.array(cells, pa.float64())), rows, "a", descending=descending)
    assert found.tolist() == slow


def test_sorting_a_part_keeps_to_the_part() -> None:
    rows = np.array([5, 1, 3])
    assert sort_rows(SMALL, rows, "day", descending=True).tolist() == [5, 3, 1]
    assert sort_rows(SMALL, np.array([0, 2, 3, 5]), "year", descending=True).tolist() == [
        5,
        2,
        0,
        3,
    ]
    with pytest.raises(BackendError, match="no column"):
        sort_rows(SMALL, rows, "nothing", descending=False)


def test_an_endless_condition_can_be_stopped() -> None:
    stop = threading.Event()
    corpus = corpus_of(a=pa.array(np.arange(300_000)))
    slow = "(SELECT count(*) FROM items x, items y WHERE x.a * y.a % 7 = items.a) > 0"
    asked = []

    class Impatient(Report):
        def check(self) -> None:
            asked.append(True)
            if len(asked) > 2:
                stop.set()
            super().check()

    with pytest.raises(Cancelled):
        filter_rows(corpus, "sql", slow, Impatient(stop=stop))
