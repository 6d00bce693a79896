"""The table as a person sees and handles it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QInputDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.colouring import MapColumn
from app.panels.items import ItemsModel
from backends.selection import select
from backends.types import MadeBy
from tests.subsets import corpus_of, table_of
from widgets.filter_box import NameCompleter, sql_name
from widgets.item_table import ItemTable
from widgets.panels.items import ItemsPanel
from widgets.theme import current_theme

N = 500
PLAIN, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


class Bench:
    """A panel in the middle of everything that it needs."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.document = Document()
        self.jobs = Jobs()
        self.history = History(self.document)
        self.model = ItemsModel(self.document, self.jobs, Notices(), self.history)
        self.panel = ItemsPanel(self.model)
        qtbot.addWidget(self.panel)
        self.panel.resize(900, 400)
        self.panel.show()
        self.document.set_corpus(corpus_of(table_of(N)))

    @property
    def table(self) -> ItemTable:
        found = self.panel.findChild(ItemTable)
        assert isinstance(found, ItemTable)
        return found

    def control(self, name: str) -> QAbstractButton:
        found = [
            one for one in self.panel.findChildren(QAbstractButton) if one.accessibleName() == name
        ]
        assert len(found) == 1, name
        return found[0]

    def line(self) -> QLineEdit:
        (found,) = [
            one
            for one in self.panel.findChildren(QLineEdit)
            if one.accessibleName() == "Filter rows"
        ]
        return found

    def place(self, position: int) -> QPoint:
        index = self.table.model().index(position, 0)
        return self.table.visualRect(index).center()

    def click(self, position: int, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        self.qtbot.mouseClick(
            self.table.viewport(), Qt.MouseButton.LeftButton, modifier, self.place(position)
        )

    def selected(self) -> list[int]:
        return self.document.selection.rows.tolist()


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    assert made.jobs.close(5)


def test_cells_show_what_the_rows_hold(bench: Bench) -> None:
    model = bench.table.model()
    assert (model.rowCount(), model.columnCount()) == (N, len(bench.document.corpus.columns))
    assert model.index(7, 0).data() == "item 7"
    assert model.index(2, 1).data() == "–", "an empty cell"  # noqa: RUF001
    assert "\n" not in model.index(9, 1).data()
    assert "\n" in model.index(9, 1).data(Qt.ItemDataRole.ToolTipRole)
    number = model.index(7, 3).data(Qt.ItemDataRole.TextAlignmentRole)
    assert number & Qt.AlignmentFlag.AlignRight
    assert model.headerData(1, Qt.Orientation.Horizontal).endswith("text")
    assert model.headerData(7, Qt.Orientation.Vertical) == "7"


def test_clicks_select_as_everywhere_and_each_can_be_undone(bench: Bench) -> None:
    bench.click(2)
    assert bench.selected() == [2]
    assert bench.document.focus == 2
    bench.click(5, SHIFT)
    assert bench.selected() == [2, 3, 4, 5]
    bench.click(4, CONTROL)
    assert bench.selected() == [2, 3, 5]
    bench.click(8, CONTROL)
    assert bench.selected() == [2, 3, 5, 8]
    for expected in ([2, 3, 5], [2, 3, 4, 5], [2], []):
        bench.history.undo()
        assert bench.selected() == expected


def test_a_drag_is_one_step(bench: Bench) -> None:
    view, button = bench.table.viewport(), Qt.MouseButton.LeftButton
    bench.qtbot.mousePress(view, button, PLAIN, bench.place(1))
    for position in (2, 3, 4):
        bench.qtbot.mouseMove(view, bench.place(position))
    bench.qtbot.mouseRelease(view, button, PLAIN, bench.place(4))
    assert bench.selected() == [1, 2, 3, 4]
    bench.history.undo()
    assert bench.selected() == [1]


def test_keys_look_and_select(bench: Bench) -> None:
    bench.click(3)
    key = bench.qtbot.keyClick
    key(bench.table, Qt.Key.Key_Down)
    assert (bench.document.focus, bench.selected()) == (4, [3])
    key(bench.table, Qt.Key.Key_Down, SHIFT)
    key(bench.table, Qt.Key.Key_Down, SHIFT)
    assert (bench.document.focus, bench.selected()) == (6, [4, 5, 6])
    key(bench.table, Qt.Key.Key_Space)
    assert bench.selected() == [4, 5]
    key(bench.table, Qt.Key.Key_End)
    assert bench.document.focus == N - 1
    key(bench.table, Qt.Key.Key_A, CONTROL)
    assert len(bench.selected()) == N
    key(bench.table, Qt.Key.Key_Escape)
    assert bench.selected() == []


def test_enter_asks_to_see_the_row_on_the_map(bench: Bench, qtbot: QtBot) -> None:
    bench.click(3)
    with qtbot.waitSignal(bench.panel.row_activated) as caught:
        qtbot.keyClick(bench.table, Qt.Key.Key_Return)
    assert caught.args == [3]


def test_a_selection_made_elsewhere_is_painted(bench: Bench) -> None:
    bench.document.set_selection(select([3], "lasso", kind="lasso"))
    picture = bench.table.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()

    def ground(position: int) -> QColor:
        area = bench.table.visualRect(bench.table.model().index(position, 0))
        return picture.pixelColor(int((area.right() - 2) * ratio), int((area.top() + 3) * ratio))

    assert ground(3) == QColor(current_theme().accent_soft)
    assert ground(4) != ground(3)


def test_the_row_looked_at_comes_into_view(bench: Bench) -> None:
    bench.document.set_focus(400)
    area = bench.table.visualRect(bench.table.model().index(400, 0))
    assert bench.table.viewport().rect().contains(area.center())


def test_typing_filters_after_a_pause_and_clearing_shows_all(bench: Bench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.document.filter_changed):
        qtbot.keyClicks(bench.line(), "item 49")
    assert bench.table.model().rowCount() == 11
    assert bench.control("Show: Filtered").isChecked()
    assert bench.control("Show: Filtered").text() == "Filtered 11"
    bench.line().clear()
    assert bench.table.model().rowCount() == N
    assert bench.control("Show: All").isChecked()


def test_undo_shows_in_the_box(bench: Bench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.document.filter_changed):
        qtbot.keyClicks(bench.line(), "item 49")
    bench.history.undo()
    assert bench.line().text() == ""
    bench.history.redo()
    assert bench.line().text() == "item 49"


def test_a_wrong_condition_is_said_below_the_box(bench: Bench, qtbot: QtBot) -> None:
    bench.control("Filter by a SQL condition").click()
    with qtbot.waitSignal(bench.model.problem_changed):
        qtbot.keyClicks(bench.line(), "yeer > 3")
    (said,) = [
        one for one in bench.panel.findChildren(QLabel) if one.accessibleName() == "Filter problem"
    ]
    assert said.isVisible()
    assert "yeer" in said.text()
    bench.line().clear()
    assert not said.isVisible()


def test_the_filtered_rows_are_selected_by_a_button(bench: Bench, qtbot: QtBot) -> None:
    button = bench.control("Select the filtered rows")
    assert not button.isEnabled()
    assert button.toolTip() == "Filter the rows first"
    with qtbot.waitSignal(bench.document.filter_changed):
        qtbot.keyClicks(bench.line(), "item 49")
    button.click()
    assert bench.selected() == bench.document.filter.rows.tolist()


def test_the_header_sorts_and_shows_it(bench: Bench, qtbot: QtBot) -> None:
    header = bench.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(3) + 10, header.height() // 2)
    with qtbot.waitSignal(bench.model.rows_changed):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, PLAIN, place)
    years = [bench.table.model().index(row, 3).data() for row in range(20)]
    assert years == sorted(years)
    assert header.sortIndicatorSection() == 3


def test_the_header_menu_gives_roles_and_hides(bench: Bench, qtbot: QtBot) -> None:
    actions = {one.text(): one for one in bench.panel.build_header_menu("id").actions()}
    with qtbot.waitSignal(bench.document.roles_changed):
        actions["Use as id"].trigger()
    assert bench.document.corpus.roles.id == "id"
    actions["Hide id"].trigger()
    assert bench.table.isColumnHidden(0)
    columns = {one.text(): one for one in bench.panel.build_columns_menu().actions()}
    assert not columns["id"].isChecked()
    columns["id"].trigger()
    assert not bench.table.isColumnHidden(0)


def test_the_header_menu_colours_the_map(bench: Bench, qtbot: QtBot) -> None:
    bench.panel.show_colourable([MapColumn("kind", "categories")])
    entries = {
        name: {one.text(): one for one in bench.panel.build_header_menu(name).actions()}
        for name in ("kind", "text")
    }
    paint = "Colour the map by this column"
    assert not entries["text"][paint].isEnabled()
    assert "nor do they repeat" in entries["text"][paint].toolTip()
    with qtbot.waitSignal(bench.panel.colour_asked) as asked:
        entries["kind"][paint].trigger()
    assert asked.args == ["kind"]


def test_widths_survive_other_rows_and_are_remembered(bench: Bench, qtbot: QtBot) -> None:
    bench.table.setColumnWidth(1, 333)
    assert bench.model.columns.widths == {"text": 333}
    with qtbot.waitSignal(bench.document.filter_changed):
        bench.model.narrow("contains", "item 49")
    assert bench.table.columnWidth(1) == 333


def test_selected_rows_are_copied(bench: Bench, qtbot: QtBot) -> None:
    bench.click(2)
    for name in bench.model.columns.names - {"id", "kind"}:
        bench.model.columns.hide(name)
    with qtbot.waitSignal(bench.model.picking.copied):
        qtbot.keyClick(bench.table, Qt.Key.Key_C, CONTROL)
    kind = bench.document.corpus.table.column("kind")[2].as_py()
    assert QGuiApplication.clipboard().text() == f"id\tkind\nitem 2\t{kind}\n"


def test_selected_rows_alone_can_be_looked_through_without_losing_them(bench: Bench) -> None:
    bench.document.set_selection(select([30, 10, 20], "lasso", kind="lasso"))
    bench.control("Show: Selected").click()
    assert bench.table.model().rowCount() == 3
    bench.click(1)
    assert (bench.document.focus, bench.selected()) == (20, [10, 20, 30])
    bench.click(1, CONTROL)
    assert bench.selected() == [10, 30]
    assert bench.table.model().rowCount() == 2


def test_the_table_says_why_it_is_empty(bench: Bench) -> None:
    bench.document.set_corpus(None)
    said = [one.text() for one in bench.panel.findChildren(QLabel) if one.isVisible()]
    assert "Nothing is loaded." in said
    bench.document.set_corpus(corpus_of(table_of(N)))
    assert bench.table.isVisible()


def test_a_million_rows_are_shown_and_selected_without_ranges(bench: Bench) -> None:
    n = 1_000_000
    bench.document.set_corpus(corpus_of(pa.table({"text": pa.array(np.arange(n)).cast("string")})))
    assert bench.table.model().rowCount() == n
    bench.qtbot.keyClick(bench.table, Qt.Key.Key_A, CONTROL)
    assert len(bench.document.selection) == n
    assert bench.table.selectionModel().selection().count() == 0
    bench.document.set_focus(n - 1)
    assert bench.table.indexAt(bench.place(n - 1)).data() == str(n - 1)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("ye", "year"), ("year > 3 AND ki", "kind"), ('x = 1 OR "part', '"part of"'), ("", "")],
)
def test_names_of_columns_complete_the_last_word(qtbot: QtBot, typed: str, offered: str) -> None:
    line = QLineEdit()
    qtbot.addWidget(line)
    completer = NameCompleter(line)
    completer.model().setStringList([sql_name(name) for name in ("year", "kind", "part of")])
    line.setCompleter(completer)
    line.setText(typed)
    completer.setCompletionPrefix(completer.splitPath(typed)[0])
    found = [
        completer.pathFromIndex(completer.completionModel().index(at, 0))
        for at in range(completer.completionCount())
    ]
    expected = [typed[: len(typed) - len(typed.split(" ")[-1])] + offered] if offered else []
    assert found == expected


def test_controls_are_named_and_explained_and_it_fits_a_narrow_dock(bench: Bench) -> None:
    for button in bench.panel.findChildren(QAbstractButton):
        of_qt = button.objectName() == "qt_tableview_cornerbutton"
        if button.isVisible() and button.parent() is not bench.line() and not of_qt:
            assert button.accessibleName() or button.text(), button
            assert button.toolTip(), button
    assert bench.panel.minimumSizeHint().width() < 680, "it can be made narrower"
    bench.panel.resize(600, 300)
    assert bench.panel.minimumSizeHint().width() <= 360


def test_a_long_name_is_cut_in_the_header_and_said_in_its_tooltip(bench: Bench) -> None:
    name = "a_column_with_a_name_that_nobody_would_call_short"
    bench.document.set_corpus(corpus_of(pa.table({"text": ["a", "b"], name: [1.5, 2.5]})))
    model, across = bench.table.model(), Qt.Orientation.Horizontal
    assert model.headerData(1, across) == "a_column_with_a_name_th…"
    assert name in model.headerData(1, across, Qt.ItemDataRole.ToolTipRole)


def test_markup_in_a_cell_is_shown_as_it_is(bench: Bench) -> None:
    bench.document.set_corpus(corpus_of(pa.table({"text": ["<b>x</b>\ny", "1 & 2"]})))
    model, tip = bench.table.model(), Qt.ItemDataRole.ToolTipRole
    assert model.index(0, 0).data(tip) == "<qt>&lt;b&gt;x&lt;/b&gt;<br>y</qt>"
    assert model.index(1, 0).data(tip) == "1 & 2"


def test_thousands_of_columns_are_not_measured_cell_by_cell(bench: Bench) -> None:
    names = {f"c{at}": [text] for at, text in enumerate(["a long text of many letters"] * 300)}
    bench.document.set_corpus(corpus_of(pa.table(names)))
    assert bench.table.columnWidth(0) > bench.table.columnWidth(299)


HEIGHT = MadeBy("measure", params={"how": "Height <above> the sea"})


def header(bench: Bench, section: int, role: Qt.ItemDataRole) -> str:
    return str(bench.table.model().headerData(section, Qt.Orientation.Horizontal, role))


def test_a_computed_column_is_marked_and_says_how_it_was_made(bench: Bench) -> None:
    last = bench.table.model().columnCount()
    bench.document.put_column("height", np.arange(N) / 2, HEIGHT)
    assert bench.table.model().columnCount() == last + 1
    assert header(bench, last, Qt.ItemDataRole.DisplayRole) == "height  · computed"
    tip = header(bench, last, Qt.ItemDataRole.ToolTipRole)
    assert "Computed here: Height &lt;above&gt; the sea." in tip
    assert bench.table.model().index(3, last).data() == "1.5"
    assert "height" in bench.table.visible_columns()


def test_columns_that_come_and_go_leave_the_table_as_it_is(bench: Bench) -> None:
    table = bench.table
    table.setColumnWidth(1, 333)
    table.horizontalHeader().moveSection(0, 2)
    table.verticalScrollBar().setValue(100)
    bench.document.put_column("height", np.arange(N) / 2, HEIGHT)
    bench.document.put_column("depth", -np.arange(N) / 2, MadeBy("dive"))
    table.setColumnWidth(table.model().columnCount() - 1, 99)
    bench.document.drop_column("height")
    assert table.visible_columns()[:3] == ["text", "kind", "id"]
    assert table.visible_columns()[-1] == "depth"
    assert table.columnWidth(1) == 333
    assert table.columnWidth(table.model().columnCount() - 1) == 99
    assert table.verticalScrollBar().value() == 100
    assert bench.model.columns.widths == {"text": 333, "depth": 99}


def test_other_values_are_shown_at_once(bench: Bench) -> None:
    bench.document.put_column("height", np.arange(N) / 2, HEIGHT)
    last = bench.table.model().columnCount() - 1
    assert bench.table.model().index(4, last).data() == "2.0"
    bench.document.put_column("height", np.arange(N) * 2, MadeBy("again"), replaces="height")
    assert bench.table.model().index(4, last).data() == "8"


def test_a_computed_column_hidden_stays_hidden_when_another_comes(bench: Bench) -> None:
    bench.document.put_column("height", np.arange(N) / 2, HEIGHT)
    bench.model.columns.hide("height")
    bench.document.put_column("depth", -np.arange(N) / 2, MadeBy("dive"))
    assert bench.table.visible_columns()[-1] == "depth"
    assert "height" not in bench.table.visible_columns()


def test_the_header_menu_removes_a_computed_column_and_undo_brings_it_back(bench: Bench) -> None:
    bench.document.put_column("height", np.arange(N) / 2, HEIGHT)
    entries = {one.text(): one for one in bench.panel.build_header_menu("height").actions()}
    assert not {"Use as text", "Use as id"} & set(entries)
    entries["Remove computed column"].trigger()
    assert "height" not in bench.table.visible_columns()
    bench.history.undo()
    assert header(bench, bench.table.model().columnCount() - 1, Qt.ItemDataRole.DisplayRole) == (
        "height  · computed"
    )
    of_file = {one.text() for one in bench.panel.build_header_menu("kind").actions()}
    assert not {"Remove computed column", "Rename…"} & of_file


def test_the_header_menu_renames_a_computed_column(bench: Bench, qtbot: QtBot) -> None:
    bench.document.put_column("height", np.arange(N) / 2, HEIGHT)
    entries = {one.text(): one for one in bench.panel.build_header_menu("height").actions()}
    entries["Rename…"].trigger()
    dialog = bench.panel.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    line = dialog.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    assert (line.text(), line.accessibleName()) == ("height", "Name of the computed column")
    line.setText("depth")
    with qtbot.waitSignal(bench.document.columns_changed):
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert bench.table.visible_columns()[-1] == "depth"
    last = bench.table.model().columnCount() - 1
    assert header(bench, last, Qt.ItemDataRole.DisplayRole) == "depth  · computed"


def test_the_filter_completes_its_name(bench: Bench) -> None:
    bench.document.put_column("Similarity to “it”", np.arange(N) / N, HEIGHT)
    (completer,) = bench.panel.findChildren(NameCompleter)
    names = completer.model().stringList()  # type: ignore[attr-defined]
    assert names[-1] == '"Similarity to “it”"'
