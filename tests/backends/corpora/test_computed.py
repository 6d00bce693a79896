"""Computed columns: beside the file's, of the same content, one array each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from backends.corpora.columns import column_kind, read_categories, read_cells, read_numbers
from backends.corpora.computed import (
    HOW,
    Classes,
    free_name,
    how_made,
    renamed_column,
    with_column,
    without_column,
)
from backends.corpora.filtering import filter_rows, sort_rows
from backends.types import MadeBy
from tests import builders

HEIGHT = MadeBy("measure", params={HOW: "Height above the sea.", "unit": "m"})
HEIGHTS = np.array([3, 1, np.nan, 2, 0, 5, 4, 7], dtype=np.float32)
SHORE = Classes(np.array([0, 1, 1, -1, 0, 2, 2, 2], dtype=np.int32), ("sand", "rock", "mud"))


def test_a_column_stands_last_and_the_content_stays_what_it_was() -> None:
    old = builders.corpus()
    new, name = with_column(old, "height", HEIGHTS, HEIGHT)
    assert name == "height"
    assert new.columns == ("id", "text", "year", "height")
    assert new.source_columns == old.columns
    assert new.source_table.equals(old.table)
    assert new.fingerprint == old.fingerprint
    assert new.computed == {"height": HEIGHT}
    assert old.columns == ("id", "text", "year")


def test_nothing_is_copied() -> None:
    old, values = builders.corpus(), HEIGHTS.copy()
    new, _ = with_column(old, "height", values, HEIGHT)
    for name in old.columns:
        before, after = (c.table.column(name).chunk(0).buffers()[-1].address for c in (old, new))
        assert before == after
    assert new.table.column("height").chunk(0).buffers()[1].address == values.ctypes.data
    assert not values.flags.writeable


@pytest.mark.parametrize("taken", ["Year", "year", " YEAR\n"])
def test_a_name_that_the_file_has_gets_a_number(taken: str) -> None:
    once, first = with_column(builders.corpus(), taken, HEIGHTS, HEIGHT)
    _, second = with_column(once, taken, HEIGHTS, MadeBy("measure again"))
    word = taken.strip()
    assert (first, second) == (f"{word} 2", f"{word} 3")


def test_a_name_of_nothing_is_made_up() -> None:
    assert free_name(" \0\n", ["x"]) == "computed"


def test_made_in_the_same_way_it_takes_the_place_of_the_earlier() -> None:
    once, _ = with_column(builders.corpus(), "height", HEIGHTS, HEIGHT)
    twice, _ = with_column(once, "shore", SHORE, MadeBy("look"))
    again, name = with_column(twice, "height", HEIGHTS + 1, HEIGHT)
    assert (name, list(again.computed)) == ("height", ["height", "shore"])
    assert again.table.column("height")[0].as_py() == 4


def test_what_it_replaces_gives_up_its_place() -> None:
    once, _ = with_column(builders.corpus(), "height", HEIGHTS, HEIGHT)
    twice, _ = with_column(once, "shore", SHORE, MadeBy("look"))
    third, name = with_column(twice, "depth", -HEIGHTS, MadeBy("dive"), replaces="height")
    assert (name, list(third.computed)) == ("depth", ["depth", "shore"])
    both, name = with_column(third, "depth", HEIGHTS, MadeBy("look"), replaces="depth")
    assert (name, list(both.computed)) == ("depth", ["depth"])


def test_a_place_among_the_computed_ones() -> None:
    once, _ = with_column(builders.corpus(), "height", HEIGHTS, HEIGHT)
    first, _ = with_column(once, "shore", SHORE, MadeBy("look"), at=0)
    assert first.columns == ("id", "text", "year", "shore", "height")


def test_taken_out_only_it_is_gone() -> None:
    corpus = builders.corpus()
    new, name = with_column(corpus, "height", HEIGHTS, HEIGHT)
    gone = without_column(new, name)
    assert gone.table.equals(corpus.table)
    assert gone.computed == {}
    with pytest.raises(KeyError):
        without_column(new, "year")  # a column of the file stays


def test_renamed_it_keeps_its_place_and_its_making() -> None:
    once, _ = with_column(builders.corpus(), "height", HEIGHTS, HEIGHT)
    twice, _ = with_column(once, "shore", SHORE, MadeBy("look"))
    new, name = renamed_column(twice, "height", "Year")
    assert name == "Year 2"
    assert next(iter(new.computed.items())) == ("Year 2", HEIGHT)
    same, name = renamed_column(twice, "height", "HEIGHT")  # its own name is not in the way
    assert name == "HEIGHT"
    assert same.table.column("HEIGHT").equals(twice.table.column("height"))


def test_numbers_have_no_value_where_there_is_none() -> None:
    corpus, name = with_column(builders.corpus(), "height", HEIGHTS.astype(np.float64), HEIGHT)
    assert column_kind(corpus, name) == "numbers"
    assert corpus.table.column(name).type == pa.float32()
    numbers = read_numbers(corpus, name)
    np.testing.assert_array_equal(numbers.values, HEIGHTS)
    assert read_cells(corpus, np.array([2]), [name]) == [(None,)]


def test_counts_stay_whole_numbers() -> None:
    corpus, name = with_column(builders.corpus(), "count", np.full(8, 2**40), HEIGHT)
    assert column_kind(corpus, name) == "numbers"
    assert read_cells(corpus, np.array([7]), [name]) == [(2**40,)]


def test_classes_are_classes_however_few_rows_there_are() -> None:
    corpus, name = with_column(builders.corpus(), "shore", SHORE, MadeBy("look"))
    assert column_kind(corpus, name) == "categories"
    found = read_categories(corpus, name)
    assert found.labels == ("mud", "rock", "sand")
    assert found.codes.tolist() == [2, 1, 1, -1, 2, 0, 0, 0]


def test_more_classes_than_a_legend_bears_are_words() -> None:
    n = 100_001
    labels = tuple(f"class {code}" for code in range(n))
    classes = Classes(np.arange(n, dtype=np.int32), labels)
    corpus, name = with_column(builders.corpus(n), "many", classes, MadeBy("look"))
    assert column_kind(corpus, name) == "text"


@pytest.mark.parametrize("unit", ["Y", "D", "h", "s", "ms", "us"])
def test_dates_are_dates(unit: str) -> None:
    dates = np.array(["1985-01-01", "NaT", *["1990-01-01"] * 6], dtype=f"M8[{unit}]")
    corpus, name = with_column(builders.corpus(), "when", dates, MadeBy("look"))
    assert column_kind(corpus, name) == "dates"
    values = read_numbers(corpus, name).values
    assert values[0] == 473385600
    assert np.isnan(values[1])


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(7, np.float32),
        np.zeros((8, 1), np.float32),
        np.array(["a"] * 8),
        Classes(np.zeros(7, np.int32), ("a",)),
        Classes(np.full(8, 1, np.int32), ("a",)),
        Classes(np.full(8, -2, np.int32), ("a",)),
        Classes(np.zeros((8, 1), np.int32), ("a",)),
    ],
)
def test_values_that_do_not_fit_are_refused(values: np.ndarray | Classes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  one sentence each, for programmers
        with_column(builders.corpus(), "wrong", values, HEIGHT)


def test_an_empty_corpus_takes_empty_columns() -> None:
    empty = builders.corpus(columns={"text": []})
    corpus, _ = with_column(empty, "height", HEIGHTS[:0], HEIGHT)
    corpus, name = with_column(corpus, "shore", Classes(SHORE.codes[:0], ()), MadeBy("look"))
    assert read_categories(corpus, name).labels == ()
    assert column_kind(corpus, name) == "categories"


def test_kinds_that_are_known_are_not_looked_for_again() -> None:
    """The file's column cannot be read any more here: whoever asked again would fail."""
    corpus = builders.corpus()
    kinds = {name: column_kind(corpus, name) for name in corpus.columns}
    new, name = with_column(corpus, "height", HEIGHTS, HEIGHT)
    object.__setattr__(new, "table", new.table.select([name]))
    assert {name: column_kind(new, name) for name in kinds} == kinds


def test_other_values_under_the_same_name_are_looked_at_again() -> None:
    once, name = with_column(builders.corpus(), "height", HEIGHTS, HEIGHT)
    assert column_kind(once, name) == "numbers"
    new, name = with_column(once, "height", SHORE, MadeBy("look"), replaces=name)
    assert (name, column_kind(new, name)) == ("height", "categories")


@pytest.mark.parametrize(
    ("mode", "text", "rows"),
    [
        ("sql", "height > 3", [5, 6, 7]),
        ("sql", "height IS NULL", [2]),
        ("sql", "shore = 'rock'", [1, 2]),
        ("sql", "shore LIKE 'm%' AND height >= 5", [5, 7]),
        ("sql", "\"seen at\" < DATE '2001-01-03'", [0, 1]),
        ("contains", "ROCK", [1, 2]),
        ("contains", "2001-01-07", [6]),
    ],
)
def test_filters_see_it(mode: str, text: str, rows: list[int]) -> None:
    corpus, _ = with_column(builders.corpus(), "height", HEIGHTS, HEIGHT)
    corpus, _ = with_column(corpus, "shore", SHORE, MadeBy("look"))
    days = np.arange("2001-01-01", "2001-01-09", dtype="M8[D]")
    corpus, _ = with_column(corpus, "seen at", days, MadeBy("watch"))
    assert filter_rows(corpus, mode, text).tolist() == rows  # type: ignore[arg-type]


def test_rows_are_sorted_by_it() -> None:
    corpus, _ = with_column(builders.corpus(), "height", HEIGHTS, HEIGHT)
    corpus, _ = with_column(corpus, "shore", SHORE, MadeBy("look"))
    rows = np.arange(8)
    assert sort_rows(corpus, rows, "height", descending=True).tolist() == [7, 5, 6, 0, 3, 1, 4, 2]
    assert sort_rows(corpus, rows, "shore", descending=False).tolist() == [5, 6, 7, 1, 2, 0, 4, 3]


def test_it_says_how_it_was_made() -> None:
    assert how_made(HEIGHT) == "Height above the sea"
    assert how_made(MadeBy("measure", params={"unit": "m", "k": 3})) == "measure (unit m, k 3)"
    assert how_made(MadeBy("measure")) == "measure"
