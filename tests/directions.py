"""Words with vectors in which one axis is known, and an application that has them open."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from app.application import Application
from backends import fingerprint
from backends.arrays import frozen, usable_rows
from backends.directions.base import Direction
from backends.selection import select
from backends.types import Corpus, Embeddings, MadeBy, Roles
from tests import builders

PAIRS = (("he", "she"), ("man", "woman"), ("king", "queen"), ("boy", "girl"), ("uncle", "aunt"))
JOBS = ("nurse", "doctor", "pilot", "baker", "judge", "clerk")
LEANING = (0.8, -0.6, -0.4, 0.1, -0.2, 0.5)  # of the jobs, along the axis
FILLERS = tuple(f"thing{number}" for number in range(60))
WORDS = (*(word for pair in PAIRS for word in pair), *JOBS, *FILLERS)
DIM = 12
THREE = "he, she\nman, woman\nking, queen"
LONG = 30_000


def corpus() -> Corpus:
    """A word a row, and of which kind it is."""
    kinds = [*["person"] * (2 * len(PAIRS)), *["job"] * len(JOBS), *["thing"] * len(FILLERS)]
    columns = {"word": list(WORDS), "kind": kinds}
    return builders.corpus(columns=columns, roles=Roles(text="word"))


def vectors(seed: int = 0) -> Embeddings:
    """Axis 0 leads from he to she; the rest is chance, shared within a pair."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(len(WORDS), DIM)).astype(np.float32)
    matrix[:, 0] *= 0.1
    for number in range(len(PAIRS)):
        at = 2 * number
        matrix[at + 1] = matrix[at]
        matrix[at, 0], matrix[at + 1, 0] = -2.0, 2.0
    first = 2 * len(PAIRS)
    matrix[first : first + len(JOBS), 0] = np.array(LEANING) * 3
    made_by = MadeBy("read vectors", (fingerprint.of_array(matrix),))
    return Embeddings(frozen(matrix), usable_rows(matrix), "file", f"words {seed}", made_by)


def fill(app: Application) -> Embeddings:
    """Open the words."""
    app.document.set_corpus(corpus())
    made = vectors()
    app.document.add_embeddings(made)
    return made


def settle(app: Application, qtbot: QtBot) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=LONG)


def found(
    app: Application, qtbot: QtBot, text: str = "he, she\nman, woman\nking, queen"
) -> Direction:
    """The direction of some pairs, found as a person finds it."""
    app.directions.making.change(source="pairs", pairs=text)
    app.directions.making.run()
    settle(app, qtbot)
    direction = app.document.direction
    assert direction is not None
    return direction


def choose(app: Application, *words: str) -> None:
    """Select words."""
    rows = [WORDS.index(word) for word in words]
    app.history.select(select(rows, " ".join(words), kind="rows"))
