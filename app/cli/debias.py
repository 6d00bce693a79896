"""`debias X --pairs CSV --how ... --out Y`: vectors with a direction taken out, and the verdict."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.associate import tests_named
from app.cli.directions import pairs_named, pairs_of, terms_of
from app.cli.output import Answer, table
from app.cli.sources import Say, read, say_lost, say_notes, vectors_of
from app.cli.target import check_file
from backends.errors import BackendError
from backends.reporting import Report

if TYPE_CHECKING:
    from backends.directions.base import Direction, Space
    from backends.directions.erasing.judging import Criteria, Judgement, Verdict
    from backends.directions.erasing.making import Erased
    from backends.directions.given import Given
    from backends.directions.wordsets import Collection

Line = tuple[str, float | None, float | None]


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Find the direction, take it out, write the vectors, and judge both by the same items."""
    from backends.directions.erasing.judging import judge
    from backends.directions.erasing.making import erase
    from backends.directions.registry import find_direction, space_of
    from backends.directions.shipped import shipped
    from backends.export_vectors import export_vectors, form_of_name, paths_of

    # Words that are off are found before hours of embedding, not after.
    known = shipped()
    source, given = _given(words, known)
    params = _params(words)
    chosen, criteria = _chosen(words, known), _criteria(words, known)
    out, recipe = paths_of(words.out)
    for path in (out, recipe):
        check_file(path, words.files, force=words.force)
    corpus = read(words, report.span(0.0, 0.05), say).corpus
    form = form_of_name(out, corpus)
    embeddings, _ = vectors_of(corpus, words, report.span(0.05, 0.5), say)
    space = space_of(corpus, embeddings, column=words.column)
    direction = find_direction(space, source, given, report=report.span(0.5, 0.53))
    say_lost(direction.evidence.lost, say)
    erased = erase(_request(words, space, direction, chosen, params), report.span(0.53, 0.7))
    _say_lost(erased, say)
    say_notes(erased.embeddings.notes, say)
    verdict = judge(erased, criteria, report.span(0.7, 0.95))
    say_notes(verdict.after.notes, say)
    export_vectors(
        corpus,
        erased.embeddings,
        out,
        form,
        report.span(0.95, 1.0),
        column=words.column,
        overwrite=words.force,
    )
    return Answer(_data(erased, verdict, form.id), _text(erased, verdict, out))


def _given(words: Namespace, known: Collection) -> tuple[str, Given]:
    """Where the direction comes from: pairs, or two values of a column. Raises: BackendError."""
    from backends.directions.given import ColumnGiven, PairsGiven

    if words.direction is not None:
        return "pairs", PairsGiven(pairs_named(words.direction, known).pairs)
    if words.pairs is not None:
        return "pairs", PairsGiven(pairs_of(words.pairs))
    column, equals, values = words.labels.partition("=")
    positive, _, negative = values.partition(",")
    if not (column and equals and positive):
        raise BackendError(
            f"“{words.labels}” names no labels.",
            hint="Write the column, “=” and the value, as --labels topic=sport,politics.",
        )
    return "column", ColumnGiven(column.strip(), negative.strip() or None, positive.strip())


def _chosen(
    words: Namespace, known: Collection
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Specific words, and pairs to equalise. Raises: BackendError."""
    from backends.directions.erasing.registry import ERASERS

    specific = terms_of(words.specific, known) if words.specific else ()
    pairs: tuple[tuple[str, str], ...] = ()
    if words.equalise is not None:
        path = Path(words.equalise)
        pairs = pairs_of(path) if path.is_file() else pairs_named(words.equalise, known).pairs
    spec = ERASERS[words.how]
    if pairs and not spec.takes_pairs:
        raise BackendError(
            f"{spec.title} equalises no pairs.", hint="Leave --equalise out, or take --how hard."
        )
    if spec.needs_pairs and not pairs:
        raise BackendError(
            f"{spec.title} needs pairs.", hint="Name a file of pairs with --equalise."
        )
    return specific, pairs


def _criteria(words: Namespace, known: Collection) -> Criteria:
    from backends.directions.erasing.judging import Criteria
    from backends.evaluate.files import read_word_file

    neutral = terms_of(words.targets, known) if words.targets else ()
    tests = tuple(test for name in words.test or () for test in tests_named(name, known))
    return Criteria(neutral, tests, tuple(map(read_word_file, words.check or ())))


def _params(words: Namespace) -> Any:
    """The parameters of the method. Raises: BackendError for one it has not, or out of range."""
    from app.cli.parser import ERASER_SETTINGS
    from backends.directions.erasing.preparing import check_training
    from backends.directions.erasing.registry import ERASERS
    from backends.parameters import parameters_of, params_with

    check_training(words.training)
    spec = ERASERS[words.how]
    given = {name: getattr(words, name) for name in ERASER_SETTINGS}
    given = {name: value for name, value in given.items() if value is not None}
    known = {one.name for one in parameters_of(spec.params)}
    if strange := [name for name in given if name not in known]:
        raise BackendError(f"{spec.title} has no setting --{strange[0]}.", hint="Leave it out.")
    return params_with(spec.params, given, words.seed or 0)


def _request(words: Namespace, space: Space, direction: Direction, chosen: Any, params: Any) -> Any:
    from backends.directions.erasing.preparing import EraseRequest

    specific, pairs = chosen
    return EraseRequest(
        space,
        direction,
        words.how,
        params,
        kept=specific,
        pairs=pairs,
        training=words.training,
        seed=words.seed or 0,
    )


def _say_lost(erased: Erased, say: Say) -> None:
    lost = erased.prepared.lost
    if not lost:
        return
    some = ", ".join(f"{one.term} ({one.why})" for one in lost[:5])
    more = f" and {len(lost) - 5:,} more" if len(lost) > 5 else ""
    say(f"note: Left out of specific words and pairs: {some}{more}.")


def _data(erased: Erased, verdict: Verdict, form: str) -> dict[str, Any]:
    task, direction = erased.prepared.task, erased.request.direction
    lost = (*direction.evidence.lost, *erased.prepared.lost, *verdict.after.lost)
    return {
        "method": erased.request.method,
        "params": erased.embeddings.made_by.params["params"],
        "how": erased.embeddings.made_by.params["how"],
        "direction": direction.title,
        "ends": direction.ends,
        "rows": len(erased.embeddings),
        "dim": erased.embeddings.dim,
        "changed_rank": erased.erasure.rank,
        "specific": len(task.kept),
        "equalised": len(task.pairs),
        "trained_on": len(task.labelled.training) if task.labelled is not None else None,
        "before": _state(verdict.before),
        "after": _state(verdict.after),
        "verdict": verdict.words,
        "format": form,
        "history": erased.erasure.history,
        "lost": [{"term": one.term, "why": one.why} for one in lost],
        "notes": [*erased.embeddings.notes, *verdict.after.notes],
    }


def _state(one: Judgement) -> dict[str, Any]:
    told: dict[str, Any] = {
        "direct_bias": one.direct_bias,
        "direct_bias_found_again": one.bias_again,
        "n_neutral": one.bias_n,
        "neighbour_overlap": one.neighbour_overlap,
        "residual_cluster_accuracy": None,
    }
    if (residual := one.residual) is not None:
        told |= {
            "residual_cluster_accuracy": residual.clusters,
            "residual_cluster_range": [residual.clusters_low, residual.clusters_high],
            "residual_linear_accuracy": residual.linear,
            "residual_nonlinear_accuracy": residual.nonlinear,
            "residual_chance": residual.chance,
            "residual_n": residual.n,
            "residual_held_out": residual.held_out,
            "residual_of": residual.how,
        }
    told["tests"] = [
        {"name": test.name, "effect_size": test.effect_size, "p": test.p}
        for test in one.associations
    ]
    told["checks"] = [
        {"name": check.title, "kind": check.kind, "score": check.score, "n": check.n}
        for check in one.checks
    ]
    return told


def _text(erased: Erased, verdict: Verdict, out: Path) -> str:
    from backends.directions.erasing.rows import rows_of

    lines = [
        [row.title, row.shown(row.before), row.shown(row.after), row.difference, row.note]
        for row in rows_of(verdict)
    ]
    head = ("", "before", "after", "difference", "on")
    return "\n\n".join(
        (
            f"{erased.embeddings.made_by.params['how']}.",
            table(head, lines, "before after difference"),
            verdict.words,
            f"Written to {out}.",
        )
    )
