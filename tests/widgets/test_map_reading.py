"""Minimap, motion, trails and the play bar around a real map."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle
from pytestqt.qtbot import QtBot

from app.panels.trails import NO_ITEMS
from backends.arrays import frozen
from backends.raster.colour import Paint
from backends.selection import select
from tests.widgets.test_map_view import (
    LAYOUT,
    LEFT,
    Key,
    Stage,
    filled,
    is_grey,
    pixel,
    projection,
    stage,
)
from widgets.map_motion import wants_calm
from widgets.map_paint import narrowed_to
from widgets.map_trails import clipped
from widgets.minimap import LEAST, Minimap
from widgets.play_bar import PlayBar
from widgets.theme import apply_theme

__all__ = ["filled", "stage"]  # fixtures


@pytest.fixture
def zoomed(filled: Stage, qtbot: QtBot) -> Stage:
    filled.view.canvas.zoom_by(4.0)
    rest(filled, qtbot)
    return filled


def rest(stage: Stage, qtbot: QtBot) -> None:
    """Wait until the minimap shows what the map was drawn with."""
    stage.settle(qtbot)
    qtbot.waitUntil(lambda: minimap(stage).is_idle, timeout=10_000)


def minimap(stage: Stage) -> Minimap:
    return stage.view.reading.minimap


def bar(stage: Stage) -> PlayBar:
    return stage.view.reading.play_bar


# The minimap.


def test_the_minimap_is_there_only_while_something_lies_outside(
    filled: Stage, qtbot: QtBot
) -> None:
    small = minimap(filled)
    assert not small.isVisible()
    filled.view.canvas.zoom_by(4.0)
    assert small.isVisible()
    canvas = filled.view.canvas.rect()
    assert canvas.contains(small.geometry())
    assert small.geometry().center().x() > canvas.center().x()
    assert small.geometry().bottom() < canvas.center().y()
    filled.model.shows.set_on("minimap", False)
    assert not small.isVisible()
    filled.model.shows.set_on("minimap", True)
    assert small.isVisible()
    filled.view.fit()
    assert not small.isVisible()


def test_it_is_smaller_in_a_small_map_and_gone_in_a_tiny_one(zoomed: Stage, qtbot: QtBot) -> None:
    small, view = minimap(zoomed), zoomed.view
    view.resize(1000, 700)
    qtbot.waitUntil(lambda: small.width() == 150)
    view.resize(640, 400)
    qtbot.waitUntil(lambda: small.width() < 150)
    assert small.isVisible()
    view.resize(400, 300)
    qtbot.waitUntil(lambda: not small.isVisible())


def test_its_picture_has_all_groups_in_their_colours(zoomed: Stage, qtbot: QtBot) -> None:
    small = minimap(zoomed)
    image = small.grab().toImage()
    seen = set()
    for row in (5, 15, 25, 35):
        px, py = small._camera.to_pixel(*(float(value) for value in LAYOUT[row]))
        around = [
            image.pixelColor(round(px) + dx, round(py) + dy)
            for dx in range(-3, 4)
            for dy in range(-3, 4)
        ]
        seen.add(max(around, key=QColor.saturation).hue() // 20)
    assert len(seen) == 4
    apply_theme(QApplication.instance(), "dark")  # type: ignore[arg-type]  # pytest-qt's own
    rest(zoomed, qtbot)
    assert small.grab().toImage() != image
    apply_theme(QApplication.instance(), "light")  # type: ignore[arg-type]  # pytest-qt's own


def test_moving_the_map_draws_no_new_picture_but_another_paint_does(
    zoomed: Stage, qtbot: QtBot
) -> None:
    small = minimap(zoomed)
    before = small._pixels
    zoomed.view.canvas.pan_by(30, 10)
    rest(zoomed, qtbot)
    assert small._pixels is before
    zoomed.model.select_rows(np.arange(5), "replace")
    rest(zoomed, qtbot)
    assert small._pixels is not before


def test_a_click_and_a_drag_move_the_map(zoomed: Stage) -> None:
    small, canvas = minimap(zoomed), zoomed.view.canvas
    scale = canvas.camera.scale
    spot = QPoint(20, 15)
    expected = small._camera.to_plane(20 * small._camera.ratio, 15 * small._camera.ratio)
    QTest.mouseClick(small, LEFT, Key.NoModifier, spot)
    np.testing.assert_allclose((canvas.camera.x, canvas.camera.y), expected, rtol=1e-6)
    assert canvas.camera.scale == pytest.approx(scale)
    middle = small.frame_rect().center().toPoint()
    before = canvas.camera
    QTest.mousePress(small, LEFT, Key.NoModifier, middle)
    assert canvas.camera == before  # taken where it is
    QTest.mouseMove(small, middle + QPoint(12, 9))
    QTest.mouseRelease(small, LEFT, Key.NoModifier, middle + QPoint(12, 9))
    per = small._camera.scale / small._camera.ratio
    assert canvas.camera.x - before.x == pytest.approx(12 / per, abs=1.01 / per)
    assert canvas.camera.y - before.y == pytest.approx(-9 / per, abs=1.01 / per)
    QTest.mouseMove(small, middle)
    assert canvas.camera.x - before.x == pytest.approx(12 / per, abs=1.01 / per)  # let go


def test_the_wheel_and_keys_over_the_minimap(zoomed: Stage) -> None:
    small, canvas = minimap(zoomed), zoomed.view.canvas
    before = canvas.camera
    wheel = QWheelEvent(
        QPointF(5, 5), small.mapToGlobal(QPointF(5, 5)), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Key.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(small, wheel)
    assert canvas.camera.scale > before.scale
    assert (canvas.camera.x, canvas.camera.y) == pytest.approx((before.x, before.y))
    QTest.keyClick(small, Qt.Key.Key_Right)
    assert canvas.camera.x > before.x
    QTest.keyClick(small, Qt.Key.Key_Up)
    assert canvas.camera.y > before.y
    QTest.keyClick(small, Qt.Key.Key_Minus)
    QTest.keyClick(small, Qt.Key.Key_Minus)
    assert canvas.camera.scale < before.scale


def test_the_frame_is_seen_however_closely_or_far_off_one_looks(zoomed: Stage) -> None:
    small, canvas = minimap(zoomed), zoomed.view.canvas
    inside = QRectF(small.rect())
    for x, y, scale in ((0, 0, 1e5), (4, 0, 1e6), (1e4, 1e4, 50), (-1e4, 0, 1e4), (0, 0, 30)):
        canvas.look_at(x, y, scale)
        frame = small.frame_rect()
        assert inside.contains(frame)
        assert min(frame.width(), frame.height()) >= LEAST / 2


# Points on their way.


def test_points_go_from_the_old_layout_to_the_new_one(filled: Stage, qtbot: QtBot) -> None:
    assert filled.document.active is not None
    new = LAYOUT.copy()
    new[:10] += 3
    motion, canvas = filled.view.reading.motion, filled.view.canvas
    filled.document.add_projection(projection(filled.document.active, new, "moved"))
    assert motion.is_moving
    camera = canvas.camera
    start = canvas.scene()
    assert start is not None
    assert not np.allclose(start.place.layout[:10], new[:10], atol=1.0)
    qtbot.waitUntil(lambda: not motion.is_moving, timeout=10_000)
    end = canvas.scene()
    assert end is not None
    np.testing.assert_array_equal(end.place.layout, new)
    assert canvas.camera == camera  # it looked at the whole new layout from the start
    filled.settle(qtbot)
    assert canvas.frame is not None
    np.testing.assert_array_equal(canvas.frame.points.layout, new)


@pytest.mark.parametrize("by", ["key", "press", "another layout"])
def test_nobody_waits_for_them(filled: Stage, by: str, qtbot: QtBot) -> None:
    assert filled.document.active is not None
    motion, canvas = filled.view.reading.motion, filled.view.canvas
    filled.document.add_projection(projection(filled.document.active, LAYOUT * [1, 9], "a"))
    assert motion.is_moving
    expected = LAYOUT * [1, 9]
    if by == "key":
        QTest.keyClick(canvas, Qt.Key.Key_Plus)
    elif by == "press":
        QTest.mouseClick(canvas, LEFT, Key.NoModifier, QPoint(9, 9))
    else:
        expected = LAYOUT[:, ::-1]
        filled.view.show_layout(frozen(expected.copy()))
    assert not motion.is_moving
    scene = canvas.scene()
    assert scene is not None
    np.testing.assert_allclose(scene.place.layout, expected, rtol=1e-6)
    filled.settle(qtbot)


class Calm(QProxyStyle):
    """A desktop without movements."""

    def styleHint(self, hint, option=None, widget=None, returned=None) -> int:  # type: ignore[no-untyped-def,override]  # noqa: ANN001
        if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
            return 0
        return super().styleHint(hint, option, widget, returned)


@pytest.fixture
def calm(qapp: QApplication) -> Iterator[None]:
    qapp.setStyle(Calm("Fusion"))
    yield
    qapp.setStyle("Fusion")
    apply_theme(qapp, "light")


def test_a_calm_desktop_and_the_switch_show_the_new_layout_at_once(
    filled: Stage, qtbot: QtBot, request: pytest.FixtureRequest
) -> None:
    assert filled.document.active is not None
    assert not wants_calm()
    filled.model.shows.set_on("moves", False)
    filled.document.add_projection(projection(filled.document.active, LAYOUT * [1, 9], "a"))
    assert not filled.view.reading.motion.is_moving
    filled.model.shows.set_on("moves", True)
    request.getfixturevalue("calm")
    assert wants_calm()
    filled.document.add_projection(projection(filled.document.active, LAYOUT * [9, 1], "b"))
    assert not filled.view.reading.motion.is_moving


# Trails.


def test_trails_are_seen_where_an_item_came_from(filled: Stage, qtbot: QtBot) -> None:
    assert filled.document.active is not None
    filled.model.shows.set_on("moves", False)
    new = LAYOUT.copy()
    new[0] = (1.6, 1.6)
    filled.document.add_projection(projection(filled.document.active, new, "moved"))
    filled.document.set_focus(0)
    filled.settle(qtbot)
    canvas = filled.view.canvas
    before = canvas.grab().toImage()
    filled.model.shows.set_on("trails", True)
    after = canvas.grab().toImage()
    near = filled.spot(1.2, 1.45)  # on the way, beside the end
    changed = [
        before.pixelColor(near + QPoint(dx, dy)) != after.pixelColor(near + QPoint(dx, dy))
        for dx in range(-14, 15)
        for dy in range(-14, 15)
    ]
    assert any(changed)
    filled.document.set_focus(None)
    assert filled.model.trails.words == NO_ITEMS


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ((1, 1, 5, 5), (1, 1, 5, 5)),
        ((-10, 5, 20, 5), (0, 5, 10, 5)),
        ((-5, -5, 15, 15), (0, 0, 10, 10)),
        ((-5, 8, -1, 9), None),
        ((-5, 5, 5, 25), None),
        ((5, -1e9, 5, 1e9), (5, 0, 5, 10)),
        ((20, 5, 20, 6), None),
    ],
)
def test_lines_are_cut_where_they_leave_the_picture(
    line: tuple[float, ...], expected: tuple[float, ...] | None
) -> None:
    found = clipped(QLineF(*line), QRectF(0, 0, 10, 10))
    if expected is None:
        assert found is None
    else:
        assert found is not None
        ends = (found.x1(), found.y1(), found.x2(), found.y2())
        assert ends == pytest.approx(expected, abs=1e-5)


# A column that is played.


@pytest.fixture
def playing(filled: Stage, qtbot: QtBot) -> Stage:
    bar(filled).open()
    filled.settle(qtbot)
    return filled


def test_items_outside_stand_back_or_are_hidden(playing: Stage, qtbot: QtBot) -> None:
    playing.model.playing.set_range(0, 20)  # rows 0..9 and a little: numbers are steps of 0.1
    moments = playing.model.playing.moments
    assert moments is not None
    steps = int(np.searchsorted(moments.edges, 10.0))
    playing.model.playing.set_range(0, steps)
    playing.settle(qtbot)
    assert not is_grey(pixel(playing, 5))
    assert is_grey(pixel(playing, 15))
    ground = playing.view.canvas.grab().toImage().pixelColor(2, 2)
    playing.model.playing.set_hides(True)
    playing.settle(qtbot)
    assert not is_grey(pixel(playing, 5))
    assert pixel(playing, 15) == (ground.red(), ground.green(), ground.blue())
    canvas = playing.view.canvas
    assert canvas.row_at(QPointF(playing.spot_of(15))) is None  # what is not seen is not picked
    assert canvas.row_at(QPointF(playing.spot_of(5))) is not None
    QTest.mouseClick(bar(playing).close_button, LEFT)
    playing.settle(qtbot)
    assert not bar(playing).isVisible()
    assert not is_grey(pixel(playing, 15))


def test_the_bar_says_and_does_what_it_shows(playing: Stage, qtbot: QtBot) -> None:
    model, shown = playing.model.playing, bar(playing)
    assert shown.isVisible()
    assert shown.column.currentText() == "number"
    assert shown.words.text() == model.words
    shown.mode.setCurrentIndex(shown.mode.findData("grow"))
    shown.mode.activated.emit(shown.mode.currentIndex())
    assert model.mode == "grow"
    assert not shown.slider.handles[0].isVisible()
    shown.speeds[30].trigger()
    shown.hides.trigger()
    shown.loops.trigger()
    assert (model.speed, model.hides, model.loops) == (30, True, False)
    QTest.mouseClick(shown.select, LEFT)
    assert playing.chosen() == np.flatnonzero(model.inside).tolist()
    QTest.mouseClick(shown.filter, LEFT)
    assert playing.document.filter is not None
    assert playing.document.filter.rows.tolist() == playing.chosen()
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert not model.is_open


def test_keys_step_and_space_plays(playing: Stage) -> None:
    model, slider = playing.model.playing, bar(playing).slider
    model.set_range(10, 20)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert model.range == (11, 21)
    QTest.keyClick(slider, Qt.Key.Key_Left)
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert model.range == (9, 19)
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert model.range[1] == slider.steps
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert model.range == (0, 10)
    QTest.keyClick(slider.handles[1], Qt.Key.Key_Right)
    assert model.range == (0, 11)
    QTest.keyClick(slider, Qt.Key.Key_Space)
    assert model.is_playing
    assert bar(playing).run.accessibleName() == "Pause"
    QTest.keyClick(slider.handles[0], Qt.Key.Key_Space)
    assert not model.is_playing


def test_the_range_and_its_ends_are_dragged(playing: Stage) -> None:
    model, slider = playing.model.playing, bar(playing).slider
    model.set_range(0, 10)
    middle = slider.height() // 2

    def at(step: int) -> QPoint:
        return QPoint(round(slider._x(step)), middle)

    QTest.mousePress(slider, LEFT, Key.NoModifier, at(5))
    QTest.mouseMove(slider, at(35))
    QTest.mouseRelease(slider, LEFT, Key.NoModifier, at(35))
    low, high = model.range
    assert high - low == 10
    assert low == pytest.approx(30, abs=2)
    QTest.mouseClick(slider, LEFT, Key.NoModifier, at(slider.steps - 20))
    assert model.range[0] == pytest.approx(slider.steps - 25, abs=2)
    handle = slider.handles[0]
    QTest.mousePress(handle, LEFT, Key.NoModifier, handle.rect().center())
    QTest.mouseMove(handle, handle.mapFrom(slider, at(3)))
    QTest.mouseRelease(handle, LEFT, Key.NoModifier)
    assert model.range[0] == pytest.approx(3, abs=2)


def test_the_bar_takes_room_and_what_lies_over_the_map_moves_up(
    filled: Stage, qtbot: QtBot
) -> None:
    filled.view.set_badge("trust 0.9", "how far")
    badge, canvas = filled.view.badge, filled.view.canvas
    assert canvas.rect().contains(badge.geometry())
    high = canvas.height()
    bar(filled).open()
    qtbot.waitUntil(lambda: canvas.height() < high)
    assert canvas.rect().contains(badge.geometry())
    assert bar(filled).minimumSizeHint().width() <= filled.view.bar.minimumSizeHint().width()


def test_a_moment_without_items_is_no_mistake(playing: Stage, qtbot: QtBot) -> None:
    model = playing.model.playing
    model.set_hides(True)
    model.set_range(1, 2)  # 0.1 to 0.2: nobody
    assert model.inside is not None
    assert not model.inside.any()
    playing.settle(qtbot)
    assert not playing.view.message.isVisible()


@pytest.mark.parametrize("entries", [1, 254, 255, 256])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32])
def test_hidden_items_get_a_code_that_nobody_has(entries: int, kind: type) -> None:
    codes = (np.arange(300) % entries).astype(kind)
    palette = np.full((entries, 3), 9, np.uint8)
    paint = Paint(codes, palette, (1, 2, 3), frozenset({entries + 2}))
    inside = np.arange(300) % 3 == 0
    found = narrowed_to(paint, inside, hides=True)
    assert len(found.palette) > int(found.codes.max())
    np.testing.assert_array_equal(found.codes[inside], codes[inside])
    assert {int(code) for code in found.codes[~inside]} <= found.hidden
    assert not found.hidden & {int(code) for code in codes}


def test_a_range_narrows_selection_and_filter_for_the_eye_alone() -> None:
    inside = np.arange(10) < 5
    paint = Paint(np.zeros(10, np.uint8), np.zeros((1, 3), np.uint8), (1, 2, 3))
    plain = narrowed_to(paint, inside, hides=False)
    assert plain.kept is not None
    assert plain.kept.tolist() == [0, 1, 2, 3, 4]
    rows = select((3, 4, 5, 6), "some").rows
    chosen = Paint(paint.codes, paint.palette, (1, 2, 3), selected=rows)
    selected = narrowed_to(chosen, inside, hides=False).selected
    assert selected is not None
    assert selected.tolist() == [3, 4]
    kept = narrowed_to(Paint(paint.codes, paint.palette, (1, 2, 3), kept=rows), inside, hides=False)
    assert kept.kept is not None
    assert kept.kept.tolist() == [3, 4]
    assert narrowed_to(paint, None, hides=True) is paint
    assert narrowed_to(paint, inside[:3], hides=True) is paint
