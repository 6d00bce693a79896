"""The commands on real files, in this process; what they write is compared with what went in.

The `lexical` encoder needs no weights, so these tests are quick; MiniLM is used where it matters.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import cli
from resources import SAMPLE
from tests.commands import never

ROOT = Path(__file__).parents[1]
ROWS = 300


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The first rows of the sample."""
    path = tmp_path / "words.csv"
    with SAMPLE.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))[: ROWS + 1]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    """Three clouds in eight dimensions; one row has no direction."""
    generator = np.random.default_rng(1)
    values = generator.normal(size=(120, 8)) + 6 * np.eye(8)[np.arange(120) % 3]
    values[7] = 0
    path = tmp_path / "vectors.npy"
    np.save(path, values.astype(np.float32))
    return path


def test_info_of_the_sample(ask: Any) -> None:
    answer = ask("info", SAMPLE)
    assert answer["rows"] == 10_000
    assert (answer["text"], answer["vectors"]) == ("definition", None)
    roles = {column["name"]: column["role"] for column in answer["columns"]}
    assert roles["definition"] == "text"
    assert list(roles) == [
        *("id", "lemma", "words", "definition", "category", "part_of_speech", "hypernym")
    ]
    assert all(set(column) == {"name", "type", "role"} for column in answer["columns"])


def test_info_is_readable(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", str(table)], never) == 0
    text = capsys.readouterr().out
    assert "300 rows" in text
    assert "definition" in text


def test_info_of_vectors(ask: Any, vectors: Path) -> None:
    assert ask("info", vectors)["rows"] == 120


def test_each_line_of_a_text_is_an_item(ask: Any, tmp_path: Path) -> None:
    poem = tmp_path / "poem.txt"
    poem.write_text("one line\nanother line\n\na third line\n", encoding="utf-8")
    assert ask("info", poem, "--split", "line")["rows"] == 3
    assert ask("info", poem, "--split", "paragraph")["rows"] == 2


def test_embed_writes_one_vector_a_row_and_uses_them_again(
    ask: Any, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "x.npy"
    words = ("embed", table, "--text", "definition", "--encoder", "lexical", "--out", out)
    answer = ask(*words)
    values = np.load(out, allow_pickle=False)
    assert set(answer) == {
        *("rows", "dim", "encoder", "engine", "precision", "reused", "texts_per_second")
    }
    assert values.dtype == np.float32
    assert values.shape == (answer["rows"], answer["dim"]) == (ROWS, values.shape[1])
    assert answer["encoder"] == "lexical"
    again = ask(*words, "--force")
    assert again["reused"] == ROWS
    assert np.array_equal(np.load(out), values)


def test_embed_refuses_before_any_work(refuse: Any, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.npy"
    out.write_text("mine")
    error, hint = refuse("embed", table, "--text", "definition", "--out", out)
    assert "exists already" in error
    assert "--force" in hint
    assert out.read_text() == "mine"


def test_a_column_that_is_not_there_is_named(refuse: Any, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.npy"
    error, hint = refuse("embed", table, "--text", "gloss", "--encoder", "lexical", "--out", out)
    assert "gloss" in error
    assert hint
    assert not out.exists()


@pytest.mark.parametrize("command", ["info", "embed", "project", "run", "search"])
def test_a_file_that_is_not_there(refuse: Any, command: str, tmp_path: Path) -> None:
    more = {
        "embed": ("--out", tmp_path / "x.npy"),
        "project": ("--out", tmp_path / "x.npy"),
        "run": ("--out", tmp_path / "x"),
        "search": ("--row", 0),
    }
    error, hint = refuse(command, tmp_path / "nowhere.csv", *more.get(command, ()))
    assert "nowhere.csv" in error
    assert "bug" not in error
    assert hint


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_project_gives_the_same_layout_for_a_seed(
    ask: Any, vectors: Path, tmp_path: Path, method: str
) -> None:
    places = []
    for name in ("a.npy", "b.npy"):
        answer = ask("project", vectors, "--method", method, "--seed", 7, "--out", tmp_path / name)
        places.append(np.load(tmp_path / name))
    assert np.array_equal(*places, equal_nan=True)
    assert places[0].shape == (120, 2)
    assert np.flatnonzero(np.isnan(places[0]).any(axis=1)).tolist() == [7]
    assert set(answer) == {"method", "rows", "stages", "trustworthiness", "neighbour_recall"}
    assert (answer["method"], answer["rows"]) == (method, 120)
    assert 0.5 < answer["trustworthiness"] <= 1
    assert 0 < answer["neighbour_recall"] <= 1
    assert all(seconds >= 0 for seconds in answer["stages"].values())


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("words", [(), ("--method", "umap", "--neighbours", "5")])
def test_too_few_rows_for_umap_are_laid_out_by_pca(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, rows: int, words: tuple[str, ...]
) -> None:
    source = tmp_path / "few.npy"
    np.save(source, np.eye(4, dtype=np.float32)[:rows])
    for command, out in (("project", tmp_path / "l.npy"), ("run", tmp_path / "all")):
        code = cli.main([command, str(source), *words, "--out", str(out), "--json"], never)
        captured = capsys.readouterr()
        assert code == 0, captured.err
        assert json.loads(captured.out)["method"] == "pca"
        assert f"at least 3 rows with a vector; {rows} can be laid out by PCA" in captured.err
    assert np.isfinite(np.load(tmp_path / "l.npy")).all()
    assert (tmp_path / "all" / "map.png").stat().st_size > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--method", "nonsense"), "nonsense"),
        (("--method", "pca", "--neighbours", "5"), "--neighbours"),
        (("--min-distance", "-3"), "distance"),
    ],
)
def test_project_refuses_what_it_does_not_know(
    refuse: Any, vectors: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "l.npy"
    assert said in " ".join(refuse("project", vectors, *words, "--out", out))
    assert not out.exists()


def test_run_does_the_whole_job(ask: Any, table: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq
    from PySide6.QtGui import QImage

    out = tmp_path / "result"
    answer = ask("run", table, "--encoder", "lexical", "--method", "pca", "--out", out)
    names = {file.name for file in out.iterdir()}
    assert names == {"items.parquet", "vectors.npy", "map.png", "recipe.json"}
    items = pq.read_table(out / "items.parquet")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert items.column_names == [*rows[0], "x", "y"]
    assert items["definition"].to_pylist() == [row["definition"] for row in rows]
    vectors = np.load(out / "vectors.npy", allow_pickle=False)
    assert vectors.shape == (ROWS, answer["dim"])
    places = np.column_stack([items["x"].to_numpy(), items["y"].to_numpy()])
    assert np.ptp(places[np.isfinite(places).all(axis=1)], axis=0).min() > 0
    image = QImage(str(out / "map.png"))
    assert (image.width(), image.height()) == (1600, 1200)
    assert len({image.pixel(x, y) for x in range(0, 1600, 5) for y in range(0, 1200, 5)}) > 5
    recipe = json.loads((out / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["embeddings"]["encoder"] == "lexical"
    assert recipe["projection"]["method"] == "pca"
    assert recipe["export"]["map_coloured_by"] == "category"
    assert str(tmp_path / "result") not in json.dumps(recipe)
    assert {"rows", "columns", "text", "dim", "encoder", "method", "trustworthiness"} <= set(answer)


def test_run_replaces_nothing_unasked(refuse: Any, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "result"
    out.mkdir()
    (out / "thesis.doc").write_text("mine")
    error, _ = refuse("run", table, "--encoder", "lexical", "--out", out, "--force")
    assert "thesis.doc" in error
    assert (out / "thesis.doc").read_text() == "mine"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize(
    ("command", "name"), [(("embed",), "x.npy"), (("run", "--method", "pca"), "result")]
)
def test_a_full_disk_is_said_and_leaves_nothing(
    refuse: Any, table: Path, small_disk: Path, command: tuple[str, ...], name: str
) -> None:
    out = small_disk / name
    error, _ = refuse(*command, table, "--encoder", "lexical", "--out", out)
    assert error.startswith(f"Could not write {out}")
    assert "the disk is full" in error
    assert not list(small_disk.iterdir())


def test_run_takes_finished_vectors(ask: Any, vectors: Path, tmp_path: Path) -> None:
    answer = ask("run", vectors, "--method", "pca", "--out", tmp_path / "result")
    assert (answer["encoder"], answer["engine"], answer["dim"]) == ("file", None, 8)
    assert np.array_equal(np.load(tmp_path / "result" / "vectors.npy"), np.load(vectors))


def test_search_finds_what_a_slow_search_finds(ask: Any, vectors: Path) -> None:
    answer = ask("search", vectors, "--row", 3, "-k", 5)
    values = np.load(vectors).astype(np.float64)
    unit = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-30)
    similarities = unit @ unit[3]
    similarities[[3, 7]] = -2  # itself, and the row without a direction
    expected = np.argsort(-similarities)[:5]
    assert [hit["row"] for hit in answer["hits"]] == expected.tolist()
    found = [hit["similarity"] for hit in answer["hits"]]
    assert found == pytest.approx(similarities[expected], abs=1e-5)
    assert answer["index"] == "exact"
    assert answer["milliseconds"] >= 0


def test_search_by_a_vector_finds_its_row(ask: Any, vectors: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "q.npy", 3 * np.load(vectors)[5])
    first = ask("search", vectors, "--vector", tmp_path / "q.npy")["hits"][0]
    assert first["row"] == 5
    assert first["similarity"] == pytest.approx(1, abs=1e-5)


def test_search_by_text_in_a_table(ask: Any, table: Path) -> None:
    words = ("search", table, "--encoder", "lexical", "--text", "definition", "-k", 3)
    hits = ask(*words, "--query", "run around the bases, in baseball")["hits"]
    assert hits[0]["id"] == "01927229-v"
    assert hits[0]["category"] == "verb.motion"
    assert hits[0]["similarity"] > hits[1]["similarity"]


def test_search_in_word_vectors_by_a_word(ask: Any, tmp_path: Path) -> None:
    path = tmp_path / "words.vec"
    path.write_text("4 4\nking 1 0 0 0\nqueen 0.9 0.1 0 0\napple 0 1 0 0\npear 0 0.9 0.1 0\n")
    hits = ask("search", path, "--query", "apple", "-k", 2)["hits"]
    assert hits[0]["row"] == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--row", "500"), "no row 500"),
        (("--row", "7"), "has no vector"),
        (("--query", "a text"), "which model"),
        (("--vector", "short.npy"), "8 dimensions"),
        (("--vector", "nowhere.npy"), "nowhere.npy"),
        (("--row", "1", "--index", "nonsense"), "nonsense"),
    ],
)
def test_search_refuses_in_words(
    refuse: Any,
    vectors: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("short.npy", np.ones(3, np.float32))
    error, hint = refuse("search", vectors, *words)
    assert said in error
    assert hint


def test_encoders_lists_what_is_here(ask: Any) -> None:
    encoders = {encoder["id"]: encoder for encoder in ask("encoders")["encoders"]}
    assert encoders["minilm"]["dim"] == 384
    assert encoders["minilm"]["available"]
    assert encoders["lexical"]["available"]


def in_terminal(command: list[str], stop: bool) -> tuple[int, list[int]]:
    """Run a command whose stderr is a terminal, where progress is said at once.

    Returns its exit code and how many texts it said to have embedded, again and again; with `stop`
    it gets a Ctrl-C as soon as that is not 0.
    """
    ours, theirs = pty.openpty()
    said = b""
    with subprocess.Popen(command, cwd=ROOT, stderr=theirs, stdout=subprocess.DEVNULL) as process:
        os.close(theirs)
        with contextlib.suppress(OSError):  # the end of a terminal is an error on Linux
            while part := os.read(ours, 4096):
                said += part
                if stop and re.search(rb"Embedding [1-9]", said):
                    process.send_signal(signal.SIGINT)
                    stop = False
    os.close(ours)
    counts = re.findall(rb"Embedding ([\d,]+) of", said)
    return process.returncode, [int(count.replace(b",", b"")) for count in counts]


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    table, out = tmp_path / "head.csv", tmp_path / "x.npy"
    with SAMPLE.open(encoding="utf-8") as file:
        table.write_text("".join(line for line, _ in zip(file, range(5001), strict=False)))
    words = ("embed", str(table), "--text", "definition", "--out", str(out))
    command = [sys.executable, "main.py", *words]
    code, first = in_terminal(command, stop=True)
    assert code == 130
    assert 0 < first[-1] < 5000
    assert not out.exists()
    code, second = in_terminal(command, stop=False)
    assert code == 0
    assert first[-1] <= second[0]
    assert np.load(out).any(axis=1).all()
