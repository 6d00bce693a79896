"""What `probe` prints: one object for programs, the same in sentences and tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.cli.output import facts, table

if TYPE_CHECKING:
    from backends.directions.analogies import Analogies
    from backends.directions.base import Direction, PairFit
    from backends.directions.looking import DirectBias
    from backends.directions.references import Agreement

Score = tuple[str, tuple[float, ...]]  # an item and its projection on each axis


@dataclass(frozen=True, eq=False)
class Probed:
    """A direction and what was looked at along it; None for what was not asked for."""

    direction: Direction
    scores: Sequence[Score]  # the largest projection on the first axis first
    bias: DirectBias | None
    reference: str  # what the numbers of the targets are
    agreement: Agreement | None
    analogies: Analogies | None


def data_of(probed: Probed) -> dict[str, Any]:
    """The object of `--json`."""
    direction, scores, bias = probed.direction, probed.scores, probed.bias
    told = direction.evidence
    lost = (*told.lost, *(bias.lost if bias is not None else ()))
    return {
        "title": direction.title,
        "ends": direction.ends,
        "source": direction.source,
        "method": direction.method,
        "how": direction.made_by.params["how"],
        "n_pairs": len(told.pairs),
        "n": told.n,
        "explained": told.explained,
        "baseline": told.baseline,
        "consistency": told.consistency,
        "pairs": [_pair(fit) for fit in told.pairs],
        "disagreeing": [_pair(fit) for fit in told.disagreeing],
        "accuracy": told.accuracy,
        "chance": told.chance,
        "held_out": told.held_out,
        "scores": [_score(*score) for score in scores],
        "direct_bias": bias.value if bias is not None else None,
        "direct_bias_of_axes": bias.subspace if bias is not None else None,
        "strictness": bias.strictness if bias is not None else None,
        "n_targets": bias.n if bias is not None else None,
        "reference": _reference(probed.reference, probed.agreement),
        "analogies": _pairs(probed.analogies),
        "lost": [{"term": one.term, "why": one.why} for one in lost],
        "notes": told.notes,
    }


def _score(item: str, values: tuple[float, ...]) -> dict[str, Any]:
    """An item; where there are several axes, its projections on the others too."""
    first, *others = (round(value, 6) for value in values)
    return {"item": item, "projection": first} | ({"others": others} if others else {})


def _pair(fit: PairFit) -> dict[str, Any]:
    return {"negative": fit.negative, "positive": fit.positive, "cosine": round(fit.cosine, 6)}


def _reference(name: str, agreement: Agreement | None) -> dict[str, Any] | None:
    if agreement is None:
        return None
    return {
        "name": name,
        "n": agreement.n,
        "pearson": agreement.pearson,
        "low": agreement.low,
        "high": agreement.high,
        "p": agreement.p,
        "spearman": agreement.spearman,
    }


def _pairs(analogies: Analogies | None) -> list[dict[str, Any]] | None:
    if analogies is None:
        return None
    return [
        {
            "negative": pair.negative,
            "positive": pair.positive,
            "score": round(pair.score, 6),
            "found_negative": pair.found_negative,
            "found_positive": pair.found_positive,
            "match": pair.match,
        }
        for pair in analogies.pairs
    ]


def text_of(probed: Probed) -> str:
    """What it is and how far to trust it, then what lies along it."""
    direction, bias, agreement = probed.direction, probed.bias, probed.agreement
    parts = [f"{direction.title}\n{direction.made_by.params['how']}.", _evidence(direction)]
    if bias is not None:
        told = f"Direct bias of {bias.n} targets, strictness {bias.strictness:g}: {bias.value:.4f}"
        if bias.subspace is not None:
            told += f" on the first axis, {bias.subspace:.4f} within all {bias.axes}"
        parts.append(told)
    if agreement is not None:
        parts.append(
            f"Against {probed.reference} of {agreement.n} terms: Pearson {agreement.pearson:.3f} "
            f"(95% {agreement.low:.2f} to {agreement.high:.2f}, p {agreement.p:.2g}), "
            f"Spearman {agreement.spearman:.3f}"
        )
    axes = [f"axis-{number}" for number in range(2, len(direction.basis) + 1)]
    lines = [[*(f"{value:+.3f}" for value in values), item] for item, values in probed.scores]
    head = ("projection", *axes, "item")
    parts.append(table(head, lines, numbers=" ".join(head[:-1])))
    if probed.analogies is not None:
        parts.append(_analogies_text(probed.analogies))
    return "\n\n".join(part for part in parts if part)


def _evidence(direction: Direction) -> str:
    told = direction.evidence
    accuracy = None
    if told.accuracy is not None:
        accuracy = f"{told.accuracy:.1%} of {told.held_out} held out (majority {told.chance:.1%})"
    shown: dict[str, object] = {
        "from": f"{direction.ends[0]} ({told.n[0]:,})",
        "to": f"{direction.ends[1]} ({told.n[1]:,})",
        "explained": _shares(told.explained),
        "random pairs": _shares(told.baseline),
        "consistency": None if told.consistency is None else f"{told.consistency:.3f}",
        "disagreeing": ", ".join(f"{p.negative} → {p.positive}" for p in told.disagreeing) or None,
        "accuracy": accuracy,
    }
    return facts(shown)


def _shares(values: Sequence[float]) -> str | None:
    more = " …" if len(values) > 5 else ""
    return " ".join(f"{value:.3f}" for value in values[:5]) + more if values else None


def _analogies_text(analogies: Analogies) -> str:
    head = ("negative", "positive", "score", "without a ban", "match")
    lines = [
        [
            pair.negative,
            pair.positive,
            f"{pair.score:.3f}",
            f"{pair.found_negative}, {pair.found_positive}",
            "yes" if pair.match else "no",
        ]
        for pair in analogies.pairs
    ]
    return (
        f"{analogies.matches} of {len(lines)} analogies also hold if a word may be its own answer "
        f"(offset {analogies.offset})\n\n{table(head, lines, numbers='score')}"
    )
