"""What items are called, and where that is said."""

from __future__ import annotations

import numpy as np
import pytest

from app.panels.card import read_card
from app.panels.colouring import ByClass
from app.panels.hit_texts import called, read_detail, read_hits
from app.panels.labels import label_column
from app.panels.look import Look
from backends.arrays import frozen
from backends.corpora.columns import read_categories
from backends.types import Corpus, Hits, Roles
from tests import builders

ROWS = 12
TEXT = [f"a sentence about thing number {row}, long enough to be read" for row in range(ROWS)]
SHORT = [f"thing {row}" for row in range(ROWS)]


def table(**columns: list[str | None]) -> Corpus:
    return builders.corpus(columns=columns, roles=Roles(text="text"))


def test_a_short_column_beside_long_texts_names_the_items() -> None:
    assert label_column(table(text=TEXT, code=SHORT)) == "code"


def test_a_column_called_as_names_are_called_comes_first() -> None:
    assert label_column(table(code=SHORT, lemma=SHORT[::-1], text=TEXT)) == "lemma"


@pytest.mark.parametrize(
    "other",
    [["bird", "fish"] * 6, TEXT, [None] * ROWS],
    ids=["few classes", "as long as the text", "empty"],
)
def test_other_columns_do_not(other: list[str | None]) -> None:
    assert label_column(table(text=TEXT, other=other)) is None


def test_a_text_that_is_as_short_as_a_name_needs_none() -> None:
    assert label_column(table(text=SHORT, name=SHORT[::-1])) is None


def test_another_text_column_may_have_another_name() -> None:
    corpus = table(text=TEXT, name=SHORT)
    assert label_column(corpus) == "name"
    assert label_column(corpus.with_roles(text="name")) is None


def test_hits_details_cards_and_headings_say_the_name_beside_the_text() -> None:
    corpus = table(text=TEXT, name=SHORT, kind=["a", "b"] * 6)
    hits = Hits(frozen(np.array([3])), frozen(np.array([0.5], np.float32)), "query", "e")
    (hit,) = read_hits(corpus, hits)
    assert (hit.label, hit.text) == ("thing 3", TEXT[3])
    detail = read_detail(corpus, 3)
    assert (detail.label, detail.text, detail.fields) == ("thing 3", TEXT[3], (("kind", "b"),))
    card = read_card(corpus, 3, ByClass("kind", read_categories(corpus, "kind")))
    assert (card.label, card.text, card.value) == ("thing 3", TEXT[3], "b")
    assert called(corpus, 3) == "“thing 3”"


def test_an_item_without_any_words_is_called_by_its_row() -> None:
    assert called(table(text=["", *TEXT[1:]]), 0) == "row 0"


def test_an_empty_text_under_a_name_is_not_replaced_by_a_number() -> None:
    card = read_card(table(text=["", *TEXT[1:]], name=SHORT), 0, None)
    assert (card.label, card.text) == ("thing 0", "")


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        {},
        {"x": "far", "y": 0, "scale": 1, "projection": "p"},
        {"x": float("nan"), "y": 0, "scale": 1, "projection": "p"},
        {"x": 0, "y": 0, "scale": 0, "projection": "p"},
    ],
)
def test_a_look_that_makes_no_sense_is_left_out(kept: object) -> None:
    assert Look.of(kept) is None
