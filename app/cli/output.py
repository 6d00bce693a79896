"""What a command prints: its result on stdout, progress and notices on stderr."""

from __future__ import annotations

import json
import math
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from backends.reporting import Progress

SCHEMA = 1
TERMINAL_SECONDS = 0.1  # between two states of the line
LOG_SECONDS = 5.0  # between two lines where stderr is a file
WINDOW_SECONDS = 15.0  # how far back the speed is measured


@dataclass(frozen=True)
class Answer:
    """The result of a command, as a program and as a person reads it."""

    data: Mapping[str, Any]
    text: str


def as_json(answer: Answer, seconds: float) -> str:
    """One line of JSON: the result, how long it took and the most memory this process has used."""
    data = {
        "schema": SCHEMA,
        **answer.data,
        "seconds": round(seconds, 3),
        "peak_rss_mb": peak_rss_mb(),
    }
    return json.dumps(_plain(data), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """Plain data: what JSON cannot say (NaN, infinity) is null, arrays are lists, the rest text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy's scalars and arrays
        return _plain(value.tolist())
    return str(value)


def peak_rss_mb() -> float | None:
    """Largest resident memory of this process so far; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: str = "") -> str:
    """Columns of text under a head; the columns named in `numbers` are set to the right."""
    widths = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]
    right = {i for i, name in enumerate(head) if name in numbers.split()}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (head, *rows)
    )


def facts(pairs: Mapping[str, object]) -> str:
    """One `name  value` a line; what is None is left out."""
    shown = {name: _short(value) for name, value in pairs.items() if value is not None}
    width = max(map(len, shown))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in shown.items())


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def clip(text: str, width: int) -> str:
    """One line of at most `width` characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


class Meter:
    """Progress with the time left: one changing line in a terminal, now and then one in a file."""

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._terminal = self._stream.isatty()
        self._pause = TERMINAL_SECONDS if self._terminal else LOG_SECONDS
        self._shown_at = clock()
        self._shares: deque[tuple[float, float]] = deque()  # (when, share)
        self._width = 0

    def show(self, progress: Progress) -> None:
        """Show where the work is, unless it was shown just now."""
        now = self._clock()
        if progress.share >= 0:
            self._remember(now, progress.share)
        if now - self._shown_at < self._pause:
            return
        self._shown_at = now
        self._write(self._line(progress))

    def clear(self) -> None:
        """Take the changing line away."""
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self.clear()
        self._stream.write(text + "\n")
        self._stream.flush()

    def _remember(self, now: float, share: float) -> None:
        if self._shares and share < self._shares[-1][1]:
            self._shares.clear()  # another piece of work has begun
        self._shares.append((now, share))
        while now - self._shares[0][0] > WINDOW_SECONDS and len(self._shares) > 2:
            self._shares.popleft()

    def _line(self, progress: Progress) -> str:
        if progress.share < 0:
            return progress.text
        left = self._seconds_left()
        ending = f"  {clock_text(left)} left" if left is not None else ""
        return f"{progress.share:4.0%}  {progress.text}{ending}"

    def _seconds_left(self) -> float | None:
        """Time to the end at the speed of the last seconds; None while there is none."""
        (then, first), (now, last) = self._shares[0], self._shares[-1]
        if last <= first or now - then < 1:
            return None
        return (1 - last) * (now - then) / (last - first)

    def _write(self, line: str) -> None:
        if not self._terminal:
            self._stream.write(line + "\n")
        else:
            line = line[:100]  # a line that wraps could not be rewritten
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        self._stream.flush()


def clock_text(seconds: float) -> str:
    """Minutes and seconds, as 2:05, or hours as well."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
