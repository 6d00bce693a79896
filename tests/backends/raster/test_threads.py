"""Threads that several maps share: everything is done, once, and nobody waits for another map."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from backends.raster import threads
from backends.raster.camera import Camera
from backends.raster.colour import Paint, arrange, plain_codes, plain_palette
from backends.raster.draw import dots_for, draw
from backends.raster.points import build_points
from backends.raster.threads import spread

PATIENCE = 30.0  # seconds: only a failing test ever waits so long


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread beside the caller's, as on two cores."""
    pool = ThreadPoolExecutor(1)
    monkeypatch.setattr(threads, "_pool", lambda: pool)


@pytest.mark.parametrize("count", [0, 1, 2, 17])
def test_every_part_is_done_once(count: int) -> None:
    done: list[int] = []
    spread(done.append, range(count))
    assert sorted(done) == list(range(count))


@pytest.mark.usefixtures("one_thread")
def test_a_caller_does_not_wait_for_the_work_of_another() -> None:
    """One map's long part holds the only thread; the other map's parts are done all the same."""
    begun, go_on, done = threading.Event(), threading.Event(), []

    def slow(part: int) -> None:
        if part == 0:
            begun.set()
            go_on.wait(PATIENCE)

    first = threading.Thread(target=spread, args=(slow, (0, 1)))
    first.start()
    assert begun.wait(PATIENCE)
    second = threading.Thread(target=spread, args=(done.append, range(5)))
    second.start()
    second.join(PATIENCE)
    held = second.is_alive()
    go_on.set()
    first.join()
    second.join()
    assert not held
    assert sorted(done) == list(range(5))


@pytest.mark.usefixtures("one_thread")
def test_a_part_may_spread_parts_itself() -> None:
    done: list[int] = []

    def outer(part: int) -> None:
        spread(done.append, range(part * 10, part * 10 + 3))

    worker = threading.Thread(target=spread, args=(outer, range(4)), daemon=True)
    worker.start()
    worker.join(PATIENCE)
    assert not worker.is_alive()
    assert len(done) == 12


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_what_goes_wrong_is_raised_after_all_parts(bad: int) -> None:
    done: list[int] = []

    def call(part: int) -> None:
        if part == bad:
            raise ValueError(part)
        done.append(part)

    with pytest.raises(ValueError, match=str(bad)):
        spread(call, range(3))
    assert len(done) == 2


def test_two_maps_drawn_at_once_are_as_if_drawn_one_after_the_other() -> None:
    def picture(seed: int) -> np.ndarray:
        layout = np.random.default_rng(seed).normal(size=(150_000, 2)).astype(np.float32)
        points = build_points(layout)
        ink = arrange(
            points, Paint(plain_codes(len(layout)), plain_palette([(9, 99, 200)]), (90, 90, 90))
        )
        camera = Camera(width=320, height=240).fitted(points.bounds)
        out = np.empty((240, 320), np.uint32)
        return draw(points, ink, camera, dots_for(points, camera), out).copy()

    alone = [picture(0), picture(1)]
    with ThreadPoolExecutor(2) as both:
        for _ in range(3):
            together = list(both.map(picture, (0, 1)))
            assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
