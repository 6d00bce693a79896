"""What a study of relations says: as plain data, as CSV, and in words."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from typing import Any

from backends.directions.relation_ranking import HITS, Ranks
from backends.directions.relation_scorers import BASELINE, SCORERS
from backends.directions.relation_study import (
    CROSSED,
    SPLITS,
    HeldOut,
    RelationResult,
    Study,
)
from backends.directions.relations import Relations
from backends.wording import counted

HEAD = (
    *("relation", "pairs", "consistency", "baseline", "length", "resultant", "mcv", "chance"),
    *("learnt", "held_out", "candidates", "mrr", "raw_mrr", *(f"hits_at_{k}" for k in HITS)),
    *("nearest_mrr", *(f"nearest_hits_at_{k}" for k in HITS)),
    *("heads_mrr", "heads_hits_at_10", "told_apart", "warnings"),
)
FINDS = {
    "offset": "the offset",
    "offset-l1": "the offset (city-block)",
    "map": "the linear map",
    "distmult": "DistMult",
    BASELINE: "going to the nearest item",
}
FEW = 20  # held-out pairs below which shares say little
CLOSE = 0.05  # shares of held-out pairs that are called about the same
Name = Callable[[int], str]  # of a row


def words_of(result: RelationResult, scorer: str) -> str:
    """What the held-out pairs say, in a sentence or two."""
    if result.held is None or result.nearest is None:
        return "Not judged on held-out pairs."
    own, other = result.held.tails.hits(10), result.nearest.tails.hits(10)
    pairs = counted(result.tested, "held-out pair")
    few = f" That is only {counted(result.tested, 'pair')}." if result.tested < FEW else ""
    if scorer == BASELINE:
        return f"Going to the nearest item finds the tail among the first ten for {own:.0%}.{few}"
    found = FINDS.get(scorer, SCORERS[scorer].title)
    sentence = (
        f"{found[0].upper()}{found[1:]} finds the tail among the first ten for {own:.0%} of "
        f"{pairs}; going to the nearest item finds {other:.0%}."
    )
    if own < other - CLOSE:
        return f"{sentence} It does worse than no relation at all.{few}"
    if own <= other + CLOSE:
        return f"{sentence} The relation adds little or nothing.{few}"
    return sentence + few


def split_words(study: Study) -> str:
    """How pairs were held out, and how ranks were taken."""
    params = study.params
    crossed, parts = "", max((one.parts for one in study.results), default=0)
    if parts > 1:
        crossed = (
            f"; of relations of up to {CROSSED:,} pairs in turn, in {parts:,} parts at most, so "
            "that each pair is held out once"
        )
    return (
        f"Held out: {100 * params.share:.3g}% ({SPLITS[params.split]}), at most "
        f"{params.tested:,}, seed {params.seed}{crossed}. All items with a vector but the one "
        "asked from are ranked; other answers known to be right are taken out (filtered); equal "
        "scores share their mean rank."
    )


def as_data(result: RelationResult) -> dict[str, Any]:
    """A result as plain data; what was not measured is None."""
    offset = result.offset
    held, nearest = result.held, result.nearest
    return {
        "relation": result.relation.name,
        "pairs": len(result.relation),
        "consistency": offset.consistency,
        "baseline": offset.baseline if offset.is_compared else None,
        "length": offset.length,
        "resultant": offset.resultant,
        "mcv": offset.variation if math.isfinite(offset.variation) else None,
        "chance": offset.chance if offset.is_compared else None,
        "symmetric": offset.is_symmetric,
        "disagreeing": len(offset.disagreeing),
        "learnt": result.learnt,
        "held_out": result.tested,
        "set_aside": result.aside,
        "candidates": held.tails.candidates if held is not None else None,
        "tails": _ranks(held.tails) if held is not None else None,
        "heads": _ranks(held.heads) if held is not None else None,
        "both": _ranks(held.both) if held is not None else None,
        "nearest": _side(nearest),
        "told_apart": result.told_apart,
        "warnings": list(result.warnings),
    }


def study_csv(study: Study) -> str:
    """A line for each relation."""
    lines: list[Sequence[object]] = [HEAD]
    for one in study.results:
        told = as_data(one)
        tails, heads = told["tails"] or {}, told["heads"] or {}
        nearest = (told["nearest"] or {}).get("tails", {})
        lines.append(
            [
                *(told[name] for name in HEAD[:8]),
                *(told["learnt"], told["held_out"], told["candidates"]),
                *(tails.get(name) for name in ("mrr", "raw_mrr", *HEAD[13:16])),
                *(nearest.get(name) for name in ("mrr", *HEAD[13:16])),
                *(heads.get("mrr"), heads.get("hits_at_10"), told["told_apart"]),
                " ".join(told["warnings"]),
            ]
        )
    return _csv(lines)


def pairs_csv(result: RelationResult, name: Name) -> str:
    """A line for each pair with its agreement."""
    relation = result.relation
    lines: list[Sequence[object]] = [
        ("relation", "head_row", "head", "tail_row", "tail", "agreement")
    ]
    for head, tail, agreement in zip(
        relation.heads.tolist(),
        relation.tails.tolist(),
        result.offset.agreement.tolist(),
        strict=True,
    ):
        lines.append((relation.name, head, name(head), tail, name(tail), f"{agreement:.6f}"))
    return _csv(lines)


def lost_csv(relations: Relations) -> str:
    """A line for each pair or line that was left out, with the reason."""
    return _csv([("left out", "because"), *((one.term, one.why) for one in relations.lost)])


def _ranks(ranks: Ranks) -> dict[str, float]:
    return {
        "mrr": ranks.mrr(),
        "raw_mrr": ranks.mrr(filtered=False),
        **{f"hits_at_{k}": ranks.hits(k) for k in HITS},
        **{f"raw_hits_at_{k}": ranks.hits(k, filtered=False) for k in HITS},
    }


def _side(held: HeldOut | None) -> dict[str, Any] | None:
    return None if held is None else {"tails": _ranks(held.tails), "heads": _ranks(held.heads)}


def _csv(lines: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
