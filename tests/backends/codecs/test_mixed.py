"""Mixed dimensions: groups keep as many as they need, bytes are counted, search is exact."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from backends.arrays import unit_rows
from backends.codecs.allocation import error_of, uniform
from backends.codecs.base import Ask, Codes, Training
from backends.codecs.clusters import directions, nearest_of
from backends.codecs.mixed import OVERHEAD, STRIDE, MixedDims
from backends.codecs.mixed_fit import Groups, choose_lengths, learn_groups, recall_among
from backends.codecs.registry import codec
from backends.codecs.scan import DecodedScan
from backends.codecs.source import Source
from backends.reporting import SILENT, Report
from tests.backends.codecs.test_reduction import POOR, spread_vectors

RANKS = (4, 16, 64)


def ranked_vectors(rows: int = 700, dim: int = 128, seed: int = 0) -> np.ndarray:
    """Three groups, `rows` of each, that spread in 4, 16 and 64 directions; a little noise."""
    rng = np.random.default_rng(seed)
    groups = []
    centres = 4 * np.linalg.qr(rng.standard_normal((dim, 3)))[0].T
    for centre, rank in zip(centres, RANKS, strict=True):
        turn = np.linalg.qr(rng.standard_normal((dim, min(rank, dim))))[0]
        groups.append(centre + 0.25 * rng.standard_normal((rows, turn.shape[1])) @ turn.T)
    vectors = np.concatenate(groups) + 0.003 * rng.standard_normal((3 * rows, dim))
    return rng.permutation(vectors).astype(np.float32)


def encoded(source: Source, budget: float | None, **params: int) -> tuple[MixedDims, Codes, str]:
    spec = codec("mixed-dims")
    solved = spec.solve(Ask(source.dim, source.rows, source.rows, budget))
    training = Training(source.take(slice(None)), np.arange(source.rows), source, seed=2)
    coder = spec.load()(training, {**solved.params, **params}, SILENT)
    return coder, coder.encode(source), solved.note


def test_the_search_finds_how_many_directions_each_group_has() -> None:
    budget = OVERHEAD + 2 * sum(RANKS) / 3
    coder, codes, _ = encoded(Source(ranked_vectors()), budget, groups=3)
    assert sorted(coder.params["kept"]) == pytest.approx(RANKS, abs=1)
    assert codes.nbytes / codes.rows <= budget + 0.01
    assert coder.notes[0].startswith("3 groups of rows keep ")


def test_no_more_is_lost_than_with_equal_lengths_at_the_same_bytes() -> None:
    vectors = unit_rows(ranked_vectors(200))
    held_out, learnt = vectors[:120], vectors[120:]
    groups = learn_groups(learnt, 4, 60, 0, SILENT)
    rows = np.bincount(groups.of(vectors), minlength=len(groups.means))
    errors = groups.errors(held_out)
    for coefficients in (0.5, 3.0, 11.0, 28.0, 60.0):
        kept, _ = choose_lengths(groups, learnt, held_out, coefficients)
        even = uniform(errors, rows, int(coefficients * len(vectors)))
        assert (kept * rows).sum() <= coefficients * len(vectors)
        found, by_equal = (recall_among(groups, learnt, held_out, k) for k in (kept, even))
        assert found >= by_equal
    kept, _ = choose_lengths(groups, learnt, held_out, 28.0)
    even = uniform(errors, rows, 28 * len(vectors))
    assert error_of(errors, kept) < 0.5 * error_of(errors, even)


def test_errors_of_groups_are_those_of_decoded_rows() -> None:
    vectors = unit_rows(ranked_vectors(60, 32))
    groups = learn_groups(vectors, 3, 20, 0, SILENT)
    kept = np.array([2, 20, 0])
    slow = float(((vectors - groups.decoded(vectors, kept)).astype(np.float64) ** 2).sum())
    assert error_of(groups.errors(vectors), kept) == pytest.approx(slow, rel=1e-4)


@pytest.mark.parametrize("budget", [0.5, 1, 3, 4, 9.7, 64, 1000])
def test_bytes_are_a_group_its_coefficients_and_a_share_of_the_starts(budget: float) -> None:
    source = Source(ranked_vectors(190, 24))
    coder, codes, note = encoded(source, budget, groups=3)
    kept = np.array(coder.params["kept"])
    strides = -(-source.rows // STRIDE)
    coefficients = kept[codes.parts["groups"]].sum()
    assert codes.nbytes == source.rows + 2 * coefficients + 8 * strides
    assert coder.side_bytes == 4 * (3 * 24 + 3 + 24 * kept.sum())
    assert codes.nbytes / source.rows <= max(budget, 1) + 0.1
    assert ("only the mean of their group" in note) == (budget <= 3)
    assert ("all 24 dimensions" in note) == (budget > 50)


def test_all_coefficients_lose_only_half_precision() -> None:
    source = Source(spread_vectors(600, 12))
    coder, codes, _ = encoded(source, 1 + 2 * 12 + 1)
    assert coder.decode(codes, slice(0, 600)) == pytest.approx(source.take(slice(None)), abs=1e-3)


def test_any_rows_are_decoded_alike() -> None:
    source = Source(ranked_vectors(190, 24))
    coder, codes, _ = encoded(source, 20, groups=3)
    whole = coder.decode(codes, slice(0, source.rows))
    some = np.array([569, 3, 255, 256, 257, 3])
    assert coder.decode(codes, some) == pytest.approx(whole[some], abs=1e-6)
    assert coder.decode(codes, slice(250, 300)) == pytest.approx(whole[250:300], abs=1e-6)


class Piecewise(Source):
    """The same rows in blocks of 100."""

    def blocks(
        self, report: Report = SILENT, text: str = "", values: int = 0
    ) -> Iterator[tuple[slice, np.ndarray]]:
        return super().blocks(report, text, 100 * self.dim)


def test_blocks_do_not_show_in_codes() -> None:
    vectors = ranked_vectors(190, 24)
    coder, whole, _ = encoded(Source(vectors), 20, groups=3)
    pieces = coder.encode(Piecewise(vectors))
    for name, part in whole.parts.items():
        assert pieces.parts[name] == pytest.approx(part, abs=1e-3)


def test_searching_coefficients_finds_what_decoding_finds() -> None:
    source = Source(ranked_vectors(190, 24))
    coder, codes, _ = encoded(source, 20, groups=3)
    queries = unit_rows(ranked_vectors(5, 24, seed=8))
    found, similarities = coder.open(codes, source).search(queries, 6)
    slow, slow_similarities = DecodedScan(coder, codes, 24).search(queries, 6)
    assert similarities == pytest.approx(slow_similarities, abs=1e-5)
    assert (found == slow).mean() > 0.95  # but for rounding of near ties


def test_the_same_seed_gives_the_same_codes() -> None:
    source = Source(ranked_vectors(60, 24))
    first, second = (encoded(source, 20)[1].parts for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("vectors", POOR.values(), ids=POOR)
@pytest.mark.parametrize("budget", [1, 6, 99, None])
def test_poor_vectors_are_borne(vectors: np.ndarray, budget: float | None) -> None:
    source = Source(vectors)
    coder, codes, _ = encoded(source, budget)
    assert np.isfinite(coder.decode(codes, slice(0, source.rows))).all()
    found, similarities = coder.open(codes, source).search(source.take(slice(0, 1)), 3)
    assert np.isfinite(similarities).all()
    assert found.shape == (1, min(3, source.rows))


def test_groups_are_those_that_were_planted() -> None:
    rng = np.random.default_rng(0)
    planted = unit_rows(rng.standard_normal((5, 30)).astype(np.float32))
    label = rng.integers(0, 5, 400)
    vectors = unit_rows(planted[label] + 0.05 * rng.standard_normal((400, 30), dtype=np.float32))
    centres = directions(vectors, 5, seed=1)
    group = nearest_of(vectors, centres)
    assert len({(int(a), int(b)) for a, b in zip(label, group, strict=True)}) == 5
    assert (centres @ planted.T).max(axis=1).min() > 0.99


def test_fewer_groups_where_rows_are_alike() -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 2, 2, 0, 0]]
    assert len(directions(vectors, 4, seed=0)) == 2
    assert isinstance(learn_groups(vectors, 4, 3, 0, SILENT), Groups)
