"""The facts of a project as plain data, and back: what project.json says.

Reading trusts nothing: a result whose data does not fit is left out and named in the notes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app import project_columns, project_maps, sources
from app.document import Filter
from app.project_arrays import ArrayFolder, Damaged, Stored
from app.sources import SourceStamp
from backends.arrays import Rows
from backends.projections.base import DIMENSIONS
from backends.reporting import Report
from backends.selection import NOTHING, Selection, select
from backends.types import Corpus, Embeddings, Faithfulness, MadeBy, Projection, Roles

if TYPE_CHECKING:
    from collections.abc import Iterator

IDS_KEPT = 100_000  # ids of selected rows in project.json, for whoever reads it without us
WRONG = (Damaged, LookupError, TypeError, ValueError, AttributeError)
"""What taking plain data apart raises when it is not what it should be."""


@dataclass(frozen=True, eq=False)
class ProjectState:
    """What a project keeps: the facts of a document, and what panels remember."""

    corpus: Corpus
    embeddings: tuple[Embeddings, ...] = ()
    active: str | None = None
    projections: tuple[Projection, ...] = ()  # of each embeddings, oldest first
    selection: Selection = NOTHING
    filter: Filter | None = None
    focus: int | None = None
    panels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # plain data by panel
    sources: tuple[SourceStamp, ...] = ()  # the files as they were when they were read
    revision: str = ""  # of the save that this was read from
    changed: tuple[Path, ...] = ()  # sources that are not what they were
    notes: tuple[str, ...] = ()  # what was lost or altered on the way, one sentence each
    shown: tuple[str, ...] = ()  # fingerprints of the layouts to show, one of each embeddings


def as_json(
    state: ProjectState, folder: Path, arrays: ArrayFolder, report: Report
) -> dict[str, Any]:
    """Put the arrays into the folder and return the rest. Raises: UnwritableFile, Cancelled."""
    corpus = state.corpus
    items = len(state.embeddings)
    return {
        "corpus": {
            "title": corpus.title,
            "roles": asdict(corpus.roles),
            "notes": list(corpus.notes),
            "made_by": corpus.made_by.as_json(),
            "sources": [sources.as_json(stamp, folder) for stamp in state.sources],
            "paths": [str(path) for path in corpus.sources],
            "vectors": corpus.vectors.fingerprint if corpus.vectors is not None else None,
            "table": arrays.put_table(corpus.source_table, report.span(0, 0.3), corpus.made_by),
            "computed": project_columns.as_json(corpus, arrays, report.span(0.3, 0.3)),
        },
        "embeddings": [
            _embeddings_json(value, arrays, report.span(0.3 + 0.6 * i / items, 0.9))
            for i, value in enumerate(state.embeddings)
        ],
        "active": state.active,
        "projections": [
            _projection_json(value, arrays, report.span(0.9, 1)) for value in state.projections
        ],
        "shown": list(state.shown),
        "selection": {
            "words": state.selection.words,
            "description": dict(state.selection.description),
            "rows": _rows_json(state.selection.rows, arrays, state.selection, report),
            "ids": ids_of(corpus, state.selection.rows[:IDS_KEPT]),
        },
        "filter": None
        if state.filter is None
        else {
            "mode": state.filter.mode,
            "text": state.filter.text,
            "rows": _rows_json(state.filter.rows, arrays, state.filter, report),
        },
        "focus": None if state.focus is None else int(state.focus),
        "panels": {name: dict(value) for name, value in state.panels.items()},
    }


def from_json(
    data: Mapping[str, Any], folder: Path, arrays: ArrayFolder, report: Report
) -> ProjectState:
    """Make the state that project.json describes.

    Raises: Damaged if the table cannot be used; KeyError, TypeError, ValueError, AttributeError if
    the corpus is not described as it should be; Cancelled.
    """
    notes: list[str] = []
    told = data["corpus"]
    stamps = tuple(sources.from_json(stamp, folder) for stamp in told["sources"])
    corpus = _corpus(told, arrays, report.span(0, 0.3))
    embeddings = []
    for i, value in enumerate(data.get("embeddings", ())):
        with _or_left_out(notes, "embeddings", value, "Embed again; the cache is used again."):
            span = report.span(0.3 + 0.7 * i / len(data["embeddings"]), 1)
            embeddings.append(_embeddings(value, len(corpus), arrays, span))
            for one in value.get(project_maps.NAME, ()):
                with _or_left_out(notes, "map of typed texts", value, "Change the vectors again."):
                    project_maps.restore(one, arrays)
    names = {value.fingerprint: value for value in embeddings}
    projections = []
    for value in data.get("projections", ()):
        with _or_left_out(notes, "layout", value, "Lay the vectors out again."):
            projection = _projection(value, len(corpus), arrays)
            if projection.embeddings in names:
                projections.append(projection)
    corpus = replace(corpus, vectors=names.get(told["vectors"]))
    arrays.remember(corpus.made_by, "table", told["table"]["file"])
    for value in project_columns.told_of(told):
        with _or_left_out(notes, "column", value, "Compute it again."):
            corpus = project_columns.restored(corpus, value, arrays, report.span(1, 1))
    state = ProjectState(
        corpus,
        tuple(embeddings),
        data["active"] if data.get("active") in names else next(reversed(names), None),
        tuple(projections),
        sources=stamps,
        revision=str(data.get("revision", "")),
        changed=tuple(stamp.path for stamp in stamps if sources.has_changed(stamp)),
    )
    return replace(_with_choices(state, data, arrays, notes), notes=tuple(notes))


def ids_of(corpus: Corpus, rows: Rows) -> list[Any] | None:
    """The ids of some rows as plain data, or None if no column names the rows."""
    if corpus.roles.id is None:
        return None
    values = corpus.table.column(corpus.roles.id).take(rows).to_pylist()
    plain = (str, int, float, bool, type(None))
    return [value if isinstance(value, plain) else str(value) for value in values]


def _with_choices(
    state: ProjectState, data: Mapping[str, Any], arrays: ArrayFolder, notes: list[str]
) -> ProjectState:
    """Add selection, filter, focus and what panels remember."""
    n = len(state.corpus)
    found: dict[str, Any] = {}
    with _or_left_out(notes, "selection", {}, "Select again."):
        told = data["selection"]
        rows = _rows(told["rows"], n, arrays)
        found["selection"] = select(rows, str(told["words"]), **told["description"])
    with _or_left_out(notes, "filter", {}, "Filter again."):
        told = data["filter"]
        if told is not None:
            rows = _rows(told["rows"], n, arrays)
            found["filter"] = Filter(str(told["mode"]), str(told["text"]), rows)
    focus = data.get("focus")
    if isinstance(focus, int) and 0 <= focus < n:
        found["focus"] = focus
    shown = data.get("shown")
    if isinstance(shown, list):
        found["shown"] = tuple(name for name in shown if isinstance(name, str))
    panels = data.get("panels")
    if isinstance(panels, dict):
        found["panels"] = {k: value for k, value in panels.items() if isinstance(value, dict)}
    return replace(state, **found)


def _corpus(told: Mapping[str, Any], arrays: ArrayFolder, report: Report) -> Corpus:
    table = arrays.map_table(told["table"], report)
    roles = {
        part: name if name in table.column_names else None
        for part, name in told["roles"].items()
        if part in ("text", "vectors", "id")
    }
    return Corpus(
        table,
        Roles(**{**roles, "vectors": told["roles"].get("vectors")}),
        str(told["title"]),
        tuple(Path(str(path)) for path in told["paths"]),
        MadeBy.from_json(told["made_by"]),
        tuple(str(note) for note in told["notes"]),
    )


def _embeddings_json(value: Embeddings, arrays: ArrayFolder, report: Report) -> dict[str, Any]:
    return {
        "title": value.title,
        "encoder": value.encoder,
        "made_by": value.made_by.as_json(),
        "fingerprint": value.fingerprint,
        "notes": list(value.notes),
        "vectors": arrays.put_array(value.vectors, report, value, "vectors"),
        "present": arrays.put_array(value.present, report, value, "present"),
        project_maps.NAME: project_maps.as_json(value.made_by, arrays, report),
    }


def _embeddings(told: Any, n: int, arrays: ArrayFolder, report: Report) -> Embeddings:
    vectors = told["vectors"]
    value = Embeddings(
        arrays.map(vectors, "<f4", (n, int(vectors["shape"][1])), report),
        arrays.read(told["present"], "|b1", (n,)),
        str(told["encoder"]),
        str(told["title"]),
        _made_by(told),
        tuple(str(note) for note in told["notes"]),
    )
    for part in ("vectors", "present"):
        arrays.remember(value, part, told[part]["file"])
    return value


def _projection_json(value: Projection, arrays: ArrayFolder, report: Report) -> dict[str, Any]:
    return {
        "title": value.title,
        "method": value.method,
        "made_by": value.made_by.as_json(),
        "fingerprint": value.fingerprint,
        "finished": value.finished,
        "faithfulness": asdict(value.faithfulness) if value.faithfulness is not None else None,
        "stages": dict(value.stages),
        "layout": arrays.put_array(value.layout, report, value, "layout"),
    }


def _projection(told: Any, n: int, arrays: ArrayFolder) -> Projection:
    trust = told["faithfulness"]
    dimensions = int(told["layout"]["shape"][1])
    if dimensions not in DIMENSIONS:
        raise Damaged(f"it has {dimensions} dimensions")
    value = Projection(
        arrays.read(told["layout"], "<f4", (n, dimensions)),
        str(told["method"]),
        str(told["title"]),
        _made_by(told),
        bool(told["finished"]),
        Faithfulness(**trust) if trust is not None else None,
        {str(stage): float(seconds) for stage, seconds in told["stages"].items()},
    )
    arrays.remember(value, "layout", told["layout"]["file"])
    return value


def _made_by(told: Any) -> MadeBy:
    made_by = MadeBy.from_json(told["made_by"])
    if made_by.fingerprint != told["fingerprint"]:
        raise Damaged("it is not what its fingerprint says")
    return made_by


def _rows_json(rows: Rows, arrays: ArrayFolder, owner: object, report: Report) -> Stored:
    return arrays.put_array(rows.astype("<i8", copy=False), report, _Owner(owner), "rows")


class _Owner:
    """Stands for an owner that is compared by value: its rows may be another's."""

    def __init__(self, of: object) -> None:
        self.of = of


def _rows(stored: Any, n: int, arrays: ArrayFolder) -> Rows:
    rows: Rows = arrays.read(stored, "<i8", (-1,))
    if len(rows) and (rows[0] < 0 or rows[-1] >= n or (np.diff(rows) <= 0).any()):
        raise Damaged("it names rows that are not there")
    return rows


@contextmanager
def _or_left_out(notes: list[str], kind: str, told: Any, hint: str) -> Iterator[None]:
    """Go on without a result that cannot be used, and say so."""
    try:
        yield
    except WRONG as error:
        title = told.get("title") if isinstance(told, dict) else None
        name = f"{kind} “{title}”" if isinstance(title, str) else kind
        why = str(error) if isinstance(error, Damaged) else "its description is damaged"
        notes.append(f"The {name} of this project cannot be used: {why}. {hint}")
