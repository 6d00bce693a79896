"""Light and dark: one table of colours each, from which palette, style sheet and painters take.

The look is Fusion with a compact style sheet (`resources/style/application.qss`), whose `@names`
are the fields of `Theme`.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

Choice = Literal["light", "dark", "system"]
RESOURCES = Path(__file__).resolve().parents[1] / "resources"


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for, as "#RRGGBB". Text colours reach 4.5:1 on their grounds."""

    name: Literal["light", "dark"]
    window: str  # behind controls
    base: str  # lists, tables, fields
    stripe: str  # every other row
    raised: str  # buttons, cards
    hover: str
    border: str
    text: str
    muted: str  # text that may be overlooked
    disabled: str  # the one text that need not reach 4.5:1
    accent: str  # what is on, what is in focus; holds text on base, too
    on_accent: str
    accent_soft: str  # ground of what is selected
    link: str
    danger: str
    warning: str
    success: str
    map_background: str
    map_context: str  # items that are not selected
    map_plain: str  # items while nothing colours them
    map_ring: str  # round the focused item
    map_hit: str  # rings and lines of neighbours
    map_lasso: str

    @property
    def is_dark(self) -> bool:
        """Whether text is lighter than its ground."""
        return self.name == "dark"


LIGHT = Theme(
    name="light",
    window="#F4F5F7",
    base="#FFFFFF",
    stripe="#F8F9FB",
    raised="#FFFFFF",
    hover="#E8EBF0",
    border="#D3D8E0",
    text="#1B2027",
    muted="#59626F",
    disabled="#9AA2AE",
    accent="#2463C4",
    on_accent="#FFFFFF",
    accent_soft="#DCE8FB",
    link="#1F5BB8",
    danger="#B3261E",
    warning="#8A5300",
    success="#1B7340",
    map_background="#FDFDFE",
    map_context="#C3C8D0",
    map_plain="#3D77C9",
    map_ring="#14181E",
    map_hit="#B3261E",
    map_lasso="#2463C4",
)
DARK = Theme(
    name="dark",
    window="#1D2025",
    base="#16181C",
    stripe="#1A1D21",
    raised="#2A2E35",
    hover="#333841",
    border="#3A404A",
    text="#E6E9EE",
    muted="#A3ACB9",
    disabled="#6B7380",
    accent="#7AB0FF",
    on_accent="#0C1626",
    accent_soft="#27405F",
    link="#8ABAFF",
    danger="#FF8A80",
    warning="#F2B455",
    success="#6FCF97",
    map_background="#121417",
    map_context="#4A505A",
    map_plain="#6FA8F5",
    map_ring="#FFFFFF",
    map_hit="#FF9D8A",
    map_lasso="#7AB0FF",
)


class ThemeSignal(QObject):
    """Tells painters that colours changed; style sheets and palettes change by themselves."""

    changed = Signal(object)  # Theme


class _State:
    """What the application wears: one for the process, as there is one QApplication."""

    theme = LIGHT
    choice: Choice = "system"
    signal: ThemeSignal | None = None
    followed: QApplication | None = None


def theme_signal() -> ThemeSignal:
    """The one object whose `changed` follows every change of theme."""
    if _State.signal is None:
        _State.signal = ThemeSignal()
    return _State.signal


def current_theme() -> Theme:
    """The colours that are worn now; light before `apply_theme`."""
    return _State.theme


def colour(text: str, alpha: int = 255) -> QColor:
    """A colour of a theme for a painter."""
    made = QColor(text)
    made.setAlpha(alpha)
    return made


def apply_theme(app: QApplication, choice: Choice) -> Theme:
    """Dress the application; "system" follows the desktop from now on."""
    _State.choice = choice
    if _State.followed is not app:
        _State.followed = app
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(lambda scheme: _on_scheme_changed(app, scheme))
    return _wear(app, _resolve(app, choice))


def _on_scheme_changed(app: QApplication, scheme: Qt.ColorScheme) -> None:
    if _State.choice == "system" and _of_scheme(scheme) is not _State.theme:
        _wear(app, _of_scheme(scheme))


def _resolve(app: QApplication, choice: Choice) -> Theme:
    if choice == "system":
        return _of_scheme(app.styleHints().colorScheme())
    return DARK if choice == "dark" else LIGHT


def _of_scheme(scheme: Qt.ColorScheme) -> Theme:
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def _wear(app: QApplication, theme: Theme) -> Theme:
    _State.theme = theme
    app.setPalette(build_palette(theme))
    app.setStyleSheet(build_style_sheet(theme))
    theme_signal().changed.emit(theme)
    return theme


def build_palette(theme: Theme) -> QPalette:
    """Make the palette that Fusion and item views draw with."""
    role = QPalette.ColorRole
    pairs = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.base,
        role.AlternateBase: theme.stripe,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent_soft,
        role.HighlightedText: theme.text,
        role.Accent: theme.accent,
        role.Link: theme.link,
        role.LinkVisited: theme.link,
        role.Light: theme.raised,
        role.Midlight: theme.hover,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.border,
    }
    palette = QPalette()
    for key, text in pairs.items():
        palette.setColor(key, QColor(text))
    off = QPalette.ColorGroup.Disabled
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(off, key, QColor(theme.disabled))
    return palette


def build_style_sheet(theme: Theme) -> str:
    """Read the style sheet and fill in the theme's colours.

    Raises: KeyError if it names a colour that no theme has.
    """
    source = (RESOURCES / "style" / "application.qss").read_text(encoding="utf-8")
    values = {**asdict(theme), "icons": (RESOURCES / "icons").as_posix()}
    return re.sub(r"@(\w+)", lambda found: values[found.group(1)], source)
