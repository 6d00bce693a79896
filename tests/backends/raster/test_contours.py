from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.raster.contours import contours_of, lines_at, trace
from backends.raster.density import Ground, Surface, blurred, count_points

SURFACES = arrays(
    np.float32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 4)
)


def inside(lines: Sequence[Matrix], points: Matrix) -> NDArray[np.bool_]:
    """Even-odd: whether a ray to the right crosses an odd number of sides; (m,) bool."""
    odd = np.zeros(len(points), bool)
    for line in lines:
        for (ax, ay), (bx, by) in zip(line, np.roll(line, -1, axis=0), strict=True):
            crosses = (ay > points[:, 1]) != (by > points[:, 1])
            with np.errstate(divide="ignore", invalid="ignore"):
                at = ax + (points[:, 1] - ay) / (by - ay) * (bx - ax)
            odd ^= crosses & (points[:, 0] < at)
    return odd


def distance_to(line: Matrix, points: Matrix) -> NDArray[np.float64]:
    """Of each point to the nearest side of a closed line, (m,)."""
    starts, ends = line, np.roll(line, -1, axis=0)
    along = ends - starts  # (k, 2)
    length = np.maximum((along**2).sum(axis=1), 1e-30)
    share = ((points[:, None] - starts) * along).sum(axis=2) / length  # (m, k)
    near = starts + np.clip(share, 0, 1)[:, :, None] * along
    return np.linalg.norm(points[:, None] - near, axis=2).min(axis=1)


@given(SURFACES, st.sampled_from([0.5, 1.25, 3.5]))
def test_lines_part_high_cells_from_low_ones(surface: Surface, level: float) -> None:
    ground = Ground(-3.0, 2.0, 0.5, surface.shape[1], surface.shape[0])
    lines = lines_at(surface, level, ground, tolerance=0.0)
    rows, columns = np.indices(surface.shape)
    # A hair off the middle, so that no ray meets a corner.
    x, y = ground.place(columns.reshape(-1), rows.reshape(-1) + 1e-3)
    high = inside(lines, np.stack([x, y], axis=1))
    assert (high == (surface.reshape(-1) >= level)).all()


@given(SURFACES, st.sampled_from([0.1, 0.3, 1.0]))
def test_what_is_left_out_of_a_line_was_near_to_it(surface: Surface, tolerance: float) -> None:
    ground = Ground(0.0, 0.0, 1.0, surface.shape[1], surface.shape[0])
    simple = lines_at(surface, 1.5, ground, tolerance=tolerance)
    for exact in lines_at(surface, 1.5, ground, tolerance=0.0):
        assert min(distance_to(line, exact).max() for line in simple) <= tolerance + 1e-4


def test_a_round_hill_has_a_round_line_at_its_height() -> None:
    rows, columns = np.indices((101, 101)) - 50
    surface = np.exp(-(rows**2 + columns**2) / 800).astype(np.float32)
    (line,) = lines_at(surface, float(np.exp(-0.5)), Ground(-50.5, -50.5, 1.0, 101, 101))
    assert np.linalg.norm(line, axis=1) == pytest.approx(20, abs=0.05)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75, 0.95])
def test_a_contour_encloses_its_share_of_the_points(share: float) -> None:
    rng = np.random.default_rng(3)
    layout = rng.normal(size=(8_000, 2)).astype(np.float32)
    layout[:4_000] += (7, 0)
    (contour,) = contours_of(layout, (share,))
    assert inside(contour.lines, layout).mean() == pytest.approx(share, abs=0.02)


def test_contours_of_nothing_are_none() -> None:
    assert contours_of(np.full((4, 2), np.nan, np.float32)) == ()


def test_outer_contours_enclose_inner_ones() -> None:
    layout = np.random.default_rng(0).normal(size=(3_000, 2)).astype(np.float32)
    density = count_points(layout, 256)
    inner, outer = trace(density, blurred(density.counts, 6), (0.3, 0.8))
    assert inner.level > outer.level
    assert inside(outer.lines, np.concatenate(inner.lines)).all()
