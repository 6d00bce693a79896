"""Recall against a slow obvious version, with planted ties and duplicates."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.arrays import unit_rows
from backends.codecs.source import Source
from backends.compression.queries import held_out
from backends.compression.recall import (
    estimate,
    exact_similarities,
    ndcg_by_query,
    nearest_found,
    purity_by_query,
    recall_by_query,
    reciprocal_rank_by_query,
)
from backends.compression.results import QuerySet
from backends.compression.truth import find_truth, without_own
from backends.types import Embeddings, MadeBy


def embeddings_of(vectors: np.ndarray) -> Embeddings:
    made_by = MadeBy("read", (), {"sum": float(vectors.sum())})
    return Embeddings(vectors, np.ones(len(vectors), dtype=np.bool_), "file", "v", made_by)


def with_twins(rows: int, dim: int, seed: int) -> np.ndarray:
    """Few different vectors, most of them several times, of unequal length."""
    rng = np.random.default_rng(seed)
    different = rng.integers(-2, 3, (max(2, rows // 3), dim)).astype(np.float32)
    different[:, 0] += 0.5  # none is zero
    chosen = different[rng.integers(0, len(different), rows)]
    return chosen * rng.uniform(0.5, 2.0, (rows, 1)).astype(np.float32)


def slow_recall(vectors: np.ndarray, query: int, found: list[int], k: int) -> tuple[float, float]:
    """recall@k and 1-recall@k of one row, by looking at everything."""
    units = vectors.astype(np.float64) / np.linalg.norm(vectors.astype(np.float64), axis=1)[:, None]
    cosines = {row: float(units[query] @ units[row]) for row in range(len(vectors)) if row != query}
    best = sorted(cosines.values(), reverse=True)[:k]
    right = sum(cosines[row] >= best[-1] - 1e-6 for row in set(found) - {-1, query})
    first = any(cosines[row] >= best[0] - 1e-6 for row in set(found) - {-1, query})
    return min(right, len(best)) / len(best), float(first)


@settings(deadline=None)
@given(st.integers(6, 40), st.integers(1, 5), st.integers(1, 8), st.integers(0, 10_000))
def test_recall_is_that_of_the_slow_version_with_ties_and_twins(
    rows: int, dim: int, k: int, seed: int
) -> None:
    vectors = with_twins(rows, dim, seed)
    source = Source(vectors)
    queries = held_out(embeddings_of(vectors), 5, seed)
    assert queries.rows is not None
    truth = find_truth(queries, source, k)
    rng = np.random.default_rng(seed)
    found = np.stack([rng.permutation(rows)[: truth.k] for _ in queries.rows])
    found[rng.random(found.shape) < 0.1] = -1
    kept, _ = without_own(found, np.zeros(found.shape, np.float32), queries.rows, truth.k)
    exact = exact_similarities(queries.vectors, kept, source)
    recall = recall_by_query(exact, truth.similarities)
    first = nearest_found(exact, truth.similarities)
    for number, query in enumerate(queries.rows):
        slow, slow_first = slow_recall(vectors, int(query), kept[number].tolist(), truth.k)
        assert recall[number] == pytest.approx(slow)
        assert first[number] == slow_first


@settings(deadline=None)
@given(st.integers(6, 40), st.integers(1, 5), st.integers(1, 8), st.integers(0, 10_000))
def test_the_truth_is_in_order_without_the_row_itself(
    rows: int, dim: int, k: int, seed: int
) -> None:
    vectors = with_twins(rows, dim, seed)
    truth = find_truth(held_out(embeddings_of(vectors), 5, seed), Source(vectors), k)
    assert truth.queries.rows is not None
    units = unit_rows(vectors).astype(np.float64)
    for number, query in enumerate(truth.queries.rows):
        others = [row for row in range(rows) if row != query]
        others.sort(key=lambda row: (-units[query] @ units[row], row))
        assert truth.similarities[number] == pytest.approx(
            [units[query] @ units[row] for row in others[: truth.k]]
        )
        assert query not in truth.rows[number]
        assert len(set(truth.rows[number].tolist())) == min(k, rows - 1)


def test_a_twin_is_as_good_as_the_neighbour_that_it_equals() -> None:
    vectors = np.array([[1, 0], [1, 0.1], [2, 0.2], [0, 1]], dtype=np.float32)
    queries = QuerySet(unit_rows(vectors[:1]), np.array([0]), "", MadeBy("rows"))
    truth = find_truth(queries, Source(vectors), 1)
    assert truth.rows.tolist() == [[1]]
    other = exact_similarities(queries.vectors, np.array([[2]]), Source(vectors))
    assert recall_by_query(other, truth.similarities).tolist() == [1.0]


def test_the_same_row_twice_counts_once() -> None:
    vectors = np.eye(3, dtype=np.float32) + 0.1
    truth = find_truth(
        QuerySet(unit_rows(vectors[:1]), np.array([0]), "", MadeBy("rows")), Source(vectors), 2
    )
    twice = exact_similarities(truth.queries.vectors, np.array([[1, 1]]), Source(vectors))
    assert np.isneginf(twice).tolist() == [[False, True]]


def test_queries_from_outside_keep_every_row() -> None:
    vectors = np.eye(3, dtype=np.float32)
    truth = find_truth(
        QuerySet(vectors[:1].copy(), None, "file", MadeBy("file")), Source(vectors), 3
    )
    assert truth.rows[0, 0] == 0
    assert truth.k == 3


def test_reading_the_vectors_is_no_part_of_exact_search(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    class Slow(Source):
        def take(self, positions: slice | np.ndarray) -> np.ndarray:
            now[0] += 60.0
            return super().take(positions)

    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    vectors = with_twins(50, 3, 0)
    truth = find_truth(held_out(embeddings_of(vectors), 5), Slow(vectors), 3)
    assert now[0] > 0
    assert truth.seconds == truth.milliseconds == 0


def test_ndcg_and_reciprocal_rank_have_known_values() -> None:
    found = np.array([[3, 1, 2, -1], [5, 6, 7, 8], [1, 2, 3, 4]])
    relevant = ({1: 3.0, 2: 2.0, 9: 1.0}, {}, {9: 1.0})
    gain = 3 / math.log2(3) + 2 / math.log2(4)
    ideal = 3 + 2 / math.log2(3) + 1 / math.log2(4)
    ndcg = ndcg_by_query(found, relevant)
    assert ndcg[0] == pytest.approx(gain / ideal)
    assert math.isnan(ndcg[1])
    assert ndcg[2] == 0
    ranks = reciprocal_rank_by_query(found, relevant)
    assert ranks[0] == pytest.approx(0.5)
    assert math.isnan(ranks[1])
    assert ranks[2] == 0


def test_purity_is_the_share_of_ones_own_label() -> None:
    labels = np.array([0, 0, 1, -1])
    found = np.array([[1, 2], [0, -1], [3, 0], [0, 1]])
    shares = purity_by_query(found, labels, labels)
    assert shares[:3].tolist() == [0.5, 1.0, 0.0]
    assert math.isnan(shares[3])


def test_an_interval_holds_the_mean_and_narrows_with_more_queries() -> None:
    rng = np.random.default_rng(0)
    few, many = (estimate((rng.random(n) < 0.7).astype(np.float32)) for n in (50, 5000))
    for found in (few, many):
        assert found.low <= found.mean <= found.high
    # The normal approximation of a share is near enough to judge the width by.
    assert many.high - many.low == pytest.approx(2 * 1.96 * math.sqrt(0.21 / 5000), rel=0.1)
    assert few.high - few.low > 4 * (many.high - many.low)
    assert math.isnan(estimate(np.full(3, np.nan, dtype=np.float32)).mean)


@pytest.mark.parametrize(("share", "count"), [(0.5, 200), (0.9, 200), (0.95, 400)])
def test_intervals_hold_the_planted_share_about_as_often_as_they_say(
    share: float, count: int
) -> None:
    rng = np.random.default_rng(7)
    drawn = rng.random((300, count)) < share
    found = [estimate(row.astype(np.float32), seed) for seed, row in enumerate(drawn)]
    held = np.mean([one.low <= share <= one.high for one in found])
    # Of 300 runs 95 % are held with a standard error of 1.3 points; bootstraps hold a little less.
    assert 0.90 < held < 0.99
