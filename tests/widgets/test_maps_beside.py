"""Several maps in a real window: linked by hover, selection and view; opened, moved, closed."""

from __future__ import annotations

import gc
import itertools
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.application import Application
from app.panels.maps import BesideMap
from backends.arrays import frozen
from backends.selection import select
from backends.types import Embeddings, MadeBy, Projection
from tests import builders
from widgets.beside_bar import BesideBar
from widgets.main_window import MainWindow
from widgets.map_docks import MapDock
from widgets.map_hand import MapHand
from widgets.map_marks import EchoLayer
from widgets.map_view import MapView
from widgets.theme import apply_theme

OUT = Path(__file__).parents[1] / "out"
ROWS = 200
RNG = np.random.default_rng(0)
LAYOUT = RNG.uniform(-10, 10, (ROWS, 2)).astype(np.float32)
QUARTER = np.array([[0, 1], [-1, 0]], np.float32)
TURNED = LAYOUT @ QUARTER * np.float32(7) + np.float32([100, -40])
STRANGE = RNG.normal(size=(ROWS, 2)).astype(np.float32)
LEFT = Qt.MouseButton.LeftButton
Keys = Qt.KeyboardModifier


def laid_out(of: Embeddings, layout: np.ndarray, method: str) -> Projection:
    made_by = MadeBy("project", (of.fingerprint,), {"method": method})
    return Projection(frozen(layout.copy()), method, method.upper(), made_by)


@dataclass
class Stage:
    app: Application
    window: MainWindow
    qtbot: QtBot

    def fill(self, *layouts: tuple[str, np.ndarray]) -> None:
        """Lay the same vectors out in several ways; the last one is shown."""
        corpus = builders.corpus(ROWS)
        vectors = builders.embeddings(corpus)
        with self.app.document.batch():  # nobody finds vectors without a layout
            self.app.document.set_corpus(corpus)
            self.app.document.add_embeddings(vectors)
            for method, layout in layouts:
                self.app.document.add_projection(laid_out(vectors, layout, method))
        self.settle()

    def open(self, method: str = "") -> tuple[BesideMap, MapDock]:
        """Open a map beside that shows the layout of a method."""
        self.window.actions_table.run("map_beside")
        beside = self.app.maps.maps[-1]
        if method:
            layouts = {layout.method: layout for layout in self.app.document.layouts}
            beside.showing.choose(layouts[method].fingerprint)
        self.settle()
        return beside, self.window.map_docks.docks[-1]

    @property
    def canvases(self) -> list[MapHand]:
        docks = self.window.map_docks.docks
        return [self.window.map.canvas, *(dock.view.canvas for dock in docks)]

    def settle(self) -> None:
        """Wait until nothing is computed or drawn, and picking answers."""
        self.qtbot.waitUntil(
            lambda: (
                not self.app.jobs.live
                and all(c.image.is_idle for c in self.canvases)
                and all(c.image.is_warm for c in self.canvases if c.frame is not None)
            ),
            timeout=60_000,
        )


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    app = Application()
    app.embedding.change(encoder="lexical")
    app.projection.change(method="pca")
    for name in ("labels", "moves"):
        app.map.shows.set_on(name, False)
    window = MainWindow(app)
    window.show()
    stage = Stage(app, window, qtbot)
    yield stage
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=30_000)
    window.close_unasked()
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()
    assert app.close()


@pytest.fixture
def two(stage: Stage) -> Stage:
    """A map, and the same turned by a quarter and enlarged beside it."""
    stage.fill(("pca", LAYOUT), ("umap", TURNED))
    layouts = {layout.method: layout for layout in stage.app.document.layouts}
    stage.app.document.show_projection(layouts["pca"].fingerprint)
    stage.open("umap")
    return stage


def echo(view: MapView) -> int | None:
    return next(layer for layer in view.canvas.layers if isinstance(layer, EchoLayer)).row


def spot_of(canvas: MapHand, row: int) -> QPoint:
    scene = canvas.scene()
    assert scene is not None
    spot = scene.place.of(row)
    assert spot is not None
    return spot.toPoint()


def hover(canvas: MapHand, spot: QPoint) -> None:
    at = QPointF(spot)
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(QEvent.Type.MouseMove, at, at, none, none, Keys.NoModifier)
    QApplication.sendEvent(canvas, move)


def in_view(canvas: MapHand, layout: np.ndarray) -> set[int]:
    """Rows in the largest circle in the middle of what is seen."""
    camera = canvas.camera
    reach = min(camera.width, camera.height) / 2 / camera.scale
    away = np.hypot(layout[:, 0] - camera.x, layout[:, 1] - camera.y)
    return set(np.flatnonzero(away < reach).tolist())


def on_screen(canvas: MapHand, row: int) -> bool:
    return canvas.rect().contains(spot_of(canvas, row))


def test_hovering_on_one_map_rings_the_item_on_the_other(two: Stage) -> None:
    first, other = two.window.map, two.window.map_docks.docks[0].view
    plain = other.canvas.grab().toImage()
    hover(first.canvas, spot_of(first.canvas, 17))
    row = first.canvas.row_at(QPointF(spot_of(first.canvas, 17)))
    assert row is not None
    assert echo(other) == row
    assert echo(first) is None  # it has its own ring
    ring = spot_of(other.canvas, row)
    two.settle()
    ringed = other.canvas.grab().toImage()
    around = [QPoint(ring.x() + dx, ring.y() + dy) for dx in range(-9, 10) for dy in range(-9, 10)]
    assert any(ringed.pixelColor(at) != plain.pixelColor(at) for at in around)
    assert other.canvas._card is None  # the card is only where the cursor is
    assert first.canvas._card is not None
    hover(other.canvas, spot_of(other.canvas, 99))
    assert echo(first) == other.canvas.row_at(QPointF(spot_of(other.canvas, 99)))
    assert echo(other) is None
    QApplication.sendEvent(other.canvas, QEvent(QEvent.Type.Leave))
    assert echo(first) is None
    assert two.app.map.hover.row is None


@pytest.mark.parametrize("tool", ["lasso", "box"])
def test_what_is_outlined_on_the_second_map_is_selected_in_both(two: Stage, tool: str) -> None:
    beside, canvas = two.app.maps.maps[0], two.window.map_docks.docks[0].view.canvas
    assert len(two.app.document.selection) == 0
    beside.set_tool(tool)  # type: ignore[arg-type]
    a, b = QPoint(20, 20), QPoint(canvas.width() // 2, canvas.height() - 20)
    corners = [a, QPoint(b.x(), a.y()), b, QPoint(a.x(), b.y())] if tool == "lasso" else [a, b]
    QTest.mousePress(canvas, LEFT, Keys.NoModifier, corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(canvas, corner)
    QTest.mouseRelease(canvas, LEFT, Keys.NoModifier, corners[-1])
    two.settle()
    rows = two.app.document.selection.rows
    inside = [r for r in range(ROWS) if 20 <= spot_of(canvas, r).x() <= canvas.width() // 2]
    assert 0 < len(rows) <= len(inside)
    for each in two.canvases:
        frame = each.frame
        assert frame is not None
        assert frame.wish.paint.selected is not None
        assert frame.wish.paint.selected.tolist() == rows.tolist()
    assert two.app.map.tool == "pan"


def test_clicking_looks_at_an_item_in_both_and_moves_no_map_unasked(two: Stage) -> None:
    first, other = two.canvases
    first.look_at(0, 0, 200)  # a small part
    before = other.camera
    far = next(row for row in range(ROWS) if not on_screen(first, row))
    QTest.mouseClick(other, LEFT, Keys.NoModifier, spot_of(other, far))
    assert two.app.document.focus == other.row_at(QPointF(spot_of(other, far)))
    assert other.camera == before
    assert not on_screen(first, int(two.app.document.focus or 0))


def test_linked_maps_bring_a_clicked_item_into_view(two: Stage) -> None:
    first, other = two.canvases
    two.app.maps.maps[0].set_linked(True)
    first.look_at(0, 0, 200)
    two.app.maps.maps[0].set_linked(False)
    other.fit()
    two.app.maps.maps[0]._linked = True  # as if linked all along, without following now
    two.settle()
    far = next(row for row in range(ROWS) if not on_screen(first, row))
    before = other.camera
    QTest.mouseClick(other, LEFT, Keys.NoModifier, spot_of(other, far))
    focus = two.app.document.focus
    assert focus is not None
    assert on_screen(first, focus)
    assert other.camera == before


def test_a_linked_map_looks_at_the_same_items(two: Stage) -> None:
    first, other = two.canvases
    beside, bar = two.app.maps.maps[0], two.window.map_docks.docks[0].view.bar
    assert isinstance(bar, BesideBar)
    first.look_at(3.0, -2.0, 60.0)
    other_before = other.camera
    bar.link.click()
    assert beside.linked
    assert other.camera != other_before
    seen = in_view(first, LAYOUT)
    assert 3 < len(seen) < ROWS / 2
    assert in_view(other, TURNED) == seen
    assert "0.0%" in bar.link.toolTip()
    assert "well" in bar.link.toolTip()
    first.pan_by(40, -25)
    first.zoom_by(1.3)
    assert in_view(first, LAYOUT) != seen
    assert in_view(other, TURNED) == in_view(first, LAYOUT)
    other.pan_by(30, 60)
    other.zoom_by(0.6)
    assert in_view(first, LAYOUT) == in_view(other, TURNED)


def test_a_linked_map_does_not_answer(two: Stage) -> None:
    first, other = two.canvases
    two.app.maps.maps[0].set_linked(True)
    moves = {first: 0, other: 0}
    for canvas in moves:
        canvas.camera_changed.connect(
            lambda _c, canvas=canvas: moves.__setitem__(canvas, moves[canvas] + 1)
        )
    for _ in range(10):
        first.pan_by(7, 3)
    assert moves == {first: 10, other: 10}
    camera = first.camera
    for _ in range(10):
        other.pan_by(5, 0)
        other.pan_by(-5, 0)
    assert moves == {first: 30, other: 30}
    assert (first.camera.x, first.camera.y) == pytest.approx((camera.x, camera.y))
    assert first.camera.scale == pytest.approx(camera.scale)  # taking turns does not drift


def test_another_size_of_a_window_moves_nobody_else(two: Stage) -> None:
    first = two.canvases[0]
    two.app.maps.maps[0].set_linked(True)
    first.look_at(3.0, -2.0, 60.0)
    camera = first.camera
    dock = two.window.map_docks.docks[0]
    dock.setFloating(True)
    dock.resize(700, 600)
    two.settle()
    assert (camera.x, camera.y) == (first.camera.x, first.camera.y)
    assert camera.scale == first.camera.scale


def test_showing_everything_shows_everything_on_both(two: Stage) -> None:
    first, other = two.canvases
    two.app.maps.maps[0].set_linked(True)
    first.zoom_by(5)
    assert other.is_moved
    first.fit()
    assert not other.is_moved
    assert in_view(other, TURNED) == in_view(first, LAYOUT)


def test_another_layout_on_the_second_map_leaves_the_first_where_it_is(two: Stage) -> None:
    first, other = two.canvases
    beside = two.app.maps.maps[0]
    beside.set_linked(True)
    first.look_at(3.0, -2.0, 60.0)
    camera = first.camera
    beside.showing.choose(None)
    two.settle()
    assert first.camera == camera
    assert in_view(other, LAYOUT) == in_view(first, LAYOUT)


def test_three_linked_maps_go_together(two: Stage) -> None:
    two.open("pca")
    for beside in two.app.maps.maps:
        beside.set_linked(True)
    first, second, third = two.canvases
    second.look_at(120, -30, 9.0)
    seen = in_view(second, TURNED)
    assert seen
    assert in_view(first, LAYOUT) == seen
    assert in_view(third, LAYOUT) == seen


def test_layouts_that_hardly_correspond_are_linked_all_the_same(stage: Stage) -> None:
    stage.fill(("pca", STRANGE), ("umap", LAYOUT))
    beside, dock = stage.open("pca")
    bar = dock.view.bar
    assert isinstance(bar, BesideBar)
    assert "hardly correspond" in bar.link.toolTip()
    assert bar.link.isEnabled()
    beside.set_linked(True)
    before = dock.view.canvas.camera
    stage.window.map.canvas.look_at(2, 2, 50)
    assert dock.view.canvas.camera != before
    assert 0.01 < dock.view.canvas.camera.scale < 1e4


def test_a_layout_in_space_cannot_be_linked_and_says_so(stage: Stage) -> None:
    deep = np.hstack([LAYOUT, LAYOUT[:, :1]])
    stage.fill(("pca", deep), ("umap", LAYOUT))
    beside, dock = stage.open("pca")
    bar = dock.view.bar
    assert isinstance(bar, BesideBar)
    assert not bar.link.isEnabled()
    assert "space" in bar.link.toolTip()
    beside.set_linked(True)
    before = dock.view.canvas.camera
    stage.window.map.canvas.pan_by(30, 30)
    assert dock.view.canvas.camera == before


def test_the_bar_lists_layouts_in_groups(stage: Stage) -> None:
    stage.fill(("pca", LAYOUT))
    _beside, dock = stage.open()
    bar = dock.view.bar
    assert isinstance(bar, BesideBar)
    assert bar.choice.currentText() == "As the first map"
    assert "There is one layout" in bar.choice.toolTip()
    corpus = stage.app.document.corpus
    assert corpus is not None
    other = builders.embeddings(corpus, seed=4)
    stage.app.document.add_embeddings(other, show=False)
    stage.app.document.add_projection(laid_out(other, STRANGE, "umap"))
    texts = [bar.choice.itemText(at) for at in range(bar.choice.count())]
    assert texts == ["As the first map", "", "PCA of random 0", "", "UMAP of random 4"]
    bar.choice.setCurrentIndex(4)
    bar.choice.activated.emit(4)
    stage.settle()
    frame = dock.view.canvas.frame
    assert frame is not None
    assert np.array_equal(frame.wish.layout, STRANGE)
    assert dock.windowTitle() == "Map 2: UMAP of random 4"
    assert dock.view.canvas.accessibleName() == dock.windowTitle()
    stage.app.document.drop_embeddings(other.fingerprint)
    stage.settle()
    assert bar.choice.currentText() == "As the first map"
    frame = dock.view.canvas.frame
    assert frame is not None
    assert np.array_equal(frame.wish.layout, LAYOUT)


def test_a_map_beside_without_anything_says_what_to_do(two: Stage) -> None:
    document = two.app.document
    for vectors in document.embeddings:
        document.drop_embeddings(vectors.fingerprint)
    view = two.window.map_docks.docks[0].view
    assert view.message.isVisible()
    assert "Embed" in view.message.text()


def test_keys_go_from_map_to_map(two: Stage, qtbot: QtBot) -> None:
    two.open("pca")
    two.window.activateWindow()
    qtbot.waitUntil(two.window.isActiveWindow)
    first, second, third = two.canvases
    first.setFocus()
    for canvas in (second, third, first, second):
        two.window.actions_table.run("next_map")
        assert two.window.focusWidget() is canvas
    shortcut = two.window.actions_table["next_map"].shortcut
    assert shortcut == "F6; Ctrl+Tab"


def test_what_the_eye_shows_is_of_this_map_alone(two: Stage) -> None:
    beside, view = two.app.maps.maps[0], two.window.map_docks.docks[0].view
    menu = view.bar.shown.menu()
    entry = next(action for action in menu.actions() if action.text() == "Scale bar")
    assert entry.isChecked()
    entry.trigger()
    assert not beside.shows.is_on("scale")
    assert two.app.map.shows.is_on("scale")


def test_there_is_one_legend_and_one_bar_that_plays(two: Stage) -> None:
    view = two.window.map_docks.docks[0].view
    assert not hasattr(view, "legend")
    two.window.actions_table.run("play")
    assert two.window.map.reading.play_bar.isVisible()
    assert not hasattr(view.reading, "play_bar")
    two.app.map.set_colour_by("year")
    two.settle()
    codes = [canvas.frame.wish.paint.codes for canvas in two.canvases if canvas.frame]
    assert len(codes) == 2
    assert np.array_equal(codes[0], codes[1])


def test_closing_the_dock_leaves_nothing_behind(two: Stage, qtbot: QtBot) -> None:
    dock = two.window.map_docks.docks[0]
    known = [weakref.ref(thing) for thing in (dock.view, dock.view.canvas, two.app.maps.maps[0])]
    drawing = [t for t in threading.enumerate() if t.name == "map"]
    assert len(drawing) == 2
    with qtbot.waitSignal(dock.destroyed):
        dock.close()
    del dock
    assert two.app.maps.maps == ()
    assert two.window.map_docks.docks == ()
    qtbot.waitUntil(lambda: sum(t.is_alive() for t in drawing) == 1)
    # Everything that the map listened to happens once more, and nobody is there to hear it.
    document, map_ = two.app.document, two.app.map
    document.set_selection(select((1, 2), "x", kind="rows"))
    document.set_focus(3)
    map_.set_colour_by("year")
    map_.hover.set_row(4, map_)
    map_.shows.set_on("scale", False)
    map_.shows.set_on("labels", True)
    map_.set_size(2.0)
    apply_theme(QApplication.instance(), "dark")  # type: ignore[arg-type]
    apply_theme(QApplication.instance(), "light")  # type: ignore[arg-type]
    for layout in document.layouts:
        document.show_projection(layout.fingerprint)
    two.window.map.canvas.pan_by(5, 5)
    two.settle()
    gc.collect()
    assert [ref() for ref in known] == [None, None, None]


def test_a_dock_comes_back_where_it_was(two: Stage) -> None:
    dock = two.window.map_docks.docks[0]
    two.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    dock.close()
    QTest.qWait(0)
    _beside, again = two.open("umap")
    assert two.window.dockWidgetArea(again) == Qt.DockWidgetArea.LeftDockWidgetArea
    assert again.isVisible()


def test_closing_the_corpus_closes_the_maps(two: Stage, qtbot: QtBot) -> None:
    dock = two.window.map_docks.docks[0]
    with qtbot.waitSignal(dock.destroyed):
        two.window.actions_table.run("close")
    assert two.app.maps.maps == ()
    assert two.window.actions_table.problem("map_beside") is not None


@pytest.mark.parametrize("size", [(1280, 840), (1024, 700)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_two_maps_have_room(two: Stage, size: tuple[int, int], theme: str) -> None:
    apply_theme(QApplication.instance(), theme)  # type: ignore[arg-type]
    two.window.resize(*size)
    two.settle()
    assert (two.window.width(), two.window.height()) == size
    for view in (two.window.map, two.window.map_docks.docks[0].view):
        shown = [w for w in view.bar.children() if getattr(w, "isVisible", bool)()]
        edges = sorted((w.x(), w.x() + w.width()) for w in shown)  # type: ignore[attr-defined]
        assert edges[-1][1] <= view.bar.width()
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(edges))
    OUT.mkdir(exist_ok=True)
    two.window.grab().save(str(OUT / f"maps-beside-{theme}-{size[0]}.png"))
    apply_theme(QApplication.instance(), "light")  # type: ignore[arg-type]


def test_a_project_brings_the_docks_back(two: Stage, tmp_path: Path, qtbot: QtBot) -> None:
    two.app.maps.maps[0].set_linked(True)
    two.canvases[1].look_at(120, -30, 9.0)
    camera = two.canvases[1].camera
    two.app.session.save(tmp_path / "two.embedscope")
    qtbot.waitUntil(lambda: not two.app.jobs.live)
    two.app.document.set_corpus(None)
    assert two.window.map_docks.docks == ()
    with qtbot.waitSignal(two.app.session.opened):
        two.app.session.open(tmp_path / "two.embedscope")
    two.settle()
    beside, canvas = two.app.maps.maps[0], two.canvases[1]
    assert two.window.map_docks.docks[0].windowTitle() == "Map 2: UMAP of random 0"
    assert beside.linked
    assert (canvas.camera.x, canvas.camera.y) == pytest.approx((camera.x, camera.y))
    assert in_view(two.canvases[0], LAYOUT) == in_view(canvas, TURNED)
    assert isinstance(beside, QObject)


def test_the_next_window_puts_the_dock_where_the_last_one_had_it(
    two: Stage, tmp_path: Path, qtbot: QtBot
) -> None:
    """The window's arrangement is restored before the project opens its maps."""
    dock = two.window.map_docks.docks[0]
    two.window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    dock.setFloating(True)
    two.app.session.save(tmp_path / "two.embedscope")
    qtbot.waitUntil(lambda: not two.app.jobs.live)
    two.window._arrangement.remember()
    two.app.settings.flush()
    two.app.session.release()
    app = Application()
    app.projection.change(method="pca")
    window = MainWindow(app)
    window.show()
    with qtbot.waitSignal(app.session.opened):
        app.session.open(tmp_path / "two.embedscope")
    (again,) = window.map_docks.docks
    assert again.isVisible()
    assert again.isFloating()
    assert window.dockWidgetArea(again) == Qt.DockWidgetArea.BottomDockWidgetArea
    stage = Stage(app, window, qtbot)
    stage.settle()
    window.close_unasked()
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()
    assert app.close()
