"""Neighbours of an item or a text: problems as data, answers against plain cosines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pytestqt.qtbot import QtBot

from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.neighbours import (
    NO_CORPUS,
    NO_ENCODER,
    NO_ROW,
    NO_VECTOR,
    NO_VECTORS,
    NOTHING_NEAR,
    NeighboursModel,
    Question,
    plan,
)
from backends.embed import EmbedRequest, embed
from backends.types import Corpus, Embeddings
from tests.subsets import corpus_of, embeddings_of

ANIMALS = ("cat", "dog", "horse", "cow", "sheep", "goat")
PLACES = ("house", "garden", "field", "river", "town")
TEXTS = [f"the {animal} sleeps in the {place}" for animal in ANIMALS for place in PLACES]


def texts_corpus() -> Corpus:
    return corpus_of(pa.table({"text": [*TEXTS, ""], "n": range(len(TEXTS) + 1)}))


class Bench:
    """A model with everything that it needs, and texts that are embedded without weights."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.document = Document()
        self.jobs = Jobs()
        self.history = History(self.document)
        self.model = NeighboursModel(self.document, self.jobs, Notices(), self.history)
        self.corpus = texts_corpus()

    def load(self, embeddings: Embeddings | None = None) -> None:
        self.document.set_corpus(self.corpus)
        if embeddings is None:
            embeddings = embed(EmbedRequest(self.corpus, "lexical"))
        self.document.add_embeddings(embeddings)

    def look_at(self, row: int) -> None:
        with self.qtbot.waitSignal(self.document.hits_changed):
            self.document.set_focus(row)

    def ask(self, text: str) -> None:
        with self.qtbot.waitSignal(self.document.hits_changed):
            self.model.ask_text(text)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    assert made.jobs.close(5)


def cosines(embeddings: Embeddings, row: int) -> np.ndarray[Any, Any]:
    vectors = embeddings.vectors.astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1)
    lengths[lengths == 0] = 1
    return (vectors @ vectors[row]) / (lengths * lengths[row])


def test_neighbours_of_an_item_are_the_nearest_others(bench: Bench) -> None:
    bench.load()
    bench.look_at(7)
    hits = bench.model.state.hits
    expected = cosines(bench.document.active, 7)
    others = [row for row in range(len(TEXTS)) if row != 7]
    best = sorted((expected[row] for row in others), reverse=True)[:20]
    assert hits.similarities == pytest.approx(best, abs=1e-5)
    assert hits.similarities == pytest.approx(expected[hits.rows], abs=1e-5)
    assert 7 not in hits.rows
    assert bench.document.hits is hits


def test_a_text_finds_what_it_says(bench: Bench) -> None:
    bench.load()
    bench.model.change(k=3)
    bench.ask("a goat in the river")
    assert TEXTS[int(bench.model.state.hits.rows[0])] == "the goat sleeps in the river"
    assert len(bench.model.state.hits) == 3
    assert bench.model.state.hits.title == "“a goat in the river”"
    assert bench.model.hit_rows[0].text == "the goat sleeps in the river"


def test_a_visited_hit_leaves_the_list_and_a_clicked_item_asks_anew(bench: Bench) -> None:
    bench.load()
    bench.ask("horse")
    hits = bench.model.state.hits
    bench.model.visit(int(hits.rows[1]))
    assert bench.document.focus == hits.rows[1]
    assert bench.document.hits is hits
    with bench.qtbot.waitSignal(bench.document.hits_changed):
        bench.model.ask_row(int(hits.rows[1]))
    assert bench.document.hits.row == hits.rows[1]
    bench.look_at(0)
    assert bench.document.hits.row == 0


def test_the_smallest_similarity_hides_hits_at_once_and_brings_them_back(bench: Bench) -> None:
    bench.load()
    bench.look_at(7)
    all_hits = bench.model.state.hits
    bench.model.change(minimum=0.5)
    near = all_hits.similarities >= 0.5
    assert 0 < near.sum() < len(near)
    assert bench.document.hits.rows.tolist() == all_hits.rows[near].tolist()
    assert bench.model.state.left_out == np.count_nonzero(~near)
    bench.model.change(minimum=0.999)
    assert bench.model.state.problem is NOTHING_NEAR
    bench.model.change(minimum=-1.0)
    assert bench.document.hits.rows.tolist() == all_hits.rows.tolist()


def test_another_number_of_neighbours_asks_anew_within_bounds(bench: Bench) -> None:
    bench.load()
    bench.look_at(7)
    with bench.qtbot.waitSignal(bench.document.hits_changed):
        bench.model.change(k=5)
    assert len(bench.document.hits) == 5
    bench.model.change(k=10_000)
    assert bench.model.settings.k == 200


def test_an_empty_text_goes_back_to_the_item(bench: Bench) -> None:
    bench.load()
    bench.look_at(3)
    bench.ask("horse")
    with bench.qtbot.waitSignal(bench.document.hits_changed):
        bench.model.ask_text("  ")
    assert bench.document.hits.row == 3
    assert bench.model.recent == ("horse",)


def test_the_same_question_is_asked_of_other_embeddings(bench: Bench) -> None:
    bench.load()
    bench.look_at(7)
    other = replace(embeddings_of(bench.corpus, dim=6), encoder="lexical")
    with bench.qtbot.waitSignals([bench.document.hits_changed] * 2):
        bench.document.add_embeddings(other)
    assert bench.document.hits.embeddings == other.fingerprint
    assert bench.document.hits.row == 7


def test_part_of_the_vectors_is_enough_and_grows(bench: Bench) -> None:
    whole = embed(EmbedRequest(bench.corpus, "lexical"))
    present = whole.present & (np.arange(len(whole)) < 10)
    made_by = replace(whole.made_by, params={**whole.made_by.params, "part": 10})
    bench.load(replace(whole, present=present, made_by=made_by))
    bench.look_at(7)
    assert set(bench.document.hits.rows.tolist()) <= set(range(10)) - {7}
    with bench.qtbot.waitSignal(bench.document.hits_changed):
        bench.document.add_embeddings(whole, replaces=made_by.fingerprint)
    assert bench.document.hits.embeddings == whole.fingerprint
    assert len(bench.document.hits) == 20


def test_the_hits_can_be_selected_and_that_can_be_undone(bench: Bench) -> None:
    bench.load()
    bench.look_at(7)
    bench.model.select_hits()
    selection = bench.document.selection
    assert selection.rows.tolist() == sorted(bench.document.hits.rows.tolist())
    assert selection.words == "20 nearest to row 7"
    assert selection.description["kind"] == "nearest"
    assert (selection.description["row"], selection.description["k"]) == (7, 20)
    bench.history.undo()
    assert len(bench.document.selection) == 0


def test_what_stands_in_the_way_is_data() -> None:
    corpus = texts_corpus()
    found = embeddings_of(corpus)
    absent = int(np.flatnonzero(~found.present)[0])
    assert plan(None, None, None, 20) is NO_CORPUS
    assert plan(corpus, None, Question(row=1), 20) is NO_VECTORS
    assert plan(corpus, found, None, 20) is NO_ROW  # no text can be typed
    assert plan(corpus, found, Question(row=absent), 20) is NO_VECTOR
    assert plan(corpus, found, Question(text="words"), 20) is NO_ENCODER
    assert plan(corpus, found, Question(row=0), 5).k == 5


def test_finished_vectors_have_neighbours_but_cannot_be_searched_by_text(bench: Bench) -> None:
    bench.load(embeddings_of(bench.corpus))
    bench.look_at(0)
    assert len(bench.document.hits) == 20
    assert bench.model.can_search is NO_ENCODER
    bench.model.ask_text("horse")
    assert bench.model.state.problem is NO_ENCODER
    assert bench.document.hits is None


def test_a_failure_that_a_person_can_mend_is_a_problem(bench: Bench) -> None:
    gone = replace(embeddings_of(bench.corpus), encoder="a model that is gone")
    bench.load(gone)
    with bench.qtbot.waitSignal(
        bench.model.state_changed, check_params_cb=lambda state: not state.busy
    ):
        bench.model.ask_text("horse")
    assert bench.model.state.problem.text
    assert bench.model.state.problem.hint


def test_another_corpus_drops_question_and_hits(bench: Bench) -> None:
    bench.load()
    bench.look_at(7)
    bench.document.set_corpus(texts_corpus())
    assert bench.document.hits is None
    assert bench.model.state.problem is NO_VECTORS
    bench.document.set_corpus(None)
    assert bench.model.state.problem is NO_CORPUS


def test_the_item_looked_at_is_told_with_all_its_columns(bench: Bench) -> None:
    bench.load()
    assert bench.model.detail is None
    bench.look_at(4)
    detail = bench.model.detail
    assert detail.text == TEXTS[4]
    assert detail.fields == (("n", "4"),)


def test_an_endless_text_is_cut_and_says_so(bench: Bench) -> None:
    bench.document.set_corpus(corpus_of(pa.table({"text": ["x" * 5_000_000]})))
    bench.document.set_focus(0)
    assert len(bench.model.detail.text) < 21_000
    assert bench.model.detail.text.endswith("(5,000,000 letters in all)")


def test_hits_as_text_have_one_line_each(bench: Bench) -> None:
    bench.load()
    bench.look_at(7)
    lines = bench.model.hits_text().splitlines()
    assert lines[0] == "rank\trow\tsimilarity\ttext"
    assert len(lines) == 21
    first = bench.model.hit_rows[0]
    assert lines[1] == f"1\t{first.row}\t{first.similarity:.4f}\t{first.text}"


def test_what_a_project_keeps_comes_back(bench: Bench) -> None:
    bench.model.change(k=7, minimum=0.25)
    bench.load()
    bench.ask("horse")
    kept = bench.model.project_state()
    bench.model.change(k=20, minimum=-1.0)
    bench.model.restore_project_state({"k": "many", "minimum": 7, "recent": 3})
    assert bench.model.settings.k == 20
    bench.model.restore_project_state(kept)
    assert bench.model.project_state() == kept == {"k": 7, "minimum": 0.25, "recent": ["horse"]}


def test_hits_that_wait_for_the_next_answer_are_selected_as_what_they_are(bench: Bench) -> None:
    bench.load()
    bench.look_at(7)
    before = bench.document.hits.rows.tolist()
    bench.model.ask_text("the cow sleeps")  # not answered yet: the old hits stand
    bench.model.select_hits()
    selection = bench.document.selection
    assert selection.rows.tolist() == sorted(before)
    assert (selection.words, selection.description["row"]) == ("20 nearest to row 7", 7)


def test_a_new_smallest_similarity_does_not_end_the_wait(bench: Bench) -> None:
    bench.load()
    bench.look_at(7)
    bench.model.ask_text("the cow sleeps")
    bench.model.change(minimum=0.0)
    assert bench.model.state.busy


def test_hits_of_other_vectors_do_not_come_back(bench: Bench) -> None:
    bench.load()
    bench.look_at(7)
    bench.document.add_embeddings(embeddings_of(bench.corpus))  # asks them; not answered yet
    bench.model.change(minimum=0.0)
    assert bench.document.hits is None
