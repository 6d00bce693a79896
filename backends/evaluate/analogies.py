"""Analogies: a is to b as c is to which item? Judged with and without the words of the question.

Leaving a, b and c out of the answers is the custom, and hides that they are mostly what the vectors
answer (Nissim, van Noord and van der Goot 2020, Fair Is Better than Sensational). So both numbers
are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix, Rows, batches, frozen, unit_rows
from backends.decompositions import one_blas_thread
from backends.directions.base import Space
from backends.directions.terms import Lost
from backends.evaluate.files import AnalogyFile, Question
from backends.evaluate.lookup import Case, Found, find_words, names_of, vocabulary_of
from backends.evaluate.similarity import LEVEL, RESAMPLES
from backends.raster.threads import spread, threads
from backends.reporting import SILENT, Report

EPSILON = 1e-3  # in 3CosMul's denominator (Levy and Goldberg 2014, eq. 4)
RESTRICT = 300_000  # items that may answer, as in gensim
CHANCE_QUESTIONS = 2000  # asked of random vectors
ADD, MUL, ADD_FREE, MUL_FREE = range(4)  # columns of answers; free: words of the question count
_BLOCK_CELLS = 1 << 20  # cosines held at a time
_LEAST, _MOST = 256, 8192  # items in a block
_CHUNK = 4096  # rows of random vectors drawn together

Take = Callable[[Rows], Matrix]  # rows of the corpus -> unit vectors (m, d)


@dataclass(frozen=True, slots=True)
class SectionScore:
    """Shares of right answers in 0..1 among the questions whose four words are known; or NaN."""

    title: str
    n: int  # questions that count
    asked: int
    add: float  # 3CosAdd, words of the question left out
    mul: float  # 3CosMul
    add_free: float  # the same with them
    mul_free: float


@dataclass(frozen=True, eq=False)
class AnalogyScore:
    """Answers to a file of questions."""

    file: AnalogyFile
    total: SectionScore
    sections: tuple[SectionScore, ...]
    low: float  # of total.add, 95 %: bootstrap over the first pairs of words, see `_interval`
    high: float
    echoed: float  # share of 3CosAdd's free answers that are a, b or c themselves
    restrict: int  # items that could answer
    at: NDArray[np.int64]  # (q,) questions that count, by their place in the file
    right: NDArray[np.bool_]  # (q, 4)
    answers: tuple[str, ...]  # (q,) what 3CosAdd found
    lost: tuple[Lost, ...]  # words
    random: float  # accuracy of random vectors, 3CosAdd

    def wrong(self, most: int | None = None) -> list[tuple[Question, str]]:
        """Questions that 3CosAdd missed, in the order of the file, and what it found instead."""
        questions = self.file.questions
        missed = np.flatnonzero(~self.right[:, ADD])[:most]
        return [(questions[self.at[i]], self.answers[i]) for i in missed]


def analogy_check(
    space: Space,
    file: AnalogyFile,
    report: Report = SILENT,
    *,
    case: Case = "fold",
    restrict: int = RESTRICT,
    seed: int = 0,
    chance: bool = True,
) -> AnalogyScore:
    """Answer the questions of a file among the first `restrict` items.

    3CosAdd takes the item x with the largest cos(x, b) - cos(x, a) + cos(x, c), 3CosMul that with
    the largest cos(x, b) cos(x, c) / (cos(x, a) + .001) of cosines shifted to 0..1. A question with
    a word that is not among those items is left out, and the word is named.

    Raises: BackendError if words are not looked up among items, Cancelled.
    """
    vocabulary, embeddings = vocabulary_of(space), space.embeddings
    restrict = min(restrict, len(embeddings))
    found = find_words(vocabulary, file.words, case, restrict, report.span(0.0, 0.05))
    at, questions = _known(file, found)
    candidates = np.flatnonzero(embeddings.present[:restrict])

    def take(rows: Rows) -> Matrix:
        return unit_rows(np.asarray(embeddings.vectors[rows], np.float32))

    end = 0.85 if chance else 1.0
    rows = answer(take, candidates, found, questions[:, :3], report.span(0.05, end))
    right = _judged(rows, found, questions)
    random = float("nan")
    if chance and len(questions):
        drawn = partial(_random_rows, dim=embeddings.dim, seed=seed)
        some = _sample(questions, seed)
        random = _by_chance(drawn, candidates, found, some, report.span(end, 1.0))
    sections, total = _sections(file, at, right)
    return AnalogyScore(
        file,
        total,
        sections,
        *_interval(right[:, ADD], questions[:, :2], seed),
        _echoed(rows, found, questions),
        restrict,
        at,
        frozen(right),
        tuple(names_of(vocabulary, rows[:, ADD])),
        found.lost,
        random,
    )


def _known(file: AnalogyFile, found: Found) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Places (q,) of the questions whose words are all there, and the words' codes (q, 4)."""
    code_of = found.code_of
    at = [i for i, words in enumerate(file.questions) if all(word in code_of for word in words)]
    asked = [[code_of[word] for word in file.questions[i]] for i in at]
    return frozen(np.array(at, np.int64)), np.array(asked, np.int32).reshape(-1, 4)


def answer(
    take: Take,
    candidates: Rows,
    found: Found,
    questions: NDArray[np.int32],
    report: Report = SILENT,
    text: str = "Answering",
) -> Rows:
    """Rows of the corpus that answer best, (q, 4): see ADD, MUL, ADD_FREE, MUL_FREE.

    `questions` (q, 3) are codes of a, b and c. Cosines are computed once for each asked word and
    item, by blocks of items; a question then adds three numbers an item.
    """
    used, inside = np.unique(questions, return_inverse=True)
    inside = np.ascontiguousarray(inside.reshape(questions.shape).astype(np.int32))
    best = np.full((len(questions), 4), -np.inf, np.float32)
    where = np.zeros((len(questions), 4), np.int64)
    if not len(questions) or not len(candidates):
        return np.zeros((len(questions), 4), np.int64)
    from backends.evaluate.analogies_kernel import improve

    asked = take(found.items[used])  # (u, d)
    own = np.full(len(found.items) + 1, -1, np.int32)  # code -> place among `used`; last for none
    own[used] = np.arange(len(used), dtype=np.int32)
    parts = list(pairwise(len(questions) * part // threads() for part in range(threads() + 1)))
    for block in _blocks(len(candidates), len(used), report, text):
        rows = candidates[block]
        with one_blas_thread():
            cosines = asked @ take(rows).T  # (u, w)
        inverse = np.reciprocal((1 + cosines) / 2 + np.float32(EPSILON), dtype=np.float32)
        codes = own[found.codes[rows]]

        def work(
            part: tuple[int, int],
            cosines: Matrix = cosines,
            inverse: Matrix = inverse,
            codes: NDArray[np.int32] = codes,
            first: int = block.start,
        ) -> None:
            of = slice(*part)
            improve(cosines, inverse, inside[of], codes, first, best[of], where[of])

        spread(work, parts)
    return candidates[where]


def _blocks(n: int, words: int, report: Report, text: str) -> Iterator[slice]:
    width = min(max(_BLOCK_CELLS // max(1, words), _LEAST), _MOST)
    for block in batches(n, width):
        report.step(block.start, n, text)
        yield block


def _judged(rows: Rows, found: Found, questions: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether each answer (q, 4) is an item called by the fourth word."""
    right: NDArray[np.bool_] = found.codes[rows] == questions[:, 3:]
    return right


def _echoed(rows: Rows, found: Found, questions: NDArray[np.int32]) -> float:
    """Share of 3CosAdd's free answers that are words of the question."""
    given = found.codes[rows[:, ADD_FREE]]  # -1 is no word of a question
    return _mean((given[:, None] == questions[:, :3]).any(axis=1))


def _sections(
    file: AnalogyFile, at: NDArray[np.int64], right: NDArray[np.bool_]
) -> tuple[tuple[SectionScore, ...], SectionScore]:
    start, made = 0, []
    for section in file.sections:
        stop = start + len(section.questions)
        part = right[(at >= start) & (at < stop)]
        made.append(_score(section.title, len(section.questions), part))
        start = stop
    return tuple(made), _score(file.title, len(file), right)


def _score(title: str, asked: int, right: NDArray[np.bool_]) -> SectionScore:
    return SectionScore(title, len(right), asked, *(_mean(right[:, how]) for how in range(4)))


def _mean(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _interval(right: NDArray[np.bool_], pairs: NDArray[np.int32], seed: int) -> tuple[float, float]:
    """Bootstrap interval of 95 % for a share of right answers.

    Whole groups of questions that share their first pair (a, b) are drawn: each pair is asked with
    many others, so single questions are far from independent.
    """
    groups = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1)
    if len(right) == 0 or groups.max() < 1:
        return float("nan"), float("nan")
    sizes = np.bincount(groups).astype(np.float64)  # (g,)
    hits = np.bincount(groups, weights=right)
    rng = np.random.default_rng(seed)
    shares = []
    for block in batches(RESAMPLES, max(1, (1 << 20) // len(sizes))):
        times = rng.multinomial(
            len(sizes), np.full(len(sizes), 1 / len(sizes)), size=block.stop - block.start
        )
        shares.append((times @ hits) / (times @ sizes))
    low, high = np.percentile(np.concatenate(shares), LEVEL)
    return float(low), float(high)


def _by_chance(
    drawn: Take, candidates: Rows, found: Found, questions: NDArray[np.int32], report: Report
) -> float:
    """Accuracy of random vectors by 3CosAdd, words of the question left out."""
    rows = answer(drawn, candidates, found, questions[:, :3], report, "Asking random vectors")
    return float(_judged(rows, found, questions)[:, ADD].mean())


def _sample(questions: NDArray[np.int32], seed: int) -> NDArray[np.int32]:
    if len(questions) <= CHANCE_QUESTIONS:
        return questions
    rng = np.random.default_rng(seed)
    return questions[np.sort(rng.choice(len(questions), CHANCE_QUESTIONS, replace=False))]


def _random_rows(rows: Rows, *, dim: int, seed: int) -> Matrix:
    """Unit vectors drawn by chance, (m, d), the same for the same row whenever it is asked for."""
    drawn = np.empty((len(rows), dim), np.float32)
    chunks = rows // _CHUNK
    for chunk in np.unique(chunks).tolist():
        inside = chunks == chunk
        rng = np.random.default_rng([seed, chunk])
        whole = rng.standard_normal((_CHUNK, dim), dtype=np.float32)
        drawn[inside] = whole[rows[inside] % _CHUNK]
    return unit_rows(drawn)
