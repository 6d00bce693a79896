"""Layers over the map, painted on a picture of their own as an export does."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.panels.shows import SHOWS, ShowsModel
from app.settings import SettingsStore
from backends.raster.camera import Camera
from backends.types import Hits
from widgets.map_layers import Layer, Scene
from widgets.map_marks import MarksLayer, ScaleLayer, length_text, round_length
from widgets.map_overlay import Place
from widgets.theme import LIGHT

LAYOUT = np.array([[0, 0], [1, 0], [0, 1]], np.float32)
WIDTH, HEIGHT = 600, 400


def painted(layer: Layer) -> QImage:
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(LIGHT.map_background))
    camera = Camera(0.5, 0.5, 200.0, WIDTH, HEIGHT, 1.0)
    painter = QPainter(image)
    layer.paint(painter, Scene(Place(LAYOUT, camera), LIGHT, QRectF(0, 0, WIDTH, HEIGHT), 2.0))
    painter.end()
    return image


def hits() -> Hits:
    rows, near = np.array([1, 2]), np.array([0.9, 0.8], np.float32)
    return Hits(rows, near, "like row 0", "e", row=0)


def test_the_switch_takes_the_lines_away_and_leaves_the_rings(qtbot: QtBot) -> None:
    shows = ShowsModel()
    layer = MarksLayer(shows)
    layer.show_marks(None, hits())
    joined = painted(layer)
    with qtbot.waitSignal(layer.changed):
        shows.set_on("lines", False)
    alone = painted(layer)
    between = (300, 300)  # half way from row 0 to row 1
    ground = QColor(LIGHT.map_background)
    assert joined.pixelColor(*between) != ground
    assert alone.pixelColor(*between) == ground
    assert alone != painted(MarksLayer(shows))  # the rings


def test_the_scale_bar_is_as_long_as_it_says(qtbot: QtBot) -> None:
    shows = ShowsModel()
    image = painted(ScaleLayer(shows))
    line = [image.pixelColor(x, HEIGHT - 12) for x in range(WIDTH)]
    dark = [x for x, seen in enumerate(line) if seen.lightness() < 140]
    length = round_length(120 / 200)  # 0.5 units
    assert length == 0.5
    assert dark[-1] - dark[0] == pytest.approx(length * 200, abs=2)
    shows.set_on("scale", False)
    assert painted(ScaleLayer(shows)).pixelColor(dark[0], HEIGHT - 12) == line[0]


@pytest.mark.parametrize(
    ("most", "length", "text"),
    [
        (1.0, 1.0, "1"),
        (0.99, 0.5, "0.5"),
        (4.9, 2.0, "2"),
        (63.0, 50.0, "50"),
        (3e-7, 2e-7, "2e-7"),
    ],
)
def test_lengths_are_round(most: float, length: float, text: str) -> None:
    assert round_length(most) == pytest.approx(length)
    assert length_text(round_length(most)) == text


def test_what_is_shown_is_remembered_beside_the_other_choices(qtbot: QtBot) -> None:
    store = SettingsStore()
    store.change(map={"size": 2.0, "shown": {"scale": "perhaps"}})
    shows = ShowsModel(store)
    assert not shows.is_on("scale")  # what makes no sense is off
    assert shows.is_on("lines") == SHOWS["lines"].default
    shows.toggle("lines")
    assert store.value.map["size"] == 2.0
    assert not ShowsModel(store).is_on("lines")
