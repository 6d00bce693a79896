"""How well relations hold on pairs that were kept aside, beside going to the nearest item.

A part of each relation's pairs is held out; the rest is learnt from. Of a small relation this is
done in turn until each pair was held out once. For each held-out pair all items are ranked for its
tail, and for its head. In the harder split nothing of a held-out pair was
seen: neither its head nor its tail is in any pair that was learnt from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Mask, Matrix, Rows, frozen
from backends.directions.relation_offsets import Offset, at_length_one, differences, find_offset
from backends.directions.relation_ranking import (
    HITS,
    Ranks,
    RankTask,
    joined,
    rank,
    rank_task,
    top_rows,
)
from backends.directions.relation_scorers import (
    BASELINE,
    DEFAULT,
    SCORERS,
    Side,
    fit_scorer,
)
from backends.directions.relations import Relation, Relations, units_of
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.types import Embeddings, MadeBy

OPERATION = "relations"
LEAST = 5  # pairs that can be parted into learnt and held out
CROSSED = 200  # pairs up to which each is held out once, in several parts
MOST_COMPARED = 5_000  # learnt pairs whose mean is an offset that others are compared with
SIDES: tuple[Side, ...] = ("tails", "heads")
Split = Literal["pairs", "unseen"]
SPLITS: dict[Split, str] = {
    "pairs": "pairs by chance; their items may occur in others",
    "unseen": "pairs whose items occur in no pair that is learnt from",
}
NO_LENGTH = BackendError("This item has no vector.", hint="Choose another one.")


@dataclass(frozen=True, slots=True)
class StudyParams:
    """How relations are judged."""

    scorer: str = DEFAULT
    split: Split = "pairs"
    share: float = 0.2  # of the pairs, held out
    tested: int = 500  # held-out pairs at most, chosen by chance
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Parts:
    """Positions of pairs: learnt from, held out, and left aside by the harder split."""

    learnt: NDArray[np.int64]
    held: NDArray[np.int64]
    aside: int = 0


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Ranks of held-out tails and heads."""

    tails: Ranks
    heads: Ranks

    @property
    def both(self) -> Ranks:
        """Tails and heads together, as link prediction is usually reported."""
        return joined((self.tails, self.heads))


@dataclass(frozen=True, eq=False)
class RelationResult:
    """What was found out about one relation."""

    relation: Relation
    offset: Offset  # of all pairs
    learnt: int = 0  # pairs, in each part
    parts: int = 0  # how often pairs were parted
    aside: int = 0
    held: HeldOut | None = None  # by the scorer; None where there are too few pairs
    nearest: HeldOut | None = None  # by going to the nearest item
    told_apart: float | None = None  # share of held-out pairs nearest to this relation's offset
    notes: tuple[str, ...] = ()

    @property
    def tested(self) -> int:
        """Number of held-out pairs that were asked about."""
        return len(self.held.tails.raw) if self.held is not None else 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know, a sentence each."""
        return (*self.offset.warnings, *self.notes)


@dataclass(frozen=True, eq=False)
class Study:
    """What was found out about all relations of a source."""

    relations: Relations
    results: tuple[RelationResult, ...]
    params: StudyParams
    made_by: MadeBy
    notes: tuple[str, ...] = field(default=())

    def of(self, name: str) -> RelationResult | None:
        """The result of a relation by its name."""
        return next((one for one in self.results if one.relation.name == name), None)


@dataclass(frozen=True, eq=False)
class Predicted:
    """Items that a relation leads to from an item, best first."""

    rows: Rows  # (k,)
    scores: Matrix  # (k,) cosines, or distances with a minus
    known: Mask  # (k,) whether the pair is one of those given
    row: int  # the item asked from
    side: Side


def study(
    relations: Relations, embeddings: Embeddings, params: StudyParams, report: Report = SILENT
) -> Study:
    """Find the offset of each relation and judge a scorer on pairs that it has not seen.

    Raises: BackendError, Cancelled.
    """
    _check(params)
    results: list[RelationResult] = []
    tasks: list[RankTask] = []
    places: list[slice] = []  # tasks of each relation
    count = len(relations.relations)
    for number, relation in enumerate(relations.relations):
        part = report.span(0.5 * number / count, 0.5 * (number + 1) / count)
        result, asked = _prepared(relation, embeddings, params, part)
        results.append(result)
        places.append(slice(len(tasks), len(tasks) + len(asked)))
        tasks.extend(asked)
    ranks = rank(embeddings, tuple(tasks), report.span(0.5, 0.95)) if tasks else ()
    for number, place in enumerate(places):
        if own := ranks[place]:
            results[number] = replace(
                results[number],
                held=HeldOut(joined(own[0::4]), joined(own[1::4])),
                nearest=HeldOut(joined(own[2::4]), joined(own[3::4])),
            )
    results = _told_apart(results, embeddings, params, report.span(0.95, 1.0))
    return Study(relations, tuple(results), params, _made_by(relations, embeddings, params))


def _prepared(
    relation: Relation, embeddings: Embeddings, params: StudyParams, report: Report
) -> tuple[RelationResult, list[RankTask]]:
    """The offset of a relation, and what to rank: tails and heads by the scorer and the nearest."""
    offset = find_offset(embeddings, relation, params.seed, report.span(0.0, 0.5))
    folds = split_pairs(relation, params)
    if isinstance(folds, str):
        return RelationResult(relation, offset, notes=(folds,)), []
    asked: list[RankTask] = []
    notes: dict[str, None] = {}
    for number, (parts, held) in enumerate(zip(folds, asked_pairs(folds, params), strict=True)):
        part = report.span(0.5 + 0.5 * number / len(folds), 0.5 + 0.5 * (number + 1) / len(folds))
        if not len(held):
            continue
        learnt, tested = relation.at(parts.learnt), relation.at(held)
        for name in (params.scorer, BASELINE):
            scorer = fit_scorer(name, embeddings, learnt, params.seed, part)
            asked += [rank_task(embeddings, scorer, tested, relation, side) for side in SIDES]
            notes.update(dict.fromkeys(filter(None, (scorer.note,))))
    aside = folds[0].aside
    if aside:
        notes[
            f"{aside:,} of {len(relation):,} pairs are left aside: one of their items is held out, "
            "the other is not."
        ] = None
    found = RelationResult(relation, offset, len(folds[0].learnt), len(folds), aside)
    return replace(found, notes=tuple(notes)), asked


def split_pairs(relation: Relation, params: StudyParams) -> tuple[Parts, ...] | str:
    """Part the pairs, one time or several, or say why they cannot be."""
    pairs = len(relation)
    if pairs < LEAST:
        return f"{pairs} of the {LEAST} pairs that it takes to hold some out."
    rng = np.random.default_rng(params.seed)
    wanted = min(max(1, round(params.share * pairs)), pairs - 2)
    order = rng.permutation(pairs)
    if params.split == "unseen":
        return _unseen(relation, order, wanted)
    if pairs > CROSSED or params.share > 0.5:  # two parts or more hold out a half at most
        return (Parts(np.sort(order[wanted:]), np.sort(order[:wanted])),)
    folds = np.array_split(order, max(2, min(pairs, round(1 / params.share))))
    return tuple(Parts(np.setdiff1d(order, held), np.sort(held)) for held in folds)


def predict(
    embeddings: Embeddings,
    relation: Relation,
    scorer: str,
    row: int,
    side: Side = "tails",
    k: int = 20,
    seed: int = 0,
    report: Report = SILENT,
) -> Predicted:
    """Items that a relation, learnt from all its pairs, leads to from an item.

    Raises: BackendError if the item has no vector, Cancelled.
    """
    if not 0 <= row < len(embeddings) or not embeddings.present[row]:
        raise NO_LENGTH
    learnt = fit_scorer(scorer, embeddings, relation, seed, report.span(0.0, 0.3))
    query = learnt.queries(units_of(embeddings, np.array([row])), side)[0]
    rows, scores = top_rows(embeddings, query, learnt.measure, k, row, report.span(0.3, 1.0))
    told = relation if side == "tails" else relation.reversed()
    known = np.isin(rows, told.tails[told.heads == row])
    return Predicted(rows, scores, frozen(known), row, side)


def _check(params: StudyParams) -> None:
    if params.split not in SPLITS:
        raise BackendError(
            f"There is no split “{params.split}”.", hint=f"Choose one of {', '.join(SPLITS)}."
        )
    if not 0.0 < params.share < 1.0 or params.tested < 1:
        raise BackendError(
            "The held-out share must lie between 0 and 1, and at least one pair must be tested.",
            hint="Hold out a fifth, 0.2.",
        )


def _unseen(relation: Relation, order: NDArray[np.int64], wanted: int) -> tuple[Parts] | str:
    """Hold pairs out with both their items, until there are enough; pairs of one are left aside.

    Stops while at least two pairs can be learnt from.
    """
    items = np.unique(np.concatenate((relation.heads, relation.tails)))
    heads, tails = (np.searchsorted(items, rows) for rows in (relation.heads, relation.tails))
    of_item: list[list[int]] = [[] for _ in items]
    for pair, (head, tail) in enumerate(zip(heads.tolist(), tails.tolist(), strict=True)):
        of_item[head].append(pair)
        of_item[tail].append(pair)
    hidden = np.zeros(len(items), np.bool_)
    touched = np.zeros(len(relation), np.bool_)  # pairs that cannot be learnt from any more
    held = 0
    for pair in order.tolist():
        if held >= wanted:
            break
        fresh = [item for item in (heads[pair], tails[pair]) if not hidden[item]]
        lost = {one for item in fresh for one in of_item[item] if not touched[one]}
        if int((~touched).sum()) - len(lost) < max(2, len(relation) // 4):
            continue
        hidden[fresh] = True
        touched[list(lost)] = True
        held = int((hidden[heads] & hidden[tails]).sum())
    both = hidden[heads] & hidden[tails]
    if not both.any():
        return (
            "Its pairs hang together by common items: none can be held out so that neither of its "
            "items is seen. Hold out pairs by chance."
        )
    neither = ~hidden[heads] & ~hidden[tails]
    aside = len(relation) - int(both.sum()) - int(neither.sum())
    return (Parts(np.flatnonzero(neither), np.flatnonzero(both), aside),)


def asked_pairs(folds: Sequence[Parts], params: StudyParams) -> list[NDArray[np.int64]]:
    """Held-out pairs of each part that are asked about: of all parts together no more than said."""
    shares = np.array_split(np.arange(params.tested), len(folds))
    return [_sampled(one.held, len(own), params) for one, own in zip(folds, shares, strict=True)]


def _sampled(pairs: NDArray[np.int64], most: int, params: StudyParams) -> NDArray[np.int64]:
    if len(pairs) <= most:
        return pairs
    rng = np.random.default_rng(params.seed)
    return np.sort(rng.choice(pairs, most, replace=False))


def _told_apart(
    results: list[RelationResult], embeddings: Embeddings, params: StudyParams, report: Report
) -> list[RelationResult]:
    """How many held-out pairs lie along the offset of their own relation rather than another's.

    Its own offset is that of the pairs learnt from; those of others are of all their pairs.
    """
    usable = [number for number, one in enumerate(results) if one.held is not None]
    if len(usable) < 2:
        return results
    told = list(results)
    offsets = np.stack([results[number].offset.vector for number in usable]).astype(np.float64)
    offsets = at_length_one(offsets)  # (R, d)
    for place, number in enumerate(usable):
        report.step(place, len(usable), "Telling relations apart")
        relation = results[number].relation
        folds = split_pairs(relation, params)
        assert not isinstance(folds, str)
        hits: list[NDArray[np.bool_]] = []
        for parts, held in zip(folds, asked_pairs(folds, params), strict=True):
            learnt = relation.at(_sampled(parts.learnt, MOST_COMPARED, params))
            own = differences(embeddings, learnt).mean(axis=0, keepdims=True)
            ways = at_length_one(differences(embeddings, relation.at(held)))
            scores = ways @ offsets.T  # (held, R)
            scores[:, place] = ways @ at_length_one(own)[0]
            hits.append(scores.argmax(axis=1) == place)
        told[number] = replace(results[number], told_apart=float(np.concatenate(hits).mean()))
    return told


def _made_by(relations: Relations, embeddings: Embeddings, params: StudyParams) -> MadeBy:
    told = {
        **asdict(params),
        "relations": {one.name: len(one) for one in relations.relations},
        "named_by": relations.named_by,
        "hits": list(HITS),
        "ties": "mean rank",
    }
    packages = ["numpy", *(package for _, package in SCORERS[params.scorer].needs)]
    versions = {name: metadata.version(name) for name in packages}
    return MadeBy(OPERATION, (embeddings.fingerprint,), told, versions)
