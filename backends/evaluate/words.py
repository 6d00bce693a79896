"""Checks of word vectors by test sets: one score a file, and what it gains over random vectors.

`word_scores(space, files)` is all that others need; what is behind a score lies in its `detail`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from backends.directions.base import Space
from backends.directions.terms import Lost
from backends.errors import BackendError
from backends.evaluate.analogies import RESTRICT, AnalogyScore, analogy_check
from backends.evaluate.files import AnalogyFile, SimilarityFile, WordFile, read_word_file
from backends.evaluate.lookup import CASES, Case, how_looked_up
from backends.evaluate.similarity import SimilarityScore, similarity_check
from backends.reporting import SILENT, Report

MUCH_LOST = 0.2  # share of pairs or questions from which a score is about something else
FEW = 30  # pairs or questions below which a score says little
FLAT = 1e-6  # a reference that gains less over chance is none
WEIGHTS = {"similarity": 1.0, "analogies": 20.0}  # of a file's share of the progress


@dataclass(frozen=True, slots=True)
class WordOptions:
    """How words are found and judged."""

    case: Case = "fold"
    restrict: int = RESTRICT  # items that may answer an analogy
    seed: int = 0  # of random vectors and resamples
    chance: bool = True  # whether random vectors are judged as well


@dataclass(frozen=True, eq=False)
class WordScore:
    """What one file says of one space."""

    file: WordFile
    kind: Literal["similarity", "analogies"]
    score: float  # Spearman's rho, or accuracy of 3CosAdd; NaN where nothing could be judged
    low: float  # interval of 95 %
    high: float
    n: int  # pairs or questions that count
    asked: int  # in the file
    lost: tuple[Lost, ...]  # words without a vector
    random: float  # the score of random vectors of the same shape
    how: str  # where words were looked up and how case was treated, a sentence
    detail: SimilarityScore | AnalogyScore

    @property
    def title(self) -> str:
        """Name of the file."""
        return self.file.title

    @property
    def lost_share(self) -> float:
        """Share of pairs or questions left out, 0..1."""
        return 1 - self.n / self.asked if self.asked else 0.0

    @property
    def gain(self) -> float:
        """Score above that of random vectors."""
        return self.score - self.random

    def gain_ratio(self, reference: WordScore) -> float:
        """Performance gain ratio in percent: 0 for random vectors, 100 for the reference.

        (p - p_rand) / (p_ref - p_rand), after Lai 2016; NaN where the reference gains nothing.
        """
        span = reference.score - self.random
        return 100 * self.gain / span if abs(span) > FLAT else float("nan")


def word_scores(
    space: Space,
    files: Sequence[WordFile | Path],
    report: Report = SILENT,
    options: WordOptions = WordOptions(),
) -> tuple[WordScore, ...]:
    """Judge the vectors of a space by test sets, in their order.

    Analogies need a space whose terms are looked up among the items.

    Raises: BackendError for a file that cannot be read and for analogies of an encoder, Cancelled.
    """
    if options.case not in CASES:
        raise BackendError(
            f"“{options.case}” is no way to treat case.", hint=f"Choose {', '.join(CASES)}."
        )
    if options.restrict < 1:
        raise BackendError("No item may answer.", hint="Let at least one item answer.")
    read = [read_word_file(each) if isinstance(each, Path) else each for each in files]
    weights = [WEIGHTS[kind_of(file)] for file in read]
    done, scores = 0.0, []
    for file, weight in zip(read, weights, strict=True):
        part = report.span(done / sum(weights), (done + weight) / sum(weights))
        part.step(0, 1, f"Judging by {file.title}")
        scores.append(_score(space, file, part, options))
        done += weight
    return tuple(scores)


def kind_of(file: WordFile) -> Literal["similarity", "analogies"]:
    """What a file asks."""
    return "similarity" if isinstance(file, SimilarityFile) else "analogies"


def _score(space: Space, file: WordFile, report: Report, options: WordOptions) -> WordScore:
    how = how_looked_up(space, options.case)
    if isinstance(file, AnalogyFile):
        questions = analogy_check(
            space,
            file,
            report,
            case=options.case,
            restrict=options.restrict,
            seed=options.seed,
            chance=options.chance,
        )
        total = questions.total
        return WordScore(
            file,
            "analogies",
            total.add,
            questions.low,
            questions.high,
            total.n,
            total.asked,
            questions.lost,
            questions.random,
            f"{how} The first {questions.restrict:,} items may answer.",
            questions,
        )
    pairs = similarity_check(
        space,
        file,
        report,
        case=options.case,
        seed=options.seed,
        runs=5 if options.chance else 0,
    )
    return WordScore(
        file,
        "similarity",
        pairs.spearman,
        pairs.low,
        pairs.high,
        pairs.n,
        pairs.asked,
        pairs.lost,
        pairs.random,
        how,
        pairs,
    )
