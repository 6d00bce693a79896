"""`probe X (--direction NAME | --pairs CSV | ...)`: a direction and what it says."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from app.cli.directions import kept_recipe, numbers_of, pairs_named, pairs_of, terms_of
from app.cli.output import Answer, facts, table
from app.cli.sources import Say, read, say_notes, vectors_of
from backends.errors import BackendError
from backends.reporting import Report
from backends.types import Corpus, Embeddings

if TYPE_CHECKING:
    from backends.directions.analogies import Analogies
    from backends.directions.base import Direction, Space
    from backends.directions.given import Given
    from backends.directions.looking import DirectBias
    from backends.directions.references import Agreement
    from backends.directions.wordsets import Collection

Score = tuple[str, float]
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
    for lost in direction.evidence.lost:
        say(f"note: Left out: {lost.term} ({lost.why}).")
    say_notes(direction.evidence.notes, say)
    bias, agreement = _judged(space, direction, targets, words, report.span(0.85, 0.9))
    for lost in bias.lost if bias is not None else ():
        say(f"note: Left out: {lost.term} ({lost.why}).")
    if bias is None:
        scores = _extremes(space, direction, words.top, report.span(0.85, 0.9), say)
    else:
        scores = list(zip(bias.names, map(float, bias.projections), strict=True))
    scores.sort(key=lambda score: (-score[1], score[0]))
    found = _analogies(space, direction, words, report.span(0.9, 1.0), say)
    name = targets[1] if targets else ""
    return Answer(
        _data(direction, scores, bias, (name, agreement), found),
        _text(direction, scores, bias, (name, agreement), found),
    )


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


def _extremes(
    space: Space, direction: Direction, top: int, report: Report, say: Say
) -> list[Score]:
    import numpy as np

    from backends.directions.looking import extremes, frequency_cut, names_of, projections

    values = projections(space.embeddings, direction, report)
    found = extremes(values, top, first=frequency_cut(space))
    if found.note:
        say(f"note: {found.note}")
    rows = np.concatenate((found.negative, found.positive))
    names = names_of(space.corpus, rows, getattr(space.terms, "column", None))
    return list(zip(names, map(float, values[rows]), strict=True))


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


def _data(
    direction: Direction,
    scores: Sequence[Score],
    bias: DirectBias | None,
    reference: tuple[str, Agreement | None],
    analogies: Analogies | None,
) -> dict[str, Any]:
    told = direction.evidence
    lost = (*told.lost, *(bias.lost if bias is not None else ()))
    return {
        "title": direction.title,
        "ends": direction.ends,
        "source": direction.source,
        "method": direction.method,
        "how": direction.made_by.params["how"],
        "n_pairs": len(told.pairs),
        "n": told.n,
        "explained": told.explained,
        "baseline": told.baseline,
        "consistency": told.consistency,
        "pairs": [_pair(fit) for fit in told.pairs],
        "disagreeing": [_pair(fit) for fit in told.disagreeing],
        "accuracy": told.accuracy,
        "chance": told.chance,
        "held_out": told.held_out,
        "scores": [{"item": item, "projection": round(value, 6)} for item, value in scores],
        "direct_bias": bias.value if bias is not None else None,
        "strictness": bias.strictness if bias is not None else None,
        "n_targets": bias.n if bias is not None else None,
        "reference": _reference(*reference),
        "analogies": _pairs(analogies),
        "lost": [{"term": one.term, "why": one.why} for one in lost],
        "notes": told.notes,
    }


def _pair(fit: Any) -> dict[str, Any]:
    return {"negative": fit.negative, "positive": fit.positive, "cosine": round(fit.cosine, 6)}


def _reference(name: str, agreement: Agreement | None) -> dict[str, Any] | None:
    if agreement is None:
        return None
    return {
        "name": name,
        "n": agreement.n,
        "pearson": agreement.pearson,
        "low": agreement.low,
        "high": agreement.high,
        "p": agreement.p,
        "spearman": agreement.spearman,
    }


def _pairs(analogies: Analogies | None) -> list[dict[str, Any]] | None:
    if analogies is None:
        return None
    return [
        {
            "negative": pair.negative,
            "positive": pair.positive,
            "score": round(pair.score, 6),
            "found_negative": pair.found_negative,
            "found_positive": pair.found_positive,
            "match": pair.match,
        }
        for pair in analogies.pairs
    ]


def _text(
    direction: Direction,
    scores: Sequence[Score],
    bias: DirectBias | None,
    reference: tuple[str, Agreement | None],
    analogies: Analogies | None,
) -> str:
    """What it is and how far to trust it, then what lies along it."""
    parts = [f"{direction.title}\n{direction.made_by.params['how']}.", _evidence(direction)]
    if bias is not None:
        parts.append(
            f"Direct bias of {bias.n} targets, strictness {bias.strictness:g}: {bias.value:.4f}"
        )
    name, agreement = reference
    if agreement is not None:
        parts.append(
            f"Against {name} of {agreement.n} terms: Pearson {agreement.pearson:.3f} "
            f"(95% {agreement.low:.2f} to {agreement.high:.2f}, p {agreement.p:.2g}), "
            f"Spearman {agreement.spearman:.3f}"
        )
    lines = [[f"{value:+.3f}", item] for item, value in scores]
    parts.append(table(("projection", "item"), lines, numbers="projection"))
    if analogies is not None:
        parts.append(_analogies_text(analogies))
    return "\n\n".join(part for part in parts if part)


def _evidence(direction: Direction) -> str:
    told = direction.evidence
    accuracy = None
    if told.accuracy is not None:
        accuracy = f"{told.accuracy:.1%} of {told.held_out} held out (majority {told.chance:.1%})"
    shown: dict[str, object] = {
        "from": f"{direction.ends[0]} ({told.n[0]:,})",
        "to": f"{direction.ends[1]} ({told.n[1]:,})",
        "explained": _shares(told.explained),
        "random pairs": _shares(told.baseline),
        "consistency": None if told.consistency is None else f"{told.consistency:.3f}",
        "disagreeing": ", ".join(f"{p.negative} → {p.positive}" for p in told.disagreeing) or None,
        "accuracy": accuracy,
    }
    return facts(shown)


def _shares(values: Sequence[float]) -> str | None:
    more = " …" if len(values) > 5 else ""
    return " ".join(f"{value:.3f}" for value in values[:5]) + more if values else None


def _analogies_text(analogies: Analogies) -> str:
    head = ("negative", "positive", "score", "without a ban", "match")
    lines = [
        [
            pair.negative,
            pair.positive,
            f"{pair.score:.3f}",
            f"{pair.found_negative}, {pair.found_positive}",
            "yes" if pair.match else "no",
        ]
        for pair in analogies.pairs
    ]
    return (
        f"{analogies.matches} of {len(lines)} analogies also hold if a word may be its own answer "
        f"(offset {analogies.offset})\n\n{table(head, lines, numbers='score')}"
    )
