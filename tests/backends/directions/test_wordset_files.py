"""Files of word sets: every form is read and written back, and what is wrong names its line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.directions.shipped import as_json, from_json, shipped
from backends.directions.wordset_files import (
    csv_text,
    parse_text,
    read_sets,
    read_with_notes,
    remarks,
    write_sets,
)
from backends.directions.wordsets import AssociationTest, Collection, WordSet
from backends.errors import BackendError, UnreadableFile

words = (
    st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=9)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
terms = st.lists(words, min_size=1, max_size=5).map(tuple)
pairs = st.lists(st.tuples(words, words), min_size=1, max_size=5).map(tuple)


def read(tmp_path: Path, text: str, name: str = "mine.csv") -> Collection:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_sets(tmp_path / name)


@st.composite
def scored(draw: st.DrawFn, name: str, heads: tuple[str, ...]) -> WordSet:
    found = draw(terms)
    columns = {
        head: tuple(draw(st.lists(numbers, min_size=len(found), max_size=len(found))))
        for head in heads
    }
    return WordSet(name, "scores", found, scores=columns, own=True)


@st.composite
def collections(draw: st.DrawFn) -> Collection:
    """Sets of all kinds; a test of four term sets that are elsewhere, or are not."""
    names = draw(st.lists(words, min_size=7, max_size=7, unique=True))
    lists = [WordSet(name, "terms", draw(terms), about="a", own=True) for name in names[:4]]
    two = WordSet(names[4], "pairs", pairs=draw(pairs), source=draw(words), own=True)
    three = draw(scored(names[5], ("share", "x")))
    x, y, a, b = lists
    test = AssociationTest(names[6], (x, y), (a, b), published={"d": 0.5}, own=True)
    return Collection((*lists, two, three), (test,))


@given(collections())
def test_json_gives_everything_back(tmp_path_factory: Any, whole: Collection) -> None:
    path = tmp_path_factory.mktemp("sets") / "mine.json"
    write_sets(path, whole)
    assert read_sets(path) == whole


@given(st.dictionaries(words, terms, min_size=1, max_size=4))
def test_csv_gives_terms_back(tmp_path_factory: Any, told: dict[str, tuple[str, ...]]) -> None:
    path = tmp_path_factory.mktemp("sets") / "mine.csv"
    whole = Collection(
        tuple(WordSet(name, "terms", found, own=True) for name, found in told.items())
    )
    write_sets(path, whole)
    assert read_sets(path) == whole


@given(st.dictionaries(words, pairs, min_size=1, max_size=4))
def test_csv_gives_pairs_back(tmp_path_factory: Any, told: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("sets") / "mine.csv"
    whole = Collection(
        tuple(WordSet(n, "pairs", pairs=found, own=True) for n, found in told.items())
    )
    write_sets(path, whole)
    assert read_sets(path) == whole


@given(scored("A", ("share", "x")), scored("B", ("share", "x")))
def test_csv_gives_scores_back(tmp_path_factory: Any, one: WordSet, other: WordSet) -> None:
    path = tmp_path_factory.mktemp("sets") / "mine.csv"
    write_sets(path, Collection((one, other)))
    assert read_sets(path).sets == (one, other)


def test_a_test_keeps_its_own_set_where_the_name_is_taken() -> None:
    one = WordSet("A", "terms", ("x",))
    other = WordSet("A", "terms", ("y",))
    test = AssociationTest("t", (other, one), (other, one))
    back = from_json(json.loads(json.dumps(as_json(Collection((one,), (test,))))))
    assert [each.terms for each in (*back.tests[0].targets, *back.tests[0].attributes)] == [
        ("y",),
        ("x",),
        ("y",),
        ("x",),
    ]
    assert [each.name for each in back.sets] == ["A", "A (2)"]


def test_shipped_sets_survive_a_file(tmp_path: Path) -> None:
    write_sets(tmp_path / "all.json", shipped())
    back = read_sets(tmp_path / "all.json")
    assert tuple(replace(one, own=False) for one in back.sets) == shipped().sets
    assert [test.published for test in back.tests] == [test.published for test in shipped().tests]


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        ("set,term\nA,x\nB,y\nA,z\n", [("A", ("x", "z")), ("B", ("y",))]),
        ("\ufeffTerm;Set\nx y;A\n\n;;\nz;A\n", [("A", ("x y", "z"))]),
        ("A,B\nx,y\n,z\n", [("A", ("x",)), ("B", ("y", "z"))]),
        ('A\nx\n"y, z"\n', [("A", ("x", "y, z"))]),
        ("A\tB\tC\nx\ty\tz\n", [("A", ("x",)), ("B", ("y",)), ("C", ("z",))]),
    ],
)
def test_terms_in_all_forms(tmp_path: Path, text: str, sets: list[Any]) -> None:
    assert [(one.name, one.terms) for one in read(tmp_path, text).sets] == sets
    assert all(one.own and one.kind == "terms" for one in read(tmp_path, text).sets)


def test_two_full_columns_are_pairs_and_the_heads_are_said(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "male;female\nman;woman\nboy;girl\n", "gender.csv").sets
    assert (one.name, one.kind) == ("gender", "pairs")
    assert one.pairs == (("man", "woman"), ("boy", "girl"))
    notes = read_with_notes(tmp_path / "gender.csv").notes
    assert "“male” and “female”, was read as names of columns" in notes[0]


def test_scores_with_a_decimal_comma(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "word;share\nnurse;0,9\nbaker;0,65\n").sets
    assert (one.terms, one.scores) == (("nurse", "baker"), {"share": (0.9, 0.65)})


def test_utf_16_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("A\nMüller\n", encoding="utf-16")
    assert read_sets(tmp_path / "a.csv").sets[0].terms == ("Müller",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mine.csv is empty."),
        ("set,term\nA,x\n,y\n", "Line 3 of mine.csv: the name of the set is missing."),
        ("set,term\nA,\n", "Line 2 of mine.csv: the term is missing."),
        ("set,negative,positive\nA,x,\n", "Line 2 of mine.csv: one word of the pair is missing."),
        ("term,x\na,1\nb,2\nc,o\n", "Line 4 of mine.csv: “o” is no number."),
        ("term,x\na,1\nb,2\nc,\n", "Line 4 of mine.csv: a number is missing."),
        ("term,x\na,1\nb,2\nc,nan\n", "Line 4 of mine.csv: “nan” is no number."),
        ("A,B\nx,y,z\n", "Line 2 of mine.csv has 3 columns, the first line 2."),
        ("A,A\nx,\n", "Line 1 of mine.csv: two columns have the same name."),
        ('A\n"x\n', "Line 2 of mine.csv cannot be read: unexpected end of data."),
        ("set\nA\n", "Line 1 of mine.csv: there is no column beside “set”."),
    ],
)
def test_what_is_wrong_names_the_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        read(tmp_path, text)
    assert error.value.what == said
    assert error.value.hint


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("{\n oh", "Line 2 of mine.json is no JSON"),
        ("[]", "its schema is not 1"),
        ({"schema": 2, "sets": []}, "its schema is not 1"),
        ({"schema": 1}, "there is no 'sets'"),
        ({"schema": 1, "sets": [{"name": "A"}]}, "there is no 'kind'"),
        ({"schema": 1, "sets": [{"name": "A", "kind": "odd"}]}, "a set of the kind 'odd'"),
        ({"schema": 1, "sets": [{"name": "A", "kind": "terms", "terms": "xy"}]}, "are no list"),
        ({"schema": 1, "sets": [{"name": "A", "kind": "terms", "terms": [1]}]}, "not all texts"),
        (
            {"schema": 1, "sets": [{"name": "A", "kind": "pairs", "pairs": [["x"]]}]},
            "a pair of “A” does not have two words",
        ),
        ({"schema": 1, "sets": [{"name": "A", "kind": "terms"}] * 2}, "two sets are called “A”"),
    ],
)
def test_bad_json_is_one_sentence(tmp_path: Path, told: Any, said: str) -> None:
    text = told if isinstance(told, str) else json.dumps(told)
    with pytest.raises(UnreadableFile) as error:
        read(tmp_path, text, "mine.json")
    assert said in error.value.what


def test_other_failures_of_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"A\nM\xfcller\n")
    with pytest.raises(UnreadableFile, match=r"Line 2 of a\.csv is not UTF-8 text"):
        read_sets(tmp_path / "a.csv")
    with pytest.raises(UnreadableFile, match=r"none\.csv cannot be read"):
        read_sets(tmp_path / "none.csv")
    with pytest.raises(BackendError, match="sets of one kind"):
        csv_text(Collection((WordSet("A", "terms", ("x",)), WordSet("B", "pairs"))))


def test_odd_sets_are_kept_and_said(tmp_path: Path) -> None:
    text = "set,negative,positive\nA,x,x\nA,y,z\nA,y,z\nB,x,y\n"
    (tmp_path / "mine.csv").write_text(text)
    reading = read_with_notes(tmp_path / "mine.csv")
    assert [len(one) for one in reading.collection.sets] == [3, 1]
    assert reading.notes == (
        "“A” has y-z more than once.",
        "“A” has a pair of twice the same word: x.",
        "“B” has one pair only.",
    )
    assert remarks(WordSet("C", "terms")) == ("“C” is empty.",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("man\n woman \n\nNew   York", ("man", "woman", "New York")),
        ("man, woman,child", ("man", "woman", "child")),
        ("man, woman", ("man", "woman")),
        ("a\tb\tc", ("a", "b", "c")),
        ("man\twoman\nboy\tgirl", (("man", "woman"), ("boy", "girl"))),
        ("man, woman\nboy,girl", (("man", "woman"), ("boy", "girl"))),
        ("man - woman\nboy - girl", (("man", "woman"), ("boy", "girl"))),
        ("she-he, woman-man", (("she", "he"), ("woman", "man"))),
        ("mother-in-law\nfather-in-law", ("mother-in-law", "father-in-law")),
        ("well-being\njoy", ("well-being", "joy")),
        ("well-being", ("well-being",)),
        ("", ()),
    ],
)
def test_pasted_text(text: str, found: Any) -> None:
    assert parse_text(text) == found


def test_pasted_text_of_a_known_kind() -> None:
    assert parse_text("well-being\nself-help", "terms") == ("well-being", "self-help")
    assert parse_text("she-he", "pairs") == (("she", "he"),)
    with pytest.raises(BackendError, match="“woman” is no pair"):
        parse_text("man,boy\nwoman", "pairs")


@pytest.mark.parametrize("kind", ["terms", "pairs", "scores"])
def test_csv_keeps_what_sets_are(tmp_path: Path, kind: str) -> None:
    made = {
        "terms": WordSet("A", "terms", ("x", "y"), about='He said "a, b".', own=True),
        "pairs": WordSet("A", "pairs", pairs=(("x", "y"), ("z", "u")), source="Me, 2020", own=True),
        "scores": WordSet("A", "scores", ("x",), scores={"n": (1.0,)}, about="a", own=True),
    }[kind]
    bare = replace(made, name="B", about="", source="")
    write_sets(tmp_path / "mine.csv", Collection((made, bare)))
    assert read_sets(tmp_path / "mine.csv").sets == (made, bare)


def test_numbers_called_about_are_scores(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "set,term,about\nA,x,1\nA,y,2\n").sets
    assert one.scores == {"about": (1.0, 2.0)}


@pytest.mark.parametrize(
    "one",
    [
        WordSet("A", "terms"),
        WordSet("A", "scores", ("x",), scores={"About": (1.0,)}),
        WordSet("A", "scores", ("x",), scores={"n": (1.0,), "N": (2.0,)}),
    ],
)
def test_csv_refuses_what_it_would_lose(one: WordSet) -> None:
    with pytest.raises(BackendError, match=r"empty|means something else|same name"):
        csv_text(Collection((one,)))


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ('"apple"\n“pear”\n„Birne“\n\'tis', ("apple", "pear", "Birne", "'tis")),
        ("she; he; it", ("she", "he", "it")),
        ("['she', 'he', 'it']", ("she", "he", "it")),
        ('"she", "he"\n"woman", "man"', (("she", "he"), ("woman", "man"))),
        ("she;he\nwoman;man", (("she", "he"), ("woman", "man"))),
        ('""\n,;', ()),
        ("Mädchen\tÄrztin\tß", ("Mädchen", "Ärztin", "ß")),
    ],
)
def test_quotation_marks_and_semicolons_of_pasted_text(text: str, entries: object) -> None:
    assert parse_text(text) == entries


A, B, C, D = ({"name": name, "kind": "terms", "terms": [name, "x"]} for name in "ABCD")
ONE_TEST = {"name": "T", "targets": ["A", "B"], "attributes": ["C", "D"]}


@pytest.mark.parametrize(
    ("sets", "tests", "said"),
    [
        ({"a": 1}, [], "“sets” is not a list of sets"),
        ([1], [], "“sets” is not a list of sets"),
        ([{"name": " "}], [], "one of its sets has no name"),
        ([A], 5, "“tests” is not a list of tests"),
        ([A, B, C], [ONE_TEST], "“T” is made of “D”, which is not among its sets"),
        ([A, B], [{**ONE_TEST, "targets": ["A"]}], "“T” does not name two sets of targets"),
        (
            [A, B, C, {"name": "D", "kind": "pairs", "pairs": [["x", "y"]]}],
            [ONE_TEST],
            "“T” is made of “D”, which is of pairs and not of terms",
        ),
        ([A, B, C, D], [{**ONE_TEST, "published": [1]}], "published values of “T” have no names"),
        ([{**A, "terms": ["", "b"]}], [], "a term of “A” is empty"),
        ([{**A, "kind": "scores", "scores": {"s": [1, float("nan")]}}], [], "is not finite"),
        ([{**A, "kind": "scores", "scores": [1, 2]}], [], "are no columns of numbers"),
    ],
)
def test_json_of_another_shape_is_said(
    tmp_path: Path, sets: object, tests: object, said: str
) -> None:
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"schema": 1, "sets": sets, "tests": tests}), "utf-8")
    with pytest.raises(UnreadableFile, match=said):
        read_sets(path)


def test_a_file_that_is_no_text_and_one_of_a_term_without_end(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(b"set,term\nA,b\0c\n")
    with pytest.raises(UnreadableFile, match="not a file of text"):
        read_sets(path)
    path.write_text("set,term\nA," + "x" * 1001, "utf-8")
    with pytest.raises(UnreadableFile, match="has 1,001 letters"):
        read_sets(path)


def test_terms_that_differ_in_capitals_only_are_told() -> None:
    one = WordSet("Fruit", "terms", ("Apple", "pear", "apple"))
    assert remarks(one) == ("“Fruit” has Apple and apple, which differ in capitals only.",)


def test_a_text_of_a_word_a_line_loses_none_and_a_table_says_what_its_first_line_was(
    tmp_path: Path,
) -> None:
    text = tmp_path / "fruit.txt"
    text.write_text("apple\n\npear\r\nplum\n", "utf-8")
    (one,) = read_sets(text).sets
    assert (one.name, one.terms, one.own) == ("fruit", ("apple", "pear", "plum"), True)
    table = tmp_path / "fruit.csv"
    table.write_text("apple\npear\nplum\n", "utf-8")
    reading = read_with_notes(table)
    assert reading.collection.sets[0].name == "apple"
    assert reading.notes == (
        "The first line of fruit.csv, “apple”, was read as the name of the set.",
    )
    text.write_text(" \n", "utf-8")
    with pytest.raises(UnreadableFile, match="is empty"):
        read_sets(text)
