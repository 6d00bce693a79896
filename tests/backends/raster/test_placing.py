import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.raster.placing import GAP, Label, Ranges, place

NUMBERS = st.floats(-50, 50, width=32)


@st.composite
def label_trees(draw: st.DrawFn) -> list[Label]:
    labels: list[Label] = []
    for _ in range(draw(st.integers(0, 14))):
        parent = draw(st.integers(-1, len(labels) - 1))
        labels.append(
            Label(
                draw(NUMBERS),
                draw(NUMBERS),
                draw(st.floats(5, 200)),
                draw(st.floats(8, 30)),
                labels[parent].level + 1 if parent >= 0 else draw(st.integers(0, 2)),
                parent,
                draw(st.sampled_from([0.0, 0.0, 40.0, -40.0])),
                draw(st.sampled_from([0.0, 0.0, 0.5, 3.0])),
            )
        )
    return labels


def overlap(one: Label, other: Label, scale: float) -> bool:
    across = abs((one.x - other.x) * scale + one.shift - other.shift)
    up = abs((one.y - other.y) * scale)
    return across < (one.width + other.width) / 2 and up < (one.height + other.height) / 2


def scales_of(ranges: Ranges) -> list[float]:
    """All scales at which something changes, what lies just beside them, and some between."""
    ends = [value for value in (*ranges.low, *ranges.high) if 0 < value < math.inf]
    near = [value * factor for value in ends for factor in (1 - 1e-12, 1, 1 + 1e-12)]
    return sorted({1e-3, *near, *np.geomspace(1e-2, 1e4, 60).tolist(), 1e7})


@given(label_trees())
@settings(max_examples=300)
def test_no_two_labels_overlap_at_any_scale(labels: list[Label]) -> None:
    ranges = place(labels)
    for scale in scales_of(ranges):
        shown = np.flatnonzero(ranges.shown(scale))
        for at, one in enumerate(shown):
            for other in shown[:at]:
                assert not overlap(labels[one], labels[other], scale)


@given(label_trees())
def test_parts_are_never_shown_beside_their_whole(labels: list[Label]) -> None:
    ranges = place(labels)
    parents = [label.parent for label in labels]
    for number, label in enumerate(labels):
        if label.parent >= 0 and ranges.low[number] < ranges.high[number]:
            several = parents.count(label.parent) > 1
            if several and ranges.low[label.parent] < ranges.high[label.parent]:
                assert ranges.low[number] >= ranges.high[label.parent]
            assert ranges.low[number] >= label.least_scale


@given(label_trees())
def test_a_label_without_parts_stays_once_it_is_shown(labels: list[Label]) -> None:
    ranges = place(labels)
    parents = [label.parent for label in labels]
    for number in range(len(labels)):
        if parents.count(number) < 2 and ranges.low[number] < ranges.high[number]:
            assert ranges.high[number] == math.inf


@given(label_trees())
def test_the_first_label_of_the_first_level_always_finds_room(labels: list[Label]) -> None:
    if labels:
        first = min(range(len(labels)), key=lambda i: (labels[i].level, i))
        ranges = place(labels)
        assert ranges.low[first] == labels[first].least_scale < ranges.high[first]


def test_two_labels_are_both_shown_once_they_fit() -> None:
    labels = [Label(0, 0, 100, 10, 0, -1), Label(10, 1, 60, 10, 0, -1)]
    ranges = place(labels)
    assert ranges.low.tolist() == [0, pytest.approx((80 + GAP) / 10)]
    assert ranges.shown(8).tolist() == [True, False]
    assert ranges.shown(9).tolist() == [True, True]


def test_parts_replace_the_whole_when_two_of_them_fit() -> None:
    whole = Label(0, 0, 100, 10, 0, -1)
    labels = [whole, *(Label(x, 0, 40, 10, 1, 0) for x in (-10, 10, 10.5))]
    ranges = place(labels)
    turn = (40 + GAP) / 20
    assert ranges.high[0] == pytest.approx(turn)
    assert ranges.low[1:3] == pytest.approx([turn, turn])
    assert ranges.low[3] == pytest.approx((40 + GAP) / 0.5)


def test_an_only_part_is_shown_beside_its_whole_where_there_is_room() -> None:
    ranges = place([Label(0, 0, 100, 10, 0, -1), Label(5, 5, 10, 10, 1, 0)])
    assert ranges.shown(1).tolist() == [True, False]
    assert ranges.shown(1e6).tolist() == [True, True]


def test_thousands_of_labels_are_placed() -> None:
    rng = np.random.default_rng(0)
    labels = [Label(float(x), float(y), 90, 14, 1, -1) for x, y in rng.normal(size=(1_500, 2))]
    ranges = place(labels)
    counts = [int(ranges.shown(scale).sum()) for scale in np.geomspace(10, 1e7, 30)]
    assert counts == sorted(counts)
    assert counts[-1] == len(labels)
