"""Scales are even for the eye, for people who confuse colours too, on a light and a dark ground."""

from __future__ import annotations

import numpy as np
import pytest

from backends.raster.oklab import to_oklab, to_rgb
from backends.raster.palette import ENTRIES, scale_colours
from backends.raster.scales import SCALES, STEPS, scale_steps
from tests.widgets.test_theme import SEEN, oklab

GROUNDS = {False: "#FDFDFE", True: "#121417"}
SEQUENTIAL = [name for name, spec in SCALES.items() if spec.shape == "sequential"]
EVERY = 12  # steps that are compared: a byte of a colour is coarser than one step


def lightness(name: str, *, dark: bool) -> np.ndarray:
    return to_oklab(scale_steps(name, dark=dark))[:, 0]


def test_oklab_goes_there_and_back() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (200, 3)).astype(np.uint8)
    np.testing.assert_array_equal(to_rgb(to_oklab(colours)), colours)
    np.testing.assert_allclose(to_oklab(colours), oklab(colours), atol=1e-6)  # the tests' own


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", SEQUENTIAL)
def test_a_sequential_scale_grows_lighter_all_the_way(name: str, dark: bool) -> None:
    steps = np.diff(lightness(name, dark=dark)[::6])
    assert (steps > 0).all()
    assert steps.max() < 3 * steps.min()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", SCALES)
def test_equal_steps_look_equal(name: str, dark: bool) -> None:
    """Within 15% of the mean, half of it by rounding to bytes.

    A diverging scale turns round in its middle.
    """
    lab = to_oklab(scale_steps(name, dark=dark))
    half = STEPS // 2 + 1
    parts = [lab[:half], lab[half - 1 :]] if SCALES[name].shape == "diverging" else [lab]
    for part in parts:
        apart = np.linalg.norm(np.diff(part[::EVERY], axis=0), axis=1)
        assert abs(apart / apart.mean() - 1).max() < 0.15


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("name", SCALES)
def test_no_two_values_look_alike(name: str, eyes: str, dark: bool) -> None:
    """Places an eighth of a scale apart are told from each other by all eyes."""
    seen = oklab(scale_steps(name, dark=dark)[::EVERY], eyes)
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=2)
    places = np.arange(len(seen))
    gap = abs(places[:, None] - places[None])
    if SCALES[name].shape == "cyclic":  # its ends are one place
        gap = np.minimum(gap, len(seen) - 1 - gap)
    assert apart[gap >= 3].min() >= 0.03


@pytest.mark.parametrize("dark", [False, True])
def test_both_sides_of_a_diverging_scale_weigh_the_same(dark: bool) -> None:
    lab = to_oklab(scale_steps("diverging", dark=dark))
    middle = STEPS // 2
    np.testing.assert_allclose(lab[:, 0], lab[::-1, 0], atol=0.01)
    chroma = np.linalg.norm(lab[:, 1:], axis=1)
    np.testing.assert_allclose(chroma, chroma[::-1], atol=0.015)
    assert chroma[middle] < 0.005
    toward = np.diff(lab[: middle + 1 : 6, 0])
    assert (toward < 0).all() if dark else (toward > 0).all()


@pytest.mark.parametrize("dark", [False, True])
def test_a_cyclic_scale_ends_as_it_begins(dark: bool) -> None:
    steps = scale_steps("cyclic", dark=dark)
    np.testing.assert_array_equal(steps[0], steps[-1])
    assert abs(np.diff(steps.astype(int), axis=0)).max() <= 6  # no seam inside


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", SCALES)
def test_no_value_sinks_into_the_ground(name: str, dark: bool) -> None:
    ground = oklab(np.array([list(bytes.fromhex(GROUNDS[dark][1:]))]))[0]
    apart = np.linalg.norm(to_oklab(scale_steps(name, dark=dark)) - ground, axis=1)
    assert apart.min() >= 0.15


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("viridis", ("#440154", "#FDE725")),
        ("cividis", ("#00204D", "#FFEA46")),
        ("magma", ("#000004", "#FCFDBF")),
        ("plasma", ("#0D0887", "#F0F921")),
    ],
)
def test_published_scales_begin_and_end_as_published(name: str, ends: tuple[str, str]) -> None:
    low, high = scale_steps(name, dark=False)[0], scale_steps(name, dark=True)[-1]
    assert ("#{:02X}{:02X}{:02X}".format(*low), "#{:02X}{:02X}{:02X}".format(*high)) == ends


def test_a_scale_reversed_keeps_the_grey_of_missing_values() -> None:
    plain = scale_colours("magma", dark=True)
    turned = scale_colours("magma", dark=True, is_reversed=True)
    assert plain.shape == (ENTRIES, 3)
    np.testing.assert_array_equal(turned[:-1], plain[:-1][::-1])
    np.testing.assert_array_equal(turned[-1], plain[-1])
