import numpy as np

from backends.raster.basins import basins

EVERYWHERE = np.ones((40, 60), np.int32) * 100


def hills(*peaks: tuple[int, int, float, float]) -> np.ndarray:
    """A surface with round hills: row, column, height, width."""
    rows, columns = np.indices((40, 60))
    surface = np.zeros((40, 60))
    for row, column, height, width in peaks:
        away = (rows - row) ** 2 + (columns - column) ** 2
        surface = np.maximum(surface, height * np.exp(-away / (2 * width**2)))
    return surface.astype(np.float32)


def test_each_cell_climbs_to_its_own_peak() -> None:
    surface = hills((10, 15, 900, 5), (28, 40, 500, 5))
    labels, peaks = basins(surface, EVERYWHERE, 5, floor=5, fewest=1)
    assert peaks.tolist() == [10 * 60 + 15, 28 * 60 + 40]
    assert labels[12, 17] == 0
    assert labels[26, 43] == 1
    assert labels[39, 0] == -1  # below the floor
    assert ((labels >= 0) == (surface >= 5)).all()


def test_a_shallow_saddle_parts_nothing_and_a_deep_one_does() -> None:
    for apart, count in ((4, 1), (16, 2)):
        surface = hills((20, 20, 900, 5), (20, 20 + apart, 900, 5))
        _, peaks = basins(surface, EVERYWHERE, 5, floor=5, fewest=1)
        assert len(peaks) == count


def test_a_valley_that_chance_may_have_dug_parts_nothing() -> None:
    deep = hills((20, 20, 900, 5), (20, 36, 900, 5))
    few = deep / 90_000  # the same shape, of so few points that it proves nothing
    assert len(basins(deep, EVERYWHERE, 5, floor=1, fewest=1)[1]) == 2
    assert len(basins(few, EVERYWHERE, 5, floor=1e-5, fewest=1)[1]) == 1


def test_hills_with_too_few_points_join_a_neighbour_or_are_none() -> None:
    surface = hills((10, 15, 900, 5), (10, 31, 700, 4), (33, 52, 600, 2))
    counts = np.ones_like(EVERYWHERE)
    assert len(basins(surface, counts, 5, floor=5, fewest=10)[1]) == 3
    labels, peaks = basins(surface, counts, 5, floor=5, fewest=300)
    assert len(peaks) == 1
    assert labels[10, 31] == 0  # joined over the saddle
    assert labels[33, 52] == -1  # an island
