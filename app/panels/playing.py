"""Playing a column: a range of its steps runs over the map, and what lies inside is in colour.

A mask of its own beside selection and filter. Time is counted in seconds that went by, not in
ticks: a map that takes longer to draw skips steps instead of going slower.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.play_range import MODES, PlayRange
from app.panels.played_column import PlayedColumn
from backends.arrays import Mask
from backends.corpora.moments import Moments
from backends.types import Corpus

SPEEDS = (1, 2, 5, 10, 20, 30)  # steps a second
TICK_MS = 33
WHOLE_SECONDS = 20  # that a column should take, unless somebody chooses


class PlayingModel(PlayedColumn):
    """Whether the bar is there, whether the range runs, how fast, and what lies outside."""

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(document, jobs, notices, history, parent)
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        self._clock = QElapsedTimer()
        self._carry = 0.0  # of a step
        self.is_open = False
        self.speed, self.hides, self.loops = SPEEDS[2], False, True

    @property
    def is_playing(self) -> bool:
        """Whether the range runs."""
        return self._timer.isActive()

    @property
    def inside(self) -> Mask | None:
        """Which items lie in the range, (n,); None while that is not asked."""
        return super().inside if self.is_open else None

    def open(self) -> None:
        """Show the bar, at first with a column of dates."""
        if self.is_open or self.problem is not None:
            return
        self.is_open = True
        if self.moments is None:
            self.choose(self.column or _first(self._document.corpus, self.columns))
        self.changed.emit()
        self.stepped.emit()

    def close(self) -> None:
        """Put the bar away; everything is in colour again."""
        self.pause()
        self.is_open = False
        self.changed.emit()
        self.stepped.emit()

    def choose(self, column: str) -> None:
        """Play another column; it is read in the background."""
        self.pause()
        super().choose(column)

    def set_speed(self, speed: int) -> None:
        """Choose how many steps go by in a second."""
        self.speed = speed
        self.changed.emit()

    def set_hides(self, hides: bool) -> None:
        """Leave out what lies outside, or show it in grey."""
        self.hides = hides
        self.changed.emit()
        self.stepped.emit()

    def set_loops(self, loops: bool) -> None:
        """Begin again at the end, or stop there."""
        self.loops = loops
        self.changed.emit()

    def play(self) -> None:
        """Run on from here; from the end, begin again."""
        if self.moments is None or not self.moments.steps or self.is_playing:
            return
        if self._range.is_at_end:
            self._go(self._range.begun())
        self._carry = 0.0
        self._clock.start()
        self._timer.start()
        self.changed.emit()

    def pause(self) -> None:
        """Stay here."""
        if self.is_playing:
            self._timer.stop()
            self.changed.emit()

    def toggle(self) -> None:
        """Run, or stay."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def advance(self, seconds: float) -> None:
        """Go on by so much time; steps that went by meanwhile are not shown."""
        self._carry += seconds * self.speed
        by = int(self._carry)
        self._carry -= by
        if not by:
            return
        if not self._range.is_at_end:
            self.shift(by)
        elif self.loops:
            self._go(self._range.begun())
        else:
            self.pause()

    def project_state(self) -> dict[str, Any]:
        """Plain data for a project; the range in values, so that other steps do no harm."""
        value: dict[str, Any] = {"open": self.is_open, "column": self.column, "mode": self.mode}
        value |= {"speed": self.speed, "hides": self.hides, "loops": self.loops}
        if self.moments is not None and self.moments.steps:
            value["range"] = [float(self.moments.edges[end]) for end in self.range]
        return {**value, **self._wanted}

    def restore_project_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `project_state` gave; what does not fit this corpus is left out."""
        self._reset()
        if state.get("mode") in MODES:
            self._range = PlayRange(mode=state["mode"])
        self.hides, self.loops = state.get("hides") is True, state.get("loops") is not False
        ends = state.get("range")
        if isinstance(ends, list) and len(ends) == 2 and all(type(end) is float for end in ends):
            self._wanted["range"] = ends
        if state.get("speed") in SPEEDS:
            self._wanted["speed"] = state["speed"]
        if state.get("column") in self.columns:
            self.column = str(state["column"])
            if state.get("open") is True:
                self.open()
        self.changed.emit()

    def _reset(self) -> None:
        super()._reset()
        self._timer.stop()
        self.is_open = False

    def _on_tick(self) -> None:
        self.advance(self._clock.restart() / 1000)

    def _on_read(self, moments: Moments) -> None:
        usual = min(SPEEDS, key=lambda speed: abs(moments.steps / speed - WHOLE_SECONDS))
        self.speed = self._wanted.get("speed", usual)
        super()._on_read(moments)


def _first(corpus: Corpus | None, columns: tuple[str, ...]) -> str:
    """The column to begin with: one of dates, one called year, or the first."""
    types = {f.name: str(f.type) for f in corpus.table.schema} if corpus is not None else {}
    dates = [name for name in columns if types[name].startswith(("date", "timestamp"))]
    years = [name for name in columns if "year" in name.casefold()]
    return next(iter([*dates, *years, *columns]))
