"""How a benchmark reports: one row a measure, against a peer or a limit of the same run.

A target that does not hold is printed as such and never removed or lowered.
"""

from __future__ import annotations

import argparse
import json
import operator
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

COMPARE = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True)
class Measure:
    """One figure; `ratio` is theirs / ours, so that more is better when smaller figures are."""

    measure: str
    ours: float
    target: str  # ">= 4" for the ratio, or "<= 1.0" for our own figure where there is no peer
    n: int
    unit: str = "s"
    peer: str = ""
    theirs: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the peer's figure is ours."""
        return self.theirs / self.ours if self.theirs is not None and self.ours else None

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        sign, limit = self.target.split()
        figure = self.ratio if self.ratio is not None else self.ours
        return bool(COMPARE[sign](figure, float(limit)))


def arguments(description: str) -> argparse.Namespace:
    """Read `--quick` and `--json`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, under 50 s")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser.parse_args()


def show(measure: Measure, *, as_json: bool) -> None:
    """Print one row."""
    if as_json:
        row: dict[str, Any] = {
            "measure": measure.measure,
            "ours": measure.ours,
            "peer": measure.peer,
            "theirs": measure.theirs,
            "ratio": measure.ratio,
            "target": measure.target,
            "holds": measure.holds,
            "n": measure.n,
            "unit": measure.unit,
        }
        print(json.dumps(row), flush=True)
        return
    beside = (
        f" {measure.peer} {measure.theirs:.4g} {measure.unit}, ratio {measure.ratio:.2f};"
        if measure.theirs is not None
        else ""
    )
    verdict = "holds" if measure.holds else "DOES NOT HOLD"
    print(
        f"{measure.measure} (n={measure.n:,}): {measure.ours:.4g} {measure.unit};{beside} "
        f"target {measure.target}: {verdict}",
        flush=True,
    )


def seconds_of(call: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_turn(
    ours: Callable[[], float], theirs: Callable[[], float], times: int
) -> tuple[float, float]:
    """Run both several times in turn and return the medians of what they return."""
    pairs = [(ours(), theirs()) for _ in range(times)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
