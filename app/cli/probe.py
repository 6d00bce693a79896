"""`probe X (--direction NAME | --pairs CSV | ...)`: a direction and what it says."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from app.cli.directions import kept_recipe, numbers_of, pairs_named, pairs_of, terms_of
from app.cli.output import Answer
from app.cli.probe_output import Probed, Score, data_of, text_of
from app.cli.sources import Say, read, say_lost, say_notes, say_unused, vectors_of
from backends.errors import BackendError
from backends.reporting import Report
from backends.types import Corpus, Embeddings

if TYPE_CHECKING:
    from backends.arrays import Matrix
    from backends.directions.analogies import Analogies
    from backends.directions.base import Direction, Space
    from backends.directions.given import Given
    from backends.directions.looking import DirectBias
    from backends.directions.references import Agreement
    from backends.directions.wordsets import Collection

Found = tuple["Direction", "Space"]
Find = Callable[[Corpus, Embeddings, Report], Found]


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Find the direction; project the targets, or the items that lie furthest along it."""
    from backends.directions.shipped import shipped

    # Words that are off are found before hours of embedding, not after.
    known = shipped()
    find = _finder(words, known)
    targets = numbers_of(words.targets, known) if words.targets else None
    corpus = read(words, report.span(0.0, 0.05), say).corpus
    embeddings, _ = vectors_of(corpus, words, report.span(0.05, 0.8), say)
    direction, space = find(corpus, embeddings, report.span(0.8, 0.85))
    say_unused(words.template, space, say)
    say_lost(direction.evidence.lost, say)
    say_notes(direction.evidence.notes, say)
    bias, agreement = _judged(space, direction, targets, words, report.span(0.85, 0.9))
    say_lost(bias.lost if bias is not None else (), say)
    if bias is None:
        scores = _extremes(space, direction, words.top, report.span(0.85, 0.9), say)
    else:
        scores = _scores(space, direction, bias)
    scores.sort(key=lambda score: (-score[1][0], score[0]))
    found = _analogies(space, direction, words, report.span(0.9, 1.0), say)
    name = targets[1] if targets else ""
    probed = Probed(direction, scores, bias, name, agreement, found)
    return Answer(data_of(probed), text_of(probed))


def _finder(words: Namespace, known: Collection) -> Find:
    """What finds the direction of the words, once there are vectors. Raises: BackendError."""
    from backends.directions.registry import find_again, find_direction, space_of
    from backends.directions.terms import SENTENCES

    if words.project is not None:
        if words.direction is None:
            raise BackendError(
                "A project keeps directions by name.", hint="Name one with --direction."
            )
        made_by = kept_recipe(words.project, words.direction)
        terms = dict(made_by.params.get("terms", {}))
        templates = tuple(words.template or terms.get("templates", SENTENCES))
        column = words.column or terms.get("column")

        def again(corpus: Corpus, embeddings: Embeddings, report: Report) -> Found:
            space = space_of(corpus, embeddings, templates, column)
            return find_again(space, made_by, report, title=words.direction), space

        return again

    source, given = _given(words, known)
    method, params = _method(words, source)

    def anew(corpus: Corpus, embeddings: Embeddings, report: Report) -> Found:
        space = space_of(corpus, embeddings, tuple(words.template or SENTENCES), words.column)
        title = words.direction
        return find_direction(space, source, given, method, params, report, title=title), space

    return anew


def _given(words: Namespace, known: Collection) -> tuple[str, Given]:
    """Which source, and what it is given. Raises: BackendError."""
    from backends.directions.given import ColumnGiven, PairsGiven, PromptsGiven, SetsGiven

    if words.direction is not None:
        return "pairs", PairsGiven(pairs_named(words.direction, known).pairs)
    if words.pairs is not None:
        return "pairs", PairsGiven(pairs_of(words.pairs))
    if words.sets is not None:
        low, high = (terms_of(word, known) for word in words.sets)
        return "sets", SetsGiven(low, high)
    if words.prompts is not None:
        low, high = words.prompts
        return "prompts", PromptsGiven((low,), (high,))
    column, equals, values = words.category.partition("=")
    positive, _, negative = values.partition(",")
    if not (column and equals and positive):
        raise BackendError(
            f"“{words.category}” names no category.",
            hint="Write the column, “=” and the value, as --category topic=sport,politics.",
        )
    return "column", ColumnGiven(column.strip(), negative.strip() or None, positive.strip())


def _method(words: Namespace, source: str) -> tuple[str, Any]:
    """The method and its settings; more than one axis is a matter of components."""
    from backends.directions.registry import ComponentsParams, checked

    _, how = checked(source, words.method)
    seed = words.seed or 0
    if words.components > 1 and how.id != "components":
        raise BackendError(
            f"The method {how.id} finds one axis only.", hint="Take --method components."
        )
    if how.id == "components":
        return how.id, ComponentsParams(words.components, seed)
    return how.id, how.params(seed=seed) if how.params is not None else None


def _judged(
    space: Space,
    direction: Direction,
    targets: tuple[dict[str, float | None], str] | None,
    words: Namespace,
    report: Report,
) -> tuple[DirectBias | None, Agreement | None]:
    from backends.directions.looking import direct_bias_of_terms
    from backends.directions.references import against_reference

    if targets is None:
        return None, None
    terms = targets[0]
    bias = direct_bias_of_terms(
        space, direction, tuple(terms), words.strictness, report.span(0.0, 0.5)
    )
    numbers = {term: value for term, value in terms.items() if value is not None}
    if not numbers:
        return bias, None
    return bias, against_reference(space, direction, numbers, report.span(0.5, 1.0))


def _scores(space: Space, direction: Direction, bias: DirectBias) -> list[Score]:
    """Targets with their projections on every axis."""
    if len(direction.basis) == 1:
        return [(n, (float(v),)) for n, v in zip(bias.names, bias.projections, strict=True)]
    found = space.terms.look_up(bias.names)
    return _along(found.asked, found.units, direction)


def _extremes(
    space: Space, direction: Direction, top: int, report: Report, say: Say
) -> list[Score]:
    import numpy as np

    from backends.arrays import unit_rows
    from backends.directions.looking import extremes, frequency_cut, names_of, projections

    values = projections(space.embeddings, direction, report)
    found = extremes(values, top, first=frequency_cut(space))
    if found.note:
        say(f"note: {found.note}")
    rows = np.concatenate((found.negative, found.positive))
    names = names_of(space.corpus, rows, getattr(space.terms, "column", None))
    return _along(names, unit_rows(np.asarray(space.embeddings.vectors[rows])), direction)


def _along(names: Sequence[str], units: Matrix, direction: Direction) -> list[Score]:
    values = units @ direction.basis.T  # (m, k)
    return [(name, tuple(map(float, row))) for name, row in zip(names, values, strict=True)]


def _analogies(
    space: Space, direction: Direction, words: Namespace, report: Report, say: Say
) -> Analogies | None:
    from backends.directions.analogies import generate_analogies

    if words.analogies is None:
        return None
    found = generate_analogies(space, direction, words.analogies, report=report)
    if found.note:
        say(f"note: {found.note}")
    return found
