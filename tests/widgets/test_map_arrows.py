"""Arrows over the map: on the screen, in pictures, in space, in both themes, switched off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.panels.arrows import Arrows, ArrowsModel, arrows_of
from app.panels.shows import ShowsModel
from backends.arrays import Matrix
from backends.raster.camera import Camera
from backends.raster.turn import Turn
from tests.app.bench import Bench
from widgets import map_arrows
from widgets.map_arrows import ArrowsLayer, ArrowsNote, colours_of, ends_of
from widgets.map_canvas import MapCanvas
from widgets.map_layers import Scene
from widgets.map_marks import MarksLayer, ScaleLayer
from widgets.map_overlay import Place
from widgets.picture_page import record
from widgets.theme import DARK, LIGHT, Theme

LAYOUT = np.array([[0, 0], [1, 0], [0, 1], [np.nan, np.nan]], np.float32)
WIDTH, HEIGHT = 600, 400


def scene(theme: Theme = LIGHT, ratio: float = 1.0, layout: Matrix = LAYOUT) -> Scene:
    size = (round(WIDTH * ratio), round(HEIGHT * ratio))
    place = Place(layout, Camera(0.5, 0.5, 200.0 * ratio, *size, ratio))
    return Scene(place, theme, QRectF(0, 0, WIDTH, HEIGHT), 2.0)


def painted(layer: ArrowsLayer, on: Scene) -> QImage:
    ratio = on.place.camera.ratio
    image = QImage(
        round(WIDTH * ratio), round(HEIGHT * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(on.theme.map_background))
    painter = QPainter(image)
    layer.paint(painter, on)
    painter.end()
    return image


def pair(agreement: float = 1.0, heads: tuple[int, ...] = (0,)) -> Arrows:
    rows = np.array(heads, np.int64)
    return arrows_of("r", rows, rows + 1, np.full(len(rows), agreement, np.float32))


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench()
    yield made
    assert made.close()


@pytest.fixture
def model(bench: Bench, qtbot: QtBot) -> ArrowsModel:
    made = ArrowsModel(bench.document, bench.jobs)
    with qtbot.waitSignal(made.changed, timeout=60_000):
        made.show(pair())
    return made


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_an_arrow_lies_between_its_items(model: ArrowsModel, theme: Theme, ratio: float) -> None:
    image = painted(ArrowsLayer(model, ShowsModel()), scene(theme, ratio))
    ground = QColor(theme.map_background)
    middle = (round(300 * ratio), round(300 * ratio))  # between rows 0 and 1
    assert image.pixelColor(*middle) != ground
    assert image.pixelColor(middle[0], middle[1] - round(40 * ratio)) == ground
    assert image.pixelColor(round(150 * ratio), middle[1]) == ground  # before row 0


def test_agreement_is_seen_and_the_switch_takes_the_arrows_away(
    model: ArrowsModel, qtbot: QtBot
) -> None:
    shows = ShowsModel()
    layer = ArrowsLayer(model, shows)
    agree = painted(layer, scene()).pixelColor(380, 300)
    with qtbot.waitSignal(layer.changed):
        model.show(pair(-1.0))
    against = painted(layer, scene()).pixelColor(380, 300)
    assert agree.red() > agree.blue()
    assert against.blue() > against.red()
    with qtbot.waitSignal(layer.changed):
        shows.set_on("arrows", False)
    assert painted(layer, scene()).pixelColor(380, 300) == QColor(LIGHT.map_background)
    assert layer.shown is None


def test_arrows_follow_the_camera_and_are_drawn_anew_only_then(
    model: ArrowsModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    real = map_arrows._draw
    monkeypatch.setattr(map_arrows, "_draw", lambda *told: drawn.append(told) or real(*told))
    layer = ArrowsLayer(model, ShowsModel())
    first = painted(layer, scene())
    assert painted(layer, scene()) == first
    assert len(drawn) == 1
    here = scene()
    moved = Scene(Place(LAYOUT, here.place.camera.panned(0, 50)), LIGHT, here.area, here.radius)
    after = painted(layer, moved)
    assert len(drawn) == 2
    assert after.pixelColor(300, 350) != QColor(LIGHT.map_background)
    painted(layer, scene(DARK))
    assert len(drawn) == 3


def test_a_picture_has_the_arrows_too_line_by_line(model: ArrowsModel) -> None:
    layer = ArrowsLayer(model, ShowsModel())
    font = QImage(1, 1, QImage.Format.Format_RGB32)
    painter = QPainter(font)
    used = painter.font()
    painter.end()
    recording = record([layer], scene(), used)
    on_screen, replayed = painted(layer, scene()), painted(_Replay(recording), scene())
    ground = QColor(LIGHT.map_background)
    for x in (250, 300, 350, 395):
        assert on_screen.pixelColor(x, 300) != ground
        assert replayed.pixelColor(x, 300) != ground
        a, b = on_screen.pixelColor(x, 300), replayed.pixelColor(x, 300)
        assert abs(a.red() - b.red()) + abs(a.blue() - b.blue()) < 110
    assert replayed.pixelColor(300, 260) == ground


class _Replay(ArrowsLayer):
    """A recording as a layer."""

    def __init__(self, recording: object) -> None:
        self._recording = recording

    def paint(self, painter: QPainter, scene: Scene) -> None:
        painter.drawPicture(0, 0, self._recording)  # type: ignore[call-overload]


def test_items_without_a_place_have_no_arrow(model: ArrowsModel) -> None:
    model.show(pair(heads=(2, 7)))
    image = painted(ArrowsLayer(model, ShowsModel()), scene())
    blank = QImage(image)
    blank.fill(QColor(LIGHT.map_background))
    assert image == blank
    model.show(None)
    assert painted(ArrowsLayer(model, ShowsModel()), scene()) == blank


def test_in_space_arrows_are_turned_with_the_points() -> None:
    layout = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1]], np.float32)
    turn = Turn(yaw=90.0)
    place = Place(layout, Camera(0.0, 0.0, 100.0, WIDTH, HEIGHT, 2.0), turn)
    ends = ends_of(pair(heads=(0, 1)), place)
    for row, at in ((0, ends[0, :2]), (1, ends[0, 2:]), (2, ends[1, 2:])):
        spot = place.of(row)
        assert spot is not None
        assert at.tolist() == pytest.approx([2 * spot.x(), 2 * spot.y()], abs=1e-3)


def test_the_note_says_how_many_arrows_there_are(model: ArrowsModel) -> None:
    shows = ShowsModel()
    note = ArrowsNote(model, shows)
    assert note.in_pictures, "without its legend colours in a picture say nothing"
    assert ArrowsLayer(model, shows).in_pictures
    image = painted(note, scene())
    blank = QImage(image)
    blank.fill(QColor(LIGHT.map_background))
    assert image != blank
    shows.set_on("arrows", False)
    assert painted(note, scene()) == blank


def test_colours_reach_from_one_end_of_the_scale_to_the_other() -> None:
    ends = colours_of(np.array([-1.0, -2.0, 1.0, 3.0], np.float32), dark=False)
    assert (ends[0] == ends[1]).all()
    assert (ends[2] == ends[3]).all()
    assert ends[0][2] > ends[0][0]  # blue
    assert ends[2][0] > ends[2][2]  # orange


def test_arrows_lie_below_whatever_comes_later(model: ArrowsModel, qtbot: QtBot) -> None:
    canvas = MapCanvas()
    qtbot.addWidget(canvas)
    shows = ShowsModel()
    scale, arrows, marks = ScaleLayer(shows), ArrowsLayer(model, shows), MarksLayer(shows)
    canvas.add_layer(scale)
    canvas.add_layer(arrows)
    canvas.add_layer(marks, lowest=True)
    assert canvas.layers == [arrows, marks, scale]
    canvas.image.close()
