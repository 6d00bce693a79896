"""A chart of points: found by cursor and keys, put into words, drawn into pictures."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from widgets.chart import Chart
from widgets.chart_axis import log_ticks, percents, short_number
from widgets.chart_drawing import Line, Mark
from widgets.chart_pictures import image_of, png_of, svg_of
from widgets.chart_small import SmallChart, histogram
from widgets.compression_charts import Legend
from widgets.theme import DARK, apply_theme

INK = "#0072B2"
KEYS = Qt.Key


def mark(key: str, x: float, y: float) -> Mark:
    return Mark(
        key, x, y, y - 0.01, y + 0.01, INK, "o", "codec", f"{key} in words", f"<b>{key}</b>"
    )


MARKS = (mark("a", 24, 0.5), mark("b", 96, 0.8), mark("c", 768, 0.95))


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[Chart]:
    made = Chart("Recall against bytes", "bytes a vector (log)")
    made.resize(420, 260)
    made.show_marks(MARKS, ("a", "c"), (Line(1.0, False, "exact search"),), y_title="recall@10")
    made.show()
    qtbot.waitExposed(made)
    yield made
    delete(made)


def test_a_click_chooses_the_point_under_it(chart: Chart, qtbot: QtBot) -> None:
    at = chart.position_of("b").toPoint()
    with qtbot.waitSignal(chart.chosen) as chosen:
        QTest.mouseClick(chart.view, Qt.MouseButton.LeftButton, pos=at + QPoint(3, -2))
    assert chosen.args == ["b"]
    with qtbot.assertNotEmitted(chart.chosen):
        QTest.mouseClick(chart.view, Qt.MouseButton.LeftButton, pos=at + QPoint(40, 30))


def test_the_cursor_finds_the_nearest_point_and_loses_it(chart: Chart, qtbot: QtBot) -> None:
    with qtbot.waitSignal(chart.hovered) as hovered:
        QTest.mouseMove(chart.view, chart.position_of("c").toPoint())
    assert hovered.args == ["c"]
    assert chart.current == MARKS[2]
    with qtbot.waitSignal(chart.hovered) as hovered:
        QTest.mouseMove(chart.view, chart.position_of("c").toPoint() - QPoint(60, -50))
    assert hovered.args == [None]


def test_a_drag_moves_the_chart_and_chooses_nothing(chart: Chart, qtbot: QtBot) -> None:
    at = chart.position_of("b").toPoint()
    before = chart.position_of("b")
    with qtbot.assertNotEmitted(chart.chosen):
        QTest.mousePress(chart.view, Qt.MouseButton.LeftButton, pos=at)
        for step in (10, 20, 30):
            QTest.mouseMove(chart.view, at + QPoint(step, 0))
        QTest.mouseRelease(chart.view, Qt.MouseButton.LeftButton, pos=at + QPoint(30, 0))
    chart.fit()
    assert chart.position_of("b") == before


def test_keys_walk_along_the_points(chart: Chart, qtbot: QtBot) -> None:
    chart.setFocus()
    walked = []
    for key in (KEYS.Key_Right, KEYS.Key_Right, KEYS.Key_Right, KEYS.Key_Right, KEYS.Key_Left):
        QTest.keyClick(chart, key)
        walked.append(chart.current.key if chart.current else None)
    assert walked == ["a", "b", "c", "c", "b"]
    with qtbot.waitSignal(chart.chosen) as chosen:
        QTest.keyClick(chart, KEYS.Key_Return)
    assert chosen.args == ["b"]
    QTest.keyClick(chart, KEYS.Key_Escape)
    assert chart.current is None
    QTest.keyClick(chart, KEYS.Key_Up)
    assert chart.current == MARKS[0]


def test_a_screen_reader_is_told_the_point(chart: Chart) -> None:
    side = QAccessible.queryAccessibleInterface(chart)
    assert side is not None
    assert side.role() == QAccessible.Role.Chart
    assert side.text(QAccessible.Text.Name) == "Recall against bytes"
    assert "3 points" in side.text(QAccessible.Text.Description)
    chart.show_ring("hover", "b")
    assert side.text(QAccessible.Text.Description) == "b in words"
    chart.show_marks(())
    assert "Nothing" in side.text(QAccessible.Text.Description)


def test_all_points_lie_inside_and_where_the_axis_says(chart: Chart) -> None:
    places = [chart.position_of(each.key) for each in MARKS]
    assert all(0 < at.x() < chart.view.width() for at in places)
    assert all(0 < at.y() < chart.view.height() for at in places)
    # On a logarithmic axis 24 to 96 is as far as 192 to 768.
    step = places[1].x() - places[0].x()
    assert places[2].x() - places[1].x() == pytest.approx(1.5 * step, rel=0.02)


def test_a_line_far_away_leaves_the_points_their_room(chart: Chart) -> None:
    before = [chart.position_of(each.key) for each in MARKS]
    chart.show_marks(MARKS, (), (Line(1.0, False, "exact"), Line(1e9, True, "fit", strong=True)))
    assert [chart.position_of(each.key) for each in MARKS] == before
    chart.show_marks(MARKS, (), (Line(1.0, False, "exact"), Line(1536, True, "float32")))
    assert chart.position_of("c").x() < before[2].x()


def test_a_picture_has_the_points_twice_as_fine(chart: Chart) -> None:
    image = image_of(chart, None)
    assert image.size() == chart.view.size() * 2
    sizes = []
    for scale in (1, 2):
        image, inks = image_of(chart, None, scale), 0
        for each in MARKS:
            at = (chart.position_of(each.key) * scale).toPoint()
            own = [
                image.pixelColor(at + QPoint(x, y)) == QColor(INK)
                for x in range(-8, 9)
                for y in range(-8, 9)
            ]
            assert any(own)
            inks += sum(own)
        sizes.append(inks)
    assert sizes[1] > 2.5 * sizes[0]  # four times as many pixels, but for the rims
    assert png_of(chart, None).startswith(b"\x89PNG")


def test_an_svg_has_words_as_words(chart: Chart) -> None:
    root = ET.fromstring(svg_of(chart, None))
    words = "".join(root.itertext())
    for part in ("Recall against bytes", "recall@10", "bytes a vector (log)", "exact search"):
        assert part in words
    assert 'd=""' not in svg_of(chart, None).decode()


def test_a_picture_says_what_the_symbols_mean(chart: Chart) -> None:
    legend = Legend()
    legend.show_families([("Rounding", INK, "o"), ("Binary", INK, "s")])
    assert {"Rounding", "Binary"} < set(ET.fromstring(svg_of(chart, legend)).itertext())
    image, plain = image_of(chart, legend), image_of(chart, None)
    above = image.height() - plain.height()
    assert above > 0
    assert image.copy(0, above, plain.width(), plain.height()) == plain
    rows = [(x, y) for x in range(image.width()) for y in range(above)]
    assert any(image.pixelColor(x, y) == QColor(INK) for x, y in rows)
    legend.deleteLater()


def test_it_wears_the_theme(chart: Chart, qapp: QApplication) -> None:
    try:
        apply_theme(qapp, "dark")
        image = image_of(chart, None, 1)
        ground = image.pixelColor(image.width() - 4, image.height() - 4)
        assert ground == QColor(DARK.base)
    finally:
        apply_theme(qapp, "light")


@pytest.mark.parametrize(
    ("low", "high", "size"), [(1.2, 3.2, 300), (0, 6, 500), (2.0, 2.3, 200), (-1, 0.2, 250)]
)
def test_ticks_of_a_logarithmic_axis_are_round_and_apart(
    low: float, high: float, size: float
) -> None:
    found = log_ticks(low, high, size)
    assert len(found) >= 2
    pixels = np.array(found) * size / (high - low)
    assert (np.diff(pixels) > 20).all()
    for value in 10.0 ** np.array(found):
        assert float(f"{value:.3g}") == pytest.approx(value, rel=1e-6)


def test_numbers_on_axes_are_short() -> None:
    values = (0.5, 96, 1500, 20_000, 3e6)
    assert [short_number(value) for value in values] == ["0.5", "96", "1,500", "20 k", "3 M"]
    assert percents([0.0, 0.5, 1.0]) == ["0%", "50%", "100%"]
    assert percents([0.995, 0.996, 1.001]) == ["99.5%", "99.6%", ""]


@pytest.mark.parametrize("values", [[], [1.0], [2.0] * 5, [0.0, 0.0], [1e-30, 2e-30], [1, np.nan]])
def test_a_histogram_counts_whatever_there_is(values: list[float]) -> None:
    counts, edges = histogram(np.array(values, dtype=np.float32))
    assert counts.sum() == np.isfinite(values).sum()
    assert len(edges) == len(counts) + 1
    assert (np.diff(edges) > 0).all()


def test_small_charts_say_what_they_show(qtbot: QtBot) -> None:
    small = SmallChart("Distortion")
    small.show_bars(np.array([1, 4]), np.array([0, 1, 2]), titles=("x", "y"), words="Five rows.")
    side = QAccessible.queryAccessibleInterface(small)
    assert side is not None
    assert side.text(QAccessible.Text.Description) == "Five rows."
    curve = np.linspace(1, 0, 50)
    small.show_curves(
        (("training", np.arange(50), curve), ("held out", np.arange(3), curve[:3])),
        titles=("step", "loss"),
        words="It fell.",
    )
    assert side.text(QAccessible.Text.Description) == "It fell."
    delete(small)
