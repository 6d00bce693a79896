"""What every codec and chain owes to whoever measures it, on easy rows and on rows that hurt."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from backends.arrays import frozen
from backends.codecs.base import Ask, Coder, Codes, Params, Solved, Training
from backends.codecs.registry import CODECS, codec
from backends.codecs.source import Source
from backends.compression.measure import count_memory, distortion
from backends.reporting import SILENT, Cancelled, Report

CHAINS = (
    "pca+int8",
    "truncate+sign",
    "pca+pq",
    "sign+rerank",
    "pca+int8+rerank",
    "rabitq+rerank3",
    "truncate+pca+int4",
    "pca+two-stage",
)
NAMES = (*CODECS, *CHAINS)
SEED = 3
# Learning takes seconds, however few rows there are: these meet fewer of the rows that hurt.
SLOW = ("lsq", "rq", "pca+pq", "opq", "rabitq+rerank3", "pq", "pq-fastscan", "bebr")
SLOW += ("semantic-hash", "semantic-hash-ball", "itq")
BUDGETS = (0.3, 1.0, 3.7, 8.0, 1000.0, None)


def read_only(vectors: np.ndarray) -> Source:
    return Source(frozen(vectors.copy()))


def trained(source: Source) -> Training:
    """All rows but each fifth, as when these are queries."""
    positions = np.flatnonzero(np.arange(source.rows) % 5 > 0)
    positions = positions if len(positions) else np.arange(source.rows)
    return Training(frozen(source.take(positions)), positions, source, SEED)


@pytest.fixture(autouse=True, scope="module")
def one_number_of_threads() -> Iterator[None]:
    """Sums in another order may code what lies between two centroids otherwise."""
    with threadpool_limits(limits=1):
        yield


def fitted(
    name: str, source: Source, budget: float | None, report: Report = SILENT
) -> tuple[Solved, Coder]:
    training = trained(source)
    spec = codec(name)
    asked = Ask(source.dim, source.rows, len(training.vectors), budget)
    solved = spec.solve(asked)
    coder: Coder = spec.load()(training, solved.params, report)
    return solved, coder


def clustered(n: int = 130, dim: int = 12) -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((n // 10, dim), dtype=np.float32)
    noise = rng.standard_normal((n, dim), dtype=np.float32)
    return centres[np.arange(n) % len(centres)] + 0.3 * noise


@cache
def usual(name: str) -> tuple[Source, Solved, Coder, Codes]:
    """A codec on rows that are easy, at 6 bytes a vector."""
    source = read_only(clustered())
    solved, coder = fitted(name, source, 6.0)
    return source, solved, coder, coder.encode(source)


def is_plain(value: Params) -> bool:
    return bool(json.loads(json.dumps(dict(value))) == dict(value))


def check_answers(coder: Coder, codes: Codes, source: Source) -> None:
    """Shapes, types, range, order, no position twice; -1 goes with minus infinity."""
    searcher = coder.open(codes, source)
    for count, k in ((1, 1), (1, source.rows + 5), (3, 2), (20, source.rows), (20, 3)):
        queries = source.take(np.arange(count) % source.rows)
        before = queries.copy()
        positions, similarities = searcher.search(queries, k)
        k = min(k, source.rows)
        assert positions.shape == similarities.shape == (count, k)
        assert (positions.dtype, similarities.dtype) == (np.int64, np.float32)
        assert ((positions >= -1) & (positions < source.rows)).all()
        assert not np.isnan(similarities).any()
        assert (np.isneginf(similarities) == (positions < 0)).all()
        assert (similarities[:, :-1] >= similarities[:, 1:]).all()
        for row in positions:
            found = row[row >= 0]
            assert len(np.unique(found)) == len(found)
        assert np.array_equal(queries, before)
        assert np.isfinite(similarities[positions >= 0]).all()


def check_decoding(coder: Coder, codes: Codes, source: Source) -> None:
    whole = coder.decode(codes, slice(0, source.rows))
    assert (whole.shape, whole.dtype) == ((source.rows, source.dim), np.float32)
    assert np.isfinite(whole).all()
    some = np.array([source.rows - 1, 0, source.rows - 1])
    assert coder.decode(codes, some) == pytest.approx(whole[some], abs=1e-5)
    assert coder.decode(codes, slice(1, 2)) == pytest.approx(whole[1:2], abs=1e-5)
    assert np.isfinite(distortion(coder, codes, source, 0)).all()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_encoded_can_be_decoded_and_searched(name: str) -> None:
    source, solved, coder, codes = usual(name)
    assert is_plain(solved.params)
    assert is_plain(coder.params)
    assert codes.rows == source.rows
    check_decoding(coder, codes, source)
    check_answers(coder, codes, source)


@pytest.mark.parametrize("name", NAMES)
def test_bytes_are_those_of_the_arrays_and_within_the_budget_or_excused(name: str) -> None:
    source, solved, coder, codes = usual(name)
    memory = count_memory(coder, codes)
    assert memory.codes == sum(part.nbytes for part in codes.parts.values()) > 0
    assert memory.side == sum(table.nbytes for table in coder.side.values())
    second = any(word in name for word in ("rerank", "two-stage", "ball"))
    of_full = source.dim if name != "pca+two-stage" else solved.params["dims"]
    assert memory.refine == (4 * source.rows * of_full if second else 0)
    assert (memory.ram, memory.disk) == (memory.codes + memory.side, memory.refine)
    assert all(note.strip().endswith(".") for note in (*coder.notes, solved.note) if note)
    if codec(name).budgeted and memory.bytes_per_vector > 6.0:
        assert solved.note or coder.notes
    tables = [*coder.side.values(), *codes.parts.values()]
    for number, table in enumerate(tables):  # none counts twice
        assert not any(np.shares_memory(table, other) for other in tables[:number])


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_codes(name: str) -> None:
    source, _, coder, codes = usual(name)
    _, other = fitted(name, source, 6.0)
    again = other.encode(source)
    for one, two in ((coder.side, other.side), (codes.parts, again.parts)):
        assert one.keys() == two.keys()
        assert all(np.array_equal(one[part], two[part]) for part in one)
    assert coder.params == other.params


@pytest.mark.parametrize("name", NAMES)
def test_rows_without_a_vector_are_not_there(name: str) -> None:
    """A gap of NaN between the rows changes positions in the corpus and nothing else."""
    source, _, _, codes = usual(name)
    gap = np.full((7, source.dim), np.nan, dtype=np.float32)
    rows = np.concatenate((np.arange(40), np.arange(47, source.rows + 7)))
    vectors = np.concatenate((clustered()[:40], gap, clustered()[40:]))
    holed = Source(frozen(vectors), rows)
    _, coder = fitted(name, holed, 6.0)
    again = coder.encode(holed)
    assert all(np.array_equal(codes.parts[part], again.parts[part]) for part in codes.parts)
    check_answers(coder, again, holed)


class Countdown:
    """Nobody wants the answer any more from the n-th time on that a report is asked."""

    def __init__(self, steps: int) -> None:
        self.left = steps
        self.stop = threading.Event()
        self.after = 0  # times that something went on all the same

    def is_set(self) -> bool:
        self.left -= 1
        self.after += self.left < 0
        return self.left < 0

    def report(self) -> Report:
        return Report(lambda _progress: None, stop=self)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_whoever_stops_a_codec_is_heard_at_once(name: str) -> None:
    source, _, coder, codes = usual(name)
    for steps in (0, 1):
        learning = Countdown(steps)
        try:
            fitted(name, source, 6.0, learning.report())
        except Cancelled:
            assert learning.after == 1
        else:
            assert learning.after == 0  # it was over before it was asked again
    encoding = Countdown(0)
    _, fresh = fitted(name, source, 6.0)
    with pytest.raises(Cancelled):
        fresh.encode(source, encoding.report())
    assert encoding.after == 1
    searching = Countdown(0)
    with pytest.raises(Cancelled):
        coder.open(codes, source).search(source.take(slice(0, 20)), 3, searching.report())
    assert searching.after == 1


def unusual() -> Iterator[tuple[str, np.ndarray]]:
    rng = np.random.default_rng(1)

    def normal(n: int, dim: int) -> np.ndarray:
        return rng.standard_normal((n, dim), dtype=np.float32)

    for n, dim in ((2, 1), (2, 7), (3, 3), (5, 2), (5, 1), (40, 1), (40, 2), (40, 3), (60, 7)):
        yield f"{n} x {dim}", normal(n, dim)
    yield "of one sign, 1 dimension", np.abs(normal(20, 1)) + 1
    yield "duplicates only", normal(1, 8).repeat(40, axis=0)
    yield "two different rows", normal(2, 8).repeat(20, axis=0)
    constant = normal(40, 8)
    constant[:, 3], constant[:, 5] = 0, 7
    yield "constant dimensions", constant
    outlier = normal(40, 8)
    outlier[0] *= 1e20
    yield "one outlier", outlier
    yield "lengths of 1e-20 to 1e20", normal(41, 8) * np.logspace(-20, 20, 41)[:, None]
    yield "one direction", np.eye(8)[[0]].repeat(30, axis=0)
    yield "axes", np.eye(8)[np.arange(40) % 8]
    narrow = normal(40, 8)
    narrow[:, 0] += 1000
    yield "a narrow cone", narrow
    yield "47 dimensions", normal(60, 47)


UNUSUAL: Mapping[str, np.ndarray] = {
    name: np.asarray(vectors, dtype=np.float32) for name, vectors in unusual()
}


def check_all(name: str, source: Source, budget: float | None) -> None:
    solved, coder = fitted(name, source, budget)
    codes = coder.encode(source)
    check_decoding(coder, codes, source)
    check_answers(coder, codes, source)
    if budget is not None and codec(name).budgeted and codes.nbytes > budget * source.rows:
        assert solved.note or coder.notes


def meet(name: str, every: int) -> None:
    """A codec and rows that hurt; budgets in turn, so that each meets many of them."""
    number = sum(map(ord, name))
    budgets: tuple[Any, ...] = BUDGETS if codec(name).budgeted else (None,)
    for what, vectors in UNUSUAL.items():
        for budget in budgets:
            number += 1
            if number % every == 0:
                try:
                    check_all(name, read_only(vectors), budget)
                except Exception as error:
                    error.add_note(f"{name}, {what}, a budget of {budget}")
                    raise


@pytest.mark.parametrize("name", NAMES)
def test_rows_that_hurt_give_an_answer_like_all_others(name: str) -> None:
    every = 13 if name in SLOW else 3 if codec(name).budgeted else 1
    meet(name, every)


@pytest.mark.slow
@pytest.mark.parametrize("name", [spec.id for spec in CODECS.values() if spec.family == "Trained"])
@pytest.mark.parametrize("budget", [2.0, 6.0, 20.0])
def test_what_was_trained_answers_like_all_others(name: str, budget: float) -> None:
    """Fewer rows than these are too few to train with."""
    source = read_only(clustered(700))
    check_all(name, source, budget)
    coder, other = (fitted(name, source, budget)[1] for _ in range(2))
    assert coder.curve is not None
    assert np.isfinite(coder.curve.training).all()
    assert np.isfinite(coder.curve.held_out).all()
    one, two = coder.encode(source), other.encode(source)
    assert all(np.array_equal(one.parts[part], two.parts[part]) for part in one.parts)
    for steps in (0, 1, 5):
        learning = Countdown(steps)
        with pytest.raises(Cancelled):
            fitted(name, source, budget, learning.report())
        assert learning.after == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_all_rows_that_hurt_at_all_budgets(name: str) -> None:
    meet(name, 1)
