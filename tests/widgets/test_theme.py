"""Both themes: contrast, colours that colour-blind people can tell apart, switching."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from backends.raster.palette import MOST_COLOURS, class_colours, rgb, scale_colours
from widgets.icons import icon, set_icon
from widgets.theme import (
    DARK,
    LIGHT,
    RESOURCES,
    Theme,
    apply_theme,
    build_style_sheet,
    current_theme,
    theme_signal,
)

THEMES = [pytest.param(theme, id=theme.name) for theme in (LIGHT, DARK)]
ICONS = sorted(
    path.stem
    for path in (RESOURCES / "icons").glob("*.svg")
    if "currentColor" in path.read_text(encoding="utf-8")
)


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    apply_theme(qapp, "light")


def linear(colours: np.ndarray) -> np.ndarray:
    share = np.asarray(colours, np.float64) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """WCAG 2 contrast of two colours, 1 to 21."""
    bright = [float(linear(np.array(rgb(text))) @ [0.2126, 0.7152, 0.0722]) for text in (a, b)]
    return (max(bright) + 0.05) / (min(bright) + 0.05)


# Machado, Oliveira, Fernandes 2009, severity 1.0.
SEEN = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
# Ottosson 2020, Oklab.
TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
TO_LAB = np.array(
    [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.808675766]]
)  # fmt: skip


def oklab(colours: np.ndarray, eyes: str = "normal") -> np.ndarray:
    seen = np.clip(linear(colours) @ SEEN[eyes].T, 0, 1)
    return np.asarray(np.cbrt(seen @ TO_CONES.T) @ TO_LAB.T)


def nearest(colours: np.ndarray, eyes: str) -> float:
    """Smallest Oklab distance of two colours."""
    lab = oklab(colours, eyes)
    apart = np.linalg.norm(lab[:, None] - lab[None], axis=2)
    return float(apart[~np.eye(len(lab), dtype=bool)].min())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", ["text", "muted", "link", "danger", "warning", "success"])
@pytest.mark.parametrize("ground", ["window", "base", "stripe", "raised", "map_background"])
def test_text_is_readable(theme: Theme, text: str, ground: str) -> None:
    assert contrast(getattr(theme, text), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "ground"),
    [("on_accent", "accent"), ("text", "accent_soft"), ("text", "hover"), ("accent", "base")],
)
def test_text_on_coloured_grounds_is_readable(theme: Theme, text: str, ground: str) -> None:
    assert contrast(getattr(theme, text), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_points_that_stand_back_are_still_seen(theme: Theme) -> None:
    assert contrast(theme.map_context, theme.map_background) >= 1.5
    assert contrast(theme.map_ring, theme.map_background) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("eyes", SEEN)
def test_the_first_eight_colours_differ_for_all_eyes(dark: bool, eyes: str) -> None:
    assert nearest(class_colours(8, dark=dark)[:8], eyes) >= 0.055


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("eyes", SEEN)
def test_all_colours_differ(dark: bool, eyes: str) -> None:
    least = {"normal": 0.09, "tritanopia": 0.033}.get(eyes, 0.045)
    assert nearest(class_colours(MOST_COLOURS, dark=dark)[:MOST_COLOURS], eyes) >= least


@pytest.mark.parametrize("theme", THEMES)
def test_colours_stand_out_from_the_ground(theme: Theme) -> None:
    ground = oklab(np.array([rgb(theme.map_background)]))[0]
    colours = oklab(class_colours(MOST_COLOURS, dark=theme.is_dark))
    assert np.linalg.norm(colours - ground, axis=1).min() >= 0.15


@pytest.mark.parametrize("dark", [False, True])
def test_classes_beyond_the_palette_and_none_are_grey(dark: bool) -> None:
    table = class_colours(30, dark=dark)
    assert table.shape == (31, 3)
    assert len(np.unique(table[MOST_COLOURS:], axis=0)) == 1
    assert len(np.unique(class_colours(3, dark=dark), axis=0)) == 4


@pytest.mark.parametrize("dark", [False, True])
def test_lightness_of_the_scale_rises_evenly(dark: bool) -> None:
    lightness = oklab(scale_colours(dark=dark)[:255])[:, 0]
    steps = np.diff(lightness[::16])
    assert (steps > 0).all()
    assert steps.max() < 3 * steps.min()


def test_switching_tells_painters_and_dresses_the_application(
    app: QApplication, qtbot: QtBot
) -> None:
    apply_theme(app, "light")
    with qtbot.waitSignal(theme_signal().changed) as changed:
        assert apply_theme(app, "dark") is DARK
    assert changed.args == [DARK]
    assert current_theme() is DARK
    ground = app.palette().color(QPalette.ColorRole.Window)
    assert ground == QColor(DARK.window)
    assert DARK.accent in app.styleSheet()


def test_the_desktop_is_followed_only_on_wish(app: QApplication) -> None:
    desktop = app.styleHints().colorSchemeChanged
    apply_theme(app, "system")
    desktop.emit(Qt.ColorScheme.Dark)
    assert current_theme() is DARK
    desktop.emit(Qt.ColorScheme.Light)
    assert current_theme() is LIGHT
    apply_theme(app, "light")
    desktop.emit(Qt.ColorScheme.Dark)
    assert current_theme() is LIGHT


@pytest.mark.parametrize("theme", THEMES)
def test_the_style_sheet_names_only_what_there_is(theme: Theme) -> None:
    sheet = build_style_sheet(theme)
    assert "@" not in sheet
    for line in sheet.splitlines():
        if 'url("' in line:
            assert Path(line.split('url("')[1].split('"')[0]).is_file()


@pytest.mark.parametrize("theme", THEMES)
def test_colours_are_written_in_one_way(theme: Theme) -> None:
    for field in fields(theme):
        value = getattr(theme, field.name)
        assert field.name == "name" or QColor(value).name().upper() == value


@pytest.mark.parametrize("name", ICONS)
def test_icons_draw_something(app: QApplication, name: str) -> None:
    image = icon(name).pixmap(20, 20).toImage()
    alpha = [image.pixelColor(x, y).alpha() for x in range(20) for y in range(20)]
    assert 10 < sum(value > 100 for value in alpha) < 300


def test_icons_follow_the_theme(app: QApplication, qtbot: QtBot) -> None:
    apply_theme(app, "light")
    button = QToolButton()
    set_icon(button, "lasso")
    set_icon(button, "box")
    before = button.icon().pixmap(20, 20).toImage()
    apply_theme(app, "dark")
    assert button.icon().pixmap(20, 20).toImage() != before
    delete(button)
    apply_theme(app, "light")  # a button that is gone is left alone


def test_an_icon_that_is_not_there_is_a_bug(app: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("unicorn")
