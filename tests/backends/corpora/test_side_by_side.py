"""Stages of reading beside each other: order, errors and ends are those of one after the other."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from backends.corpora.side_by_side import Beside, ahead, stoppable
from backends.reporting import SILENT, Cancelled, Report


def test_the_next_item_is_made_while_one_is_used() -> None:
    made = threading.Event()

    def items() -> Generator[int]:
        yield 1
        made.set()
        yield 2

    found = ahead(items())
    assert next(found) == 1
    assert made.wait(10)  # nobody has asked for the second one
    assert list(found) == [2]


def test_what_a_generator_raises_comes_in_its_place() -> None:
    def items() -> Generator[int]:
        yield 1
        raise ValueError("second")

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(ValueError, match="second"):
        next(found)


def test_a_generator_is_closed_when_nobody_wants_more() -> None:
    closed = []

    def items() -> Generator[int]:
        try:
            yield from range(10)
        finally:
            closed.append(threading.current_thread().name)

    found = ahead(items())
    next(found)
    found.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(closed) == 1
    assert not [t for t in threading.enumerate() if t.name.startswith("ahead")]


def test_rounds_follow_one_another_and_tell_their_errors() -> None:
    order: list[str] = []
    beside = Beside(2)
    gate = threading.Event()
    beside.start(lambda: order.append("first") if gate.wait(10) else None)
    gate.set()
    beside.start(lambda: order.append("second"))
    beside.finish()
    assert order == ["first", "second"]

    def fail() -> None:
        raise OSError("full")

    beside.start(fail, lambda: order.append("beside"))
    with pytest.raises(OSError, match="full"):
        beside.finish()
    assert order[-1] == "beside"
    beside.finish()  # said once
    beside.start(fail)
    beside.close()  # and never after the end
    assert not [t for t in threading.enumerate() if t.name.startswith("beside")]


def test_a_call_that_does_not_report_is_interrupted() -> None:
    stop, interrupted = threading.Event(), threading.Event()

    def call() -> bool:
        stop.set()  # the person presses Stop while it runs
        return interrupted.wait(10)

    with pytest.raises(Cancelled):
        stoppable(call, Report(stop=stop), interrupted.set)
    assert interrupted.is_set()
    assert stoppable(lambda: 5, SILENT) == 5
    with pytest.raises(ZeroDivisionError):
        stoppable(lambda: 1 // 0, SILENT, interrupted.set)


def test_a_call_that_cannot_be_interrupted_is_left_to_itself() -> None:
    stop, gate, ended = threading.Event(), threading.Event(), threading.Event()

    def call() -> None:
        stop.set()
        gate.wait(10)
        ended.set()

    with pytest.raises(Cancelled):
        stoppable(call, Report(stop=stop))
    assert not ended.is_set()
    gate.set()
    assert ended.wait(10)
