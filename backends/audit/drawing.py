"""Charts of a report as SVG in the page: no script, no font, no file beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape

from backends.audit.parts import Bar, Bars, Columns

WIDTH = 720
NAMES = 250  # for names to the left of the bars
NUMBERS = 70  # for values to the right
ROW = 20
HIGH = 180  # of a histogram
FOOT = 38  # for the scale and its title
NAME_LETTERS = 34
SAID = 40  # bars that the description holds
SERIES = ("one", "two", "three", "four", "five", "six")  # classes of the style sheet


def draw_bars(chart: Bars) -> str:
    """Horizontal bars from zero, with whiskers for intervals and ticks to compare with."""
    ends = [end for bar in chart.bars for end in (bar.value, bar.low, bar.high) if end is not None]
    ends += [0.0, *chart.beside]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    room = WIDTH - NAMES - NUMBERS

    def x(value: float) -> float:
        return NAMES + room * (value - low) / span

    head = ROW if any(chart.ends) else 0
    foot = head + ROW * len(chart.bars)
    lines = [_open(chart.title, foot + FOOT, "; ".join(map(_said, chart.bars[:SAID])))]
    if head:
        lines.append(_text(NAMES, 13, chart.ends[0], "muted"))
        lines.append(_text(WIDTH - NUMBERS, 13, chart.ends[1], "muted", "end"))
    for number, bar in enumerate(chart.bars):
        beside = chart.beside[number] if number < len(chart.beside) else None
        lines += _bar(bar, beside, head + ROW * number, x)
    zero = x(0.0)
    lines.append(f'<line class="axis" x1="{zero:.1f}" x2="{zero:.1f}" y1="{head}" y2="{foot}"/>')
    lines += _scale(low, high, x, foot)
    lines.append(_text(NAMES + room / 2, foot + 31, chart.axis, "muted", "middle"))
    return "".join([*lines, "</svg>"])


def _bar(bar: Bar, beside: float | None, top: int, x: Callable[[float], float]) -> list[str]:
    """A name, a bar, what belongs to it, and its value in figures."""
    left, right = sorted((x(0.0), x(bar.value)))
    lines = [
        _text(NAMES - 8, top + 14, _short(bar.name), "", "end", bar.name),
        f'<rect class="{"one" if bar.value >= 0 else "two"}" x="{left:.1f}" y="{top + 4}" '
        f'width="{max(right - left, 0.5):.1f}" height="{ROW - 8}"/>',
    ]
    if bar.low is not None and bar.high is not None:
        middle = top + ROW // 2
        lines.append(
            f'<line class="whisker" x1="{x(bar.low):.1f}" x2="{x(bar.high):.1f}" '
            f'y1="{middle}" y2="{middle}"/>'
        )
    if beside is not None:
        at = x(beside)
        lines.append(
            f'<line class="tick" x1="{at:.1f}" x2="{at:.1f}" y1="{top + 2}" y2="{top + ROW - 2}"/>'
        )
    return [*lines, _text(WIDTH, top + 14, f"{bar.value:.3f}", "muted", "end")]


def _scale(low: float, high: float, x: Callable[[float], float], top: int) -> list[str]:
    """Round values below a chart, about five, and zero among them."""
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(power * part for part in (1, 2, 5, 10) if power * part >= span / 5)
    digits = max(0, -math.floor(math.log10(step)))
    lines = []
    for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        at = x(number * step)
        lines.append(f'<line class="axis" x1="{at:.1f}" x2="{at:.1f}" y1="{top}" y2="{top + 4}"/>')
        lines.append(_text(at, top + 16, f"{number * step:.{digits}f}", "muted", "middle"))
    return lines


def _said(bar: Bar) -> str:
    interval = f" ({bar.low:.3f} to {bar.high:.3f})" if bar.low is not None else ""
    return f"{bar.name} {bar.value:.3f}{interval}"


def draw_columns(chart: Columns) -> str:
    """A histogram of up to six groups, as steps over one another."""
    top = max((value for values in chart.series.values() for value in values), default=0.0) or 1.0
    low, high = chart.edges[0], chart.edges[-1]
    span = (high - low) or 1.0
    peaks = [
        f"{group}: most at {chart.edges[values.index(max(values))]:.3g}"
        for group, values in chart.series.items()
        if values
    ]
    lines = [_open(chart.title, HIGH + FOOT, "; ".join(peaks))]
    for name, (group, values) in zip(SERIES, chart.series.items(), strict=False):
        path = [f"M0,{HIGH}"]
        for left, right, value in zip(chart.edges, chart.edges[1:], values, strict=False):
            y = HIGH - (HIGH - 10) * value / top
            path.append(f"L{WIDTH * (left - low) / span:.1f},{y:.1f}")
            path.append(f"L{WIDTH * (right - low) / span:.1f},{y:.1f}")
        path.append(f"L{WIDTH},{HIGH}Z")
        lines.append(
            f'<path class="step {name}" d="{"".join(path)}"><title>{escape(group)}</title></path>'
        )
    lines.append(f'<line class="axis" x1="0" x2="{WIDTH}" y1="{HIGH}" y2="{HIGH}"/>')
    lines += _scale(low, high, lambda value: WIDTH * (value - low) / span, HIGH)
    lines.append(_text(0, HIGH + 31, chart.ends[0], "muted"))
    lines.append(_text(WIDTH, HIGH + 31, chart.ends[1], "muted", "end"))
    lines.append(_text(0, 10, f"share of the group, up to {top:.0%}", "muted"))
    return "".join([*lines, "</svg>"])


def _open(title: str, height: int, described: str) -> str:
    """Begin a chart that screen readers name and can read out."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title, quote=True)}">'
        f"<desc>{escape(described)}</desc>"
    )


def _text(
    x: float, y: float, words: str, kind: str, anchor: str = "start", whole: str | None = None
) -> str:
    title = f"<title>{escape(whole)}</title>" if whole is not None and whole != words else ""
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y}" text-anchor="{anchor}">'
        f"{title}{escape(words)}</text>"
    )


def _short(name: str) -> str:
    return name if len(name) <= NAME_LETTERS else f"{name[: NAME_LETTERS - 1]}…"
