"""Making a direction: what is parsed, what is planned, what is found, and what a project keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.notices import Problem
from app.panels import direction_draft as drafts
from app.panels import direction_making as making
from app.panels.direction_draft import Draft, parsed_pairs, parsed_terms
from app.panels.state import Blocked, Failed
from backends.directions.given import SelectionsGiven
from backends.directions.wordsets import Collection, WordSet
from tests import builders, directions


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("she, he", ("she", "he")),
        ("she\the", ("she", "he")),
        ("she he", ("she", "he")),
        (" she -> he ", ("she", "he")),
        ("she → he", ("she", "he")),
        ("New York; Los Angeles", ("New York", "Los Angeles")),
    ],
)
def test_a_line_is_a_pair(line: str, pair: tuple[str, str]) -> None:
    assert parsed_pairs(f"\n{line}\n\n") == (pair,)


@pytest.mark.parametrize("line", ["she", "she, he, it", "one two three", ","])
def test_a_line_that_is_no_pair_is_named(line: str) -> None:
    problem = parsed_pairs(f"man, woman\n{line}")
    assert isinstance(problem, Problem)
    assert "Line 2 is no pair" in problem.text
    assert line in problem.text


def test_words_stand_on_lines_or_between_commas() -> None:
    assert parsed_terms("a, b\nc d;e\n\n,") == ("a", "b", "c d", "e")


def test_each_source_says_what_is_missing(app: Application) -> None:
    model = app.directions.making
    assert model.planned is making.NO_CORPUS
    app.document.set_corpus(directions.corpus())
    assert model.planned is making.NO_VECTORS
    app.document.add_embeddings(directions.vectors())
    missing = {
        "pairs": drafts.NO_PAIRS,
        "sets": drafts.NO_WORDS,
        "prompts": making.NOT_ENCODED,
        "selections": drafts.NO_SIDES,
        "column": drafts.NO_CATEGORY,
        "relation": drafts.NO_PAIRS,
    }
    for source, problem in missing.items():
        model.change(source=source)
        assert model.planned is problem
        assert model.state == Blocked(problem)


def test_only_methods_that_fit_are_taken() -> None:
    assert drafts.method_problem("pairs", "components") is None
    problem = drafts.method_problem("column", "components")
    assert problem is not None
    assert "needs pairs" in problem.text
    draft = Draft(source="column", methods={"column": "components"})
    assert draft.method == "probe"


def test_words_need_a_column_or_an_encoder(app: Application, qtbot: QtBot) -> None:
    from dataclasses import replace

    from backends.types import Roles

    app.document.set_corpus(replace(directions.corpus(), roles=Roles()))
    app.document.add_embeddings(directions.vectors())
    model = app.directions.making
    model.change(source="pairs", pairs="he, she")
    assert isinstance(model.planned, Problem)
    assert "cannot be looked up" in model.planned.text
    model.space.set_column("word")
    assert not isinstance(model.planned, Problem)
    model.run()
    directions.settle(app, qtbot)
    assert app.document.direction is not None


def test_pairs_are_found_kept_and_undone(app: Application, qtbot: QtBot) -> None:
    directions.fill(app)
    told: list[object] = []
    app.directions.making.found.connect(told.append)
    direction = directions.found(app, qtbot, "he, she\nman, woman\nKing, Queen\nyak, cow")
    assert [getattr(one, "fingerprint", None) for one in told] == [direction.fingerprint]
    assert abs(direction.vector[0]) > 0.99
    assert direction.vector[0] > 0
    assert [lost.term for lost in direction.evidence.lost] == ["yak → cow"]
    assert any("King as king" in note for note in direction.evidence.notes)
    assert app.history.undo_text == "direction “he → she”"
    app.history.undo()
    assert app.document.directions == ()
    app.history.redo()
    assert app.document.directions == (direction,)


def test_a_failure_is_said_and_a_change_takes_it_back(app: Application, qtbot: QtBot) -> None:
    directions.fill(app)
    said: list[object] = []
    app.notices.posted.connect(said.append)
    model = app.directions.making
    model.change(pairs="yak, cow")
    model.run()
    directions.settle(app, qtbot)
    assert isinstance(model.state, Failed)
    assert "The pair cannot be used" in str(model.state.failure.error)
    assert said == []  # the page says it
    model.change(pairs="he, she")
    assert not isinstance(model.state, Failed)


def test_sides_are_taken_from_the_selection_when_asked(app: Application, qtbot: QtBot) -> None:
    directions.fill(app)
    model = app.directions.making
    model.change(source="selections")
    assert model.take_problem is making.NO_SELECTION
    model.take_selection(0)
    assert model.draft.taken == (None, None)
    directions.choose(app, "he", "man", "king")
    assert model.take_problem is None
    model.take_selection(0)
    directions.choose(app, "she", "woman", "queen")
    model.take_selection(1)
    directions.choose(app, "thing1")  # what was taken stays
    request = model.planned
    assert isinstance(request, making.FindRequest)
    assert isinstance(request.given, SelectionsGiven)
    model.run()
    directions.settle(app, qtbot)
    direction = app.document.direction
    assert direction is not None
    assert direction.ends == ("he man king", "she woman queen")
    assert direction.vector[0] > 0.99
    model.take_others(0)
    model.run()
    directions.settle(app, qtbot)
    assert app.document.direction is not None
    assert app.document.direction.ends[0] == "the others"


def test_a_column_offers_its_values_once_they_are_read(app: Application, qtbot: QtBot) -> None:
    directions.fill(app)
    space = app.directions.space
    assert space.categories == ()
    space.want()
    directions.settle(app, qtbot)
    assert space.categories == ("kind",)
    assert space.labels("kind") == ()
    directions.settle(app, qtbot)
    assert space.labels("kind") == ("thing", "person", "job")
    model = app.directions.making
    model.change(source="column", column="kind", values=(None, "person"))
    model.run()
    directions.settle(app, qtbot)
    direction = app.document.direction
    assert direction is not None
    assert direction.method == "probe"
    assert direction.evidence.accuracy is not None


def test_word_sets_write_their_words(app: Application) -> None:
    own = WordSet("mine", "terms", ("tide", "salt"), own=True)
    app.document.set_word_sets(Collection((own,)))
    model = app.directions.making
    names = [one.name for one in model.space.sets_of("terms")]
    assert "mine" in names
    assert "Career" in names
    model.change(source="sets")
    model.take_set(own, 1)
    assert model.draft.words == ("", "tide\nsalt")
    assert model.draft.side_names == ("", "mine")
    model.change(source="pairs")
    model.take_set(model.space.sets.named("Gender pairs"))
    assert parsed_pairs(model.draft.pairs) == model.space.sets.named("Gender pairs").pairs


def test_a_project_keeps_what_was_written(app: Application) -> None:
    directions.fill(app)
    model = app.directions.making
    model.change(source="sets", words=("a", "b"), components=3, values=(None, "x"))
    model.set_draft(model.draft.named(0, "first"))
    model.choose_method("probe")
    kept = json.loads(json.dumps(model.project_state()))
    draft = model.draft
    model.set_draft(Draft())
    model.restore_project_state(kept)
    assert model.draft == draft
    model.restore_project_state({"source": 7, "words": ["a"], "components": -1, "names": {"x": 1}})
    assert model.draft == Draft()


def test_a_new_corpus_forgets_items_but_not_words(app: Application) -> None:
    directions.fill(app)
    model = app.directions.making
    directions.choose(app, "he")
    model.take_selection(0)
    model.change(pairs="he, she", column="kind")
    app.document.set_corpus(builders.corpus())
    assert model.draft.taken == (None, None)
    assert model.draft.column == ""
    assert model.draft.pairs == "he, she"


def test_stopping_keeps_nothing(app: Application, qtbot: QtBot) -> None:
    directions.fill(app)
    model = app.directions.making
    model.change(pairs="he, she")
    model.run()
    model.stop()
    directions.settle(app, qtbot)
    assert app.document.directions == ()
    assert np.isfinite(directions.vectors().vectors).all()
