"""Points on their way from the layout before to the one shown, so that the eye can follow them."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QVariantAnimation
from PySide6.QtWidgets import QApplication, QStyle

from backends.arrays import Matrix
from backends.projections.align import between
from widgets.map_canvas import MapCanvas

WAY_MS = 400
SKIPPERS = (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.KeyPress)


class Motion(QObject):
    """Shows a canvas the layouts between two; any press, turn or key ends it at once."""

    def __init__(self, canvas: MapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._start: Matrix | None = None
        self._end: Matrix | None = None
        self._way = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=WAY_MS)
        self._way.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._way.valueChanged.connect(self._on_value_changed)
        self._way.finished.connect(self.skip)
        canvas.installEventFilter(self)

    @property
    def is_moving(self) -> bool:
        """Whether points are on their way."""
        return self._end is not None

    def begin(self, start: Matrix, end: Matrix) -> None:
        """Move points that the canvas shows at `start` already."""
        self._start, self._end = start, end
        self._way.start()

    def skip(self) -> None:
        """Be there."""
        end = self._end
        self.stop()
        if end is not None:
            self._canvas.show_moving(end)

    def stop(self) -> None:
        """Leave the points where they are: something else is shown."""
        self._start = self._end = None
        self._way.stop()

    def _on_value_changed(self, share: float) -> None:
        if self._start is not None and self._end is not None:
            # A picture that is still being drawn is not overtaken: that would show nothing at all.
            if share < 1.0 and not self._canvas.image.is_idle:
                return
            self._canvas.show_moving(between(self._start, self._end, share))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let no hand wait."""
        if self._end is not None and event.type() in SKIPPERS:
            self.skip()
        return super().eventFilter(watched, event)


def wants_calm() -> bool:
    """Whether the desktop asks for less motion, as far as Qt tells."""
    style = QApplication.style()
    if not style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration):
        return True
    hints = QApplication.styleHints().accessibility()
    wanted = getattr(hints, "motionPreference", None)  # not in every version of Qt
    return wanted is not None and "reduced" in str(wanted()).casefold()
