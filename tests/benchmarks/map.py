"""The map: seconds from a moved camera to a finished picture, against pyqtgraph in the same run.

Usage: python -m tests.benchmarks.map [--quick] [--json]
"""

from __future__ import annotations

import os
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from numpy.typing import NDArray

from backends.raster.camera import Camera
from backends.raster.colour import Paint, arrange, class_codes
from backends.raster.draw import dots_for, draw
from backends.raster.lasso import inside
from backends.raster.palette import class_colours
from backends.raster.pick import pick
from backends.raster.points import build_points
from tests.benchmarks.measure import Measure, arguments, seconds_of, show

WIDTH, HEIGHT = 1280, 960
CLASSES = 45
FRAMES = 60
ZOOMS = (1.0, 1.5, 2.5, 5.0, 20.0)


def clusters(n: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Clouds of unequal size and width, as a layout of texts has them; classes by size."""
    rng = np.random.default_rng(0)
    middles, widths = rng.normal(0, 4, (CLASSES, 2)), rng.uniform(0.2, 0.9, (CLASSES, 2))
    labels = rng.choice(CLASSES, n, p=np.sort(rng.dirichlet(np.full(CLASSES, 1.5)))[::-1])
    layout = middles[labels] + rng.normal(size=(n, 2)) * widths[labels]
    return layout.astype(np.float32), labels.astype(np.int32)


def times_of(call: Callable[[int], object], count: int) -> NDArray[np.float64]:
    return np.array([seconds_of(lambda number=number: call(number)) for number in range(count)])


def peer_frame(layout: NDArray[np.float32], labels: NDArray[np.int32]) -> float:
    """Seconds of one frame of `ScatterPlotItem`, one brush object a class, after a pan."""
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    view = pg.PlotWidget()
    view.resize(WIDTH, HEIGHT)
    brushes = np.array(
        [pg.mkBrush(colour.tolist()) for colour in class_colours(CLASSES, dark=False)]
    )
    item = pg.ScatterPlotItem(size=2, pen=None, pxMode=True)
    item.setData(x=layout[:, 0], y=layout[:, 1], brush=brushes[labels])
    view.addItem(item)
    view.show()
    app.processEvents()
    view.grab()
    seconds = []
    for step in range(3):
        view.getViewBox().translateBy(x=0.01 * (step + 1))
        seconds.append(seconds_of(view.grab))
    view.close()
    return float(np.median(seconds))


def main() -> None:
    """Draw, pick and lasso at several zooms, and draw the same with pyqtgraph."""
    options = arguments(__doc__ or "")
    n = 200_000 if options.quick else 1_000_000
    layout, labels = clusters(n)
    points = build_points(layout)  # compiles or loads the kernels
    sorting = seconds_of(lambda: build_points(layout))
    paint = Paint(class_codes(labels, CLASSES), class_colours(CLASSES, dark=False), (195, 200, 208))
    ink = arrange(points, paint)
    recolour = seconds_of(lambda: arrange(points, paint))
    whole = Camera(width=WIDTH, height=HEIGHT).fitted(points.bounds)
    out = draw(points, ink, whole, dots_for(points, whole))
    frames = {}
    for zoom in ZOOMS:
        camera = whole.zoomed(zoom, WIDTH / 2, HEIGHT / 2)
        dots = dots_for(points, camera)
        frames[zoom] = times_of(
            lambda step, c=camera, d=dots: draw(points, ink, c.panned(2 * step, step), d, out),
            FRAMES,
        )
    every = np.concatenate(list(frames.values()))
    middle = float(np.median(frames[1.0]))
    peer = peer_frame(layout, labels)
    rng = np.random.default_rng(1)
    spots = [whole.to_plane(*(rng.random(2) * (WIDTH, HEIGHT))) for _ in range(500)]
    pick(points, 0.0, 0.0, 0.1, ink.inks)
    picks = times_of(lambda i: pick(points, *spots[i], 8 / whole.scale, ink.inks), len(spots))
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    reach = 3 * (1 + 0.2 * np.sin(7 * angle))
    polygon = np.c_[reach * np.cos(angle), reach * np.sin(angle)]
    inside(points, polygon)
    lasso = float(np.median(times_of(lambda _: inside(points, polygon), 10)))
    rows = (
        Measure("map frame, everything in view", middle, ">= 50", n, "s", "ScatterPlotItem", peer),
        Measure("map frame, p95 of five zooms", float(np.quantile(every, 0.95)), "<= 0.033", n),
        Measure("sort a layout into cells", sorting, "<= 0.25", n),
        Measure("recolour", recolour, "<= 0.1", n),
        Measure("pick under the cursor, p99", float(np.quantile(picks, 0.99)), "<= 0.001", n),
        Measure("lasso of 200 corners", lasso, "<= 0.05", n),
    )
    for row in rows:
        show(row, as_json=options.json)
    if not options.json:
        for zoom, seconds in frames.items():
            print(f"  zoom {zoom:g}: median {np.median(seconds) * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
