"""Relations as the page's models see them: sources, runs, what is looked at, projects."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.history import History
from app.notices import Problem
from app.panels.arrows import MOST, ArrowsModel, arrows_of
from app.panels.directions import DirectionsModel
from app.panels.relation_chosen import NO_OFFSET, NO_RELATION, ChosenRelation
from app.panels.relation_guesses import NO_ITEM, GuessesModel
from app.panels.relations import (
    NO_COLUMN,
    NO_CORPUS,
    NO_TRIPLES,
    NO_VECTORS,
    NO_WORDS,
    RelationsModel,
)
from app.panels.state import Blocked, Failed, Idle
from backends.directions.relation_names import name_columns
from backends.directions.relations import TripleSource
from tests import builders
from tests.app.bench import Bench
from tests.relations import PAIRS, triples, world

LONG = 30_000


class Desk(Bench):
    """A document and the models about relations."""

    def __init__(self) -> None:
        super().__init__()
        common = (self.document, self.jobs, self.notices)
        self.directions = DirectionsModel(self.document, self.notices, History(self.document))
        self.arrows = ArrowsModel(self.document, self.jobs)
        self.model = RelationsModel(*common)
        self.chosen = ChosenRelation(*common, self.model, self.directions, self.arrows)
        self.guesses = GuessesModel(*common, self.model, self.chosen)

    def fill(self) -> None:
        corpus, embeddings = world()
        self.document.set_corpus(corpus)
        self.document.add_embeddings(embeddings)

    def settle(self, qtbot: QtBot) -> None:
        qtbot.waitUntil(lambda: not self.jobs.live, timeout=LONG)

    def judged(self, qtbot: QtBot) -> None:
        self.fill()
        self.model.take_text(triples())
        self.settle(qtbot)
        assert self.model.study is not None


@pytest.fixture
def desk(qapp: QCoreApplication) -> Desk:
    return Desk()


def blocked(desk: Desk) -> object:
    state = desk.model.state
    assert isinstance(state, Blocked)
    return state.problem


def test_it_says_what_is_missing(desk: Desk) -> None:
    assert blocked(desk) is NO_CORPUS
    corpus, embeddings = world()
    desk.document.set_corpus(corpus)
    assert blocked(desk) is NO_VECTORS
    desk.document.add_embeddings(embeddings)
    assert blocked(desk) is NO_TRIPLES
    desk.model.change(source=TripleSource("typed"))
    assert blocked(desk) is NO_WORDS
    desk.model.change(source=TripleSource("column", column="gone"))
    assert blocked(desk) is NO_COLUMN
    desk.model.change(source=TripleSource("column", column="capital of"))
    assert desk.model.state == Idle()
    desk.model.change(source=TripleSource("file", path="/nowhere/facts.tsv"))
    problem = blocked(desk)
    assert isinstance(problem, Problem)
    assert problem.text == "facts.tsv is not there any more."
    assert desk.close()


def test_typed_triples_are_judged(desk: Desk, qtbot: QtBot) -> None:
    desk.judged(qtbot)
    study = desk.model.study
    assert study is not None
    assert [one.relation.name for one in study.results] == ["has capital", "has river"]
    assert all(one.held is not None and one.held.tails.mrr() == 1 for one in study.results)
    assert desk.chosen.result is study.results[0]
    assert "100% of 12 held-out pairs" in desk.chosen.words
    assert "seed 0" in desk.chosen.how
    assert desk.model.source_words == "24 lines typed"
    assert not desk.model.is_old
    desk.model.change(scorer="map")
    assert desk.model.is_old
    assert desk.close()


def test_a_file_and_a_column_are_sources_too(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    desk.fill()
    path = tmp_path / "facts.tsv"
    path.write_text(triples(), "utf-8")
    desk.model.take_file(str(path))
    desk.settle(qtbot)
    assert desk.model.study is not None
    assert desk.model.source_words == "facts.tsv"
    desk.model.take_column("capital of")
    desk.settle(qtbot)
    (one,) = desk.model.study.results
    assert (one.relation.name, len(one.relation)) == ("capital of", PAIRS)
    assert desk.model.study.relations.named_by == "word"
    assert desk.model.source_words == "column “capital of”"
    assert desk.document.corpus is not None
    assert desk.model.text_columns == name_columns(desk.document.corpus)
    assert desk.close()


def test_what_is_wrong_with_the_triples_is_said(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.model.take_text("rook pawn")
    desk.settle(qtbot)
    assert isinstance(desk.model.state, Failed)
    assert "rook → pawn" in desk.said[-1].text
    assert desk.model.study is None
    assert desk.close()


def test_stopping_leaves_what_was_found(desk: Desk, qtbot: QtBot) -> None:
    desk.judged(qtbot)
    before = desk.model.study
    desk.model.run()
    desk.model.stop()
    desk.settle(qtbot)
    assert desk.model.study is before
    assert desk.close()


def test_each_embedding_has_a_study_of_its_own(desk: Desk, qtbot: QtBot) -> None:
    desk.judged(qtbot)
    first = desk.document.active
    assert first is not None
    study = desk.model.study
    desk.document.add_embeddings(world(seed=1)[1])
    assert desk.model.study is None
    assert desk.chosen.result is None
    desk.document.set_active(first.fingerprint)
    assert desk.model.study is study
    desk.document.set_corpus(builders.corpus(4))
    assert desk.model.study is None
    assert desk.model.settings.source is None
    assert desk.close()


def test_the_chosen_relation_leads_from_the_item_in_focus(desk: Desk, qtbot: QtBot) -> None:
    desk.judged(qtbot)
    assert desk.guesses.problem is NO_ITEM
    desk.document.set_focus(3)
    desk.settle(qtbot)
    assert not desk.guesses.guesses  # nobody looks
    desk.guesses.watch(True)
    desk.settle(qtbot)
    first, second = desk.guesses.guesses[:2]
    assert (first.name, first.known, first.rank) == ("capital 3", True, 1)
    assert not second.known
    desk.chosen.choose("has river")
    desk.settle(qtbot)
    assert desk.guesses.guesses[0].name == "river 3"
    desk.guesses.look_at_guess(desk.guesses.guesses[0].row)
    desk.settle(qtbot)
    assert desk.document.focus == 2 * PAIRS + 3
    assert desk.guesses.asked == 3  # the list stays
    desk.guesses.set_side("heads")
    desk.guesses.look_at(2 * PAIRS + 3)
    desk.settle(qtbot)
    assert desk.guesses.guesses[0].name == "country 3"
    assert desk.close()


def test_an_item_can_be_typed(desk: Desk, qtbot: QtBot) -> None:
    desk.judged(qtbot)
    desk.guesses.watch(True)
    desk.guesses.find("  Country  5 ")
    desk.settle(qtbot)
    assert desk.document.focus == 5
    assert desk.guesses.guesses[0].name == "capital 5"
    desk.guesses.find("nowhere")
    desk.settle(qtbot)
    problem = desk.guesses.problem
    assert problem is not None
    assert problem.text == "“nowhere” is not among the items."
    assert desk.close()


def test_the_offset_is_kept_as_a_direction(desk: Desk, qtbot: QtBot) -> None:
    assert desk.chosen.keep_problem() is NO_RELATION
    desk.judged(qtbot)
    desk.chosen.keep()
    desk.settle(qtbot)
    (kept,) = desk.document.directions
    assert desk.chosen.result is not None
    offset = desk.chosen.result.offset
    assert kept.title == "has capital"
    np.testing.assert_allclose(kept.vector, offset.vector / offset.length, atol=1e-5)
    assert desk.document.direction is kept
    both = [f"country {i},capital {i}\ncapital {i},country {i}" for i in range(6)]
    desk.model.take_text("\n".join(both))
    desk.settle(qtbot)
    desk.chosen.choose("related")
    assert desk.chosen.keep_problem() is NO_OFFSET
    assert desk.close()


def test_another_corpus_gets_neither_focus_nor_direction_of_the_one_before(
    desk: Desk, qtbot: QtBot
) -> None:
    desk.judged(qtbot)
    desk.chosen.keep()
    desk.guesses.find("country 5")
    desk.document.set_corpus(builders.corpus(columns={"word": ["a", "b"]}))
    desk.settle(qtbot)
    assert desk.document.directions == ()
    assert desk.document.focus is None
    assert desk.close()


def test_tables_are_copied_and_saved(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    assert desk.chosen.csv_text("relations") == ""
    assert desk.chosen.csv_text("pairs") == ""
    desk.judged(qtbot)
    relations = list(csv.DictReader(io.StringIO(desk.chosen.csv_text("relations"))))
    assert [line["relation"] for line in relations] == ["has capital", "has river"]
    path = tmp_path / "pairs.csv"
    desk.chosen.save_csv(str(path), "pairs")
    pairs = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    assert (pairs[4]["head"], pairs[4]["tail"]) == ("country 4", "capital 4")
    desk.chosen.save_csv(str(tmp_path / "pairs.csv" / "x.csv"), "relations")
    assert desk.said[-1].level == "warning"
    assert desk.close()


def test_a_project_keeps_source_and_choices(desk: Desk, qtbot: QtBot) -> None:
    desk.judged(qtbot)
    desk.model.change(scorer="map", split="unseen", tested=50, seed=7)
    desk.chosen.choose("has river")
    desk.guesses.set_side("heads")
    kept = json.loads(
        json.dumps([one.project_state() for one in (desk.model, desk.chosen, desk.guesses)])
    )
    other = Desk()
    other.fill()
    models = (other.model, other.chosen, other.guesses)
    for model, state in zip(models, kept, strict=True):
        model.restore_project_state(state)
    assert other.model.settings == desk.model.settings
    assert other.guesses.side == "heads"
    other.model.run()
    other.settle(qtbot)
    assert other.chosen.result is not None
    assert other.chosen.result.relation.name == "has river"
    for odd in ({}, {"source": {"origin": "web"}, "scorer": 3, "tested": -1, "split": None}):
        other.model.restore_project_state(odd)
        other.guesses.restore_project_state(odd)
        other.chosen.restore_project_state(odd)
    assert other.model.settings.scorer == "map"
    assert other.model.settings.source is None
    assert other.close()
    assert desk.close()


def test_arrows_follow_the_relation(desk: Desk, qtbot: QtBot) -> None:
    desk.judged(qtbot)
    arrows = desk.arrows.arrows
    assert arrows is not None
    assert arrows.words == "has capital: 12"
    assert sorted(arrows.heads.tolist()) == list(range(PAIRS))
    desk.chosen.choose("has river")
    assert desk.arrows.arrows is not None
    assert desk.arrows.arrows.title == "has river"
    desk.document.set_corpus(builders.corpus(4))
    assert desk.arrows.arrows is None
    assert desk.close()


def test_too_many_arrows_are_thinned_and_counted() -> None:
    rng = np.random.default_rng(0)
    heads = np.arange(3 * MOST)
    agreement = rng.uniform(-1, 1, 3 * MOST).astype(np.float32)
    arrows = arrows_of("many", heads, heads + 1, agreement)
    assert len(arrows.heads) == len(set(arrows.heads.tolist())) == MOST
    assert arrows.words == "many: 5,000 of 15,000 by chance"
    assert (arrows.tails == arrows.heads + 1).all()
    assert (arrows.agreement == agreement[arrows.heads]).all()
    assert (np.diff(arrows.agreement) >= 0).all()
