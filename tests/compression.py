"""A small corpus whose compression is measured: clusters of unequal width, with a category each."""

from __future__ import annotations

from typing import Any

import numpy as np
from pytestqt.qtbot import QtBot

from app.application import Application
from backends.arrays import frozen, usable_rows
from backends.types import Embeddings, MadeBy
from tests import builders

GROUPS = ("sea", "land", "sky")
CODECS = ("float16", "int4", "sign", "truncate")


def fill(app: Application, rows: int = 400, dim: int = 16, **changes: Any) -> Embeddings:
    """A document with categories and vectors, laid out by PCA, which is quick."""
    app.projection.change(method="pca")
    group = np.arange(rows) % len(GROUPS)
    columns: dict[str, list[Any]] = {
        "id": [f"item-{row}" for row in range(rows)],
        "text": [f"{builders.WORDS[row % 10]} number {row}" for row in range(rows)],
        "place": [GROUPS[code] for code in group],
    }
    app.document.set_corpus(builders.corpus(columns=columns))
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(len(GROUPS), dim))
    noise = rng.normal(size=(rows, dim)) * (0.05 + 0.4 * group[:, None])
    vectors = (centres[group] + noise).astype(np.float32)
    vectors[changes.pop("without", rows) :] = 0
    made_by = MadeBy("embed", (), {"rows": rows, "dim": dim, **changes})
    embeddings = Embeddings(frozen(vectors), frozen(usable_rows(vectors)), "x", "waves", made_by)
    app.document.add_embeddings(embeddings)
    return embeddings


def settle(app: Application, qtbot: QtBot) -> None:
    """Wait until nothing is computed any more."""
    qtbot.waitUntil(lambda: not app.jobs.live, timeout=60_000)


def measure(app: Application, qtbot: QtBot, **changes: Any) -> None:
    """Measure a few fast codecs at two sizes."""
    settings: dict[str, Any] = {"codecs": CODECS, "shares": (4, 8), "query_rows": 60, "k": 5}
    app.compression.change(**{**settings, **changes})
    app.compression.run()
    settle(app, qtbot)
