"""Where directions come from and how they are found; one function finds any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from backends.arrays import frozen
from backends.corpora.computed import HOW
from backends.directions.base import (
    Direction,
    Evidence,
    Examine,
    Examples,
    Find,
    MethodSpec,
    SourceSpec,
    Space,
)
from backends.directions.given import (
    ColumnGiven,
    Given,
    PairsGiven,
    PromptsGiven,
    RelationGiven,
    SelectionsGiven,
    SetsGiven,
)
from backends.directions.methods import ComponentsParams, DifferenceParams
from backends.directions.probe import ProbeParams
from backends.directions.terms import SENTENCES, NoTerms, term_source
from backends.errors import BackendError, MissingPackage
from backends.reporting import SILENT, Report
from backends.types import Corpus, Embeddings, MadeBy
from backends.wording import counted

__all__ = [
    "METHODS",
    "SOURCES",
    "ColumnGiven",
    "ComponentsParams",
    "DifferenceParams",
    "PairsGiven",
    "ProbeParams",
    "PromptsGiven",
    "RelationGiven",
    "SelectionsGiven",
    "SetsGiven",
    "checked",
    "default_method",
    "find_again",
    "find_direction",
    "space_of",
]

OPERATION = "direction"
WORDS_SAID = 3  # pairs that the sentence of a recipe names


def _words(name: str) -> Callable[[], Examine]:
    def load() -> Examine:
        from backends.directions import sources

        return getattr(sources, name)  # type: ignore[no-any-return]  # by its name

    return load


def _rows(name: str) -> Callable[[], Examine]:
    def load() -> Examine:
        from backends.directions import row_sources

        return getattr(row_sources, name)  # type: ignore[no-any-return]  # by its name

    return load


def _method(name: str) -> Callable[[], Find]:
    def load() -> Find:
        from backends.directions import methods

        return getattr(methods, name)  # type: ignore[no-any-return]  # by its name

    return load


def _load_probe() -> Find:
    from backends.directions.probe import probe

    return probe


SOURCES: dict[str, SourceSpec] = {
    spec.id: spec
    for spec in (
        SourceSpec(
            "pairs",
            "Pairs of words",
            load=_words("pair_examples"),
            params=PairsGiven,
            about="Words that differ in one thing only, as she and he, pair by pair.",
            paired=True,
        ),
        SourceSpec(
            "sets",
            "Two lists of words",
            load=_words("set_examples"),
            params=SetsGiven,
            about="From the words of one list to those of another.",
        ),
        SourceSpec(
            "prompts",
            "Two texts",
            load=_words("prompt_examples"),
            params=PromptsGiven,
            about="From one text to another, encoded as they stand. Needs the encoder.",
        ),
        SourceSpec(
            "selections",
            "Two selections",
            load=_rows("selection_examples"),
            params=SelectionsGiven,
            about="From some items to others, or from all others to some.",
        ),
        SourceSpec(
            "column",
            "A column",
            load=_rows("column_examples"),
            params=ColumnGiven,
            about="From one category of a column to another, or to it from all others.",
        ),
        SourceSpec(
            "relation",
            "A relation",
            load=_words("relation_examples"),
            params=RelationGiven,
            about="From the heads of a relation between items to its tails.",
            paired=True,
        ),
    )
}

METHODS: dict[str, MethodSpec] = {
    spec.id: spec
    for spec in (
        MethodSpec(
            "difference",
            "Difference of means",
            load=_method("difference"),
            params=DifferenceParams,
            about="From the mean of one side to the mean of the other. Works for any examples.",
        ),
        MethodSpec(
            "components",
            "Components of pairs",
            load=_method("components"),
            params=ComponentsParams,
            about="What the pairs differ in most, after each pair is centred (Bolukbasi et al.).",
            needs_pairs=True,
        ),
        MethodSpec(
            "probe",
            "Linear probe",
            load=_load_probe,
            params=ProbeParams,
            needs=(("sklearn", "scikit-learn"),),
            about="What a logistic regression tells the sides apart by, with held-out accuracy.",
        ),
    )
}


def default_method(source: str) -> str:
    """The method that a source is best served by: components of pairs, a probe of a column."""
    return {"pairs": "components", "column": "probe"}.get(source, "difference")


def space_of(
    corpus: Corpus,
    embeddings: Embeddings,
    templates: tuple[str, ...] = SENTENCES,
    column: str | None = None,
) -> Space:
    """A space in which words are looked up where there is a way; see `term_source`.

    Where there is none, selections and columns still give directions, and words say why not.
    """
    try:
        return Space(corpus, embeddings, term_source(corpus, embeddings, templates, column))
    except BackendError as error:
        return Space(corpus, embeddings, NoTerms(error))


def find_direction(
    space: Space,
    source: str,
    given: Given,
    method: str | None = None,
    params: Any = None,
    report: Report = SILENT,
    *,
    title: str | None = None,
) -> Direction:
    """Find a direction from what was given; the positive side has the larger mean projection.

    `given` is the source's own dataclass, `params` the method's; None takes the defaults.

    Raises: BackendError if it cannot be found, with the reason; MissingPackage; Cancelled.
    """
    where, how = checked(source, method)
    chosen = params if params is not None else (how.params or dict)()
    examples: Examples = where.load()(space, given, report.span(0.0, 0.4))
    basis, evidence = how.load()(space, examples, chosen, report.span(0.4, 1.0))
    ends = (examples.negative.title, examples.positive.title)
    return Direction(
        frozen(np.ascontiguousarray(basis, dtype=np.float32)),
        title or _title(given, examples),
        ends,
        where.id,
        how.id,
        _made_by(space, where, given, how, chosen, examples),
        _whole(evidence, examples),
    )


def checked(source: str, method: str | None = None) -> tuple[SourceSpec, MethodSpec]:
    """A source and a method, its default one for None, that go together and can be used here.

    Raises: BackendError if they are not there or do not go together; MissingPackage.
    """
    where: SourceSpec = _row(SOURCES, source, "source of directions")
    how: MethodSpec = _row(METHODS, method or default_method(source), "method for directions")
    if how.missing:
        raise MissingPackage(how.title, how.missing)
    if how.needs_pairs and not where.paired:
        raise BackendError(
            f"“{how.title}” needs pairs, and “{where.title}” gives none.",
            hint="Take another method, or give pairs.",
        )
    return where, how


def find_again(
    space: Space, made_by: MadeBy, report: Report = SILENT, *, title: str | None = None
) -> Direction:
    """Find a direction from the recipe of another, for instance in other embeddings.

    Words are looked up as this space does it.

    Raises: as `find_direction`; BackendError if the recipe cannot be read.
    """
    told = made_by.params
    try:
        source, method = str(told["source"]), str(told["method"])
        given = SOURCES[source].params.from_json(told["given"])  # type: ignore[union-attr]  # every source has it
        params = METHODS[method].params(**told["params"])  # type: ignore[misc]  # every method has it
    except (LookupError, TypeError, ValueError) as error:
        name = f"of “{title}” " if title else ""
        raise BackendError(
            f"The recipe {name}cannot be read.", hint="Find the direction anew."
        ) from error
    return find_direction(space, source, given, method, params, report, title=title)


def _row(registry: dict[str, Any], name: str, what: str) -> Any:
    if name not in registry:
        raise BackendError(
            f"There is no {what} called “{name}”.", hint=f"Choose one of {', '.join(registry)}."
        )
    return registry[name]


def _whole(evidence: Evidence, examples: Examples) -> Evidence:
    return replace(
        evidence,
        n=(len(examples.negative), len(examples.positive)),
        lost=(*examples.lost, *evidence.lost),
        notes=(*examples.notes, *evidence.notes),
    )


def _title(given: Given, examples: Examples) -> str:
    """The name of a relation, else the names of the sides, short ones where these are lists."""
    if isinstance(given, RelationGiven):
        return " ".join(given.name.split()) or examples.positive.title
    low, high = examples.negative, examples.positive
    names = (getattr(given, "negative_name", ""), getattr(given, "positive_name", ""))
    sides = zip((low, high), names, strict=True)
    return " → ".join(
        group.terms[0] if group.terms and not name else group.title for group, name in sides
    )


def _made_by(
    space: Space,
    source: SourceSpec,
    given: Given,
    method: MethodSpec,
    params: Any,
    examples: Examples,
) -> MadeBy:
    told: dict[str, Any] = {
        "source": source.id,
        "given": given.as_json(),
        "method": method.id,
        "params": asdict(params),
        # Embeddings under way keep their name while rows are added: the count tells them apart.
        "rows": space.embeddings.count,
        HOW: _sentence(space, source, method, params, examples),
    }
    if source.id in ("pairs", "sets", "relation"):
        told["terms"] = space.terms.as_json()
    used = ("numpy", "scikit-learn") if method.id == "probe" else ("numpy",)
    versions = {name: _version(name) for name in used}
    return MadeBy(OPERATION, (space.embeddings.fingerprint,), told, versions)


def _sentence(
    space: Space, source: SourceSpec, method: MethodSpec, params: Any, examples: Examples
) -> str:
    low, high = examples.negative, examples.positive
    k = getattr(params, "components", 1)
    what = {
        "difference": "Difference of means",
        "components": "First component of pair-centred vectors"
        if k == 1
        else f"First {k} components of pair-centred vectors",
        "probe": "Normal of a logistic regression",
    }[method.id]
    if examples.paired:
        pairs = [f"{a} → {b}" for a, b in zip(low.terms, high.terms, strict=True)]
        more = ", …" if len(pairs) > WORDS_SAID else ""
        of = f"of {counted(len(pairs), 'pair')} ({', '.join(pairs[:WORDS_SAID])}{more})"
    else:
        of = f"between “{low.title}” ({len(low):,}) and “{high.title}” ({len(high):,})"
    words = f"; {space.terms.how}" if source.id in ("pairs", "sets", "relation") else ""
    return f"{what} {of} in the vectors “{space.embeddings.title}”{words}"


@cache
def _version(package: str) -> str:
    return metadata.version(package)
