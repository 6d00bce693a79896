"""Docks behind each other at the bottom: wide panels get room while they are in front."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from tests import builders
from widgets.main_window import MainWindow

LINE = 16  # pixels that a height may differ by


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    application = Application()
    window = MainWindow(application, remembered=False)
    window.resize(1280, 840)
    window.show()
    with application.document.batch():
        builders.fill(application.document)
    qtbot.waitUntil(lambda: not application.jobs.live, timeout=30_000)
    yield window
    qtbot.waitUntil(lambda: not application.jobs.live, timeout=30_000)
    window.close_unasked()
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()
    assert application.close()


def dock(window: MainWindow, name: str) -> QDockWidget:
    found = window.findChild(QDockWidget, f"dock-{name}")
    assert isinstance(found, QDockWidget)
    return found


def test_wide_panels_have_room_in_any_order_and_give_it_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    items = dock(window, "items")
    narrow = items.width(), items.height()
    assert narrow[0] < window.width()
    for name in ("layers", "compression", "items", "compression", "layers", "items"):
        window.show_panel(name)
        front = dock(window, name)
        if name == "items":
            qtbot.waitUntil(lambda: items.width() == narrow[0])
            qtbot.waitUntil(lambda: abs(items.height() - narrow[1]) <= LINE)
        else:
            qtbot.waitUntil(lambda front=front: front.width() == window.width())
            qtbot.waitUntil(lambda front=front: front.height() > 1.5 * narrow[1])
