"""Two-stage search: the exact end, growing with depth, faiss' own refinement, what it says."""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from backends.arrays import unit_rows
from backends.codecs.base import Ask, Coder, Codes, Training
from backends.codecs.faiss_export import factory
from backends.codecs.faiss_shared import FaissCoder
from backends.codecs.registry import codec
from backends.codecs.source import Source
from backends.codecs.two_stage import TwoStage
from backends.errors import BackendError
from backends.reporting import SILENT

CHAINS = ("sign+rerank", "pq+rerank", "rabitq+rerank", "pca+int8+rerank")


def some_vectors(n: int, dim: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((12, dim))
    rows = centres[rng.integers(0, 12, n)] + 0.6 * rng.standard_normal((n, dim))
    return rows.astype(np.float32)


def fitted(name: str, source: Source, budget: float = 4) -> tuple[Coder, Codes]:
    rows = source.take(slice(0, source.rows))
    training = Training(rows, np.arange(source.rows), source)
    params = codec(name).solve(Ask(source.dim, source.rows, source.rows, budget)).params
    coder = codec(name).load()(training, params, SILENT)
    return coder, coder.encode(source)


@pytest.mark.parametrize("chain", CHAINS)
def test_all_rows_as_candidates_are_exact_search(chain: str) -> None:
    vectors = some_vectors(300, 16)
    vectors[7] = vectors[90]  # equal ones, in the order of positions
    source = Source(vectors)
    coder, codes = fitted(f"{chain}300", source)
    queries = source.take(np.array([7, 90, 5, 11]))
    found, similarities = coder.open(codes, source).search(queries, 10)
    exact = queries @ source.take(slice(0, 300)).T
    assert found.tolist() == np.argsort(-exact, axis=1, kind="stable")[:, :10].tolist()
    assert similarities == pytest.approx(-np.sort(-exact, axis=1)[:, :10], abs=1e-6)


@pytest.mark.parametrize("chain", CHAINS)
def test_more_candidates_never_find_less(chain: str) -> None:
    source = Source(some_vectors(800, 32))
    queries = unit_rows(some_vectors(40, 32, seed=3))
    truth = np.argsort(-(queries @ source.take(slice(0, 800)).T), axis=1)[:, :5]
    shares = []
    for depth in (5, 20, 80, 800):
        coder, codes = fitted(f"{chain}{depth}", source)
        found, _ = coder.open(codes, source).search(queries, 5)
        kept = [len(np.intersect1d(a, b)) / 5 for a, b in zip(found, truth, strict=True)]
        shares.append(kept)
    assert (np.diff(shares, axis=0) >= 0).all()  # of each query
    assert np.mean(shares[0]) < 0.95
    assert np.mean(shares[-1]) == 1.0


def test_ids_are_those_of_refinement_by_faiss() -> None:
    source = Source(some_vectors(900, 24))
    coder, codes = fitted("pq+rerank40", source)
    assert isinstance(coder, TwoStage)
    assert isinstance(coder.first, FaissCoder)
    rows = source.take(slice(0, 900))
    base, flat = coder.first.index(codes), faiss.IndexFlatL2(24)
    flat.add(rows)
    refined = faiss.IndexRefine(base, flat)
    refined.k_factor = 4
    queries = rows[:10]
    found, _ = coder.open(codes, source).search(queries, 10)
    assert refined.search(queries, 10)[1].tolist() == found.tolist()
    assert factory(coder) == "PQ4x8,RFlat"


def test_a_second_stage_behind_a_reducer_compares_reduced_vectors() -> None:
    source = Source(some_vectors(200, 12))
    coder, codes = fitted("pca+two-stage", source, 1)
    queries = source.take(slice(0, 5))
    found, similarities = coder.open(codes, source).search(queries, 4)
    assert found[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert similarities[:, 0] == pytest.approx(1.0, abs=1e-5)


def test_the_copy_that_is_read_again_is_counted_on_disk() -> None:
    source = Source(some_vectors(500, 16))
    coder, codes = fitted("two-stage", source)
    assert coder.refine_bytes == 500 * 16 * 4
    assert coder.refine_on_disk
    assert codes.nbytes == 500 * 2
    first, first_codes = fitted("sign", source)
    assert coder.side_bytes == first.side_bytes
    assert codes.parts["codes"].tolist() == first_codes.parts["codes"].tolist()
    assert coder.decode(codes, slice(0, 9)).tolist() == first.decode(codes, slice(0, 9)).tolist()


def test_more_neighbours_than_candidates_or_rows_are_all_there_are() -> None:
    source = Source(some_vectors(30, 8))
    coder, codes = fitted("sign+rerank5", source)
    found, _ = coder.open(codes, source).search(source.take(slice(0, 2)), 12)
    assert found.shape == (2, 12)
    found, _ = coder.open(codes, source).search(source.take(slice(0, 2)), 99)
    assert np.sort(found, axis=1).tolist() == [list(range(30))] * 2
    nothing, _ = coder.open(codes, source).search(source.take(slice(0, 0)), 3)
    assert nothing.shape == (0, 3)


def test_rows_without_a_vector_are_left_out_by_position() -> None:
    vectors = some_vectors(40, 8)
    kept = np.flatnonzero(np.arange(40) % 3 > 0)
    source = Source(vectors, kept)
    coder, codes = fitted("sign+rerank40", source)
    found, _ = coder.open(codes, source).search(unit_rows(vectors[kept[:3]]), 1)
    assert found[:, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize("scale", [1.0, 1e-25, 1e25])
def test_cosines_are_products_of_unit_rows_whatever_their_length(scale: float) -> None:
    vectors = some_vectors(30, 9) * np.float32(scale)
    source = Source(vectors, np.arange(3, 30))
    positions = np.array([[0, 4, 26], [5, 5, 1]])
    queries = unit_rows(some_vectors(2, 9, seed=2))
    slow = np.einsum("bd,bcd->bc", queries, unit_rows(vectors)[positions + 3])
    assert source.cosines(queries, positions) == pytest.approx(slow, abs=1e-6)


def test_the_depth_is_a_setting_and_a_second_re_ranking_is_refused() -> None:
    assert codec("sign+rerank70").solve(Ask(8, 100, 100)).params["depth"] == 70
    assert codec("two-stage").solve(Ask(8, 100, 100)).params["depth"] == 400
    with pytest.raises(BackendError, match="looks at the vectors already"):
        codec("sign+rerank+rerank")
