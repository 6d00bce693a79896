"""Steps of reading that go on beside each other: the next piece comes while the last is kept."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from backends.reporting import Cancelled, Report

CHECK_SECONDS = 0.05
T = TypeVar("T")
_END = object()


def ahead(items: Generator[T]) -> Iterator[T]:
    """The same items, the next one made in a thread of its own while one is used.

    What the generator raises comes out here, in its place. It is closed before this ends.
    """
    with ThreadPoolExecutor(1, "ahead") as pool:
        following: Future[object] = pool.submit(next, items, _END)
        try:
            while (item := following.result()) is not _END:
                following = pool.submit(next, items, _END)
                yield item  # type: ignore[misc]  # it came out of `items`
        finally:
            wait([following])  # a generator cannot be closed while it runs
            pool.submit(items.close).result()


def stoppable(
    call: Callable[[], T], report: Report, interrupt: Callable[[], None] | None = None
) -> T:
    """Run a call that does not report, until it ends or nobody wants it any more.

    `interrupt` makes it end then. Without it the call is left to itself, so it must own all that
    it uses and change nothing.

    Raises: what the call raises, Cancelled.
    """
    pool = ThreadPoolExecutor(1, "stoppable")
    answer = pool.submit(call)
    try:
        while not wait([answer], CHECK_SECONDS).done:
            report.check()
    except Cancelled:
        if interrupt is not None:
            interrupt()
        raise
    finally:
        pool.shutdown(wait=answer.done() or interrupt is not None)
    return answer.result()


class Beside:
    """Runs a few calls beside the caller, one round of them after the other."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, "beside")
        self._round: list[Future[None]] = []

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, *calls: Callable[[], None]) -> None:
        """Begin a round when the one before is over. Raises: what a call of that one raised."""
        self.finish()
        self._round = [self._pool.submit(call) for call in calls]

    def finish(self) -> None:
        """Wait for the round under way. Raises: what one of its calls raised."""
        wait(self._round)
        ended, self._round = self._round, []
        for future in ended:
            future.result()

    def close(self) -> None:
        """Wait, let the threads go and forget what went wrong; may be called again."""
        self._pool.shutdown(wait=True, cancel_futures=True)
