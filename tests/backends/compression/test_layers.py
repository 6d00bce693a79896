"""The grid of layers and dimensions against a slow version, and an embedding made of a cell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backends.arrays import unit_rows
from backends.compression.layers import (
    LayersRequest,
    cheapest,
    default_dims,
    default_pairs,
    iso_costs,
    measure_layers,
    measure_pairs,
)
from backends.compression.leading import leading_dimensions
from backends.embed import EmbedRequest, embed, encode_query
from backends.encoders.registry import load_encoder
from backends.encoders.truncated import layered
from backends.errors import BackendError
from backends.types import Corpus, Embeddings, MadeBy
from tests import builders
from tests.backends.encoders.tiny import LAYERS, WIDTH, build_model, corpus_of, set_pace

K = 3
WORDS = ("cat", "dog", "bird", "stone", "river", "cloud", "tree", "road")
TEXTS = [f"the {a} and the {b} {i}" for i, a in enumerate(WORDS) for b in WORDS[:5]]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = build_model(tmp_path / "model")
    set_pace(folder)
    return folder


@pytest.fixture
def corpus() -> Corpus:
    return corpus_of([TEXTS[0], None, " ", *TEXTS[1:], TEXTS[5]])  # two without text, one twice


def slow_recall(full: np.ndarray, cut: np.ndarray, k: int) -> float:
    """Each query on its own: what is as near as the k-th true neighbour counts as found."""
    shares = []
    for query in range(len(full)):
        others = [row for row in range(len(full)) if row != query]
        true = {row: float(full[query].astype(float) @ full[row].astype(float)) for row in others}
        near = {row: float(cut[query] @ cut[row]) for row in others}
        limit = sorted(true.values(), reverse=True)[k - 1] - 1e-6
        found = sorted(others, key=lambda row: (-near[row], row))[:k]
        shares.append(min(k, sum(true[row] >= limit for row in found)) / k)
    return float(np.mean(shares))


def test_every_cell_is_the_recall_of_a_truncated_model(model: Path, corpus: Corpus) -> None:
    grid = measure_layers(LayersRequest(corpus, str(model), k=K))
    assert (grid.layers, grid.dim, grid.dims) == (LAYERS, WIDTH, (8, 16, 32))
    assert (grid.rows, grid.queries, grid.timing) == (len(TEXTS) + 1, len(TEXTS) + 1, "measured")
    texts = [text for text in corpus.table["text"].to_pylist() if text and text.strip()]
    stack = layered(load_encoder(str(model))).encode_layers(texts, "passage", "fp32")
    for cell in grid.cells:
        cut = unit_rows(stack[cell.layer][:, : cell.dims])
        slow = slow_recall(unit_rows(stack[-1]), cut, K)
        assert cell.recall.mean == pytest.approx(slow, abs=0.02)  # batches differ in the last bit
        assert cell.recall.low <= cell.recall.mean <= cell.recall.high
        assert cell.bytes_per_vector == 4 * cell.dims
    assert grid.full.pair == (LAYERS, WIDTH)
    assert grid.full.recall.mean == grid.full.recall.low == 1.0
    assert grid.full.relative_time == 1.0


def test_the_ladder_is_the_diagonal_of_the_grid(model: Path, corpus: Corpus) -> None:
    grid = measure_layers(LayersRequest(corpus, str(model), k=K))
    pairs = default_pairs(LAYERS, WIDTH)
    assert pairs == ((1, 16), (2, 32))
    ladder = measure_pairs(grid.request, (*pairs, (1, 5)))
    assert ladder[:2] == tuple(grid.cell(*pair) for pair in pairs)
    assert ladder[2].pair == (1, 5)
    for wrong in ((LAYERS + 1, 8), (1, WIDTH + 1), (1, 0)):
        with pytest.raises(BackendError):
            measure_pairs(grid.request, (wrong,))


def test_starbucks_sizes_are_the_default_of_bert_base() -> None:
    assert default_pairs(12, 768) == ((2, 32), (4, 64), (6, 128), (8, 256), (10, 512), (12, 768))
    assert default_dims(384) == (8, 16, 32, 64, 128, 192, 256, 384)
    for dim in (1, 2, 3, 7, 8, 50):
        assert default_dims(dim)[-1] == dim
        assert all(1 <= dims <= dim for dims in default_dims(dim))
        assert default_pairs(None, dim)[-1] == (0, dim)
        assert default_pairs(1, dim)[-1] == (1, dim)


def test_lines_of_equal_cost_multiply_time_and_bytes(model: Path, corpus: Corpus) -> None:
    grid = measure_layers(LayersRequest(corpus, str(model), k=K))
    times = (0.1, 0.5, 1.0)
    cells = tuple(replace(cell, relative_time=times[cell.layer]) for cell in grid.cells)
    grid = replace(grid, cells=cells)
    lines = iso_costs(grid)
    assert {line.cost: line.points for line in lines} == {
        0.5: ((1, 32.0), (2, 16.0)),
        0.25: ((1, 16.0), (2, 8.0)),
    }
    best = cheapest(grid, 1.0)
    assert best is not None
    assert best.recall.mean == 1.0
    assert cheapest(grid, 1.1) is None


def test_of_finished_vectors_the_dimensions_are_measured() -> None:
    corpus = builders.corpus(60)
    vectors = builders.embeddings(corpus, dim=12, present=50)
    grid = measure_layers(LayersRequest(corpus, None, embeddings=vectors, k=5, dims=(3, 6)))
    assert (grid.layers, grid.dims, grid.rows) == (None, (3, 6, 12), 50)
    full = unit_rows(vectors.vectors[:50])
    for cell in grid.cells:
        slow = slow_recall(full, unit_rows(full[:, : cell.dims]), 5)
        assert cell.recall.mean == pytest.approx(slow, abs=1e-6)
    assert iso_costs(grid) == ()
    with pytest.raises(BackendError):
        measure_layers(LayersRequest(corpus, None, embeddings=vectors, dims=(13,)))


def test_an_encoder_without_layers_says_so_or_has_its_dimensions_measured() -> None:
    corpus = builders.corpus(30)
    with pytest.raises(BackendError) as caught:
        measure_layers(LayersRequest(corpus, "lexical"))
    assert "has no layers" in caught.value.what
    vectors = builders.embeddings(corpus)
    grid = measure_layers(LayersRequest(corpus, "lexical", embeddings=vectors))
    assert grid.layers is None
    assert "has no layers" in grid.notes[0]


@pytest.mark.parametrize("rows", [0, 1])
def test_too_little_to_compare_is_said(model: Path, rows: int) -> None:
    corpus = corpus_of([*(f"cat {i}" for i in range(rows)), None])
    with pytest.raises(BackendError) as caught:
        measure_layers(LayersRequest(corpus, str(model)))
    assert "fewer than two" in caught.value.what


def test_duplicates_alone_and_two_rows_are_measured(model: Path) -> None:
    for texts in (["cat"] * 6, ["cat", "dog"]):
        grid = measure_layers(LayersRequest(corpus_of(list(texts)), str(model)))
        assert {cell.recall.mean for cell in grid.cells} == {1.0}


def test_a_seed_and_a_sample_are_reproducible(model: Path, corpus: Corpus) -> None:
    request = LayersRequest(corpus, str(model), k=K, sample=20, queries=10, seed=4)
    one, two = measure_layers(request), measure_layers(request)
    assert (one.rows, one.queries) == (20, 10)
    assert [cell.recall for cell in one.cells] == [cell.recall for cell in two.cells]
    assert one.made_by == two.made_by
    assert measure_layers(replace(request, seed=5)).made_by != one.made_by


def test_a_cell_as_an_embedding_is_that_cell_and_is_searched_by_text(
    model: Path, corpus: Corpus
) -> None:
    made = embed(EmbedRequest(corpus, f"{model}@1:16"))
    stack = layered(load_encoder(str(model))).encode_layers(TEXTS, "passage", "fp32")
    rows = [0, *range(3, 3 + len(TEXTS) - 1)]
    np.testing.assert_allclose(made.vectors[rows], unit_rows(stack[1][:, :16]), atol=1e-5)
    assert made.title == "model, layer 1 of 2, 16 dimensions"
    assert made.present.tolist()[:4] == [True, False, False, True]
    query = encode_query(corpus, made, TEXTS[7])
    assert query.shape == (16,)
    np.testing.assert_allclose(query, made.vectors[rows[7]], atol=1e-5)


def test_leading_dimensions_are_searched_by_the_text_of_the_whole(
    model: Path, corpus: Corpus
) -> None:
    whole = embed(EmbedRequest(corpus, str(model)))
    part = leading_dimensions(whole, 8)
    np.testing.assert_allclose(part.vectors, unit_rows(whole.vectors[:, :8]), atol=1e-7)
    assert part.title == "model, 8 dimensions"
    assert isinstance(part.vectors, np.memmap)
    twice = leading_dimensions(part, 4)
    for made in (part, twice):
        query = encode_query(corpus, made, TEXTS[0])
        np.testing.assert_allclose(query, made.vectors[0], atol=1e-5)
    assert leading_dimensions(whole, 8).fingerprint == part.fingerprint
    with pytest.raises(BackendError):
        leading_dimensions(whole, WIDTH + 1)


def test_rows_that_lose_their_direction_have_no_vector() -> None:
    vectors = np.array([[1, 0, 2], [0, 0, 3], [0, 0, 0]], dtype=np.float32)
    present = np.array([True, True, False])
    made = leading_dimensions(Embeddings(vectors, present, "file", "f", MadeBy("read")), 2)
    assert made.present.tolist() == [True, False, False]
    assert not made.vectors[1:].any()
    with pytest.raises(BackendError):
        encode_query(builders.corpus(3), made, "tide")
