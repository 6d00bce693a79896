"""What a direction says of the items: extremes, groups, bias, two axes, questions, columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.panels import direction_look as looking
from app.panels.direction_asking import NO_ENDS, NO_REFERENCE, read_reference
from app.panels.direction_axes import NO_OTHER
from app.panels.direction_tables import (
    along_table,
    analogies_table,
    bias_words,
    csv_text,
    ends_table,
    evidence_table,
    plane_table,
    shares_table,
    spread_table,
    tab_text,
)
from backends.directions.base import Direction, Evidence, PairFit
from backends.directions.evidence_words import facts_of
from backends.directions.taking import find_items
from backends.directions.wordsets import Collection, WordSet
from backends.errors import BackendError
from backends.types import MadeBy
from tests import builders, directions
from tests.directions import JOBS, LEANING, WORDS, settle


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def looked(app: Application, qtbot: QtBot) -> Direction:
    """A direction that somebody looks at."""
    directions.fill(app)
    app.directions.look.watch(True)
    return directions.found(app, qtbot)


def cosines(app: Application, direction: Direction) -> np.ndarray:
    active = app.document.active
    assert active is not None
    lengths = np.linalg.norm(active.vectors, axis=1)
    return np.array(active.vectors @ direction.vector / lengths)


def test_it_says_why_nothing_is_looked_at(app: Application, qtbot: QtBot) -> None:
    look = app.directions.look
    assert look.problem is looking.NO_CORPUS
    app.document.set_corpus(directions.corpus())
    assert look.problem is looking.NO_VECTORS
    first = directions.vectors()
    app.document.add_embeddings(first)
    assert look.problem is looking.NO_DIRECTION
    directions.found(app, qtbot)
    assert look.problem is None
    other = directions.vectors(seed=1)
    app.document.add_embeddings(other)
    assert look.problem is looking.ELSEWHERE
    assert look.direction is None
    app.document.set_active(first.fingerprint)
    app.document.set_direction(None)
    assert look.problem is looking.NOT_CHOSEN


def test_nothing_is_computed_before_somebody_looks(app: Application, qtbot: QtBot) -> None:
    directions.fill(app)
    direction = directions.found(app, qtbot)
    look = app.directions.look
    assert look.looked.answer is None
    look.watch(True)
    settle(app, qtbot)
    assert look.values is not None
    np.testing.assert_allclose(look.values, cosines(app, direction), atol=1e-6)


def test_the_extremes_are_those_of_all_values(
    app: Application, looked: Direction, qtbot: QtBot
) -> None:
    look = app.directions.look
    look.change(shown=4)
    settle(app, qtbot)
    ends = look.ends.answer
    assert ends is not None
    order = np.argsort(cosines(app, looked))
    assert ends.negative == tuple(WORDS[row] for row in order[:4])
    assert ends.positive == tuple(WORDS[row] for row in order[::-1][:4])
    directions.choose(app, *JOBS)
    look.change(among="selection")
    settle(app, qtbot)
    assert look.ends.answer is not None
    assert look.ends.answer.positive[0] == "nurse"
    assert look.ends.answer.negative[0] == "doctor"
    directions.choose(app, "nurse", "baker")
    settle(app, qtbot)
    assert look.ends.answer is not None
    assert look.ends.answer.negative == ("baker",)
    look.select_end(positive=True)
    assert [WORDS[row] for row in app.document.selection.rows] == ["nurse"]
    assert "1 items towards she" in app.document.selection.words


def test_groups_are_compared_in_the_same_bins(
    app: Application, looked: Direction, qtbot: QtBot
) -> None:
    look = app.directions.look
    assert look.spread.answer is not None
    assert look.spread.answer.titles == ("all items",)
    assert look.spread.answer.counts.sum() == len(WORDS)
    look.change(groups="selection")
    assert look.spread.problem is looking.NO_SELECTION
    directions.choose(app, *JOBS)
    settle(app, qtbot)
    assert look.spread.answer is not None
    assert look.spread.answer.sizes == (len(JOBS), len(WORDS) - len(JOBS))
    look.change(groups="column", column="kind")
    settle(app, qtbot)
    assert look.spread.answer.titles == ("thing", "person", "job")
    jobs = WordSet("jobs", "terms", (*JOBS, "smith"), own=True)
    app.document.set_word_sets(Collection((jobs,)))
    look.change(groups="sets", sets=("jobs",))
    settle(app, qtbot)
    assert look.spread.answer.sizes == (len(WORDS), len(JOBS))
    assert [one.term for one in look.spread.answer.lost] == ["smith"]
    table = spread_table(look.spread.answer)
    assert sum(int(row[2]) for row in table[1:]) == len(WORDS)


def test_direct_bias_of_several_axes_says_what_it_is_of(
    app: Application, looked: Direction, qtbot: QtBot
) -> None:
    look = app.directions.look
    app.directions.making.change(components=2, pairs="he, she\nking, nurse")
    app.directions.making.run()
    settle(app, qtbot)
    app.document.set_word_sets(Collection((WordSet("jobs", "terms", JOBS),)))
    look.change(bias_on="jobs")
    look.measure_bias()
    settle(app, qtbot)
    assert look.bias.answer is not None
    told = bias_words(look.bias.answer)
    assert f"Direct bias {look.bias.answer.value:.4f} (c = 1) over 6 words, on the first" in told
    assert f"{look.bias.answer.subspace:.4f} within all 2 axes" in told


def test_direct_bias_is_the_mean_strength(
    app: Application, looked: Direction, qtbot: QtBot
) -> None:
    look = app.directions.look
    app.document.set_word_sets(Collection((WordSet("jobs", "terms", (*JOBS, "smith")),)))
    look.change(bias_on="jobs", strictness=2.0)
    look.measure_bias()
    settle(app, qtbot)
    rows = [WORDS.index(job) for job in JOBS]
    expected = float(np.mean(cosines(app, looked)[rows] ** 2))
    assert look.bias.answer is not None
    assert look.bias.answer.value == pytest.approx(expected, abs=1e-6)
    assert "over 6 words. 1 term left out: smith (not among the items)." in bias_words(
        look.bias.answer
    )
    assert "axis" not in bias_words(look.bias.answer)
    app.document.set_word_sets(Collection((WordSet("none", "terms", ()),)))
    look.change(bias_on="none")
    look.measure_bias()
    assert look.bias.problem is not None
    assert look.bias.problem.text == "The word set “none” is empty."
    look.change(bias_on="")
    assert look.bias.answer is None
    look.measure_bias()
    assert look.bias.problem is looking.NO_SELECTION
    directions.choose(app, *JOBS)
    look.measure_bias()
    settle(app, qtbot)
    assert look.bias.answer is not None
    assert look.bias.answer.value == pytest.approx(expected, abs=1e-6)


def test_any_item_is_found_with_its_projection(
    app: Application, looked: Direction, qtbot: QtBot
) -> None:
    look = app.directions.look
    look.search("NUR")
    settle(app, qtbot)
    found = look.found.answer
    assert found is not None
    assert found.matches.names == ("nurse",)
    assert found.own is None
    assert found.values[0] == pytest.approx(cosines(app, looked)[WORDS.index("nurse")], abs=1e-6)
    look.search("thing1")
    settle(app, qtbot)
    assert look.found.answer is not None
    assert look.found.answer.matches.names[0] == "thing1"  # itself before what begins with it
    assert look.found.answer.matches.count == 11
    assert look.found.answer.own is not None
    look.search(" ")
    assert look.found.answer is None


def test_searching_orders_like_a_slow_search() -> None:
    corpus = directions.corpus()
    found = find_items(corpus, "n")
    held = [w for w in WORDS if "n" in w]
    slow = sorted(held, key=lambda w: (not w.startswith("n"), len(w), WORDS.index(w)))
    assert found.count == len(held)
    assert list(found.names) == slow[: len(found.names)]


def test_projections_become_a_column_and_colour_the_map(
    app: Application, looked: Direction, qtbot: QtBot
) -> None:
    app.directions.taking.add_column()
    settle(app, qtbot)
    corpus = app.document.corpus
    assert corpus is not None
    name = f"Projection on {looked.title}"
    np.testing.assert_allclose(corpus.table.column(name), cosines(app, looked), atol=1e-6)
    assert app.map.colour_by != name
    app.directions.taking.colour_map()
    settle(app, qtbot)
    assert app.map.colour_by == name
    assert app.document.corpus is not None
    assert len(app.document.corpus.computed) == 1  # it was there already
    assert "from" not in app.document.corpus.computed[name].params
    assert looked.title in str(app.document.corpus.computed[name].params["how"])


def test_two_directions_make_a_chart_and_a_map(
    app: Application, looked: Direction, qtbot: QtBot
) -> None:
    axes = app.directions.axes
    assert axes.problem is NO_OTHER
    second = directions.found(app, qtbot, "thing1, thing2\nthing3, thing4")
    app.directions.list.choose(looked.fingerprint)
    settle(app, qtbot)
    assert axes.other is second
    plane = axes.plane.answer
    assert plane is not None
    np.testing.assert_allclose(plane.x, cosines(app, looked), atol=1e-6)
    np.testing.assert_allclose(plane.y, cosines(app, second), atol=1e-6)
    assert plane.between == pytest.approx(float(looked.vector @ second.vector), abs=1e-6)
    table = plane_table(plane, app.directions.look.names)
    assert table[1][1] == WORDS[0]
    app.directions.taking.lay_out(second)
    settle(app, qtbot)
    shown = app.document.projection
    assert shown is not None
    assert shown.title == f"{looked.title} by {second.title}"
    x = cosines(app, looked)
    np.testing.assert_allclose(shown.layout[:, 0], x - x.mean(), atol=1e-5)


def test_without_a_second_direction_the_map_spreads_across_it(
    app: Application, looked: Direction, qtbot: QtBot
) -> None:
    app.directions.taking.lay_out(None)
    settle(app, qtbot)
    shown, active = app.document.projection, app.document.active
    assert shown is not None
    assert active is not None
    assert shown.title == "he → she by the rest"
    units = active.vectors / np.linalg.norm(active.vectors, axis=1, keepdims=True)
    rest = units - np.outer(units @ looked.vector, looked.vector)
    slow = np.linalg.svd(rest - rest.mean(axis=0))[2][0]
    along = np.corrcoef(shown.layout[:, 1], rest @ slow)[0, 1]
    assert abs(along) == pytest.approx(1, abs=1e-4)


def test_questions_are_answered_with_what_was_lost(
    app: Application, looked: Direction, qtbot: QtBot, tmp_path: Path
) -> None:
    asking = app.directions.asking
    asking.ask_along()
    assert asking.along.problem is NO_ENDS
    asking.ask_shares()
    assert asking.shares.problem is NO_REFERENCE
    asking.change(first="nurse", second="doctor")
    asking.ask_along()
    asking.change(pairs=5, searched=100)
    asking.ask_analogies()
    settle(app, qtbot)
    assert asking.along.answer is not None
    assert asking.along.answer.ends == ("nurse", "doctor")
    assert len(along_table(asking.along.answer)) == 21
    assert asking.analogies.answer is not None
    pairs = [(one.negative, one.positive) for one in asking.analogies.answer.pairs]
    assert set(pairs) & set(directions.PAIRS)
    assert len({low for low, _ in pairs}) == len({high for _, high in pairs}) == 5
    assert len(analogies_table(asking.analogies.answer)) == 6
    path = tmp_path / "leaning.csv"
    lines = [f"{job};{value}" for job, value in zip(JOBS, LEANING, strict=True)]
    path.write_text("\n".join(["job;leaning", *lines, "smith;0.5"]), encoding="utf-8")
    asking.change(file=str(path))
    asking.ask_shares()
    settle(app, qtbot)
    found = asking.shares.answer
    assert found is not None
    rows = [WORDS.index(job) for job in JOBS]
    expected = np.corrcoef(LEANING, cosines(app, looked)[rows])[0, 1]
    assert found.pearson == pytest.approx(expected, abs=1e-5)
    assert [one.term for one in found.lost] == ["smith"]
    assert shares_table(found)[-1] == ("smith", "", "not among the items")
    app.directions.list.choose(None)
    assert asking.shares.answer is None


def test_numbers_of_a_file_that_has_none(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("word,number\nnurse,many\n", encoding="utf-8")
    with pytest.raises(BackendError, match="holds no words with numbers"):
        read_reference(path)
    path.write_text("nurse\t90%\ndoctor\t40\n", encoding="utf-8")
    assert read_reference(path) == {"nurse": 90.0, "doctor": 40.0}


def test_other_vectors_and_other_words_make_answers_old(
    app: Application, looked: Direction, qtbot: QtBot
) -> None:
    look = app.directions.look
    first = app.document.active
    assert first is not None
    look.search("nurse")
    settle(app, qtbot)
    app.document.add_embeddings(directions.vectors(seed=1))
    settle(app, qtbot)
    assert look.looked.answer is None
    assert look.ends.answer is None
    assert look.found.answer is None
    app.document.set_active(first.fingerprint)
    settle(app, qtbot)
    assert look.direction is looked
    assert look.ends.answer is not None


def test_evidence_never_claims_too_much() -> None:
    def made(evidence: Evidence) -> Direction:
        made_by = MadeBy("direction", ("x",), {"how": "How"})
        basis = np.eye(3, dtype=np.float32)[:1]
        return Direction(basis, "t", ("a", "b"), "pairs", "difference", made_by, evidence)

    pairs = (PairFit("a", "b", 0.5), PairFit("c", "d", -0.25))
    weak = Evidence((2, 2), (0.2, 0.1), (0.19, 0.1), 100, pairs)
    told = " ".join(facts_of(made(weak)))
    assert "hardly more" in told
    assert "1 pair points the other way: c → d (-0.25)." in told
    assert "Fewer than 4 examples" in told
    probe = Evidence((50, 50), accuracy=0.53, chance=0.5, held_out=100)
    told = " ".join(facts_of(made(probe)))
    assert "53.0% of 100 held-out examples" in told
    assert "hardly more" in told
    strong = Evidence((50, 50), accuracy=0.95, chance=0.5, held_out=100)
    told = " ".join(facts_of(made(strong)))
    assert "hardly more" not in told


def test_tables_can_be_pasted_and_read_again(
    app: Application, looked: Direction, qtbot: QtBot
) -> None:
    ends = app.directions.look.ends.answer
    assert ends is not None
    table = ends_table(ends)
    assert csv_text(table).splitlines()[0] == "end,place,row,name,projection"
    assert tab_text(table).splitlines()[1].split("\t")[3] == ends.negative[0]
    told = evidence_table(looked)
    assert [row[1] for row in told if row[0] == "pair"] == [
        "he → she",
        "man → woman",
        "king → queen",
    ]


def test_a_project_keeps_what_is_shown(app: Application) -> None:
    look, asking = app.directions.look, app.directions.asking
    look.change(shown=7, among="all", groups="sets", sets=("Career",), strictness=0.5)
    asking.change(first="a", among="Career", pairs=9)
    kept = json.loads(json.dumps([look.project_state(), asking.project_state()]))
    before = look.settings, asking.settings
    look.change(shown=15, among="frequent", groups="all", sets=(), strictness=1.0)
    asking.change(first="", among="", pairs=50)
    look.restore_project_state(kept[0])
    asking.restore_project_state(kept[1])
    assert (look.settings, asking.settings) == before
    look.restore_project_state({"shown": "x", "among": "?", "strictness": -1, "sets": [1]})
    asking.restore_project_state({"pairs": 0, "first": 3})
    assert (look.settings, asking.settings) == before
    assert builders.WORDS
