from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from backends.arrays import Matrix
from backends.raster.density import blurred, cells_of, count_points, levels_for


def cloud(n: int = 5_000, seed: int = 0) -> Matrix:
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(6, 2)) * 4
    return (middles[rng.integers(0, 6, n)] + rng.normal(size=(n, 2))).astype(np.float32)


@pytest.mark.parametrize("cells", [7, 64, 1024])
def test_each_point_is_counted_in_the_cell_that_it_lies_in(cells: int) -> None:
    layout = cloud()
    density = count_points(layout, cells)
    ground = density.ground
    slow = np.zeros((ground.height, ground.width), int)
    for x, y in layout.astype(float):
        slow[int((y - ground.bottom) / ground.cell), int((x - ground.left) / ground.cell)] += 1
    assert max(density.counts.shape) == cells
    assert density.total == len(layout) == density.counts.sum()
    # A point on the border of two cells may be rounded into either.
    assert np.abs(density.counts - slow).sum() <= 2


def test_rows_without_a_place_are_in_no_cell() -> None:
    layout = cloud(50)
    layout[7], layout[9, 1] = np.nan, np.inf
    density = count_points(layout)
    cells = cells_of(layout, density.ground)
    assert density.total == 48
    assert sorted(np.flatnonzero(cells < 0)) == [7, 9]
    assert (np.bincount(cells[cells >= 0], minlength=density.counts.size) ==
            density.counts.reshape(-1)).all()  # fmt: skip


@pytest.mark.parametrize(
    "layout", [np.zeros((0, 2)), np.full((3, 2), np.nan), np.ones((4, 2)), [[5.0, 0], [5, 2]]]
)
def test_no_points_or_all_in_one_place_are_no_trouble(layout: Any) -> None:
    layout = np.asarray(layout, np.float32)
    density = count_points(layout)
    assert density.total == np.isfinite(layout).all(axis=1).sum() if len(layout) else True
    assert np.isfinite(blurred(density.counts, 10)).all()


def test_a_few_strays_far_away_do_not_make_cells_coarse() -> None:
    layout = np.concatenate([cloud(20_000), [[1e6, 1e6]]]).astype(np.float32)
    density = count_points(layout)
    assert density.ground.reach < 100
    assert density.total == 20_000
    assert cells_of(layout, density.ground)[-1] == -1


def test_the_margin_holds_what_a_blur_spreads() -> None:
    density = count_points(cloud())
    sigma = max(density.counts.shape) / 40
    assert blurred(density.counts, sigma).sum() == pytest.approx(density.total, rel=2e-3)


@pytest.mark.parametrize("sigma", [1.0, 2.5, 8.0, 40.0])
def test_a_blur_is_a_gaussian_one(sigma: float) -> None:
    rng = np.random.default_rng(1)
    counts = rng.poisson(0.02, (230, 170)).astype(np.int32)
    counts[100, 60], counts[3, 5] = 400, 90
    exact = gaussian_filter(counts.astype(float), sigma, mode="constant", truncate=8)
    assert np.abs(blurred(counts, sigma) - exact).max() <= 2e-3 * exact.max()


def test_a_blur_of_nothing_is_the_counts() -> None:
    counts = np.arange(6, dtype=np.int32).reshape(2, 3)
    assert (blurred(counts, 0.0) == counts).all()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_level_has_its_share_of_points_above_it(share: float) -> None:
    density = count_points(cloud(20_000))
    surface = blurred(density.counts, 12)
    (level,) = levels_for(surface, density.counts, (share,))
    above = density.counts[surface >= level].sum() / density.total
    assert share <= above <= share + 0.005
