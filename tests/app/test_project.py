"""Projects: what is saved comes back; what breaks off or is damaged costs as little as it can."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from app import project_arrays
from app.document import Document
from app.project import (
    FILE,
    ProjectChanged,
    capture,
    changed_note,
    open_project,
    restore,
    revision_of,
    save_project,
)
from app.project_facts import ProjectState
from app.sources import SourceStamp, has_changed, stamps_of
from backends import cache
from backends.errors import BackendError, UnreadableFile, UnwritableFile
from backends.reporting import Cancelled, Report
from tests import builders


@pytest.fixture
def document(qapp: QCoreApplication) -> Document:
    return builders.fill(Document())


@pytest.fixture
def state(document: Document) -> ProjectState:
    return capture(document, {"map": {"camera": [0.0, 1.5, 2.0]}})


@pytest.fixture(autouse=True)
def forget_files() -> None:
    """As in a new process: nothing is known about files on the disk."""
    project_arrays._whole.clear()
    project_arrays._names.clear()


def facts(state: ProjectState) -> list[Any]:
    """Everything that has to come back, in a form that can be compared."""
    return [
        state.corpus.table.to_pydict(),
        (state.corpus.roles, state.corpus.title, state.corpus.made_by, state.corpus.notes),
        [
            (e.vectors.tolist(), e.present.tolist(), e.encoder, e.title, e.fingerprint, e.notes)
            for e in state.embeddings
        ],
        state.active,
        [
            (p.layout.tobytes(), p.method, p.title, p.made_by, p.finished, p.faithfulness, p.stages)
            for p in state.projections
        ],
        (state.selection, state.selection.words, state.selection.description),
        (state.filter, state.filter.rows.tolist() if state.filter else None),
        (state.focus, state.panels),
    ]


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def edit(folder: Path, change: Any) -> None:
    data = json.loads((folder / FILE).read_text())
    change(data)
    (folder / FILE).write_text(json.dumps(data))


def array_of(folder: Path, *keys: Any) -> Path:
    value = json.loads((folder / FILE).read_text())
    for key in keys:
        value = value[key]
    return folder / "arrays" / value["file"]


def test_what_is_saved_comes_back(state: ProjectState, tmp_path: Path) -> None:
    revision = save_project(tmp_path / "a.embedscope", state)
    again = open_project(tmp_path / "a.embedscope")
    assert facts(again) == facts(state)
    assert again.revision == revision == revision_of(tmp_path / "a.embedscope")
    assert again.notes == again.changed == ()
    for array in (again.embeddings[0].vectors, again.projections[0].layout, again.selection.rows):
        assert not array.flags.writeable


def test_a_document_is_what_it_was(state: ProjectState, tmp_path: Path) -> None:
    save_project(tmp_path / "a.embedscope", state)
    other = Document()
    other.set_corpus(builders.corpus(3))
    restore(open_project(tmp_path / "a.embedscope"), other)
    back = capture(other, state.panels)
    assert facts(back) == facts(state)


def test_several_embeddings_and_layouts_come_back_in_order(
    document: Document, tmp_path: Path
) -> None:
    assert document.corpus is not None
    assert document.active is not None
    first = document.active
    second = builders.embeddings(document.corpus, seed=1, present=5)
    document.add_embeddings(second)
    for seed in (2, 1):
        document.add_projection(builders.projection(second, seed=seed, finished=False))
    document.set_active(first.fingerprint)
    state = capture(document)
    save_project(tmp_path / "a.embedscope", state)
    assert facts(open_project(tmp_path / "a.embedscope")) == facts(state)


def test_vectors_that_came_with_the_corpus_stay_its_own(
    qapp: QCoreApplication, tmp_path: Path
) -> None:
    document = Document()
    vectors = builders.embeddings(builders.corpus())
    document.set_corpus(builders.corpus(vectors=vectors))
    save_project(tmp_path / "a.embedscope", capture(document))
    again = open_project(tmp_path / "a.embedscope")
    assert again.corpus.vectors is again.embeddings[0]


def test_an_empty_selection_no_filter_and_no_rows_are_fine(
    qapp: QCoreApplication, tmp_path: Path
) -> None:
    document = Document()
    document.set_corpus(builders.corpus(0, columns={"text": []}))
    assert document.corpus is not None
    document.add_embeddings(builders.embeddings(document.corpus))
    save_project(tmp_path / "a.embedscope", capture(document))
    again = open_project(tmp_path / "a.embedscope")
    assert (len(again.corpus), len(again.selection), again.filter, again.notes) == (0, 0, None, ())


def test_saved_under_two_names_both_projects_are_whole(state: ProjectState, tmp_path: Path) -> None:
    save_project(tmp_path / "a.embedscope", state)
    save_project(tmp_path / "b.embedscope", state)
    opened = open_project(tmp_path / "b.embedscope")
    assert opened.notes == ()
    assert facts(opened) == facts(state)


def test_without_a_corpus_there_is_nothing_to_save(qapp: QCoreApplication) -> None:
    with pytest.raises(BackendError, match="nothing to save"):
        capture(Document())


def test_a_project_is_plain_and_names_no_class(state: ProjectState, tmp_path: Path) -> None:
    panels = {"map": {"size": np.float32(2), "at": Path("x"), "row": np.int64(3)}}
    save_project(tmp_path / "a.embedscope", replace(state, panels=panels))
    text = (tmp_path / "a.embedscope" / FILE).read_text()
    assert "backends." not in text
    assert json.loads(text)["panels"] == {"map": {"size": 2.0, "at": "x", "row": 3}}
    assert json.loads(text)["selection"]["ids"] == ["item-1", "item-3"]


def test_only_plain_data_is_kept(state: ProjectState, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="plain data"):
        save_project(tmp_path / "a.embedscope", replace(state, panels={"map": {"x": object()}}))
    assert not (tmp_path / "a.embedscope").exists()


def test_saving_again_writes_only_what_is_new(document: Document, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    revision = save_project(folder, capture(document))
    before = {path: path.stat().st_ino for path in (folder / "arrays").iterdir()}
    document.add_projection(builders.projection(document.embeddings[0], seed=5))
    save_project(folder, capture(document), known=revision)
    after = {path: path.stat().st_ino for path in (folder / "arrays").iterdir()}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1


def test_what_nothing_names_any_more_is_removed(document: Document, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    revision = save_project(folder, capture(document))
    (folder / "arrays" / ".left-by-a-killed-process.tmp").write_bytes(b"x")
    (folder / "arrays" / "notes.txt").write_text("the person's own")
    document.drop_embeddings(document.embeddings[0].fingerprint)
    save_project(folder, capture(document), known=revision)
    named = json.loads((folder / FILE).read_text())
    left = {path.name for path in (folder / "arrays").iterdir()}
    kept = {named["corpus"]["table"]["file"], named["selection"]["rows"]["file"]}
    assert left == kept | {named["filter"]["rows"]["file"], "notes.txt"}


def test_opened_and_saved_again_nothing_is_rewritten(state: ProjectState, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, state)
    project_arrays._whole.clear()
    again = open_project(folder)
    before = {path: path.stat().st_ino for path in (folder / "arrays").iterdir()}
    save_project(folder, again, known=again.revision)
    assert {path: path.stat().st_ino for path in (folder / "arrays").iterdir()} == before


class Full(Report):
    """A report that breaks the n-th step off, as a crash would."""

    def __init__(self, steps: int, error: type[BaseException]) -> None:
        super().__init__()
        self.left, self.error = steps, error

    def span(self, start: float, end: float) -> Report:
        return self

    def step(self, done: float, total: float, text: str) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.error(28, "No space left on device")

    def check(self) -> None:
        self.step(0, 0, "")


@pytest.mark.parametrize("error", [OSError, Cancelled])
@pytest.mark.parametrize("steps", range(8))
def test_a_save_that_breaks_off_leaves_the_old_project(
    document: Document, tmp_path: Path, steps: int, error: type[BaseException]
) -> None:
    folder = tmp_path / "a.embedscope"
    revision = save_project(folder, capture(document))
    before = files(folder)
    corpus = builders.corpus(9)
    builders.fill(document, 9)
    document.add_embeddings(builders.embeddings(corpus, seed=3))
    expected = UnwritableFile if error is OSError else Cancelled
    with pytest.raises((expected, OSError)):  # noqa: PT012
        save_project(folder, capture(document), Full(steps, error), known=revision)
        pytest.fail("it was not broken off")
    assert files(folder) == before


def test_a_first_save_that_breaks_off_leaves_nothing(state: ProjectState, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        save_project(tmp_path / "a.embedscope", state, Full(2, Cancelled))
    assert not list(tmp_path.iterdir())


def test_a_save_does_not_count_on_files_that_a_cancelled_one_takes_back(
    document: Document, tmp_path: Path
) -> None:
    folder, state = tmp_path / "a.embedscope", capture(document)
    stopped, halfway = threading.Event(), threading.Event()

    class Halting(Report):
        def span(self, start: float, end: float) -> Report:
            return self

        def check(self) -> None:  # all arrays are written, project.json is not
            halfway.set()
            assert stopped.wait(30)
            raise Cancelled

        def step(self, done: float, total: float, text: str) -> None:
            pass

    def cancelled() -> None:
        with pytest.raises(Cancelled):
            save_project(folder, state, Halting())

    first = threading.Thread(target=cancelled)
    first.start()
    assert halfway.wait(30)
    second = threading.Thread(target=save_project, args=(folder, state))
    second.start()
    second.join(0.2)  # it cannot end: the first one is still at it
    assert second.is_alive()
    stopped.set()
    first.join(30)
    second.join(30)
    assert facts(open_project(folder)) == facts(state)


def test_a_full_disk_leaves_the_old_project(document: Document, small_disk: Path) -> None:
    folder = small_disk / "a.embedscope"
    known = save_project(folder, capture(document))
    before = files(folder)
    builders.fill(document, 4000)
    with pytest.raises(UnwritableFile, match="the disk is full"):
        save_project(folder, capture(document), known=known)
    assert files(folder) == before


def test_a_place_that_cannot_be_written_is_named(state: ProjectState, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UnwritableFile, match="its parent is a file"):
        save_project(tmp_path / "file" / "a.embedscope", state)


def test_a_folder_of_other_things_is_not_taken_over(state: ProjectState, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(UnwritableFile, match="not a project"):
        save_project(tmp_path, state, overwrite=True)
    assert files(tmp_path) == {"thesis.txt": b"x"}


def test_the_work_of_another_window_is_not_overwritten(state: ProjectState, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    with_known = save_project(folder, state)
    save_project(folder, replace(state, focus=5), known=with_known)
    with pytest.raises(ProjectChanged, match="somebody else"):
        save_project(folder, state, known=with_known)
    with pytest.raises(ProjectChanged, match="already"):
        save_project(folder, state)
    assert open_project(folder).focus == 5
    save_project(folder, state, overwrite=True)
    assert open_project(folder).focus == 2


DAMAGE = {
    "gone": lambda path: path.unlink(),
    "cut short": lambda path: os.truncate(path, 20),
    "other bytes": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\xff"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.parametrize(
    ("keys", "lost"),
    [
        (("embeddings", 0, "vectors"), {2, 3, 4}),  # with their layouts, of course
        (("embeddings", 0, "present"), {2, 3, 4}),
        (("projections", 0, "layout"), {4}),
        (("selection", "rows"), {5}),
        (("filter", "rows"), {6}),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else "",
)
def test_damage_costs_only_the_result_it_hits(
    state: ProjectState, tmp_path: Path, damage: Any, keys: tuple[Any, ...], lost: set[int]
) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, state)
    damage(array_of(folder, *keys))
    again = open_project(folder)
    now, then = facts(again), facts(state)
    assert {place for place in range(len(now)) if now[place] != then[place]} == lost
    assert len(again.notes) == 1
    assert "cannot be used" in again.notes[0]
    revision = save_project(folder, again, known=again.revision)  # mended: nothing is left of it
    assert open_project(folder).notes == (again.notes[0],) * 0
    assert revision


def test_what_the_cache_has_replaces_a_damaged_file(state: ProjectState, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, state)
    opened = open_project(folder)  # copies to the cache
    for path in (array_of(folder, "corpus", "table"), array_of(folder, "embeddings", 0, "vectors")):
        os.truncate(path, 20)
    project_arrays._whole.clear()
    again = open_project(folder)
    assert facts(again) == facts(opened)
    assert again.notes == ()
    save_project(folder, again, known=again.revision)
    for path in (cache.cache_root() / kind for kind in cache.KINDS):
        for entry in path.glob("*/*"):
            entry.unlink()
    project_arrays._whole.clear()
    assert facts(open_project(folder)) == facts(opened)  # the save has mended the project


def test_truncating_an_open_project_kills_nobody(state: ProjectState, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, state)
    again = open_project(folder)
    for path in (folder / "arrays").iterdir():
        os.truncate(path, 0)
    assert facts(again) == facts(state)


def test_a_cache_that_takes_nothing_is_done_without(
    state: ProjectState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, state)
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "file"))
    assert facts(open_project(folder)) == facts(state)


def test_without_its_table_a_project_says_what_to_do(state: ProjectState, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, state)
    array_of(folder, "corpus", "table").unlink()
    with pytest.raises(UnreadableFile, match="the file is missing") as caught:
        open_project(folder)
    assert "original file" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be understood"),
        (b"{", "cannot be understood"),
        (b"[]", "cannot be understood"),
        (b"\xff\xfe", "cannot be understood"),
        (b"[" * 200_000, "cannot be understood"),
        (b"{}", "cannot be understood"),
        (b'{"schema": true}', "cannot be understood"),
        (b'{"schema": 1}', "cannot be understood"),
        (b'{"schema": 1, "corpus": 5}', "cannot be understood"),
        (b'{"schema": 99}', "newer version"),
    ],
)
def test_a_broken_project_file_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(UnreadableFile, match=said) as caught:
        open_project(tmp_path)
    assert caught.value.hint


def test_no_project_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no project"):
        open_project(tmp_path / "none.embedscope")
    (tmp_path / FILE).mkdir()
    with pytest.raises(UnreadableFile, match="cannot be read"):
        open_project(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["embeddings"][0]["vectors"].update(file="../../etc/passwd"),
        lambda data: data["embeddings"][0]["vectors"].update(shape=[8, 99]),
        lambda data: data["embeddings"][0].update(fingerprint="0" * 32),
        lambda data: data["embeddings"][0].update(made_by=[]),
        lambda data: data["embeddings"].__setitem__(0, "text"),
        lambda data: data["embeddings"][0].update(
            vectors=data["projections"][0]["layout"], present=data["selection"]["rows"]
        ),
        lambda data: data["projections"][0]["faithfulness"].update(unknown=1),
        lambda data: data["selection"].update(rows=data["embeddings"][0]["present"]),
        lambda data: data.pop("selection"),
        lambda data: data["filter"].pop("mode"),
    ],
)
def test_a_description_that_does_not_fit_costs_only_its_result(
    state: ProjectState, tmp_path: Path, change: Any
) -> None:
    save_project(tmp_path / "a.embedscope", state)
    edit(tmp_path / "a.embedscope", change)
    again = open_project(tmp_path / "a.embedscope")
    assert len(again.notes) == 1
    assert again.corpus.table.equals(state.corpus.table)


def test_rows_that_are_not_there_are_not_selected(state: ProjectState, tmp_path: Path) -> None:
    beyond = replace(state.selection, rows=np.array([1, 8]))
    corpus = state.corpus.with_roles(id=None)
    odd = replace(state, corpus=corpus, selection=beyond, focus=8)
    save_project(tmp_path / "a.embedscope", odd)
    again = open_project(tmp_path / "a.embedscope")
    assert (len(again.selection), again.focus) == (0, None)
    assert "rows that are not there" in again.notes[0]


def test_a_changed_source_is_said_and_a_touched_one_is_not(
    document: Document, tmp_path: Path
) -> None:
    source = builders.write_csv(tmp_path / "shore.csv", 8)
    state = capture(document, sources=stamps_of([source, tmp_path / "pasted.txt"]))
    folder = tmp_path / "a.embedscope"
    save_project(folder, state)
    os.utime(source, ns=(1, 1))
    assert open_project(folder).changed == ()
    source.write_text(source.read_text().replace("tide", "moon"))
    again = open_project(folder)
    assert again.changed == (source,)
    assert again.corpus.table.equals(state.corpus.table)  # its own copy
    assert changed_note(again.changed)[0].startswith("shore.csv has changed")
    assert changed_note(again.changed * 4)[0].startswith("shore.csv, shore.csv, shore.csv, … have")
    source.unlink()
    assert open_project(folder).changed == ()  # it is gone; the project has what it needs


def test_a_project_that_moves_with_its_file_finds_it(document: Document, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    source = builders.write_csv(tmp_path / "here" / "shore.csv", 8)
    save_project(tmp_path / "here" / "a.embedscope", capture(document, sources=stamps_of([source])))
    (tmp_path / "here").rename(tmp_path / "there")
    again = open_project(tmp_path / "there" / "a.embedscope")
    assert again.sources[0].path == tmp_path / "there" / "shore.csv"


def test_a_large_file_is_known_by_its_size_and_time(tmp_path: Path) -> None:
    source = builders.write_csv(tmp_path / "shore.csv", 8)
    (stamp,) = stamps_of([source])
    assert not has_changed(stamp)
    os.utime(source, ns=(1, 1))
    assert has_changed(stamp)  # its content was not hashed, so nobody can tell
    (folder,) = stamps_of([tmp_path])
    assert folder == SourceStamp(tmp_path, 0, tmp_path.stat().st_mtime_ns)


def test_a_project_broken_on_the_disk_is_not_silently_replaced(
    state: ProjectState, tmp_path: Path
) -> None:
    folder = tmp_path / "a.embedscope"
    known = save_project(folder, state)
    (folder / FILE).write_text("{")
    assert revision_of(folder) is None
    with pytest.raises(ProjectChanged):
        save_project(folder, state, known=known)


def test_a_table_that_is_none_is_said(state: ProjectState, tmp_path: Path) -> None:
    folder = tmp_path / "a.embedscope"
    content = b"no table at all"
    fake = folder / "arrays" / f"{project_arrays._digest_of(content)}.arrow"
    for change in (
        lambda data: data["corpus"]["table"].update(rows=7),
        lambda data: data["corpus"].update(table={"file": fake.name, "rows": 8}),
        lambda data: data["corpus"].update(table="a.arrow"),
    ):
        save_project(folder, state, overwrite=True)
        fake.write_bytes(content)
        edit(folder, change)
        with pytest.raises(UnreadableFile, match="table in the project"):
            open_project(folder)


def test_a_file_with_the_right_name_may_still_hold_no_array(
    state: ProjectState, tmp_path: Path
) -> None:
    folder = tmp_path / "a.embedscope"
    save_project(folder, state)
    fake = folder / "arrays" / f"{project_arrays._digest_of(b'no array')}.npy"
    fake.write_bytes(b"no array")
    edit(folder, lambda data: data["projections"][0]["layout"].update(file=fake.name))
    assert "holds no array" in open_project(folder).notes[0]


def test_a_disk_that_fails_while_it_is_read_is_damage(
    state: ProjectState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_project(tmp_path / "a.embedscope", state)

    def fail(_file: Any) -> bytes:
        raise project_arrays.Damaged("the file cannot be read: Input/output error")

    monkeypatch.setattr(project_arrays, "_read", fail)
    with pytest.raises(UnreadableFile, match="Input/output error"):
        open_project(tmp_path / "a.embedscope")


def test_a_folder_as_source_is_looked_at_but_not_hashed(document: Document, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    folder = tmp_path / "a.embedscope"
    save_project(folder, capture(document, sources=stamps_of([tmp_path / "texts"])))
    assert open_project(folder).changed == ()
    os.utime(tmp_path / "texts", ns=(1, 1))
    assert open_project(folder).changed == (tmp_path / "texts",)


def test_the_layout_that_was_shown_is_shown_again(document: Document, tmp_path: Path) -> None:
    assert document.active is not None
    first = document.projection
    assert first is not None
    document.add_projection(builders.projection(document.active, seed=3))
    document.show_projection(first.fingerprint)
    save_project(tmp_path / "p", capture(document))
    again = Document()
    restore(open_project(tmp_path / "p"), again)
    assert again.projection is not None
    assert again.projection.fingerprint == first.fingerprint
    assert len(again.projections) == 2
    text = (tmp_path / "p" / FILE).read_text()
    facts = json.loads(text)
    facts["shown"] = "nonsense"  # as of somebody's editor: the newest is shown
    (tmp_path / "p" / FILE).write_text(json.dumps(facts))
    restore(open_project(tmp_path / "p"), again)
    assert again.projection.fingerprint != first.fingerprint
