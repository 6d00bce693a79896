"""What the codecs of whole tables promise in common."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from backends.codecs.base import Training
from backends.codecs.registry import CODECS, codec
from backends.codecs.source import Source
from backends.reporting import SILENT, Cancelled, Report
from tests.backends.codecs.tables import (
    all_of,
    bytes_of,
    encoded,
    solved,
    source_of,
)

FAMILY = ("tt", "sparse", "prune", "dedup", "hash", "compositional")


def test_they_are_in_the_table_and_not_in_the_default_sweep() -> None:
    specs = [spec for spec in CODECS.values() if spec.family == "Structure"]
    assert {spec.id for spec in specs} == set(FAMILY)
    assert not any(spec.default for spec in specs)


@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize("share", [2, 4, 8, 16, 32, 64])
def test_budgets_are_kept_or_a_sentence_says_why_not(name: str, share: int) -> None:
    source = source_of(600, 48)
    budget = 4 * source.dim / share
    params, note = solved(name, source, budget)
    coder, codes = encoded(name, source, params)
    assert bytes_of(codes) <= budget or note.endswith(".")
    assert note or bytes_of(codes) > 0.6 * budget
    assert coder.side_bytes == 0
    assert np.isfinite(coder.decode(codes, slice(0, 600))).all()


@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize("case", ["two", "one number", "equal", "constant", "zeros", "tiny"])
def test_poor_input_gives_finite_vectors_and_neighbours(name: str, case: str) -> None:
    rng = np.random.default_rng(1)
    vectors = {
        "two": rng.standard_normal((2, 5)),
        "one number": rng.standard_normal((30, 1)),
        "equal": np.repeat(rng.standard_normal((1, 6)), 20, axis=0),
        "constant": np.c_[rng.standard_normal((25, 3)), np.full(25, 2.0)],
        "zeros": np.c_[rng.standard_normal((25, 3)), np.zeros(25)],
        "tiny": rng.standard_normal((3, 2)),
    }[case].astype(np.float32)
    source = Source(vectors)
    for budget in (0.3, 1.0, 7.0, 4.0 * source.dim, 40.0 * source.dim):
        params, _ = solved(name, source, budget)
        coder, codes = encoded(name, source, params)
        assert np.isfinite(coder.decode(codes, slice(0, source.rows))).all()
        found, similarities = coder.open(codes, source).search(all_of(source), source.rows)
        assert sorted(found[0].tolist()) == list(range(source.rows))
        assert not np.isnan(similarities).any()


@pytest.mark.parametrize("name", FAMILY)
def test_rows_are_decoded_in_any_order_as_in_the_whole(name: str) -> None:
    source = source_of(90, 13)
    params, _ = solved(name, source, 20.0)
    coder, codes = encoded(name, source, params)
    whole = coder.decode(codes, slice(0, 90))
    rows = np.array([88, 3, 3, 0, 41, 89])
    assert coder.decode(codes, rows) == pytest.approx(whole[rows], abs=1e-6)
    assert coder.decode(codes, slice(17, 64)) == pytest.approx(whole[17:64], abs=1e-6)
    assert coder.decode(codes, rows[:0]).shape == (0, 13)


@pytest.mark.parametrize("name", FAMILY)
def test_the_same_codes_come_out_again(name: str) -> None:
    source = source_of(200, 12)
    params, _ = solved(name, source, 16.0)
    (_, one), (_, two) = encoded(name, source, params), encoded(name, source, params)
    assert one.parts.keys() == two.parts.keys()
    assert all((one.parts[part] == two.parts[part]).all() for part in one.parts)


@pytest.mark.parametrize("name", FAMILY)
def test_encoding_can_be_stopped(name: str) -> None:
    source = source_of(2200, 2048)  # two blocks
    params, _ = solved(name, source, 300.0)
    training = Training(source.take(slice(0, 10)), np.arange(10), source)
    coder = codec(name).load()(training, params, SILENT)
    stop = threading.Event()
    report = Report(on_progress=lambda _progress: stop.set(), stop=stop)
    with pytest.raises(Cancelled):
        coder.encode(source, report)


@pytest.mark.parametrize("name", ["tt", "sparse", "prune", "dedup"])
def test_a_budget_for_everything_loses_nothing(name: str) -> None:
    source = source_of(70, 11)
    params, _ = solved(name, source, 400.0)
    coder, codes = encoded(name, source, params)
    assert coder.decode(codes, slice(0, 70)) == pytest.approx(all_of(source), abs=1e-5)
