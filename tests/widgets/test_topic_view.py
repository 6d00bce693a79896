"""Labels and contours on a real map, with real mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QFont, QHelpEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QToolTip
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.panels.topic_edits import TopicLabel
from backends.raster.camera import Camera
from tests import builders
from tests.app.test_topics_model import ROWS, laid_out, shore
from widgets.map_layers import Layer, Scene
from widgets.map_overlay import Place
from widgets.map_view import MapView
from widgets.theme import apply_theme, current_theme
from widgets.topic_labels import TopicLabels, broken
from widgets.topic_view import TopicView

Key = Qt.KeyboardModifier
LEFT = Qt.MouseButton.LeftButton


@dataclass
class Stage:
    app: Application
    view: MapView
    topics: TopicView
    qtbot: QtBot

    def settle(self) -> None:
        image = self.view.canvas.image
        self.qtbot.waitUntil(
            lambda: not self.app.jobs.live and image.is_idle and image.is_warm, timeout=60_000
        )

    def label(self, word: str) -> TopicLabel:
        return next(label for label in self.topics.labels.shown if word in label.text)

    def spot(self, word: str) -> QPoint:
        box = self.topics.labels.box(self.label(word).number, self.view.canvas.camera)
        assert box is not None
        return box.center().toPoint()

    def subjects(self) -> set[int]:
        return set((self.app.document.selection.rows % 4).tolist())

    @property
    def field(self) -> QLineEdit:
        field = self.topics.hand.field
        assert field is not None
        return field


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    app = Application()
    view = MapView(app.map)
    topics = TopicView(view.canvas, app)
    view.resize(800, 600)
    view.show()
    qtbot.waitExposed(view)
    corpus = shore()
    vectors = builders.embeddings(corpus)
    with app.document.batch():  # nobody finds vectors without a layout
        app.document.set_corpus(corpus)
        app.document.add_embeddings(vectors)
        app.document.add_projection(laid_out(vectors))
    made = Stage(app, view, topics, qtbot)
    made.settle()
    yield made
    assert view.canvas.image.close(30)
    assert app.close()
    delete(view)
    delete(app)


def painted(layer: Layer, camera: Camera, larger: float = 1.0) -> QImage:
    """What a layer paints on a transparent ground."""
    image = QImage(QSize(camera.width, camera.height), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(camera.ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    font = QFont()
    font.setPointSizeF(font.pointSizeF() * larger)
    painter.setFont(font)
    place = Place(np.zeros((0, 2), np.float32), camera)
    area = QRectF(0, 0, camera.width / camera.ratio, camera.height / camera.ratio)
    layer.paint(painter, Scene(place, current_theme(), area, 2.0))
    painter.end()
    return image


def inked(image: QImage, box: QRectF) -> int:
    """Pixels of a part of a picture that anything was painted on."""
    part = image.copy(box.toAlignedRect())
    return sum(
        part.pixelColor(x, y).alpha() > 0 for x in range(part.width()) for y in range(part.height())
    )


def test_regions_are_labelled_where_they_lie(stage: Stage) -> None:
    assert len(stage.topics.labels.shown) == 4
    camera = stage.view.canvas.camera
    assert stage.spot("tide").x() < stage.spot("piano").x()
    assert stage.spot("tide").y() > stage.spot("orchard").y()  # y points up
    image = painted(stage.topics.labels, camera)
    for label in stage.topics.labels.shown:
        box = stage.topics.labels.box(label.number, camera)
        assert box is not None
        assert QRectF(stage.view.canvas.rect()).contains(box)  # none is cut by the border
        assert inked(image, box) > 100


def test_a_click_on_a_label_selects_its_region_and_shift_adds(stage: Stage) -> None:
    canvas = stage.view.canvas
    QTest.mouseClick(canvas, LEFT, Key.NoModifier, stage.spot("tide"))
    assert stage.subjects() == {0}
    QTest.mouseClick(canvas, LEFT, Key.ShiftModifier, stage.spot("piano"))
    assert stage.subjects() == {0, 1}
    QTest.mouseClick(canvas, LEFT, Key.AltModifier, stage.spot("tide"))
    assert stage.subjects() == {1}


def test_a_drag_that_begins_on_a_label_moves_the_map(stage: Stage) -> None:
    canvas, start = stage.view.canvas, stage.spot("tide")
    before = canvas.camera
    QTest.mousePress(canvas, LEFT, Key.NoModifier, start)
    QTest.mouseMove(canvas, start + QPoint(30, 0))
    QTest.mouseRelease(canvas, LEFT, Key.NoModifier, start + QPoint(30, 0))
    assert canvas.camera.x < before.x
    assert not len(stage.app.document.selection)


def test_the_brush_paints_over_labels(stage: Stage) -> None:
    stage.app.map.set_tool("brush")
    spot = stage.spot("tide")
    QTest.mouseMove(stage.view.canvas, spot + QPoint(0, 60))
    QTest.mouseMove(stage.view.canvas, spot)
    assert stage.topics.labels.hovered is None
    QTest.mouseClick(stage.view.canvas, LEFT, Key.NoModifier, spot)
    assert 0 < len(stage.app.document.selection) < ROWS / 4 - 10  # a dab, not the cluster


def test_a_double_click_renames_in_place(stage: Stage) -> None:
    canvas, number = stage.view.canvas, stage.label("tide").number
    QTest.mouseDClick(canvas, LEFT, Key.NoModifier, stage.spot("tide"))
    assert stage.field.isVisible()
    assert "tide" in stage.field.text()
    assert stage.field.geometry().contains(stage.spot("tide"))
    stage.field.setText("The sea")
    QTest.keyClick(stage.field, Qt.Key.Key_Return)
    assert stage.topics.hand.field is None
    assert stage.app.topics.text(number) == "The sea"
    assert stage.label("The sea").number == number


def test_escape_leaves_the_name_as_it_was_and_an_empty_name_is_automatic(stage: Stage) -> None:
    canvas, number = stage.view.canvas, stage.label("tide").number
    automatic = stage.app.topics.text(number)
    QTest.mouseClick(canvas, LEFT, Key.NoModifier, stage.spot("tide"))
    QTest.keyClick(canvas, Qt.Key.Key_F2)
    stage.field.setText("The sea")
    QTest.keyClick(stage.field, Qt.Key.Key_Escape)
    assert stage.topics.hand.field is None
    assert stage.app.topics.text(number) == automatic
    for text, shown in (("The sea", "The sea"), ("", automatic)):
        QTest.keyClick(canvas, Qt.Key.Key_F2)
        stage.field.setText(text)
        QTest.keyClick(stage.field, Qt.Key.Key_Return)
        assert stage.app.topics.text(number) == shown


def test_hovering_a_label_marks_it_and_says_how_many_items_it_has(stage: Stage) -> None:
    canvas, spot = stage.view.canvas, stage.spot("tide")
    QTest.mouseMove(canvas, spot + QPoint(0, 60))  # no move, no event
    QTest.mouseMove(canvas, spot)
    assert stage.topics.labels.hovered == stage.label("tide").number
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    event = QHelpEvent(QEvent.Type.ToolTip, spot, canvas.mapToGlobal(spot))
    QApplication.sendEvent(canvas, event)
    assert "100 items" in QToolTip.text() or "99 items" in QToolTip.text()
    QToolTip.hideText()
    QTest.mouseMove(canvas, QPoint(canvas.width() // 2, canvas.height() // 2))
    assert stage.topics.labels.hovered is None
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_the_menu_of_a_label_hides_it_and_brings_names_back(stage: Stage) -> None:
    canvas, spot, number = stage.view.canvas, stage.spot("tide"), stage.label("tide").number

    def choose(text: str) -> None:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot, canvas.mapToGlobal(spot))
        QApplication.sendEvent(canvas, event)
        (menu,) = canvas.findChildren(QMenu)
        next(action for action in menu.actions() if action.text() == text).trigger()
        menu.close()
        QApplication.sendPostedEvents(menu, QEvent.Type.DeferredDelete)

    stage.app.topics.rename(number, "The sea")
    choose("Back to the automatic name")
    assert not stage.app.topics.is_edited(number)
    choose("Select its items")
    assert stage.subjects() == {0}
    choose("Hide")
    assert number not in {label.number for label in stage.topics.labels.shown}
    stage.app.history.undo()
    assert number in {label.number for label in stage.topics.labels.shown}


def test_labels_are_switched_off_by_the_table(stage: Stage) -> None:
    stage.app.map.shows.set_on("labels", False)
    assert stage.topics.labels.shown == ()
    stage.app.map.shows.set_on("labels", True)
    assert len(stage.topics.labels.shown) == 4


def test_going_to_a_region_brings_it_into_the_middle(stage: Stage) -> None:
    number = stage.label("tide").number
    stage.app.topics.go_to(number)
    camera = stage.view.canvas.camera
    assert (camera.x, camera.y) == pytest.approx((0, 0), abs=1.5)
    left, _, right, _ = stage.app.topics.topics.regions.all[number].bounds  # type: ignore[union-attr]
    assert (right - left) * camera.scale <= camera.width


def test_labels_wait_while_points_move(stage: Stage) -> None:
    active = stage.app.document.active
    assert active is not None
    stage.app.projection.partial.emit(laid_out(active, seed=4))
    assert stage.topics.labels.shown == ()
    stage.app.document.add_projection(laid_out(active, seed=4))
    stage.settle()
    assert len(stage.topics.labels.shown) == 4


def test_contours_are_lines_round_the_items(stage: Stage) -> None:
    stage.app.map.shows.set_on("contours", True)
    stage.settle()
    camera = stage.view.canvas.camera
    image = painted(stage.topics.contours, camera)
    middle = QPointF(*camera.to_pixel(0.0, 0.0)) / camera.ratio
    around = QRectF(middle - QPointF(70, 70), middle + QPointF(70, 70))
    assert inked(image, around) > 300
    far = QRectF(0, 0, 1, 1)
    far.moveCenter(QPointF(*camera.to_pixel(15.0, 15.0)) / camera.ratio)
    assert inked(image, far) == 0
    stage.app.map.shows.set_on("contours", False)
    assert inked(painted(stage.topics.contours, camera), around) == 0


# -- the layer alone ------------------------------------------------------------------------------


def whole_and_parts() -> list[TopicLabel]:
    whole = TopicLabel(0, "whole", 0, -1, 0.0, 0.0, 90, 40.0)
    parts = [TopicLabel(i, f"part {i}", 1, 0, 10.0 * i - 15, 0.0, 40, 9.0) for i in (1, 2)]
    return [whole, *parts]


def camera_at(scale: float, ratio: float = 1.0) -> Camera:
    return Camera(0.0, 0.0, scale * ratio, round(600 * ratio), round(400 * ratio), ratio)


@pytest.fixture
def layer(qapp: QApplication) -> Iterator[TopicLabels]:
    apply_theme(qapp, "light")
    made = TopicLabels()
    made.follow(camera_at(0.5))
    made.show_labels(whole_and_parts())
    yield made
    delete(made)


def test_parts_replace_the_whole_on_the_way_in(layer: TopicLabels) -> None:
    assert [label.text for label in layer.shown] == ["whole"]
    layer.follow(camera_at(50))
    assert [label.text for label in layer.shown] == ["part 1", "part 2"]
    layer.follow(camera_at(0.5))
    assert [label.text for label in layer.shown] == ["whole"]


def test_a_label_comes_gently_and_is_there_in_the_end(layer: TopicLabels, qtbot: QtBot) -> None:
    camera = camera_at(50)
    box = layer.box(0, camera)
    assert box is not None
    layer.follow(camera)
    assert inked(painted(layer, camera), box) > 0  # the whole is still on its way out
    qtbot.waitUntil(lambda: not layer._timer.isActive(), timeout=5_000)
    assert inked(painted(layer, camera), box) == 0
    part = layer.box(1, camera)
    assert part is not None
    assert inked(painted(layer, camera), part) > 50


def test_letters_are_as_large_as_those_of_another_picture(layer: TopicLabels) -> None:
    camera = replace(camera_at(0.5), width=1200)  # no camera of the screen
    own, larger = painted(layer, camera), painted(layer, camera, 2.0)
    middle = QRectF(0, 0, 1200, 400)
    assert inked(larger, middle) > 2.5 * inked(own, middle)


def test_larger_letters_have_room_later(layer: TopicLabels) -> None:
    """At a scale at which the parts just fit in, parts twice as large do not."""
    assert layer.ranges is not None
    camera = replace(camera_at(float(layer.ranges.high[0]) * 1.2), width=1200)
    layer.follow(camera_at(camera.scale))
    part = layer.box(1, camera)
    assert part is not None
    outer = QRectF(part.left() - 4, part.top(), 12, part.height())
    assert inked(painted(layer, camera), outer) > 0
    whole = QRectF(590, 180, 20, 40)
    assert inked(painted(layer, camera, 2.0), whole) > inked(painted(layer, camera), whole)


def test_another_picture_has_the_labels_of_its_own_scale(layer: TopicLabels) -> None:
    far, near = camera_at(0.5, 2.0), camera_at(50, 2.0)
    layer.follow(near)
    image = painted(layer, far)  # whatever is under way on the screen
    middle = QRectF(560, 370, 80, 60)
    assert inked(image, middle) > 100


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_label_can_be_read_on_any_colour(
    layer: TopicLabels, qapp: QApplication, theme: str
) -> None:
    """Letters stand on a ground of their own, whatever lies below."""
    apply_theme(qapp, theme)  # type: ignore[arg-type]
    camera = camera_at(0.5)
    image = painted(layer, camera)
    box = layer.box(0, camera)
    assert box is not None
    part = image.copy(box.toAlignedRect())
    shades = [
        part.pixelColor(x, y).lightness()
        for x in range(part.width())
        for y in range(part.height())
        if part.pixelColor(x, y).alpha() > 200
    ]
    assert min(shades) < 60
    assert max(shades) > 200
    apply_theme(qapp, "light")


def test_no_label_is_cut_where_everything_is_seen(layer: TopicLabels) -> None:
    camera = camera_at(10)
    at_border = TopicLabel(0, "a label that stands at the border", 0, -1, 29.9, 0.0, 9, 1.0)
    layer.follow(camera)
    layer.show_labels([at_border], camera)
    box = layer.box(0, camera)
    assert box is not None
    assert box.right() < 600
    assert box.center().x() < 599


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("tide", ("tide",)),
        ("tide, salt", ("tide, salt",)),
        ("harbour, trawler, tide", ("harbour,", "trawler, tide")),
        ("a name without any comma", ("a name without", "any comma")),
        ("Donaudampfschifffahrt", ("Donaudampfschifffahrt",)),
    ],
)
def test_a_long_label_has_two_lines(text: str, lines: tuple[str, ...]) -> None:
    assert broken(text) == lines
