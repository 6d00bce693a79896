"""What a person has written and chosen for a direction, and what it asks for.

Text is parsed here: pairs, one a line; lists, one a line or between commas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.notices import Problem
from backends.directions.given import (
    ColumnGiven,
    Given,
    Pair,
    PairsGiven,
    PromptsGiven,
    RelationGiven,
    SelectionsGiven,
    SetsGiven,
)
from backends.directions.registry import METHODS, SOURCES, default_method
from backends.directions.wordsets import WordSet
from backends.selection import Selection

OTHERS = "the others"
SIDES = ("negative", "positive")
_BETWEEN = re.compile(r"\s*(?:\t|→|->|=>|;|,|\||:)\s*")
NO_PAIRS = Problem("There is no pair.", "Write two words a line, as she, he; or choose a set.")
NO_WORDS = Problem("A list of words is empty.", "Write words, one a line; or choose a set.")
NO_TEXTS = Problem("A text is missing.", "Write one text, or several, one a line, on each side.")
NO_SIDES = Problem(
    "No items are taken.", "Select items on the map or in the table, then take them as A or B."
)
NO_CATEGORY = Problem("No column and value are chosen.", "Choose a column and one of its values.")


@dataclass(frozen=True)
class Draft:
    """The form, with what was written for every source."""

    source: str = "pairs"
    methods: Mapping[str, str] = field(default_factory=dict)  # by source, as chosen
    components: int = 1
    pairs: str = ""
    words: tuple[str, str] = ("", "")
    prompts: tuple[str, str] = ("", "")
    relation: str = ""
    relation_name: str = ""
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # of the sides, by source
    taken: tuple[Selection | None, Selection | None] = (None, None)  # None: the others
    column: str = ""
    values: tuple[str | None, str | None] = (None, None)  # None: the others
    title: str = ""

    @property
    def method(self) -> str:
        """The chosen method, or the usual one of the source; one that fits."""
        name = self.methods.get(self.source, default_method(self.source))
        if name not in METHODS or method_problem(self.source, name) is not None:
            return default_method(self.source)
        return name

    @property
    def side_names(self) -> tuple[str, str]:
        """Names that the person gave to the sides; empty: from the words."""
        return self.names.get(self.source, ("", ""))

    def named(self, side: int, name: str) -> Draft:
        """The same with another name for a side."""
        names = list(self.side_names)
        names[side] = name
        return replace(self, names={**self.names, self.source: (names[0], names[1])})

    def with_side(self, what: str, side: int, value: Any) -> Draft:
        """The same with one of two values, of "words", "prompts", "taken" or "values"."""
        both = list(getattr(self, what))
        both[side] = value
        changes: dict[str, Any] = {what: tuple(both)}
        return replace(self, **changes)

    def with_set(self, one: WordSet, side: int | None = None) -> Draft:
        """The same with the words of a set: pairs, or one of the lists, which is named after it."""
        if one.kind == "pairs" and side is None:
            return replace(self, pairs=pairs_text(one.pairs))
        terms = one.terms if one.kind != "pairs" else tuple(t for pair in one.pairs for t in pair)
        changed = self.with_side("words", side or 0, "\n".join(terms))
        return changed.named(side or 0, one.name)


def method_problem(source: str, method: str) -> Problem | None:
    """Why a method cannot serve a source, or None."""
    spec = METHODS[method]
    if spec.missing:
        return Problem(f"{spec.title} needs the package {spec.missing}.", "Install it with pip.")
    if spec.needs_pairs and not SOURCES[source].paired:
        return Problem(
            f"“{spec.title}” needs pairs, and “{SOURCES[source].title}” gives none.",
            "Take another method, or give pairs.",
        )
    return None


def given_of(draft: Draft) -> Given | Problem:
    """What the form gives to its source, or what is missing."""
    names = draft.side_names
    if draft.source in ("pairs", "relation"):
        pairs = parsed_pairs(draft.pairs if draft.source == "pairs" else draft.relation)
        if isinstance(pairs, Problem):
            return pairs
        if draft.source == "relation":
            return RelationGiven(draft.relation_name.strip(), pairs)
        return PairsGiven(pairs, *names)
    if draft.source == "sets":
        low, high = map(parsed_terms, draft.words)
        return SetsGiven(low, high, *names) if low and high else NO_WORDS
    if draft.source == "prompts":
        low, high = map(parsed_lines, draft.prompts)
        return PromptsGiven(low, high, *names) if low and high else NO_TEXTS
    if draft.source == "selections":
        return NO_SIDES if draft.taken == (None, None) else SelectionsGiven(*draft.taken, *names)
    if not draft.column or draft.values == (None, None):
        return NO_CATEGORY
    return ColumnGiven(draft.column, *draft.values)


def parsed_pairs(text: str) -> tuple[Pair, ...] | Problem:
    """Pairs of a text, one a line, between which stands a comma, a tab, an arrow or one space."""
    pairs = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = [part for part in _BETWEEN.split(line.strip()) if part]
        if len(parts) == 1:
            parts = parts[0].split()
        if len(parts) != 2:
            return Problem(
                f"Line {number} is no pair: “{line.strip()[:60]}”.",
                "Write two words a line with a comma between them, as she, he.",
            )
        pairs.append((parts[0], parts[1]))
    return tuple(pairs) or NO_PAIRS


def pairs_text(pairs: tuple[Pair, ...]) -> str:
    """One pair a line."""
    return "\n".join(f"{low}, {high}" for low, high in pairs)


def parsed_terms(text: str) -> tuple[str, ...]:
    """Words of a text, one a line, or between commas, semicolons and tabs."""
    return tuple(part.strip() for part in re.split(r"[\n,;\t]+", text) if part.strip())


def parsed_lines(text: str) -> tuple[str, ...]:
    """Texts, one a line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


TEXTS = ("source", "pairs", "relation", "relation_name", "column")
TWO = ("words", "prompts")


def as_kept(draft: Draft) -> dict[str, Any]:
    """Plain data for a project; selections are not kept, directions made from them are."""
    return {
        **{name: getattr(draft, name) for name in TEXTS},
        **{name: list(getattr(draft, name)) for name in TWO},
        "values": list(draft.values),
        "methods": dict(draft.methods),
        "components": draft.components,
        "names": {source: list(names) for source, names in draft.names.items()},
    }


def from_kept(kept: Mapping[str, Any]) -> Draft:
    """The inverse; what does not fit is left out."""
    good: dict[str, Any] = {name: kept[name] for name in TEXTS if isinstance(kept.get(name), str)}
    if good.get("source") not in SOURCES:
        good.pop("source", None)
    for name in (*TWO, "values"):
        two = kept.get(name)
        if isinstance(two, list) and len(two) == 2:
            kinds = (str, type(None)) if name == "values" else (str,)
            if all(isinstance(one, kinds) for one in two):
                good[name] = (two[0], two[1])
    methods, names = kept.get("methods"), kept.get("names")
    if isinstance(methods, Mapping):
        good["methods"] = {str(s): str(m) for s, m in methods.items() if m in METHODS}
    if isinstance(names, Mapping):
        good["names"] = {
            str(source): (str(two[0]), str(two[1]))
            for source, two in names.items()
            if isinstance(two, list) and len(two) == 2
        }
    if type(kept.get("components")) is int and kept["components"] > 0:
        good["components"] = kept["components"]
    return Draft(**good)
