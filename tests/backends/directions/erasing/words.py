"""A small world of words with a gender, for tests of erasing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backends.directions.base import Direction, Space
from backends.directions.registry import PairsGiven, find_direction
from tests.backends.directions.spaces import space

MEN = ("he", "man", "boy", "king", "father")
WOMEN = ("she", "woman", "girl", "queen", "mother")
PAIRS = tuple(zip(MEN, WOMEN, strict=True))
DIM = 24


def world(neutral: int = 400, *, seed: int = 0, dim: int = DIM, scale: bool = False) -> Space:
    """Pairs apart along one axis; neutral words n0, n1, ... that lean along it.

    Where a neutral word leans is also seen in another axis, and in how far it is from the middle of
    a third, which no linear classifier can read. `scale` gives the vectors other lengths than 1.
    """
    rng = np.random.default_rng(seed)
    places = 0.6 * rng.normal(size=(5, dim))
    lean = np.linspace(-1, 1, neutral)
    words = 0.35 * rng.normal(size=(neutral, dim))
    words[:, 0] += lean
    words[:, 1] += 0.8 * lean
    words[:, 2] = np.where(lean > 0, 2.0, 0.3) * rng.choice((-1, 1), neutral)
    rows = np.concatenate([places, places + 0.1 * rng.normal(size=(5, dim)), words])
    rows[:5, 0] -= 1.5
    rows[5:10, 0] += 1.5
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    if scale:
        rows *= rng.uniform(0.5, 4.0, size=(len(rows), 1))
    order = np.concatenate([np.arange(10), 10 + rng.permutation(neutral)])
    names = [*MEN, *WOMEN, *(f"n{number}" for number in range(neutral))]
    return space(rows[order], names)


def gender(of: Space) -> Direction:
    return find_direction(of, "pairs", PairsGiven(PAIRS), "components", title="gender")


def rows_of(of: Space, *words: str) -> NDArray[np.int64]:
    return of.terms.look_up(words).rows


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    exact = np.asarray(vectors, dtype=np.float64)
    return np.asarray(exact / np.linalg.norm(exact, axis=1, keepdims=True))
