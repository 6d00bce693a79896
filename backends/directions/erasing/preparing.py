"""From what a person chose to what an eraser needs: rows to keep, pairs, labelled halves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backends.arrays import Rows, frozen
from backends.directions.base import Direction, Space
from backends.directions.erasing.base import EMPTY, Labelled, Task, merged
from backends.directions.erasing.registry import ERASERS
from backends.directions.looking import frequency_cut, projections, ranked
from backends.directions.registry import SOURCES
from backends.directions.terms import Lost
from backends.errors import BackendError, TooFewRows
from backends.reporting import SILENT, Report

SHOWN = 5  # words that a note names
MOST_LABELLED = 20_000  # rows a side to learn from
AT_EACH_END = (
    2_500  # rows of words that count as one side; as Ravfogel et al. 2020 take 7,500 in all
)
BY_ROWS = ("selections", "column")  # sources whose examples are rows of the corpus


@dataclass(frozen=True, eq=False)
class EraseRequest:
    """What is to be erased from which vectors, and how."""

    space: Space
    direction: Direction
    method: str  # id in ERASERS
    params: Any = None  # the method's own; None takes the defaults
    kept: tuple[str, ...] = ()  # terms that carry the direction by definition
    kept_rows: Rows = field(default_factory=lambda: EMPTY)  # the same as rows
    pairs: tuple[tuple[str, str], ...] = ()  # to equalise
    training: float = 0.5  # share of labelled rows to learn from; the rest judges
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Prepared:
    """A task, and what was lost on the way to it."""

    task: Task
    lost: tuple[Lost, ...]
    notes: tuple[str, ...]


def prepare(request: EraseRequest, report: Report = SILENT) -> Prepared:
    """Look everything up. Raises: BackendError if the direction is not of these vectors."""
    space, direction = request.space, request.direction
    if direction.embeddings != space.embeddings.fingerprint:
        raise BackendError(
            f"“{direction.title}” was found in other vectors.", hint="Find it in these first."
        )
    spec = ERASERS[request.method]
    check_training(request.training)
    kept, lost, told = _rows_of(space, request.kept, report.span(0.0, 0.2))
    kept = merged(np.concatenate([kept, request.kept_rows]))
    asked = request.pairs if spec.takes_pairs else ()
    pairs, more, notes = _pairs(space, asked, report.span(0.2, 0.4))
    labelled = None
    if spec.needs_labels:
        labelled = label(request, kept, report.span(0.4, 1.0))
    task = Task(space.embeddings, direction.basis, kept, pairs, labelled)
    return Prepared(task, (*lost, *more), (*told, *notes))


def check_training(share: float) -> None:
    """Raises: BackendError if a share leaves nothing to learn from or to judge by."""
    if not 0 < share < 1:
        raise BackendError(
            f"A training share of {share:g} leaves nothing to learn from or judge by.",
            hint="Take a share between 0 and 1; 0.5 is usual.",
        )


def label(request: EraseRequest, kept: Rows = EMPTY, report: Report = SILENT) -> Labelled:
    """Two groups of rows: those that the direction was found from, or its two ends.

    Of a selection or a column, these are the rows themselves. Words that define a direction are too
    few to learn from, so there the items at its ends are taken, without those kept.

    Raises: TooFewRows if there are not enough on both sides.
    """
    if request.direction.source in BY_ROWS:
        low, high, how = _of_examples(request, report)
    else:
        low, high, how = _of_ends(request, kept, report)
    fewest = min(len(low), len(high))
    if fewest < 2:
        raise TooFewRows(
            "There are not two items on each side to learn from and to judge by.",
            hint="Take a direction between larger groups.",
        )
    rng = np.random.default_rng(request.seed)
    halves: list[list[Rows]] = [[], []]
    rows, sides, start = [], [], 0
    for side, group in enumerate((low, high)):
        order = start + rng.permutation(len(group)).astype(np.int64)
        count = min(len(group) - 1, max(1, round(len(group) * request.training)))
        halves[0].append(order[:count])
        halves[1].append(order[count:])
        rows.append(group)
        sides.append(np.full(len(group), side, dtype=np.int64))
        start += len(group)
    training, held_out = (frozen(np.sort(np.concatenate(part))) for part in halves)
    return Labelled(
        request.direction.ends,
        frozen(np.concatenate(rows)),
        frozen(np.concatenate(sides)),
        training,
        held_out,
        how,
    )


def _of_examples(request: EraseRequest, report: Report) -> tuple[Rows, Rows, str]:
    direction, space = request.direction, request.space
    spec = SOURCES[direction.source]
    try:
        given = spec.params.from_json(direction.made_by.params["given"])  # type: ignore[union-attr]  # all have it
    except (LookupError, TypeError, ValueError) as error:
        raise BackendError(
            f"The recipe of “{direction.title}” cannot be read.", hint="Find it anew."
        ) from error
    examples = spec.load()(space, given, report)
    rng = np.random.default_rng(request.seed)
    both = np.intersect1d(examples.negative.rows, examples.positive.rows)
    sides = []
    for group in (examples.negative, examples.positive):
        rows = np.setdiff1d(group.rows, both)
        if len(rows) > MOST_LABELLED:
            rows = np.sort(rng.choice(rows, MOST_LABELLED, replace=False))
        sides.append(rows)
    how = f"{len(sides[0]):,} items of “{direction.ends[0]}” and {len(sides[1]):,} of "
    return sides[0], sides[1], f"{how}“{direction.ends[1]}”"


def _of_ends(request: EraseRequest, kept: Rows, report: Report) -> tuple[Rows, Rows, str]:
    low, high, among = ends(request.space, request.direction, kept, AT_EACH_END, report)
    words = f"the {len(low):,} items at each end of “{request.direction.title}”, of {among}"
    return low, high, words


def ends(
    space: Space, direction: Direction, kept: Rows, most: int, report: Report = SILENT
) -> tuple[Rows, Rows, str]:
    """Rows at the two ends of a direction, the most extreme first, without those kept.

    At most a quarter of all at each end; of word vectors only frequent words. The third value says
    among which.
    """
    values = projections(space.embeddings, direction, report)
    first = frequency_cut(space) or len(values)
    usable = np.flatnonzero(~np.isnan(values[:first])).astype(np.int64)
    usable = usable[~np.isin(usable, kept)]
    count = max(1, min(most, len(usable) // 4))
    if len(usable) < 2:
        raise TooFewRows(
            "There are not two items to learn from.",
            hint="Name fewer specific words, or load more rows.",
        )
    order = ranked(values, usable)  # the largest first
    among = f"the first {first:,} items" if first < len(values) else f"{len(usable):,} items"
    return frozen(order[::-1][:count].copy()), frozen(order[:count].copy()), among


def _rows_of(
    space: Space, terms: Sequence[str], report: Report
) -> tuple[Rows, tuple[Lost, ...], tuple[str, ...]]:
    """Rows of words to keep, those lost, and what was found under another spelling."""
    if not terms:
        return EMPTY, (), ()
    found = space.terms.look_up(terms, report)
    if (found.rows < 0).any():
        raise BackendError(
            "Words to keep must be items of the corpus, but here words are encoded.",
            hint="Name the column that holds the words, or keep a selection of items.",
        )
    notes = []
    asked = set(terms)
    others = [f"{term} as {name}" for term, name in found.spelled.items() if name not in asked]
    if others:
        some, more = ", ".join(others[:SHOWN]), len(others) - SHOWN
        notes.append(
            f"Specific words found under another spelling: {some}"
            + (f" and {more:,} more." if more > 0 else ".")
        )
    return found.rows, found.lost, tuple(notes)


def _pairs(
    space: Space, pairs: Sequence[tuple[str, str]], report: Report
) -> tuple[Rows, tuple[Lost, ...], tuple[str, ...]]:
    """Rows of pairs, also in lower case, with capitals, and in capitals where both are there."""
    if not pairs:
        return np.empty((0, 2), dtype=np.int64), (), ()
    asked: dict[tuple[str, str], None] = dict.fromkeys(pairs)
    for change in (str.lower, str.title, str.upper):
        asked |= dict.fromkeys((change(one), change(other)) for one, other in pairs)
    found = space.terms.look_up(list(dict.fromkeys(t for pair in asked for t in pair)), report)
    where = dict(zip(found.asked, found.rows.tolist(), strict=True))
    if (found.rows < 0).any():
        raise BackendError(
            "Pairs to equalise must be items of the corpus, but here words are encoded.",
            hint="Name the column that holds the words.",
        )
    given = set(pairs)
    why = {one.term: one.why for one in found.lost}
    rows: dict[tuple[int, int], None] = {}
    lost: list[Lost] = []
    for one, other in asked:
        exact = one not in found.spelled and other not in found.spelled
        here = one in where and other in where
        if here and where[one] != where[other] and (exact or (one, other) in given):
            rows[where[one], where[other]] = None
        elif (one, other) in given:
            missing = [term for term in (one, other) if term not in where]
            reason = f"{missing[0]}: {why[missing[0]]}" if missing else "the same item twice"
            lost.append(Lost(f"{one}, {other}", reason))
    taken = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    more = len(taken) - (len(given) - len(lost))
    notes = (
        (f"{more} pairs of the same words in other cases are equalised too.",) if more > 0 else ()
    )
    return frozen(taken), tuple(lost), notes
