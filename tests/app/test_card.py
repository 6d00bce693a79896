"""The card under the cursor: what it says unless one chooses, what one chose, and how it reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pytestqt.qtbot import QtBot

from app.panels.card import COLOURING, MOST_ROWS, Card, CardModel, read_card, value_words
from app.panels.colouring import ByClass
from backends.corpora.columns import read_categories
from backends.types import Corpus, MadeBy, Roles
from tests.app.bench import Bench


def table(**more: Any) -> Corpus:
    columns = {
        "id": [1_000_001, 1_000_002, 1_000_003],
        "title": ["Reef", "Gull", "Pier"],
        "text": ["a long wall below the tide", "a bird over the salt", "a walk above the water"],
        "kind": ["place", "bird", None],
        "year": [1999, 2004, 2011],
        "price": [12345.678, None, 0.25],
        "seen": [datetime(2020, 5, 1), datetime(2021, 6, 2, 14, 30), None],
        "note": ["", "  two   words ", None],
        **more,
    }
    roles = Roles(text="text", id="id")
    return Corpus(pa.table(columns), roles, "shore", (), MadeBy("read", tuple(columns)))


def by_kind(corpus: Corpus) -> ByClass:
    return ByClass("kind", read_categories(corpus, "kind"))


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench()
    yield bench
    assert bench.close()


def lines(card: Card) -> list[tuple[str, str]]:
    return [(row.name or row.kind, row.text) for row in card.rows]


def test_unless_one_chooses_it_says_name_text_and_colour() -> None:
    corpus = table()
    card = read_card(corpus, 1, by_kind(corpus))
    text = "a bird over the salt"
    assert lines(card) == [("label", "Gull"), ("text", text), ("kind", "bird")]
    assert (card.column, card.value) == ("kind", "bird")
    assert lines(read_card(corpus, 1)) == [("label", "Gull"), ("text", text)]
    assert read_card(corpus, 2, by_kind(corpus)).rows[-1].is_colour  # without a value, too
    assert read_card(corpus, 99).rows == read_card(None, 0).rows == ()


def test_chosen_columns_come_in_their_order_without_empty_ones() -> None:
    corpus = table()
    chosen = ("year", "note", "seen", COLOURING, "price", "title", "gone")
    assert lines(read_card(corpus, 1, by_kind(corpus), chosen)) == [
        ("year", "2004"),
        ("note", "two words"),
        ("seen", "2021-06-02 14:30"),
        ("kind", "bird"),
        ("label", "Gull"),
    ]
    assert lines(read_card(corpus, 0, None, chosen)) == [
        ("year", "1999"),
        ("seen", "2020-05-01"),
        ("price", "12,346"),
        ("label", "Reef"),
    ]
    both = read_card(corpus, 1, by_kind(corpus), ("kind", "year", COLOURING))
    assert lines(both) == [("kind", "bird"), ("year", "2004")]  # not twice
    assert lines(read_card(corpus, 2, None, ("note", "seen"))) == [("text", "Row 2")]


def test_it_has_room_for_some_and_an_id_is_no_amount() -> None:
    many = {f"c{i}": ["x", "y", "z"] for i in range(20)}
    corpus = table(**many)
    card = read_card(corpus, 0, None, ("id", "note", *many))
    assert len(card.rows) == MOST_ROWS
    assert lines(card)[:2] == [("id", "1000001"), ("c0", "x")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        ("", ""),
        (" a\n b ", "a b"),
        (True, "true"),
        (1999, "1999"),
        (12_345, "12,345"),
        (-1_234_567, "-1,234,567"),
        (float("nan"), ""),
        (float("inf"), "infinite"),
        (0.0, "0"),
        (2.0, "2"),
        (0.1, "0.1"),
        (1 / 3, "0.33333"),
        (123.456789, "123.46"),
        (98765.4321, "98,765"),
        (1.5e-7, "1.5e-07"),
        (3.25e12, "3,250,000,000,000"),
        (1.23456789e20, "1.235e+20"),
        (date(2020, 2, 3), "2020-02-03"),
        (datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC), "2020-02-03 04:05:06"),
        (Decimal("1.50"), "1.50"),
        (["a", 1], "['a', 1]"),
    ],
)
def test_values_are_written_to_be_read(value: object, words: str) -> None:
    assert value_words(value) == words


def test_a_choice_is_kept_for_tables_with_the_same_columns(bench: Bench) -> None:
    model = CardModel(bench.document, bench.settings, bench.document)
    assert model.columns == ()
    bench.document.set_corpus(table())
    names = [column.name for column in model.columns if column.shown]
    assert names == ["title", "text", COLOURING]
    model.set_shown("year", True)
    model.set_shown("text", False)
    model.move("year", -1)
    assert model.chosen == ("title", "year", COLOURING)
    model.move("title", -1)  # as far as it goes
    model.move("price", 1)  # it has no order
    assert model.chosen == ("title", "year", COLOURING)
    bench.document.set_corpus(table(other=[1, 2, 3]))
    assert model.chosen is None
    again = CardModel(bench.document, bench.settings, bench.document)
    bench.document.set_corpus(table())
    assert again.chosen == model.chosen == ("title", "year", COLOURING)
    model.reset()
    assert model.chosen is None
    assert not bench.settings.value.card_columns


def test_a_project_keeps_it_and_leaves_out_what_is_gone(bench: Bench) -> None:
    model = CardModel(bench.document, None, bench.document)
    bench.document.set_corpus(table())
    assert model.project_state() == {}
    model.restore_project_state({"columns": ["year", "gone", 7, "year", COLOURING]})
    assert model.chosen == ("year", COLOURING)
    assert model.project_state() == {"columns": ["year", COLOURING]}
    model.restore_project_state({"columns": "nonsense"})
    assert model.chosen is None


def test_computed_columns_can_be_chosen_renamed_and_dropped(bench: Bench) -> None:
    model = CardModel(bench.document, bench.settings, bench.document)
    document = bench.document
    document.set_corpus(table())
    model.set_shown("year", True)
    made_by = MadeBy("score")
    name = document.put_column("score", pa.chunked_array([[0.5, 0.25, 0.125]]), made_by)
    assert [column.name for column in model.columns][-1] == name
    model.set_shown(name, True)
    assert lines(model.read(1, None))[-1] == (name, "0.25")
    new = document.rename_column(name, "rank")
    assert lines(model.read(1, None))[-1] == (new, "0.25")
    document.drop_column(new)
    assert lines(model.read(1, None))[-1] == ("year", "2004")
    assert all(column.name != new for column in model.columns)
