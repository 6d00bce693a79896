"""Which words of a set have vectors in the active embeddings, found out in the background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.jobs import Failure, Jobs
from app.notices import Notices
from app.panels.templates import TemplatesModel
from backends.directions.terms import Encoded, term_source
from backends.directions.wordsets import WordSet
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings

KEY = "word-sets"
NO_VECTORS = "Nothing is embedded yet, so no word can be looked up."
Sign = Literal["found", "spelled", "lost", ""]


@dataclass(frozen=True)
class Marks:
    """What is known of the words of one set; `words` says it in a sentence."""

    words: str
    found: Mapping[str, str] = field(default_factory=dict)  # term -> its spelling there
    lost: Mapping[str, str] = field(default_factory=dict)  # term -> why

    def of(self, *terms: str) -> tuple[Sign, str]:
        """The sign of a term or of a pair, and what it means."""
        lost = [term for term in terms if term in self.lost]
        if lost:
            names = f"{' and '.join(lost)}: " if len(terms) > 1 else ""
            return "lost", names + self.lost[lost[0]]
        if not all(term in self.found for term in terms):
            return "", ""
        other = [self.found[term] for term in terms if self.found[term] != term]
        return ("spelled", f"found as {', '.join(other)}") if other else ("found", "found")


class WordLookUp(QObject):
    """Looks up the words of the set at hand, again whenever set or vectors change."""

    changed = Signal(object)  # Marks

    def __init__(
        self, document: Document, jobs: Jobs, notices: Notices, templates: TemplatesModel
    ) -> None:
        super().__init__(document)
        self._document = document
        self._jobs = jobs
        self._notices = notices
        self._templates = templates
        self._set: WordSet | None = None
        self.marks = Marks("")
        for signal in (document.active_changed, document.roles_changed, templates.changed):
            signal.connect(lambda _value: self.look(self._set))

    def look(self, one: WordSet | None) -> None:
        """Look up the words of a set; None, or nobody looking, stops."""
        self._set = one
        self._jobs.cancel(KEY)
        corpus, active = self._document.corpus, self._document.active
        if one is None or not len(one):
            self._show(Marks(""))
            return
        if corpus is None or active is None:
            self._show(Marks(NO_VECTORS))
            return
        templates = self._templates.templates
        call = partial(look_up_set, corpus, active, templates, one)
        job = self._jobs.start("Looking up words", call, lane="io", key=KEY)
        job.done.connect(self._show)
        job.failed.connect(self._on_failed)

    def _show(self, marks: Marks) -> None:
        self.marks = marks
        self.changed.emit(marks)

    def _on_failed(self, failure: Failure) -> None:
        self._show(Marks(""))
        self._notices.failure(failure.error, failure.trace)


def look_up_set(
    corpus: Corpus,
    embeddings: Embeddings,
    templates: tuple[str, ...],
    one: WordSet,
    report: Report = SILENT,
) -> Marks:
    """Which words of a set have vectors; all, where words are encoded. Raises: Cancelled."""
    try:
        source = term_source(corpus, embeddings, templates)
    except BackendError as error:
        return Marks(f"{error.what} {error.hint}")
    if isinstance(source, Encoded):  # nothing is looked up, and encoding them all would take long
        many = "1 template" if len(templates) == 1 else f"{len(templates)} templates"
        return Marks(f"The encoder of these vectors takes any word, in {many}.")
    entries = one.pairs if one.kind == "pairs" else [(term,) for term in one.terms]
    terms = source.look_up([term for entry in entries for term in entry], report)
    found = {term: terms.spelled.get(term, term) for term in terms.asked}
    lost = {each.term: each.why for each in terms.lost if each.term not in found}
    marks = Marks("", found, lost)
    signs = [marks.of(*entry)[0] for entry in dict.fromkeys(entries)]
    there = signs.count("found") + signs.count("spelled")
    words = f"{there:,} of {len(signs):,} found"
    if other := signs.count("spelled"):
        words += f", {other:,} in another spelling"
    if gone := len(signs) - there:
        reasons = set(lost.values())
        why = reasons.pop() if len(reasons) == 1 else "without a vector"
        words += f"; {gone:,} {'is' if gone == 1 else 'are'} {why}"
    return Marks(f"{words}.", found, lost)
