"""The open project: unsaved changes, two windows, a file that has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.document import Document
from app.jobs import Job, Jobs
from app.notices import Notice, Notices
from app.project import FILE
from app.project_lock import ProjectLock, ProjectLocked
from app.session import Session
from app.settings import SettingsStore
from backends.errors import UnwritableFile
from backends.selection import NOTHING, select
from backends.types import MadeBy
from tests import builders


class Panel(QObject):
    """A model that remembers one thing."""

    def __init__(self) -> None:
        super().__init__()
        self.state: dict[str, Any] = {"zoom": 1.0}

    def project_state(self) -> dict[str, Any]:
        return self.state

    def restore_project_state(self, state: dict[str, Any]) -> None:
        self.state = {"zoom": float(state["zoom"])}


class Window:
    """What a window has of the parts under test."""

    def __init__(self) -> None:
        self.document, self.jobs, self.notices = Document(), Jobs(), Notices()
        self.settings, self.panel = SettingsStore(), Panel()
        self.said: list[Notice] = []
        self.notices.posted.connect(self.said.append)
        self.session = Session(
            *(self.document, self.jobs, self.notices, self.settings),
            {"map": self.panel, "items": QObject()},
        )

    def close(self) -> None:
        assert self.jobs.close(10)
        self.session.release()
        self.settings.flush()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window()
    yield made
    made.close()


@pytest.fixture
def other(qtbot: QtBot) -> Iterator[Window]:
    made = Window()
    yield made
    made.close()


def wait(qtbot: QtBot, job: Job | None) -> None:
    assert job is not None
    with qtbot.waitSignal(job.ended):
        pass


def test_looking_at_a_file_is_no_unsaved_change(window: Window) -> None:
    assert (window.session.dirty, window.session.title, window.session.path) == (False, "", None)
    window.document.set_corpus(builders.corpus())
    assert window.document.corpus is not None
    window.document.add_embeddings(builders.embeddings(window.document.corpus))
    assert (window.session.dirty, window.session.title) == (False, "shore")


def test_a_choice_by_hand_is_one_until_it_is_taken_back(window: Window, qtbot: QtBot) -> None:
    window.document.set_corpus(builders.corpus())
    with qtbot.waitSignal(window.session.changed):
        window.document.set_selection(select((1,), "one"))
    assert window.session.dirty
    with qtbot.waitSignal(window.session.changed):
        window.document.set_selection(NOTHING)
    assert not window.session.dirty


def test_a_computed_column_is_one_for_the_cache_does_not_keep_it(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window.document.set_corpus(builders.corpus())
    with qtbot.waitSignal(window.session.changed):
        window.document.put_column("height", np.arange(8.0), MadeBy("measure"))
    assert window.session.dirty
    wait(qtbot, window.session.save(tmp_path / "a.embedscope"))
    assert not window.session.dirty
    window.document.rename_column("height", "depth")
    assert window.session.dirty


def test_a_column_that_comes_during_a_save_is_not_another_document(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window.document.set_corpus(builders.corpus())
    job = window.session.save(tmp_path / "a.embedscope")
    window.document.put_column("height", np.arange(8.0), MadeBy("measure"))
    wait(qtbot, job)
    assert window.session.path == tmp_path / "a.embedscope"
    assert window.session.dirty


def test_a_save_makes_it_clean_and_new_results_count_then(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    builders.fill(window.document)
    assert window.session.dirty
    folder = tmp_path / "a.embedscope"
    wait(qtbot, window.session.save(folder))
    session = window.session
    assert (session.dirty, session.path, session.title) == (False, folder, "a")
    assert session.recent == (str(folder),)
    assert window.document.active is not None
    window.document.add_projection(builders.projection(window.document.active, seed=4))
    assert session.dirty
    wait(qtbot, session.save())
    assert not session.dirty
    assert not window.said


def test_what_is_changed_while_it_is_saved_stays_unsaved(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    builders.fill(window.document)
    job = window.session.save(tmp_path / "a.embedscope")
    window.document.set_selection(select((5,), "five"))
    wait(qtbot, job)
    assert window.session.dirty


def test_a_project_opens_in_another_window(
    window: Window, other: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    builders.fill(window.document)
    window.panel.state = {"zoom": 3.5}
    folder = tmp_path / "a.embedscope"
    wait(qtbot, window.session.save(folder))
    window.session.release()
    with qtbot.waitSignal(other.session.opened):
        other.session.open(folder)
    assert other.document.selection == window.document.selection
    assert other.document.focus == 2
    assert other.panel.state == {"zoom": 3.5}
    assert (other.session.dirty, other.session.path) == (False, folder)
    assert not other.said
    wait(qtbot, other.session.open(folder))  # once more: the lock is its own
    assert other.session.path == folder


def test_a_project_that_is_opened_twice_at_once_is_nobody_elses(
    window: Window, other: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    builders.fill(window.document)
    folder = tmp_path / "a.embedscope"
    wait(qtbot, window.session.save(folder))
    window.session.release()
    other.session.open(folder)
    wait(qtbot, other.session.open(folder))
    assert not other.said
    assert not other.session.read_only


def test_a_view_that_cannot_be_restored_is_let_be(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    builders.fill(window.document)
    window.panel.state = {"other": 1}
    wait(qtbot, window.session.save(tmp_path / "a.embedscope"))
    wait(qtbot, window.session.open(tmp_path / "a.embedscope"))
    assert not window.said


def test_the_second_window_reads_and_saves_under_another_name(
    window: Window, other: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "a.embedscope"
    builders.fill(window.document)
    wait(qtbot, window.session.save(folder))
    wait(qtbot, other.session.open(folder))
    assert (other.session.read_only, other.session.path, other.session.title) == (True, None, "a")
    assert f"process {os.getpid()}" in other.said[0].text
    assert other.session.save() is None
    assert other.session.save(folder) is None
    assert [notice.text for notice in other.said] == [other.said[0].text] * 3
    wait(qtbot, other.session.save(tmp_path / "b.embedscope"))
    assert (other.session.read_only, other.session.title) == (False, "b")
    assert window.session.save(tmp_path / "b.embedscope") is None  # now it is the other's
    assert "open in another window" in window.said[0].text


def test_a_project_that_somebody_else_saved_is_a_conflict(
    window: Window, other: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "a.embedscope"
    builders.fill(window.document)
    wait(qtbot, window.session.save(folder))
    (folder / ".lock").unlink()  # as a careless person might
    builders.fill(other.document, 9)
    with qtbot.waitSignal(other.session.conflict) as caught:
        other.session.save(folder)
    assert caught.args == [folder]
    assert "already" in other.said[0].text
    assert other.session.path is None
    wait(qtbot, other.session.save(folder, overwrite=True))
    assert (other.session.path, other.session.dirty) == (folder, False)
    with qtbot.waitSignal(window.session.conflict):
        window.session.save()
    assert "somebody else" in window.said[0].text
    assert window.session.dirty is False


def test_a_save_that_another_follows_is_nobody_elses(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "twice.embedscope"
    builders.fill(window.document)
    wait(qtbot, window.session.save(folder))
    before = (folder / FILE).read_text(encoding="utf-8")
    window.document.set_selection(NOTHING)
    first = window.session.save()
    assert first is not None
    for _ in range(1_000_000):  # without events: nobody hears that it has come to its end
        if (folder / FILE).read_text(encoding="utf-8") != before:
            break
    window.document.set_focus(1)
    wait(qtbot, window.session.save())
    assert first.state == "cancelled"
    assert [notice.level for notice in window.said if notice.level == "error"] == []
    assert not window.session.dirty


def test_a_failed_save_is_said_and_leaves_nothing(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    assert window.session.save(tmp_path / "a.embedscope") is None
    assert window.said[-1].text == "There is nothing to save."
    builders.fill(window.document)
    assert window.session.save() is None
    assert "where to save" in window.said[-1].text
    (tmp_path / "file").write_text("x")
    assert window.session.save(tmp_path / "file" / "a.embedscope") is None
    assert "its parent is a file" in window.said[-1].text
    window.panel.state = {"zoom": object()}
    wait(qtbot, window.session.save(tmp_path / "b.embedscope"))
    assert "bug" in window.said[-1].text
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert window.session.dirty


def test_a_cancelled_save_lets_go(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    builders.fill(window.document)
    job = window.session.save(tmp_path / "a.embedscope")
    assert job is not None
    job.cancel()
    assert window.session.path is None
    ProjectLock(tmp_path / "a.embedscope", make=True).release()


def test_a_corpus_opened_while_the_old_one_is_saved_stays_untitled(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    builders.fill(window.document)
    job = window.session.save(tmp_path / "a.embedscope")
    window.document.set_corpus(builders.corpus(4, title="other"))
    wait(qtbot, job)
    assert (window.session.path, window.session.title) == (None, "other")
    ProjectLock(tmp_path / "a.embedscope").release()


def test_a_broken_project_leaves_what_is_open(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    builders.fill(window.document)
    (tmp_path / "a.embedscope").mkdir()
    (tmp_path / "a.embedscope" / FILE).write_text("{")
    wait(qtbot, window.session.open(tmp_path / "a.embedscope"))
    assert "damaged" in window.said[0].text
    assert window.session.title == "shore"
    ProjectLock(tmp_path / "a.embedscope").release()


def test_a_damaged_result_is_said_on_opening(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    builders.fill(window.document)
    wait(qtbot, window.session.save(folder))
    for path in (folder / "arrays").glob("*.npy"):
        path.unlink()
    wait(qtbot, window.session.open(folder))
    assert all("cannot be used" in notice.text for notice in window.said)
    assert len(window.said) == 4
    assert window.document.corpus is not None


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    code = (
        "import os, sys; from pathlib import Path; from app.project_lock import ProjectLock;"
        "lock = ProjectLock(Path(sys.argv[1]), make=True); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)
    assert (folder / ".lock").exists()
    lock = ProjectLock(folder)
    with pytest.raises(ProjectLocked, match="open in another window"):
        ProjectLock(folder)
    lock.release()
    assert not (folder / ".lock").exists()


def test_a_folder_that_takes_no_lock_can_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(ProjectLocked, match="cannot be written"):
        ProjectLock(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    with pytest.raises(UnwritableFile):
        ProjectLock(tmp_path / "file" / "a", make=True)


def test_files_are_remembered_but_not_pasted_text(window: Window, tmp_path: Path) -> None:
    source = builders.write_csv(tmp_path / "shore.csv", 8)
    pasted = Path(os.environ["EMBEDSCOPE_CACHE"]) / "pasted" / "text.txt"
    pasted.parent.mkdir(parents=True)
    pasted.write_text("x")
    window.document.set_corpus(builders.corpus(sources=(source,)))
    window.document.set_corpus(builders.corpus(sources=(pasted,)))
    window.document.set_corpus(None)
    assert window.session.recent == (str(source),)


def test_a_changed_file_is_read_again_and_the_rows_are_found(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    from backends.corpora.reading import ReadOptions, read_corpus

    source = builders.write_csv(tmp_path / "shore.csv", 8)
    window.document.set_corpus(read_corpus([source], ReadOptions(text="text", id="id")))
    window.document.set_selection(select((1, 3, 5), "lasso", kind="lasso"))
    window.document.set_focus(5)
    folder = tmp_path / "a.embedscope"
    wait(qtbot, window.session.save(folder))
    builders.write_csv(source, 12, skip=(0, 3))
    with qtbot.waitSignal(window.session.sources_changed) as caught:
        window.session.open(folder)
    assert caught.args == [(source,)]
    assert "has changed" in window.said[-1].text
    wait(qtbot, window.session.reload())
    assert window.document.corpus is not None
    assert len(window.document.corpus) == 10
    assert window.document.selection.rows.tolist() == [0, 3]  # item-1 and item-5
    assert window.document.focus == 3
    assert any("1 of 3 selected rows are not there" in notice.text for notice in window.said)
    assert window.session.dirty
    assert window.session.path == folder


def test_without_a_file_there_is_nothing_to_read_again(window: Window) -> None:
    assert window.session.reload() is None
    assert window.said[0].text == "There is no file to read again."


def test_other_items_read_into_a_project_are_an_unsaved_change(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    from backends.corpora.reading import ReadOptions, read_corpus

    path = builders.write_csv(tmp_path / "shore.csv", 8)
    window.document.set_corpus(read_corpus([path], ReadOptions(text="text", id="id")))
    wait(qtbot, window.session.save(tmp_path / "a.embedscope"))
    assert not window.session.dirty
    builders.write_csv(path, 12)
    wait(qtbot, window.session.reload())
    assert window.document.corpus is not None
    assert len(window.document.corpus) == 12
    assert window.session.dirty
