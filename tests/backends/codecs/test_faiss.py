"""Codecs of faiss: codes against slow versions, sizes, budgets, opening, export, odd input."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest

from backends.arrays import unit_rows
from backends.codecs import faiss_rabitq
from backends.codecs.base import Ask, Coder, Codes, Solved, Training
from backends.codecs.centroids import Parts, balanced_axes, learn_parts, nearest_centroids, unpacked
from backends.codecs.faiss_export import factory, faiss_index, write_faiss
from backends.codecs.faiss_shared import FaissCoder, pull_of
from backends.codecs.registry import codec
from backends.codecs.source import Source
from backends.reporting import SILENT, Cancelled, Report

FAISS = ("pq", "opq", "pq-fastscan", "rabitq", "scalar8", "scalar6", "scalar4", "rq", "lsq")


def some_vectors(n: int, dim: int, seed: int = 0) -> np.ndarray:
    """Rows round a few centres, so that there is something to learn."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((12, dim))
    rows = centres[rng.integers(0, 12, n)] + 0.6 * rng.standard_normal((n, dim))
    return rows.astype(np.float32)


def solved(name: str, dim: int, budget: float | None, training: int = 1000) -> Solved:
    return codec(name).solve(Ask(dim, training, training, budget))


def fitted(
    name: str, vectors: np.ndarray, budget: float | None = None
) -> tuple[Coder, Codes, Source]:
    source = Source(vectors)
    training = Training(source.take(slice(0, source.rows)), np.arange(source.rows), source)
    params = solved(name, source.dim, budget, source.rows).params
    coder = codec(name).load()(training, params, SILENT)
    return coder, coder.encode(source), source


def share_found(coder: Coder, codes: Codes, source: Source, k: int = 5) -> float:
    queries = source.take(slice(0, 50))
    truth = np.argsort(-(queries @ source.take(slice(0, source.rows)).T), axis=1)[:, :k]
    found, _ = coder.open(codes, source).search(queries, k)
    return shared(found, truth) / k


def shared(found: np.ndarray, truth: np.ndarray) -> float:
    """How many of a row's numbers are the same, on average."""
    return float(np.mean([len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True)]))


def rows_for(name: str, n: int) -> int:
    """Fewer for methods that take seconds to learn more than a few centroids."""
    return n if name not in ("rq", "lsq") else 60


@pytest.mark.parametrize(
    ("dim", "parts", "bits"), [(12, 12, 8), (12, 6, 8), (12, 2, 8), (12, 4, 5)]
)
def test_pq_codes_are_the_nearest_centroids_of_a_slow_search(
    dim: int, parts: int, bits: int
) -> None:
    vectors = unit_rows(some_vectors(400, dim))
    learned = Parts(dim, parts, bits)
    learn_parts(learned, vectors, 0, SILENT, iterations=3)
    pieces = vectors.reshape(400, parts, 1, -1)
    distances = ((pieces - learned.books[None]) ** 2).sum(axis=3)  # (n, M, K)
    chosen = np.take_along_axis(distances, learned.labels(vectors)[:, :, None], axis=2)[:, :, 0]
    assert chosen == pytest.approx(distances.min(axis=2), abs=1e-6)
    assert (learned.labels(vectors) == distances.argmin(axis=2)).mean() > 0.99


@pytest.mark.parametrize("width", [1, 3, 4, 16])
def test_every_way_of_encoding_gives_the_codes_of_faiss(width: int) -> None:
    vectors = unit_rows(some_vectors(500, 48))
    parts = Parts(48, 48 // width, 8)
    parts.start(vectors, 0)
    theirs = parts.quantiser.compute_codes(vectors)
    assert (parts.codes(vectors) == theirs).mean() > 0.99
    assert (nearest_centroids(parts.books, vectors) == theirs).mean() > 0.99
    assert parts.restored(unpacked(theirs, 48 // width, 8)) == pytest.approx(
        parts.quantiser.decode(theirs)
    )


def test_learned_centroids_lose_as_little_as_those_of_faiss() -> None:
    vectors = unit_rows(some_vectors(2000, 8))
    learned = Parts(8, 2, 5)
    learn_parts(learned, vectors, 0, SILENT, iterations=25)
    theirs = faiss.ProductQuantizer(8, 2, 5)
    theirs.train(vectors)
    ours = ((learned.restored(learned.labels(vectors)) - vectors) ** 2).sum(axis=1).mean()
    peer = ((theirs.decode(theirs.compute_codes(vectors)) - vectors) ** 2).sum(axis=1).mean()
    assert ours < 1.05 * peer


def test_axes_are_dealt_so_that_parts_have_as_much_to_code() -> None:
    rng = np.random.default_rng(0)
    vectors = (rng.standard_normal((2000, 8)) * 2.0 ** -np.arange(8)).astype(np.float32)
    axes = balanced_axes(vectors, 4)
    assert axes @ axes.T == pytest.approx(np.eye(8), abs=1e-5)
    products = (vectors @ axes.T).var(axis=0).reshape(4, 2).prod(axis=1)
    assert products.max() < 1.2 * products.min()


def test_a_learned_rotation_loses_less_than_none_where_dimensions_hang_together() -> None:
    rng = np.random.default_rng(0)
    mixed = rng.standard_normal((32, 32)) * 2.0 ** -(np.arange(32)[:, None] / 3)
    vectors = (rng.standard_normal((1000, 32)) @ mixed).astype(np.float32)
    losses = []
    for name in ("pq", "opq"):
        coder, codes, source = fitted(name, vectors, 8)
        rows = source.take(slice(0, 1000))
        losses.append(((coder.decode(codes, slice(0, 1000)) - rows) ** 2).sum(axis=1).mean())
    assert losses[1] < 0.8 * losses[0]
    rotation = coder.side["rotation"]
    assert rotation @ rotation.T == pytest.approx(np.eye(32), abs=1e-4)


@pytest.mark.parametrize(("name", "budget", "size"), [
    ("pq", 8, 8), ("opq", 16, 16), ("pq-fastscan", 8, 8), ("rabitq", 64, 52), ("rabitq", 12, 12),
    ("scalar8", None, 32), ("scalar6", None, 24), ("scalar4", None, 16),
    ("rq", 4, 4), ("lsq", 4, 4),
])  # fmt: skip
def test_sizes_are_those_of_the_formulas(name: str, budget: float | None, size: int) -> None:
    coder, codes, _ = fitted(name, some_vectors(rows_for(name, 600), 32), budget)
    assert codes.nbytes == codes.rows * size
    assert codes.parts["codes"].dtype == np.uint8
    centroids = 256 * 32 * 4
    expected = {"pq": centroids + 4, "opq": centroids + 32 * 32 * 4 + 4, "rabitq": 33 * 32 * 4}
    if name in expected:
        assert coder.side_bytes == expected[name]
    if name.startswith("scalar"):
        assert coder.side_bytes == 2 * 32 * 4


@pytest.mark.parametrize("name", FAISS)
def test_codes_are_decoded_and_found_again_without_training(name: str) -> None:
    n = rows_for(name, 700)
    coder, codes, source = fitted(name, some_vectors(n, 24), 12)
    assert isinstance(coder, FaissCoder)
    again = type(coder)(dict(coder.params), {k: v.copy() for k, v in coder.side.items()}, 24)
    kept = Codes({"codes": codes.parts["codes"].copy()}, codes.rows)
    queries = source.take(slice(0, 30))
    before = coder.open(codes, source).search(queries, 5)
    after = again.open(kept, source).search(queries, 5)
    assert before[0].tolist() == after[0].tolist()
    assert again.encode(source).parts["codes"].tolist() == codes.parts["codes"].tolist()
    assert share_found(coder, codes, source) > 0.3
    rows = np.array([5, 2, n - 1])
    whole = coder.decode(codes, slice(0, n))
    assert coder.decode(codes, rows) == pytest.approx(whole[rows], abs=1e-6)


@pytest.mark.parametrize("name", ["pq", "opq", "scalar8", "scalar4"])
def test_many_queries_find_what_single_ones_find(name: str) -> None:
    coder, codes, source = fitted(name, some_vectors(900, 24), 12)
    searcher = coder.open(codes, source)
    queries = source.take(slice(0, 40))
    together = searcher.search(queries, 6)[1]
    alone = np.concatenate([searcher.search(q[None], 6)[1] for q in queries])
    assert together == pytest.approx(alone, abs=1e-5)


def test_pulled_centroids_order_as_the_cosine_of_what_is_decoded() -> None:
    """The index of faiss finds as much as a scan by cosine, its own two measures less."""
    vectors = some_vectors(3000, 48)
    coder, codes, source = fitted("pq", vectors, 6)
    rows = source.take(slice(0, 3000))
    decoded = coder.decode(codes, slice(0, 3000))
    queries = rows[:300]
    truth = np.argsort(-(queries @ rows.T), axis=1)[:, :11]

    def found(similarities: np.ndarray) -> float:
        return shared(np.argsort(-similarities, axis=1)[:, :11], truth)

    ours, _ = coder.open(codes, source).search(queries, 11)
    share = shared(ours, truth)
    squares = (decoded**2).sum(axis=1)
    products = queries @ decoded.T
    assert share > found(products)
    assert share > found(2 * products - squares)
    assert share > found(products / np.sqrt(squares)) - 0.1
    assert pull_of(rows, 2 * rows) == pytest.approx(pull_of(rows, rows) / 2)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_rabitq_decodes_to_what_its_estimates_are_products_with(bits: int) -> None:
    vectors = some_vectors(400, 40)
    size = faiss_rabitq.code_size(40, bits)
    coder, codes, source = fitted("rabitq", vectors, size)
    assert coder.params == {"bits": bits}
    assert codes.parts["codes"].shape == (400, size)
    rows = source.take(slice(0, 400))
    decoded = coder.decode(codes, slice(0, 400))
    index = faiss_index(coder, codes)
    similarities, found = index.search(rows[:20], 400)
    products = np.take_along_axis(rows[:20] @ decoded.T, found, axis=1)
    # The estimate has a term of each row beside it, which is small, as the factors are exact.
    assert np.corrcoef(similarities.ravel(), products.ravel())[0, 1] > 0.98
    center = coder.side["center"] @ coder.side["rotation"]
    residual, restored = rows - center, decoded - center
    # Not biased: along the residual itself nothing is lost (RaBitQ 2024, theorem 3.2).
    squares = (residual**2).sum(axis=1)
    assert (residual * restored).sum(axis=1) == pytest.approx(squares, rel=1e-4)
    if bits == 1:
        turned = residual @ coder.side["rotation"].T
        scale = squares / np.abs(turned).sum(axis=1)
        slow = np.where(turned > 0, 1, -1) * scale[:, None]
        assert restored @ coder.side["rotation"].T == pytest.approx(slow, abs=1e-5)


@pytest.mark.parametrize("name", FAISS)
def test_a_written_index_of_faiss_finds_the_same(name: str, tmp_path: Path) -> None:
    coder, codes, source = fitted(name, some_vectors(rows_for(name, 500), 24), 12)
    assert write_faiss(coder, codes, tmp_path / "codes.faiss")
    index = faiss.read_index(str(tmp_path / "codes.faiss"))
    queries = source.take(slice(0, 8))
    positions, _ = coder.open(codes, source).search(queries, 7)
    assert index.search(queries, 7)[1].tolist() == positions.tolist()
    named = faiss.index_factory(24, factory(coder), faiss.METRIC_L2)
    assert type(faiss.downcast_index(named)) is type(faiss.downcast_index(index))


@pytest.mark.parametrize("name", ["float16", "int8", "int4"])
def test_rounded_numbers_have_an_exact_twin_in_faiss(name: str) -> None:
    coder, codes, _ = fitted(name, some_vectors(300, 11))
    index = faiss_index(coder, codes)
    decoded = coder.decode(codes, slice(0, 300))
    assert index.reconstruct_n(0, 300) == pytest.approx(decoded, abs=2e-6)
    named = faiss.index_factory(11, factory(coder), faiss.METRIC_INNER_PRODUCT)
    assert named.sq.qtype == index.sq.qtype


def test_signs_have_an_exact_twin_and_others_say_that_they_have_none(tmp_path: Path) -> None:
    coder, codes, source = fitted("two-stage", some_vectors(300, 16))
    assert write_faiss(coder, codes, tmp_path / "signs")
    index = faiss.read_index_binary(str(tmp_path / "signs"))
    bits = np.packbits(source.take(slice(0, 5)) > 0, axis=1)
    distances, _ = index.search(bits, 300)
    slow = bits[:, None] ^ codes.parts["codes"][None]
    assert distances.tolist() == np.sort(np.bitwise_count(slow).sum(axis=2), axis=1).tolist()
    other, other_codes, _ = fitted("bfloat16", some_vectors(30, 16))
    assert factory(other) is None
    assert not write_faiss(other, other_codes, tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("name", "dim", "budget", "training", "params", "words"), [
    ("pq", 50, 12.5, 90_000, {"parts": 10, "bits": 8}, "divisible"),
    ("pq", 383, 48, 90_000, {"parts": 383, "bits": 1}, ""),
    ("pq", 384, 48, 90_000, {"parts": 48, "bits": 8}, ""),
    ("pq", 384, 768, 90_000, {"parts": 384, "bits": 8}, "at most 8 bits"),
    ("pq", 384, 0.5, 90_000, {"parts": 1, "bits": 8}, "at least a byte"),
    ("opq", 384, 96, 100, {"parts": 128, "bits": 6}, "100 training rows allow no more than 64"),
    ("pq-fastscan", 384, 48, 90_000, {"parts": 96, "bits": 4}, ""),
    ("rabitq", 384, 24, 90_000, {"bits": 1}, "at least 1 bit"),
    ("rabitq", 384, 384, 90_000, {"bits": 7}, "whole bits"),
    ("rq", 384, 0.5, 90_000, {"parts": 1, "bits": 8, "kind": "rq"}, "at least 2 bytes"),
    ("rq", 384, 500, 90_000, {"parts": 32, "bits": 8, "kind": "rq"}, "More than 32 parts"),
])  # fmt: skip
def test_a_budget_is_met_or_the_nearest_setting_is_said(
    name: str, dim: int, budget: float, training: int, params: dict[str, object], words: str
) -> None:
    outcome = solved(name, dim, budget, training)
    assert outcome.params == params
    assert words in outcome.note if words else outcome.note == ""


@pytest.mark.parametrize("name", FAISS)
@pytest.mark.parametrize(("n", "dim"), [(2, 1), (2, 3), (5, 2), (60, 7), (40, 13)])
def test_few_rows_and_few_dimensions_work(name: str, n: int, dim: int) -> None:
    for budget in (0.3, 3.0):
        coder, codes, source = fitted(name, some_vectors(n, dim), budget)
        found, similarities = coder.open(codes, source).search(source.take(slice(0, 2)), n)
        assert found.shape == (2, n)
        assert np.isfinite(coder.decode(codes, slice(0, n))).all()
        assert np.isfinite(similarities[found >= 0]).all()


@pytest.mark.parametrize("name", FAISS)
def test_duplicates_and_constant_dimensions_work(name: str) -> None:
    same = np.tile(some_vectors(1, 8), (40, 1))
    n = rows_for(name, 300)
    constant = some_vectors(n, 8)
    constant[:, 2:5] = 0.5
    zero = some_vectors(n, 8)
    zero[:, 3] = 0
    for vectors in (same, constant, zero):
        coder, codes, source = fitted(name, vectors, 4)
        positions, similarities = coder.open(codes, source).search(source.take(slice(0, 2)), 3)
        assert (positions >= 0).all()
        assert np.isfinite(similarities).all()
        assert np.isfinite(coder.decode(codes, slice(0, len(vectors)))).all()


@pytest.mark.parametrize("name", [*FAISS, "two-stage"])
def test_the_same_seed_gives_the_same_codes(name: str) -> None:
    vectors = some_vectors(rows_for(name, 400), 16)
    first, second = fitted(name, vectors, 8)[1], fitted(name, vectors, 8)[1]
    assert first.parts["codes"].tolist() == second.parts["codes"].tolist()


@pytest.mark.parametrize("name", ["pq", "opq", "rq"])
def test_learning_can_be_stopped(name: str) -> None:
    seen = 0

    class Stopping(Report):
        def check(self) -> None:
            nonlocal seen
            seen += 1
            if seen > 2:
                raise Cancelled

    source = Source(some_vectors(600, 16))
    training = Training(source.take(slice(0, 600)), np.arange(600), source)
    with pytest.raises(Cancelled):
        codec(name).load()(training, solved(name, 16, 8).params, Stopping())
    assert seen == 3


def test_threads_of_faiss_are_left_as_they_were() -> None:
    before = faiss.omp_get_max_threads()
    coder, codes, source = fitted("rabitq", some_vectors(100, 8), 12)
    coder.open(codes, source).search(source.take(slice(0, 1)), 3)
    assert faiss.omp_get_max_threads() == before
