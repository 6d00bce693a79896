"""`evaluate` on real files: numbers, what is missing, gain over a reference, bad words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app import cli
from tests.commands import never

ITEMS = {"man": "1 0 0", "woman": "1 0 .5", "king": "0 1 0", "queen": "0 1 .5", "Paris": "0 0 1"}
ITEMS |= {f"filler{number}": f"-1 {-1 - number} -1" for number in range(40)}


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    path = tmp_path / "words.vec"
    lines = [f"{len(ITEMS)} 3", *(f"{word} {numbers}" for word, numbers in ITEMS.items())]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.tsv"
    path.write_text(
        "king\tqueen\t8\nman\twoman\t9\nman\tking\t1\nwoman\tparis\t2\nman\tunicorn\t4\n", "utf-8"
    )
    return path


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.txt"
    path.write_text(
        ": royal\nman woman king queen\nwoman man queen king\n: odd\nman king woman Paris\n",
        "utf-8",
    )
    return path


def test_both_kinds_of_files(ask: Any, vectors: Path, pairs: Path, questions: Path) -> None:
    answer = ask("evaluate", vectors, "--similarity", pairs, "--analogies", questions)
    assert (answer["rows"], answer["dim"], answer["case"]) == (45, 3, "fold")
    judged, asked = answer["files"]
    assert (judged["kind"], judged["n"], judged["asked"]) == ("similarity", 4, 5)
    assert judged["lost"] == [{"term": "unicorn", "why": "not among the items"}]
    assert judged["lost_share"] == pytest.approx(0.2)
    assert judged["score"] > 0.5
    assert judged["low"] <= judged["score"] <= judged["high"]
    assert judged["gain"] == pytest.approx(judged["score"] - judged["random"])
    assert judged["gain_ratio"] is None
    assert (asked["kind"], asked["n"], asked["restrict"]) == ("analogies", 3, 45)
    assert asked["score"] == asked["add"] == pytest.approx(2 / 3)
    assert [(part["title"], part["add"]) for part in asked["sections"]] == [
        ("royal", 1),
        ("odd", 0),
    ]
    assert "column “word”" in asked["how"]
    assert answer["verdict"]


def test_case_restriction_and_reference(
    ask: Any, vectors: Path, pairs: Path, questions: Path
) -> None:
    exact = ask("evaluate", vectors, "--similarity", pairs, "--case", "exact")["files"][0]
    assert (exact["n"], {lost["term"] for lost in exact["lost"]}) == (3, {"unicorn", "paris"})
    near = ask("evaluate", vectors, "--analogies", questions, "--restrict", 4)["files"][0]
    assert (near["n"], near["lost"]) == (2, [{"term": "Paris", "why": "behind the first 4 items"}])
    both = ask("evaluate", vectors, "--analogies", questions, "--reference", vectors)["files"][0]
    assert both["gain_ratio"] == pytest.approx(100)
    assert both["reference"] == both["score"]


def test_a_table_for_people(
    capsys: pytest.CaptureFixture[str], vectors: Path, pairs: Path, questions: Path
) -> None:
    words = ["evaluate", vectors, "--similarity", pairs, "--analogies", questions]
    assert cli.main([*map(str, words), "--reference", str(vectors)], never) == 0
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert lines[0].split()[:3] == ["file", "kind", "score"]
    assert lines[1].startswith("pairs.tsv")
    assert "20.0%" in lines[1]
    assert "royal" in shown
    assert "words of the question among the answers" in shown
    assert "pairs.tsv: without a vector: unicorn" in shown


def test_what_cannot_be_judged_is_said_without_numbers(
    capsys: pytest.CaptureFixture[str], vectors: Path, tmp_path: Path
) -> None:
    flat, odd = tmp_path / "flat.csv", tmp_path / "odd.txt"
    flat.write_text("man,woman,5\nking,queen,5\nman,king,5\n", "utf-8")
    odd.write_text("troll elf ogre orc\n", "utf-8")
    words = ["evaluate", str(vectors), "--similarity", str(flat), "--analogies", str(odd)]
    assert cli.main(words, never) == 0
    shown = capsys.readouterr().out
    assert "nan" not in shown
    assert "– to –" not in shown  # noqa: RUF001
    assert "flat could not be judged: all scores, or all cosines, are the same." in shown
    assert "odd could not be judged: too few of the words have a vector." in shown


def test_texts_of_an_encoder(ask: Any, tmp_path: Path) -> None:
    table, pairs = tmp_path / "texts.csv", tmp_path / "sts.tsv"
    table.write_text("n,text\n1,the tide is high\n2,salt in the reef\n3,a gull sails\n", "utf-8")
    pairs.write_text(
        "score\tsentence1\tsentence2\n5\tthe high tide\tthe tide is high\n0\ta gull\tsalt\n",
        "utf-8",
    )
    words = ("--text", "text", "--encoder", "lexical", "--similarity", pairs)
    (found,) = ask("evaluate", table, *words)["files"]
    assert (found["n"], found["score"]) == (2, 1)
    assert "encoded as they are" in found["how"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ((), "There is nothing to judge by."),
        (("--similarity", "{questions}"), "holds analogy questions"),
        (("--analogies", "{pairs}"), "holds similarity judgements"),
        (("--similarity", "{pairs}", "--words", "name"), "There is no column “name”."),
        (("--similarity", "nowhere.tsv"), "cannot be read"),
    ],
)
def test_bad_words(
    refuse: Any, vectors: Path, pairs: Path, questions: Path, words: tuple[str, ...], what: str
) -> None:
    error, hint = refuse(
        "evaluate", vectors, *(word.format(pairs=pairs, questions=questions) for word in words)
    )
    assert what in error
    assert hint
