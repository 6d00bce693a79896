"""Turning a layout in space: pictures a second in a real window while a hand turns it.

Usage: python -m tests.benchmarks.turning [--quick] [--json]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("EMBEDSCOPE_CONFIG", tempfile.mkdtemp())

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from backends.raster.camera import Camera
from backends.raster.colour import Paint, arrange, class_codes
from backends.raster.depth import shading
from backends.raster.draw import dots_for, draw
from backends.raster.palette import class_entries, class_palette
from backends.raster.points import build_points
from backends.raster.turn import FRONT, reach_of, turned
from tests.benchmarks.measure import Measure, arguments, show
from widgets.map_hand import MapHand

WIDTH, HEIGHT = 1280, 960
CLASSES = 20
FRAMES = 60
STEP = (1.7, 0.4)  # degrees from one picture to the next
TARGETS = {10_000: 0.016, 100_000: 0.016, 1_000_000: 0.033}  # p95 of a picture, seconds
GREY, GROUND = (195, 200, 208), (253, 253, 254)


def clusters(n: int) -> tuple[NDArray[np.float32], Paint]:
    """Clouds in space of unequal width, coloured by class."""
    rng = np.random.default_rng(0)
    middles = rng.normal(0, 4, (CLASSES, 3)).astype(np.float32)
    widths = rng.uniform(0.2, 0.9, (CLASSES, 3)).astype(np.float32)
    labels = rng.integers(0, CLASSES, n).astype(np.int32)
    layout = rng.standard_normal((n, 3), dtype=np.float32) * widths[labels] + middles[labels]
    return layout, Paint(
        class_codes(labels, class_entries(CLASSES)), class_palette(dark=False), GREY
    )


def in_a_window(layout: NDArray[np.float32], paint: Paint) -> NDArray[np.float64]:
    """Seconds from one picture on the canvas to the next, (FRAMES,): turned, drawn and painted."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    canvas = MapHand()
    canvas.resize(WIDTH, HEIGHT)
    canvas.show_paint(paint)
    canvas.show_layout(layout, refit=True)
    canvas.show()
    while not (canvas.image.is_warm and canvas.image.is_idle):
        app.processEvents()
    found: list[float] = []

    def turn_on(_frame: object) -> None:
        canvas.turn_by(*STEP)  # the hand goes on while the picture is painted
        canvas.repaint()
        found.append(time.perf_counter())

    canvas.drawn.connect(turn_on)
    canvas.turn_by(*STEP)
    while len(found) < FRAMES + 10:  # waiting, as a window does: drawing needs the processors
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    canvas.drawn.disconnect(turn_on)
    canvas.image.close()
    return np.diff(found)[9:]


def stages(layout: NDArray[np.float32], paint: Paint) -> dict[str, float]:
    """Median seconds of what a picture consists of."""
    ready, reach = shading(paint, GROUND), reach_of(layout)
    first = build_points(layout[:, :2])
    camera = Camera(width=WIDTH, height=HEIGHT).fitted(first.bounds)
    times: dict[str, list[float]] = {}
    out = None
    for step in range(15):
        turn = FRONT.by(STEP[0] * step, STEP[1] * step)
        marks = [time.perf_counter()]
        seen = turned(layout, turn, reach)
        marks.append(time.perf_counter())
        points = build_points(seen.layout)
        marks.append(time.perf_counter())
        ink = arrange(points, ready.at(seen.depth))
        marks.append(time.perf_counter())
        out = draw(points, ink, camera, dots_for(points, camera), out)
        marks.append(time.perf_counter())
        for name, spent in zip(("turn", "sort", "colour", "draw"), np.diff(marks), strict=True):
            times.setdefault(name, []).append(spent)
    return {name: float(np.median(spent[5:])) for name, spent in times.items()}


def main() -> None:
    """Turn layouts of several sizes."""
    options = arguments(__doc__ or "")
    for n, limit in TARGETS.items():
        if options.quick and n > 100_000:
            continue
        layout, paint = clusters(n)
        found = in_a_window(layout, paint)
        p95 = float(np.quantile(found, 0.95))
        show(
            Measure("turned picture in a window, p95", p95, f"<= {limit:g}", n),
            as_json=options.json,
        )
        if not options.json:
            parts = stages(layout, paint)
            shown = ", ".join(f"{name} {spent * 1e3:.1f}" for name, spent in parts.items())
            rate = 1 / float(np.median(found))
            print(f"  {rate:.0f} pictures a second; medians in ms: {shown}")


if __name__ == "__main__":
    main()
