"""The page “Change” as a person uses it: choose, run, read, use, export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from backends.directions.erasing.registry import ERASERS
from backends.directions.registry import SetsGiven, find_direction
from backends.embed import EmbedRequest, embed
from backends.parameters import parameters_of
from tests import builders
from tests.backends.directions.erasing.test_making import TEXTS
from tests.backends.directions.erasing.words import gender, world
from widgets.panels.direction_change import DirectionChangePage
from widgets.parameter_fields import TenfoldBox

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def page(app: Application, qtbot: QtBot) -> Iterator[DirectionChangePage]:
    made = DirectionChangePage(app.directions.change)
    made.resize(900, 460)
    made.show()
    qtbot.waitExposed(made)
    yield made
    delete(made)


def filled(app: Application) -> None:
    where = world(200)
    app.document.set_corpus(where.corpus)
    app.document.add_embeddings(where.embeddings)
    app.directions.list.keep(gender(where))


def run(app: Application, page: DirectionChangePage, qtbot: QtBot) -> None:
    QTest.mouseClick(page.run, LEFT)
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)


def test_without_vectors_or_a_direction_it_says_what_to_do(
    app: Application, page: DirectionChangePage
) -> None:
    assert not page.run.isEnabled()
    assert "no vectors" in page.run.toolTip()
    where = world(20)
    app.document.set_corpus(where.corpus)
    app.document.add_embeddings(where.embeddings)
    assert "No direction" in page.run.toolTip()
    assert not page.use.isEnabled()


def test_a_run_shows_both_states_and_changes_nothing_until_used(
    app: Application, page: DirectionChangePage, qtbot: QtBot
) -> None:
    filled(app)
    before = app.document.active
    assert before is not None
    run(app, page, qtbot)
    assert "is gone" in page.results.verdict.text()
    shown = [
        [page.results.table.item(row, column).text() for column in range(3)]
        for row in range(page.results.table.rowCount())
    ]
    assert shown[0][0] == "Direct bias"
    assert float(shown[0][1]) > 0.2
    assert shown[0][2] == "0.0000"
    assert app.document.active is before
    assert "gender" in page.results.how.text()
    assert "Two clusters agree" in page.results.after.toolTip()
    QTest.mouseClick(page.use, LEFT)
    assert app.document.active is not before
    assert app.document.active is not None
    assert "Hard debias of gender" in app.document.active.title
    assert not page.use.isEnabled()
    assert "in use" in page.use.toolTip()
    assert page.export.isEnabled()
    app.document.set_active(before.fingerprint)  # the old ones are still there
    assert app.document.active is before
    assert page.use.isEnabled()


@pytest.mark.parametrize("how", ["soft", "inlp"])
def test_the_course_of_the_fit_is_drawn(
    app: Application, page: DirectionChangePage, qtbot: QtBot, how: str
) -> None:
    filled(app)
    page.form.method.setCurrentIndex(page.form.method.findData(how))
    page.form.method.activated.emit(page.form.method.currentIndex())
    assert app.directions.change.settings.method == how
    assert ERASERS[how].limits in page.form.about.text()
    assert page.form.training.isVisibleTo(page) == (how == "inlp")
    assert not page.form.pairs.isEnabled()
    run(app, page, qtbot)
    assert page.results.curve.isVisibleTo(page)
    assert (
        "loss from" if how == "soft" else "accuracy of the classifier"
    ) in page.results.curve.words()


def test_a_map_that_changes_nothing_has_no_course(
    app: Application, page: DirectionChangePage, qtbot: QtBot
) -> None:
    filled(app)
    app.directions.change.change(method="soft")
    app.directions.change.change_value("weight", 0)
    app.directions.change.change_value("steps", 3)
    run(app, page, qtbot)
    assert "as it was" in page.results.verdict.text()
    assert not page.results.curve.isVisibleTo(page)


def test_equalise_without_pairs_is_blocked(app: Application, page: DirectionChangePage) -> None:
    filled(app)
    app.directions.change.change(method="equalise")
    assert not page.run.isEnabled()
    assert "needs pairs" in page.run.toolTip()
    app.directions.change.change(pairs="Gender equalise pairs")
    assert page.run.isEnabled()


def test_export_writes_the_file_and_its_recipe(
    app: Application,
    page: DirectionChangePage,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filled(app)
    run(app, page, qtbot)
    path = tmp_path / "out.vec"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    QTest.mouseClick(page.export, LEFT)
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)
    assert path.read_bytes().startswith(b"210 24\nhe ")
    assert (tmp_path / "out.recipe.json").is_file()


def test_another_corpus_takes_the_result_away(
    app: Application, page: DirectionChangePage, qtbot: QtBot
) -> None:
    filled(app)
    run(app, page, qtbot)
    app.document.set_corpus(None)
    assert app.directions.change.result is None
    assert page.empty.isVisibleTo(page)


def test_every_control_has_a_name_and_a_tooltip(page: DirectionChangePage) -> None:
    for kind in (QComboBox, QAbstractSpinBox, QPushButton):
        for control in page.findChildren(kind):
            assert control.accessibleName()
            assert control.toolTip(), control.accessibleName()


def test_it_takes_words_from_where_the_other_pages_do(
    app: Application, page: DirectionChangePage
) -> None:
    filled(app)
    app.directions.space.set_column("word")
    planned = app.directions.change.plan()
    assert isinstance(planned, tuple)
    assert planned[0].space is app.directions.space.space


def test_only_the_parameters_of_the_method_are_shown_and_each_is_remembered(
    app: Application, page: DirectionChangePage
) -> None:
    filled(app)
    model, boxes = app.directions.change, page.form.parameters.boxes
    for method, spec in ERASERS.items():
        model.change(method=method)
        shown = {name for name, box in boxes.items() if box.isVisibleTo(page)}
        assert shown == {(method, one.name) for one in parameters_of(spec.params)}
    model.change(method="soft")
    boxes["soft", "weight"].setValue(1.5)
    boxes["soft", "steps"].setValue(40)
    model.change(method="hard")
    model.change(method="soft")
    assert boxes["soft", "weight"].value() == 1.5
    assert model.settings.params == ERASERS["soft"].params(weight=1.5, steps=40)  # type: ignore[misc]


def test_a_tenfold_box_takes_small_numbers_and_steps_by_ten(qtbot: QtBot) -> None:
    box = TenfoldBox()
    qtbot.addWidget(box)
    box.setRange(1e-12, 0.1)
    box.setValue(1e-6)
    assert box.text() == "1e-06"
    box.stepBy(1)
    assert box.value() == pytest.approx(1e-5)
    box.selectAll()
    QTest.keyClicks(box, "3e-8")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == pytest.approx(3e-8)
    box.selectAll()
    QTest.keyClicks(box, "x7")  # a letter is not taken, and 7 is too much
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == pytest.approx(3e-8)


def test_dropped_files_are_judged_by_and_can_be_left_out(
    app: Application, page: DirectionChangePage, qtbot: QtBot, tmp_path: Path
) -> None:
    filled(app)
    path = tmp_path / "alike & more.tsv"
    path.write_text("n1\tn2\t9\nn1\tn190\t1\nn3\tn5\t8\n", "utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)), QUrl.fromLocalFile(str(tmp_path))])
    left = Qt.MouseButton.LeftButton
    action, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    page.dropEvent(QDropEvent(QPointF(), action, mime, left, keys))
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)
    assert page.form.files.text() == "alike && more"
    run(app, page, qtbot)
    table = page.results.table
    titles = [table.item(row, 0).text() for row in range(table.rowCount())]
    assert titles[-1] == "alike & more.tsv"
    leave = page.form.files.choices.actions()[-1]
    assert leave.text() == "Leave out alike && more.tsv"
    leave.trigger()
    assert page.form.files.text() == "None"


def test_where_words_are_encoded_what_cannot_serve_is_shut_and_says_why(
    app: Application, page: DirectionChangePage
) -> None:
    corpus = builders.corpus(columns={"text": TEXTS})
    app.document.set_corpus(corpus)
    app.document.add_embeddings(embed(EmbedRequest(corpus, "lexical")))
    space = app.directions.space.space
    assert space is not None
    direction = find_direction(space, "sets", SetsGiven(("tide",), ("dune",)), "difference")
    app.directions.list.keep(direction)
    form = page.form
    assert not form.pairs.isEnabled()
    assert "Words are encoded here" in form.pairs.toolTip()
    assert [form.specific.itemText(at) for at in range(form.specific.count())] == [
        "None",
        "The selection",
    ]
    assert "Words are encoded here" in form.specific.toolTip()
    assert form.neutral.isEnabled()
    assert form.neutral.count() > 2
    at = form.method.findData("equalise")
    assert not form.method.model().flags(form.method.model().index(at, 0)) & (
        Qt.ItemFlag.ItemIsEnabled
    )
    assert page.run.isEnabled()
    app.directions.space.set_column("text")
    assert form.pairs.isEnabled()
    assert form.method.model().flags(form.method.model().index(at, 0)) & Qt.ItemFlag.ItemIsEnabled
