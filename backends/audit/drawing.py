"""Charts of a report as SVG in the page: no script, no font, no file beside it."""

from __future__ import annotations

from html import escape

from backends.audit.parts import Bars, Columns

WIDTH = 720
NAMES = 210  # for names to the left of the bars
NUMBERS = 70  # for values to the right
ROW = 20
HIGH = 180  # of a histogram
FOOT = 34
NAME_LETTERS = 30
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
    height = head + ROW * len(chart.bars) + 4
    lines = [_open(chart.title, height)]
    if head:
        lines.append(_text(NAMES, 13, chart.ends[0], "muted"))
        lines.append(_text(WIDTH - NUMBERS, 13, chart.ends[1], "muted", "end"))
    for number, bar in enumerate(chart.bars):
        top = head + ROW * number
        left, right = sorted((x(0.0), x(bar.value)))
        side = "one" if bar.value >= 0 else "two"
        lines.append(_text(NAMES - 8, top + 14, _short(bar.name), "", "end", bar.name))
        lines.append(
            f'<rect class="{side}" x="{left:.1f}" y="{top + 4}" '
            f'width="{max(right - left, 0.5):.1f}" height="{ROW - 8}"/>'
        )
        if bar.low is not None and bar.high is not None:
            middle = top + ROW // 2
            lines.append(
                f'<line class="whisker" x1="{x(bar.low):.1f}" x2="{x(bar.high):.1f}" '
                f'y1="{middle}" y2="{middle}"/>'
            )
        if number < len(chart.beside):
            at = x(chart.beside[number])
            lines.append(
                f'<line class="tick" x1="{at:.1f}" x2="{at:.1f}" y1="{top + 2}" '
                f'y2="{top + ROW - 2}"/>'
            )
        lines.append(_text(WIDTH, top + 14, f"{bar.value:.3f}", "muted", "end"))
    zero = x(0.0)
    lines.append(f'<line class="axis" x1="{zero:.1f}" x2="{zero:.1f}" y1="{head}" y2="{height}"/>')
    return "".join([*lines, "</svg>"])


def draw_columns(chart: Columns) -> str:
    """A histogram of up to six groups, as steps over one another."""
    top = max((value for values in chart.series.values() for value in values), default=0.0) or 1.0
    low, high = chart.edges[0], chart.edges[-1]
    span = (high - low) or 1.0
    lines = [_open(chart.title, HIGH + FOOT)]
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
    lines.append(_text(0, HIGH + 16, f"{low:.2f} {chart.ends[0]}".strip(), "muted"))
    lines.append(_text(WIDTH, HIGH + 16, f"{chart.ends[1]} {high:.2f}".strip(), "muted", "end"))
    if low < 0 < high:
        at = WIDTH * -low / span
        lines.append(_text(at, HIGH + 16, "0", "muted", "middle"))
    return "".join([*lines, "</svg>"])


def _open(title: str, height: int) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title, quote=True)}">'
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
