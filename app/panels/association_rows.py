"""Outcomes of association tests as rows, words and dots: texts and numbers, no widgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backends.directions.association import Association
from backends.directions.association_doubts import PARTS
from backends.directions.association_many import CORRECTIONS, Outcome
from backends.directions.association_words import number, p_number
from backends.directions.metrics import METRICS
from backends.directions.wordsets import AssociationTest
from backends.wording import counted

DASH = "—"
HEAD = ("Test", "", "d", "p", "Adj. p", "S", *PARTS, "How")
SIGN, EFFECT, P, CORRECTED, VALUE = range(1, 6)
N, HOW = 6, 10  # the first of four columns of sizes, and the last
ONLY_WEAT = (EFFECT, P, CORRECTED, HOW)
CSV_HEAD = (
    *("test", "metric", "statistic", "effect_size", "ddof", "low", "high", "p", "p_corrected"),
    *("correction", "partitions", "p_kind", "smallest_effect", "smallest_p"),
    *(f"{part}_{when}" for part in PARTS for when in ("name", "before", "after")),
    *("lost", "warnings", "published", "how"),
)
TIPS = (
    "Two sets of targets and two of attributes",
    "What weakens the result",
    "Effect size from -2 to 2; the line is its 95% interval over resampled words",
    "How often parting the same words by chance reaches it, one-sided",
    "Corrected p: it takes into account how many tests are made here",
    "The statistic",
    *(f"Words of {part} that have a vector, of those the set has" for part in PARTS),
    "Whether all partitions were tried or some sampled",
)


@dataclass(frozen=True, slots=True)
class AssociationRow:
    """One line of the table."""

    name: str
    cells: tuple[str, ...]  # as HEAD
    tip: str
    warnings: tuple[str, ...] = ()
    problem: str = ""  # why it could not be made
    effect: float | None = None
    interval: tuple[float, float] | None = None
    lost: tuple[bool, ...] = (False,) * 4  # of which parts terms are lost


@dataclass(frozen=True, slots=True)
class Dot:
    """A term of a group with its figure."""

    term: str
    value: float
    group: int
    row: int = -1  # of the item; -1 where the term was encoded


@dataclass(frozen=True, slots=True)
class Dots:
    """What the chart of a test shows."""

    groups: tuple[str, ...] = ()
    dots: tuple[Dot, ...] = ()  # the largest first
    means: tuple[float, ...] = ()  # of the groups
    zero: float | None = 0.0  # where stems begin; None: there are none
    title: str = ""  # of the axis


@dataclass(frozen=True, slots=True)
class WordRow:
    """A term of a set: its figure, and what is to be said of it."""

    term: str
    value: str
    remark: str
    is_lost: bool = False
    row: int = -1  # of the item, if it is one


def rows_of(
    outcomes: Iterable[tuple[AssociationTest, Outcome | None]],
) -> tuple[AssociationRow, ...]:
    """A row for each chosen test."""
    return tuple(_row(test, outcome) for test, outcome in outcomes)


def value_title(metric: str) -> tuple[str, str]:
    """What the column of the statistic is called, and what it is."""
    spec = METRICS[metric]
    if metric == "weat":
        return "S", "S(X, Y, A, B): the sum of s(w, A, B) over X less that over Y"
    return spec.title, spec.about


def _row(test: AssociationTest, outcome: Outcome | None) -> AssociationRow:
    name = test.name
    if outcome is None:
        sizes = [str(len(one)) for one in (*test.targets, *test.attributes)]
        cells = (name, "", DASH, DASH, DASH, DASH, *sizes, "")
        return AssociationRow(name, cells, f"{_sets(test)}\nNot made yet.")
    if not isinstance(outcome, Association):
        words = f"{outcome.what} {outcome.hint}".strip()
        cells = (name, "", "not made", *[DASH] * 3, *[""] * 5)
        return AssociationRow(name, cells, f"{_sets(test)}\n{words}", problem=words)
    sizes = [_size(size.before, size.after) for size in outcome.n.values()]
    cells = (
        name,
        "",
        DASH if outcome.effect_size is None else number(outcome.effect_size),
        DASH if outcome.p is None else p_number(outcome.p),
        DASH if outcome.p_corrected is None else p_number(outcome.p_corrected),
        number(outcome.statistic, 3),
        *sizes,
        outcome.p_kind,
    )
    lost = tuple(size.after < size.before for size in outcome.n.values())
    tip = "\n".join((f"{name} ({outcome.title})", _sets(test), f"Words: {outcome.how}."))
    if outcome.p_kind:
        tip += f"\np: {outcome.p_kind} over {outcome.partitions:,} partitions."
    return AssociationRow(
        name, cells, tip, outcome.warnings, "", outcome.effect_size, outcome.interval, lost
    )


def _sets(test: AssociationTest) -> str:
    x, y = (one.name for one in test.targets)
    a, b = (one.name for one in test.attributes)
    return f"X {x}, Y {y}; A {a}, B {b}"


def _size(before: int, after: int) -> str:
    return str(after) if before == after else f"{before}→{after}"


def dots_of(outcome: Outcome | None) -> Dots:
    """Terms with their figures; of ECT each attribute is there for X and for Y."""
    if not isinstance(outcome, Association):
        return Dots()
    parts = [part for part in PARTS if part in outcome.items]
    groups = tuple(f"{part}: {outcome.n[part].name}" for part in parts)
    dots = [
        Dot(term, value, number, outcome.rows.get(term, -1))
        for number, part in enumerate(parts)
        for term, value in outcome.items[part]
    ]
    dots.sort(key=lambda dot: -dot.value)
    means = []
    for part in parts:
        values = [value for _, value in outcome.items[part]]
        means.append(sum(values) / len(values))
    has_zero = outcome.metric in ("weat", "rnd", "ripa")
    about = METRICS[outcome.metric].per_item
    return Dots(groups, tuple(dots), tuple(means), 0.0 if has_zero else None, about)


def words_of(
    test: AssociationTest, outcome: Outcome | None
) -> tuple[tuple[str, tuple[WordRow, ...]], ...]:
    """The four sets: a heading with how many count, and every word of it."""
    found = []
    for part, one in zip(PARTS, (*test.targets, *test.attributes), strict=True):
        heading = f"{part}: {one.name}"
        if not isinstance(outcome, Association):
            rows = tuple(WordRow(term, "", "") for term in one.terms)
            found.append((f"{heading}, {counted(len(rows), 'word')}", rows))
            continue
        size = outcome.n[part]
        values = dict(outcome.items.get(part, ()))
        lost = {each.term: each.why for each in size.lost}
        there = set(size.found)
        rows = tuple(
            _word(term, values.get(term), lost, there, outcome)
            for term in dict.fromkeys(" ".join(term.split()) for term in one.terms)
            if term
        )
        found.append((f"{heading}, {size.after} of {counted(size.before, 'word')}", rows))
    return tuple(found)


def _word(
    term: str,
    value: float | None,
    lost: dict[str, str],
    there: set[str],
    outcome: Association,
) -> WordRow:
    is_lost = term in lost and term not in there
    remark = lost.get(term, "")
    if term in outcome.spelled and not remark:
        remark = f"found as {outcome.spelled[term]}"
    shown = "" if value is None else number(value, 3)
    return WordRow(term, shown, remark, is_lost, -1 if is_lost else outcome.rows.get(term, -1))


def table_of(
    outcomes: Iterable[tuple[AssociationTest, Outcome | None]], correction: str
) -> list[list[str]]:
    """Everything that is known of the chosen tests, with a heading."""
    lines = [_line(one, correction) for _, one in outcomes if one is not None]
    return [list(CSV_HEAD), *([line.get(name, "") for name in CSV_HEAD] for line in lines)]


def _line(outcome: Outcome, correction: str) -> dict[str, str]:
    if not isinstance(outcome, Association):
        return {"test": outcome.name, "warnings": f"{outcome.what} {outcome.hint}".strip()}
    low, high = outcome.interval or (None, None)
    line = {
        "test": outcome.name,
        "metric": outcome.title,
        "p_kind": outcome.p_kind,
        "correction": CORRECTIONS[correction] if outcome.p_corrected is not None else "",
        "lost": "; ".join(f"{one.term} ({one.why})" for one in outcome.lost),
        "warnings": " ".join(outcome.warnings),
        "published": "; ".join(f"{name}: {value:g}" for name, value in outcome.published.items()),
        "how": outcome.how,
    }
    for name in ("statistic", "effect_size", "ddof", "p", "p_corrected"):
        line[name] = _plain(getattr(outcome, name))
    for name, value in (
        *(("low", low), ("high", high), ("partitions", outcome.partitions or None)),
        *(("smallest_effect", outcome.smallest_effect), ("smallest_p", outcome.smallest_p)),
    ):
        line[name] = _plain(value)
    for part, size in outcome.n.items():
        line[f"{part}_name"] = size.name
        line[f"{part}_before"], line[f"{part}_after"] = str(size.before), str(size.after)
    return line


def words_table(test: AssociationTest, outcome: Outcome | None) -> list[list[str]]:
    """Every word of a test with its figure, with a heading."""
    head = ["set", "word", "value", "remark"]
    return [
        head,
        *(
            [heading.partition(",")[0], row.term, row.value, row.remark]
            for heading, rows in words_of(test, outcome)
            for row in rows
        ),
    ]


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
