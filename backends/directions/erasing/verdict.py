"""The verdict on an erasure in words: made from numbers, and claiming no more than they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backends.directions.base import Direction
    from backends.directions.erasing.judging import Judgement
    from backends.directions.erasing.residual import Residual

GONE = 0.1  # share of the direct bias below which the axis counts as gone
SAME = 0.1  # how far a share of it may be from 1 and still be the same
ERRORS = 2.0  # standard errors above chance, from which a classifier finds something


def words_of(before: Judgement, after: Judgement, direction: Direction) -> str:
    """What the numbers mean, in a few sentences."""
    said = [_axis_words(before, after)]
    old, new = before.residual, after.residual
    if old is not None and new is not None:
        said += [_classifier_words(old, new, direction.title), _cluster_words(old, new)]
    else:
        said.append(
            "There are too few items to see whether the sides can still be told apart, so this "
            "does not say that they cannot."
        )
    said.append(f"{_percent(after.neighbour_overlap)} of the ten nearest neighbours are the same.")
    return " ".join(said)


def finds(residual: Residual) -> bool:
    """Whether the better classifier does better than chance on the held-out items."""
    best = max(residual.linear, residual.nonlinear)
    chance = residual.chance
    error = (chance * (1 - chance) / residual.held_out) ** 0.5
    return bool(best > chance + ERRORS * error)


def _axis_words(before: Judgement, after: Judgement) -> str:
    change = (
        f"direct bias {before.direct_bias:.4f} before, {after.direct_bias:.4f} after, on "
        f"{after.bias_on}"
    )
    if before.direct_bias <= 0:
        return f"There was no direct bias to take away ({after.bias_on})."
    left = after.direct_bias / before.direct_bias
    if left > 1 + SAME:
        return f"The axis is stronger: {change}."
    if left > 1 - SAME:
        return f"The axis is as it was: {change}."
    if left >= GONE:
        return f"The axis is weaker: {change}."
    again = after.bias_again
    if again is not None and before.bias_again and again >= GONE * before.bias_again:
        return (
            f"The axis as it was is gone ({change}), but the same recipe finds another in the "
            f"changed vectors, with a direct bias of {again:.4f}."
        )
    return f"The axis is gone: {change}."


def _classifier_words(old: Residual, new: Residual, title: str) -> str:
    best = max(new.linear, new.nonlinear)
    if finds(new):
        kind = "linear" if new.linear >= new.nonlinear else "non-linear"
        other = "non-linear" if kind == "linear" else "linear"
        less = min(new.linear, new.nonlinear)
        return (
            f"A {kind} classifier still tells the sides of “{title}” apart for {_percent(best)} of "
            f"{new.held_out:,} held-out items (a {other} one {_percent(less)}, chance "
            f"{_percent(new.chance)}; before {_percent(max(old.linear, old.nonlinear))})."
        )
    return (
        f"Neither a linear nor a non-linear classifier tells the sides of “{title}” apart better "
        f"than chance: {_percent(best)} of {new.held_out:,} held-out items, chance "
        f"{_percent(new.chance)}."
    )


def _cluster_words(old: Residual, new: Residual) -> str:
    words = f"Two clusters found without labels agree with the sides for {_percent(new.clusters)}"
    if new.clusters_high - new.clusters_low > 0.02:
        words += (
            f" of the items ({_percent(new.clusters_low)} to {_percent(new.clusters_high)}, "
            "depending on the start)"
        )
    else:
        words += " of the items"
    return f"{words}, before for {_percent(old.clusters)}."


def _percent(share: float) -> str:
    """A share as a person says it; never 100% where something is missing, never 0% of something."""
    if 0.995 <= share < 1:
        return f"{min(share, 0.9999):.1%}" if share < 0.9995 else "over 99.9%"
    if 0 < share < 0.005:
        return f"{share:.1%}" if share >= 0.0005 else "under 0.1%"
    return f"{share:.0%}"
