"""Charts of two axes ring the item in focus, and say what heights and dots are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from backends.directions.wordsets import Collection, WordSet
from tests import directions
from tests.directions import JOBS, LEANING, WORDS, settle
from widgets.panels.direction_look import DirectionLookPage
from widgets.theme import current_theme


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def page(app: Application, qtbot: QtBot) -> Iterator[DirectionLookPage]:
    directions.fill(app)
    made = DirectionLookPage(app.directions)
    made.resize(1000, 360)
    made.show()
    qtbot.waitExposed(made)
    directions.found(app, qtbot)
    yield made
    settle(app, qtbot)
    delete(made)


def ring_pixels(page: DirectionLookPage) -> int:
    """Pixels in the colour of the ring."""
    image = page.plane.cloud.grab().toImage()
    wanted = current_theme().map_ring
    return sum(
        image.pixelColor(x, y).name() == wanted.lower()
        for x in range(image.width())
        for y in range(image.height())
    )


def test_two_axes_ring_the_item_in_focus(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    directions.found(app, qtbot, "thing1, thing2\nthing3, thing4")
    page.show_view("plane")
    settle(app, qtbot)
    before = ring_pixels(page)
    nurse = WORDS.index("nurse")
    app.document.set_focus(nurse)
    focus = page.plane.cloud.focus
    plane = app.directions.axes.plane.answer
    assert focus is not None
    assert plane is not None
    at = plane.rows.tolist().index(nurse)
    assert focus == (float(plane.x[at]), float(plane.y[at]), "nurse")
    assert ring_pixels(page) > before + 10
    app.document.set_focus(None)
    assert page.plane.cloud.focus is None


def test_an_item_that_was_not_drawn_has_a_place_all_the_same(
    app: Application, page: DirectionLookPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backends.directions import taking

    monkeypatch.setattr(taking.few_points, "__defaults__", (3, None))
    directions.found(app, qtbot, "thing1, thing2\nthing3, thing4")
    page.show_view("plane")
    settle(app, qtbot)
    plane = app.directions.axes.plane.answer
    assert plane is not None
    left_out = np.setdiff1d(np.arange(len(WORDS)), plane.rows)
    assert len(left_out)
    app.document.set_focus(int(left_out[0]))
    assert page.plane.cloud.focus is not None
    assert page.plane.cloud.focus[2] == WORDS[int(left_out[0])]


def test_numbers_beside_projections_ring_the_word_in_focus(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    numbers = {"share": tuple(LEANING)}
    app.document.set_word_sets(Collection((WordSet("jobs", "scores", JOBS, scores=numbers),)))
    page.show_view("shares")
    app.directions.asking.change(reference="jobs", numbers="share")
    app.document.set_focus(WORDS.index("pilot"))
    app.directions.asking.ask_shares()
    settle(app, qtbot)
    focus = page.shares.cloud.focus
    assert focus is not None
    assert focus[0] == pytest.approx(LEANING[JOBS.index("pilot")])
    assert focus[2] == "pilot"
    app.document.set_focus(WORDS.index("thing5"))
    assert page.shares.cloud.focus is None


def test_the_distribution_says_what_heights_and_dots_are(
    app: Application, page: DirectionLookPage, qtbot: QtBot
) -> None:
    page.show_view("spread")
    settle(app, qtbot)
    chart = page.spread.chart
    assert chart.title == "projection (cosine); height: share of the items"
    app.document.set_word_sets(
        Collection((WordSet("jobs", "terms", JOBS), WordSet("things", "terms", WORDS[20:70])))
    )
    app.directions.look.change(groups="sets", sets=("jobs", "things"))
    settle(app, qtbot)
    assert chart.title == "projection (cosine); height: share of each group; dot: one item"
