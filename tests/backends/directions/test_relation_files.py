"""Triples of files and pasted texts: every way of writing them, and what cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.directions.relation_files import parse_triples, read_triples
from backends.directions.relation_names import name_columns, read_relations, resolve
from backends.directions.relations import BY_ROW, TripleSource
from backends.directions.terms import NO_VECTOR, TWICE
from backends.errors import BackendError, UnreadableFile
from backends.types import Roles
from tests import builders
from tests.backends.directions.spaces import space_of

WORDS = ["king", "queen", "man", "woman", "New York"]
SPACE = space_of(WORDS, np.vstack((np.eye(5)[:4], np.zeros(5))))
WAYS = {
    "csv": "king,royal,queen\nman,royal,woman\n",
    "csv with a head line": "tail,relation,head\nqueen,royal,king\nwoman,royal,man\n",
    "other columns beside": "id,head,relation,tail\n1,king,royal,queen\n2,man,royal,woman\n",
    "semicolons": "king;royal;queen\nman;royal;woman\n",
    "tsv": "king\troyal\tqueen\nman\troyal\twoman\n",
    "jsonl": '{"head": "king", "relation": "royal", "tail": "queen"}\n'
    '{"h": "man", "r": "royal", "t": "woman"}\n',
    "lists": '["king", "royal", "queen"]\n["man", "royal", "woman"]\n',
    "json": '[{"subject": "king", "predicate": "royal", "object": "queen"},\n'
    ' {"from": "man", "type": "royal", "to": "woman"}]',
    "blanks": "king royal queen\n\nman  royal woman\n",
    "arrows": "king → royal → queen\nman → royal → woman\n",
    "a title": ": royal\nking queen\nman woman\n",
    "analogies": ": royal\nking queen man woman\nman woman king queen\n",
    "quotes": '"king","royal","queen"\n"man", "royal", woman\n',
}


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_triples_are_read_however_they_are_written(text: str) -> None:
    triples = parse_triples(text)
    found = list(zip(triples.heads, triples.names, triples.tails, strict=True))
    assert found == [("king", "royal", "queen"), ("man", "royal", "woman")]
    assert not triples.lost


def test_two_columns_are_pairs_of_one_relation(tmp_path: Path) -> None:
    path = tmp_path / "consort.csv"
    path.write_text("head,tail\nking,queen\n", "utf-8")
    assert read_triples(path).names == ("consort",)
    assert read_triples(path, "royal").names == ("royal",)
    assert parse_triples("king -> queen").names == ("related",)


def test_titles_name_the_pairs_below_them() -> None:
    triples = parse_triples(": royal\nking queen\n: plain folk\nman woman\n")
    assert triples.names == ("royal", "plain folk")


def test_lines_that_are_no_triples_are_said() -> None:
    triples = parse_triples("king,royal,queen,more\nking,,\nman,royal,woman\n")
    assert len(triples) == 1
    assert [one.why for one in triples.lost] == [
        "line 1: 4 fields instead of 2 or 3",
        "line 2: head or tail is empty",
    ]
    bad = parse_triples('{"head": "king"}\n{"head": \n["a", "b"]\n')
    assert [one.why for one in bad.lost] == ["line 1: no head and tail in it", "line 2: no JSON"]
    assert bad.heads == ("a",)


def test_a_stray_quote_swallows_no_line() -> None:
    text = 'king,queen\n"man,woman\nboy,girl\n3" pipe,pipe\n' + "uncle,aunt\n" * 200
    triples = parse_triples(text)
    assert triples.heads[:4] == ("king", '"man', "boy", '3" pipe')
    assert len(triples) == 204
    long = parse_triples(f'"a\nb",c\n"{"x" * 200_000},d\n"{"x" * 200_000}",e\n')
    assert (long.heads[0], long.tails) == ("a b", ("c", "d", "e"))


def test_what_is_wrong_with_all_lines_is_what_is_advised() -> None:
    def refused(text: str) -> BackendError:
        with pytest.raises(BackendError) as caught:
            read_relations(TripleSource("typed", text=text), SPACE.corpus, SPACE.embeddings)
        return caught.value

    lines = refused("a,b,c,d\nking\n")
    assert lines.what.startswith("There is no triple in 2 lines; the first: a | b | c | d: line 1")
    assert "Write head, relation, tail" in (lines.hint or "")
    assert "two different items" in (refused("king,king\nman,man\n").hint or "")
    assert "column “word”" in (refused("duke,duchess\n").hint or "")
    digits = refused("1" * 5000 + ",2\n")  # longer than Python reads as a number
    assert "is no number of a row" in digits.what
    assert len(digits.what) < 300
    source = TripleSource("typed", text="1" * 5000 + ",2\n", by=BY_ROW)
    with pytest.raises(BackendError, match="no number of a row"):
        read_relations(source, SPACE.corpus, SPACE.embeddings)


def test_unusable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="nothing is written"):
        parse_triples(" \n\n")
    (tmp_path / "odd.csv").write_bytes(b"\xff\xfe\x00k")
    with pytest.raises(UnreadableFile, match="UTF-8"):
        read_triples(tmp_path / "odd.csv")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_triples(tmp_path / "gone.csv")


def test_each_pair_that_cannot_be_used_says_why() -> None:
    text = "king,r,queen\nking,r,queen\nman,r,man\nking,r,rook\nman,r,New York\nKing,r,woman\n"
    found = resolve(parse_triples(text), SPACE.corpus, SPACE.embeddings)
    (relation,) = found.relations
    assert (relation.heads.tolist(), relation.tails.tolist()) == ([0, 0], [1, 3])
    assert [one.why for one in found.lost] == [
        TWICE,
        "head and tail are the same item",
        "“rook” is not among the items",
        f"“New York” is {NO_VECTOR}",
    ]
    assert any("King as king" in note for note in found.notes)


def test_names_are_looked_up_where_most_are_found() -> None:
    corpus = builders.corpus(
        columns={"id": ["a", "b", "c"], "text": ["tide", "reef", "tide"], "kind": ["x", "y", "z"]}
    )
    vectors = builders.embeddings(corpus)
    for text, column, rows in (
        ("a,b", "id", [0, 1]),
        ("tide,reef", "text", [0, 1]),
        ("z,y", "kind", [2, 1]),
        ("2,0", BY_ROW, [2, 0]),
    ):
        found = resolve(parse_triples(text), corpus, vectors)
        assert found.named_by == column
        assert [*found.relations[0].heads, *found.relations[0].tails] == rows
    twice = resolve(parse_triples("tide,reef"), corpus, vectors)
    assert any("several items" in note for note in twice.notes)
    assert name_columns(corpus) == ("id", "text", "kind")


def test_row_numbers_that_are_none_are_lost() -> None:
    found = resolve(parse_triples("0,1\n1,99\n1,x\n2,4"), SPACE.corpus, SPACE.embeddings, BY_ROW)
    assert found.relations[0].tails.tolist() == [1]
    assert [one.why.split(" is ")[1] for one in found.lost] == ["no number of a row"] * 2 + [
        NO_VECTOR
    ]


def test_a_column_names_other_items() -> None:
    corpus = builders.corpus(
        columns={
            "id": ["a", "b", "c", "d", "e"],
            "text": ["one", "two", "three", "four", "five"],
            "parent": [None, "a", "a", "d", "nobody"],
        }
    )
    vectors = builders.embeddings(corpus)
    source = TripleSource("column", column="parent")
    found = read_relations(source, corpus, vectors)
    (relation,) = found.relations
    assert (found.named_by, relation.name) == ("id", "parent")
    assert (relation.heads.tolist(), relation.tails.tolist()) == ([1, 2], [0, 0])
    assert {one.why for one in found.lost} == {
        "not among the items",
        "head and tail are the same item",
    }
    asked = TripleSource("column", column="parent", name="child of", by="id")
    assert read_relations(asked, corpus, vectors).relations[0].name == "child of"


def test_a_column_prefers_items_that_have_a_vector() -> None:
    corpus = builders.corpus(
        columns={"word": ["x", "x", "y"], "near": ["y", "", "x"]}, roles=Roles(text="word")
    )
    whole = builders.embeddings(corpus)
    vectors = np.array(whole.vectors)
    vectors[0] = 0
    space = space_of(["x", "x", "y"], vectors)
    source = TripleSource("column", column="near", by="word")
    (relation,) = read_relations(source, corpus, space.embeddings).relations
    assert (relation.heads.tolist(), relation.tails.tolist()) == ([2], [1])


def test_nothing_found_says_what_was_looked_for() -> None:
    with pytest.raises(BackendError, match="rook → pawn") as caught:
        read_relations(TripleSource("typed", text="rook pawn"), SPACE.corpus, SPACE.embeddings)
    assert "column “word”" in caught.value.hint


def test_a_source_survives_json() -> None:
    source = TripleSource("typed", text="a b", name="r", by=BY_ROW)
    assert TripleSource.from_json(source.as_json()) == source
    with pytest.raises(ValueError, match="network"):
        TripleSource.from_json({"origin": "network"})
