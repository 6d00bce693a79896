"""What scores of word files mean, in sentences that claim no more than was measured."""

from __future__ import annotations

from collections.abc import Sequence

from backends.evaluate.analogies import AnalogyScore
from backends.evaluate.words import FEW, MUCH_LOST, WordScore
from backends.wording import counted, either, listed

MOST_NAMED = 3  # files in a sentence
LEAST = {"similarity": 2, "analogies": 1}  # pairs or questions that it takes


def verdict(scores: Sequence[WordScore]) -> tuple[str, ...]:
    """One to five sentences about the scores of one space; none without scores."""
    judged = [score for score in scores if score.score == score.score]
    said = [*_agreement([score for score in judged if score.kind == "similarity"])]
    said += [*_answers([score for score in judged if score.kind == "analogies"])]
    chance = [_name(score) for score in judged if is_chance(score)]
    if chance:
        said.append(f"On {_named(chance)} they are not told apart from random vectors.")
    said += _unjudged([score for score in scores if score.score != score.score])
    short = [_name(score) for score in judged if score.lost_share > MUCH_LOST]
    if short:
        their = either(len(short), "its score is", "their scores are")
        said.append(f"More than {MUCH_LOST:.0%} lost of {_named(short)}: {their} about the rest.")
    few = [_name(score) for score in judged if score.n < FEW]
    if few:
        said.append(f"{_named(few)} left fewer than {FEW} to judge by, which says little.")
    return tuple(said)


def is_chance(score: WordScore) -> bool:
    """Whether random vectors do as well within the interval, or too little is known to say."""
    if score.random != score.random:
        return False
    return not score.low > max(score.random, 0.0)


def _unjudged(scores: Sequence[WordScore]) -> list[str]:
    """Why files have no score: what is missing, words or an order."""
    few = [_name(score) for score in scores if score.n < LEAST[score.kind] <= score.asked]
    short = [_name(score) for score in scores if score.asked < LEAST[score.kind]]
    flat = [_name(score) for score in scores if score.n >= LEAST[score.kind]]
    said = []
    if few:
        said.append(f"{_named(few)} could not be judged: too few of the words have a vector.")
    if short:
        said.append(f"{_named(short)} could not be judged: a single pair has no order.")
    if flat:
        said.append(
            f"{_named(flat)} could not be judged: all scores, or all cosines, are the same."
        )
    return said


def _agreement(scores: Sequence[WordScore]) -> list[str]:
    """How far cosines agree with people, from the least to the most."""
    if not scores:
        return []
    order = sorted(scores, key=lambda score: score.score)
    low, high = (f"{score.score:.2f} ({_name(score)})" for score in (order[0], order[-1]))
    said = "Spearman's rho with people's judgements:"
    return [f"{said} {high}." if len(order) == 1 else f"{said} {low} to {high}."]


def _answers(scores: Sequence[WordScore]) -> list[str]:
    """How many analogies are right, and how many without the custom."""
    said = []
    for score in scores[:MOST_NAMED]:
        if isinstance(score.detail, AnalogyScore):
            free = score.detail.total.add_free
            said.append(
                f"{_name(score)}: {score.score:.0%} of {counted(score.n, 'analogy', 'analogies')} "
                f"right, {free:.0%} if words of the question may be answers."
            )
    return said


def _name(score: WordScore) -> str:
    """The file without its ending."""
    return score.title.rsplit(".", 1)[0] or score.title


def _named(titles: list[str]) -> str:
    more = len(titles) - MOST_NAMED
    shown = titles[:MOST_NAMED] if more > 0 else titles
    return listed([*shown, f"{more} more"] if more > 0 else shown)
