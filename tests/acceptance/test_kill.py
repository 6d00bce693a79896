"""`kill -9` while it embeds: the next start goes on, repeats nothing, ends with the same bits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from backends.embedding_store import RECORD
from resources import SAMPLE
from tests.acceptance.screen import (
    ROOT,
    Program,
    missing_tools,
    pause,
    virtual_screen,
    without_python_switches,
)

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(bool(missing_tools()), reason=f"not installed: {missing_tools()}"),
]
ROWS = 4_000
FINISHED = 5  # batches before it is killed
MOST_PAUSES = 2_000


@pytest.fixture
def display() -> Iterator[str]:
    with virtual_screen() as display:
        yield display


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The first rows of the sample."""
    path = tmp_path / "words.csv"
    with SAMPLE.open(encoding="utf-8") as source:
        path.write_text("".join(next(source) for _ in range(ROWS + 1)), encoding="utf-8")
    return path


def records(log: Path) -> np.ndarray:
    """Whole records of finished batches, in the order in which they were finished."""
    content = log.read_bytes()
    return np.frombuffer(content[: len(content) // RECORD.itemsize * RECORD.itemsize], RECORD)


def kill_after_some_batches(program: Program, home: Path) -> Path:
    """Kill the program in the middle of embedding; return a link to its log that stays."""
    for _ in range(MOST_PAUSES):
        for log in (home / "cache" / "embeddings").glob("*/finished.log"):
            if len(records(log)) >= FINISHED:
                program.process.kill()
                program.process.wait(20)
                program.log.close()
                os.link(log, home / "kept.log")
                return home / "kept.log"
        if program.process.poll() is not None:
            break
        pause()
    raise AssertionError((home / "log.txt").read_text(errors="replace"))


def embed_in_one_go(table: Path, home: Path) -> np.ndarray:
    """Vectors of a run that nobody interrupts, in a fresh cache."""
    out = home / "whole.npy"
    words = ["embed", str(table), "--text", "definition", "--out", str(out), "--json"]
    environment = {
        **without_python_switches(),
        "EMBEDSCOPE_CACHE": str(home / "cache"),
        "EMBEDSCOPE_CONFIG": str(home / "config"),
    }
    subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words],
        env=environment,
        capture_output=True,
        check=True,
        timeout=200,
    )
    return np.load(out, allow_pickle=False)


def test_a_killed_run_goes_on_and_ends_with_the_same_bits(
    display: str, table: Path, tmp_path: Path
) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    (home / "cache").mkdir(parents=True)
    (other / "cache" / "encoders").mkdir(parents=True)
    log = kill_after_some_batches(Program(display, home, (str(table),)), home)
    before = records(log)
    (folder,) = (home / "cache" / "embeddings").glob("*/")
    batches = len(np.load(folder / "tokens.npy"))
    assert FINISHED <= len(before) < batches
    assert not (folder / "result.json").exists()
    (home / "trace.jsonl").unlink()

    again = Program(display, home, (str(table),))
    again.wait_for("active", lambda event: event["rows"] == ROWS, seconds=200)
    again.wait_for("projection", lambda event: event["rows"] == ROWS, seconds=60)
    assert not [event for event in again.events("notice") if event["level"] != "info"]
    assert again.close() == 0

    after = records(log)  # the link shows what was appended until the log was removed
    assert np.array_equal(after[: len(before)], before)
    assert sorted(after["batch"].tolist()) == list(range(batches))  # and none of them twice
    for facts in (home / "cache" / "encoders").glob("*.json"):  # the same precision and batches
        (other / "cache" / "encoders" / facts.name).write_bytes(facts.read_bytes())
    vectors = np.load(folder / "vectors.npy", allow_pickle=False)
    whole = embed_in_one_go(table, other)
    assert vectors.shape == (ROWS, 384)
    assert np.array_equal(vectors.view(np.uint32), whole.view(np.uint32))


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["Reading", "Embedding", "Layout by PCA", "Layout by UMAP"])
def test_asked_to_stop_in_the_middle_it_ends_in_order(
    display: str, tmp_path: Path, moment: str
) -> None:
    program = Program(display, tmp_path, (str(SAMPLE),))
    program.wait_for("job", lambda event: event["title"].startswith(moment), seconds=100)
    assert program.close() == 0
    assert (tmp_path / "log.txt").read_bytes() == b""
    assert not [event for event in program.events("notice") if event["level"] != "info"]
