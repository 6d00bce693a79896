"""The model of association tests: what is chosen, planned, found, kept and made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.notices import Notice
from app.panels import association as page
from app.panels.association import AssociationModel, AssociationRequest, as_kept, remembered
from app.panels.association_rows import (
    CSV_HEAD,
    EFFECT,
    HEAD,
    N,
    dots_of,
    rows_of,
    table_of,
    words_of,
    words_table,
)
from app.panels.state import Blocked, Idle, Running
from backends import fingerprint
from backends.arrays import frozen, usable_rows
from backends.directions.association import Association
from backends.directions.association_many import Refused
from backends.directions.wordsets import AssociationTest, Collection, WordSet
from backends.embed import EmbedRequest, embed
from backends.types import Embeddings, MadeBy, Roles
from tests import builders

LONG = 30_000
NAMES = [f"{part}{i}" for part in "xyab" for i in range(4)]


def words(name: str, *terms: str) -> WordSet:
    return WordSet(name, "terms", terms, own=True)


SETS = {part: words(part.upper(), *(f"{part}{i}" for i in range(4))) for part in "xyab"}
TEST = AssociationTest("mine", (SETS["x"], SETS["y"]), (SETS["a"], SETS["b"]), own=True)
LOSSY = AssociationTest(
    "lossy", (words("L", "x0", "X1", "gone", "gone too"), SETS["y"]), TEST.attributes, own=True
)
IMPOSSIBLE = AssociationTest("no", (words("N", "never"), SETS["y"]), TEST.attributes, own=True)


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    made = Application()
    yield made
    assert made.close()
    delete(made)


@pytest.fixture
def model(app: Application) -> AssociationModel:
    return app.directions.tests


def vectors(seed: int = 0) -> Embeddings:
    """X lies towards A, Y towards B."""
    matrix = np.random.default_rng(seed).normal(size=(16, 5)).astype(np.float32) * 0.3
    matrix[:, 0] += np.repeat([1, -1, 1, -1], 4)
    made_by = MadeBy("read vectors", (fingerprint.of_array(matrix),))
    return Embeddings(frozen(matrix), usable_rows(matrix), "file", f"words {seed}", made_by)


def fill(app: Application, *tests: AssociationTest) -> None:
    """Open the words, with these own tests chosen."""
    app.document.set_corpus(builders.corpus(columns={"word": NAMES}, roles=Roles(text="word")))
    app.document.add_embeddings(vectors())
    app.document.set_word_sets(Collection(tuple(SETS.values()), tests))
    app.directions.tests.change(tests=tuple(test.name for test in tests))


def run(app: Application, qtbot: QtBot) -> None:
    app.directions.tests.run()
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)


def test_what_stands_in_the_way_is_said(app: Application, model: AssociationModel) -> None:
    assert model.planned is page.NO_CORPUS
    app.document.set_corpus(builders.corpus(columns={"word": NAMES}, roles=Roles(text="word")))
    assert model.planned is page.NO_VECTORS
    app.document.add_embeddings(vectors())
    assert isinstance(model.planned, AssociationRequest)
    assert len(model.planned.tests) == 10, "those that come along are chosen at first"
    model.change(tests=())
    assert model.planned is page.NO_TESTS
    assert model.state == Blocked(page.NO_TESTS)


def test_vectors_without_words_are_a_problem_that_names_itself(
    app: Application, model: AssociationModel
) -> None:
    app.document.set_corpus(builders.corpus(columns={"n": [1.5] * 16}, roles=Roles()))
    app.document.add_embeddings(vectors())
    assert isinstance(model.state, Blocked)
    assert model.state.problem.text.startswith("Words cannot be looked up")


def test_tests_are_made_and_kept(app: Application, model: AssociationModel, qtbot: QtBot) -> None:
    fill(app, TEST, LOSSY, IMPOSSIBLE)
    run(app, qtbot)
    found = [one for _, one in model.outcomes]
    assert isinstance(found[0], Association)
    assert found[0].p == pytest.approx(1 / 70)
    assert found[0].p_corrected == pytest.approx(2 / 70), "two tests have a p"
    assert isinstance(found[2], Refused)
    assert model.state == Blocked(page.ALL_DONE)
    model.change(correction="none")
    corrected = model.outcomes[0][1]
    assert isinstance(corrected, Association)
    assert corrected.p_corrected == corrected.p
    assert model.state == Blocked(page.ALL_DONE), "another correction computes nothing"
    model.change(ddof=0)
    assert model.outcomes[0][1] is None
    assert model.state == Idle()
    model.change(ddof=1)
    assert model.outcomes[0][1] is not None, "what was found before is still known"


def test_while_a_run_goes_on_nothing_is_corrected(
    app: Application, model: AssociationModel, qtbot: QtBot
) -> None:
    fill(app, TEST, LOSSY)
    seen: list[float | None] = []
    model.outcomes_changed.connect(
        lambda: seen.extend(
            one.p_corrected
            for _, one in model.outcomes
            if isinstance(one, Association) and isinstance(model.state, Running)
        )
    )
    run(app, qtbot)
    assert set(seen) == {None}


def test_a_stopped_run_keeps_its_part_and_another_makes_the_rest(
    app: Application, model: AssociationModel, qtbot: QtBot
) -> None:
    fill(app, TEST)
    run(app, qtbot)
    app.document.set_word_sets(Collection(tuple(SETS.values()), (TEST, LOSSY)))
    model.choose(["lossy"], on=True)
    assert isinstance(model.planned, AssociationRequest)
    assert [test.name for test in model.planned.tests] == ["lossy"]
    model.run()
    model.stop()
    assert model.state == Idle()
    assert model.outcomes[0][1] is not None


def test_other_vectors_other_outcomes(
    app: Application, model: AssociationModel, qtbot: QtBot
) -> None:
    fill(app, TEST)
    run(app, qtbot)
    first = model.outcomes[0][1]
    app.document.add_embeddings(vectors(1))
    app.document.set_active(vectors(1).fingerprint)
    assert model.outcomes[0][1] is None
    run(app, qtbot)
    assert model.outcomes[0][1] != first
    app.document.set_active(vectors().fingerprint)
    assert model.outcomes[0][1] == first
    app.document.set_corpus(None)
    assert model.outcomes[0][1] is None


def test_a_changed_word_set_is_another_test(
    app: Application, model: AssociationModel, qtbot: QtBot
) -> None:
    fill(app, TEST)
    run(app, qtbot)
    app.directions.words.choose("X")
    app.directions.words.edit(words("X", "x0", "x1", "x2"))
    assert len(model.chosen[0].targets[0]) == 3
    assert model.outcomes[0][1] is None


def test_four_sets_become_a_test_that_can_be_undone(
    app: Application, model: AssociationModel
) -> None:
    fill(app)
    said: list[Notice] = []
    app.notices.posted.connect(said.append)
    parts = (SETS["x"], SETS["y"], SETS["a"], SETS["b"])
    assert model.add_test(" my  test ", parts)
    (made,) = app.document.word_sets.tests
    assert (made.name, made.own) == ("my test", True)
    assert model.looked_at == made
    assert model.chosen == (made,)
    assert model.add_test("my test", parts)
    assert app.document.word_sets.tests[1].name != "my test", "names differ"
    model.remove_test("my test")
    assert len(app.document.word_sets.tests) == 1
    app.history.undo()
    assert len(app.document.word_sets.tests) == 2
    assert not model.add_test("same", (SETS["x"], SETS["x"], SETS["a"], SETS["b"]))
    assert "Both sets of targets are the same" in said[-1].text
    assert not model.add_test("  ", parts)
    assert said[-1].text == page.NO_NAME.text


def test_choices_are_remembered(app: Application, model: AssociationModel) -> None:
    model.change(metric="mac", ddof=0, runs=5_000, correction="bh")
    model.choose([model.tests[0].name], on=False)
    app.settings.flush()
    other = Application()
    assert other.directions.tests.settings == model.settings
    assert len(other.directions.tests.chosen) == 9
    assert remembered(as_kept(model.settings)) == model.settings
    assert other.close()
    delete(other)


@pytest.mark.parametrize(
    "kept",
    [
        {"metric": "nothing", "ddof": 7, "runs": -1, "correction": [1], "tests": 3},
        {"metric": {}, "ddof": True, "runs": "many"},
        {},
    ],
)
def test_what_cannot_be_remembered_is_as_usual(kept: dict[str, object]) -> None:
    assert remembered(kept) == page.AssociationSettings()


def test_rows_say_what_was_found_lost_and_refused(
    app: Application, model: AssociationModel, qtbot: QtBot
) -> None:
    fill(app, TEST, LOSSY, IMPOSSIBLE)
    before = rows_of(model.outcomes)
    assert before[0].cells[N : N + 4] == ("4", "4", "4", "4")
    assert "Not made yet" in before[0].tip
    run(app, qtbot)
    whole, lossy, refused = rows_of(model.outcomes)
    assert len(whole.cells) == len(HEAD)
    assert whole.cells[EFFECT] == f"{whole.effect:.2f}"
    assert whole.interval is not None
    assert whole.interval[0] <= whole.interval[1]
    assert whole.lost == (False,) * 4
    assert not whole.warnings
    assert lossy.cells[N] == "4→2"
    assert lossy.lost == (True, False, False, False)
    assert any("50% of “L” (X) have no vector" in warning for warning in lossy.warnings)
    assert "None of the 1 term of “N”" in refused.problem


def test_words_are_listed_with_what_became_of_them(
    app: Application, model: AssociationModel, qtbot: QtBot
) -> None:
    fill(app, LOSSY)
    run(app, qtbot)
    sets = words_of(LOSSY, model.outcomes[0][1])
    assert sets[0][0] == "X: L, 2 of 4 words"
    first, second, lost, _ = sets[0][1]
    assert (first.term, first.remark, first.is_lost) == ("x0", "", False)
    assert float(first.value) > 0
    assert second.remark == "found as x1"
    assert (lost.term, lost.remark, lost.is_lost) == ("gone", "not among the items", True)
    assert words_table(LOSSY, model.outcomes[0][1])[1][:2] == ["X: L", "x0"]
    assert words_of(LOSSY, None)[0][0] == "X: L, 4 words"


@pytest.mark.parametrize(
    ("metric", "groups", "count", "zero"),
    [
        ("weat", "XY", 8, 0.0),
        ("rnd", "AB", 8, 0.0),
        ("ect", "XY", 16, None),
        ("mac", "XY", 8, None),
    ],
)
def test_dots_of_every_metric(
    app: Application,
    model: AssociationModel,
    qtbot: QtBot,
    metric: str,
    groups: str,
    count: int,
    zero: float | None,
) -> None:
    fill(app, TEST)
    model.change(metric=metric)
    run(app, qtbot)
    dots = dots_of(model.outcomes[0][1])
    assert [title[0] for title in dots.groups] == list(groups)
    assert len(dots.dots) == count
    assert dots.zero == zero
    values = [dot.value for dot in dots.dots]
    assert values == sorted(values, reverse=True)
    for number, mean in enumerate(dots.means):
        assert mean == pytest.approx(np.mean([d.value for d in dots.dots if d.group == number]))


def test_the_table_holds_everything(
    app: Application, model: AssociationModel, qtbot: QtBot
) -> None:
    fill(app, TEST, LOSSY, IMPOSSIBLE)
    assert table_of(model.outcomes, "holm") == [list(CSV_HEAD)]
    run(app, qtbot)
    head, *lines = table_of(model.outcomes, "holm")
    told = [dict(zip(head, line, strict=True)) for line in lines]
    assert float(told[0]["p"]) == pytest.approx(1 / 70, abs=1e-6)
    assert told[0]["correction"] == "Holm"
    assert told[0]["metric"] == "WEAT"
    assert told[1]["X_before"] == "4"
    assert told[1]["X_after"] == "2"
    assert "gone (not among the items)" in told[1]["lost"]
    assert told[2]["statistic"] == ""
    assert "None of the 1 term" in told[2]["warnings"]


def test_words_of_an_encoder_are_encoded_once_for_all_runs(
    app: Application, model: AssociationModel, qtbot: QtBot
) -> None:
    corpus = builders.corpus(40)
    app.document.set_corpus(corpus)
    app.document.add_embeddings(embed(EmbedRequest(corpus, "lexical")))
    test = AssociationTest(
        "sea",
        (words("X", "tide", "salt", "reef"), words("Y", "gull", "dune", "kelp")),
        (words("A", "pier", "mist"), words("B", "sail", "rope")),
        own=True,
    )
    app.document.set_word_sets(Collection((), (test,)))
    model.change(tests=("sea",))
    assert isinstance(model.planned, AssociationRequest)
    assert model.planned.lane == "compute"
    assert model.title_of("weat") == "SEAT"
    run(app, qtbot)
    found = model.outcomes[0][1]
    assert isinstance(found, Association)
    assert found.title == "SEAT"
    space = model.remembering
    model.change(metric="mac")
    assert model.planned.space is space  # type: ignore[union-attr]  # a request
    app.directions.templates.set_templates(("the {w}",))
    assert model.remembering is not space, "other templates, other vectors"
    assert model.outcomes[0][1] is None


def test_a_test_of_vectors_under_way_is_made_again_with_more_of_them(
    app: Application, model: AssociationModel, qtbot: QtBot
) -> None:
    fill(app, TEST)
    whole = vectors()
    first = np.array(whole.vectors)
    first[3::4] = np.nan
    part = Embeddings(frozen(first), usable_rows(first), "file", "words 0", whole.made_by)
    app.document.add_embeddings(part, replaces=whole.fingerprint)
    run(app, qtbot)
    found = model.outcomes[0][1]
    assert isinstance(found, Association)
    assert found.n["X"].after == 3
    app.document.add_embeddings(whole, replaces=part.fingerprint)
    assert model.outcomes[0][1] is None
    run(app, qtbot)
    found = model.outcomes[0][1]
    assert isinstance(found, Association)
    assert found.n["X"].after == 4
