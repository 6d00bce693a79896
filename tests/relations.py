"""A small world of relations for tests: items whose vectors follow planted offsets."""

from __future__ import annotations

import numpy as np

from backends import fingerprint
from backends.arrays import frozen, unit_rows, usable_rows
from backends.types import Corpus, Embeddings, MadeBy, Roles
from tests import builders

PAIRS = 12


def world(seed: int = 0, dim: int = 16) -> tuple[Corpus, Embeddings]:
    """Countries, their capitals and their rivers: `capital 3` is an offset away from `country 3`.

    The column "capital of" names the country of each capital.
    """
    rng = np.random.default_rng(seed)
    steps = np.linalg.qr(rng.normal(size=(dim, 2)))[0].T
    base = rng.normal(size=(PAIRS, dim))
    base = unit_rows((base - base @ steps.T @ steps).astype(np.float32))
    vectors = np.concatenate((base, base + 2 * steps[0], base + 2 * steps[1]))
    kinds = ("country", "capital", "river")
    names = [f"{kind} {i}" for kind in kinds for i in range(PAIRS)]
    whose = [""] * PAIRS + names[:PAIRS] + [""] * PAIRS
    corpus = builders.corpus(columns={"word": names, "capital of": whose}, roles=Roles(text="word"))
    matrix = vectors.astype(np.float32)
    made_by = MadeBy("read vectors", (fingerprint.of_array(matrix),))
    return corpus, Embeddings(frozen(matrix), usable_rows(matrix), "file", "planted", made_by)


def triples() -> str:
    """Both relations as tab-separated text."""
    lines = [f"country {i}\thas capital\tcapital {i}" for i in range(PAIRS)]
    lines += [f"country {i}\thas river\triver {i}" for i in range(PAIRS)]
    return "\n".join(lines)
