"""What lies on the disk survives: a kill, a torn log, a full disk, two windows at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from backends import embedding_store as store
from backends.cache import cache_root
from backends.embed import last_stats
from backends.encoders.base import Pace
from backends.errors import UnwritableFile
from backends.reporting import SILENT, Cancelled, Progress, Report
from backends.types import Embeddings
from tests.backends.encoders.tiny import build_model, corpus_of, set_pace
from tests.backends.test_embed import many_texts, run, stopping_after

COUNT = 250
CHILD = """
import os, signal, sys
from pathlib import Path
from backends.reporting import Report
from tests.backends.test_embed import corpus_of, many_texts, run
seen = []
def look(progress):
    if progress.text.startswith("Embedding"):
        seen.append(progress.text)
        if len(seen) == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
made = run(corpus_of(many_texts(250)), Path(sys.argv[1]), Report(look))
print(made.vectors.tobytes().hex()[:64], flush=True)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(autouse=True)
def pace(model: Path) -> None:
    set_pace(model)


def child(model: Path, batches: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(model), str(batches)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def folder_of(made: Embeddings) -> Path:
    return cache_root() / "embeddings" / made.fingerprint


def only_folder() -> Path:
    (folder,) = (cache_root() / "embeddings").iterdir()
    return folder


def test_after_kill_9_it_goes_on_and_ends_with_the_same_bits(
    model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    killed = child(model, 12)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    steps: list[Progress] = []
    made = run(corpus_of(many_texts(COUNT)), model, Report(steps.append))
    texts = [step.text for step in steps]
    assert not any(text.startswith("Reading") for text in texts)  # the plan is the old one
    begun = next(text for text in texts if text.startswith("Embedding"))
    assert int(begun.split()[1]) > 0
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "fresh"))
    set_pace(model)
    whole = run(corpus_of(many_texts(COUNT)), model)
    np.testing.assert_array_equal(made.vectors, whole.vectors)
    assert (made.fingerprint, made.notes) == (whole.fingerprint, whole.notes)


def test_two_processes_at_once_make_one_result(model: Path) -> None:
    never = 10**6
    both = [child(model, never), child(model, never)]
    answers = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert answers[0] == answers[1] != ""
    made = run(corpus_of(many_texts(COUNT)), model)
    assert answers[0].strip() == made.vectors.tobytes().hex()[:64]


def test_waiting_for_another_window_can_be_stopped(tmp_path: Path) -> None:
    report = stop_at_first_step()
    with (
        store.claimed(tmp_path, SILENT),
        pytest.raises(Cancelled),
        store.claimed(tmp_path, report),
    ):
        pytest.fail("both have it")


def stop_at_first_step() -> Report:
    stop = threading.Event()
    return Report(lambda progress: stop.set(), None, stop)


@pytest.mark.parametrize("torn", [3, 8, 21])
def test_a_torn_log_costs_only_its_last_batches(model: Path, torn: int) -> None:
    corpus = corpus_of(many_texts(COUNT))
    with pytest.raises(Cancelled):
        run(corpus, model, stopping_after(10))
    log = only_folder() / "finished.log"
    size = log.stat().st_size
    os.truncate(log, size - torn)
    steps: list[Progress] = []
    made = run(corpus, model, Report(steps.append))
    assert made.present.all()
    assert any(step.text.startswith("Embedding") for step in steps)


def test_rows_that_do_not_match_their_checksum_are_made_again(
    model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    corpus = corpus_of(many_texts(COUNT))
    with pytest.raises(Cancelled):
        run(corpus, model, stopping_after(10))
    vectors = only_folder() / "vectors.npy"
    with vectors.open("r+b") as file:  # a power cut: the log is there, the rows are not
        file.seek(128)
        file.write(bytes(vectors.stat().st_size - 128))
    made = run(corpus, model)
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "fresh"))
    set_pace(model)
    np.testing.assert_array_equal(made.vectors, run(corpus, model).vectors)


def test_a_stopped_run_helps_another_corpus(model: Path) -> None:
    with pytest.raises(Cancelled):
        run(corpus_of(many_texts(COUNT)), model, stopping_after(10))
    stats = last_stats(run(corpus_of([*many_texts(COUNT), "new"]), model).fingerprint)
    assert stats is not None
    assert 0 < stats.reused < COUNT


def test_what_only_the_making_needed_is_dropped(model: Path) -> None:
    made = run(corpus_of(many_texts(20)), model)
    names = {path.name for path in folder_of(made).iterdir()}
    assert names == {"vectors.npy", "present.npy", "hashes.npy", "cut.npy", "result.json", "lock"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 600 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small disk is refused here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_one_sentence_and_gives_its_space_back(
    model: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(small_disk))
    set_pace(model)
    with pytest.raises(UnwritableFile, match="disk is full") as caught:
        run(corpus_of(many_texts(8000)), model)
    assert "Free some space" in caught.value.hint
    assert run(corpus_of(many_texts(50)), model).present.all()


def test_a_disk_that_fills_up_later_keeps_finished_batches(
    model: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(small_disk))
    set_pace(model, tokens=16)  # so many batches that their log needs space of its own
    filler = small_disk / "filler"
    seen: list[str] = []

    def fill(progress: Progress) -> None:
        seen.append(progress.text)
        if len(seen) == 300:
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while file.write(bytes(4096)):
                    pass

    corpus = corpus_of(many_texts(2000))
    with pytest.raises(UnwritableFile, match="disk is full"):
        run(corpus, model, Report(fill))
    filler.unlink()
    steps: list[Progress] = []
    made = run(corpus, model, Report(steps.append))
    assert made.present.all()
    begun = next(step.text for step in steps if step.text.startswith("Embedding"))
    assert int(begun.split()[1].replace(",", "")) > 250


def test_a_cache_that_cannot_be_written_is_one_sentence(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    corpus = corpus_of(["cat"])
    monkeypatch.setattr("backends.encoders.calibrate.recall", lambda key: Pace("fp32", 64, 1))
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "file"))
    with pytest.raises(UnwritableFile, match="its parent is a file"):
        run(corpus, model)


def test_a_plan_whose_vectors_are_gone_is_made_again(model: Path) -> None:
    corpus = corpus_of(many_texts(COUNT))
    with pytest.raises(Cancelled):
        run(corpus, model, stopping_after(5))
    (only_folder() / "vectors.npy").unlink()
    assert run(corpus, model).present.all()
