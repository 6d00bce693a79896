"""A report as one HTML page that needs nothing beside it, and as one CSV in long form."""

from __future__ import annotations

import csv
from collections.abc import Collection as Some
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backends.audit.drawing import SERIES, draw_bars, draw_columns
from backends.audit.parts import Audit, Cell, Columns, Part, Section, Sentence, Worded, shown
from backends.export import TargetExists
from backends.files import replacing_together

if TYPE_CHECKING:
    from jinja2 import Template

PAGE = Path(__file__).resolve().parents[2] / "resources" / "report" / "audit.html"
HEAD = ("section", "part", "item", "measure", "value", "number")


def files_of(path: Path) -> tuple[Path, Path]:
    """The page and the table of a report; only .html is taken off a name, "audit v1.2" stays."""
    stem = path.stem if path.suffix.lower() in (".html", ".htm", ".csv") else path.name
    return path.with_name(f"{stem}.html"), path.with_name(f"{stem}.csv")


def write_report(audit: Audit, path: Path, *, agreed: Some[Path] = ()) -> tuple[Path, Path]:
    """Write NAME.html and NAME.csv beside it, both or neither.

    Only files in `agreed` are replaced; one that appeared after the question is not.

    Raises: TargetExists with all files that are there; UnwritableFile.
    """
    page, table = files_of(path)
    there = tuple(file for file in (page, table) if file.exists())
    if not set(there) <= set(agreed):
        raise TargetExists(there)
    with replacing_together((page, table)) as (page_draft, table_draft):
        page_draft.write_text(as_html(audit), encoding="utf-8")
        with table_draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEAD)
            writer.writerows(
                (*row, row[-1] if _is_number(row[-1]) else "") for row in as_rows(audit)
            )
    return page, table


def as_html(audit: Audit) -> str:
    """The page; words of the data are escaped."""
    return _template().render(audit=audit)


def as_rows(audit: Audit) -> Iterator[tuple[str, str, str, str, Cell]]:
    """Everything that the report says, one value a row: section, part, item, measure, value.

    In the file a last column holds the value once more where it is a number, and nothing else.
    """
    yield ("report", "", "", "title", audit.title)
    yield ("report", "", "", "date", audit.date)
    for name, version in audit.versions.items():
        yield ("report", "versions", name, "version", version)
    for section in audit.sections:
        for part in section.parts:
            for of, item, measure, value in part.told():
                number = value.number if isinstance(value, Worded) else value
                yield (section.title, of, item, measure, number)


def _kind(part: Part) -> str:
    return type(part).__name__.lower()


def _series(chart: Columns) -> list[tuple[str, str]]:
    return list(zip(SERIES, chart.series, strict=False))


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float | Worded) and not isinstance(cell, bool)


def outline(audit: Audit) -> list[tuple[Section, list[str]]]:
    """Sections with their sentences, as a preview shows them."""
    return [
        (section, [part.text for part in section.parts if isinstance(part, Sentence)])
        for section in audit.sections
    ]


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    here = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    here.filters["shown"] = shown
    here.filters["kind"] = _kind
    here.filters["series"] = _series
    here.filters["bars"] = lambda chart: Markup(draw_bars(chart))  # escaped there
    here.filters["columns"] = lambda chart: Markup(draw_columns(chart))  # there too
    here.tests["numeric"] = _is_number
    return here.from_string(PAGE.read_text("utf-8"))
