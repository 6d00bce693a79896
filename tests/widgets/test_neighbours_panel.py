"""Search by meaning as a person sees and handles it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import pyarrow as pa
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDoubleSpinBox,
    QLabel,
    QSlider,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.colouring import ByClass
from app.panels.hit_texts import HitRow
from app.panels.neighbours import NeighboursModel
from backends.corpora.columns import read_categories
from backends.embed import EmbedRequest, embed
from backends.raster.palette import class_colours
from tests.subsets import corpus_of, embeddings_of
from widgets.detail_card import DetailCard
from widgets.hit_list import BAR_WIDTH, CLASS_ROLE, GAP, HIT_ROLE, MARGIN, HitList
from widgets.panels.neighbours import NeighboursPanel, QueryLine
from widgets.theme import apply_theme

ANIMALS = ("cat", "dog", "horse", "cow", "sheep", "goat")
PLACES = ("house", "garden", "field", "river", "town")
TEXTS = [f"the {animal} sleeps in the {place}" for animal in ANIMALS for place in PLACES]
Kind = TypeVar("Kind", bound=QWidget)
LEFT = Qt.MouseButton.LeftButton


class Bench:
    """A panel in the middle of everything that it needs."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.document = Document()
        self.jobs = Jobs()
        self.history = History(self.document)
        self.model = NeighboursModel(self.document, self.jobs, Notices(), self.history)
        self.panel = NeighboursPanel(self.model)
        qtbot.addWidget(self.panel)
        self.panel.resize(320, 640)
        self.panel.show()
        self.hits = self.child(HitList)
        self.query = self.child(QueryLine)
        self.card = self.child(DetailCard)

    def child(self, kind: type[Kind]) -> Kind:
        found = self.panel.findChild(kind)
        assert isinstance(found, kind)
        return found

    def control(self, name: str) -> QWidget:
        (found,) = [one for one in self.panel.findChildren(QWidget) if one.accessibleName() == name]
        return found

    def said(self) -> list[str]:
        return [one.text() for one in self.panel.findChildren(QLabel) if one.isVisible()]

    def load(self) -> None:
        corpus = corpus_of(pa.table({"text": TEXTS, "n": range(len(TEXTS))}))
        self.document.set_corpus(corpus)
        self.document.add_embeddings(embed(EmbedRequest(corpus, "lexical")))

    def ask(self, text: str) -> None:
        with self.qtbot.waitSignal(self.document.hits_changed):
            self.qtbot.keyClicks(self.query, text)
            self.qtbot.keyClick(self.query, Qt.Key.Key_Return)

    def place(self, number: int) -> QPoint:
        return self.hits.visualRect(self.hits.model().index(number, 0)).center()

    def row(self, number: int) -> int:
        return int(self.hits.model().index(number, 0).data(HIT_ROLE).row)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    assert made.jobs.close(5)


def test_it_says_what_is_missing_step_by_step(bench: Bench, qtbot: QtBot) -> None:
    assert "Nothing is loaded." in bench.said()
    assert not bench.query.isEnabled()
    corpus = corpus_of(pa.table({"text": TEXTS}))
    bench.document.set_corpus(corpus)
    assert "There are no vectors yet." in bench.said()
    bench.document.add_embeddings(embeddings_of(corpus))
    assert "Which neighbours?" in bench.said()
    assert not bench.query.isEnabled()
    assert "came from a file" in bench.query.toolTip()
    bench.document.add_embeddings(embed(EmbedRequest(corpus, "lexical")))
    assert bench.query.isEnabled()


def test_a_typed_text_lists_what_is_similar(bench: Bench) -> None:
    bench.load()
    bench.ask("a goat in the river")
    assert bench.hits.isVisible()
    assert bench.hits.model().rowCount() == 20
    assert bench.hits.model().index(0, 0).data() == "the goat sleeps in the river"
    assert "20 nearest to “a goat in the river”" in bench.said()


def test_a_click_goes_there_and_keeps_the_list(bench: Bench, qtbot: QtBot) -> None:
    bench.load()
    bench.ask("horse")
    row, before = bench.row(2), bench.document.hits
    with qtbot.waitSignal(bench.panel.row_activated) as caught:
        qtbot.mouseClick(bench.hits.viewport(), LEFT, pos=bench.place(2))
    assert caught.args == [row]
    assert bench.document.focus == row
    assert bench.document.hits is before
    assert TEXTS[row] in bench.card.toPlainText()


def test_keys_walk_the_list_and_enter_goes_there(bench: Bench, qtbot: QtBot) -> None:
    bench.load()
    bench.ask("horse")
    qtbot.mouseClick(bench.hits.viewport(), LEFT, pos=bench.place(0))
    qtbot.keyClick(bench.hits, Qt.Key.Key_Down)
    with qtbot.waitSignal(bench.panel.row_activated) as caught:
        qtbot.keyClick(bench.hits, Qt.Key.Key_Return)
    assert caught.args == [bench.row(1)]
    row = bench.row(1)
    with qtbot.waitSignal(bench.document.hits_changed):
        qtbot.keyClick(bench.hits, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert bench.document.hits.row == row


def test_escape_clears_and_goes_back_to_the_item(bench: Bench, qtbot: QtBot) -> None:
    bench.load()
    with qtbot.waitSignal(bench.document.hits_changed):
        bench.document.set_focus(7)
    bench.ask("horse")
    with qtbot.waitSignal(bench.document.hits_changed):
        qtbot.keyClick(bench.query, Qt.Key.Key_Escape)
    assert bench.query.text() == ""
    assert "20 nearest to “the dog sleeps in the field”" in bench.said()


def test_slider_and_number_are_one_thing(bench: Bench, qtbot: QtBot) -> None:
    bench.load()
    bench.ask("horse")
    slider, number = (
        bench.control("Smallest similarity"),
        bench.control("Smallest similarity, as a number"),
    )
    assert isinstance(slider, QSlider)
    assert isinstance(number, QDoubleSpinBox)
    assert number.text() == "any"
    slider.setValue(30)
    assert number.value() == pytest.approx(0.3)
    shown = bench.hits.model().rowCount()
    assert 0 < shown < 20
    assert f"{shown} nearest to “horse”, {20 - shown} less similar" in bench.said()
    number.setValue(1.0)
    assert slider.value() == 100
    assert "Nothing is that similar." in bench.said()
    slider.setValue(0)
    assert bench.hits.model().rowCount() == 20


def test_the_same_answer_does_not_scroll_the_list_away(bench: Bench) -> None:
    bench.load()
    bench.ask("horse")
    bench.hits.scrollToBottom()
    place = bench.hits.verticalScrollBar().value()
    assert place > 0
    bench.panel.show_state(bench.model.state)
    assert bench.hits.verticalScrollBar().value() == place


def test_the_number_of_neighbours_can_be_set(bench: Bench, qtbot: QtBot) -> None:
    bench.load()
    bench.ask("horse")
    k = bench.control("Number of neighbours")
    assert isinstance(k, QSpinBox)
    with qtbot.waitSignal(bench.document.hits_changed):
        k.setValue(4)
    assert bench.hits.model().rowCount() == 4


def test_hits_are_selected_and_copied_by_buttons(bench: Bench) -> None:
    bench.load()
    select, copy = bench.control("Select these neighbours"), bench.control("Copy neighbours")
    assert isinstance(select, QAbstractButton)
    assert isinstance(copy, QAbstractButton)
    assert not select.isEnabled()
    bench.ask("horse")
    select.click()
    assert bench.document.selection.rows.tolist() == sorted(bench.document.hits.rows.tolist())
    copy.click()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 21


def test_texts_asked_before_are_offered(bench: Bench) -> None:
    bench.load()
    bench.ask("horse")
    completer = bench.query.completer()
    completer.setCompletionPrefix("ors")
    assert completer.currentCompletion() == "horse"


def test_the_card_shows_any_text_as_it_is(bench: Bench) -> None:
    odd = "<b>not bold</b> & <script>x</script>\nsecond line"
    bench.document.set_corpus(corpus_of(pa.table({"text": [odd, None], "n": [1, 2]})))
    bench.document.set_focus(0)
    shown = bench.card.toPlainText()
    assert shown.startswith(odd)
    assert "n" in shown
    bench.document.set_focus(1)
    assert "This item has no text." in bench.card.toPlainText()


def test_it_is_drawn_in_the_colours_of_the_theme(bench: Bench, qapp: QApplication) -> None:
    bench.load()
    bench.ask("horse")
    pictures = []
    for choice in ("light", "dark"):
        theme = apply_theme(qapp, choice)
        picture = bench.hits.viewport().grab().toImage()
        colours = {
            picture.pixelColor(x, y).name().upper()
            for x in range(picture.width())
            for y in range(0, picture.height(), 1)
        }
        assert theme.accent in colours, "bars"
        pictures.append(picture)
    assert pictures[0] != pictures[1]
    apply_theme(qapp, "light")


def test_controls_are_named_and_explained_and_it_fits_a_narrow_dock(bench: Bench) -> None:
    bench.load()
    bench.ask("horse")
    for control in bench.panel.findChildren(QWidget):
        kinds = QAbstractButton, QSpinBox, QDoubleSpinBox, QSlider
        of_ours = isinstance(control, kinds) and control.parent() is not bench.query
        if of_ours and control.isVisible():
            assert control.accessibleName(), control
            assert control.toolTip(), control
    assert bench.panel.minimumSizeHint().width() <= 320


def test_hits_say_their_name_and_the_class_that_colours_them(bench: Bench) -> None:
    names = [f"{text.split()[1]} {number}" for number, text in enumerate(TEXTS)]
    kinds = ["pet" if "cat" in text or "dog" in text else "farm" for text in TEXTS]
    corpus = corpus_of(pa.table({"text": TEXTS, "name": names, "kind": kinds}))
    bench.document.set_corpus(corpus)
    bench.document.add_embeddings(embed(EmbedRequest(corpus, "lexical")))
    bench.ask("a cat in the garden")
    bench.panel.show_colouring(ByClass("kind", read_categories(corpus, "kind")))
    for number in range(bench.hits.model().rowCount()):
        index = bench.hits.model().index(number, 0)
        hit, (kind, colour) = index.data(HIT_ROLE), index.data(CLASS_ROLE)
        assert hit.label == names[hit.row]
        assert kind == kinds[hit.row]
        code = 0 if kind == "farm" else 1  # the larger class comes first
        assert colour.getRgb()[:3] == tuple(class_colours(2, dark=False)[code])
        assert kind in index.data(Qt.ItemDataRole.AccessibleTextRole)
        assert hit.label in index.data(Qt.ItemDataRole.ToolTipRole)
    bench.panel.show_colouring(None)
    assert bench.hits.model().index(0, 0).data(CLASS_ROLE) is None


def test_a_hit_is_as_high_as_its_words_need(bench: Bench) -> None:
    texts = [*TEXTS, "the cat " + "sleeps in the house and the garden and the field " * 4]
    names = [f"name {number}" for number in range(len(texts))]
    corpus = corpus_of(pa.table({"text": texts, "name": names}))
    bench.document.set_corpus(corpus)
    bench.document.add_embeddings(embed(EmbedRequest(corpus, "lexical")))
    bench.ask("the cat sleeps in the house and the garden")
    rows = range(bench.hits.model().rowCount())
    heights = {
        bench.row(number): bench.hits.visualRect(bench.hits.model().index(number, 0)).height()
        for number in rows
    }
    assert heights[len(TEXTS)] > heights[0]


def test_the_typed_text_goes_when_the_list_answers_another_question(bench: Bench) -> None:
    bench.load()
    bench.ask("the cat sleeps")
    bench.hits.setFocus()
    bench.model.visit(bench.row(1))
    assert bench.query.text() == "the cat sleeps", "a hit is only looked at"
    bench.model.ask_row(bench.row(1))
    bench.qtbot.waitUntil(lambda: not bench.jobs.live)
    assert bench.query.text() == ""


def test_two_lines_of_text_have_room_at_every_width(qtbot: QtBot) -> None:
    hits = HitList()
    qtbot.addWidget(hits)
    words = "marked or decorated with stripes"
    hits.show_hits([HitRow(rank, rank, 0.5, words, "striped") for rank in range(1, 30)])
    hits.show()
    metrics = hits.fontMetrics()
    beside = 2 * MARGIN + metrics.horizontalAdvance("000") + 2 * GAP + BAR_WIDTH
    seen = set()
    for width in range(240, 420, 3):
        hits.resize(width, 300)
        rect = hits.visualRect(hits.model().index(0, 0))
        lines = 2 if metrics.horizontalAdvance(words) <= rect.width() - beside else 3
        seen.add(lines)
        assert rect.height() >= lines * metrics.height() + 2 * MARGIN, width
    assert seen == {2, 3}
