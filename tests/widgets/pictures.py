"""What a map shows, made without a map: sources of pictures for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.panels.colouring import read_colouring
from app.panels.map import Colouring
from app.panels.pictures import PictureSettings
from app.panels.shows import ShowsModel
from backends.arrays import frozen
from backends.corpora.columns import column_kind
from backends.raster.camera import Camera
from backends.raster.points import build_points
from backends.reporting import SILENT
from backends.selection import NOTHING
from backends.types import Corpus
from tests import builders
from widgets.map_marks import ScaleLayer
from widgets.picture_drawing import Sheet, prepare
from widgets.picture_page import Source, build_page
from widgets.picture_points import Stock

N = 300
SHORE = ("tide & salt", "reef <b>", "gull", "dune")


def corpus(n: int = N, classes: int = 4) -> Corpus:
    names = [*SHORE, *(f"class {at:02}" for at in range(classes))][:classes]
    # The first class is the largest, and so on.
    of = np.sort(np.random.default_rng(1).integers(0, classes * (classes + 1) // 2, n))
    steps = np.cumsum(np.arange(classes, 0, -1))
    chosen = [names[int(np.searchsorted(steps, at, "right"))] for at in of]
    columns: dict[str, list[Any]] = {
        "text": [f"item {at}" for at in range(n)],
        "class": chosen,
        "number": [float(at) for at in range(n)],
    }
    return builders.corpus(columns=columns)


def colouring(of: Corpus, column: str = "class") -> Colouring:
    return read_colouring(of, column, column_kind(of, column), SILENT)


def source(coloured: Colouring = None, *, n: int = N, **changes: Any) -> Source:
    rng = np.random.default_rng(0)
    layout = frozen(rng.normal(0, 3, (n, 2)).astype(np.float32))
    points = build_points(layout)
    facts: dict[str, Any] = {
        "layout": layout,
        "points": points,
        "camera": Camera(width=1400, height=1000, ratio=2.0).fitted(points.bounds),
        "size": 1.0,
        "colouring": coloured,
        "selection": NOTHING,
        "narrowed": None,
        "layers": (ScaleLayer(ShowsModel()),),
        "screen": (700.0, 500.0),
        "family": "DejaVu Sans",
        **changes,
    }
    return Source(**facts)


def sheet(of: Source, *, shrink: float = 1.0, **choices: Any) -> Sheet:
    chosen = PictureSettings(**{"width": 700, "height": 500, "dpi": 100, **choices})
    stock = Stock()
    page = build_page(chosen, of, stock, shrink=shrink)
    facts = {"Title": chosen.title or "A <title>", "Software": "Embedscope 0"}
    return Sheet(page, prepare(page, stock), chosen.dpi, chosen.dotting, facts)
