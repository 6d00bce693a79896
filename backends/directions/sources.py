"""Examples from words and texts: pairs, two lists, two prompts, a relation.

What was lost, found under another spelling, given twice or on both sides is said, never mended in
silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backends.arrays import Matrix, frozen, unit_rows
from backends.directions.base import Examples, Group, Space
from backends.directions.given import (
    Pair,
    PairsGiven,
    PromptsGiven,
    RelationGiven,
    SetsGiven,
    called,
)
from backends.directions.terms import BARE, TWICE, Encoded, Lost, Terms, once
from backends.errors import BackendError
from backends.reporting import SILENT, Report

SHOWN = 10  # terms that a note names


def pair_examples(space: Space, given: PairsGiven, report: Report = SILENT) -> Examples:
    """Both words of each pair; a pair with a word that has no vector is lost as a whole.

    Raises: BackendError if no pair is left.
    """
    found = _found_pairs(space, given.pairs, report)
    lows, highs = zip(*found.pairs, strict=True)
    notes = (*found.notes, *_said_both_sides(lows, highs))
    return _paired(found, given.negative_name, given.positive_name, notes)


def relation_examples(space: Space, given: RelationGiven, report: Report = SILENT) -> Examples:
    """Heads against tails, pair by pair. Raises: BackendError if no pair is left."""
    found = _found_pairs(space, given.pairs, report)
    name = " ".join(given.name.split()) or "relation"
    return _paired(found, f"heads of {name}", f"tails of {name}", found.notes)


def set_examples(space: Space, given: SetsGiven, report: Report = SILENT) -> Examples:
    """Two lists; each term counts once in a list. Raises: BackendError if a list has no vector."""
    low = once(space.terms.look_up(given.negative, report.span(0.0, 0.5)))
    high = once(space.terms.look_up(given.positive, report.span(0.5, 1.0)))
    return _lists(low, high, given)


def prompt_examples(space: Space, given: PromptsGiven, report: Report = SILENT) -> Examples:
    """Two texts or groups of them, encoded as they stand.

    Raises: BackendError if the encoder is not known or knows none of the words.
    """
    source = Encoded(space.corpus, space.embeddings, BARE)
    low = source.look_up(given.negative, report.span(0.0, 0.5))
    high = source.look_up(given.positive, report.span(0.5, 1.0))
    return _lists(low, high, given)


def _lists(low: Terms, high: Terms, given: SetsGiven | PromptsGiven) -> Examples:
    sides = ((low, given.negative_name), (high, given.positive_name))
    for terms, name in sides:
        if not len(terms):
            lost = tuple(one.term for one in terms.lost)
            side = called(name, lost) or "an empty list"
            raise BackendError(
                f"One side has no vector: {side}.", hint="Give each side a word that is known here."
            )
    notes = [*_spelled(low, high), *_said_both_sides(_names(low), _names(high))]
    for terms, name in sides:
        if len(terms) == 1:
            notes.append(
                f"“{called(name, terms.asked)}” is a single term: the direction is as much its own "
                "as that of what it stands for."
            )
    negative, positive = (_group(called(name, one.asked), one) for one, name in sides)
    return Examples(negative, positive, False, (*low.lost, *high.lost), tuple(notes))


def _names(terms: Terms) -> list[str]:
    """What the terms were found as: two spellings of an item are one."""
    return [terms.spelled.get(term, term) for term in terms.asked]


def _group(title: str, terms: Terms) -> Group:
    return Group(title, frozen(terms.units), terms.asked)


@dataclass(frozen=True, eq=False)
class _Pairs:
    pairs: tuple[Pair, ...]
    vectors: tuple[Matrix, Matrix]  # (p, d) unit length, of both sides
    lost: tuple[Lost, ...]
    notes: tuple[str, ...]


def _found_pairs(space: Space, given: Sequence[Pair], report: Report) -> _Pairs:
    if not given:
        raise BackendError("There is no pair.", hint="Give at least one, such as she, he.")
    asked = [(" ".join(low.split()), " ".join(high.split())) for low, high in given]
    terms = space.terms.look_up(tuple(dict.fromkeys(t for pair in asked for t in pair)), report)
    place = {term: at for at, term in enumerate(terms.asked)}
    why = {one.term: one.why for one in terms.lost}
    kept: dict[tuple[object, object], Pair] = {}
    lost: list[Lost] = []
    for pair in asked:
        reason = _reason(pair, place, why)
        key = tuple(_item(terms, place[term]) for term in pair) if not reason else (None, None)
        if not reason and key[0] == key[1]:
            reason = "both are the same item"
        elif not reason and key in kept:
            reason = TWICE
        if reason:
            lost.append(Lost(" → ".join(pair), reason))
        else:
            kept[key[0], key[1]] = pair
    if not kept:
        none = "The pair cannot" if len(asked) == 1 else f"None of the {len(asked):,} pairs can"
        raise BackendError(
            f"{none} be used: "
            + "; ".join(f"{one.term} ({one.why})" for one in lost[:SHOWN])
            + ("; …" if len(lost) > SHOWN else "."),
            hint="Take words that are known here, or another column with the words.",
        )
    turned = [pair for key, pair in kept.items() if (key[1], key[0]) in kept]
    notes = _spelled(terms)
    if turned:
        notes.append(f"Given in both orders, which cancel out: {_list(_joined(turned))}.")
    if len(kept) == 1:
        notes.append("A single pair: the direction is as much its own as what it stands for.")
    units = unit_rows(terms.vectors)
    low, high = (
        frozen(units[[place[pair[side]] for pair in kept.values()]]) for side in (0, 1)
    )  # (p, d)
    return _Pairs(tuple(kept.values()), (low, high), tuple(lost), tuple(notes))


def _item(terms: Terms, at: int) -> object:
    """What tells terms apart: the row, or of encoded ones the term."""
    row = int(terms.rows[at])
    return row if row >= 0 else terms.asked[at]


def _reason(pair: Pair, place: dict[str, int], why: dict[str, str]) -> str:
    """Why a pair cannot be used, or an empty text."""
    reasons = []
    for term in dict.fromkeys(pair):
        if not term:
            reasons.append("a word is missing")
        elif term not in place:
            reasons.append(f"“{term}”: {why[term]}")
    return ", ".join(reasons)


def _paired(found: _Pairs, low: str, high: str, notes: tuple[str, ...]) -> Examples:
    lows, highs = zip(*found.pairs, strict=True)
    return Examples(
        Group(called(low, lows), found.vectors[0], lows),
        Group(called(high, highs), found.vectors[1], highs),
        True,
        found.lost,
        notes,
    )


def _spelled(*found: Terms) -> list[str]:
    told = {asked: name for terms in found for asked, name in terms.spelled.items()}
    if not told:
        return []
    return [
        "Found under another spelling: "
        + _list([f"{a} as {name}" for a, name in told.items()])
        + "."
    ]


def _said_both_sides(lows: Sequence[str], highs: Sequence[str]) -> list[str]:
    both = [term for term in dict.fromkeys(lows) if term in set(highs)]
    if not both:
        return []
    return [f"On both sides, which draws them together: {_list(both)}."]


def _joined(pairs: Sequence[Pair]) -> list[str]:
    return [" → ".join(pair) for pair in pairs]


def _list(terms: Sequence[str]) -> str:
    more = f" and {len(terms) - SHOWN:,} more" if len(terms) > SHOWN else ""
    return ", ".join(terms[:SHOWN]) + more
