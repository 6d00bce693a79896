"""Published numbers of hard debiasing and its residual, on a subset of the Google News vectors.

Values within 1e-3; k-means and probes within .02, with the seed stated where it stands.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression

from backends.arrays import unit_rows
from backends.directions.base import Direction, Space
from backends.directions.erasing.base import EMPTY, Erasure, Labelled, Task, merged
from backends.directions.erasing.learnt import LeaceParams, leace
from backends.directions.erasing.making import Erased, erase
from backends.directions.erasing.preparing import EraseRequest
from backends.directions.erasing.residual import biased_rows, residual_of, residual_rows
from backends.directions.registry import PairsGiven, find_direction
from backends.reporting import SILENT
from tests.backends.directions.spaces import google_news
from tests.google_news import listed


@pytest.fixture(scope="module")
def news() -> Space:
    return google_news()


@pytest.fixture(scope="module")
def lists(news: Space) -> dict[str, Any]:
    gender: dict[str, Any] = listed("bolukbasi.json")["gender"]
    return gender


def direction(news: Space, lists: dict[str, Any], kind: str) -> Direction:
    if kind == "she-he":
        return find_direction(news, "pairs", PairsGiven((("he", "she"),)), "difference")
    pairs = tuple((him, her) for her, him in lists["definitional_pairs"])
    return find_direction(news, "pairs", PairsGiven(pairs), "components")


def specific(news: Space, lists: dict[str, Any]) -> np.ndarray:
    """Rows of the learnt gender-specific words, spelled just as in the list."""
    wanted = set(lists["specific_full"])
    words = news.corpus.table.column("word").to_pylist()
    return np.array([row for row, word in enumerate(words) if word in wanted])


def hard(news: Space, lists: dict[str, Any], kind: str) -> Erased:
    pairs = tuple(map(tuple, lists["equalize_pairs"]))
    kept = specific(news, lists)
    return erase(
        EraseRequest(news, direction(news, lists, kind), "hard", kept_rows=kept, pairs=pairs)
    )


def units_of(made: Erased, words: list[str]) -> np.ndarray:
    rows = made.request.space.terms.look_up(words).rows
    return unit_rows(made.embeddings.vectors[rows]).astype(np.float64)


def test_neutral_professions_lose_all_direct_bias(news: Space, lists: dict[str, Any]) -> None:
    made = hard(news, lists, "pca")
    g = made.request.direction.vector.astype(np.float64)
    names = [name for name, _, _ in lists["professions"]]
    neutral = [name for name in names if name not in set(lists["specific_full"])]
    assert len(neutral) == 303
    assert np.abs(units_of(made, neutral) @ g).mean() < 1e-6
    assert np.abs(units_of(made, names) @ g).mean() == pytest.approx(0.0148, abs=1e-3)
    exact = unit_rows(news.embeddings.vectors).astype(np.float64)
    exact -= np.outer(exact @ g / (g @ g), g)  # in float64
    rows = news.terms.look_up(neutral).rows
    assert np.abs(exact[rows] @ g).mean() < 1e-8


def test_softball_and_receptionist_part(news: Space, lists: dict[str, Any]) -> None:
    made = hard(news, lists, "pca")
    one, other = units_of(made, ["softball", "receptionist"])
    before = unit_rows(news.embeddings.vectors)[
        news.terms.look_up(["softball", "receptionist"]).rows
    ]
    assert before[0] @ before[1] == pytest.approx(0.0924, abs=1e-3)
    assert one @ other == pytest.approx(0.0303, abs=1e-3)


@pytest.mark.parametrize("kind", ["she-he", "pca"])
def test_hard_debias_leaves_bias_that_clusters_and_probes_find(
    news: Space, lists: dict[str, Any], kind: str
) -> None:
    """Published: k-means 99.9% before, then 90.4% (she-he), 73.6% (components); probe .94.

    k-means ends in clusters of nearly the same tightness that agree differently with the sides, so
    for she-he the published number is the upper end of ten single starts (seeds 0 to 9), and the
    tightest of fifty is .72.
    """
    made = hard(news, lists, kind)
    rows = biased_rows(news, made.request.direction, merged(specific(news, lists)))
    assert rows is not None
    before = residual_of(news.embeddings, rows, seed=0)
    after = residual_of(made.embeddings, rows, seed=0)
    assert before.n == 1000
    assert before.clusters == pytest.approx(0.999, abs=0.02)
    assert (before.linear, before.nonlinear) == pytest.approx((1.0, 1.0), abs=0.02)
    if kind == "she-he":
        assert after.clusters_high == pytest.approx(0.904, abs=0.02)
        assert after.clusters == pytest.approx(0.716, abs=0.02)
    else:
        assert after.clusters == pytest.approx(0.736, abs=0.02)
    vectors, sides = rows.part(made.embeddings, np.arange(1000))
    order = np.random.default_rng(0).permutation(1000)
    fit, test = order[:500], order[500:]
    probe = LogisticRegression(max_iter=2000).fit(vectors[fit], sides[fit])
    assert probe.score(vectors[test], sides[test]) == pytest.approx(0.94, abs=0.02)
    assert min(after.linear, after.nonlinear) > 0.88
    judged = residual_rows(made)
    assert judged is not None
    assert not np.isin(judged.rows, made.prepared.task.specific).any()


def test_leace_on_the_rows_that_it_is_read_on(news: Space, lists: dict[str, Any]) -> None:
    """k-means 54%, cross-covariance 0 (seed 0, ten starts)."""
    axis = direction(news, lists, "she-he")
    rows = biased_rows(news, axis, merged(specific(news, lists)))
    assert rows is not None
    everything = np.arange(1000)
    whole = Labelled(rows.titles, rows.rows, rows.sides, everything, everything, "all")
    task = Task(news.embeddings, axis.basis, EMPTY, labelled=whole)
    found: Erasure = leace(task, LeaceParams(), SILENT)
    vectors = found.of_rows(news.embeddings, rows.rows).astype(np.float64)
    cross = (vectors - vectors.mean(axis=0)).T @ (rows.sides - 0.5) / 1000
    assert np.abs(cross).max() < 1e-6
    right = (KMeans(2, n_init=10, random_state=0).fit_predict(vectors) == rows.sides).mean()
    assert max(right, 1 - right) == pytest.approx(0.54, abs=0.02)
