"""Notices: one at a time, errors first, good news goes away by itself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.notices import Notices
from backends.errors import BackendError
from widgets.notice_bar import NoticeBar


@pytest.fixture
def notices(qtbot: QtBot) -> Notices:
    return Notices()


@pytest.fixture
def bar(qtbot: QtBot, notices: Notices) -> NoticeBar:
    bar = NoticeBar(notices)
    qtbot.addWidget(bar)
    return bar


def shown_text(bar: NoticeBar) -> str:
    return bar.shown.text if bar.shown else ""


def test_it_is_hidden_until_there_is_something_to_say(bar: NoticeBar, notices: Notices) -> None:
    assert bar.isHidden()
    notices.info("Read 3 rows.")
    assert not bar.isHidden()
    assert shown_text(bar) == "Read 3 rows."


def test_an_error_comes_before_good_news_which_then_returns(
    bar: NoticeBar, notices: Notices
) -> None:
    notices.info("Read 3 rows.")
    notices.failure(BackendError("The disk is full.", hint="Free some space."), "trace")
    assert shown_text(bar) == "The disk is full."
    bar.show_next()
    assert shown_text(bar) == "Read 3 rows."
    bar.show_next()
    assert bar.isHidden()


def test_good_news_goes_away_by_itself_and_an_error_stays(bar: NoticeBar, notices: Notices) -> None:
    notices.info("Read 3 rows.")
    bar._timer.timeout.emit()
    assert bar.isHidden()
    notices.failure(BackendError("The disk is full."), "")
    assert not bar._timer.isActive()


def test_a_bug_keeps_its_traceback_behind_details(
    bar: NoticeBar, notices: Notices, qtbot: QtBot
) -> None:
    notices.failure(ValueError("odd"), "Traceback: line 7")
    assert "bug" in shown_text(bar)
    assert bar.shown is not None
    assert bar.shown.detail == "Traceback: line 7"
    assert not bar._details.isHidden()
    qtbot.mouseClick(bar._details, Qt.MouseButton.LeftButton)
    box = bar.findChild(QMessageBox)
    assert box is not None
    assert box.detailedText() == "Traceback: line 7"
    box.close()


def test_running_out_of_memory_is_no_bug(bar: NoticeBar, notices: Notices) -> None:
    notices.failure(MemoryError(), "")
    assert shown_text(bar) == "There is not enough memory for this."


def test_news_of_the_corpus_before_goes_and_errors_stay(bar: NoticeBar, notices: Notices) -> None:
    notices.info("a column was left out")
    notices.warn("settings cannot be written")
    notices.info("rows were cut")
    bar.forget_news()
    assert shown_text(bar) == "settings cannot be written"
    bar.show_next()
    assert bar.isHidden()


def test_a_name_is_never_read_as_markup(bar: NoticeBar, notices: Notices) -> None:
    notices.warn("<b>bold</b>.csv is empty", "<i>next</i>")
    assert bar._text.textFormat() == bar._hint.textFormat() == Qt.TextFormat.PlainText
