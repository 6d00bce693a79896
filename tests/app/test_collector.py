"""Garbage is collected by the GUI thread's timer and by nobody else."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.collector import FULL_EVERY, Collector
from app.jobs import Jobs


class Ring:
    """An object that only the cyclic collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    jobs = Jobs()
    gc.enable()
    collector = Collector(jobs)
    yield collector
    collector.close()
    gc.disable()
    gc.unfreeze()
    assert jobs.close(2)


def test_python_does_not_collect_by_itself_until_it_is_closed(collector: Collector) -> None:
    assert not gc.isenabled()
    collector.close()
    assert gc.isenabled()


def test_a_look_frees_young_cycles(collector: Collector) -> None:
    gone = weakref.ref(Ring())
    assert gone() is not None
    collector.look()
    assert gone() is None


def test_old_cycles_are_freed_after_a_minute_of_rest(collector: Collector) -> None:
    ring = Ring()
    gone = weakref.ref(ring)
    gc.collect(1)
    gc.collect(1)  # now it is old
    del ring
    for _ in range(FULL_EVERY):
        collector.look()
    assert gone() is None
