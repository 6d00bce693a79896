"""What is known of a direction as sentences, for the window and for a report alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backends.corpora.computed import HOW
from backends.directions.base import Direction, Evidence
from backends.directions.terms import Lost
from backends.wording import counted, either

HARDLY = 1.5  # times the share of random pairs: less says little
FEW = 4  # pairs or examples of a side
NAMED = 8  # lost terms that a sentence names; a table holds all


def facts_of(direction: Direction) -> tuple[str, ...]:
    """What the evidence says, one sentence each, the most telling first."""
    evidence = direction.evidence
    told = [*_scree(evidence), *_pairs(evidence), *_probe(evidence)]
    low, high = evidence.n
    if low or high:
        told.append(f"Found from {low:,} and {high:,} examples.")
    if 0 < min(evidence.n) < FEW:
        told.append(f"Fewer than {FEW} examples on a side: it may say more of them than of others.")
    return tuple(told)


def how_found(direction: Direction) -> str:
    """The sentence of its recipe."""
    return f"{direction.made_by.params.get(HOW, direction.title)}."


def lost_words(lost: Sequence[Lost], named: int = NAMED) -> str:
    """Which terms were left out and why, in a sentence; empty if none was."""
    if not lost:
        return ""
    shown = ", ".join(f"{one.term} ({one.why})" for one in lost[:named])
    more = f" and {len(lost) - named:,} more" if len(lost) > named else ""
    return f"{counted(len(lost), 'term')} left out: {shown}{more}."


def _scree(evidence: Evidence) -> Iterable[str]:
    if not evidence.explained:
        return
    first = evidence.explained[0]
    told = f"The first component holds {first:.1%} of what the pairs differ in"
    if evidence.baseline:
        random = evidence.baseline[0]
        told += f"; of as many random pairs {random:.1%}"
        if len(evidence.pairs) > 1 and first < HARDLY * random:
            told += ". That is hardly more: this may be no direction at all"
    yield f"{told}."


def _pairs(evidence: Evidence) -> Iterable[str]:
    if evidence.consistency is None:
        return
    pairs = counted(len(evidence.pairs), "pair")
    yield f"{pairs}: mean cosine with the direction {evidence.consistency:.3f}."
    others = evidence.disagreeing
    if others:
        named = ", ".join(f"{p.negative} → {p.positive} ({p.cosine:.2f})" for p in others[:NAMED])
        points = either(len(others), "points", "point")
        yield f"{counted(len(others), 'pair')} {points} the other way: {named}."


def _probe(evidence: Evidence) -> Iterable[str]:
    if evidence.accuracy is None:
        return
    told = f"A probe tells {evidence.accuracy:.1%} of {evidence.held_out:,} held-out examples apart"
    if evidence.chance is not None:
        told += f"; guessing the larger side would be right for {evidence.chance:.1%}"
        if evidence.accuracy <= evidence.chance + 0.05:
            told += ". That is hardly more: the sides may not differ along any line"
    yield f"{told}."
