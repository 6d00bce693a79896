"""The brush keeps its size within limits and from one run to the next."""

from __future__ import annotations

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.panels.brush import FIRST, RADII, BrushModel
from app.settings import SettingsStore


def test_steps_are_even_and_end_at_the_limits(qtbot: QtBot) -> None:
    brush = BrushModel()
    brush.step(2)
    brush.step(-2)
    assert brush.radius == pytest.approx(FIRST)
    with qtbot.waitSignal(brush.changed):
        brush.step(100)
    assert brush.radius == RADII[1]
    with qtbot.assertNotEmitted(brush.changed):
        brush.step(1)
    brush.step(-100)
    assert brush.radius == RADII[0]


def test_its_size_is_remembered_beside_the_other_choices(qtbot: QtBot) -> None:
    store = SettingsStore()
    store.change_map(size=2.0)
    BrushModel(store).set_radius(77.0)
    store.flush()
    again = SettingsStore()
    assert again.value.map["size"] == 2.0
    assert BrushModel(again).radius == 77.0


@pytest.mark.parametrize("kept", [None, "big", float("nan"), [3]])
def test_a_damaged_size_does_no_harm(qtbot: QtBot, kept: Any) -> None:
    store = SettingsStore()
    object.__setattr__(store.value, "map", {"brush": kept})
    assert BrushModel(store).radius == FIRST
