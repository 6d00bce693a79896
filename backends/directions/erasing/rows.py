"""A verdict as rows: what was measured, before, after, and the difference."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backends.directions.erasing.judging import Judgement, Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of both states; None where it could not be taken."""

    title: str
    before: float | None
    after: float | None
    note: str  # of how many, of what
    about: str  # what it means, one sentence
    percent: bool = False

    @property
    def difference(self) -> str:
        """After less before, with its sign; empty where one is missing."""
        if self.before is None or self.after is None:
            return ""
        change = self.after - self.before
        if isnan(change):
            return ""
        if self.percent:
            return f"{100 * change:+.1f} points"
        return f"{change:+.4f}"

    def shown(self, value: float | None) -> str:
        """A value as a person reads it."""
        if value is None or isnan(value):
            return "-"
        return f"{100 * value:.1f}%" if self.percent else f"{value:.4f}"


def rows_of(verdict: Verdict) -> tuple[Row, ...]:
    """All measures, in the order of a reader's questions."""
    before, after = verdict.before, verdict.after
    items = after.bias_on
    rows = [
        Row(
            "Direct bias",
            before.direct_bias,
            after.direct_bias,
            items,
            "Mean strength of the direction in neutral items: 0 is none.",
        ),
        Row(
            "Direct bias, found again",
            before.bias_again,
            after.bias_again,
            items,
            "The same along the direction that the same recipe finds in the vectors of that side.",
        ),
        Row(
            "Same neighbours@10",
            before.neighbour_overlap,
            after.neighbour_overlap,
            f"{verdict.overlap_n:,} items",
            "Share of the ten nearest that are those of before: what the change cost.",
            percent=True,
        ),
        *_residual(before, after),
    ]
    return (*rows, *_tests_and_checks(before, after))


def _tests_and_checks(before: Judgement, after: Judgement) -> list[Row]:
    rows = []
    for old, new in _matched(before.associations, after.associations):
        rows.append(
            Row(
                old.name.partition(":")[0],
                old.effect_size,
                new.effect_size,
                old.name.partition(": ")[2],
                "Effect size d of an association test: 0 is none, 2 the most.",
            )
        )
    later = {one.file: one for one in after.checks}
    for check in before.checks:
        if check.file not in later:
            continue
        again = later[check.file]
        measure = "Spearman's rho" if check.kind == "similarity" else "Share of right answers"
        rows.append(
            Row(
                check.title,
                check.score,
                again.score,
                f"{again.n:,} {'pairs' if check.kind == 'similarity' else 'questions'}",
                f"{measure}: what the vectors are good for.",
            )
        )
    return rows


def _residual(before: Judgement, after: Judgement) -> list[Row]:
    old, new = before.residual, after.residual
    if old is None or new is None:
        return []
    chance = f"{new.held_out:,} held out, chance {new.chance:.0%}"
    spread = f"{new.clusters_low:.0%} to {new.clusters_high:.0%} by start"
    return [
        Row(
            "Clusters agree",
            old.clusters,
            new.clusters,
            f"{new.n:,} items, {spread}",
            "How well two clusters, found without labels, agree with the two sides: 50% is chance "
            f"({new.how}).",
            percent=True,
        ),
        Row(
            "Linear probe",
            old.linear,
            new.linear,
            chance,
            "Items whose side a logistic regression guesses right.",
            percent=True,
        ),
        Row(
            "Non-linear probe",
            old.nonlinear,
            new.nonlinear,
            chance,
            "Items whose side a support vector machine with a Gaussian kernel guesses right.",
            percent=True,
        ),
    ]


def _matched(before: tuple, after: tuple) -> list[tuple]:  # type: ignore[type-arg]  # of associations
    again = {one.name: one for one in after}
    return [(one, again[one.name]) for one in before if one.name in again]
