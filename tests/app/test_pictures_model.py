"""What a picture is to be, and writing it so that nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.panels.picture_facts import picture_facts
from app.panels.pictures import (
    NO_MAP,
    NO_TARGET,
    TOO_LARGE,
    PictureSettings,
    PicturesModel,
    plan,
    remembered,
)
from app.panels.state import Blocked, Failed, Idle, Running
from backends.reporting import Report
from tests import builders
from tests.app.bench import Bench


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench()
    builders.fill(bench.document)
    yield bench
    assert bench.close()


@pytest.fixture
def model(bench: Bench, tmp_path: Path) -> PicturesModel:
    model = PicturesModel(*bench.common)
    model.prepare((1400, 1000))
    model.change(target=str(tmp_path / "map"))
    return model


def write(path: Path, _report: Report) -> None:
    path.write_bytes(b"new")


def test_a_new_corpus_brings_title_size_and_name(bench: Bench) -> None:
    model = PicturesModel(*bench.common)
    model.prepare((1400, 1000))
    chosen = model.settings
    assert (chosen.title, chosen.subtitle) == ("shore", "PCA of random 0, 8 items")
    assert (chosen.preset, chosen.width, chosen.height) == ("screen", 1400, 1000)
    assert Path(chosen.target).name == "shore map.png"
    model.change(title="Mine", subtitle="of my own")
    model.prepare((1400, 1000))
    assert (model.settings.title, model.settings.subtitle) == ("Mine", "of my own")
    bench.document.set_corpus(builders.corpus(9, title="b"))
    model.prepare((1400, 1000))
    assert model.settings.title == "b"


def test_a_preset_sets_the_size_and_a_size_is_no_preset(model: PicturesModel) -> None:
    model.change(preset="a4")
    assert (model.settings.width, model.settings.height, model.settings.dpi) == (3508, 2480, 300)
    model.change(height=500)
    assert (model.settings.preset, model.settings.width) == ("own", 3508)
    model.change(preset="screen")
    assert (model.settings.width, model.settings.height) == (1400, 1000)


def test_the_ending_follows_the_format(model: PicturesModel, tmp_path: Path) -> None:
    model.change(target=str(tmp_path / "v1.2"), format="svg")
    assert plan(model.document, model.settings) == tmp_path / "v1.2.svg"
    model.change(target=str(tmp_path / "a.svg"))
    model.change(format="pdf")
    assert plan(model.document, model.settings) == tmp_path / "a.pdf"


def test_what_stands_in_the_way_is_said(bench: Bench, model: PicturesModel) -> None:
    assert model.state == Idle()
    model.change(width=30_001)
    assert model.state == Blocked(TOO_LARGE)
    model.change(width=30_000, target="")
    bench.document.set_corpus(None)
    assert model.state == Blocked(NO_MAP)
    assert plan(builders.fill(bench.document), PictureSettings()) is NO_TARGET


def test_choices_are_remembered_and_what_belongs_to_a_corpus_is_not(
    bench: Bench, model: PicturesModel
) -> None:
    model.change(format="pdf", ground="clear_dark", font=20, legend=False, title="secret")
    kept = remembered(bench.settings.value.picture)
    assert (kept.format, kept.ground, kept.font, kept.legend) == ("pdf", "clear_dark", 20, False)
    assert (kept.title, kept.target) == ("", "")


def test_nonsense_is_not_remembered() -> None:
    odd = {"format": "gif", "width": 10**9, "font": True, "ground": ["dark"], "legend": 1, "x": 2}
    assert remembered(odd) == PictureSettings()


def test_a_picture_is_written_and_said(
    bench: Bench, model: PicturesModel, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(model.exported) as done:
        model.run(write)
    assert done.args == [tmp_path / "map.png"]
    assert (tmp_path / "map.png").read_bytes() == b"new"
    assert bench.said[-1].text == f"The picture is in {tmp_path / 'map.png'}."
    assert bench.settings.value.last_folder == str(tmp_path)


def test_a_file_in_the_way_is_asked_about(
    model: PicturesModel, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "map.png").write_bytes(b"old")
    with qtbot.waitSignal(model.target_exists):
        model.run(write)
    assert (tmp_path / "map.png").read_bytes() == b"old"
    qtbot.waitUntil(lambda: model.state == Idle())
    with qtbot.waitSignal(model.exported):
        model.run(write, overwrite=True)
    assert (tmp_path / "map.png").read_bytes() == b"new"


def test_a_stopped_picture_leaves_the_old_file_and_no_other(
    model: PicturesModel, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "map.png").write_bytes(b"old")
    begun, go_on = threading.Event(), threading.Event()

    def half(path: Path, report: Report) -> None:
        path.write_bytes(b"half")
        begun.set()
        go_on.wait(10)
        report.step(1, 2, "Drawing")
        raise AssertionError("nobody wants it any more")

    model.run(half, overwrite=True)
    assert isinstance(model.state, Running)
    qtbot.waitUntil(begun.is_set)
    model.stop()
    go_on.set()
    qtbot.waitUntil(lambda: not model.jobs.stopping)
    assert [path.name for path in tmp_path.iterdir()] == ["map.png"]
    assert (tmp_path / "map.png").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("target", "said"),
    [("file/map", "its parent is a file, not a folder"), ("folder", "there is a folder")],
)
def test_what_cannot_be_written_is_one_sentence(
    model: PicturesModel, tmp_path: Path, qtbot: QtBot, target: str, said: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    model.change(target=str(tmp_path / target))
    model.run(write)
    qtbot.waitUntil(lambda: isinstance(model.state, Failed))
    assert isinstance(model.state, Failed)
    assert said in str(model.state.failure.error)


def test_a_full_disk_is_one_sentence_and_the_old_file_stays(
    model: PicturesModel, small_disk: Path, qtbot: QtBot
) -> None:
    (small_disk / "map.png").write_bytes(b"old")
    model.change(target=str(small_disk / "map"))
    model.run(lambda path, _report: path.write_bytes(bytes(1 << 20)), overwrite=True)
    qtbot.waitUntil(lambda: isinstance(model.state, Failed))
    assert isinstance(model.state, Failed)
    assert "the disk is full" in str(model.state.failure.error)
    assert [path.name for path in small_disk.iterdir()] == ["map.png"]


def test_a_bug_keeps_its_traceback(bench: Bench, model: PicturesModel, qtbot: QtBot) -> None:
    def broken(_path: Path, _report: Report) -> None:
        raise ZeroDivisionError

    model.run(broken)
    qtbot.waitUntil(lambda: bool(bench.said))
    assert "bug" in bench.said[-1].text
    assert "ZeroDivisionError" in bench.said[-1].detail


def test_the_facts_name_corpus_encoder_layout_and_version(bench: Bench) -> None:
    facts = picture_facts(bench.document, "A title", "")
    assert facts["Title"] == "A title"
    assert "Description" not in facts
    assert (facts["Corpus"], facts["Encoder"], facts["Layout"]) == ("shore", "random 0", "PCA")
    assert facts["Parameters"] == '{"seed": 0}'
    assert facts["Software"].startswith("Embedscope ")
