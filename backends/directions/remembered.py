"""Terms looked up once for many tests: encoding the same word twice would cost its time twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backends.arrays import frozen
from backends.directions.terms import TWICE, Lost, Terms, TermSource
from backends.reporting import SILENT, Report


class Remembered:
    """A `TermSource` that asks another one for what it has not seen yet."""

    def __init__(self, source: TermSource) -> None:
        self.source = source
        self._found: dict[str, tuple[Terms, int]] = {}
        self._lost: dict[str, str] = {}

    @property
    def how(self) -> str:
        """As the source says."""
        return self.source.how

    def as_json(self) -> dict[str, Any]:
        """As the source says."""
        return self.source.as_json()

    def look_up(self, terms: Sequence[str], report: Report = SILENT) -> Terms:
        """See `TermSource`. Raises: BackendError, Cancelled."""
        names = [name for term in terms if (name := " ".join(term.split()))]
        wanted = list(dict.fromkeys(names))
        unknown = [one for one in wanted if one not in self._found and one not in self._lost]
        if unknown:
            self._learn(self.source.look_up(unknown, report))
        found = [one for one in wanted if one in self._found]
        seen: set[str] = set()
        twice = [one for one in names if one in seen or seen.add(one)]  # type: ignore[func-returns-value]
        lost = [Lost(one, TWICE) for one in twice]
        lost += [Lost(one, self._lost[one]) for one in wanted if one in self._lost]
        spelled = {}
        for one in found:
            at, _ = self._found[one]
            if one in at.spelled:
                spelled[one] = at.spelled[one]
        vectors = [self._found[one][0].vectors[self._found[one][1]] for one in found]
        rows = [self._found[one][0].rows[self._found[one][1]] for one in found]
        return Terms(
            tuple(found),
            frozen(np.stack(vectors)) if found else np.empty((0, 0), np.float32),
            frozen(np.array(rows, dtype=np.int64)),
            spelled,
            tuple(lost),
        )

    def _learn(self, told: Terms) -> None:
        self._found.update({term: (told, at) for at, term in enumerate(told.asked)})
        self._lost.update({one.term: one.why for one in told.lost if one.why != TWICE})


def source_of(terms: TermSource) -> TermSource:
    """What a term source asks in the end."""
    return terms.source if isinstance(terms, Remembered) else terms
