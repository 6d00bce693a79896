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
    Worded,
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
    assert ["Directions", "Words & ends", "homemaker", "high", "0.4", "0.4"] in rows
    assert ["Directions", "Words & ends", "<maestro>", "% female", "-0.1", "-0.1"] in rows
    assert ["Directions", "All items", "a<b", "0 to 1", "0.5", "0.5"] in rows
    assert ["Directions", "doubt", "", "", "Too few to say more.", ""] in rows
    assert ["Directions", "", "", "share", "0.6053", "0.6053"] in rows
    assert ["Tests", "WEAT", "flowers", "d", "1.5", "1.5"] in rows
    assert ["report", "versions", "numpy", "version", "2.0", ""] in rows
    assert page.read_text("utf-8") == as_html(AUDIT)
    assert len(list(as_rows(AUDIT))) == len(rows)


def test_a_last_column_of_the_csv_is_nothing_but_numbers(tmp_path: Path) -> None:
    import pyarrow.csv

    table = Table("WEAT", ("test", "p", "n"), (("one", Worded(0.25, "exact"), 3), ("two", None, 4)))
    audit = Audit("a", "2026", (Section("t", "T", (Sentence("1 word."), table)),))
    _, path = write_report(audit, tmp_path / "audit")
    found = pyarrow.csv.read_csv(path)
    assert str(found.schema.field("number").type) == "double"
    assert [one for one in found["number"].to_pylist() if one is not None] == [0.25, 3, 4]


def test_doubts_stand_beneath_the_row_that_they_are_of() -> None:
    rows = (("one", 1.25), ("two", 0.5))
    table = Table("WEAT", ("test", "d"), rows, (("Only 2 terms are left.", "92% lost."), ()))
    page = as_html(Audit("a", "2026", (Section("t", "T", (table,)),)))
    order = [page.index(said) for said in ("1.25", "Only 2 terms", "92% lost", "0.5000")]
    assert order == sorted(order)
    assert page.count("Doubt:") == 2
    told = list(table.told())
    assert told.index(("WEAT", "one", "doubt", "92% lost.")) < told.index(("WEAT", "two", "d", 0.5))


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


def test_charts_have_a_scale_a_title_and_words_for_who_cannot_see_them() -> None:
    svg = ET.fromstring(draw_bars(BARS))
    texts = {part.text: part for part in svg if part.tag == "text"}
    assert "value" in texts
    at = {value: float(texts[value].get("x", "")) for value in ("0.0", "0.5")}
    bar = next(part for part in svg if part.tag == "rect")
    per_unit = (at["0.5"] - at["0.0"]) / 0.5
    assert float(bar.get("width", "")) / per_unit == pytest.approx(0.304, abs=0.001)
    said = next(part for part in svg if part.tag == "desc").text
    assert said == "homemaker 0.304 (0.200 to 0.400); <maestro> -0.238"


@pytest.mark.parametrize("ends", [(0.0, 0.0), (-1e-9, 2e-9), (-3.2e5, 0), (0.1, 0.11), (-1, 1)])
def test_scales_have_a_few_round_values(ends: tuple[float, float]) -> None:
    bars = tuple(Bar(str(value), value) for value in ends)
    svg = ET.fromstring(draw_bars(Bars("any", bars)))
    marks = [line for line in svg if line.get("class") == "axis" and line.get("y1") != "0"]
    assert 1 <= len(marks) <= 7


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
