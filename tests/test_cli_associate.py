"""`associate` on word vectors and on texts: numbers, what is lost, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import cli
from tests.commands import never
from tests.google_news import VECTORS, path_of

WORDS = [f"{part}{i}" for part in "xyab" for i in range(4)]


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    """X lies towards A, Y towards B."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(16, 5)) * 0.3
    values[:, 0] += np.repeat([1, -1, 1, -1], 4)
    path = tmp_path / "words.txt"
    lines = [f"{w} {' '.join(f'{x:.5f}' for x in v)}" for w, v in zip(WORDS, values, strict=True)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def four(tmp_path: Path) -> Path:
    """Four sets as CSV: X, Y, A, B."""
    path = tmp_path / "mine.csv"
    rows = [f"{name[0].upper()},{name}" for name in WORDS]
    path.write_text("\n".join(["set,term", *rows, "B,gone"]) + "\n", "utf-8")
    return path


def test_four_sets_of_a_file_are_a_test(ask: Any, vectors: Path, four: Path) -> None:
    told = ask("associate", vectors, "--test", four)
    (test,) = told["tests"]
    assert (test["name"], test["metric"], test["title"]) == ("mine", "weat", "WEAT")
    assert (test["ddof"], test["p_kind"], test["partitions"]) == (1, "exact", 70)
    assert test["p"] == pytest.approx(1 / 70)
    assert test["p_corrected"] == test["p"]
    assert test["effect_size"] > 1.5
    assert test["n"]["B"] == {"name": "B", "before": 5, "after": 4}
    assert test["lost"] == [{"term": "gone", "why": "not among the items", "set": "B"}]
    assert [one["term"] for one in test["items"]["X"]] == ["x0", "x1", "x2", "x3"]
    assert test["smallest_effect"] < test["effect_size"]
    assert test["verdict"][0].startswith("“X” leans more to “A”")
    assert told["correction"] == "holm"


def test_ddof_runs_and_metrics(ask: Any, vectors: Path, four: Path) -> None:
    (one,) = ask("associate", vectors, "--test", four)["tests"]
    (other,) = ask("associate", vectors, "--test", four, "--ddof", "0")["tests"]
    assert other["effect_size"] == pytest.approx(one["effect_size"] * np.sqrt(8 / 7))
    told = ask("associate", vectors, "--test", four, "--metric", "MAC")
    assert told["metric"] == "mac"
    assert told["tests"][0]["effect_size"] is None
    assert 0 < told["tests"][0]["statistic"] < 2


def test_all_tests_and_those_that_cannot_be_made(
    ask: Any, vectors: Path, four: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ask("associate", vectors, "--test", four, "--test", "all")
    assert len(told["tests"]) == 11
    refused = told["tests"][1]
    assert refused["statistic"] is None
    assert "None of the 25 terms of “Flowers”" in refused["refused"]
    assert told["tests"][0]["refused"] is None


def test_people_read_a_table_and_sentences(
    vectors: Path, four: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["associate", str(vectors), "--test", str(four)], never) == 0
    out, err = capsys.readouterr()
    head, row = out.splitlines()[:2]
    assert head.split() == [
        *("test", "statistic", "d", "95%", "p", "corrected", "how", "X", "Y", "A", "B")
    ]
    assert "5 → 4" in row
    assert "does not show that there is none" in out
    assert "note: mine: left out: gone (not among the items)." in err


def test_texts_go_through_templates(
    ask: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = tmp_path / "texts.csv"
    names = ("tide", "salt", "gull", "dune", "pier", "mist", "sail", "rope")
    texts.write_text("text\n" + "\n".join(f"the {w} and the {w}" for w in names * 3), "utf-8")
    sets = tmp_path / "sea.csv"
    rows = [f"{'XYAB'[at // 2]},{word}" for at, word in enumerate(names)]
    sets.write_text("\n".join(["set,term", *rows]), "utf-8")
    told = ask(
        *("associate", texts, "--text", "text", "--encoder", "lexical", "--test", sets),
        *("--template", "a {w}", "--template", "the {w}"),
    )
    assert told["tests"][0]["title"] == "SEAT"
    assert told["how"] == "encoded in “a {w}”, “the {w}”"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--test", "WEAT 77"), "There is no file and no test called “WEAT 77”"),
        (("--test", "WEAT"), "There is no one test called “WEAT”"),
        (("--test", "WEAT 6", "--metric", "weet"), "There is no metric called “weet”"),
        (("--test", "WEAT 6", "--metric", "seat"), "SEAT is WEAT with words in templates"),
    ],
)
def test_words_that_are_off(
    vectors: Path, words: tuple[str, ...], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["associate", str(vectors), *words], never) == 1
    err = capsys.readouterr().err
    assert f"error: {what}" in err
    assert "hint:" in err


def test_a_file_without_a_test_is_refused(
    vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.csv"
    path.write_text("set,term\nA,x0\nB,y0\n", "utf-8")
    assert cli.main(["associate", str(vectors), "--test", str(path)], never) == 1
    assert "two.csv has 2 sets and no test" in capsys.readouterr().err


def test_templates_for_words_that_are_looked_up_are_told(
    vectors: Path, four: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["associate", str(vectors), "--test", str(four), "--template", "this {w}", "--json"]
    assert cli.main(words, never) == 0
    out, err = capsys.readouterr()
    assert "they are not used" in err
    assert json.loads(out)["tests"][0]["title"] == "WEAT"


def test_a_published_value_of_google_news(ask: Any) -> None:
    told = ask("associate", path_of(VECTORS), "--test", "weat 5", "--runs", "1000", "--ddof", "0")
    (test,) = told["tests"]
    assert test["effect_size"] == pytest.approx(0.7337, abs=1e-3)
    assert {part: size["after"] for part, size in test["n"].items()} == dict(
        zip("XYAB", (18, 18, 8, 8), strict=True)
    )
