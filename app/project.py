"""A project: a folder with project.json and the arrays it names. No pickles, no class paths.

A save adds arrays under new names, then replaces project.json, then removes what nothing names any
more. Whenever it breaks off, the folder holds the old project or the new one, whole.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import project_facts
from app.document import Document
from app.migrations import PROJECT_SCHEMA, PROJECT_STEPS, UnknownSchema, migrate
from app.project_arrays import ArrayFolder, Damaged
from app.project_facts import ProjectState
from app.sources import SourceStamp, stamps_of
from backends.errors import BackendError, UnreadableFile, UnwritableFile
from backends.files import naming_failure, replacing
from backends.reporting import SILENT, Report

SUFFIX = ".embedscope"
FILE = "project.json"
_one_at_a_time = threading.Lock()
"""A save that was cancelled takes its files back; the next one must not have counted on them."""


class ProjectChanged(BackendError):
    """Somebody else saved the project since it was opened."""


def capture(
    document: Document,
    panels: Mapping[str, Mapping[str, Any]] | None = None,
    sources: tuple[SourceStamp, ...] | None = None,
) -> ProjectState:
    """Take the document's facts as they are now; arrays are shared, not copied.

    `sources` are the files' stamps from when they were read; without them those of now.

    Raises: BackendError if no corpus is loaded.
    """
    corpus = document.corpus
    if corpus is None:
        raise BackendError("There is nothing to save.", "Open a file or the sample first.")
    return ProjectState(
        corpus,
        document.embeddings,
        document.active.fingerprint if document.active is not None else None,
        tuple(
            layout
            for embeddings in document.embeddings
            for layout in document.projections_of(embeddings.fingerprint)
        ),
        document.selection,
        document.filter,
        document.focus,
        dict(panels or {}),
        stamps_of(corpus.sources) if sources is None else sources,
        shown=tuple(
            shown.fingerprint
            for embeddings in document.embeddings
            if (shown := document.projection_of(embeddings.fingerprint)) is not None
        ),
    )


def restore(state: ProjectState, document: Document) -> None:
    """Make the document what it was; what it held before is dropped."""
    with document.batch():
        document.set_corpus(state.corpus)
        for embeddings in state.embeddings:
            document.add_embeddings(embeddings, show=False)
        for projection in state.projections:
            chosen = not state.shown or projection.fingerprint in state.shown
            document.add_projection(projection, show=chosen)
        if state.active is not None:
            document.set_active(state.active)
        document.set_filter(state.filter)
        document.set_selection(state.selection)
        document.set_focus(state.focus)


def save_project(
    folder: Path,
    state: ProjectState,
    report: Report = SILENT,
    *,
    known: str | None = None,
    own: set[str] | None = None,
    overwrite: bool = False,
) -> str:
    """Save a project and return its revision.

    `known` is the revision that this project was read from or saved as: another one on the disk is
    somebody else's work and is only replaced with `overwrite`. It is also no one else's if it is in
    `own`, which takes in the new revision before that is written: of a save that was stopped nobody
    hears whether it came to its end.

    Raises: ProjectChanged; UnwritableFile, and then nothing was changed; Cancelled.
    """
    with _one_at_a_time:
        _check_target(folder, known, own or set(), overwrite)
        revision = uuid.uuid4().hex
        if own is not None:
            own.add(revision)
        _save(folder, state, revision, report)
        return revision


def _save(folder: Path, state: ProjectState, revision: str, report: Report) -> None:
    arrays = ArrayFolder(folder)
    was_there = folder.exists()
    try:
        with naming_failure(folder):
            arrays.path.mkdir(parents=True, exist_ok=True)
        facts = {
            "schema": PROJECT_SCHEMA,
            "application": "Embedscope",
            "saved": datetime.now(UTC).isoformat(timespec="seconds"),
            "revision": revision,
            **project_facts.as_json(state, folder, arrays, report),
        }
        report.check()
        with replacing(folder / FILE) as draft:
            draft.write_text(json.dumps(facts, indent=1, default=_plain) + "\n", encoding="utf-8")
    except BaseException:
        arrays.take_back()
        if not was_there:
            with suppress(OSError):
                folder.rmdir()
        raise
    arrays.sweep()


def open_project(folder: Path, report: Report = SILENT) -> ProjectState:
    """Read a project; a damaged result is left out and said in `notes`.

    Raises: UnreadableFile if there is no project, its table is gone, or it is of a newer version.
    """
    with _one_at_a_time:
        return _open(folder, report)


def _open(folder: Path, report: Report) -> ProjectState:
    data = _read(folder)
    arrays = ArrayFolder(folder)
    try:
        return project_facts.from_json(data, folder, arrays, report)
    except Damaged as error:
        raise UnreadableFile(
            f"The table in the project {folder.name} cannot be used: {error}.",
            "Open the original file again; what was computed from it is found in the cache.",
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _broken(folder) from error


def revision_of(folder: Path) -> str | None:
    """The revision that lies on the disk, or None if there is no readable project."""
    try:
        return str(_read(folder).get("revision", ""))
    except UnreadableFile:
        return None


def changed_note(paths: tuple[Path, ...]) -> tuple[str, str]:
    """Say which sources are not what they were, and what can be done."""
    names = ", ".join(path.name for path in paths[:3]) + (", …" if len(paths) > 3 else "")
    verb, what = ("has", "it") if len(paths) == 1 else ("have", "them")
    return (
        f"{names} {verb} changed since this project was made, which shows its own copy.",
        f"Read {what} again to see what is new; the selection is found again by the id column.",
    )


def _check_target(folder: Path, known: str | None, own: set[str], overwrite: bool) -> None:
    if folder.is_dir() and not (folder / FILE).exists() and _holds_others(folder):
        raise UnwritableFile(
            f"{folder} is a folder with other things in it, not a project.",
            "Choose another name; nothing was changed.",
        )
    if not (folder / FILE).exists() or overwrite:
        return
    there = revision_of(folder)
    if there in own:
        return
    if known is None:
        raise ProjectChanged(
            f"There is a project {folder.name} already.", "Replace it, or choose another name."
        )
    if there != known:
        raise ProjectChanged(
            f"The project {folder.name} was changed by somebody else since it was opened.",
            "Save under another name to keep both, or replace it.",
        )


def _holds_others(folder: Path) -> bool:
    """Whether there is more in a folder than a save that broke off, or a lock, leaves behind."""
    with naming_failure(folder):
        names = {path.name for path in folder.iterdir()}
    return any(not name.startswith(".") and name != "arrays" for name in names)


def _read(folder: Path) -> dict[str, Any]:
    try:
        data = json.loads((folder / FILE).read_bytes())
        if not isinstance(data, dict):
            raise _broken(folder)
        return migrate(data, PROJECT_SCHEMA, PROJECT_STEPS)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnreadableFile(
            f"There is no project at {folder}.", f"A project is a folder with {FILE} in it."
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableFile(f"The project {folder} cannot be read: {reason}.") from error
    except UnknownSchema as error:
        if error.newer:
            raise UnreadableFile(
                f"The project {folder.name} was saved by a newer version of Embedscope.",
                "Update Embedscope to open it.",
            ) from error
        raise _broken(folder) from error
    except (ValueError, RecursionError) as error:
        raise _broken(folder) from error


def _broken(folder: Path) -> UnreadableFile:
    return UnreadableFile(
        f"The project {folder.name} cannot be understood: its {FILE} is damaged.",
        "Open the original file again; what was computed from it is found in the cache.",
    )


def _plain(value: Any) -> Any:
    """Numbers of numpy, which panels may have kept. Raises: TypeError for anything else."""
    import numpy as np

    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a project keeps plain data only, not {type(value).__name__}")
