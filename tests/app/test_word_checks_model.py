"""Test sets are added and kept; a run judges what is missing, of all embeddings of the corpus."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.application import Application
from app.notices import Notice, Problem
from app.panels import word_checks as module
from app.panels.state import Blocked, Idle, Running
from app.panels.word_check_rows import (
    DASH,
    HEAD,
    bars,
    listing_text,
    lost_words,
    misses,
    table_rows,
)
from app.panels.word_checks import WordChecksModel
from backends.embed import EmbedRequest, embed
from backends.evaluate.analogies import AnalogyScore
from backends.evaluate.words import WordScore
from backends.types import Embeddings
from tests import builders
from tests.backends.evaluate.spaces import corpus_of, vectors_of

LONG = 60_000
ITEMS = {"man": [1, 0, 0], "woman": [1, 0, 0.5], "king": [0, 1, 0], "queen": [0, 1, 0.5]}
ITEMS |= {f"filler{number}": [-1, -1 - number, -1] for number in range(30)}
PAIRS = "king\tqueen\t8\nman\twoman\t9\nman\tking\t1\nwoman\tqueen\t4\nman\tunicorn\t4\n"
QUESTIONS = ": royal\nman woman king queen\nwoman man queen king\n: odd\nman king woman queen\n"
QUESTIONS += "man king woman filler1\nman king woman dragon\n"


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    paths = tuple(tmp_path / name for name in ("pairs.tsv", "questions.txt", "bad.tsv"))
    for path, text in zip(paths, (PAIRS, QUESTIONS, "a\tb\t1\na\tb\n"), strict=True):
        path.write_text(text, "utf-8")
    return paths


def wait(app: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)


def open_words(app: Application) -> Embeddings:
    corpus = corpus_of(list(ITEMS))
    app.document.set_corpus(corpus)
    made = vectors_of(corpus, np.array(list(ITEMS.values())))
    app.document.add_embeddings(made)
    return made


def judged(app: Application, qtbot: QtBot, *paths: Path) -> WordChecksModel:
    model = app.directions.checks
    model.add(paths)
    wait(app, qtbot)
    model.run()
    wait(app, qtbot)
    return model


def test_it_says_what_stands_in_the_way(
    app: Application, qtbot: QtBot, files: tuple[Path, ...]
) -> None:
    model = app.directions.checks
    assert model.state == Blocked(module.NO_CORPUS)
    app.document.set_corpus(corpus_of(list(ITEMS)))
    assert model.state == Blocked(module.NO_VECTORS)
    open_words(app)
    assert model.state == Blocked(module.NO_FILES)
    model.add(files[2:])
    wait(app, qtbot)
    assert model.state == Blocked(module.NO_FILES)
    model.add(files[:1])
    wait(app, qtbot)
    assert model.state == Idle()
    model.run()
    assert isinstance(model.state, Running)
    wait(app, qtbot)
    assert model.state == Blocked(module.ALL_DONE)
    said: list[Notice] = []
    app.notices.posted.connect(said.append)
    model.run()
    assert said[0].text == module.ALL_DONE.text


def test_files_and_what_they_say(app: Application, qtbot: QtBot, files: tuple[Path, ...]) -> None:
    open_words(app)
    model = judged(app, qtbot, *files)
    pairs, questions, bad = model.outcomes
    assert isinstance(pairs, WordScore)
    assert (pairs.n, pairs.asked, [lost.term for lost in pairs.lost]) == (4, 5, ["unicorn"])
    assert isinstance(questions, WordScore)
    assert isinstance(questions.detail, AnalogyScore)
    assert (questions.n, questions.score) == (4, 0.75)
    assert isinstance(bad, Problem)
    assert "Line 2" in bad.text
    assert model.scores == (pairs, questions)
    model.remove(0)
    assert [each.path.name for each in model.files] == ["questions.txt", "bad.tsv"]
    model.remove(7)
    assert len(model.files) == 2


def test_only_what_is_missing_is_judged(
    app: Application, qtbot: QtBot, files: tuple[Path, ...]
) -> None:
    open_words(app)
    model = judged(app, qtbot, files[0])
    first = model.outcomes[0]
    judged(app, qtbot, files[1])
    assert model.outcomes[0] is first
    model.change(case="exact")
    assert model.outcomes == (None, None)
    assert model.state == Idle()
    model.change(case="fold")
    assert model.outcomes[0] is first
    # The restriction is about analogies alone.
    model.change(restrict=20)
    assert (model.outcomes[0] is first, model.outcomes[1]) == (True, None)


def test_a_file_that_was_changed_is_read_anew(
    app: Application, qtbot: QtBot, files: tuple[Path, ...]
) -> None:
    open_words(app)
    model = judged(app, qtbot, files[0], files[1])
    files[0].write_text("man\twoman\t3\nking\tqueen\t2\n", "utf-8")
    model.add(files[:1])
    wait(app, qtbot)
    assert [each.path.name for each in model.files] == ["pairs.tsv", "questions.txt"]
    assert model.outcomes[0] is None
    assert model.outcomes[1] is not None


def test_all_embeddings_are_judged_and_one_may_be_the_reference(
    app: Application, qtbot: QtBot, files: tuple[Path, ...]
) -> None:
    good = open_words(app)
    assert app.document.corpus is not None
    rng = np.random.default_rng(0)
    noise = vectors_of(app.document.corpus, rng.normal(size=(len(ITEMS), 3)), "noise")
    app.document.add_embeddings(noise)
    model = judged(app, qtbot, files[0])
    assert [each.title for each in model.embeddings] == ["noise", "words"]
    assert model.outcome(good, model.files[0]) is not None
    shown = bars(model)
    assert [(bar.embeddings, bar.series) for bar in shown] == [("noise", 0), ("words", 1)]
    assert shown[0].value == pytest.approx(model.scores[0].gain)
    assert "above random vectors" in shown[0].words
    model.change(reference=good.fingerprint)
    percent = bars(model)
    assert percent[1].value == pytest.approx(100)
    assert "100% of the gain of words" in percent[1].words
    app.document.set_active(good.fingerprint)
    assert table_rows(model)[0].cells[HEAD.index("Gain")] == "100%"
    assert [each.title for each in model.embeddings] == ["words", "noise"]


def test_rows_of_the_table(app: Application, qtbot: QtBot, files: tuple[Path, ...]) -> None:
    open_words(app)
    model = app.directions.checks
    model.add(files)
    wait(app, qtbot)
    waiting = table_rows(model)
    assert [row.cells[:3] for row in waiting[:2]] == [
        ("pairs.tsv", "Spearman", DASH),
        ("questions.txt", "3CosAdd", DASH),
    ]
    assert "Not judged yet." in waiting[0].tip
    assert all(len(row.cells) == len(HEAD) for row in waiting)
    model.run()
    wait(app, qtbot)
    pairs, questions, bad = table_rows(model)
    assert pairs.cells[HEAD.index("Lost")] == "20.0%"
    assert not pairs.warns
    assert [row.cells[0] for row in questions.sections] == ["royal", "odd"]
    assert questions.sections[0].cells[HEAD.index("Score")] == "1.000"
    assert bad.is_problem
    assert "Line 2" in bad.cells[0]
    assert all(len(row.cells) == len(HEAD) for row in (pairs, bad, *questions.sections))


def test_lists_that_can_be_copied(app: Application, qtbot: QtBot, files: tuple[Path, ...]) -> None:
    open_words(app)
    model = judged(app, qtbot, *files)
    pairs, questions, bad = model.outcomes
    wrong = misses(questions)
    assert wrong.rows == (("man", "king", "woman", "filler1", "queen"),)
    assert wrong.about.startswith("1 of 4 wrong")
    assert listing_text(wrong).splitlines()[0] == "a\tb\tc\td\tFound"
    assert len(misses(pairs).rows) == 4
    assert lost_words(pairs).rows == (("unicorn", "not among the items"),)
    assert "1 of 5 pairs" in lost_words(pairs).about
    assert "Line 2" in misses(bad).about
    assert misses(None).rows == lost_words(None).rows == ()


def test_everything_as_csv(
    app: Application, qtbot: QtBot, files: tuple[Path, ...], tmp_path: Path
) -> None:
    open_words(app)
    model = judged(app, qtbot, *files)
    rows = list(csv.DictReader(io.StringIO(model.csv_text())))
    assert [(row["file"], row["section"]) for row in rows] == [
        ("pairs.tsv", ""),
        ("questions.txt", ""),
        ("questions.txt", "royal"),
        ("questions.txt", "odd"),
        ("bad.tsv", ""),
    ]
    assert float(rows[1]["score"]) == 0.75
    assert "Line 2" in rows[4]["problem"]
    said: list[Notice] = []
    app.notices.posted.connect(said.append)
    model.save_csv(tmp_path / "checks.csv")
    assert (tmp_path / "checks.csv").read_text("utf-8") == model.csv_text()
    model.save_csv(tmp_path / "pairs.tsv" / "checks.csv")
    assert [notice.level for notice in said] == ["info", "warning"]


def test_a_stopped_run_keeps_what_is_judged(
    app: Application, qtbot: QtBot, files: tuple[Path, ...]
) -> None:
    open_words(app)
    model = app.directions.checks
    model.add(files[:2])
    wait(app, qtbot)
    model.scores_changed.connect(model.stop)  # as soon as the first is known
    model.run()
    wait(app, qtbot)
    qtbot.waitUntil(lambda: not app.jobs.stopping, timeout=LONG)
    assert model.outcomes[0] is not None
    assert not isinstance(model.state, Running)


def test_files_and_choices_are_remembered(
    app: Application, qtbot: QtBot, files: tuple[Path, ...]
) -> None:
    model = app.directions.checks
    model.add(files)
    wait(app, qtbot)
    model.change(case="exact", restrict=1234)
    files[1].unlink()
    again = WordChecksModel(app.document, app.jobs, app.notices, app.settings)
    again.remember()
    wait(app, qtbot)
    assert [each.path.name for each in again.files] == ["pairs.tsv", "bad.tsv"]
    assert (again.settings.case, again.settings.restrict) == ("exact", 1234)
    app.settings.change(word_checks={"files": [3, "nowhere"], "case": "loud", "restrict": -1})
    third = WordChecksModel(app.document, app.jobs, app.notices, app.settings)
    third.remember()
    wait(app, qtbot)
    assert (third.files, third.settings.case) == ((), "fold")


def test_an_encoder_judges_texts_but_answers_no_analogy(
    app: Application, qtbot: QtBot, files: tuple[Path, ...]
) -> None:
    corpus = builders.corpus(columns={"text": list(ITEMS), "name": list(ITEMS)})
    app.document.set_corpus(corpus)
    app.document.add_embeddings(embed(EmbedRequest(corpus, "lexical", "text")))
    model = judged(app, qtbot, files[0], files[1])
    assert (model.encodes, model.column, model.columns) == (True, None, ("text", "name"))
    pairs, questions = model.outcomes
    assert isinstance(pairs, WordScore)
    assert "encoded" in pairs.how
    assert isinstance(questions, Problem)
    assert questions.hint == "Choose the column with the words."
    model.change(column="name")
    assert model.column == "name"
    model.run()
    wait(app, qtbot)
    assert isinstance(model.outcomes[1], WordScore)
    assert table_rows(model)[1].sections


def test_another_corpus_forgets_scores_but_not_files(
    app: Application, qtbot: QtBot, files: tuple[Path, ...]
) -> None:
    open_words(app)
    model = judged(app, qtbot, files[0])
    model.change(column="word")
    app.document.set_corpus(builders.corpus(4))
    assert model.settings.column is None
    assert [each.path.name for each in model.files] == ["pairs.tsv"]
    assert model.outcomes == (None,)
    assert bars(model) == ()
    app.document.set_corpus(None)
    assert model.state == Blocked(module.NO_CORPUS)
    assert (model.columns, model.column, model.reference) == ((), None, None)
