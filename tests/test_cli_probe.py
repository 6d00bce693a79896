"""`probe` on word vectors and on texts: what it finds, how far to trust it, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import cli
from app.panels.directions import as_json
from backends.corpora.reading import ReadOptions, read_corpus
from backends.directions.registry import PairsGiven, find_direction, space_of
from resources import SAMPLE
from tests import builders
from tests.commands import never
from tests.google_news import VECTORS, path_of

KEYS = {"explained", "baseline", "scores", "direct_bias", "n_pairs"}


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """Word vectors in GloVe's format: men at 0, women at 1 of the first axis; some jobs."""
    rng = np.random.default_rng(0)
    men = ("he", "man", "boy", "king", "his")
    women = ("she", "woman", "girl", "queen", "her")
    lines = []
    for him, her in zip(men, women, strict=True):
        place = rng.normal(size=6)
        lines += [(him, place), (her, place + [2, 0, 0, 0, 0, 0] + 0.1 * rng.normal(size=6))]
    for at, job in enumerate(("nurse", "teacher", "clerk", "pilot", "miner")):
        lines.append((job, np.array([2.0 - at, *rng.normal(size=5)])))
    path = tmp_path / "words.txt"
    path.write_text("".join(f"{w} {' '.join(f'{x:.5f}' for x in v)}\n" for w, v in lines), "utf-8")
    return path


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.csv"
    path.write_text("negative,positive\nhe,she\nman,woman\nboy, girl\n\nking,qqq\n", "utf-8")
    return path


def test_pairs_of_a_file_and_targets_with_numbers(
    ask: Any, words: Path, pairs: Path, tmp_path: Path
) -> None:
    targets = tmp_path / "jobs.csv"
    jobs = ["nurse,90", "teacher,70", "clerk,60", "pilot,10", "miner,5", "lord,1"]
    targets.write_text("\n".join(["job,% women", *jobs]), "utf-8")
    told = ask("probe", words, "--pairs", pairs, "--targets", targets)
    assert set(told) >= KEYS
    assert told["n_pairs"] == 3
    assert told["explained"][0] > 0.7 > told["baseline"][0]
    assert sum(told["explained"]) == pytest.approx(1)
    assert told["scores"][0]["item"] == "nurse"
    assert [one["projection"] for one in told["scores"]] == sorted(
        (one["projection"] for one in told["scores"]), reverse=True
    )
    strengths = [abs(one["projection"]) for one in told["scores"]]
    assert told["direct_bias"] == pytest.approx(np.mean(strengths), abs=1e-5)
    assert told["n_targets"] == 5
    assert told["reference"]["name"] == "% women"
    assert told["reference"]["pearson"] > 0.8
    assert {one["term"] for one in told["lost"]} == {"king → qqq", "lord"}


def test_shipped_pairs_extremes_and_analogies(ask: Any, words: Path) -> None:
    told = ask("probe", words, "--direction", "gender", "--top", 3, "--analogies", 4)
    assert (told["title"], told["n_pairs"], told["method"]) == ("gender", 4, "components")
    assert len(told["scores"]) == 6
    assert told["direct_bias"] is None
    best = told["analogies"][0]
    assert best["positive"] in ("she", "woman", "girl", "queen", "her")
    assert set(best) >= {"negative", "score", "match", "found_positive", "found_negative"}
    assert len(told["lost"]) == 6


def test_more_axes_have_projections_of_their_own(
    ask: Any, capsys: pytest.CaptureFixture[str], words: Path, tmp_path: Path
) -> None:
    targets = tmp_path / "jobs.txt"
    targets.write_text("nurse\nminer\n", "utf-8")
    asked = ("probe", words, "--direction", "gender", "--components", 3)
    plain = {one["item"]: one for one in ask(*asked)["scores"]}
    judged = {one["item"]: one for one in ask(*asked, "--targets", targets)["scores"]}
    assert set(judged) == {"nurse", "miner"}
    for item, told in judged.items():
        assert told == plain[item]
        assert len(told["others"]) == 2
    cli.main([*map(str, asked)], never)
    assert "axis-3" in capsys.readouterr().out


def test_long_lists_of_words_are_cut_and_names_may_be_shortened(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    names = ["he", "she", "boy", "girl", *(f"w{i}" for i in range(50_000))]
    np.savez(
        tmp_path / "many.npz",
        vectors=rng.normal(size=(len(names), 3)).astype(np.float32),
        word=np.array(names),
    )
    words = [str(tmp_path / "many.npz"), "--column", "word", "--direction", "gender eq"]
    code = cli.main(["probe", *words], never)
    out, err = capsys.readouterr()
    assert (code, "gender eq" in out) == (0, True), err
    assert "note: Among the first 50,000 of 50,004 items" in err


def test_lists_categories_and_a_probe(ask: Any, words: Path, tmp_path: Path) -> None:
    men, women = tmp_path / "men.txt", tmp_path / "women.txt"
    men.write_text("he\nman\nboy\n", "utf-8")
    women.write_text("she\nwoman\ngirl\n", "utf-8")
    told = ask("probe", words, "--sets", men, women, "--method", "probe", "--seed", 3)
    assert (told["source"], told["method"], told["n"]) == ("sets", "probe", [3, 3])
    assert 0 <= told["accuracy"] <= 1
    assert told["chance"] == 0.5
    shipped = ask("probe", words, "--sets", "Male terms", "Female terms")
    assert shipped["method"] == "difference"
    table = builders.write_csv(tmp_path / "shore.csv", 60)
    told = ask(
        "probe", table, "--text", "text", "--encoder", "lexical", "--category", "year=2001,2003"
    )
    assert (told["source"], told["ends"]) == ("column", ["year: 2003", "year: 2001"])
    asked = ("--text", "text", "--encoder", "lexical", "--prompts", "tide", "gull and dune")
    assert ask("probe", table, *asked)["ends"] == ["tide", "gull and dune"]


def test_terms_are_encoded_in_the_templates(ask: Any, tmp_path: Path) -> None:
    table = builders.write_csv(tmp_path / "shore.csv", 60)
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("tide,salt\nreef,gull\n", "utf-8")
    asked = ("probe", table, "--text", "text", "--encoder", "lexical", "--pairs", pairs)
    told = ask(*asked, "--template", "{w} and rope", "--template", "{w}")
    assert "“{w} and rope”, “{w}”" in told["how"]
    assert told["n_pairs"] == 2


def test_a_sentence_encoder_has_a_direction_of_gender(ask: Any, tmp_path: Path) -> None:
    table = tmp_path / "some.csv"
    table.write_text("".join(SAMPLE.read_text("utf-8").splitlines(keepends=True)[:80]), "utf-8")
    told = ask("probe", table, "--encoder", "minilm", "--direction", "gender")
    assert (told["n_pairs"], told["disagreeing"], told["lost"]) == (10, [], [])
    assert told["explained"][0] > 0.5 > 2 * told["baseline"][0]
    assert told["consistency"] > 0.5
    assert "words of the texts in the same templates" in told["notes"][-1]


def test_a_direction_that_a_project_keeps_is_found_in_other_vectors(
    ask: Any, refuse: Any, words: Path, tmp_path: Path
) -> None:
    corpus = read_corpus((words,), ReadOptions())
    assert corpus.vectors is not None
    pairs = PairsGiven((("he", "she"), ("man", "woman")))
    made = find_direction(space_of(corpus, corpus.vectors), "pairs", pairs, title="Sexes")
    project = tmp_path / "p.embedscope"
    project.mkdir()
    facts = {"panels": {"directions": {"directions": [as_json(made)], "looked_at": None}}}
    (project / "project.json").write_text(json.dumps(facts), "utf-8")
    told = ask("probe", words, "--project", project, "--direction", "sexes")
    assert (told["n_pairs"], told["method"]) == (2, "components")
    assert told["explained"] == pytest.approx(made.evidence.explained)
    asked = ("probe", words, "--project", project, "--direction", "age")
    assert refuse(*asked) == (
        "p.embedscope keeps no direction “age”.",
        "Directions there: “Sexes”.",
    )
    asked = ("probe", words, "--project", tmp_path / "q", "--direction", "age")
    assert "no project at" in refuse(*asked)[0]
    (project / "project.json").write_text("{}", "utf-8")
    asked = ("probe", words, "--project", project, "--direction", "age")
    assert "keeps no directions" in refuse(*asked)[0]
    asked = ("probe", words, "--project", project, "--prompts", "a", "b")
    assert "by name" in refuse(*asked)[0]


def test_it_is_readable(capsys: pytest.CaptureFixture[str], words: Path, pairs: Path) -> None:
    code = cli.main(["probe", str(words), "--pairs", str(pairs), "--analogies", "3"], never)
    out, err = capsys.readouterr()
    assert code == 0
    for said in ("First component of pair-centred vectors", "random pairs", "projection", "match"):
        assert said in out
    assert "note: Left out: king → qqq (“qqq”: not among the items)." in err


@pytest.mark.parametrize(
    ("asked", "said", "hint"),
    [
        (("--direction", "height"), "no pairs called “height”", "Gender pairs"),
        (("--pairs", "WORDS"), "no pair", "two words a line"),
        (("--pairs", "nothing.csv"), "No such file", "another file"),
        (("--sets", "zzz", "Male terms"), "called “zzz”", "Sets are"),
        (("--category", "year"), "names no category", "--category"),
        (("--direction", "gender", "--targets", "zzz"), "called “zzz”", "Sets are"),
        (("--direction", "gender", "--method", "zzz"), "called “zzz”", "difference"),
        (
            ("--sets", "Male terms", "Female terms", "--method", "components"),
            "needs pairs",
            "pairs",
        ),
        (("--direction", "gender", "--components", 2, "--method", "probe"), "one axis", "comp"),
        (("--direction", "gender", "--targets", "Insects"), "nothing to be measured", "known"),
        (("--prompts", "a", "b"), "came from a file", "Embed"),
    ],
)
def test_what_cannot_be_is_said(
    refuse: Any, words: Path, asked: tuple[object, ...], said: str, hint: str
) -> None:
    asked = tuple(words if word == "WORDS" else word for word in asked)
    error, advice = refuse("probe", words, *asked)
    assert said in error
    assert hint in advice


def test_numbers_that_are_none_are_refused(refuse: Any, words: Path, tmp_path: Path) -> None:
    targets = tmp_path / "jobs.csv"
    targets.write_text("nurse,9\nteacher,many\n", "utf-8")
    error, _ = refuse("probe", words, "--direction", "gender", "--targets", targets)
    assert "without a number: teacher,many" in error


def test_lost_terms_are_told_in_one_line(
    ask: Any, capsys: pytest.CaptureFixture[str], words: Path, tmp_path: Path
) -> None:
    targets, pairs = tmp_path / "jobs.txt", tmp_path / "pairs.txt"
    targets.write_text("nurse\n" + "".join(f"job{i}\n" for i in range(40)), "utf-8")
    pairs.write_text("he,she\nman,woman\n" + "".join(f"m{i},w{i}\n" for i in range(9)), "utf-8")
    asked = ("probe", words, "--pairs", pairs, "--targets", targets)
    assert len(ask(*asked)["lost"]) == 49
    assert cli.main([str(word) for word in asked], never) == 0
    left_out = [line for line in capsys.readouterr().err.splitlines() if "Left out" in line]
    assert len(left_out) == 2
    assert left_out[0].startswith("note: Left out, 9: m0 → w0 (“m0”: not among the items")
    assert left_out[1].startswith("note: Left out, 40: job0 (not among the items), job1 (not")
    assert left_out[1].endswith(" and 35 more.")


@pytest.mark.parametrize("mark", ["\t", ";", " ;  "])
def test_pairs_and_targets_of_other_separators(
    ask: Any, words: Path, tmp_path: Path, mark: str
) -> None:
    pairs, targets = tmp_path / "pairs.txt", tmp_path / "jobs.txt"
    pairs.write_text(f"\ufeffhe{mark}she\nman{mark}woman\n", "utf-8")
    targets.write_text(f"nurse{mark}9\nminer{mark}1\nclerk{mark}5\n", "utf-8")
    told = ask("probe", words, "--pairs", pairs, "--targets", targets)
    assert (told["n_pairs"], told["n_targets"], told["reference"]["n"]) == (2, 3, 3)
    targets.write_text("nurse\nminer; digger\n", "utf-8")  # a term with a semicolon
    told = ask("probe", words, "--pairs", pairs, "--targets", targets)
    assert [one["term"] for one in told["lost"]] == ["miner; digger"]


def test_empty_files_and_templates_without_an_encoder_are_said(
    ask: Any, refuse: Any, capsys: pytest.CaptureFixture[str], words: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("\n  \n", "utf-8")
    for asked in (("--pairs", empty), ("--direction", "gender", "--targets", empty)):
        assert refuse("probe", words, *asked)[0] == f"{empty} is empty."
    asked = ("probe", words, "--direction", "gender", "--template", "{w}.")
    assert cli.main([str(word) for word in asked], never) == 0
    assert "Templates need the encoder" in capsys.readouterr().err
    _, hint = refuse("probe", words, "--direction", "height")
    assert "“Race pairs: Caucasian, Black”, “" in hint


def test_the_published_numbers(ask: Any) -> None:
    path = path_of(VECTORS)
    told = ask("probe", path, "--direction", "gender", "--targets", "Professions")
    assert told["explained"][0] == pytest.approx(0.6053, abs=1e-4)
    assert told["baseline"][0] == pytest.approx(0.143, abs=0.02)
    assert (told["n_targets"], told["direct_bias"]) == (320, pytest.approx(0.0805, abs=1e-4))
    told = ask("probe", path, "--direction", "gender", "--targets", "Occupations, % women")
    assert told["reference"]["pearson"] == pytest.approx(0.7070, abs=1e-3)
