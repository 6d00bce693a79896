"""`associate X --test NAME|FILE [--metric weat]`: association tests, one or many."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.output import Answer, table
from app.cli.sources import Say, read, say_unused, vectors_of
from backends.errors import BackendError
from backends.reporting import Report
from backends.wording import counted

if TYPE_CHECKING:
    from backends.directions.association import Association
    from backends.directions.association_many import Outcome
    from backends.directions.metrics import AssociationParams, MetricSpec
    from backends.directions.wordsets import AssociationTest, Collection

ALL = "all"
HEAD = ("test", "statistic", "d", "95%", "p", "corrected", "how", "X", "Y", "A", "B")
NUMBERS = "statistic d p corrected"
NAMED = 20  # lost terms that a note names; --json has all
DASH = "—"


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Make the tests, correct their p-values together, say what weakens them."""
    from backends.directions.association_many import associate_all
    from backends.directions.registry import space_of
    from backends.directions.shipped import shipped
    from backends.directions.terms import SENTENCES

    # Words that are off are found before hours of embedding, not after.
    spec, params = _metric(words)
    known = shipped()
    tests = _tests(words.test, known)
    corpus = read(words, report.span(0.0, 0.1), say).corpus
    embeddings, _ = vectors_of(corpus, words, report.span(0.1, 0.7), say)
    space = space_of(corpus, embeddings, tuple(words.template or SENTENCES), words.column)
    found = associate_all(space, tests, spec.id, params, words.correction, report.span(0.7, 1.0))
    say_unused(words.template, space, say)
    _say_doubts(found, say)
    data = {
        "metric": spec.id,
        "correction": words.correction,
        "seed": params.seed,
        "how": space.terms.how,
        "tests": [_data(one) for one in found],
    }
    return Answer(data, _text(found))


def _metric(words: Namespace) -> tuple[MetricSpec, AssociationParams]:
    """The metric and how it is made. Raises: BackendError if there is none of that name."""
    from backends.directions.metrics import METRICS, AssociationParams

    name = words.metric.casefold()
    if name == "seat":
        raise BackendError(
            "SEAT is WEAT with words in templates, so it is not chosen by its name.",
            hint="Take --metric weat; vectors of an encoder go through templates by themselves.",
        )
    if name not in METRICS:
        raise BackendError(
            f"There is no metric called “{words.metric}”.", hint=f"There are: {', '.join(METRICS)}."
        )
    return METRICS[name], AssociationParams(words.ddof, words.runs, seed=words.seed or 0)


def _tests(names: Sequence[str], known: Collection) -> tuple[AssociationTest, ...]:
    """Tests of that name, of files, or all that come along; each once. Raises: BackendError."""
    found: list[AssociationTest] = []
    for name in names:
        tests = known.tests if name.casefold() == ALL else tests_named(name, known)
        found += [test for test in tests if test not in found]
    return tuple(found)


def tests_named(name: str, known: Collection) -> tuple[AssociationTest, ...]:
    """The test of that name, or those of a file. Raises: BackendError."""
    path = Path(name)
    if path.is_file():
        return _of_file(path)
    wanted = name.casefold().strip()
    starting = [one for one in known.tests if one.name.casefold().startswith(wanted)]
    exact = [one for one in starting if one.name.casefold().partition(":")[0] == wanted]
    if exact or len(starting) == 1:
        return ((exact or starting)[0],)
    names = ", ".join(one.name.partition(":")[0] for one in known.tests)
    many = "There is no one test" if starting else "There is no file and no test"
    raise BackendError(f"{many} called “{name}”.", hint=f"There are: {names}; or all.")


def _of_file(path: Path) -> tuple[AssociationTest, ...]:
    """Tests of a file; four sets without a test are X, Y, A and B in their order."""
    from backends.directions.wordset_files import read_sets
    from backends.directions.wordsets import AssociationTest

    found = read_sets(path)
    if found.tests:
        return found.tests
    if len(found.sets) == 4:
        x, y, a, b = found.sets
        return (AssociationTest(path.stem, (x, y), (a, b), own=True),)
    raise BackendError(
        f"{path.name} has {len(found.sets)} sets and no test.",
        hint="A test is four sets: two of targets, then two of attributes; or JSON with tests.",
    )


def _say_doubts(found: Sequence[Outcome], say: Say) -> None:
    from backends.directions.association_many import Refused

    for one in found:
        if isinstance(one, Refused):
            say(f"note: {one.name} was not made. {one.what} {one.hint}".rstrip())
            continue
        name = one.name.partition(":")[0]
        lost = [f"{each.term} ({each.why})" for each in one.lost]
        if lost:
            more = f", and {len(lost) - NAMED:,} more" if len(lost) > NAMED else ""
            say(f"note: {name}: left out: {', '.join(lost[:NAMED])}{more}.")
        if one.spelled:
            asked, item = next(iter(one.spelled.items()))
            many = counted(len(one.spelled), "term")
            say(f"note: {name}: {many} found in another spelling, as {asked} → {item}.")
        for warning in one.warnings:
            say(f"note: {name}: {warning}")


def _data(one: Outcome) -> dict[str, Any]:
    """One object for programs, of one shape whether a test could be made or not."""
    from backends.directions.association_many import Refused
    from backends.directions.association_words import verdict

    if isinstance(one, Refused):
        blank = dict.fromkeys(("statistic", "effect_size", "p"))
        return {"name": one.name, **blank, "n": {}, "lost": [], "refused": f"{one.what} {one.hint}"}
    told = one.as_json()
    del told["rows"]  # of the window
    sets = {
        part: {key: told["n"][part][key] for key in ("name", "before", "after")}
        for part in told["n"]
    }
    lost = [
        {"term": each.term, "why": each.why, "set": part}
        for part, size in one.n.items()
        for each in size.lost
    ]
    items = {part: [{"term": t, "value": v} for t, v in rows] for part, rows in one.items.items()}
    return {
        **told,
        "n": sets,
        "lost": lost,
        "items": items,
        "verdict": list(verdict(one)),
        "refused": None,
    }


def _text(found: Sequence[Outcome]) -> str:
    """A table of all tests, and what each of them says in words."""
    from backends.directions.association import Association
    from backends.directions.association_words import LIMITS, verdict

    made = [one for one in found if isinstance(one, Association)]
    if not made:
        return "No test could be made."
    rows = [_row(one) for one in made]
    kept = [at for at in range(len(HEAD)) if any(row[at] != DASH for row in rows)]
    head = [HEAD[at] for at in kept]
    parts = [table(head, [[row[at] for at in kept] for row in rows], numbers=NUMBERS)]
    parts += [f"{one.name} ({one.title})\n" + "\n".join(verdict(one)) for one in made]
    return "\n\n".join((*parts, LIMITS))


def _row(one: Association) -> tuple[str, ...]:
    from backends.directions.association_words import p_number

    low, high = one.interval or (None, None)
    return (
        one.name.partition(":")[0],
        f"{one.statistic:.4f}",
        _number(one.effect_size),
        DASH if low is None or high is None else f"{low:.2f} to {high:.2f}",
        DASH if one.p is None else p_number(one.p),
        DASH if one.p_corrected is None else p_number(one.p_corrected),
        one.p_kind or DASH,
        *(f"{size.before} → {size.after}" for size in one.n.values()),
    )


def _number(value: float | None) -> str:
    return DASH if value is None else f"{value:.2f}"
