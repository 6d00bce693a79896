"""Icons drawn from `resources/icons/*.svg` in the theme's colours, crisp at every scale.

`set_icon(button, "lasso")` also redraws the icon when the theme changes.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractButton
from shiboken6 import isValid

from widgets.theme import RESOURCES, current_theme, theme_signal

SIZES = (16, 20, 32, 40)


def icon(name: str) -> QIcon:
    """An icon in the colours of the current theme: plain, disabled, and accented when on.

    Raises: FileNotFoundError if there is no icon of that name.
    """
    theme = current_theme()
    source = (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    for mode, state, text in (
        (QIcon.Mode.Normal, QIcon.State.Off, theme.muted),
        (QIcon.Mode.Active, QIcon.State.Off, theme.text),
        (QIcon.Mode.Normal, QIcon.State.On, theme.accent),
        (QIcon.Mode.Disabled, QIcon.State.Off, theme.disabled),
    ):
        for size in SIZES:
            made.addPixmap(_pixmap(source.replace("currentColor", text), size), mode, state)
    return made


def set_icon(button: QAbstractButton, name: str, size: int = 20) -> None:
    """Give a button an icon that follows the theme."""
    known = button.property("icon_name") is not None
    button.setProperty("icon_name", name)
    button.setIconSize(QSize(size, size))
    button.setIcon(icon(name))
    if not known:  # disconnected by Qt when the button goes
        theme_signal().changed.connect(_Redraw(button))


class _Redraw:
    """Redraws one button's icon; forgets a button that is gone."""

    def __init__(self, button: QAbstractButton) -> None:
        self._button: QAbstractButton | None = button
        button.destroyed.connect(self._forget)

    def _forget(self) -> None:
        self._button = None

    def __call__(self, _theme: object) -> None:
        # One that goes with its parent may be told of the theme before it says that it is gone.
        if self._button is not None and isValid(self._button):
            self._button.setIcon(icon(str(self._button.property("icon_name"))))


def _pixmap(source: str, size: int) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    return pixmap
