"""A new process that draws a layout: prints the seconds to its first image as one JSON object.

Usage: python -m tests.benchmarks.apart.first_image LAYOUT.npy CODES.npy
"""

from __future__ import annotations

import json
import sys
import time


def main(layout_file: str, codes_file: str) -> None:
    """Read a layout and classes, then sort, colour and draw them."""
    import numpy as np

    layout, codes = np.load(layout_file), np.load(codes_file)
    started = time.perf_counter()
    from backends.raster.camera import Camera
    from backends.raster.colour import Paint, arrange
    from backends.raster.draw import dots_for, draw
    from backends.raster.palette import class_colours
    from backends.raster.points import build_points

    points = build_points(layout)
    camera = Camera(width=1280, height=960).fitted(points.bounds)
    paint = Paint(codes, class_colours(int(codes.max()), dark=False), (195, 200, 208))
    picture = draw(points, arrange(points, paint), camera, dots_for(points, camera))
    assert picture.any()
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
