"""Test sets of words as they lie about, and lines that fit nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.errors import UnreadableFile
from backends.evaluate.files import (
    AnalogyFile,
    SimilarityFile,
    read_analogies,
    read_similarity,
    read_word_file,
)
from tests.google_news import path_of


def written(folder: Path, text: str, name: str = "set.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("text", "pairs", "scores", "named"),
    [
        ("cat\tdog\t7\nsun\train\t2.5\n", [("cat", "dog"), ("sun", "rain")], [7, 2.5], "tabs"),
        ("cat dog 7\r\nsun rain 2\r\n", [("cat", "dog"), ("sun", "rain")], [7, 2], "spaces"),
        (
            "Word 1,Word 2,Human (mean)\nlove,sex,6.77\n“new york”,tiger,10\n",
            [("love", "sex"), ("“new york”", "tiger")],
            [6.77, 10],
            "commas; the score is column 3 “Human (mean)”",
        ),
        (
            "word1\tword2\tPOS\tSimLex999\tconc(w1)\nold\tnew\tA\t1.58\t2.72\n",
            [("old", "new")],
            [1.58],
            "column 4 “SimLex999”",
        ),
        ("take\tremove\tV\t6.81\tSYNONYMS\n", [("take", "remove")], [6.81], "column 4"),
        ("a b 4.5 1 9\nc d 5 0 10\n", [("a", "b"), ("c", "d")], [4.5, 5], "spaces"),
        (
            "gem\tjewel\t3.91\ncushion\t\tpillow\t\t3.84\n",
            [("gem", "jewel"), ("cushion", "pillow")],
            [3.91, 3.84],
            "tabs",
        ),
        ("# about\n#a\tb\tscore\ncat\tdog\t1\n", [("cat", "dog")], [1], "“score”"),
        (
            "sun-n\tbright-j\t9\nrun-v\tgo-v\t8\n",
            [("sun", "bright"), ("run", "go")],
            [9, 8],
            "tabs",
        ),
        (
            'genre\tscore\tsentence1\tsentence2\nx\t2.5\tA man eats.\tA "man, fed.\n',
            [("A man eats.", 'A "man, fed.')],
            [2.5],
            "column 2 “score”",
        ),
        ('a;"b;c";1\nd;e;2\n', [("a", "b;c"), ("d", "e")], [1, 2], "semicolons"),
        ("\ufeffcat\tdog\t7\n", [("cat", "dog")], [7], "tabs"),
    ],
)
def test_similarity_files_of_all_kinds(
    tmp_path: Path, text: str, pairs: list[tuple[str, str]], scores: list[float], named: str
) -> None:
    found = read_word_file(written(tmp_path, text))
    assert isinstance(found, SimilarityFile)
    assert list(found.pairs) == pairs
    assert list(found.scores) == scores
    assert named in found.format


@pytest.mark.parametrize(
    ("text", "sections", "named"),
    [
        (
            ": capitals\na b c d\n: plural \na b c d\ne f g h\n",
            {"capitals": 1, "plural": 2},
            "heads",
        ),
        ("good better rough rougher\n", {"all questions": 1}, "four words"),
        (
            "good better rough JJ_JJR rougher\nsee saw go VB_VBD went\nbig bigger old JJ_JJR older",
            {"JJ_JJR": 2, "VB_VBD": 1},
            "MSR",
        ),
        ("# words\n: all\na b c d", {"all": 1}, "colon"),
        (": all\nnew york\tusa\tbern\tswitzerland\na\tb\tc\td", {"all": 2}, "tabs"),
        ('"king","queen","man","woman"\na,b,c,d', {"all questions": 2}, "commas"),
        ("a;b;c;d\ne;f;g;h", {"all questions": 2}, "semicolons"),
    ],
)
def test_analogy_files_of_all_kinds(
    tmp_path: Path, text: str, sections: dict[str, int], named: str
) -> None:
    found = read_word_file(written(tmp_path, text))
    assert isinstance(found, AnalogyFile)
    assert {each.title: len(each.questions) for each in found.sections} == sections
    assert named.removesuffix("s") in found.format
    assert all(len(question) == 4 for question in found.questions)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("# only a comment\n\n", "is empty"),
        ("a\tb\t1\nc\td\n", "Line 2 of set.txt has 2 columns"),
        ("a\tb\t1\n\nc\td\tmuch\n", "Line 3 of set.txt says “much” where a number"),
        ("a\tb\t1\nc\td\tnan\n", "Line 2 of set.txt says “nan”"),
        ("a,b,1\n,d,2\n", "Line 2 of set.txt has an empty word"),
        ("one word\nper line\n", "set.txt has no column of numbers; line 2"),
        (": heads\na b c d\na b c\n", "Line 3 of set.txt has 3 words"),
        (": heads\na\tb\tc\td\na\tb\tc\n", "Line 3 of set.txt has 3 words"),
        (": heads\na b c d e f\n", "Line 2 of set.txt has 6 words"),
        (": only heads\n", "has heads but no questions"),
        ("a\0b\t1", "is no text file"),
    ],
)
def test_a_line_that_fits_nothing_is_named(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_word_file(written(tmp_path, text))
    assert what in caught.value.what
    assert caught.value.hint


@pytest.mark.parametrize("size", [2, 200_000])
def test_a_stray_quote_or_a_large_cell_is_no_bug(tmp_path: Path, size: int) -> None:
    text = "".join(f"cat,dog,{number}\n" for number in range(3)) + f'"{"x" * size},b,3\n'
    assert read_similarity(written(tmp_path, text)).pairs[3] == (f'"{"x" * size}', "b")
    with pytest.raises(UnreadableFile, match="Line 4 of"):
        read_similarity(written(tmp_path, text.replace(",b,3", " b 3")))


def test_files_that_are_not_there_or_no_test_set(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_word_file(tmp_path / "nowhere.txt")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_word_file(tmp_path)
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(UnreadableFile, match="too large"):
        read_word_file(huge)


def test_the_other_kind_of_file_is_refused(tmp_path: Path) -> None:
    pairs, questions = written(tmp_path, "a b 1\n", "p"), written(tmp_path, "a b c d\n", "q")
    assert len(read_similarity(pairs)) == len(read_analogies(questions)) == 1
    with pytest.raises(UnreadableFile, match="holds analogy questions"):
        read_similarity(questions)
    with pytest.raises(UnreadableFile, match="holds similarity judgements"):
        read_analogies(pairs)


def test_what_may_surprise_is_said(tmp_path: Path) -> None:
    text = "cat\tdog\t1\ndog\tcat\t1\ncat\tcat\t1\n"
    assert read_word_file(written(tmp_path, text)).notes == (
        "1 pair stands in the file more than once; each counts.",
        "1 pair of a word with itself; they count as in the file.",
        "All scores are the same, so there is no order to agree with.",
    )
    latin = tmp_path / "latin.txt"
    latin.write_bytes("café\ttea\t1\nthé\tmilk\t2\n".encode("latin-1"))
    found = read_word_file(latin)
    assert found.words == ("café", "tea", "thé", "milk")
    assert "Latin-1" in found.notes[0]
    odd = read_word_file(written(tmp_path, "left,right,agreement\na,b,1\n"))
    assert "taken for a head" in odd.notes[0]


def test_equal_content_has_the_same_name(tmp_path: Path) -> None:
    one = read_word_file(written(tmp_path, "a\tb\t1\n", "one"))
    two = read_word_file(written(tmp_path, "a b 1.0\n", "two"))
    other = read_word_file(written(tmp_path, "a b 2\n", "three"))
    assert one.fingerprint == two.fingerprint != other.fingerprint


WORD = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=1, max_size=8)
SCORE = st.floats(-100, 100, allow_nan=False)


@given(st.lists(st.tuples(WORD, WORD, SCORE), min_size=1, max_size=20), st.sampled_from("\t,; "))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, float]], mark: str
) -> None:
    path = tmp_path_factory.mktemp("sets") / "set"
    path.write_text("\n".join(mark.join((a, b, repr(c))) for a, b, c in rows), "utf-8")
    found = read_similarity(path)
    assert found.pairs == tuple((a, b) for a, b, _ in rows)
    assert found.scores == tuple(c for _, _, c in rows)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("MEN_dataset_natural_form_full.tsv", 2997),
        ("wordsim353.tsv", 353),
        ("MTURK-771.tsv", 770),
        ("SimLex-999.tsv", 999),
        ("RG_word.tsv", 65),
        ("rw.tsv", 2034),
        ("TermRelatednessResults.tsv", 9856),
        ("questions-words.txt", 19544),
        ("MSR-syntax.txt", 8000),
    ],
)
def test_published_files(name: str, count: int) -> None:
    assert len(read_word_file(path_of(f"benchmark/{name}"))) == count
