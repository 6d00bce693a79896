"""Word sets: chosen, copied, edited, undone, loaded, kept by a project, looked up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.history import History
from app.notices import Problem
from app.panels.association import AssociationModel
from app.panels.direction_space import SpaceModel
from app.panels.templates import TemplatesModel
from app.panels.word_edits import (
    NO_WORDS,
    with_cell,
    with_column,
    with_column_called,
    with_more,
    without,
    without_column,
)
from app.panels.word_lookup import NO_VECTORS
from app.panels.word_sets import NOT_OWN, OWN, WordSetsModel
from app.panels.word_tests import NOT_OWN_TEST, UNNAMED, parts_of
from backends.directions.shipped import shipped, sources
from backends.directions.wordsets import AssociationTest, Collection, WordSet
from backends.types import MadeBy, Roles
from tests import builders
from tests.app.bench import Bench


class Desk(Bench):
    """A document and its word sets."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History(self.document)
        self.templates = templates = TemplatesModel(self.document, self.settings)
        self.model = WordSetsModel(self.document, self.jobs, self.notices, self.history, templates)

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.model.own.sets]

    @property
    def chosen(self) -> WordSet:
        assert self.model.chosen is not None
        return self.model.chosen

    def load_words(self, *words: str) -> None:
        corpus = builders.corpus(columns={"id": list(words)}, roles=Roles(id="id"))
        made = builders.embeddings(corpus)
        made = replace(made, made_by=MadeBy("read", (corpus.fingerprint,)))
        self.document.set_corpus(corpus)
        self.document.add_embeddings(made)


@pytest.fixture
def desk(qapp: QCoreApplication) -> Desk:
    return Desk()


def test_ready_sets_are_listed_by_source_and_found_by_their_words(desk: Desk) -> None:
    assert [shelf.title for shelf in desk.model.shelves()] == [one.title for one in sources()]
    desk.model.new("terms")
    assert desk.model.shelves()[0].title == OWN
    found = {one.name for shelf in desk.model.shelves("chrysanth") for one in shelf.sets}
    assert found == set()
    found = {one.name for shelf in desk.model.shelves("HYACINTH") for one in shelf.sets}
    assert found == {"Flowers"}
    assert [shelf.title for shelf in desk.model.shelves("(us)")] == ["Occupations (US)"]


def test_a_ready_set_stays_as_it_is_and_its_copy_can_be_changed(desk: Desk) -> None:
    desk.model.choose("Gender pairs")
    desk.model.rename("mine")
    desk.model.remove()
    assert not desk.model.edit(without(desk.chosen, {0}))
    assert [notice.text for notice in desk.said] == [NOT_OWN.text]
    desk.model.copy()
    assert desk.names == ["Gender pairs (2)"]
    assert desk.chosen.own
    assert "Bolukbasi" in desk.chosen.about
    assert desk.model.edit(without(desk.chosen, {0}))
    assert len(desk.chosen) == 9
    assert len(shipped().named("Gender pairs")) == 10


def test_every_change_is_one_step_that_can_be_undone(desk: Desk) -> None:
    desk.model.new("terms", "tide, salt")
    steps = [desk.model.own]
    desk.model.edit(with_cell(desk.chosen, 1, 0, " the  reef "))
    steps.append(desk.model.own)
    desk.model.rename("  Sea ")
    steps.append(desk.model.own)
    desk.model.describe("words of the shore")
    steps.append(desk.model.own)
    desk.model.paste("gull\ndune")
    assert desk.chosen.terms == ("tide", "the reef", "gull", "dune")
    assert desk.history.undo_text == "edit “Sea”"
    for before in reversed(steps):
        desk.history.undo()
        assert desk.model.own == before
    desk.history.undo()
    assert desk.model.own == Collection()
    assert desk.model.chosen is None


def test_names_stay_unique_among_ready_and_own_sets(desk: Desk) -> None:
    desk.model.new("terms")
    desk.model.new("pairs")
    assert desk.names == ["New set", "New set (2)"]
    desk.model.rename("Flowers")
    desk.model.rename("")
    assert desk.names == ["New set", "Flowers (2)"]
    desk.model.remove()
    assert desk.names == ["New set"]
    assert desk.chosen.name == "New set"


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("pairs", "man, boy\nwoman", "“woman” is no pair."),
        ("scores", "nurse", "“nurse” is not a term with 1 number(s)."),
        ("scores", "nurse\tmany", "“many” of “nurse” is no number."),
        ("scores", " \n", NO_WORDS.text),
        ("terms", ",,\n;", NO_WORDS.text),
        ("terms", "a\0b", "What was pasted is not text."),
        (
            "terms",
            "fine\n" + "x" * 2000,
            f"“{'x' * 20}…” has 2,000 letters, and a term may have 1,000.",
        ),
    ],
)
def test_what_cannot_be_pasted_is_said(desk: Desk, kind: str, text: str, said: str) -> None:
    desk.model.new(kind)  # type: ignore[arg-type]
    desk.model.paste(text)
    assert [notice.text for notice in desk.said] == [said]
    assert len(desk.chosen) == 0


def test_pasted_text_becomes_a_set_of_its_kind(desk: Desk) -> None:
    desk.model.new_from_text("man\twoman\nboy\tgirl")
    assert desk.chosen.pairs == (("man", "woman"), ("boy", "girl"))
    desk.model.split()
    assert [one.terms for one in desk.model.own.sets[1:]] == [("man", "boy"), ("woman", "girl")]
    desk.model.new("scores", "nurse, 0.9")
    assert desk.chosen.scores == {"score": (0.9,)}


def test_edits_refuse_half_an_entry() -> None:
    pairs = WordSet("p", "pairs", pairs=(("man", "woman"),), own=True)
    assert isinstance(with_cell(pairs, 0, 1, " "), Problem)
    scores = WordSet("s", "scores", ("a",), scores={"x": (1.0,)}, own=True)
    assert isinstance(with_more(scores, [("", "2")]), Problem)
    assert with_cell(scores, 0, 1, "2.5") == WordSet(
        "s", "scores", ("a",), scores={"x": (2.5,)}, own=True
    )
    terms = WordSet("t", "terms", ("a", "b"), own=True)
    assert with_cell(terms, 0, 0, "") == WordSet("t", "terms", ("b",), own=True)


def test_tests_follow_the_sets_that_they_are_made_of(desk: Desk) -> None:
    desk.model.new("terms", "x, y")
    one = desk.chosen
    other = WordSet("o", "terms", ("z",), own=True)
    test = AssociationTest("t", (one, other), (other, other), own=True)
    desk.document.set_word_sets(Collection((one,), (test,)))
    desk.model.rename("Targets")
    assert desk.model.own.tests[0].targets[0] == desk.chosen
    desk.model.remove()
    assert desk.model.own.tests[0].targets[0].name == "Targets"


def test_files_are_loaded_and_saved(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "sea.csv").write_text("Flowers,Sea\nrose,tide\n,salt\n")
    desk.model.load([tmp_path / "sea.csv"])
    qtbot.waitUntil(lambda: bool(desk.names))
    assert desk.names == ["Flowers (2)", "Sea"]
    assert desk.said[-1].text.startswith("Loaded 2 word sets.")
    assert "“Flowers” was there already" in desk.said[-1].detail
    assert desk.history.undo_text == "load 2 word sets"
    desk.model.save(tmp_path / "all.json")
    told = json.loads((tmp_path / "all.json").read_text())
    assert [one["name"] for one in told["sets"]] == ["Flowers (2)", "Sea"]
    desk.model.save(tmp_path / "one.csv", desk.model.own.sets[1])
    assert (tmp_path / "one.csv").read_text() == "set,term\nSea,tide\nSea,salt\n"
    (tmp_path / "bad.json").write_text("{")
    desk.model.load([tmp_path / "bad.json"])
    qtbot.waitUntil(lambda: "bad.json" in desk.said[-1].text)
    assert len(desk.names) == 2


def test_a_project_keeps_own_sets_and_tests(desk: Desk) -> None:
    desk.model.new("terms", "tide, salt")
    one = desk.chosen
    test = AssociationTest("t", (one, one), (one, one), published={"d": 0.5}, own=True)
    desk.document.set_word_sets(Collection((one,), (test,)))
    made = desk.model.hand_made
    state = json.loads(json.dumps(desk.model.project_state()))
    desk.document.set_word_sets(Collection())
    assert desk.model.hand_made != made
    desk.model.restore_project_state(state)
    assert desk.model.hand_made == made
    state["own"]["sets"].append({"name": "broken", "kind": "odd"})
    state["own"]["tests"].append({"name": "broken", "targets": ["none", "none"]})
    desk.model.restore_project_state(state)
    assert desk.model.hand_made == made
    assert desk.said[-1].text.startswith("2 word sets or tests")
    desk.model.restore_project_state({})
    assert desk.model.own == Collection()


def test_words_are_looked_up_in_the_active_vectors(desk: Desk, qtbot: QtBot) -> None:
    desk.model.new_from_text("man\twoman\nboy\tgirl\nking\tqueen")
    assert desk.model.lookup.marks.words == NO_VECTORS
    desk.load_words("man", "Woman", "boy", "girl")
    marks = desk.model.lookup
    qtbot.waitUntil(lambda: "found" in marks.marks.words)
    said = "2 of 3 found, 1 in another spelling; 1 is not among the items."
    assert marks.marks.words == said
    assert marks.marks.of("boy", "girl") == ("found", "found")
    assert marks.marks.of("man", "woman") == ("spelled", "found as Woman")
    assert marks.marks.of("king", "queen")[1] == "king and queen: not among the items"
    desk.model.edit(without(desk.chosen, {2}))
    qtbot.waitUntil(lambda: marks.marks.words.startswith("2 of 2"))
    desk.document.set_corpus(None)
    assert marks.marks.words == NO_VECTORS
    assert desk.close()


def test_an_encoder_takes_any_word(desk: Desk, qtbot: QtBot) -> None:
    builders.fill(desk.document)
    desk.model.choose("Gender pairs")
    qtbot.waitUntil(lambda: "any word" in desk.model.lookup.marks.words)
    assert desk.model.lookup.marks.words.endswith("in 5 templates.")
    assert desk.close()


def test_removing_a_set_says_which_test_keeps_its_copy(desk: Desk, qtbot: QtBot) -> None:
    desk.model.new_from_text("ant\nbee")
    one = desk.chosen
    other = replace(one, name="B", terms=("rose", "lily"))
    test = AssociationTest("Mine", (one, other), (other, one), own=True)
    desk.document.set_word_sets(Collection((one,), (test,)))
    with qtbot.waitSignal(desk.notices.posted) as said:
        desk.model.remove()
    assert said.args[0].text == f"The test “Mine” keeps its copy of “{one.name}”."
    assert desk.model.own.tests == (test,)
    desk.history.undo()
    assert desk.model.own == Collection((one,), (test,))


def test_tests_are_renamed_copied_removed_and_the_page_of_tests_follows(desk: Desk) -> None:
    tests = desk.model.tests
    ready = tests.all[0]
    desk.model.choose("Flowers")
    desk.model.choose_test(ready.name)
    assert desk.model.chosen is None
    tests.rename("mine")
    tests.remove()
    assert [notice.text for notice in desk.said] == [NOT_OWN_TEST.text] * 2
    tests.copy()
    assert tests.chosen is not None
    assert tests.chosen.own
    assert tests.chosen.published == ready.published
    space = SpaceModel(desk.document, desk.jobs, desk.notices, desk.templates)
    page = AssociationModel(
        desk.document, desk.jobs, desk.notices, desk.history, desk.settings, space
    )
    page.choose([tests.chosen.name], on=True)
    page.look_at(tests.chosen.name)
    before = tests.chosen.name
    tests.rename("  My \t test ")
    assert "My test" in (page.settings.tests or ())
    assert page.looked_at == tests.chosen
    desk.history.undo()
    assert before in (page.settings.tests or ())
    assert tests.chosen.name == before
    desk.history.redo()
    tests.rename(ready.name)
    assert tests.chosen.name == before  # the free name
    assert ready.name in desk.said[-1].text
    tests.rename(" ")
    assert desk.said[-1].text == UNNAMED.text
    tests.remove()
    assert tests.chosen is None
    assert tests.own == ()
    desk.history.undo()
    assert [one.name for one in tests.own] == [before]


def test_an_own_test_takes_other_sets_and_other_words(desk: Desk) -> None:
    tests = desk.model.tests
    desk.model.choose_test(tests.all[0].name)
    tests.copy()
    flowers, insects, pleasant, _ = parts_of(tests.own[0])
    assert not tests.set_part(0, insects)
    assert "the same" in desk.said[-1].text
    assert tests.own[0].published
    assert tests.set_part(0, shipped().named("Instruments"))
    assert tests.own[0].targets[0].name == "Instruments"
    assert not tests.own[0].published  # they were of other words
    desk.history.undo()
    assert tests.own[0].targets[0] == flowers
    assert tests.own[0].published
    desk.model.edit_part(2)
    assert desk.chosen.name == "Pleasant (2)"
    assert desk.chosen.own
    assert tests.own[0].published  # the same words still
    assert desk.model.edit(without(desk.chosen, {0}))
    assert tests.own[0].attributes[0].terms == pleasant.terms[1:]
    assert not tests.own[0].published
    desk.model.rename("Nice")
    assert tests.own[0].attributes[0].name == "Nice"


def test_a_project_and_a_file_keep_a_test_without_making_own_sets_of_ready_ones(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    desk.model.choose_test(desk.model.tests.all[0].name)
    desk.model.tests.copy()
    desk.model.new("terms", "a\nb")
    own = desk.model.own
    state = json.loads(json.dumps(desk.model.project_state()))
    other = Desk()
    other.model.restore_project_state(state)
    assert other.model.own == own
    desk.model.save(tmp_path / "test.json", own.tests[0])
    with qtbot.waitSignal(other.model.changed):
        other.model.load([tmp_path / "test.json"])
    assert other.model.own.sets == own.sets
    assert len(other.model.own.tests) == 2
    assert parts_of(other.model.own.tests[1]) == parts_of(own.tests[0])
    assert other.model.tests.chosen == other.model.own.tests[1]


def test_columns_of_numbers_come_are_called_otherwise_and_go(desk: Desk) -> None:
    desk.model.new("terms", "nurse\ncarpenter")
    assert desk.model.edit(with_column(desk.chosen, " share  of women "))
    assert desk.chosen.kind == "scores"
    assert dict(desk.chosen.scores) == {"share of women": (0.0, 0.0)}
    assert desk.model.edit(with_column(desk.chosen, "pay"))
    assert desk.model.edit(with_column_called(desk.chosen, "share of women", "share"))
    assert list(desk.chosen.scores) == ["share", "pay"]
    for name in ("", "PAY", "Term", "about"):
        assert not desk.model.edit(with_column(desk.chosen, name))
        assert not desk.model.edit(with_column_called(desk.chosen, "share", name))
    assert list(desk.chosen.scores) == ["share", "pay"]
    desk.model.paste("Term\tShare\tpay\nmason\t0.5\t3")  # with the names of columns
    assert desk.chosen.terms == ("nurse", "carpenter", "mason")
    assert desk.model.edit(without_column(desk.chosen, "share"))
    assert desk.model.edit(without_column(desk.chosen, "pay"))
    assert desk.chosen.kind == "terms"
    assert desk.chosen.terms == ("nurse", "carpenter", "mason")
    desk.history.undo()
    assert dict(desk.chosen.scores) == {"pay": (0.0, 0.0, 3.0)}


def test_names_that_are_empty_or_taken_are_said(desk: Desk) -> None:
    desk.model.new("terms", "a\nb")
    desk.model.rename("  ")
    desk.model.rename("Flowers")
    assert [notice.text for notice in desk.said] == [
        "A word set needs a name.",
        "There is a set “Flowers” already, so this one is “Flowers (2)”.",
    ]
    assert desk.chosen.name == "Flowers (2)"


def test_a_clipboard_of_a_hundred_thousand_lines_is_taken_whole(desk: Desk) -> None:
    words = [f"word{number}" for number in range(100_000)]
    desk.model.new_from_text("\n".join(words))
    assert list(desk.chosen.terms) == words
