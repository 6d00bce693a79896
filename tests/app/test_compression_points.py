"""Cells as points, sentences, rows of a table, and amounts of memory and money."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.application import Application
from app.panels.compression_costs import (
    CostSettings,
    amount_text,
    cheapest,
    planned_words,
    projected,
    read_amount,
    remembered_costs,
    verdict,
)
from app.panels.compression_points import (
    QUANTITIES,
    Point,
    bytes_words,
    family_order,
    front_by_bytes,
    front_by_speed,
    headline,
    percent,
    points,
    quantities,
    settings_words,
    tip_lines,
)
from app.panels.compression_rows import as_csv, columns, entries
from backends.compression.results import Memory, NoCell, Sweep
from tests.compression import fill, measure


@pytest.fixture
def sweep(qtbot: QtBot) -> Iterator[Sweep]:
    app = Application()
    fill(app)
    measure(app, qtbot, labels="place")
    found = app.compression.sweep
    assert found is not None
    yield found
    assert app.close()
    delete(app)


def a_point(size: float, speed: float, value: float) -> Point:
    return Point(f"{size} {speed} {value}", "f", "c", size, speed, value, value, value)


SOME = st.lists(st.tuples(*[st.integers(1, 5)] * 3), min_size=1, max_size=12, unique=True)


@given(SOME)
def test_fronts_are_what_nothing_else_beats(found: list[tuple[int, int, int]]) -> None:
    made = [a_point(*triple) for triple in found]

    def beats_size(a: Point, b: Point) -> bool:
        no_worse = a.bytes_per_vector <= b.bytes_per_vector and a.value >= b.value
        return no_worse and (a.bytes_per_vector, a.value) != (b.bytes_per_vector, b.value)

    def beats_speed(a: Point, b: Point) -> bool:
        no_worse = a.queries_per_second >= b.queries_per_second and a.value >= b.value
        return no_worse and (a.queries_per_second, a.value) != (b.queries_per_second, b.value)

    for front, beats, side in (
        (front_by_bytes(made), beats_size, lambda p: p.bytes_per_vector),
        (front_by_speed(made), beats_speed, lambda p: p.queries_per_second),
    ):
        wanted = {(side(p), p.value) for p in made if not any(beats(other, p) for other in made)}
        assert {(side(point), point.value) for point in front} == wanted


def test_points_are_the_cells(sweep: Sweep) -> None:
    made = points(sweep, QUANTITIES["recall"])
    assert [point.key for point in made] == [cell.fingerprint for cell in sweep.cells]
    for point, cell in zip(made, sweep.cells, strict=True):
        assert point.value == pytest.approx(float(np.mean(cell.kept)))
        assert point.low <= point.value <= point.high
        assert point.bytes_per_vector == cell.memory.codes / 400
        assert point.family in family_order(sweep)
    assert not points(sweep, QUANTITIES["ndcg"])


def test_only_what_was_judged_can_be_shown(sweep: Sweep) -> None:
    assert [one.id for one in quantities(None)] == ["recall", "recall_1"]
    assert [one.id for one in quantities(sweep)] == ["recall", "recall_1", "purity"]


def test_a_cell_is_put_into_words(sweep: Sweep) -> None:
    cell = next(cell for cell in sweep.cells if cell.codec == "truncate")
    line = headline(cell, QUANTITIES["recall"])
    assert line.startswith(f"{cell.title} at ")
    assert f"{cell.bytes_per_vector:.4g} bytes a vector" in line
    assert "recall@5" in line
    assert "queries a second" in line
    tip = tip_lines(cell, sweep, QUANTITIES["purity"])
    assert tip[0] == cell.title
    assert any(part.startswith("label purity") for part in tip)


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (768, "768 bytes"), (1536, "1.54 kB"), (2.5e7, "25 MB"), (3e15, "3,000 TB")],
)
def test_bytes_in_words(count: float, words: str) -> None:
    assert bytes_words(count) == words


def test_nearly_all_is_not_all() -> None:
    assert percent(1.0) == "100.0%"
    assert percent(0.99996) == ">99.9%"
    assert percent(0.9731) == "97.3%"


def test_the_table_says_what_was_measured_and_what_could_not(sweep: Sweep) -> None:
    lost = NoCell("pq", "PQ", 1.0, "There are too few rows.", "Open more.")
    rows = entries(replace(sweep, missing=(lost,)), CostSettings())
    shown = columns(sweep)
    text = as_csv(rows, shown)
    read = list(csv.DictReader(io.StringIO(text)))
    assert len(read) == len(sweep.cells) + 1
    for row, cell in zip(read[:-1], sweep.cells, strict=True):
        assert float(row["Bytes"]) == cell.bytes_per_vector
        assert float(row["recall@5"]) == cell.recall.mean
        assert float(row["Ratio"]) == pytest.approx(64 / cell.bytes_per_vector)
        assert float(row["Purity"]) == cell.purity.mean
    assert read[-1]["Settings"] == "1 bytes: There are too few rows. Open more."
    assert read[-1]["recall@5"] == ""
    by_id = {column.id: column for column in shown}
    assert by_id["recall"].text(rows[-1]) == "–"  # noqa: RUF001
    assert "95%" in {column.title for column in shown}
    assert "monthly" not in by_id
    assert "monthly" in {column.id for column in columns(sweep, costs=True)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100 M", 1e8),
        ("100m", 1e8),
        ("8 GB", 8e9),
        ("8 GiB", 8 * 2.0**30),
        ("1,500", 1500),
        ("2.5 million", 2.5e6),
        ("3 bn", 3e9),
        ("12 bytes", 12),
        ("", None),
        ("many", None),
        ("-5", None),
        ("0", None),
        ("5 apples", None),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, value: float | None) -> None:
    assert read_amount(text) == value


@given(st.floats(1, 1e15).map(lambda value: float(f"{value:.5g}")))
def test_an_amount_is_written_as_it_can_be_read(value: float) -> None:
    assert read_amount(amount_text(value)) == pytest.approx(value, rel=1e-5)
    assert read_amount(amount_text(value, "B")) == pytest.approx(value, rel=1e-5)


def test_sizes_grow_with_the_vectors_and_tables_do_not(sweep: Sweep) -> None:
    cell = replace(sweep.cells[0], memory=Memory(400, 400 * 10, side=5000, refine=400 * 64))
    costs = CostSettings(vectors=4e6, memory=40e6, ram_price=2.0, disk_price=0.5)
    there = projected(cell, costs)
    assert there.ram == 40e6 + 5000
    assert there.disk == 4e6 * 64
    assert not there.fits  # by the tables
    words = planned_words(cell, costs)
    assert (
        words == "4 M vectors: 40 MB of memory, 256 MB of disk, 0.21 a month, too large for 40 MB"
    )
    assert there.monthly == pytest.approx(2.0 * (40e6 + 5000) / 1e9 + 0.5 * 0.256)
    held = replace(cell, memory=replace(cell.memory, refine_on_disk=False))
    assert projected(held, costs).ram == 40e6 + 5000 + 4e6 * 64
    assert projected(held, costs).disk == 0
    assert projected(held, replace(costs, ram_price=0.0)).monthly is None


def test_the_cheapest_that_fits_and_is_good_enough(sweep: Sweep) -> None:
    roomy = CostSettings(vectors=1e6, memory=1e9, wanted=0.5)
    best = cheapest(sweep, roomy)
    assert best is not None
    enough = [cell for cell in sweep.cells if cell.recall.mean >= 0.5]
    assert projected(best, roomy).ram == min(projected(cell, roomy).ram for cell in enough)
    assert f"Cheapest with a recall@5 of 50%: {best.title}" in verdict(sweep, roomy)
    strict = replace(roomy, wanted=1.0, memory=9e6)
    assert cheapest(sweep, strict) is None
    assert "None has a recall@5 of 100%; the best is" in verdict(sweep, strict)
    assert "Nothing that was measured is so small" in verdict(sweep, replace(roomy, memory=10.0))
    # With prices, disk may be dearer than memory: the smallest is not the cheapest.
    dear = replace(roomy, ram_price=1.0)
    assert cheapest(sweep, dear) is best


def test_amounts_that_make_no_sense_are_not_remembered() -> None:
    assert remembered_costs({"vectors": -1, "memory": "8", "wanted": 2, "shown": 1}) == (
        CostSettings()
    )
    assert remembered_costs({"vectors": 5, "ram_price": 2.5}).ram_price == 2.5


@pytest.mark.parametrize(
    ("codec", "params", "words"),
    [
        ("int4", {"bits": 4, "clip_percent": 0.5}, "bits 4, clip percent 0.5"),
        ("pca", {"dims": 96, "centred": True}, "dims 96, centred yes"),
        (
            "pca+int8",
            {"dims": 192, "first": {"dims": 192, "centred": False}, "then": {}},
            "PCA 192, then int8",
        ),
        (
            "sign+rerank",
            {"first": {"scoring": "hamming"}, "depth": 400},
            "Sign, 1 bit (scoring hamming), then 400 candidates re-ranked",
        ),
        (
            "two-stage",
            {"first": {"scoring": "hamming"}, "depth": 400},
            "Sign, 1 bit (scoring hamming), then 400 candidates re-ranked",
        ),
        (
            "pca+truncate+int8+rerank50",
            {
                "first": {
                    "dims": 8,
                    "first": {
                        "dims": 8,
                        "first": {"dims": 16, "centred": False},
                        "then": {"dims": 8},
                    },
                    "then": {},
                },
                "depth": 50,
            },
            "PCA 16, then Truncation 8, then int8, then 50 candidates re-ranked",
        ),
    ],
)
def test_settings_are_words_a_person_reads(
    sweep: Sweep, codec: str, params: dict[str, object], words: str
) -> None:
    cell = replace(sweep.cells[0], codec=codec, title="A chain", params=params)
    assert settings_words(cell) == words
    line = headline(cell, QUANTITIES["recall"])
    assert words in line
    assert "{" not in line
    assert line.startswith(words if "first" in params else "A chain at ")
