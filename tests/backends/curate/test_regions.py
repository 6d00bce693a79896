import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.arrays import Matrix
from backends.curate.regions import Regions, find_regions
from backends.reporting import Cancelled, Report


def islands(seed: int = 0, n: int = 6_000) -> tuple[Matrix, np.ndarray]:
    """Three far apart continents of two towns each; the town of each row."""
    rng = np.random.default_rng(seed)
    continents = np.array([[0, 0], [40, 5], [15, 40]], float)
    towns = (continents[:, None] + [[-1.2, 0], [1.2, 0]]).reshape(-1, 2)
    town = rng.integers(0, 6, n)
    return (towns[town] + rng.normal(size=(n, 2)) / 2).astype(np.float32), town


@pytest.fixture(scope="module")
def found() -> Regions:
    return find_regions(islands()[0])


def test_coarse_regions_are_continents_and_fine_ones_towns(found: Regions) -> None:
    _, town = islands()
    for level, truth in ((0, town // 2), (1, town)):
        codes = found.codes(level)
        kept = codes >= 0
        assert kept.mean() > 0.94
        assert len(set(codes[kept])) == truth.max() + 1
        pairs = set(zip(codes[kept].tolist(), truth[kept].tolist(), strict=True))
        wrong = sum(
            min(np.sum((codes == code) & (truth == other)) for c, other in pairs if c == code)
            for code in set(codes[kept].tolist())
            if sum(c == code for c, _ in pairs) > 1
        )
        assert wrong < 0.01 * len(town)


def test_counts_centres_and_bounds_are_those_of_the_rows(found: Regions) -> None:
    layout, _ = islands()
    for number, region in enumerate(found.all):
        rows = found.rows(number)
        assert region.count == len(rows) >= 12
        cell = 0.1  # side of a cell here, about
        assert region.centre == pytest.approx(layout[rows].mean(axis=0), abs=cell)
        left, bottom, right, top = region.bounds
        assert (layout[rows] >= (left - 1e-4, bottom - 1e-4)).all()
        assert (layout[rows] <= (right + 1e-4, top + 1e-4)).all()
        assert left <= region.peak[0] <= right
        assert bottom <= region.peak[1] <= top


def test_regions_are_nested(found: Regions) -> None:
    assert found.levels == 3
    for number, region in enumerate(found.all):
        if region.parent >= 0:
            assert region.parent < number
            assert found.all[region.parent].level < region.level
            assert set(found.rows(number)) <= set(found.rows(region.parent))
            assert number in found.children[region.parent]
    for level in range(found.levels):
        for number, region in enumerate(found.all):
            if region.level == level:
                assert (np.flatnonzero(found.codes(level) == number) == found.rows(number)).all()


def test_rows_without_a_place_and_strays_lie_in_no_region() -> None:
    layout, _ = islands()
    layout[5], layout[9] = np.nan, (20, 22)  # between the continents
    found = find_regions(layout)
    assert found.deepest[5] == found.deepest[9] == -1


@given(st.integers(0, 40), st.integers(0, 3))
def test_few_points_are_no_trouble(n: int, seed: int) -> None:
    layout = np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32)
    found = find_regions(layout)
    assert len(found.deepest) == n
    assert all(region.count >= 12 for region in found.all)


def test_all_in_one_place_is_one_region() -> None:
    found = find_regions(np.ones((500, 2), np.float32))
    assert {region.count for region in found.all} == {500}
    assert [region.parent for region in found.all] == [-1, 0, 1]


def test_noise_is_not_cut_to_pieces() -> None:
    layout = np.random.default_rng(1).normal(size=(20_000, 2)).astype(np.float32)
    found = find_regions(layout)
    assert sum(region.level == 0 for region in found.all) == 1
    assert len(found) <= 12


def test_it_can_be_stopped() -> None:
    calls = []

    def stop(progress: object) -> None:
        calls.append(progress)
        if len(calls) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        find_regions(islands()[0], Report(stop))
