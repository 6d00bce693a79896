"""Taking pictures of the map: the dialog, and a copy for the clipboard."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication, QImage

from app.actions import Action
from app.jobs import Failure
from app.notices import Problem
from app.panels.map import MapModel
from app.panels.pictures import NO_MAP, PictureSettings
from backends.reporting import Report
from widgets.picture_dialog import PictureDialog
from widgets.picture_drawing import Sheet, draw_image, prepare
from widgets.picture_page import Page, Source, build_page, font_family
from widgets.picture_points import Stock
from widgets.theme import current_theme

if TYPE_CHECKING:
    from widgets.main_window import MainWindow
    from widgets.map_view import MapView

NOT_DRAWN = Problem("The map is not drawn yet.", "Wait a moment.")
TIMES = 2  # pixels of a copy to a logical pixel of the screen


def picture_actions(window: MainWindow) -> tuple[Action, Action]:
    """Export a picture, and copy one."""

    def problem() -> Problem | None:
        if window.application.document.projection is None:
            return NO_MAP
        return None if window.map.canvas.frame is not None else NOT_DRAWN

    return (
        Action(
            "export_picture",
            "Export picture…",
            "File",
            "Ctrl+Shift+P",
            "Save the map as PNG, SVG or PDF",
            when=problem,
            run=lambda: open_dialog(window),
        ),
        Action(
            "copy_picture",
            "Copy picture",
            "File",
            "Ctrl+Shift+C",
            "Copy the map as it is shown, at twice the resolution",
            when=problem,
            run=lambda: copy_picture(window),
        ),
    )


def source_of(view: MapView, model: MapModel) -> Source | None:
    """What the map shows now; None if nothing is drawn yet."""
    canvas, frame, document = view.canvas, view.canvas.frame, model.document
    if frame is None:
        return None
    return Source(
        frame.points.layout,
        frame.points,
        canvas.camera,
        model.size,
        model.colouring,
        document.selection,
        document.filter,
        tuple(canvas.layers),
        screen_size(view),
        font_family(view.font()),
        frame.wish.turn,
        frame.depth,
    )


def screen_size(view: MapView) -> tuple[float, float]:
    """Width and height of map and legend together, logical pixels."""
    legend = view.legend.width() if view.legend.isVisible() else 0
    return float(view.canvas.width() + legend), float(view.canvas.height())


def open_dialog(window: MainWindow) -> PictureDialog | None:
    """Open the dialog on what the map shows now."""
    source = source_of(window.map, window.application.map)
    if source is None:
        return None
    model = window.application.pictures
    model.prepare(_pixels(source))
    dialog = PictureDialog(model, source, window)
    dialog.open()
    return dialog


def copy_picture(window: MainWindow) -> None:
    """Put the map on the clipboard as it is seen: its part, its theme, its legend."""
    source = source_of(window.map, window.application.map)
    if source is None:
        return
    app = window.application
    width, height = _pixels(source)
    choice = PictureSettings(
        width=width,
        height=height,
        ground="dark" if current_theme().is_dark else "light",
        legend=window.map.legend.isVisible(),
    )
    stock = Stock()
    page = build_page(choice, source, stock)
    job = app.jobs.start("Copying the picture", partial(_draw, page, stock), lane="io", key="copy")

    def put(image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        app.notices.info(f"Copied a picture of {width:,} × {height:,} pixels.")  # noqa: RUF001

    def say(failure: Failure) -> None:
        app.notices.failure(failure.error, failure.trace)

    job.done.connect(put)
    job.failed.connect(say)


def _draw(page: Page, stock: Stock, report: Report) -> QImage:
    report.check()
    image = draw_image(Sheet(page, prepare(page, stock)))
    image.setDevicePixelRatio(1.0)
    return image


def _pixels(source: Source) -> tuple[int, int]:
    width, height = source.screen
    return round(width * TIMES), round(height * TIMES)
