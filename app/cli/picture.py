"""The map as a picture, drawn by the same raster as in the window: light, without labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backends.types import Corpus, Projection

SIZE = (1600, 1200)  # width and height in pixels
RATIO = 2.0  # of them to a logical pixel: dots look as on a high-resolution screen
PAPER = np.array((255, 255, 255), dtype=np.uint16)
GREY = (142, 150, 163)  # of items that are not shown


def colour_column(corpus: Corpus) -> str | None:
    """The first column of categories that is not the text or the id, if there is one."""
    from backends.corpora.columns import column_kind

    taken = (corpus.roles.text, corpus.roles.id)
    return next(
        (
            name
            for name in corpus.columns
            if name not in taken and column_kind(corpus, name) == "categories"
        ),
        None,
    )


def draw_map(corpus: Corpus, projection: Projection, column: str | None) -> NDArray[np.uint8]:
    """Draw all items that have a place, (h, w, 4) RGBA, coloured by a column of categories."""
    from backends.corpora.columns import read_categories
    from backends.raster.camera import Camera
    from backends.raster.colour import Codes, Paint, arrange, class_codes, plain_codes
    from backends.raster.draw import dots_for, draw
    from backends.raster.palette import class_colours, class_entries, class_palette
    from backends.raster.points import build_points

    points = build_points(projection.plane)
    camera = Camera(width=SIZE[0], height=SIZE[1], ratio=RATIO).fitted(points.bounds)
    codes: Codes = plain_codes(len(corpus))
    colours = class_colours(1, dark=False)[:1]
    if column is not None:
        categories = read_categories(corpus, column)
        codes = class_codes(categories.codes, class_entries(len(categories.labels)))
        colours = class_palette(dark=False)
    paint = Paint(codes=codes, palette=colours, context=GREY)
    picture = draw(points, arrange(points, paint), camera, dots_for(points, camera))
    return on_paper(picture)


def on_paper(picture: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Lay premultiplied 0xAARRGGBB, (h, w), over white: RGBA bytes, (h, w, 4), opaque."""
    shifts = np.array((16, 8, 0), dtype=np.uint32)
    colour = (picture[:, :, None] >> shifts & 0xFF).astype(np.uint16)  # (h, w, 3)
    clear = (255 - (picture >> 24)).astype(np.uint16)[:, :, None]  # (h, w, 1)
    pixels = np.full((*picture.shape, 4), 255, dtype=np.uint8)
    pixels[:, :, :3] = np.minimum(colour + (PAPER * clear + 127) // 255, 255)
    return pixels
