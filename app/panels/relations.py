"""Relations between items: where their triples come from, and judging them on held-out pairs.

What is looked at of the result is `relation_chosen`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Jobs
from app.notices import Notices, Problem
from app.panels.run import Run
from app.panels.state import PanelState
from backends.directions.relation_files import FORMAT
from backends.directions.relation_names import name_columns, read_relations
from backends.directions.relation_scorers import DEFAULT, SCORERS
from backends.directions.relation_study import Split, Study, StudyParams, study
from backends.directions.relations import TripleSource
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings

NO_CORPUS = Problem("Nothing is open yet.", "Open a file or the sample.")
NO_VECTORS = Problem("There are no vectors yet.", "Embed the items first.")
NO_TRIPLES = Problem(
    "How are these items related?",
    "Open or drop a file of triples, type pairs, or take a column whose cells name other items. "
    + FORMAT,
)
NO_COLUMN = Problem("The column is not there any more.", "Choose another one.")
NO_WORDS = Problem("Nothing is typed yet.", "Write a pair in each line, as: king, queen")
KEY = "relations"
KEPT = 4  # studies of other embeddings


@dataclass(frozen=True, slots=True)
class RelationsSettings:
    """What the page chooses."""

    source: TripleSource | None = None
    scorer: str = DEFAULT
    split: Split = "pairs"
    tested: int = 500  # held-out pairs of a relation at most
    seed: int = 0

    @property
    def params(self) -> StudyParams:
        """How relations are judged."""
        return StudyParams(self.scorer, self.split, tested=self.tested, seed=self.seed)


@dataclass(frozen=True, eq=False)
class RelationsRequest:
    """What is to be read and judged."""

    corpus: Corpus
    embeddings: Embeddings
    source: TripleSource
    params: StudyParams


def plan(document: Document, settings: RelationsSettings) -> RelationsRequest | Problem:
    """What would be judged now, or why nothing can be."""
    corpus, embeddings, source = document.corpus, document.active, settings.source
    if corpus is None:
        return NO_CORPUS
    if embeddings is None:
        return NO_VECTORS
    if source is None:
        return NO_TRIPLES
    if source.origin == "typed" and not source.text.strip():
        return NO_WORDS
    if source.origin == "file" and not Path(source.path).is_file():
        name = Path(source.path).name
        return Problem(f"{name} is not there any more.", "Choose the file again, or another one.")
    if source.origin == "column" and source.column not in corpus.columns:
        return NO_COLUMN
    missing = SCORERS[settings.scorer].missing
    if missing is not None:
        title = SCORERS[settings.scorer].title
        return Problem(f"{title} needs the package {missing}.", f"pip install {missing}")
    return RelationsRequest(corpus, embeddings, source, settings.params)


def judge(request: RelationsRequest, report: Report = SILENT) -> Study:
    """Read the triples and judge their relations. Raises: BackendError, Cancelled."""
    found = read_relations(
        request.source, request.corpus, request.embeddings, report.span(0.0, 0.2)
    )
    return study(found, request.embeddings, request.params, report.span(0.2, 1.0))


class RelationsModel(QObject):
    """Keeps the source of triples and the newest study of each embeddings."""

    state_changed = Signal(object)  # PanelState
    settings_changed = Signal(object)  # RelationsSettings
    study_changed = Signal(object)  # Study | None
    columns_changed = Signal(object)  # tuple[str, ...], that may name items

    def __init__(self, document: Document, jobs: Jobs, notices: Notices) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._settings = RelationsSettings()
        self._studies: dict[str, tuple[RelationsSettings, Study]] = {}
        self._shown: Study | None = None
        self._columns: tuple[str, ...] = ()
        self._run: Run[Study] = Run(jobs, notices, KEY, self._tell)
        document.corpus_changed.connect(self._on_corpus_changed)
        for changed in (document.active_changed, document.columns_changed, document.roles_changed):
            changed.connect(self._on_fact_changed)

    @property
    def settings(self) -> RelationsSettings:
        """What is chosen for the next run."""
        return self._settings

    @property
    def state(self) -> PanelState:
        """What the page shows."""
        return self._run.state(plan(self._document, self._settings))

    @property
    def study(self) -> Study | None:
        """What was found out in the active embeddings."""
        return self._kept[1] if self._kept is not None else None

    @property
    def is_old(self) -> bool:
        """Whether something else was chosen since the study."""
        return self._kept is not None and self._kept[0] != self._settings

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Columns whose cells may name items."""
        return self._columns

    @property
    def source_words(self) -> str:
        """What is read, in a few words; "" for nothing."""
        source = self._settings.source
        if source is None:
            return ""
        if source.origin == "file":
            return Path(source.path).name
        if source.origin == "column":
            return f"column “{source.column}”"
        lines = sum(1 for line in source.text.splitlines() if line.strip())
        return f"{lines:,} lines typed" if lines != 1 else "1 line typed"

    def change(self, **fields: Any) -> None:
        """Change settings, as `change(scorer="map")`, for the next run."""
        new = replace(self._settings, **fields)
        if new != self._settings:
            self._settings = new
            self._run.forget_failure()
            self.settings_changed.emit(new)
            self._tell()

    def take_file(self, path: str) -> None:
        """Read triples from a file, and run."""
        self._take(TripleSource("file", path=path, by=self._by))

    def take_column(self, column: str) -> None:
        """Read triples from a column whose cells name other items, and run."""
        self._take(TripleSource("column", column=column, by=self._by))

    def take_text(self, text: str) -> None:
        """Read triples that somebody typed or pasted, and run."""
        self._take(TripleSource("typed", text=text, by=self._by))

    def set_by(self, column: str) -> None:
        """Let names refer to a column; "" finds out which."""
        source = self._settings.source or TripleSource("typed")
        self.change(source=replace(source, by=column))

    def run(self) -> None:
        """Read the triples and judge them; what runs is stopped first."""
        request = plan(self._document, self._settings)
        if isinstance(request, Problem):
            self._notices.warn(request.text, request.hint)
            return
        settings = self._settings
        self._run.start(
            "Judging relations",
            partial(judge, request),
            lambda found: self._on_done(request, settings, found),
            lane="io",
        )

    def stop(self) -> None:
        """Stop judging; what was found before stays."""
        self._run.stop()

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project."""
        chosen = self._settings
        return {
            "source": chosen.source.as_json() if chosen.source is not None else None,
            "scorer": chosen.scorer,
            "split": chosen.split,
            "tested": chosen.tested,
            "seed": chosen.seed,
        }

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what was kept; what does not fit is left out. Nothing is run."""
        fits: dict[str, Any] = {}
        try:
            fits["source"] = TripleSource.from_json(state["source"])
        except (LookupError, TypeError, ValueError):
            fits["source"] = None
        if state.get("scorer") in SCORERS:
            fits["scorer"] = state["scorer"]
        if state.get("split") in get_args(Split):
            fits["split"] = state["split"]
        for name, least in (("tested", 1), ("seed", 0)):
            if isinstance(state.get(name), int) and state[name] >= least:
                fits[name] = state[name]
        self.change(**fits)

    @property
    def _by(self) -> str:
        source = self._settings.source
        return source.by if source is not None else ""

    @property
    def _kept(self) -> tuple[RelationsSettings, Study] | None:
        active = self._document.active
        return self._studies.get(active.fingerprint) if active is not None else None

    def _take(self, source: TripleSource) -> None:
        self.change(source=source)
        if not isinstance(plan(self._document, self._settings), Problem):
            self.run()

    def _on_done(
        self, request: RelationsRequest, settings: RelationsSettings, found: Study
    ) -> None:
        key = request.embeddings.fingerprint
        self._studies.pop(key, None)
        self._studies[key] = settings, found
        for old in list(self._studies)[:-KEPT]:
            del self._studies[old]
        self._show()

    def _on_corpus_changed(self, _corpus: object) -> None:
        self._jobs.cancel(KEY)
        self._studies.clear()
        self._run.forget_failure()
        if self._settings.source is not None:  # its names are those of other items
            self._settings = replace(self._settings, source=None)
            self.settings_changed.emit(self._settings)
        self._show()
        self._tell()

    def _on_fact_changed(self, _fact: object) -> None:
        self._show()
        self._tell()

    def _show(self) -> None:
        corpus = self._document.corpus
        columns = name_columns(corpus) if corpus is not None else ()
        if columns != self._columns:
            self._columns = columns
            self.columns_changed.emit(columns)
        if self.study is not self._shown:
            self._shown = self.study
            self.study_changed.emit(self._shown)

    def _tell(self) -> None:
        self.state_changed.emit(self.state)
