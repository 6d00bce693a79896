"""The question before reading: guesses are chosen, the first rows are shown."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from backends.corpora.reading import ReadOptions, inspect
from widgets.import_dialog import NONE, ImportDialog


def table_of(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_guesses_are_chosen_and_can_be_changed(tmp_path: Path, qtbot: QtBot) -> None:
    path = table_of(tmp_path, "id,summary,body\n1,a short one,a long text of it\n2,b,c d e\n")
    dialog = ImportDialog(inspect([path]))
    qtbot.addWidget(dialog)
    assert dialog._text.currentText() == "body"
    assert dialog._id.currentText() == "id"
    dialog._text.setCurrentText("summary")
    dialog._id.setCurrentText(NONE)
    assert dialog.options == ReadOptions(text="summary")


def test_a_text_file_asks_what_an_item_is(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("one\ntwo\n\nthree\n", encoding="utf-8")
    dialog = ImportDialog(inspect([path]))
    qtbot.addWidget(dialog)
    dialog._split.setCurrentIndex(1)
    assert dialog.options.split == "paragraph"


def test_neither_text_nor_vectors_is_said(tmp_path: Path, qtbot: QtBot) -> None:
    dialog = ImportDialog(inspect([table_of(tmp_path, "x,y\n1,2\n3,4\n")]))
    qtbot.addWidget(dialog)
    assert dialog._text.currentText() == NONE
    assert "no map" in dialog._problem.text()


def test_the_preview_says_how_much_of_the_file_it_is(tmp_path: Path, qtbot: QtBot) -> None:
    def heading(rows: int) -> str:
        lines = "\n".join(f"{row},text {row},body {row}" for row in range(rows))
        dialog = ImportDialog(inspect([table_of(tmp_path, f"id,summary,body\n{lines}\n")]))
        qtbot.addWidget(dialog)
        return dialog._heading()

    assert heading(1) == "The only row"
    assert heading(3) == "All 3 rows"
    assert heading(500) == "The first 20 of 500 rows"
