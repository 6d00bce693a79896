"""`relations` on real files: a file of triples, a column, JSON and words that are off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import cli
from app.cli.parser import COMMANDS
from tests.relations import PAIRS, triples, world


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """Word vectors as a text file."""
    corpus, embeddings = world()
    names = [name.replace(" ", "_") for name in corpus.table.column("word").to_pylist()]
    lines = [
        f"{name} {' '.join(f'{value:.5f}' for value in vector)}"
        for name, vector in zip(names, np.array(embeddings.vectors), strict=True)
    ]
    path = tmp_path / "words.txt"
    path.write_text("\n".join([f"{len(names)} {embeddings.dim}", *lines]), "utf-8")
    return path


def test_a_file_of_triples(words: Path, tmp_path: Path, ask: Any) -> None:
    path = tmp_path / "facts.tsv"
    path.write_text(triples() + "\ncountry 1\thas capital\tatlantis\n", "utf-8")
    answer = ask("relations", words, "--triples", path, "--seed", 3)
    assert answer["scorer"] == "offset"
    assert answer["seed"] == 3
    assert [one["relation"] for one in answer["relations"]] == ["has capital", "has river"]
    first = answer["relations"][0]
    assert (first["pairs"], first["held_out"]) == (PAIRS, PAIRS)
    assert first["tails"]["mrr"] == 1.0
    assert first["tails"]["raw_mrr"] == 1.0
    assert first["told_apart"] == 1.0
    assert first["consistency"] > first["baseline"]
    assert answer["lost"] == [
        {
            "term": "country 1 → atlantis (has capital)",
            "why": "“atlantis” is not among the items",
        }
    ]


def test_the_table_says_it_in_words(
    words: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "facts.tsv"
    path.write_text(triples() + "\na\tb\n", "utf-8")
    code = cli.main(
        ["relations", str(words), "--triples", str(path), "--hold-out", "unseen"],
        lambda _request: 1,
    )
    out = capsys.readouterr().out
    assert code == 0
    assert "has capital: The offset finds the tail among the first ten for 100%" in out
    assert "left out: a → b (facts)" in out
    assert "occur in no pair that is learnt from" in out


def test_what_is_said_of_many_relations_is_said_once(
    words: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("".join(f"country {i},r{i},capital {i}\n" for i in range(PAIRS)), "utf-8")
    assert cli.main(["relations", str(words), "--triples", str(path)], lambda _request: 1) == 0
    out = capsys.readouterr().out
    named = "r0, r1, r2, r3, r4 and 7 more: "
    assert f"{named}Not judged on held-out pairs." in out
    assert f"warning: {named}A single pair" in out
    assert out.count("warning: ") == 2


def test_a_column_that_names_other_items(tmp_path: Path, ask: Any) -> None:
    corpus, embeddings = world()
    table = corpus.table.to_pylist()
    lines = [f"{row['word']},{row['capital of']}" for row in table]
    (tmp_path / "table.csv").write_text("\n".join(["word,capital of", *lines]), "utf-8")
    np.save(tmp_path / "table.npy", np.array(embeddings.vectors))
    files = (tmp_path / "table.csv", tmp_path / "table.npy")
    answer = ask(
        "relations", *files, "--column", "capital of", "--names", "word", "--name", "lies in"
    )
    (one,) = answer["relations"]
    assert (one["relation"], one["pairs"]) == ("lies in", PAIRS)
    assert one["tails"]["hits_at_1"] == 1.0
    assert answer["named_by"] == "word"


@pytest.mark.parametrize(
    ("command", "option"), [("relations", "--share"), ("probe", "--strictness")]
)
@pytest.mark.parametrize("value", ["-0.5", "nan", "inf", "x"])
def test_numbers_that_cannot_be_are_words_that_are_off(
    capsys: pytest.CaptureFixture[str], command: str, option: str, value: str
) -> None:
    source = ("--triples", "a.csv") if command == "relations" else ("--direction", "gender")
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "words.txt", *source, f"{option}={value}"], lambda _request: 1)
    assert ended.value.code == 2
    assert option in capsys.readouterr().err


def test_words_that_are_off_are_said(words: Path, tmp_path: Path, refuse: Any) -> None:
    path = tmp_path / "facts.tsv"
    path.write_text("rook\tpawn\n", "utf-8")
    what, hint = refuse("relations", words, "--triples", path)
    assert "rook → pawn" in what
    assert "column “word”" in hint
    what, hint = refuse("relations", words, "--triples", path, "--scorer", "magic")
    assert "magic" in what
    assert "offset" in hint
    what, _ = refuse("relations", words, "--triples", tmp_path / "gone.csv")
    assert "cannot be read" in what
    assert "relations" in COMMANDS
