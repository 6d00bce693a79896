"""Pictures of the map: what is in them, pixel for pixel and letter for letter."""

from __future__ import annotations

import re
import threading
import zlib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from app.panels import class_edits
from app.panels.class_edits import moved, renamed, toggled
from app.panels.map import ByClass, ByNumber
from app.panels.shows import ShowsModel
from backends.errors import BackendError
from backends.raster.colour import arrange
from backends.raster.draw import dots_for, draw
from backends.raster.palette import MOST_COLOURS
from backends.reporting import Cancelled, Progress, Report
from backends.selection import select
from tests.widgets.pictures import SHORE, colouring, corpus, sheet, source
from widgets import picture_drawing, picture_points
from widgets.map_layers import Layer, Scene
from widgets.map_marks import ScaleLayer
from widgets.picture_drawing import bytes_of, draw_image, draw_strip, write_picture
from widgets.picture_legend import LegendPainter, build_key
from widgets.picture_page import PAPER
from widgets.theme import DARK

SVG = "{http://www.w3.org/2000/svg}"
pytestmark = pytest.mark.usefixtures("qtbot")


def written(tmp_path: Path, form: str, made: picture_drawing.Sheet) -> Path:
    path = tmp_path / f"map.{form}"
    write_picture(made, form, path)  # type: ignore[arg-type]
    return path


def pixel(image: QImage, x: int, y: int) -> str:
    return image.pixelColor(x, y).name().upper()


def bare(**choices: object) -> picture_drawing.Sheet:
    """Points alone, in the whole picture."""
    return sheet(source(), legend=False, layers=False, **choices)


def test_a_png_has_the_size_the_resolution_and_the_facts(tmp_path: Path) -> None:
    made = sheet(source(colouring(corpus())), width=611, height=503, dpi=300)
    image = QImage(str(written(tmp_path, "png", made)))
    assert (image.width(), image.height()) == (611, 503)
    assert image.dotsPerMeterX() == round(300 / 0.0254)
    assert image.text("Title") == "A <title>"
    assert image.text("Software") == "Embedscope 0"


def test_a_png_in_strips_is_the_whole_picture_pixel_for_pixel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = source(colouring(corpus()), selection=select(range(40), "some", kind="rows"))
    made = sheet(chosen, title="A title", ground="clear_light")
    whole = bytes_of(draw_image(made), 4)
    monkeypatch.setattr(picture_points, "STRIP_LINES", 37)
    image = QImage(str(written(tmp_path, "png", made)))
    assert np.array_equal(bytes_of(image, 4), whole)
    assert len(np.unique(whole.reshape(-1, 4), axis=0)) > 20  # there is something to see


def test_points_are_those_of_the_raster_at_twice_the_resolution() -> None:
    once, twice = bare(), bare(width=1400, height=1000)
    camera = once.page.camera
    expected = camera.sized(1400, 1000, 2 * camera.ratio)
    ours = twice.page.camera
    for name in ("x", "y", "scale", "width", "height", "ratio"):
        assert getattr(ours, name) == pytest.approx(getattr(expected, name), rel=1e-12)
    expected = ours
    drawing, points = twice.drawing, twice.drawing.points
    ink = arrange(points, twice.page.source.paint(PAPER))
    whole = draw(points, ink, expected, dots_for(points, expected, 1.0))
    assert np.array_equal(drawing.strip(0, 1000), whole)
    assert drawing.radius == pytest.approx(2 * once.drawing.radius)
    parts = [drawing.strip(top, min(64, 1000 - top)) for top in range(0, 1000, 64)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_strips_fit_together_where_counts_stand_for_points(monkeypatch: pytest.MonkeyPatch) -> None:
    from backends.raster import pyramid

    monkeypatch.setattr(pyramid, "EXACT_MOST", 10)
    monkeypatch.setattr(picture_points, "STRIP_LINES", 64)
    drawing = sheet(source(size=0.05), legend=False, layers=False, width=300, height=500).drawing
    assert pyramid.is_far(drawing.points, drawing.camera)
    whole = drawing.strip(0, 500)
    assert whole.any()
    parts = [drawing.strip(top, min(37, 500 - top)) for top in range(0, 500, 37)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_the_view_shows_what_the_screen_shows_and_everything_shows_all() -> None:
    seen = source()
    near = replace(seen, camera=replace(seen.camera, x=1.0, y=2.0, scale=seen.camera.scale * 5))
    camera = sheet(near, legend=False, width=600, height=900).page.camera
    assert (camera.x, camera.y) == pytest.approx((1.0, 2.0), abs=0.1 / camera.scale)
    for edge in (0, near.camera.width):  # both sides of the screen are in the picture
        x, _ = near.camera.to_plane(edge, 0)
        assert -1 <= camera.to_pixel(x, 2.0)[0] <= 601
    whole = sheet(near, legend=False, view="everything")
    assert whole.drawing.visible().all()
    assert not sheet(near, legend=False).drawing.visible().all()


@pytest.mark.parametrize(
    ("ground", "colour"),
    [("light", "#FFFFFF"), ("dark", DARK.map_background)],
)
def test_the_ground_is_the_chosen_one(tmp_path: Path, ground: str, colour: str) -> None:
    image = QImage(str(written(tmp_path, "png", bare(ground=ground))))
    assert pixel(image, 0, 0) == colour.upper()
    assert not image.hasAlphaChannel()


def test_without_a_ground_one_sees_through(tmp_path: Path) -> None:
    image = QImage(str(written(tmp_path, "png", bare(ground="clear_dark"))))
    assert image.pixelColor(0, 0).alpha() == 0
    assert bytes_of(image, 4)[..., 3].max() > 200


def texts(path: Path) -> list[str]:
    root = ET.parse(path).getroot()
    return [found.text or "" for found in root.iter(f"{SVG}text")]


def test_an_svg_has_letters_circles_and_a_title(tmp_path: Path) -> None:
    made = sheet(source(colouring(corpus())), title="A <title> & more")
    path = written(tmp_path, "svg", made)
    said = texts(path)
    # Qt writes one element for each run of letters of one script.
    assert "A <title> & more" in " ".join("".join(said).split())
    assert all(name in "".join(said) for name in (*SHORE, "class"))
    root = ET.parse(path).getroot()
    assert root.findtext(f"{SVG}title") == "A <title> & more"
    assert "Embedscope 0" in (root.findtext(f"{SVG}desc") or "")
    circles = list(root.iter(f"{SVG}circle"))
    assert len(circles) == int(made.drawing.visible().sum()) + len(SHORE)  # and the legend's
    assert not list(root.iter(f"{SVG}image"))
    assert (root.get("width"), root.get("height")) == ("177.8mm", "127mm")  # 7 x 5 inches


def test_only_points_in_the_picture_become_circles(tmp_path: Path) -> None:
    seen = source()
    near = replace(seen, camera=replace(seen.camera, scale=seen.camera.scale * 5))
    made = sheet(near, legend=False, layers=False)
    root = ET.parse(written(tmp_path, "svg", made)).getroot()
    camera = made.page.camera
    pixels = [camera.to_pixel(*map(float, place)) for place in near.layout]
    reach = made.drawing.radius + 0.5
    inside = [
        (x, y)
        for x, y in pixels
        if -reach < x < camera.width + reach and -reach < y < camera.height + reach
    ]
    assert 0 < len(inside) < len(near.layout)
    assert len(list(root.iter(f"{SVG}circle"))) == len(inside)


def test_hidden_classes_are_in_no_picture(tmp_path: Path) -> None:
    coloured = colouring(corpus())
    assert isinstance(coloured, ByClass)
    left = replace(coloured, hidden=frozenset({0}))
    path = written(tmp_path, "svg", sheet(source(left), layers=False))
    root = ET.parse(path).getroot()
    shown = int(coloured.categories.counts[1:].sum())
    assert len(list(root.iter(f"{SVG}circle"))) == shown + 3
    assert coloured.label(0) not in "".join(texts(path))


def test_an_svg_looks_like_the_png(tmp_path: Path) -> None:
    made = sheet(source(colouring(corpus())), dotting="image", ground="dark")
    renderer = QSvgRenderer(str(written(tmp_path, "svg", made)))
    assert renderer.isValid()
    image = QImage(700, 500, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(0, 0, 0, 0))
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    ours = bytes_of(draw_image(made), 3).astype(int)
    theirs = bytes_of(image, 3).astype(int)
    assert np.abs(ours - theirs).mean() < 2.0
    points = slice(0, made.page.camera.width - 150)
    assert np.abs(ours[:400, points] - theirs[:400, points]).max() <= 3


def streams(data: bytes) -> bytes:
    """What a PDF draws, unpacked."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.S)
    unpacked = []
    for one in found:
        try:
            unpacked.append(zlib.decompress(one))
        except zlib.error:
            unpacked.append(one)
    return b"\n".join(unpacked)


def letters(drawn: bytes) -> str:
    """What can be selected and copied: the strings, read with the letters of each font."""
    fonts = []
    for table in re.findall(rb"beginbfrange(.*?)endbfrange", drawn, re.S):
        listed = re.search(rb"<0001> <[0-9A-F]+> \[(.*?)\]", table, re.S)
        assert listed is not None
        fonts.append(["", *(chr(int(code, 16)) for code in re.findall(rb"<(\w+)>", listed[1]))])
    strings = [bytes.fromhex(one.decode()) for one in re.findall(rb"<([0-9a-fA-F]+)> Tj", drawn)]
    said = []
    for font in fonts:
        for string in strings:
            glyphs = [int.from_bytes(string[at : at + 2]) for at in range(0, len(string), 2)]
            said.append("".join(font[glyph] for glyph in glyphs if glyph < len(font)))
        said.append("\n")
    return "".join(said).replace("\t", " ")  # Qt takes the one for the other: one glyph for both


def test_a_pdf_has_the_page_the_letters_and_the_title(tmp_path: Path) -> None:
    made = sheet(source(colouring(corpus())), width=3508, height=2480, dpi=300, title="A title")
    data = written(tmp_path, "pdf", made).read_bytes()
    assert data.startswith(b"%PDF-1.")
    box = re.search(rb"MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert box is not None
    assert [float(side) for side in box.groups()] == [842, 595]  # A4 in points
    assert "A title".encode("utf-16-be") in data
    said = letters(streams(data))
    assert all(name in said for name in SHORE)
    assert "A title" in said
    assert b"/Subtype /Image" not in data
    with_image = sheet(source(colouring(corpus())), dotting="image")
    assert b"/Subtype /Image" in written(tmp_path, "pdf", with_image).read_bytes()


def test_points_stay_an_image_where_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bare().as_circles()
    assert not bare(dotting="image").as_circles()
    monkeypatch.setattr(picture_drawing, "FEW_CIRCLES", 299)
    assert not bare().as_circles()
    assert bare(dotting="circles").as_circles()
    monkeypatch.setattr(picture_drawing, "MOST_CIRCLES", 299)
    with pytest.raises(BackendError, match="300 points are too many for circles; 299"):
        bare(dotting="circles").as_circles()


def test_too_many_pixels_for_an_svg_are_one_sentence(tmp_path: Path) -> None:
    made = bare(width=12_000, height=12_000, dotting="image")
    with pytest.raises(BackendError, match="100 million pixels"):
        written(tmp_path, "svg", made)


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_nobody_waits_for_a_picture_that_is_not_wanted(tmp_path: Path, form: str) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        write_picture(bare(), form, tmp_path / "x", Report(stop=stop))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_a_picture_can_be_stopped_in_the_middle(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt ends the process if a device goes while somebody still paints on it."""
    monkeypatch.setattr(picture_points, "STRIP_LINES", 50)
    stop, steps = threading.Event(), []

    def hear(progress: Progress) -> None:
        steps.append(progress.text)
        if len(steps) == 4:
            stop.set()

    with pytest.raises(Cancelled):
        write_picture(bare(dotting="image"), form, tmp_path / "x", Report(hear, stop=stop))  # type: ignore[arg-type]
    assert len(steps) == 4


def test_a_layer_that_fails_does_not_end_the_process() -> None:
    class Broken(Layer):
        def paint(self, painter: QPainter, scene: Scene) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sheet(source(layers=(Broken(),)))


def test_a_layer_that_belongs_into_no_picture_is_left_out(tmp_path: Path) -> None:
    class Private(ScaleLayer):
        in_pictures = False

    made = sheet(source(layers=(Private(ShowsModel()),)))
    assert texts(written(tmp_path, "svg", made)) == []
    shown = sheet(source(layers=(ScaleLayer(ShowsModel()),)))
    assert len(texts(written(tmp_path, "svg", shown))) == 1
    assert texts(written(tmp_path, "svg", sheet(source(), layers=False))) == []


def test_the_preview_is_the_picture_with_fewer_pixels() -> None:
    chosen = source(colouring(corpus()))
    large, small = sheet(chosen, title="A"), sheet(chosen, title="A", shrink=0.5)
    assert small.page.size == large.page.size
    assert small.page.camera.scale == pytest.approx(large.page.camera.scale / 2, rel=0.01)
    assert small.page.legend_room == large.page.legend_room


def test_the_legend_says_how_many_have_no_room(tmp_path: Path) -> None:
    coloured = colouring(corpus(n=3000, classes=30))
    made = sheet(source(coloured, n=3000))
    said = texts(written(tmp_path, "svg", made))
    (rest,) = [text for text in said if text.startswith("and ")]
    names = [text for text in said if text.startswith("class ")]
    shown = len(names) + 4
    assert rest == f"and {MOST_COLOURS + 1 - shown} more"  # the others are one
    assert isinstance(coloured, ByClass)
    assert names == [coloured.label(code) for code in range(4, shown)]  # largest first


def test_a_scale_has_ticks_and_says_what_lies_beyond() -> None:
    coloured = colouring(corpus(), "number")
    assert isinstance(coloured, ByNumber)
    key = build_key(replace(coloured, low=50.0), PAPER)
    assert key is not None
    assert key.scale is not None
    assert [text for _, text in key.scale.ticks] == ["≤ 50", "100", "150", "200", "250"]
    assert key.scale.missing is None
    assert LegendPainter(key, QFont("DejaVu Sans"), PAPER).width(1000) > 30
    alone = build_key(replace(coloured, low=3.0, high=3.0), PAPER)
    assert alone is not None
    assert alone.scale is not None
    assert alone.scale.ticks == ((3.0, "3"),)


def test_the_legend_is_as_it_was_edited() -> None:
    coloured = colouring(corpus(n=3000, classes=30))
    assert isinstance(coloured, ByClass)
    coloured = renamed(class_edits.coloured(moved(coloured, 3, 0), 25, "#ABCDEF"), 3, "Third")
    key = build_key(toggled(coloured, 0), PAPER)
    assert key is not None
    names = [entry.name for entry in key.entries]
    assert names[0] == "Third"
    assert coloured.label(0) not in names
    assert names[-1] == "9 others"
    (own,) = [entry.colour for entry in key.entries if entry.name == coloured.label(25)]
    assert own == "#ABCDEF"


def test_the_bar_has_the_colours_that_values_have() -> None:
    coloured = colouring(corpus(), "number")
    assert isinstance(coloured, ByNumber)
    look = replace(coloured.look, scale="magma", is_reversed=True)
    turned, plain = (
        build_key(replace(coloured, look=given), PAPER)
        for given in (look, replace(look, is_reversed=False))
    )
    assert turned is not None
    assert plain is not None
    assert turned.scale is not None
    assert plain.scale is not None
    assert turned.scale.colours == plain.scale.colours[::-1]
    assert len(set(plain.scale.colours)) > 50


def test_a_plain_map_has_no_legend_and_all_the_room() -> None:
    assert build_key(None, PAPER) is None
    assert sheet(source()).page.camera.width == 700
    assert sheet(source(colouring(corpus()))).page.camera.width < 650


def test_letters_give_way_where_there_is_no_room() -> None:
    wide = source(colouring(corpus()))
    assert sheet(wide, font=72, title="A").page.heading
    assert sheet(wide, font=72, title="A", subtitle="B").page.heading == ()
    tiny = draw_image(sheet(wide, width=64, height=64, font=72, title="A"))
    assert (tiny.width(), tiny.height()) == (64, 64)


def test_a_strip_without_points_is_ground() -> None:
    made = sheet(source(), title="A title", legend=False)
    first = made.page.spot[1]
    assert first > 20
    strip = draw_strip(made, 0, 5)
    assert pixel(strip, 3, 2) == "#FFFFFF"


def test_the_recording_is_as_large_on_paper_as_on_the_screen(tmp_path: Path, qtbot: QtBot) -> None:
    """A scale bar keeps its length whatever the device's own resolution is."""
    lengths = []
    for dpi in (72, 300):
        made = sheet(source(), dpi=dpi, legend=False)
        root = ET.parse(written(tmp_path, "svg", made)).getroot()
        bars = [found.get("points") or "" for found in root.iter(f"{SVG}polyline")]
        numbers = [float(one) for one in re.findall(r"[\d.]+", bars[-1])]
        lengths.append(max(numbers[::2]) - min(numbers[::2]))
    assert lengths[0] == pytest.approx(lengths[1])
    assert 50 < lengths[0] <= 120
