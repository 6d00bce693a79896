"""The map: seconds from a moved camera to a finished picture, against two peers in the same run.

Usage: python -m tests.benchmarks.map [--quick] [--json]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from numpy.typing import NDArray

from app.panels.colouring import read_colouring
from backends.raster.camera import Camera
from backends.raster.colour import Ink, Paint, arrange
from backends.raster.draw import dots_for, draw
from backends.raster.lasso import inside
from backends.raster.palette import class_colours
from backends.raster.pick import pick
from backends.raster.points import Points, build_points
from backends.reporting import SILENT
from backends.types import Corpus
from tests import builders
from tests.benchmarks.measure import Measure, arguments, in_turn, seconds_of, show

WIDTH, HEIGHT = 1280, 960
CLASSES = 45
FRAMES = 30
ZOOMS = (1.0, 1.5, 2.5, 5.0, 10.0, 20.0, 60.0)
GREY = (195, 200, 208)
TARGETS = {1_000_000: 0.008, 10_000_000: 0.016, 50_000_000: 0.033}  # p95 of a frame, seconds


def clusters(n: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Clouds of unequal size and width, as a layout of texts has them; classes by size."""
    rng = np.random.default_rng(0)
    middles = rng.normal(0, 4, (CLASSES, 2)).astype(np.float32)
    widths = rng.uniform(0.2, 0.9, (CLASSES, 2)).astype(np.float32)
    shares = np.sort(rng.dirichlet(np.full(CLASSES, 1.5)))[::-1]
    labels = rng.choice(CLASSES, n, p=shares).astype(np.uint8)
    layout = rng.standard_normal((n, 2), dtype=np.float32)
    layout *= widths[labels]
    layout += middles[labels]
    return layout, labels


def times_of(call: Callable[[int], object], count: int) -> NDArray[np.float64]:
    return np.array([seconds_of(lambda number=number: call(number)) for number in range(count)])


@dataclass(frozen=True)
class Scene:
    """Points, coloured, and a camera that sees all of them."""

    points: Points
    paint: Paint
    ink: Ink
    whole: Camera

    @classmethod
    def of(cls, layout: NDArray[np.float32], labels: NDArray[np.uint8]) -> Scene:
        points = build_points(layout)
        paint = Paint(labels, class_colours(CLASSES, dark=False), GREY)
        whole = Camera(width=WIDTH, height=HEIGHT).fitted(points.bounds)
        return cls(points, paint, arrange(points, paint), whole)

    def frame(self, camera: Camera, out: NDArray[np.uint32] | None = None) -> NDArray[np.uint32]:
        return draw(self.points, self.ink, camera, dots_for(self.points, camera), out)


def frames(scene: Scene) -> dict[float, NDArray[np.float64]]:
    """Seconds of frames of a hand that pans and zooms, about several zooms."""
    out = scene.frame(scene.whole)
    found = {}
    for zoom in ZOOMS:
        near = scene.whole.zoomed(zoom, WIDTH / 2, HEIGHT / 2)
        scene.frame(near, out)
        found[zoom] = times_of(
            lambda step, c=near: scene.frame(
                c.panned(3 * step, step).zoomed(1.01**step, 500, 400), out
            ),
            FRAMES,
        )
    return found


def scatter_plot(scene: Scene) -> Callable[[], float]:
    """Seconds of one frame of `ScatterPlotItem`, one brush object a class, after a pan."""
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    view = pg.PlotWidget()
    view.resize(WIDTH, HEIGHT)
    brushes = np.array([pg.mkBrush(colour.tolist()) for colour in scene.paint.palette])
    item = pg.ScatterPlotItem(size=2, pen=None, pxMode=True)
    layout = scene.points.layout
    item.setData(x=layout[:, 0], y=layout[:, 1], brush=brushes[scene.paint.codes])
    view.addItem(item)
    view.show()
    app.processEvents()
    view.grab()

    def frame() -> float:
        view.getViewBox().translateBy(x=0.01)
        return seconds_of(view.grab)

    return frame


def datashader(scene: Scene) -> Callable[[], float]:
    """Seconds of counting by class and shading, a canvas of the same pixels and extent."""
    import datashader as ds
    import pandas as pd
    from datashader import transfer_functions as tf

    layout, labels = scene.points.layout, scene.paint.codes
    names = [f"class {code}" for code in range(CLASSES)]
    table = pd.DataFrame({"x": layout[:, 0], "y": layout[:, 1]})
    table["label"] = pd.Categorical.from_codes(labels.astype(np.int16), categories=names)
    left, top = scene.whole.to_plane(0, 0)
    right, bottom = scene.whole.to_plane(WIDTH, HEIGHT)
    canvas = ds.Canvas(WIDTH, HEIGHT, x_range=(left, right), y_range=(bottom, top))
    key = ["#{:02x}{:02x}{:02x}".format(*colour) for colour in scene.paint.palette[:CLASSES]]

    def frame() -> float:
        return seconds_of(
            lambda: tf.shade(canvas.points(table, "x", "y", ds.count_cat("label")), color_key=key)
        )

    frame()
    return frame


def against(scene: Scene, peer: Callable[[], float], times: int) -> tuple[float, float]:
    out = scene.frame(scene.whole)

    def ours() -> float:
        return float(np.median(times_of(lambda i: scene.frame(scene.whole.panned(i, 0), out), 5)))

    return in_turn(ours, peer, times)


def hand(scene: Scene, n: int) -> list[Measure]:
    """What a hand waits for besides frames: picking, lassoing, another colour."""
    points, ink, whole = scene.points, scene.ink, scene.whole
    rng = np.random.default_rng(1)
    spots = [whole.to_plane(*(rng.random(2) * (WIDTH, HEIGHT))) for _ in range(500)]
    pick(points, 0.0, 0.0, 0.1, ink.inks)
    picks = times_of(lambda i: pick(points, *spots[i], 8 / whole.scale, ink.inks), len(spots))
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    reach = 3 * (1 + 0.2 * np.sin(7 * angle))
    polygon = np.c_[reach * np.cos(angle), reach * np.sin(angle)]
    inside(points, polygon, ink.inks)
    lasso = times_of(lambda _: inside(points, polygon, ink.inks), 7)
    column = other_column(n)
    out = scene.frame(whole)

    def recolour(_: int) -> None:
        """What a choice of another column does: read it, mix the paint, order it, draw."""
        colouring = read_colouring(column, "other", "categories", SILENT)
        again = Paint(colouring.entries(), class_colours(CLASSES, dark=True), GREY)
        draw(points, arrange(points, again), whole, dots_for(points, whole), out)

    colours = times_of(recolour, 5)
    return [
        Measure("pick under the cursor, p99", float(np.quantile(picks, 0.99)), "<= 0.001", n),
        Measure("lasso of 200 corners", float(np.median(lasso)), "<= 0.05", n),
        Measure("recolour by a column of texts", float(np.median(colours)), "<= 0.25", n),
    ]


def other_column(n: int) -> Corpus:
    """A corpus with a column of texts, 20 different ones, as a file has it."""
    import pyarrow as pa

    names = np.array([f"class {code}" for code in range(20)])
    values = names[np.random.default_rng(2).integers(0, len(names), n)]
    return replace(builders.corpus(columns={"other": [""]}), table=pa.table({"other": values}))


def apart(scene: Scene, n: int) -> list[Measure]:
    """The first image and the memory, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder, name)) for name in ("layout.npy", "codes.npy")]
        np.save(files[0], scene.points.layout)
        np.save(files[1], scene.paint.codes)
        said = {}
        for name in ("first_image", "map_memory"):
            command = [sys.executable, "-m", f"tests.benchmarks.apart.{name}", *files]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            said |= json.loads(done.stdout.splitlines()[-1])
    return [
        Measure("first image in a new process", said["seconds"], "<= 2", n),
        Measure("memory of points, layout included", said["megabytes"], "<= 400", n, "MB"),
        Measure("memory at the peak of sorting them", said["peak"], "<= 400", n, "MB"),
    ]


def measure(n: int, limit: float, *, quick: bool, as_json: bool) -> None:
    """Measure all at one size and print it as it comes."""
    layout, labels = clusters(n)
    sorting = seconds_of(lambda: build_points(layout))
    scene = Scene.of(layout, labels)
    found = frames(scene)
    every = np.concatenate(list(found.values()))
    p95 = float(np.quantile(every, 0.95))
    rows = [Measure("map frame, p95 of seven zooms", p95, f"<= {limit:g}", n)]
    if n <= 1_000_000:
        ours, theirs = against(scene, scatter_plot(scene), 5)
        rows.append(
            Measure("map frame, all in view", ours, ">= 50", n, "s", "ScatterPlotItem", theirs)
        )
    if n == 10_000_000 or quick:
        ours, theirs = against(scene, datashader(scene), 3)
        rows.append(Measure("map frame, all in view", ours, ">= 30", n, "s", "datashader", theirs))
    if n <= 10_000_000:
        rows.append(Measure("sort a layout into cells", sorting, "<= 1", n))
        rows += hand(scene, n)
    if n == 10_000_000:
        rows += apart(scene, n)
    for row in rows:
        show(row, as_json=as_json)
    if not as_json:
        shown = ", ".join(f"{zoom:g}x {np.median(s) * 1e3:.1f}" for zoom, s in found.items())
        print(f"  medians in ms by zoom: {shown}")


def main() -> None:
    """Draw, pick and lasso at several sizes and zooms, and draw the same with the peers."""
    options = arguments(__doc__ or "")
    build_points(clusters(1000)[0])  # compiles or loads the kernels
    sizes = {1_000_000: TARGETS[1_000_000]} if options.quick else TARGETS
    for n, limit in sizes.items():
        measure(n, limit, quick=options.quick, as_json=options.json)


if __name__ == "__main__":
    main()
