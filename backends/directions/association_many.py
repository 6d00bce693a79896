"""Many association tests at once: terms are looked up together, p-values corrected together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backends.directions.association import Association, associate
from backends.directions.base import Space
from backends.directions.metrics import AssociationParams, Floats
from backends.directions.remembered import Remembered
from backends.directions.wordsets import AssociationTest
from backends.errors import BackendError
from backends.reporting import SILENT, Report

CORRECTIONS = {"holm": "Holm", "bh": "Benjamini-Hochberg", "none": "none"}


@dataclass(frozen=True, slots=True)
class Refused:
    """A test that cannot be made here, and why."""

    name: str
    what: str
    hint: str = ""


Outcome = Association | Refused


def associate_all(
    space: Space,
    tests: Sequence[AssociationTest],
    metric: str = "weat",
    params: AssociationParams | None = None,
    correction: str = "holm",
    report: Report = SILENT,
) -> tuple[Outcome, ...]:
    """Make many tests; one that cannot be made is refused and keeps no other from being made.

    Each outcome is a partial result too, as the tuple of those so far, corrected among themselves.

    Raises: BackendError if no term at all can have a vector here, Cancelled.
    """
    remembered = space.terms if isinstance(space.terms, Remembered) else Remembered(space.terms)
    sets = [one for test in tests for one in (*test.targets, *test.attributes)]
    terms = dict.fromkeys(term for one in sets for term in one.terms)
    remembered.look_up(tuple(terms), report.span(0.0, 0.5))
    space = replace(space, terms=remembered)
    outcomes: list[Outcome] = []
    for number, test in enumerate(tests):
        share = (0.5 + 0.5 * at / len(tests) for at in (number, number + 1))
        part = report.span(*share)
        part.step(0, 1, test.name)
        try:
            outcomes.append(associate(space, test, metric, params, part))
        except BackendError as error:
            outcomes.append(Refused(test.name, error.what, error.hint))
        report.partial(corrected(outcomes, correction))
    return corrected(outcomes, correction)


def corrected(results: Sequence[Outcome], how: str = "holm") -> tuple[Outcome, ...]:
    """Put p-values beside each other's that account for how many tests were made.

    "holm" bounds the chance of any false finding (Holm 1979), "bh" the share of false ones among
    the findings (Benjamini and Hochberg 1995; tests that share words are taken as if their
    p-values went together), "none" leaves them. Tests without a p do not count.
    """
    made = [
        (at, one, one.p)
        for at, one in enumerate(results)
        if isinstance(one, Association) and one.p is not None
    ]
    adjusted = _adjusted(np.array([p for _, _, p in made], dtype=np.float64), how)
    changed = list(results)
    for (at, one, _), value in zip(made, adjusted.tolist(), strict=True):
        changed[at] = replace(one, p_corrected=value)
    return tuple(changed)


def _adjusted(values: Floats, how: str) -> Floats:
    m = len(values)
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    if how == "holm":
        ranked = np.maximum.accumulate(ranked * (m - np.arange(m)))
    elif how == "bh":
        scaled = ranked * m / (np.arange(m) + 1)
        ranked = np.minimum.accumulate(scaled[::-1])[::-1]
    elif how != "none":
        raise KeyError(how)
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(ranked, 1.0)
    return adjusted
