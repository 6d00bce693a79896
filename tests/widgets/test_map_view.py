"""The map under a hand: a real model, a real drawing thread, real mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.map import MapModel
from backends.arrays import frozen
from backends.types import Embeddings, Hits, MadeBy, Projection
from tests import builders
from widgets.map_overlay import wrapped
from widgets.map_view import MapView
from widgets.theme import apply_theme, current_theme

# A cross of four groups of ten, each in its own place, and one row without a vector.
GROUPS = np.array([[-4, 0], [4, 0], [0, -3], [0, 3]], np.float32)
SPREAD = np.random.default_rng(0).normal(0, 0.2, (40, 2)).astype(np.float32)
LAYOUT = np.vstack([np.repeat(GROUPS, 10, axis=0) + SPREAD, [[np.nan, np.nan]]]).astype(np.float32)
COLUMNS: dict[str, list[Any]] = {
    "text": [f"words about item {row}" for row in range(41)],
    "side": ["west"] * 10 + ["east"] * 10 + ["south"] * 10 + ["north"] * 10 + [None],
    "number": [float(row) for row in range(41)],
}
Key = Qt.KeyboardModifier
LEFT = Qt.MouseButton.LeftButton


@dataclass
class Stage:
    document: Document
    jobs: Jobs
    notices: Notices
    history: History
    model: MapModel
    view: MapView

    def settle(self, qtbot: QtBot) -> None:
        """Wait until nothing is read or drawn any more, and picking answers."""
        image = self.view.canvas.image
        qtbot.waitUntil(
            lambda: not self.jobs.live and image.is_idle and image.is_warm, timeout=60_000
        )

    def fill(self, qtbot: QtBot) -> None:
        corpus = builders.corpus(columns=COLUMNS)
        self.document.set_corpus(corpus)
        vectors = builders.embeddings(corpus, present=40)
        self.document.add_embeddings(vectors)
        self.document.add_projection(projection(vectors))
        self.settle(qtbot)

    def spot(self, x: float, y: float) -> QPoint:
        """Where a place of the layout is on the canvas."""
        px, py = self.view.canvas.camera.to_pixel(x, y)
        ratio = self.view.canvas.camera.ratio
        return QPoint(round(px / ratio), round(py / ratio))

    def spot_of(self, row: int) -> QPoint:
        return self.spot(*(float(value) for value in LAYOUT[row]))

    def drag(self, path: list[QPoint], keys: Key = Key.NoModifier) -> None:
        canvas = self.view.canvas
        QTest.mousePress(canvas, LEFT, keys, path[0])
        for to in path[1:]:
            QTest.mouseMove(canvas, to)
        QTest.mouseRelease(canvas, LEFT, keys, path[-1])

    def around(self, x: float, y: float, size: float = 1.5) -> list[QPoint]:
        """An outline round a place, with enough corners for a lasso."""
        corners = [(-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0)]
        return [self.spot(x + size * dx, y + size * dy) for dx, dy in corners]

    def chosen(self) -> list[int]:
        return self.document.selection.rows.tolist()


def projection(of: Embeddings, layout: np.ndarray = LAYOUT, name: str = "cross") -> Projection:
    made_by = MadeBy("project", (of.fingerprint,), {"name": name})
    return Projection(frozen(layout.copy()), "pca", "PCA", made_by)


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    root = QObject()
    document, jobs, notices = Document(root), Jobs(root), Notices(root)
    history = History(document, root)
    model = MapModel(document, jobs, notices, history, root)
    view = MapView(model)
    view.resize(700, 500)
    view.show()
    qtbot.waitExposed(view)
    yield Stage(document, jobs, notices, history, model, view)
    assert view.canvas.image.close(30)
    assert jobs.close(5)
    delete(view)
    delete(root)


@pytest.fixture
def filled(stage: Stage, qtbot: QtBot) -> Stage:
    stage.fill(qtbot)
    return stage


def pixel(stage: Stage, row: int) -> tuple[int, int, int]:
    """Colour that is seen where an item lies."""
    image = stage.view.canvas.grab().toImage()
    at = stage.spot_of(row) * image.devicePixelRatio()
    seen = image.pixelColor(at)
    return seen.red(), seen.green(), seen.blue()


def is_grey(rgb: tuple[int, int, int]) -> bool:
    return max(rgb) - min(rgb) < 25


def test_an_empty_map_says_what_to_do_next(stage: Stage) -> None:
    assert stage.view.message.isVisible()
    assert "Open a file" in stage.view.message.text()


def test_without_vectors_it_says_to_embed(stage: Stage, qtbot: QtBot) -> None:
    stage.document.set_corpus(builders.corpus())
    assert "Embed" in stage.view.message.text()
    qtbot.waitUntil(lambda: not stage.jobs.live)


def test_points_are_seen_in_the_colours_of_the_legend(filled: Stage) -> None:
    assert not filled.view.message.isVisible()
    assert filled.view.legend.isVisible()
    seen = {pixel(filled, row) for row in (5, 15, 25, 35)}
    assert len(seen) == 4
    assert not any(is_grey(rgb) for rgb in seen)


def test_selected_points_keep_their_colour_and_the_others_turn_grey(
    filled: Stage, qtbot: QtBot
) -> None:
    filled.drag(filled.around(-4, 0), Key.ShiftModifier)
    filled.settle(qtbot)
    assert filled.chosen() == list(range(10))
    assert not is_grey(pixel(filled, 5))
    assert is_grey(pixel(filled, 15))
    ground = pixel(filled, 5)
    assert pixel(filled, 15) != ground


def test_a_hidden_class_is_gone_and_cannot_be_picked(filled: Stage, qtbot: QtBot) -> None:
    spot = QPointF(filled.spot_of(0))
    assert filled.view.canvas.row_at(spot) is not None
    code = filled.model.colouring.categories.labels.index("west")  # type: ignore[union-attr]
    filled.model.toggle(code)
    filled.settle(qtbot)
    assert filled.view.canvas.row_at(spot) is None


@pytest.mark.parametrize(
    ("tool", "keys", "expected"),
    [
        ("box", Key.NoModifier, "replace"),
        ("lasso", Key.NoModifier, "replace"),
        ("lasso", Key.ShiftModifier, "add"),
        ("box", Key.AltModifier, "subtract"),
        ("lasso", Key.ShiftModifier | Key.AltModifier, "intersect"),
        ("pan", Key.ShiftModifier, "add"),
    ],
)
def test_outlines_with_keys(filled: Stage, tool: Any, keys: Key, expected: str) -> None:
    filled.model.select_rows(np.arange(5, 15), "replace")
    filled.model.set_tool(tool)
    outline = filled.around(-4, 0)  # rows 0 to 9
    filled.drag([outline[0], outline[4]] if tool == "box" else outline, keys)
    rows = {
        "replace": range(10),
        "add": range(15),
        "subtract": range(10, 15),
        "intersect": range(5, 10),
    }
    assert filled.chosen() == list(rows[expected])
    filled.history.undo()
    assert filled.chosen() == list(range(5, 15))


def test_the_outline_is_kept_in_coordinates_of_the_layout(filled: Stage) -> None:
    filled.model.set_tool("box")
    filled.drag([filled.spot(3, -1), filled.spot(5, 1)])
    corners = np.array(filled.document.selection.description["polygon"])
    np.testing.assert_allclose(corners.min(axis=0), [3, -1], atol=0.1)
    np.testing.assert_allclose(corners.max(axis=0), [5, 1], atol=0.1)
    assert filled.chosen() == list(range(10, 20))


def test_escape_drops_a_lasso_then_the_selection(filled: Stage) -> None:
    canvas = filled.view.canvas
    filled.model.select_rows(np.array([1]), "replace")
    filled.model.set_tool("lasso")
    path = filled.around(4, 0)
    QTest.mousePress(canvas, LEFT, Key.NoModifier, path[0])
    QTest.mouseMove(canvas, path[3])
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, Key.NoModifier, path[3])
    assert filled.chosen() == [1]
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert filled.chosen() == []


def test_a_click_looks_at_an_item_and_beside_it_at_none(filled: Stage) -> None:
    QTest.mouseClick(filled.view.canvas, LEFT, Key.NoModifier, filled.spot_of(7))
    focus = filled.document.focus
    assert focus is not None
    assert np.hypot(*(LAYOUT[focus] - LAYOUT[7])) < 0.1
    QTest.mouseClick(filled.view.canvas, LEFT, Key.NoModifier, filled.spot(0, 0))
    assert filled.document.focus is None


def test_hovering_shows_a_card_with_text_and_value(filled: Stage) -> None:
    canvas = filled.view.canvas
    spot = QPointF(filled.spot_of(12))
    before = canvas.grab().toImage()
    with QtSpy(canvas.hovered) as seen:
        QTest.mouseMove(canvas, spot.toPoint())
        QTest.mouseMove(canvas, spot.toPoint() + QPoint(1, 0))
    card = filled.model.card(seen[-1])
    assert card.text.startswith("words about item 1")
    assert (card.column, card.value) == ("side", "east")
    assert canvas.grab().toImage() != before
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert canvas.grab().toImage() == before


class QtSpy(list[Any]):
    """What a signal said, within a block."""

    def __init__(self, signal: Any) -> None:
        super().__init__()
        self._signal = signal

    def __enter__(self) -> QtSpy:
        self._signal.connect(self.append)
        return self

    def __exit__(self, *_error: object) -> None:
        self._signal.disconnect(self.append)


def test_the_wheel_zooms_at_the_cursor(filled: Stage) -> None:
    canvas = filled.view.canvas
    spot = filled.spot_of(35)
    before = canvas.camera
    where = before.to_plane(spot.x(), spot.y())
    wheel = QWheelEvent(
        QPointF(spot), canvas.mapToGlobal(QPointF(spot)), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Key.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, wheel)
    assert canvas.camera.scale > before.scale
    np.testing.assert_allclose(canvas.camera.to_plane(spot.x(), spot.y()), where, atol=1e-6)


def test_a_drag_moves_what_is_under_the_hand(filled: Stage) -> None:
    start = filled.spot_of(3)
    filled.drag([start, start + QPoint(30, 10), start + QPoint(90, -40)])
    assert filled.spot_of(3) == start + QPoint(90, -40)
    assert filled.document.focus is None  # a drag is no click


@pytest.mark.parametrize(
    ("key", "moves"),
    [
        (Qt.Key.Key_Plus, "scale"),
        (Qt.Key.Key_Minus, "scale"),
        (Qt.Key.Key_Left, "x"),
        (Qt.Key.Key_Down, "y"),
    ],
)
def test_keys_move_the_camera_and_f_brings_it_back(filled: Stage, key: Qt.Key, moves: str) -> None:
    canvas = filled.view.canvas
    before = canvas.camera
    QTest.keyClick(canvas, key)
    assert getattr(canvas.camera, moves) != getattr(before, moves)
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.camera == before


def test_zoom_has_limits(filled: Stage) -> None:
    canvas = filled.view.canvas
    whole = canvas.camera.scale
    for _ in range(200):
        canvas.zoom_by(2.0)
    assert canvas.camera.scale <= whole * 1.01e5
    for _ in range(200):
        canvas.zoom_by(0.5)
    assert canvas.camera.scale >= whole * 0.19


@pytest.mark.parametrize(("key", "tool"), [("B", "box"), ("L", "lasso"), ("H", "pan")])
def test_letters_choose_tools_and_buttons_show_it(filled: Stage, key: str, tool: str) -> None:
    filled.model.set_tool("box" if tool != "box" else "lasso")
    QTest.keyClicks(filled.view.canvas, key)
    assert filled.model.tool == tool
    checked = filled.view.bar.tools.checkedButton()
    assert f"({key})" in checked.toolTip()
    assert filled.view.help.isVisible() == (tool != "pan")


def test_double_click_shows_everything(filled: Stage) -> None:
    canvas = filled.view.canvas
    before = canvas.camera
    canvas.zoom_by(8)
    QTest.mouseDClick(canvas, LEFT, Key.NoModifier, QPoint(50, 50))
    assert canvas.camera == before


def test_go_to_leaves_the_map_where_it_is_if_the_item_is_in_view(filled: Stage) -> None:
    before = filled.view.canvas.camera
    filled.view.go_to(22)
    assert filled.view.canvas.camera == before


def test_go_to_brings_an_item_into_the_middle(filled: Stage) -> None:
    canvas = filled.view.canvas
    canvas.pan_by(3 * canvas.width(), 0)
    filled.view.go_to(22)
    middle = QPoint(round(canvas.width() / 2), round(canvas.height() / 2))
    assert (filled.spot_of(22) - middle).manhattanLength() <= 2
    before = canvas.camera
    filled.view.go_to(40)  # it has no place
    filled.view.go_to(10_000)
    filled.view.go_to(None)
    assert canvas.camera == before


def test_a_layout_under_way_is_kept_in_view_until_the_person_moves(
    filled: Stage, qtbot: QtBot
) -> None:
    canvas = filled.view.canvas
    before = canvas.camera
    filled.view.show_layout(frozen(LAYOUT * 3))
    assert canvas.camera.scale < before.scale / 2
    canvas.pan_by(20, 0)
    moved = canvas.camera
    for factor in (1, 2, 5):
        filled.view.show_layout(frozen(LAYOUT * factor))
    assert canvas.camera == moved
    filled.settle(qtbot)
    assert canvas.frame is not None
    np.testing.assert_allclose(np.nanmax(LAYOUT * 5), max(canvas.frame.points.bounds), rtol=1e-6)
    assert filled.document.active is not None
    filled.document.add_projection(projection(filled.document.active, LAYOUT * 5, "end"))
    assert canvas.camera == moved  # the end of the same run


def test_another_projection_is_shown_as_a_whole(filled: Stage) -> None:
    canvas = filled.view.canvas
    canvas.zoom_by(5)
    assert filled.document.active is not None
    filled.document.add_projection(projection(filled.document.active, LAYOUT * 2, "wide"))
    assert not canvas.is_moved
    assert canvas.rect().contains(filled.spot(8, 0))


def test_a_new_size_keeps_everything_in_view(filled: Stage) -> None:
    filled.view.resize(520, 300)
    for row in range(40):
        assert filled.view.canvas.rect().contains(filled.spot_of(row))


def test_nothing_in_view_offers_to_fit(filled: Stage, qtbot: QtBot) -> None:
    filled.view.canvas.pan_by(5000, 0)
    qtbot.waitUntil(filled.view.message.isVisible, timeout=10_000)
    assert "Fit" in filled.view.message.text()
    filled.view.message.linkActivated.emit("fit")
    qtbot.waitUntil(lambda: not filled.view.message.isVisible(), timeout=10_000)


def test_all_hidden_offers_to_show_all(filled: Stage, qtbot: QtBot) -> None:
    for code in range(5):
        filled.model.toggle(code)
    qtbot.waitUntil(filled.view.message.isVisible, timeout=10_000)
    assert 'href="all"' in filled.view.message.text()
    filled.view.message.linkActivated.emit("all")
    qtbot.waitUntil(lambda: not filled.view.message.isVisible(), timeout=10_000)


def test_neighbours_and_focus_are_ringed(filled: Stage) -> None:
    canvas = filled.view.canvas
    assert filled.document.active is not None
    before = canvas.grab().toImage()
    rows, near = np.array([11, 12, 40]), np.array([0.9, 0.8, 0.7], np.float32)
    name = filled.document.active.fingerprint
    filled.document.set_hits(Hits(rows, near, "near row 1", name, row=1))
    ringed = canvas.grab().toImage()
    assert ringed != before
    filled.document.set_focus(1)
    assert canvas.grab().toImage() != ringed
    filled.document.set_focus(None)
    filled.document.set_hits(None)
    assert canvas.grab().toImage() == before


def test_the_badge_is_shown_with_its_explanation(filled: Stage) -> None:
    filled.view.set_badge("Trust 0.93", "How far near on the map means near in the vectors")
    assert filled.view.badge.isVisible()
    assert filled.view.badge.toolTip().startswith("How far")
    filled.view.set_badge("", "")
    assert not filled.view.badge.isVisible()


def test_the_colour_box_colours_the_map(filled: Stage, qtbot: QtBot) -> None:
    box = filled.view.bar.colour
    assert [box.itemText(i) for i in range(box.count())] == ["One colour", "side", "number"]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    filled.settle(qtbot)
    assert filled.view.legend.scale.isVisible()
    assert filled.view.legend.scale.high.text() == "40"


def test_the_size_slider_makes_points_larger(filled: Stage, qtbot: QtBot) -> None:
    canvas = filled.view.canvas
    assert canvas.frame is not None
    before = canvas.frame.radius
    filled.view.bar.size_slider.setValue(filled.view.bar.size_slider.maximum())
    filled.settle(qtbot)
    assert canvas.frame.radius > before
    assert filled.model.size == pytest.approx(4.0)


def test_a_failure_to_draw_is_a_notice(
    filled: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise MemoryError

    monkeypatch.setattr("backends.raster.draw.draw", broken)
    with qtbot.waitSignal(filled.notices.posted) as posted:
        filled.view.canvas.pan_by(1, 0)
    assert "memory" in posted.args[0].text
    monkeypatch.undo()
    with qtbot.waitSignal(filled.view.canvas.drawn):  # and drawing goes on
        filled.view.canvas.pan_by(1, 0)


def test_stale_pictures_are_dropped_and_the_newest_is_shown(filled: Stage, qtbot: QtBot) -> None:
    canvas = filled.view.canvas
    with QtSpy(canvas.drawn) as frames:
        for _ in range(200):
            canvas.pan_by(1, 0)
        filled.settle(qtbot)
    assert len(frames) < 200
    assert frames[-1].wish.camera == canvas.camera


def test_a_picture_of_another_corpus_is_not_shown(filled: Stage, qtbot: QtBot) -> None:
    canvas = filled.view.canvas
    late = canvas.frame  # was being drawn when the corpus was changed
    few = builders.corpus(columns={name: cells[:3] for name, cells in COLUMNS.items()})
    vectors = builders.embeddings(few)
    filled.document.set_corpus(few)
    filled.document.add_embeddings(vectors)
    filled.document.add_projection(projection(vectors, LAYOUT[:3]))
    canvas.image.drawn.emit(late)
    QTest.mouseMove(canvas, filled.spot_of(35))  # of which there is no row any more
    assert canvas.frame is None
    filled.settle(qtbot)
    assert canvas.frame is not None


def test_the_last_picture_is_moved_while_the_fresh_one_is_drawn(filled: Stage) -> None:
    """No event loop runs here, so no fresh picture can arrive."""
    before = pixel(filled, 5)
    filled.view.canvas.pan_by(40, 20)
    assert pixel(filled, 5) == before


def test_a_middle_drag_moves_the_map_whatever_the_tool(filled: Stage) -> None:
    filled.model.set_tool("box")
    canvas, start = filled.view.canvas, filled.spot_of(3)
    QTest.mousePress(canvas, Qt.MouseButton.MiddleButton, Key.NoModifier, start)
    move = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(start + QPoint(50, 0)),
        canvas.mapToGlobal(QPointF(start + QPoint(50, 0))), Qt.MouseButton.NoButton,
        Qt.MouseButton.MiddleButton, Key.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(canvas, move)
    QTest.mouseRelease(canvas, Qt.MouseButton.MiddleButton, Key.NoModifier, start)
    assert filled.spot_of(3) == start + QPoint(50, 0)
    assert filled.chosen() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_map_wears_the_theme(
    filled: Stage, qtbot: QtBot, qapp: QApplication, theme: Any
) -> None:
    apply_theme(qapp, theme)
    filled.settle(qtbot)
    corner = filled.view.canvas.grab().toImage().pixelColor(2, 2)
    assert corner.name().upper() == current_theme().map_background.upper()
    assert not is_grey(pixel(filled, 5))
    apply_theme(qapp, "light")


def test_controls_have_names_and_tooltips(filled: Stage) -> None:
    bar = filled.view.bar
    controls = [*bar.tools.buttons(), bar.fit, bar.colour, bar.size_slider]
    assert all(control.accessibleName() and control.toolTip() for control in controls)
    assert filled.view.canvas.accessibleName()


def test_a_new_corpus_clears_the_map(filled: Stage, qtbot: QtBot) -> None:
    filled.document.set_corpus(None)
    assert filled.view.message.isVisible()
    assert not filled.view.legend.isVisible()
    assert filled.view.canvas.frame is None
    filled.fill(qtbot)
    assert not is_grey(pixel(filled, 5))


def test_a_small_map_has_no_legend(filled: Stage) -> None:
    filled.view.resize(400, 300)
    assert not filled.view.legend.isVisible()
    filled.view.resize(700, 500)
    assert filled.view.legend.isVisible()


def test_long_texts_end_with_dots(qapp: QApplication) -> None:
    font = qapp.font()
    lines = wrapped("many words " * 100, font, 200)
    assert len(lines) == 4
    assert lines[-1].endswith("…")
    assert wrapped("two\n words\t", font, 200) == ["two words"]
    assert wrapped("", font, 200) == []
    assert len(wrapped("x" * 5000, font, 200)) == 4


def test_where_the_person_looks_is_kept_and_taken_up_again(filled: Stage, qtbot: QtBot) -> None:
    assert filled.model.look is None, "all of it is no choice"
    canvas = filled.view.canvas
    canvas.zoom_by(3.0)
    canvas.pan_by(40, -25)
    wanted = canvas.camera
    state = filled.model.project_state()
    canvas.fit()
    assert "camera" not in filled.model.project_state()
    filled.model.restore_project_state(state)
    assert (canvas.camera.x, canvas.camera.y) == (wanted.x, wanted.y)
    assert canvas.camera.scale == pytest.approx(wanted.scale)


def test_a_look_at_another_layout_is_left_out(filled: Stage) -> None:
    canvas = filled.view.canvas
    canvas.zoom_by(3.0)
    state = filled.model.project_state()
    canvas.fit()
    before = canvas.camera
    state["camera"]["projection"] = "of another"
    filled.model.restore_project_state(state)
    assert canvas.camera == before


def test_the_map_shows_that_the_keyboard_came_by_keys(filled: Stage, qtbot: QtBot) -> None:
    canvas = filled.view.canvas

    def edge() -> str:
        return canvas.grab().toImage().pixelColor(QPoint(1, 60)).name().upper()

    filled.view.activateWindow()
    canvas.clearFocus()
    canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    assert edge() != current_theme().accent
    canvas.clearFocus()
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(canvas.hasFocus)
    assert edge() == current_theme().accent
    canvas.clearFocus()
    assert edge() != current_theme().accent


def test_the_cursor_says_what_a_click_would_do(filled: Stage) -> None:
    canvas = filled.view.canvas
    QTest.mouseMove(canvas, filled.spot_of(22))
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    filled.model.set_tool("lasso")
    assert canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    filled.model.set_tool("pan")
    QTest.mouseMove(canvas, QPoint(3, 3))
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_a_long_badge_stays_inside_a_narrow_map(filled: Stage) -> None:
    filled.view.set_badge("trust 0.90 · 24% of neighbours near (PCA 0.69 · 1%)", "why")
    filled.view.resize(260, 300)
    badge, canvas = filled.view.badge, filled.view.canvas
    assert canvas.rect().contains(badge.geometry())
    filled.view.resize(900, 400)
    assert badge.height() <= 2 * badge.fontMetrics().height()
