"""Draws the map in a thread of its own: the newest wish counts, the newest picture is shown.

The GUI thread asks and goes on; what it asked before and nobody drew yet is forgotten. numba is
imported here, with the first points, so that neither start-up nor the hand ever waits for it.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal

from backends.arrays import Matrix
from backends.raster.camera import Camera
from backends.raster.colour import Paint
from backends.raster.sight import Sight
from backends.raster.turn import Levels, Turn

if TYPE_CHECKING:
    from backends.raster.colour import Ink
    from backends.raster.points import Points


Failure = tuple[BaseException, str]  # and its trace


@dataclass(frozen=True, eq=False)
class Wish:
    """What to draw. Layout and paint are known by identity, so a moved camera costs no sorting."""

    layout: Matrix  # (n, 2), or (n, 3) in space
    paint: Paint
    camera: Camera
    size: float
    equalised: bool = False  # opacity by rank of density, not by its logarithm
    turn: Turn | None = None  # the side from which a layout in space is seen
    ground: tuple[int, int, int] = (255, 255, 255)  # behind the points: what is far fades into it


@dataclass(frozen=True, eq=False)
class Frame:
    """A finished picture, and the points it shows: what is picked is what is seen."""

    picture: NDArray[np.uint32]  # (height, width), premultiplied; written again once given back
    wish: Wish
    points: Points  # of the side that is seen, flat
    ink: Ink
    radius: float  # of a dot, device pixels
    depth: Levels | None = None  # (n,) of a layout in space


class MapImage(QObject):
    """The GUI thread's side: asks for pictures and hands out the newest."""

    drawn = Signal(object)  # Frame
    failed = Signal(object, str)  # BaseException, trace
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker(self._arrived.emit)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(self._worker.stop)

    @property
    def is_idle(self) -> bool:
        """Whether everything that was asked for is drawn and delivered."""
        return self._worker.is_idle

    @property
    def is_warm(self) -> bool:
        """Whether picking and lassoing answer at once; the first picture comes before that."""
        return self._worker.is_warm

    def ask(self, wish: Wish) -> None:
        """Have this drawn; an earlier wish that nobody began yet is dropped."""
        self._worker.ask(wish)

    def stop(self) -> None:
        """Draw nothing more, without waiting for the end of what is drawn now."""
        self._worker.stop()

    def close(self, seconds: float = 2.0) -> bool:
        """End the worker; return whether it ended in time."""
        self._worker.stop()
        return self._worker.join(seconds)

    def _on_arrived(self) -> None:
        frame, failure = self._worker.take()
        if frame is not None:
            self.drawn.emit(frame)
        if failure is not None:
            self.failed.emit(*failure)


class Worker:
    """One thread, one wish, one frame on its way. Knows no Qt, so it may outlive the widget."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._wake = threading.Condition()
        self._wish: Wish | None = None
        self._stopped = False
        self._busy = False
        self.is_warm = False
        self._frame: Frame | None = None
        self._failure: Failure | None = None
        self._shown: NDArray[np.uint32] | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits, is drawn or is on its way."""
        with self._wake:
            return self._wish is None and not self._busy and self._frame is None

    def ask(self, wish: Wish) -> None:
        """Replace the wish that waits; the first one starts the thread."""
        with self._wake:
            self._wish = wish
            self._wake.notify()
        if self._thread is None and not self._stopped:
            self._thread = threading.Thread(target=self._work, name="map", daemon=True)
            self._thread.start()

    def take(self) -> tuple[Frame | None, Failure | None]:
        """Take what arrived; the picture taken before may be drawn over from now on."""
        with self._wake:
            frame, self._frame = self._frame, None
            failure, self._failure = self._failure, None
            if frame is not None:
                self._shown = frame.picture
            return frame, failure

    def stop(self) -> None:
        """Draw nothing more and tell nobody."""
        with self._wake:
            self._stopped = True
            self._wake.notify()

    def join(self, seconds: float) -> bool:
        """Wait for the end; return whether it came."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def _work(self) -> None:
        studio = Studio()
        while (wish := self._next()) is not None:
            try:
                frame = studio.draw(wish, self._taken())
                self._deliver(frame, None)
                if not self.is_warm:
                    warm_up(frame)
                    self.is_warm = True
            except Exception as error:  # noqa: BLE001  becomes a notice in the GUI thread
                self._deliver(None, (error, traceback.format_exc()))

    def _next(self) -> Wish | None:
        with self._wake:
            self._busy = False
            while self._wish is None and not self._stopped:
                self._wake.wait()
            wish, self._wish = self._wish, None
            self._busy = True
            return None if self._stopped else wish

    def _taken(self) -> list[Any]:
        with self._wake:
            waiting = self._frame.picture if self._frame is not None else None
            return [self._shown, waiting]

    def _deliver(self, frame: Frame | None, failure: Failure | None) -> None:
        with self._wake:
            if self._stopped:
                return
            first = self._frame is None and self._failure is None
            self._frame = frame or self._frame
            self._failure = failure or self._failure
            if first:  # inside the lock: after stop() the widget may be gone
                self._tell()


class Studio:
    """The worker's side: sorted points and ordered inks are kept from one wish to the next."""

    def __init__(self) -> None:
        self._sight = Sight()
        self._layout: Matrix | None = None
        self._paint: Paint | None = None
        self._points: Points | None = None
        self._ink: Ink | None = None
        self._pictures: list[NDArray[np.uint32]] = []

    def draw(self, wish: Wish, taken: list[Any]) -> Frame:
        """Draw into a picture that is not `taken`."""
        from backends.raster.colour import arrange
        from backends.raster.draw import dots_for, draw
        from backends.raster.points import build_points

        layout = self._sight.places(wish.layout, wish.turn)
        paint = self._sight.paint(wish.paint, wish.ground)
        if self._points is None or layout is not self._layout:
            self._points, self._layout, self._ink = build_points(layout), layout, None
        if self._ink is None or paint is not self._paint:
            self._ink, self._paint = arrange(self._points, paint), paint
        dots = dots_for(self._points, wish.camera, wish.size, equalised=wish.equalised)
        out = self._free((wish.camera.height, wish.camera.width), taken)
        picture = draw(self._points, self._ink, wish.camera, dots, out)
        return Frame(picture, wish, self._points, self._ink, dots.radius, self._sight.depth)

    def _free(self, shape: tuple[int, int], taken: list[Any]) -> NDArray[np.uint32]:
        self._pictures = [picture for picture in self._pictures if picture.shape == shape]
        for picture in self._pictures:
            if not any(picture is other for other in taken):
                return picture
        self._pictures.append(np.empty(shape, np.uint32))
        return self._pictures[-1]


def warm_up(frame: Frame) -> None:
    """Compile what the GUI thread will call: it must not wait for that under the cursor.

    And how dots are drawn at other zooms, before the hand comes there.
    """
    from backends.raster.brush import swept
    from backends.raster.draw import Dots, draw
    from backends.raster.lasso import inside
    from backends.raster.pick import pick
    from backends.raster.walk import step

    points, inks = frame.points, frame.ink.inks
    pick(points, 0.0, 0.0, 0.0, inks)
    inside(points, ((0, 0), (0, 0), (0, 0)), inks)
    swept(points, ((0, 0),), 0.0, inks)
    step(points, int(points.order[0]) if len(points) else -1, "left", inks)
    for radius in (0.0, 2.0):
        draw(points, frame.ink, Camera(width=8, height=8), Dots(radius, 0.9, 0.97, 2.0))
