"""The page “Report” lists what could be written; what is unticked stays out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from app.application import Application
from tests.app.test_audit_model import found
from widgets.panels.audit import AuditPage


@pytest.fixture
def app(qapp: QApplication) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()


def test_it_lists_unticks_and_saves(
    app: Application, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = AuditPage(app.directions.audit)
    qtbot.addWidget(page)
    assert not page.save.isEnabled()
    assert "no vectors" in page.save.toolTip()
    found(app)
    assert [page.chapters.item(i).text() for i in range(page.chapters.count())] == [
        "Directions: 1 direction"
    ]
    page.chapters.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert not page.save.isEnabled()
    page.chapters.item(0).setCheckState(Qt.CheckState.Checked)
    target = tmp_path / "audit.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_words, **_how: (str(target), ""))
    with qtbot.waitSignal(app.notices.posted, timeout=20_000):
        qtbot.mouseClick(page.save, Qt.MouseButton.LeftButton)
    assert "he → she" in target.read_text("utf-8")


def test_it_asks_about_both_files_before_it_replaces_one(
    app: Application, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = AuditPage(app.directions.audit)
    qtbot.addWidget(page)
    found(app)
    for name in ("audit.html", "audit.csv"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    target = tmp_path / "audit.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_words, **_how: (str(target), ""))
    for answer in (QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Save):
        with qtbot.waitSignal(app.directions.audit.target_exists, timeout=20_000):
            qtbot.mouseClick(page.save, Qt.MouseButton.LeftButton)
        box = page.findChild(QMessageBox)
        assert isinstance(box, QMessageBox)
        assert "audit.html and audit.csv are already in" in box.text()
        assert (tmp_path / "audit.csv").read_text("utf-8") == "mine"
        if answer == QMessageBox.StandardButton.Save:
            with qtbot.waitSignal(app.notices.posted, timeout=20_000):
                qtbot.mouseClick(box.button(answer), Qt.MouseButton.LeftButton)
        else:
            qtbot.mouseClick(box.button(answer), Qt.MouseButton.LeftButton)
            qtbot.waitUntil(lambda: page.findChild(QMessageBox) is None)
    assert "he → she" in target.read_text("utf-8")
    assert (tmp_path / "audit.csv").read_text("utf-8") != "mine"
