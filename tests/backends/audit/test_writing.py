"""A report is one page that needs nothing beside it, and a CSV that says the same."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from backends.audit.drawing import draw_bars, draw_columns
from backends.audit.parts import (
    Audit,
    Bar,
    Bars,
    Columns,
    Facts,
    Section,
    Sentence,
    Table,
    shown,
)
from backends.audit.writing import HEAD, as_html, as_rows, write_report
from backends.export import TargetExists

BARS = Bars(
    "Words & ends",
    (Bar("homemaker", 0.304, 0.2, 0.4), Bar("<maestro>", -0.238)),
    (0.9, -0.1),
    "% female",
    ("he", "she"),
)
STEPS = Columns("All items", (-1.0, 0.0, 1.0), {"all": (0.25, 0.75), "a<b": (0.5, 0.5)})
AUDIT = Audit(
    "Audit of <b>GloVe</b>",
    "2026-01-02T03:04:05+00:00",
    (
        Section(
            "directions",
            "Directions",
            (
                Sentence("Two pairs."),
                Sentence("Too few to say more.", doubt=True),
                Facts({"pairs": 2, "share": 0.6053, "none": None}),
                BARS,
                STEPS,
            ),
        ),
        Section("tests", "Tests", (Table("WEAT", ("test", "d", "n"), (("flowers", 1.5, 25),)),)),
    ),
    {"numpy": "2.0"},
)


class Reader(HTMLParser):
    """Collects text, and what a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.fetched: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.fetched += [str(given[name]) for name in ("src", "data") if name in given]
        if tag in ("script", "link", "img"):
            self.fetched.append(tag)
        if tag in ("section", "table", "figure", "dl", "svg", "p", "tr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("section", "table", "figure", "dl", "svg", "p", "tr"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_says_everything_and_fetches_nothing() -> None:
    reader = Reader()
    reader.feed(as_html(AUDIT))
    text = " ".join(reader.text)
    for said in ("Audit of <b>GloVe</b>", "Too few to say more.", "0.6053", "<maestro>", "25"):
        assert said in text
    assert reader.fetched == []
    assert reader.open == []


def test_the_csv_has_every_value_whole(tmp_path: Path) -> None:
    page, table = write_report(AUDIT, tmp_path / "audit.html")
    with table.open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    assert tuple(head) == HEAD
    assert ["Directions", "Words & ends", "homemaker", "high", "0.4"] in rows
    assert ["Directions", "Words & ends", "<maestro>", "% female", "-0.1"] in rows
    assert ["Directions", "All items", "a<b", "0 to 1", "0.5"] in rows
    assert ["Directions", "doubt", "", "", "Too few to say more."] in rows
    assert ["Directions", "", "", "share", "0.6053"] in rows
    assert ["Tests", "WEAT", "flowers", "d", "1.5"] in rows
    assert ["report", "versions", "numpy", "version", "2.0"] in rows
    assert page.read_text("utf-8") == as_html(AUDIT)
    assert len(list(as_rows(AUDIT))) == len(rows)


def test_a_report_that_is_there_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "audit.csv").write_text("mine")
    with pytest.raises(TargetExists):
        write_report(AUDIT, tmp_path / "audit.html")
    assert (tmp_path / "audit.csv").read_text() == "mine"
    assert not (tmp_path / "audit.html").exists()
    with pytest.raises(TargetExists):  # agreed on the page only
        write_report(AUDIT, tmp_path / "audit.html", agreed=[tmp_path / "audit.html"])
    assert (tmp_path / "audit.csv").read_text() == "mine"
    write_report(AUDIT, tmp_path / "audit.html", agreed=[tmp_path / "audit.csv"])
    assert (tmp_path / "audit.csv").read_text("utf-8") != "mine"


def test_a_dot_in_the_name_stays(tmp_path: Path) -> None:
    page, table = write_report(AUDIT, tmp_path / "audit v1.2")
    assert (page.name, table.name) == ("audit v1.2.html", "audit v1.2.csv")


def test_bars_reach_from_zero_to_their_value() -> None:
    svg = ET.fromstring(draw_bars(BARS))
    zero = next(float(line.get("x1", "")) for line in svg if line.get("class") == "axis")
    right, left = [part for part in svg if part.tag == "rect"]
    assert float(right.get("x", "")) == pytest.approx(zero)
    assert float(left.get("x", "")) + float(left.get("width", "")) == pytest.approx(zero, abs=0.2)
    assert float(left.get("width", "")) / float(right.get("width", "")) == pytest.approx(
        0.238 / 0.304, abs=0.01
    )


def test_a_histogram_has_a_step_for_each_group() -> None:
    svg = ET.fromstring(draw_columns(STEPS))
    steps = [part for part in svg if part.tag == "path"]
    assert [title.text for step in steps for title in step] == ["all", "a<b"]


@pytest.mark.parametrize("chart", [Bars("none", ()), Bars("zero", (Bar("a", 0.0),))])
def test_empty_charts_are_drawn(chart: Bars) -> None:
    svg = ET.fromstring(draw_bars(chart))
    assert len([part for part in svg if part.tag == "rect"]) == len(chart.bars)


def test_cells_as_a_person_reads_them() -> None:
    cells = [None, "", 12345, 0.123456, 0.0000123, 0.0, True, "x"]
    assert [shown(cell) for cell in cells] == [
        *("-", "-", "12,345", "0.1235", "1.23e-05", "0.0000", "yes", "x")
    ]
