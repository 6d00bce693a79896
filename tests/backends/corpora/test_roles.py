"""Guesses: which column is text, vectors, id; and when a person had better be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backends.corpora.reading import ReadOptions, inspect, read_corpus
from backends.errors import BackendError
from backends.types import Roles

LONG = [f"A longer text about the subject of number {i}, with many words in it." for i in range(40)]
SHORT = [f"Title number {i}" for i in range(40)]
CODES = [
    f"https://example.org/items/{i}/of/a/rather/long/address/that/nobody/reads" for i in range(40)
]
CLASSES = ["one class of things that has a long name", "another"] * 20
NUMBERS = list(range(40))


@pytest.mark.parametrize(
    ("columns", "text", "question"),
    [
        ({"title": SHORT, "abstract": LONG}, "abstract", None),
        ({"headline": SHORT, "words": LONG}, "words", None),
        ({"title": SHORT, "year": NUMBERS}, "title", None),
        ({"url": CODES, "text": SHORT}, "text", None),
        ({"link_to": CODES, "note": LONG}, "note", None),
        ({"category": CLASSES, "note": SHORT}, "note", None),
        ({"left": LONG, "right": LONG}, "left", "roles"),
        ({"text": LONG, "other": LONG}, "text", None),
        ({"a": NUMBERS, "b": NUMBERS}, None, "roles"),
        ({"a": [[0.5] * 8] * 40, "n": NUMBERS}, None, None),
        ({"a": [[0.5] * 8] * 40, "b": [[0.5] * 8] * 40, "text": LONG}, "text", "roles"),
    ],
)
def test_the_text_is_guessed(
    tmp_path: Path, columns: dict[str, Any], text: str | None, question: str | None
) -> None:
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    preview = inspect([tmp_path / "a.parquet"])
    assert (preview.guess.text, preview.question) == (text, question)


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"id": NUMBERS, "text": LONG}, "id"),
        ({"text": LONG, "paper_id": NUMBERS}, "paper_id"),
        ({"id": [1] * 40, "text": LONG}, None),
        ({"number": NUMBERS, "text": LONG}, None),
        ({"uuid": SHORT, "text": LONG}, "uuid"),
    ],
)
def test_the_id_is_guessed_where_it_is_unique(
    tmp_path: Path, columns: dict[str, Any], found: str | None
) -> None:
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert inspect([tmp_path / "a.parquet"]).guess.id == found


def test_what_a_person_names_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"title": SHORT, "abstract": LONG, "n": NUMBERS}), path)
    corpus = read_corpus([path], ReadOptions(text="title", id="n"))
    assert corpus.roles == Roles("title", None, "n")
    assert corpus.fingerprint == read_corpus([path]).fingerprint


def test_a_column_of_vectors_can_be_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('text,v\nx,"[1, 2, 3, 4]"\ny,"[5, 6, 7, 8]"\n')
    corpus = read_corpus([path], ReadOptions(text="v"))
    assert corpus.vectors is None
    assert corpus.columns == ("text", "v")
    with pytest.raises(BackendError, match="text and vectors at once"):
        read_corpus([path], ReadOptions(text="v", vectors="v"))


def test_the_sample_needs_no_question() -> None:
    path = Path(__file__).parents[3] / "resources" / "samples" / "wordnet.csv"
    preview = inspect([path])
    assert preview.question is None
    assert preview.guess == Roles("definition", None, "id")
    corpus = read_corpus([path])
    assert len(corpus) == 10_000
    assert corpus.notes == ()
