"""Where the card lies, how its lines are cut, and the dialog that says what it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.panels.card import COLOURING, Card, CardModel, CardRow
from tests import builders
from tests.app.bench import Bench
from widgets.card_chooser import CardChooser
from widgets.map_card import EDGE, WIDTH, _lines, paint_card, place_card
from widgets.theme import LIGHT

pytestmark = pytest.mark.usefixtures("qapp")  # fonts need an application

SWATCH = QColor("#ff0000")
ROWS = (
    CardRow("label", "A name that is longer than a card is wide, by quite a lot indeed"),
    CardRow("text", "word " * 100),
    CardRow("value", "one\ntwo", "a column with a name that takes all of the room there is"),
    CardRow("value", "v" * 300, "another column with a name that takes all of the room"),
    CardRow("value", "", "colour", is_colour=True),
)


def painted(area: QRectF, spot: QPointF, card: Card) -> tuple[QRectF, QImage]:
    image = QImage(700, 500, QImage.Format.Format_RGB32)
    image.fill(QColor("#123456"))
    painter = QPainter(image)
    box = paint_card(painter, area, spot, card, SWATCH, LIGHT)
    painter.end()
    return box, image


@given(
    st.floats(120, 700), st.floats(120, 500), st.floats(0, 1), st.floats(0, 1), st.integers(1, 5)
)
def test_it_stays_on_the_map_and_off_the_item(
    width: float, height: float, x: float, y: float, rows: int
) -> None:
    area, spot = QRectF(0, 0, width, height), QPointF(x * width, y * height)
    box, image = painted(area, spot, Card(ROWS[:rows]))
    if box.isEmpty():  # only where there is no room for anything
        assert min(width, height) < 300
        assert image.pixelColor(5, 5) == QColor("#123456")
        return
    assert area.adjusted(EDGE, EDGE, -EDGE, -EDGE).contains(box)
    assert not box.adjusted(-10, -10, 10, 10).contains(spot)
    assert box.width() <= WIDTH


@pytest.mark.parametrize(
    ("spot", "free"),
    [((100, 100), (114, 114)), ((580, 100), (366, 114)), ((580, 380), (366, 266))],
)
def test_the_corner_that_is_free_is_taken(
    spot: tuple[float, float], free: tuple[float, float]
) -> None:
    area = QRectF(0, 0, 600, 400)
    assert place_card(QSizeF(200, 100), QPointF(*spot), area).topLeft() == QPointF(*free)


def test_what_lies_over_the_map_is_avoided_where_that_is_possible() -> None:
    area, spot, size = QRectF(0, 0, 600, 400), QPointF(300, 200), QSizeF(200, 100)
    minimap = QRectF(320, 210, 100, 100)
    box = place_card(size, spot, area, [minimap])
    assert not box.isEmpty()
    assert not box.intersects(minimap)
    assert place_card(size, spot, area, [area]) == place_card(size, spot, area)


def test_no_line_is_wider_than_the_card_and_both_name_and_value_are_seen(qtbot: QtBot) -> None:
    font = QFont()
    lines = _lines(ROWS, font, 200)
    assert max(line.width for line in lines) <= 200
    values = [line for line in lines if line.is_value]
    metrics = QFontMetricsF(font)
    for line in values:
        assert metrics.horizontalAdvance(line.name + line.text) <= 200
        assert line.name
        assert line.text
    assert values[0].text == "one two"
    assert "…" in values[1].name
    assert values[1].text.endswith("…")
    assert (values[2].text, values[2].swatch) == ("no value", True)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench()
    columns = {"text": ["some words here", "other words there"], "year": [1, 2], "size": [3, 4]}
    more = {f"column {i}": [i, i] for i in range(12)}
    bench.document.set_corpus(builders.corpus(columns={**columns, **more}))
    yield bench
    assert bench.close()


@pytest.fixture
def chooser(bench: Bench, qtbot: QtBot) -> Iterator[CardChooser]:
    chooser = CardChooser(CardModel(bench.document, bench.settings, bench.document))
    chooser.show()
    yield chooser
    chooser.close()


def names(chooser: CardChooser) -> list[str]:
    return [chooser.list.item(at).text() for at in range(chooser.list.count())]


def ticked(chooser: CardChooser) -> list[str]:
    items = [chooser.list.item(at) for at in range(chooser.list.count())]
    return [item.text() for item in items if item.checkState() == Qt.CheckState.Checked]


def test_a_tick_counts_at_once_and_comes_to_the_others(chooser: CardChooser, qtbot: QtBot) -> None:
    assert ticked(chooser) == ["text", "What colours the map"]
    assert not chooser.usual.isEnabled()
    chooser.list.item(names(chooser).index("size")).setCheckState(Qt.CheckState.Checked)
    assert chooser._model.chosen == ("text", COLOURING, "size")
    qtbot.waitUntil(lambda: names(chooser)[2] == "size")
    assert chooser.list.currentItem().text() == "size"
    assert chooser.up.isEnabled()
    assert not chooser.down.isEnabled()
    qtbot.mouseClick(chooser.up, Qt.MouseButton.LeftButton)
    qtbot.keyClick(chooser, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: names(chooser)[0] == "size")
    assert chooser._model.chosen == ("size", "text", COLOURING)
    qtbot.mouseClick(chooser.usual, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ticked(chooser) == ["text", "What colours the map"])


def test_columns_are_found_by_name(chooser: CardChooser) -> None:
    assert chooser.search.isVisible()
    chooser.search.setText("COLUMN 1")
    shown = [
        chooser.list.item(at).text()
        for at in range(chooser.list.count())
        if not chooser.list.item(at).isHidden()
    ]
    assert shown == ["column 1", "column 10", "column 11"]


def test_a_closed_chooser_hears_nothing_more(bench: Bench, qtbot: QtBot) -> None:
    model = CardModel(bench.document, bench.settings, bench.document)
    chooser = CardChooser(model)
    chooser.show()
    with qtbot.waitSignal(chooser.destroyed):
        chooser.close()
    with qtbot.captureExceptions() as exceptions:
        model.reset()
        builders.fill(bench.document)
    assert not exceptions
