"""Oklab, a space in which equal distances look about equal, from sRGB and back.

Reference: Ottosson 2020, "A perceptual color space for image processing".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Lab = NDArray[np.float64]
Table = NDArray[np.uint8]

_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_LAB = np.array(
    [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.808675766]]
)  # fmt: skip


def to_oklab(colours: NDArray[np.uint8] | Lab) -> Lab:
    """Lightness (0..1), green to red, blue to yellow of red, green, blue in 0..255, (k, 3)."""
    share = np.asarray(colours, np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _CONES.T) @ _LAB.T)  # (k, 3)


def to_rgb(lab: Lab) -> Table:
    """The nearest red, green, blue in 0..255, (k, 3); what no screen shows is clipped."""
    linear = ((lab @ np.linalg.inv(_LAB).T) ** 3) @ np.linalg.inv(_CONES).T
    linear = np.clip(linear, 0, 1)
    share = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(share * 255).astype(np.uint8)


def evenly(path: Lab, steps: int) -> Lab:
    """Points along a path, each as far from the next as all others: (steps, 3)."""
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(lengths)])  # (k,)
    at = np.linspace(0, along[-1], steps)
    return np.stack([np.interp(at, along, path[:, axis]) for axis in range(3)], axis=1)
