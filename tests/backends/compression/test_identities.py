"""What must hold whatever the vectors: lossless settings, second stages, who is left out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.codecs.base import Ask, Coder, Params, Training
from backends.codecs.registry import CODECS, codec
from backends.codecs.source import Source
from backends.compression.queries import held_out
from backends.compression.results import Cell
from backends.compression.sweep import SweepRequest, sweep, training_positions
from backends.reporting import SILENT
from backends.types import Embeddings, MadeBy
from tests.backends.compression.test_recall import embeddings_of, with_twins

LOSSLESS = (
    "truncate",
    "truncate-plain",
    "pca",
    "svd",
    "sparse",
    "prune",
    "dedup",
    "compositional",
    "tt",
    "two-stage",
    "int4+rerank",
)


def cells_of(embeddings: Embeddings, *names: str, budget: float, k: int = 5) -> list[Cell]:
    found = sweep(SweepRequest(embeddings, names, (budget,), k=k, query_rows=20))
    assert not found.missing
    return sorted(found.cells, key=lambda cell: names.index(cell.codec))


@settings(deadline=None, max_examples=4)
@given(st.integers(0, 10_000))
@pytest.mark.parametrize("name", LOSSLESS)
def test_settings_that_lose_nothing_find_everything_among_ties_and_twins(
    name: str, seed: int
) -> None:
    (cell,) = cells_of(embeddings_of(with_twins(120, 6, seed)), name, budget=1000.0)
    assert cell.recall.mean == cell.recall.low == cell.recall_1.mean == 1.0


@settings(deadline=None, max_examples=3)
@given(st.integers(0, 10_000))
@pytest.mark.parametrize("first", ["int4", "pca", "rabitq", "truncate+int8", "pq"])
def test_a_second_stage_finds_no_less_than_the_first_alone(first: str, seed: int) -> None:
    embeddings = embeddings_of(with_twins(150, 8, seed))
    depths = [f"{first}+rerank{depth}" for depth in (6, 20, 150)]
    cells = cells_of(embeddings, first, *depths, budget=9.0)
    kept = np.stack([cell.kept for cell in cells])  # (depths, m)
    assert (np.diff(kept, axis=0) >= 0).all()
    assert kept[-1].min() == 1.0


@pytest.mark.parametrize("name", ["sign", "sign+rerank", "truncate", "pq", "hash", "int8"])
def test_no_query_finds_itself_where_all_rows_have_the_same_code(name: str) -> None:
    vectors = np.ones((60, 5), dtype=np.float32)
    vectors += 1e-3 * np.random.default_rng(0).random(vectors.shape, dtype=np.float32)
    made_by = MadeBy("read", (), {"name": name})
    embeddings = Embeddings(vectors, np.ones(60, dtype=np.bool_), "file", "v", made_by)
    found = sweep(SweepRequest(embeddings, (name,), (4.0,), k=7, query_rows=10))
    (cell,) = found.cells
    assert found.truth.queries.rows is not None
    for row, neighbours in zip(found.truth.queries.rows, cell.found, strict=True):
        assert len(neighbours) == 7
        assert row not in neighbours
        assert len(set(neighbours.tolist())) == 7


class Listed(Source):
    """Tells which rows were taken while a codec learned."""

    taken: set[int]

    def take(self, positions: slice | np.ndarray) -> np.ndarray:
        self.taken |= set(np.arange(self.rows)[positions].ravel().tolist())
        return super().take(positions)


# Of the range of all rows it needs to know, or what lies beyond would be cut off and biased.
LOOKS_AT_ALL = ("int8-stochastic",)


@pytest.mark.parametrize("name", [*CODECS, "pca+int8", "truncate+pq", "pca+int8+rerank"])
def test_queries_are_no_part_of_what_a_codec_learns_from(name: str) -> None:
    vectors = np.random.default_rng(0).standard_normal((80, 8), dtype=np.float32)
    embeddings = embeddings_of(vectors)
    queries = held_out(embeddings, 16)
    assert queries.rows is not None
    source = Listed(vectors)
    source.taken = set()
    positions = training_positions(source, queries, 0)
    training = Training(source.take(positions), positions, source)
    params: Params = codec(name).solve(Ask(8, 80, len(positions), 8.0)).params
    coder: Coder = codec(name).load()(training, params, SILENT)
    assert coder.params is not None
    learned_from = source.taken & set(queries.rows.tolist())
    assert bool(learned_from) == (name in LOOKS_AT_ALL)
