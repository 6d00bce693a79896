"""Ctrl-C and a session that ends close the window in order."""

from __future__ import annotations

import os
import signal

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from widgets.interrupts import Interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_in_the_event_loop(qtbot: QtBot, number: signal.Signals) -> None:
    before, parent, ended = signal.getsignal(number), QObject(), []
    interrupts = Interrupts(lambda: ended.append(True), parent)
    try:
        os.kill(os.getpid(), number)
        assert not ended  # not from within whatever runs just now
        qtbot.waitUntil(lambda: bool(ended))
        assert ended == [True]
    finally:
        interrupts.close()
    assert signal.getsignal(number) == before
