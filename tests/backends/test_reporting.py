"""Reports: where a function is, a snapshot, and the wish to stop."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.reporting import SILENT, Cancelled, Progress, Report


class Ears:
    def __init__(self) -> None:
        self.progress: list[Progress] = []
        self.partials: list[object] = []
        self.stop = threading.Event()
        self.report = Report(self.progress.append, self.partials.append, self.stop)


def test_silence_bears_everything() -> None:
    SILENT.check()
    SILENT.step(1, 2, "half")
    SILENT.partial("snapshot")
    stage = SILENT.span(0, 0.5)
    stage.step(1, 2, "half of a half")
    assert stage is not SILENT


def test_steps_and_snapshots_are_heard() -> None:
    ears = Ears()
    ears.report.step(1, 4, "a quarter")
    ears.report.partial("snapshot")
    assert ears.progress == [Progress(0.25, "a quarter")]
    assert ears.partials == ["snapshot"]


@pytest.mark.parametrize(("total", "share"), [(0, -1.0), (-1, -1.0)])
def test_an_unknown_length_is_said(total: int, share: float) -> None:
    ears = Ears()
    ears.report.span(0.5, 1).step(3, total, "so many")
    assert ears.progress == [Progress(share, "so many")]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-5, 15))
def test_a_stage_stays_within_its_span(start: float, width: float, done: float) -> None:
    ears = Ears()
    end = start + width * (1 - start)
    ears.report.span(start, end).step(done, 10, "")
    assert start - 1e-9 <= ears.progress[0].share <= end + 1e-9


def test_a_stage_of_a_stage_counts_within_it() -> None:
    ears = Ears()
    stage = ears.report.span(0.2, 0.6).span(0.5, 1.0)
    for done in (0, 1, 2):
        stage.step(done, 2, "")
    assert [round(each.share, 9) for each in ears.progress] == [0.4, 0.5, 0.6]


@pytest.mark.parametrize(
    "look",
    [
        lambda report: report.check(),
        lambda report: report.step(0, 1, ""),
        lambda report: report.partial(1),
        lambda report: report.span(0, 1).step(0, 1, ""),
    ],
)
def test_reporting_is_looking_whether_to_stop(look) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    ears = Ears()
    ears.stop.set()
    with pytest.raises(Cancelled):
        look(ears.report)
    assert not ears.progress
    assert not ears.partials


def test_no_library_swallows_the_wish_to_stop() -> None:
    assert not issubclass(Cancelled, Exception)
