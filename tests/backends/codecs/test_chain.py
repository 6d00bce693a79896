"""Chains: the same as doing both by hand, within the budget, as long as one likes."""

from __future__ import annotations

import numpy as np
import pytest

from backends.arrays import unit_rows
from backends.codecs import registry
from backends.codecs.base import Ask, CodecSpec, Coder, Codes, Training
from backends.codecs.chain import bytes_of
from backends.codecs.reducer import Reducer
from backends.codecs.registry import codec
from backends.codecs.source import Source
from backends.errors import BackendError
from backends.reporting import SILENT
from tests.backends.codecs.test_reduction import spread_vectors

FIRSTS = ("truncate", "pca", "svd", "random-projection")


def chained(name: str, source: Source, budget: float | None) -> tuple[Coder, Codes]:
    spec = codec(name)
    solved = spec.solve(Ask(source.dim, source.rows, source.rows, budget))
    training = Training(source.take(slice(None)), np.arange(source.rows), source, seed=1)
    coder = spec.load()(training, solved.params, SILENT)
    return coder, coder.encode(source)


@pytest.mark.parametrize("first", FIRSTS)
def test_a_chain_is_both_done_by_hand(first: str) -> None:
    source = Source(spread_vectors(120, 16))
    coder, codes = chained(f"{first}+float16", source, 12)
    rows = source.take(slice(None))
    training = Training(rows, np.arange(120), source, seed=1)
    reducer = codec(first).load()(training, coder.params["first"], SILENT)
    assert isinstance(reducer, Reducer)
    reduced = unit_rows(reducer.reduce(rows))
    assert reduced.shape == (120, 6)
    second = codec("float16").load()(Training(reduced, np.arange(120), Source(reduced)), {}, SILENT)
    by_hand = second.encode(Source(reduced))
    assert codes.parts["codes"] == pytest.approx(by_hand.parts["codes"], abs=1e-3)
    queries = unit_rows(spread_vectors(10, 16, seed=4))
    found, similarities = coder.open(codes, source).search(queries, 5)
    asked = unit_rows(reducer.reduce(queries))
    slow, slow_similarities = second.open(by_hand, Source(reduced)).search(asked, 5)
    assert similarities == pytest.approx(slow_similarities, abs=2e-3)
    assert (found == slow).mean() > 0.9  # but for near ties


def test_a_chain_has_the_codes_of_the_second_and_the_tables_of_both() -> None:
    source = Source(spread_vectors(90, 10))
    coder, codes = chained("pca+float16", source, 8)
    assert codes.nbytes == 90 * 8
    assert coder.params["dims"] == coder.params["first"]["dims"] == 4
    assert {name: table.nbytes for name, table in coder.side.items()} == {
        "scale": 4,
        "first.components": 4 * 10 * 4,
    }


@pytest.mark.parametrize("first", FIRSTS)
def test_all_dimensions_lose_only_what_the_second_loses(first: str) -> None:
    source = Source(spread_vectors(60, 8))
    coder, codes = chained(f"{first}+float16", source, 16)
    assert coder.params["dims"] == 8
    rows = source.take(slice(None))
    decoded = coder.decode(codes, np.arange(60))
    # A random projection changes lengths, which what follows does not see.
    assert unit_rows(decoded) == pytest.approx(rows, abs=2e-2 if first[0] == "r" else 2e-3)


@pytest.mark.parametrize(("budget", "dims"), [(1, 1), (2, 1), (3, 1), (7.9, 3), (12, 6), (99, 10)])
def test_the_budget_decides_how_many_dimensions(budget: float, dims: int) -> None:
    solved = codec("truncate+float16").solve(Ask(10, 50, 50, budget))
    assert solved.params["dims"] == dims
    assert ("1 dimension is kept" in solved.note) == (budget < 2)
    assert ("all 10 dimensions" in solved.note) == (budget > 20)


@pytest.mark.parametrize(
    ("dim", "budget", "dims"),
    [
        (384, 6, 96),  # a quarter
        (384, 40, 160),  # four a byte
        (384, 96, 384),
        (384, 960, 384),
        (50, 12, 48),
        (50, 20, 40),  # two a byte, not two and a half
        (50, 0.5, 12),
        (1, 1, 1),
    ],
)
def test_a_second_codec_that_solves_its_own_budget_gets_four_a_byte(
    dim: int, budget: float, dims: int
) -> None:
    solved = codec("truncate+truncate").solve(Ask(dim, 99, 99, budget))
    assert solved.params["dims"] == dims


def test_bytes_are_counted_from_codes() -> None:
    assert bytes_of(codec("float16"), 7) == 14


def test_chains_can_be_chained() -> None:
    spec = codec("truncate+pca+float16")
    assert spec.id == "truncate+pca+float16"
    assert spec.title == "Truncation, then PCA, then float16"
    source = Source(spread_vectors(100, 16))
    coder, codes = chained(spec.id, source, 8)
    assert codes.nbytes == 100 * 8
    assert coder.params["first"]["then"] == {"dims": 4, "centred": False}  # before another
    assert coder.decode(codes, slice(0, 3)).shape == (3, 16)
    found, _ = coder.open(codes, source).search(source.take(slice(0, 100)), 1)
    assert (found[:, 0] == np.arange(100)).mean() > 0.9


def test_what_keeps_all_dimensions_cannot_stand_first() -> None:
    with pytest.raises(BackendError, match="cannot stand before another codec"):
        codec("float16+pca")
    with pytest.raises(BackendError, match="no codec called “gzip”"):
        codec("pca+gzip")


def test_a_stage_makes_a_codec_of_all_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def stage(spec: CodecSpec) -> CodecSpec:
        seen.append(spec.id)
        return spec

    monkeypatch.setitem(registry.STAGES, "again", stage)
    assert codec("pca+float16+again").id == "pca+float16"
    assert seen == ["pca+float16"]
