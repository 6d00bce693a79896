"""Sets of words, of pairs and of numbers by word, and the tests that are made of them.

Ready ones lie in resources/wordsets, each file with its source; a person's own are the same values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Kind = Literal["terms", "pairs", "scores"]


@dataclass(frozen=True)
class WordSet:
    """A named list: of terms, of pairs (negative, positive), or of terms with numbers."""

    name: str
    kind: Kind
    terms: tuple[str, ...] = ()  # of kinds "terms" and "scores"
    pairs: tuple[tuple[str, str], ...] = ()  # of kind "pairs"
    scores: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # column -> a number each
    about: str = ""  # one sentence
    source: str = ""  # where it is from; empty for a person's own
    own: bool = False  # whether a person may change it

    def called(self, name: str) -> WordSet:
        """The same set under another name."""
        return replace(self, name=name)

    def __len__(self) -> int:
        return len(self.pairs) if self.kind == "pairs" else len(self.terms)


@dataclass(frozen=True)
class AssociationTest:
    """Two sets of target terms and two of attribute terms (Caliskan et al. 2017)."""

    name: str
    targets: tuple[WordSet, WordSet]  # X, Y
    attributes: tuple[WordSet, WordSet]  # A, B
    about: str = ""
    source: str = ""
    published: Mapping[str, float] = field(default_factory=dict)  # "glove d" -> 1.50
    own: bool = False


@dataclass(frozen=True)
class Collection:
    """Word sets and tests, in the order of their source."""

    sets: tuple[WordSet, ...] = ()
    tests: tuple[AssociationTest, ...] = ()

    def named(self, name: str) -> WordSet:
        """The set of that name. Raises: KeyError."""
        for one in self.sets:
            if one.name == name:
                return one
        raise KeyError(name)

    def joined(self, other: Collection) -> Collection:
        """These and others; of the same name, the others count."""
        return Collection(_joined(self.sets, other.sets), _joined(self.tests, other.tests))


def _joined(first: Any, second: Any) -> Any:
    return tuple({one.name: one for one in (*first, *second)}.values())
