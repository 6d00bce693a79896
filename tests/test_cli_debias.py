"""`debias` on word vectors: before, after, the verdict, and the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import cli
from app.cli.parser import ERASER_SETTINGS, ERASING
from backends.corpora.reading import ReadOptions, read_corpus
from backends.directions.erasing.registry import ERASERS
from backends.parameters import parameters_of
from tests.backends.directions.erasing.words import MEN, PAIRS, WOMEN, world
from tests.commands import never


@pytest.fixture
def words(tmp_path: Path) -> Path:
    where = world(200)
    names = where.corpus.table.column("word").to_pylist()
    path = tmp_path / "words.txt"
    lines = zip(names, where.embeddings.vectors.tolist(), strict=True)
    path.write_text("".join(f"{word} {' '.join(map(str, v))}\n" for word, v in lines), "utf-8")
    return path


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.csv"
    path.write_text("".join(f"{low},{high}\n" for low, high in PAIRS), "utf-8")
    return path


def test_hard_debias_writes_the_same_form_and_says_what_is_left(
    ask: Any, words: Path, pairs: Path, tmp_path: Path
) -> None:
    specific, out = tmp_path / "specific.txt", tmp_path / "out.txt"
    specific.write_text("\n".join((*MEN, *WOMEN, "qqq")), "utf-8")
    told = ask(
        "debias", words, "--pairs", pairs, "--how", "hard", "--specific", specific,
        "--equalise", pairs, "--out", out,
    )  # fmt: skip
    assert told["before"]["direct_bias"] > 0.2
    assert told["after"]["direct_bias"] < 1e-6
    assert told["after"]["neighbour_overlap"] < told["before"]["neighbour_overlap"] == 1.0
    assert told["after"]["residual_nonlinear_accuracy"] > 0.7
    assert 0.5 <= told["after"]["residual_cluster_accuracy"] <= 1
    assert "The axis is gone" in told["verdict"]
    assert "still tells the sides" in told["verdict"]
    assert (told["specific"], told["equalised"], told["format"]) == (10, 5, "glove")
    assert {"term": "qqq", "why": "not among the items"} in told["lost"]
    assert (tmp_path / "out.recipe.json").is_file()
    back = read_corpus((out,), ReadOptions())
    assert back.vectors is not None
    assert np.linalg.norm(back.vectors.vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_labels_of_a_column_and_a_share_to_learn_from(ask: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    sides = np.arange(400) % 2
    rows = rng.normal(size=(400, 24))
    rows[:, 0] += 5 * sides - 2.5  # as far on either side, so that lengths do not tell
    path = tmp_path / "rows.npz"
    np.savez(path, vectors=rows.astype(np.float32), kind=np.array(["a", "b"])[sides])
    out = tmp_path / "out.npz"
    words = ("--labels", "kind=b,a", "--how", "leace", "--training", "0.4", "--seed", "3")
    told = ask("debias", path, *words, "--out", out)
    assert told["trained_on"] == 160
    after = told["after"]
    assert told["before"]["residual_linear_accuracy"] > 0.9
    assert abs(after["residual_linear_accuracy"] - after["residual_chance"]) < 0.2
    assert any("The promise holds for the vectors as they are" in note for note in told["notes"])
    assert np.load(out)["kind"].tolist()[:2] == ["a", "b"]


def test_what_is_there_is_kept_without_force(words: Path, pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.bin"
    out.write_text("mine")
    call = ["debias", words, "--pairs", pairs, "--how", "neutralise", "--out", out]
    assert cli.main(list(map(str, call)), never) == 1
    assert out.read_text() == "mine"
    assert cli.main([*map(str, call), "--force"], never) == 0
    assert out.read_bytes().startswith(b"210 24\n")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--how", "equalise"), "needs pairs"),
        (("--how", "leace", "--equalise", "gender"), "equalises no pairs"),
        (("--how", "hard", "--test", "WEAT 99"), "no file and no test"),
        (("--how", "hard", "--check", "nowhere.tsv"), "error: nowhere.tsv cannot be read"),
        (("--how", "leace", "--rounds", "3"), "no setting --rounds"),
        (("--how", "inlp", "--rounds", "2.5"), "a whole number from 1"),
        (("--how", "soft", "--weight", "nan"), "Weight cannot be nan"),
    ],
)
def test_words_that_are_off_are_said_and_nothing_is_written(
    words: Path,
    pairs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    said: str,
) -> None:
    out = tmp_path / "out.bin"
    call = ("debias", words, "--pairs", pairs, *more, "--out", out)
    assert cli.main(list(map(str, call)), never) == 1
    assert said in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("share", ["0", "1", "-1", "nan", "half"])
def test_a_share_lies_between_nothing_and_everything(
    words: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], share: str
) -> None:
    call = ("debias", words, "--direction", "gender", "--how", "leace", "--training", share)
    with pytest.raises(SystemExit) as ended:
        cli.main([*map(str, call), "--out", str(tmp_path / "out.bin")], never)
    assert ended.value.code == 2
    assert "--training" in capsys.readouterr().err


def test_a_test_of_ones_own_is_judged_by(
    ask: Any, words: Path, pairs: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.csv"
    rows = [f"{MEN[i]},{WOMEN[i]},{MEN[i + 2]},{WOMEN[i + 2]}" for i in range(2)]
    own.write_text("\n".join(("X,Y,A,B", *rows)), "utf-8")
    call = ("debias", words, "--pairs", pairs, "--how", "hard", "--test", own)
    told = ask(*call, "--out", tmp_path / "out.txt")
    assert [one["name"] for one in told["before"]["tests"]] == ["own"]


def test_the_parser_knows_every_eraser() -> None:
    assert tuple(ERASERS) == ERASING


def test_every_parameter_of_a_method_has_an_option_with_its_default() -> None:
    known = {one.name: one for spec in ERASERS.values() for one in parameters_of(spec.params)}
    assert set(ERASER_SETTINGS) == set(known)
    for name, about in ERASER_SETTINGS.items():
        assert f"(default: {known[name].default:g})" in about


def test_a_parameter_reaches_method_and_recipe(
    ask: Any, words: Path, pairs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.txt"
    call = ("debias", words, "--pairs", pairs, "--how", "soft", "--out", out)
    told = ask(*call, "--weight", "0", "--steps", "7")
    assert told["params"] == {"weight": 0.0, "steps": 7, "seed": 0}
    assert len(told["history"]) == 8
    assert told["after"]["direct_bias"] == pytest.approx(told["before"]["direct_bias"], abs=1e-4)
    recipe = json.loads((tmp_path / "out.recipe.json").read_text("utf-8"))
    assert '"steps": 7' in json.dumps(recipe)


def test_files_to_check_by_are_scored_before_and_after(
    ask: Any, words: Path, pairs: Path, tmp_path: Path
) -> None:
    judged = tmp_path / "alike.tsv"
    judged.write_text("n1\tn2\t9\nn1\tn190\t1\nn3\tn5\t8\nn4\tn150\t2\n", "utf-8")
    out = tmp_path / "out.txt"
    told = ask(
        "debias", words, "--pairs", pairs, "--how", "neutralise", "--check", judged, "--out", out
    )
    assert [one["n"] for one in (*told["before"]["checks"], *told["after"]["checks"])] == [4, 4]
