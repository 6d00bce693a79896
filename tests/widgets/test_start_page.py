"""The page that is seen first."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from widgets.start_page import MOST_RECENT, RecentButton, StartPage

DEEP = "/a/" + "folder_with_a_long_name/" * 8
PATHS = [f"{DEEP}a_file_with_a_long_name_of_its_own_{number}.csv" for number in range(7)]


def test_long_paths_are_cut_in_their_middle_and_said_in_the_tooltip(qtbot: QtBot) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    page.show_recent(PATHS)
    page.resize(560, 620)
    page.show()
    buttons = page.findChildren(RecentButton)
    assert len(buttons) == MOST_RECENT
    for button, path in zip(buttons, PATHS, strict=False):
        name, folder = button.shown_texts()
        assert name in path
        assert "…" in folder
        assert button.toolTip() == path
        assert button.width() < page.width()


def test_a_click_opens_the_path(qtbot: QtBot) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    page.show_recent(PATHS)
    with qtbot.waitSignal(page.recent_activated) as opened:
        page.findChildren(RecentButton)[2].click()
    assert opened.args == [PATHS[2]]


def test_a_page_that_is_not_seen_takes_no_room(qtbot: QtBot) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    assert page.sizePolicy().horizontalPolicy() == page.sizePolicy().Policy.Ignored
