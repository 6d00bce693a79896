"""The page “Change” without its view: parameters, files, encoded words, what a project keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.notices import Notice, Problem
from app.panels.change_choices import NO_ITEMS
from app.panels.change_settings import SELECTION
from app.panels.direction_change import NO_SELECTION, Changed, ChangeModel
from app.panels.state import Failed, Idle
from backends import cache
from backends.arrays import unit_rows
from backends.directions.base import Direction, Space
from backends.directions.erasing.preparing import EraseRequest
from backends.directions.erasing.registry import ERASERS
from backends.directions.registry import SelectionsGiven, SetsGiven, find_direction
from backends.directions.wordsets import Collection, WordSet
from backends.embed import EmbedRequest, embed, encode_query
from backends.parameters import parameters_of
from backends.selection import select
from tests import builders
from tests.backends.directions.erasing.test_making import TEXTS
from tests.backends.directions.erasing.words import PAIRS, gender, world

LONG = 60_000


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def said(app: Application) -> list[Notice]:
    notices: list[Notice] = []
    app.notices.posted.connect(notices.append)
    return notices


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    path = tmp_path / "alike.tsv"
    path.write_text("n1\tn2\t9\nn1\tn190\t1\nn3\tn5\t8\nn4\tn150\t2\n", "utf-8")
    return path


def words(app: Application) -> Direction:
    where = world(200)
    app.document.set_corpus(where.corpus)
    app.document.add_embeddings(where.embeddings)
    direction = gender(where)
    app.directions.list.keep(direction)
    return direction


def texts(app: Application) -> Direction:
    corpus = builders.corpus(columns={"text": TEXTS})
    app.document.set_corpus(corpus)
    app.document.add_embeddings(embed(EmbedRequest(corpus, "lexical")))
    space = model_space(app)
    direction = find_direction(space, "sets", SetsGiven(("tide",), ("dune",)), "difference")
    app.directions.list.keep(direction)
    return direction


def model_space(app: Application) -> Space:
    space = app.directions.space.space
    assert space is not None
    return space


def wait(app: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)


def done(app: Application, qtbot: QtBot) -> Changed:
    app.directions.change.run()
    wait(app, qtbot)
    result = app.directions.change.result
    assert result is not None
    return result


def request_of(model: ChangeModel) -> EraseRequest:
    planned = model.plan()
    assert isinstance(planned, tuple)
    return planned[0]


def test_each_method_keeps_its_own_parameters_and_the_run_takes_them(app: Application) -> None:
    words(app)
    model = app.directions.change
    for method, spec in ERASERS.items():
        model.change(method=method)
        assert request_of(model).params == spec.params() if not spec.needs_pairs else True  # type: ignore[misc]
        for one in parameters_of(spec.params):
            model.change_value(one.name, one.high)
    model.change(seed=5)
    for method, spec in ERASERS.items():
        model.change(method=method)
        for one in parameters_of(spec.params):
            assert getattr(request_of(model).params, one.name) == one.high
        if method in ("soft", "inlp"):
            assert request_of(model).params.seed == 5


def test_a_parameter_stands_in_the_recipe(app: Application, qtbot: QtBot) -> None:
    words(app)
    app.directions.change.change(method="inlp")
    app.directions.change.change_value("rounds", 2)
    made_by = done(app, qtbot).erased.embeddings.made_by
    assert made_by.params["params"] == {"rounds": 2, "margin": 0.01, "seed": 0}
    assert done(app, qtbot).erased.erasure.rank <= 2


def test_files_are_scored_before_and_after_and_bad_ones_are_said(
    app: Application, qtbot: QtBot, said: list[Notice], judged: Path, tmp_path: Path
) -> None:
    words(app)
    bad = tmp_path / "bad.txt"
    bad.write_text("one two three four five six\n", "utf-8")
    files = app.directions.change.files
    files.add([judged, bad, tmp_path / "none.txt"])
    wait(app, qtbot)
    assert [one.path for one in files.chosen] == [judged]
    assert [notice.level for notice in said] == ["warning", "warning"]
    judged.unlink()  # it has been read
    verdict = done(app, qtbot).verdict
    for state in (verdict.before, verdict.after):
        assert [(check.title, check.n) for check in state.checks] == [("alike.tsv", 4)]
    units = unit_rows(np.asarray(model_space(app).embeddings.vectors))
    rows = model_space(app).terms.look_up(("n1", "n2", "n190", "n3", "n5", "n4", "n150")).rows
    cosines = [float(units[rows[i]] @ units[rows[j]]) for i, j in ((0, 1), (0, 2), (3, 4), (5, 6))]
    expected = np.corrcoef(np.argsort(np.argsort(cosines)), (3, 0, 2, 1))[0, 1]
    assert verdict.before.checks[0].score == pytest.approx(expected)
    files.remove(judged)
    assert not done(app, qtbot).verdict.after.checks


def test_files_of_word_checks_can_be_taken(app: Application, qtbot: QtBot, judged: Path) -> None:
    files = app.directions.change.files
    app.directions.checks.add([judged])
    wait(app, qtbot)
    assert [one.path for one in files.offered] == [judged]
    files.take_offered()
    assert (len(files.files), files.offered) == (1, ())


def test_encoded_neutral_words_go_through_the_same_map(app: Application, qtbot: QtBot) -> None:
    direction = texts(app)
    own = Collection((WordSet("sea", "terms", terms=("salt", "tide", "zzz")),))
    app.document.set_word_sets(own)
    model = app.directions.change
    model.change(method="neutralise", neutral="sea")
    verdict = done(app, qtbot).verdict
    space = model_space(app)
    found = space.terms.look_up(("salt", "tide"))
    slow = [abs(float(unit @ direction.basis[0])) for unit in found.units]
    assert verdict.before.direct_bias == pytest.approx(np.mean(slow), abs=1e-6)
    assert verdict.after.direct_bias < 1e-5
    assert (verdict.before.bias_n, verdict.before.bias_of) == (2, "word")
    assert [one.term for one in verdict.after.lost] == ["zzz"]
    assert "2 words" in verdict.words


def test_encoded_words_are_neither_kept_nor_equalised_but_items_are(
    app: Application, qtbot: QtBot
) -> None:
    texts(app)
    model = app.directions.change
    lists, pairs = model.choices.lists[0].name, model.choices.pair_sets[0].name
    model.change(specific=lists, pairs=pairs)  # as chosen for word vectors before
    request = request_of(model)
    assert (request.kept, request.pairs) == ((), ())
    model.change(method="equalise")
    assert model.plan() is NO_ITEMS
    model.change(method="neutralise", specific=SELECTION)
    assert model.plan() is NO_SELECTION
    app.document.set_selection(select((3, 5), "by hand"))
    changed = done(app, qtbot).erased.embeddings
    active = app.document.active
    assert active is not None
    same = (np.asarray(changed.vectors) == active.vectors).all(axis=1)
    assert np.flatnonzero(same).tolist() == [3, 5]


def test_a_set_that_is_removed_is_left_out_and_that_is_said(
    app: Application, said: list[Notice]
) -> None:
    words(app)
    app.document.set_word_sets(Collection((WordSet("mine", "terms", terms=("n1", "n2")),)))
    app.directions.change.change(neutral="mine")
    app.document.set_word_sets(Collection())
    assert app.directions.change.settings.neutral == ""
    assert any("“mine” is there no more" in notice.text for notice in said)


def test_a_project_brings_everything_back(
    app: Application, qtbot: QtBot, said: list[Notice], judged: Path, tmp_path: Path
) -> None:
    words(app)
    model = app.directions.change
    own = WordSet("mine", "terms", terms=("n1", "n2"))
    app.document.set_word_sets(Collection((own,)))
    model.files.add([judged])
    wait(app, qtbot)
    model.change(method="soft", neutral="mine", specific=SELECTION, training=0.3, seed=9)
    model.change_value("weight", 0.75)
    model.change(direction=model.choices.directions[0].fingerprint, method="leace")
    kept = model.settings
    app.session.save(tmp_path / "a.embedscope")
    wait(app, qtbot)
    model.change(method="hard", neutral="", specific="", training=0.5, seed=0, values={})
    model.files.clear()
    app.session.open(tmp_path / "a.embedscope")
    wait(app, qtbot)
    assert model.settings == kept
    assert [one.path for one in model.files.chosen] == [judged]
    assert not said


def test_what_a_project_names_and_is_not_there_is_said(
    app: Application, qtbot: QtBot, said: list[Notice], tmp_path: Path
) -> None:
    words(app)
    model = app.directions.change
    state = {
        "direction": "gone",
        "method": "magic",
        "neutral": "lost words",
        "test": 7,
        "training": 3.0,
        "seed": -1,
        "values": {"soft": {"weight": "much", "steps": 20}, "inlp": [], "none": {"a": 1}},
        "files": [str(tmp_path / "none.txt"), 5],
    }
    model.restore_project_state(json.loads(json.dumps(state)))
    wait(app, qtbot)
    chosen = model.settings
    assert (chosen.direction, chosen.method, chosen.neutral, chosen.test) == ("", "hard", "", "")
    assert (chosen.training, chosen.seed, chosen.values) == (0.5, 0, {"soft": {"steps": 20}})
    for words_ in ("magic", "its direction", "lost words", "“weight” of Soft debias"):
        assert words_ in said[0].text
    assert "none.txt" in said[1].text
    assert not model.files.chosen


def test_changed_vectors_that_are_active_are_so_after_reopening(
    app: Application, qtbot: QtBot, said: list[Notice], tmp_path: Path
) -> None:
    texts(app)
    app.directions.change.change(method="neutralise")
    changed = done(app, qtbot).erased.embeddings
    app.directions.change.use()
    wait(app, qtbot)
    space = model_space(app)
    again = find_direction(space, "sets", SetsGiven(("salt",), ("reef",)), "difference")
    app.directions.list.keep(again)
    listed = [(one.title, one.fingerprint) for one in app.document.directions]
    corpus = app.document.corpus
    assert corpus is not None
    asked = encode_query(corpus, changed, "salt tide")
    app.session.save(tmp_path / "a.embedscope")
    wait(app, qtbot)
    app.document.set_corpus(None)
    # As on another computer: nothing of the cache is there.
    for part in ("embeddings", "projections"):
        for folder in cache.cache_root().glob(f"{part}/*"):
            for file in folder.iterdir():
                file.unlink()
    app.session.open(tmp_path / "a.embedscope")
    wait(app, qtbot)
    active = app.document.active
    assert active is not None
    assert active.fingerprint == changed.fingerprint
    assert active.made_by == changed.made_by
    assert active.title == changed.title
    assert np.array_equal(active.vectors, changed.vectors)
    assert active.made_by.base is not None
    assert [(one.title, one.fingerprint) for one in app.document.directions] == listed
    assert app.directions.change.choices.directions == (app.document.direction,)
    assert encode_query(corpus, active, "salt tide") == pytest.approx(asked)
    assert len(app.document.embeddings) == 2
    problem = app.directions.change.plan()
    assert not isinstance(problem, Problem)
    assert not [notice for notice in said if notice.level != "info"]


def test_words_that_pair_and_are_neutral_at_once_cost_no_run(
    app: Application, qtbot: QtBot
) -> None:
    words(app)
    pairs = WordSet("pairs", "pairs", pairs=(*PAIRS, ("he", "n1"), ("n2", "n2")))
    lists = WordSet("both", "terms", terms=("he", "she", "n2", "n3"))
    one = WordSet("one", "terms", terms=("n7",))
    app.document.set_word_sets(Collection((pairs, lists, one)))
    model = app.directions.change
    for neutral in ("both", "one"):
        model.change(method="hard", specific="both", pairs="pairs", neutral=neutral)
        model.run()
        wait(app, qtbot)
    assert model.result is not None
    assert model.result.verdict.after.bias_n == 1
    assert "on 1 item." in model.result.verdict.words
    assert any("n2" in lost.term for lost in model.result.erased.prepared.lost)


def test_a_direction_between_single_items_leaves_a_verdict_without_residual(
    app: Application, qtbot: QtBot
) -> None:
    where = world(200)
    app.document.set_corpus(where.corpus)
    app.document.add_embeddings(where.embeddings)
    given = SelectionsGiven(select((3,), "a"), select((40,), "b"))
    app.directions.list.keep(find_direction(where, "selections", given, "difference"))
    verdict = done(app, qtbot).verdict
    assert verdict.after.residual is None
    assert "too few items to see" in verdict.words


def test_a_set_without_words_is_not_taken_for_all_items(app: Application) -> None:
    words(app)
    empty = WordSet("bare", "terms"), WordSet("no pairs", "pairs")
    app.document.set_word_sets(Collection(empty))
    model = app.directions.change
    for name, value in (("neutral", "bare"), ("specific", "bare"), ("pairs", "no pairs")):
        model.change(**{name: value})
        assert model.plan() == Problem(f"“{value}” holds nothing.", "Choose another set.")
        model.change(**{name: ""})
    model.change(pairs="no pairs", method="leace")  # which takes none
    assert not isinstance(model.plan(), Problem)


def test_neutral_words_that_the_encoder_does_not_know_are_said(
    app: Application, qtbot: QtBot, said: list[Notice]
) -> None:
    texts(app)
    app.document.set_word_sets(Collection((WordSet("odd", "terms", terms=("zzz",)),)))
    app.directions.change.change(method="neutralise", neutral="odd")
    app.directions.change.run()
    wait(app, qtbot)
    assert [notice.text for notice in said] == ["The encoder knows none of the neutral words."]


def test_opening_a_project_forgets_the_failure_before(app: Application, qtbot: QtBot) -> None:
    texts(app)
    app.document.set_word_sets(Collection((WordSet("odd", "terms", terms=("zzz",)),)))
    model = app.directions.change
    kept = model.project_state()
    model.change(method="neutralise", neutral="odd")
    model.run()
    wait(app, qtbot)
    assert isinstance(model.state, Failed)
    model.restore_project_state(json.loads(json.dumps(kept)))
    assert model.state == Idle()
