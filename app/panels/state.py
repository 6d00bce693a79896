"""The states that a panel's work can be in; a view shows one of them and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from app.jobs import Failure, Job
from app.notices import Problem
from backends.reporting import Progress


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing runs, and it could."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """It cannot run now, and why."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class Running:
    """It runs; `seconds_left` is None while that is unknown."""

    progress: Progress
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The last run failed; what was there before is still there."""

    failure: Failure


PanelState = Idle | Blocked | Running | Failed


def state_of(job: Job | None, found: object, failure: Failure | None) -> PanelState:
    """The state of a panel: `found` is what its `plan` says, a request or the problem."""
    if job is not None:
        return Running(job.progress, job.seconds_left())
    if isinstance(found, Problem):
        return Blocked(found)
    return Failed(failure) if failure is not None else Idle()


def seconds_text(seconds: float) -> str:
    """A duration as a person says it: "40 s", "3 min", "2 h 10 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
