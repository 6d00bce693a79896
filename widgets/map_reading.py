"""What helps to read the map, put around a canvas: minimap, trails, motion, a column played."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal

from app.panels.one_map import OneMap
from backends.arrays import Matrix
from backends.raster.colour import Paint
from widgets.map_arrows import ArrowsLayer, ArrowsNote
from widgets.map_canvas import MapCanvas
from widgets.map_motion import Motion, wants_calm
from widgets.map_paint import narrowed_to
from widgets.map_trails import TrailsLayer, TrailsNote
from widgets.minimap import Minimap
from widgets.play_bar import PlayBar


class Reading(QObject):
    """Stands between a map view and its canvas where time plays a part."""

    resized = Signal()  # the canvas has another size
    play_bar: PlayBar  # of the first map

    def __init__(self, model: OneMap, canvas: MapCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._canvas = canvas
        self.motion = Motion(canvas)
        canvas.add_layer(ArrowsLayer(model.arrows, model.shows, self))
        for layer in (TrailsLayer, TrailsNote):
            canvas.add_layer(layer(model.trails, model.shows, self))
        canvas.add_layer(ArrowsNote(model.arrows, model.shows, self))
        self.minimap = Minimap(canvas, model.shows)
        self.minimap.failed.connect(model.drawing_failed)
        if model.leads:
            self.play_bar = PlayBar(model.playing)
        self._paint: Paint | None = None
        self._is_due = False  # the range went on while a picture was being drawn
        model.playing.stepped.connect(self._on_stepped)
        canvas.drawn.connect(self._catch_up)
        canvas.installEventFilter(self)

    @property
    def plays(self) -> bool:
        """Whether a column is played, so that there may be moments without any item."""
        return self._model.playing.is_open

    def show_layout(self, layout: Matrix | None, *, refit: bool) -> None:
        """Show a layout; another one than before is reached on the way from the old places."""
        self.motion.stop()
        start = self._model.trails.start if refit and self._may_move() else None
        self._canvas.show_layout(layout, refit=refit, start=start)
        if start is not None and layout is not None:
            self.motion.begin(start, layout)

    def show_paint(self, paint: Paint) -> None:
        """Show other colours, of what the range that is played lets through."""
        self._paint, self._is_due = paint, False
        playing = self._model.playing
        self._canvas.show_paint(narrowed_to(paint, playing.inside, hides=playing.hides))

    def _on_stepped(self) -> None:
        """A picture under way is finished first: else a slow map would show none at all."""
        self._is_due = True
        if self._canvas.image.is_idle or not self._model.playing.is_playing:
            self._catch_up()

    def _catch_up(self, _frame: object = None) -> None:
        if self._is_due and self._paint is not None:
            self.show_paint(self._paint)

    def _may_move(self) -> bool:
        return self._model.shows.is_on("moves") and self._canvas.isVisible() and not wants_calm()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The bar takes room from the canvas without the view having another size."""
        if event.type() == QEvent.Type.Resize:
            self.resized.emit()
        return super().eventFilter(watched, event)
