"""What erasing did and did not do: measured alike before and after, on items not learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Rows, frozen, unit_rows
from backends.directions.association import Association, associate
from backends.directions.base import Direction, Space
from backends.directions.erasing.base import EMPTY
from backends.directions.erasing.making import Erased
from backends.directions.erasing.residual import Residual, residual_of, residual_rows
from backends.directions.erasing.verdict import words_of
from backends.directions.looking import projections, term_projections
from backends.directions.metrics import AssociationParams
from backends.directions.registry import find_again
from backends.directions.terms import Encoded, Lost, TermSource, Vocabulary
from backends.directions.wordsets import AssociationTest
from backends.errors import BackendError
from backends.evaluate.files import WordFile
from backends.reporting import SILENT, Report
from backends.types import Embeddings
from backends.wording import counted

QUERIES = 1_000  # rows whose neighbours are compared
K = 10


@dataclass(frozen=True)
class WordCheck:
    """How well word vectors do in a file of similarities or analogies."""

    title: str
    kind: str  # "similarity" or "analogies"
    score: float  # Spearman's rho, or accuracy
    n: int  # pairs or questions that count
    file: str  # fingerprint of its content


@dataclass(frozen=True)
class Judgement:
    """One state of the vectors; None where it cannot be measured."""

    title: str
    direct_bias: float  # mean |cosine| with the direction as it was found before
    bias_n: int
    bias_again: float | None  # with the one that its recipe finds in these vectors
    neighbour_overlap: float  # share of the ten nearest that are those of before
    residual: Residual | None
    associations: tuple[Association, ...] = ()
    checks: tuple[WordCheck, ...] = ()
    lost: tuple[Lost, ...] = ()
    notes: tuple[str, ...] = ()
    bias_of: str = "item"  # what direct bias is measured on

    @property
    def bias_on(self) -> str:
        """On how many of what direct bias is measured."""
        return counted(self.bias_n, self.bias_of, f"{self.bias_of}s")


@dataclass(frozen=True)
class Verdict:
    """Before and after, and what that means in words."""

    before: Judgement
    after: Judgement
    words: str
    overlap_n: int  # rows whose neighbours were compared


@dataclass(frozen=True)
class Criteria:
    """By what both states are judged, beside what needs nothing."""

    neutral: tuple[str, ...] = ()  # terms that should be free of the direction; none: all items
    tests: tuple[AssociationTest, ...] = ()
    files: tuple[WordFile | Path, ...] = ()  # of similarities and analogies, for word vectors


def judge(erased: Erased, criteria: Criteria = Criteria(), report: Report = SILENT) -> Verdict:
    """Measure both states by the same items.

    Without neutral terms, direct bias is measured on all items but the specific and equalised ones
    and those learnt from. The residual is looked for in items that no eraser has learnt from.

    Where words are encoded, neutral terms go through encoder and eraser alike.

    Raises: BackendError if no neutral term has a vector, Cancelled.
    """
    request = erased.request
    spaces = (request.space, space_after(erased))
    neutral = _neutral(erased, criteria.neutral, report.span(0.0, 0.05))
    labelled = residual_rows(erased, report.span(0.05, 0.1))
    overlap, overlap_n = neighbour_overlap(
        spaces[0].embeddings, spaces[1].embeddings, request.seed, report.span(0.1, 0.4)
    )
    states = []
    for number, space in enumerate(spaces):
        span = report.span(0.4 + 0.3 * number, 0.7 + 0.3 * number)
        bias, n = neutral.bias(space, request.direction, span.span(0.0, 0.1))
        again, why = _bias_again(space, request.direction, neutral, span.span(0.1, 0.3))
        residual = None
        if labelled is not None:
            residual = residual_of(space.embeddings, labelled, request.seed, span.span(0.3, 0.6))
        made, said = _associations(space, criteria.tests, request.seed, span.span(0.6, 0.8))
        checks, more = _checks(space, criteria.files, span.span(0.8, 1.0))
        states.append(
            Judgement(
                space.embeddings.title,
                bias,
                n,
                again,
                overlap if number else 1.0,
                residual,
                made,
                checks,
                neutral.lost,
                (*why, *said, *more),
                "word" if neutral.terms else "item",
            )
        )
    words = words_of(states[0], states[1], request.direction)
    return Verdict(states[0], states[1], words, overlap_n)


def neighbour_overlap(
    before: Embeddings, after: Embeddings, seed: int = 0, report: Report = SILENT
) -> tuple[float, int]:
    """Mean share of the ten nearest others that stay the nearest, 0..1, and of how many rows.

    At most 1,000 rows drawn by chance are asked for; their neighbours are exact, among all.
    """
    from backends.codecs.source import Source
    from backends.compression.results import QuerySet
    from backends.compression.truth import find_truth

    rows = np.flatnonzero(before.present & after.present).astype(np.int64)
    if len(rows) < 2:
        return 1.0, len(rows)
    chance = np.random.default_rng(seed)
    chosen = np.sort(chance.choice(rows, min(QUERIES, len(rows)), replace=False))
    found = []
    for number, one in enumerate((before, after)):
        source = Source(one.vectors, frozen(rows))
        units = unit_rows(np.asarray(one.vectors[chosen], np.float32))
        queries = QuerySet(frozen(units), frozen(chosen), "rows", one.made_by)
        part = report.span(number / 2, number / 2 + 0.5)
        found.append(find_truth(queries, source, K, part).rows)
    shared = (found[0][:, :, None] == found[1][:, None, :]).any(axis=2)
    return float(shared.mean()), len(chosen)


def space_after(erased: Erased) -> Space:
    """The space of the changed vectors, in which terms are looked up as before."""
    before = erased.request.space
    terms: TermSource = before.terms
    if isinstance(terms, Vocabulary):
        terms = Vocabulary(before.corpus, erased.embeddings, terms.column)
    elif isinstance(terms, Encoded):
        terms = Encoded(before.corpus, erased.embeddings, terms.templates)
    return Space(before.corpus, erased.embeddings, terms)


@dataclass(frozen=True, eq=False)
class _Neutral:
    """By what direct bias is measured: items, or terms that have no rows and are encoded."""

    rows: Rows
    terms: tuple[str, ...] = ()  # if there are any, rows count for nothing
    lost: tuple[Lost, ...] = ()

    def bias(self, space: Space, direction: Direction, report: Report) -> tuple[float, int]:
        """Mean strength of the direction, and in how many."""
        if self.terms:
            values = term_projections(direction, space.terms.look_up(self.terms, report))
        else:
            # The direction is the same; only the vectors that lie along it may be others.
            inputs = (space.embeddings.fingerprint,)
            here = replace(direction, made_by=replace(direction.made_by, inputs=inputs))
            values = projections(space.embeddings, here, report)[self.rows]
        known: NDArray[np.float32] = values[~np.isnan(values)]
        return float(np.abs(known.astype(np.float64)).mean()) if len(known) else 0.0, len(known)


def _bias_again(
    space: Space, direction: Direction, neutral: _Neutral, report: Report
) -> tuple[float | None, tuple[str, ...]]:
    """The same along the direction that the recipe finds here; None if it finds none."""
    try:
        found = find_again(space, direction.made_by, report.span(0.0, 0.7), title=direction.title)
    except BackendError as error:
        return None, (f"The direction cannot be found anew: {error.what}",)
    return neutral.bias(space, found, report.span(0.7, 1.0))[0], ()


def _neutral(erased: Erased, neutral: Sequence[str], report: Report) -> _Neutral:
    space, task = erased.request.space, erased.prepared.task
    if neutral:
        found = space.terms.look_up(neutral, report)
        if isinstance(space.terms, Encoded):
            if not len(found):
                raise BackendError(
                    "The encoder knows none of the neutral words.",
                    hint="Take other words, or none.",
                )
            return _Neutral(EMPTY, found.asked, found.lost)
        rows = found.rows[~np.isin(found.rows, task.kept)]
        if not len(rows):
            raise BackendError(
                "None of the neutral words is an item of the corpus that is changed.",
                hint="Take other words, or none: then all changed items count.",
            )
        return _Neutral(rows, (), found.lost)
    rows = np.flatnonzero(space.embeddings.present).astype(np.int64)
    labelled = task.labelled
    if labelled is not None:
        rows = rows[~np.isin(rows, labelled.rows[labelled.training])]
    return _Neutral(rows[~np.isin(rows, task.specific)])


def _associations(
    space: Space, tests: Sequence[AssociationTest], seed: int, report: Report
) -> tuple[tuple[Association, ...], tuple[str, ...]]:
    made, said = [], []
    for number, test in enumerate(tests):
        part = report.span(number / len(tests), (number + 1) / len(tests))
        try:
            made.append(associate(space, test, "weat", AssociationParams(seed=seed), part))
        except BackendError as error:
            said.append(error.what)
    return tuple(made), tuple(said)


def _checks(
    space: Space, files: Sequence[WordFile | Path], report: Report
) -> tuple[tuple[WordCheck, ...], tuple[str, ...]]:
    if not files:
        return (), ()
    from backends.evaluate.words import WordOptions, word_scores

    options = WordOptions(chance=False)
    made, said = [], []
    for number, file in enumerate(files):
        part = report.span(number / len(files), (number + 1) / len(files))
        try:
            found: Any = word_scores(space, (file,), part, options)[0]
        except BackendError as error:
            said.append(error.what)
        else:
            name = found.file.fingerprint
            made.append(WordCheck(found.title, found.kind, float(found.score), found.n, name))
    return tuple(made), tuple(said)
