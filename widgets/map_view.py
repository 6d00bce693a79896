"""The map: controls above, the picture below, the legend at its right.

Connects a map's model and the document's facts with the canvas. Imports neither pyqtgraph nor
numba: an axis-free picture needs no plot, and start-up has a second in all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.panels.map import ByClass, ByNumber, Look, OneMap
from backends.arrays import Matrix, Rows
from backends.raster.camera import Camera
from backends.raster.colour import Paint
from backends.types import Projection
from widgets.legend import Legend
from widgets.legend_editing import LegendEditor
from widgets.map_axes import AxesLayer
from widgets.map_bar import MapBar
from widgets.map_hand import MapHand
from widgets.map_image import Frame
from widgets.map_marks import EchoLayer, MarksLayer, ScaleLayer
from widgets.map_notes import MapNotes
from widgets.map_paint import build_paint
from widgets.map_reading import Reading
from widgets.map_tools import HELPS, Corners, Drag
from widgets.map_turn import Spin
from widgets.theme import current_theme, theme_signal

LEGEND_FROM = 440  # width from which on the legend has room beside the map
LEGEND_WIDTHS = (164, 208)  # in a narrow map and in a wide one
WIDE_FROM = 620


class MapView(QWidget):
    """Shows where items lie and lets them be looked at, chosen and outlined."""

    legend: Legend  # of the first map; it is that of all
    editor: LegendEditor

    def __init__(self, model: OneMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._document = model.document
        self._shown: str | None = None  # fingerprint of the projection that is shown
        self._live = False  # a layout under way is shown
        self._paint: Paint | None = None
        self._build()
        self._connect_model()
        self._connect_canvas()
        if model.leads:
            self.legend.show_colouring(model.colouring)
        self._on_projection_changed(model.showing.projection)

    def show_layout(self, layout: Matrix) -> None:
        """Show a layout under way, (n, 2) with a row for each of the corpus.

        The camera stays where the person put it; until then everything is kept in view.
        """
        self._live = True
        self._set_layout(layout, refit=False)

    @property
    def shown(self) -> Projection | None:
        """The finished layout that is shown."""
        return self._model.showing.projection if not self._live else None

    def fit(self) -> None:
        """Show everything."""
        self.canvas.fit()

    def go_to(self, row: object) -> None:
        """Bring an item into the middle."""
        if isinstance(row, int | np.integer):
            self.canvas.go_to(int(row))

    def set_badge(self, text: str, tooltip: str) -> None:
        """Say in a corner how far the picture can be trusted; no text, no badge."""
        self.badge.setText(text)
        self.badge.setToolTip(tooltip)
        self.badge.setVisible(bool(text))
        self.notes.place()

    def _build(self) -> None:
        self.bar = self._build_bar()
        self.canvas = MapHand()
        self.reading = Reading(self._model, self.canvas, self)
        self.marks = MarksLayer(self._model.shows, self)
        self.spin = Spin(self._model.turning, self.canvas, self)
        self.canvas.add_layer(AxesLayer(self._model.shows, self))
        self.canvas.add_layer(ScaleLayer(self._model.shows, self))
        self.canvas.add_layer(self.marks)
        self.canvas.add_layer(EchoLayer(self._model.hover, self._model, self))
        self.notes = notes = MapNotes(self.canvas)
        self.badge, self.help, self.message = notes.badge, notes.help, notes.message
        self.reading.resized.connect(notes.place)
        self.message.linkActivated.connect(self._on_link)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(self.canvas, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.bar)
        box.addLayout(below, 1)
        if self._model.leads:
            self.legend = Legend()
            below.addWidget(self.legend)
            box.addWidget(self.reading.play_bar)
        self.notes.dress()

    def _build_bar(self) -> MapBar:
        return MapBar(self._model)

    def _connect_model(self) -> None:
        model, document = self._model, self._document
        model.colouring_changed.connect(self._on_colouring_changed)
        model.size_changed.connect(self.canvas.show_size)
        model.shows.changed.connect(self._on_shows_changed)
        model.tool_changed.connect(self._on_tool_changed)
        model.go_requested.connect(self.go_to)
        model.look_requested.connect(self._on_look_requested)
        model.showing.projection_changed.connect(self._on_projection_changed)
        # No lambdas: a map that is closed hears nothing any more, which Qt sees to for methods.
        for signal, slot in (
            (document.active_changed, self._show_problem),
            (document.corpus_changed, self._show_problem),
            (document.selection_changed, self._on_colours_changed),
            (document.filter_changed, self._on_colours_changed),
            (document.focus_changed, self._show_marks),
            (document.hits_changed, self._show_marks),
        ):
            signal.connect(slot)
        theme_signal().changed.connect(self._on_theme_changed)
        self.canvas.show_size(model.size)
        self._on_shows_changed("equalised")
        self._on_tool_changed(model.tool)

    def _connect_canvas(self) -> None:
        model, canvas = self._model, self.canvas
        canvas.hovered.connect(self._on_hovered)
        canvas.clicked.connect(self._document.set_focus)
        canvas.outlined.connect(self._on_outlined)
        canvas.escaped.connect(model.clear_selection)
        canvas.tool_chosen.connect(model.set_tool)
        canvas.use_brush(model.brush)
        canvas.drawn.connect(self._on_drawn)
        canvas.camera_changed.connect(self._on_camera_changed)
        canvas.image.failed.connect(model.drawing_failed)
        self.bar.fit_asked.connect(self.fit)
        self.bar.zoom_asked.connect(canvas.zoom_step)
        if model.leads:
            self.editor = LegendEditor(self.legend, model)

    def _set_layout(self, layout: Matrix | None, *, refit: bool) -> None:
        if layout is not None and (self._paint is None or len(self._paint.codes) != len(layout)):
            self._repaint(len(layout))
        self.reading.show_layout(layout, refit=refit)
        self._show_problem()

    def _repaint(self, n: int | None = None) -> None:
        """Mix the colours anew: selection, filter, colouring or theme changed."""
        corpus = self._document.corpus
        rows = n if n is not None else len(corpus) if corpus is not None else 0
        colouring, document = self._model.colouring, self._document
        if isinstance(colouring, ByClass) and len(colouring.categories.codes) != rows:
            colouring = None
        self._paint = build_paint(
            rows, colouring, document.selection, document.filter, current_theme()
        )
        self.reading.show_paint(self._paint)

    def _on_colours_changed(self, _fact: object) -> None:
        self._repaint()

    def _show_marks(self, _fact: object = None) -> None:
        self.marks.show_marks(self._document.focus, self._document.hits)

    def _show_problem(self, _fact: object = None) -> None:
        """Say what to do where there is nothing to see."""
        problem = self._model.problem
        if problem is not None and not self._live:
            self.notes.say(f"<b>{problem.text}</b><br>{problem.hint}")
        elif self.canvas.frame is None:  # compiling the kernels takes seconds, once a machine
            self.notes.say("Drawing the first picture…", "view")
        elif self.message.property("about") != "view":
            self.notes.say("")

    def _on_projection_changed(self, projection: Projection | None) -> None:
        """Another layout is looked at as a whole; the end of the one under way stays in place."""
        name = projection.fingerprint if projection is not None else None
        other = name != self._shown and not self._live
        self._shown, self._live = name, False
        self._repaint()
        self._set_layout(projection.layout if projection is not None else None, refit=other)
        self._show_marks()

    def _on_colouring_changed(self, colouring: Any) -> None:
        if self._model.leads:
            self.legend.show_colouring(colouring)
            self._fit_legend()
        self._repaint()

    def _on_shows_changed(self, _name: Any) -> None:
        self.canvas.show_shading(equalised=self._model.shows.is_on("equalised"))

    def _on_tool_changed(self, tool: Any) -> None:
        self.canvas.show_tool(tool)
        self.help.setText(HELPS.get(tool, ""))
        self.notes.place()

    def _on_theme_changed(self, _theme: object) -> None:
        self.notes.dress()
        self._repaint()
        self.canvas.update()

    def _on_hovered(self, row: int | None) -> None:
        self._model.hover.set_row(row, self._model)
        if row is None or self._paint is None:
            self.canvas.show_card(None)
            return
        swatch = QColor(*self._paint.palette[self._paint.codes[row]].tolist())
        self.canvas.show_card(self._model.card(row), swatch)

    def _on_outlined(self, rows: Rows, drag: Drag, corners: Corners) -> None:
        more: dict[str, Any] = {"radius": drag.reach} if drag.reach is not None else {}
        more |= self.canvas.side
        self._model.select_rows(rows, drag.mode, kind=drag.outlines, polygon=corners, **more)

    def _on_camera_changed(self, _camera: Camera) -> None:
        """Take down where the person looks, for the project."""
        self._model.keep_look(self.canvas.look(None if self._live else self._shown))

    def _on_look_requested(self, look: Look) -> None:
        if look.projection == self._shown:
            self.canvas.take_look(look)

    def _on_drawn(self, frame: Frame) -> None:
        """Say so if nothing is to be seen, once the hand has come to rest."""
        if self._model.problem is not None and not self._live:
            return
        if self.reading.plays or frame.wish.camera != self.canvas.camera or frame.picture.any():
            if self.message.property("about") == "view":
                self.notes.say("")
            return
        if len(frame.points) and not frame.ink.is_seen:
            self.notes.say('Every class is hidden. <a href="all">Show all</a>', "view")
        elif len(frame.points):
            self.notes.say('Nothing in view. <a href="fit">Fit</a>', "view")
        else:
            self.notes.say("<b>No item has a place on this map.</b>", "view")

    def _on_link(self, link: str) -> None:
        if link == "all":
            self._model.show_all()
        else:
            self.fit()

    def _fit_legend(self) -> None:
        colouring = self._model.colouring
        known = isinstance(colouring, ByClass | ByNumber)
        self.legend.setFixedWidth(LEGEND_WIDTHS[self.width() >= WIDE_FROM])
        self.legend.setVisible(known and self.width() >= LEGEND_FROM)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the legend room only where there is some."""
        super().resizeEvent(event)
        if self._model.leads:
            self._fit_legend()
