"""What a person is told: their own mistakes in plain words, bugs with a traceback."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication

from app.notices import Notice, Notices
from backends.errors import BackendError, MissingPackage, UnreadableFile

CASES = [
    (UnreadableFile("It is no csv.", "Open another."), "It is no csv.", "Open another.", ""),
    (MissingPackage("Search", "faiss-cpu"), "Search needs the package faiss-cpu.", "pip", ""),
    (BackendError("Nothing to save."), "Nothing to save.", "", ""),
    (MemoryError(), "There is not enough memory for this.", "Close other", "trace"),
    (ValueError("odd"), "This is a bug in Embedscope: ValueError: odd", "Nothing you", "trace"),
]


@pytest.mark.parametrize(("error", "text", "hint", "detail"), CASES)
def test_a_failure_is_told_in_words(
    qapp: QCoreApplication, error: BaseException, text: str, hint: str, detail: str
) -> None:
    notices, heard = Notices(), []
    notices.posted.connect(heard.append)
    notices.failure(error, "trace")
    (notice,) = heard
    assert (notice.level, notice.text, notice.detail) == ("error", text, detail)
    assert notice.hint.startswith(hint)


def test_good_news_and_warnings(qapp: QCoreApplication) -> None:
    notices, heard = Notices(), []
    notices.posted.connect(heard.append)
    notices.info("Saved.", "It is there.")
    notices.warn("Slow.", "Wait.", "why")
    assert heard == [
        Notice("info", "Saved.", "It is there."),
        Notice("warning", "Slow.", "Wait.", "why"),
    ]
