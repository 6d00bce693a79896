"""`layers` on real files: the grid of a model, the dimensions of finished vectors, bad words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import cli
from app.requests import WindowRequest
from backends import cache
from tests.backends.compression.test_layers import TEXTS
from tests.backends.encoders.tiny import build_model, set_pace


def never(_request: WindowRequest) -> int:
    raise AssertionError("a command opened the window")


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = cli.main(["layers", *map(str, words)], never)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def ask(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    code, out, err = run(capsys, *words, "--json")
    assert code == 0, err
    answer: dict[str, Any] = json.loads(out)
    assert answer["schema"] == 1
    return answer


@pytest.fixture
def words(tmp_path: Path) -> tuple[object, ...]:
    folder = build_model(tmp_path / "model")
    set_pace(folder)
    table = tmp_path / "texts.csv"
    table.write_text("\n".join(["n,text", *(f"{i},{t}" for i, t in enumerate(TEXTS))]), "utf-8")
    return table, "--text", "text", "--encoder", folder


def test_the_grid_and_the_ladder_of_a_model(
    capsys: pytest.CaptureFixture[str], words: tuple[object, ...]
) -> None:
    answer = ask(capsys, *words, "--dims", "4,8", "--pairs", "1:4,2:5", "-k", 3, "--sample", 30)
    assert (answer["model"], answer["layers"], answer["dim"]) == ("model", 2, 32)
    assert (answer["dims"], answer["k"], answer["rows"]) == ([4, 8, 32], 3, 30)
    assert answer["timing"] == "measured"
    cells = {(cell["layer"], cell["dims"]): cell for cell in answer["cells"]}
    assert len(cells) == 9
    full = cells[2, 32]
    assert (full["recall_at_k"], full["relative_time"], full["bytes_per_vector"]) == (1, 1, 128)
    assert [(c["layer"], c["dims"]) for c in answer["ladder"]] == [(1, 4), (2, 5)]
    assert answer["ladder"][0] == cells[1, 4]
    code, out, _err = run(capsys, *words)
    assert code == 0
    assert "model: recall@10 in percent by layer and dimensions" in out
    assert "Ladder of sizes" in out


def test_the_dimensions_of_finished_vectors(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32))
    answer = ask(capsys, path, "--dims", "3")
    assert (answer["layers"], answer["timing"]) == (None, "none")
    assert [cell["dims"] for cell in answer["cells"]] == [3, 6]
    assert answer["cells"][-1]["recall_at_k"] == 1
    assert answer["cells"][0]["seconds_per_text"] is None
    assert answer["equal_cost"] == []
    code, out, _err = run(capsys, path)
    assert (code, "No smaller size keeps 90%" in out) == (0, True)


@pytest.mark.parametrize(
    ("more", "said"),
    [(("--dims", "33"), "dimensions"), (("--pairs", "3:4"), "no layer 3")],
)
def test_what_the_model_has_not_is_said(
    capsys: pytest.CaptureFixture[str],
    words: tuple[object, ...],
    more: tuple[str, str],
    said: str,
) -> None:
    code, out, err = run(capsys, *words, *more)
    assert (code, out) == (1, "")
    error, hint = err.splitlines()[-2:]
    assert said in error
    assert hint.startswith("hint: Name ")
    assert not list((cache.cache_root() / "layers").glob("*"))  # the model was not even run


def test_a_single_row_has_no_neighbours(
    capsys: pytest.CaptureFixture[str], words: tuple[object, ...], tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", np.eye(5, dtype=np.float32))
    for what in ((tmp_path / "x.npy",), words):
        code, out, err = run(capsys, *what, "--sample", 1)
        assert (code, out) == (1, "")
        assert "fewer than two vectors" in err


@pytest.mark.parametrize("more", [("--dims", "a"), ("--pairs", "4"), ("--dims", "0")])
def test_words_that_are_off_end_with_two(
    capsys: pytest.CaptureFixture[str], words: tuple[object, ...], more: tuple[str, str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        run(capsys, *words, *more)
    assert caught.value.code == 2
