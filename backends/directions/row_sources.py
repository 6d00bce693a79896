"""Examples from rows of the corpus: two selections, two categories of a column.

Groups may hold as many rows as the corpus; nothing of their vectors is read here.
"""

from __future__ import annotations

import numpy as np

from backends.arrays import Mask, frozen
from backends.corpora.columns import column_kind, read_categories
from backends.directions.base import Examples, Group, Space
from backends.directions.given import ColumnGiven, SelectionsGiven
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.selection import Selection
from backends.wording import counted, either

OTHERS = "the others"


def selection_examples(space: Space, given: SelectionsGiven, report: Report = SILENT) -> Examples:
    """Two selections, or one against all other items.

    Raises: BackendError if none is given, or one holds no item with a vector.
    """
    report.check()
    n = len(space.embeddings)
    low, high = _mask(given.negative, n), _mask(given.positive, n)
    if low is None and high is None:
        raise BackendError("Nothing is selected.", hint="Select items on the map or in the table.")
    notes = []
    if low is not None and high is not None and (both := int(np.count_nonzero(low & high))):
        notes.append(
            f"{counted(both, 'item')} {either(both, 'is', 'are')} in both selections, which draws "
            f"{either(both, 'it', 'them')} together."
        )
    return _examples(
        space,
        (given.negative_name or _words(given.negative), low),
        (given.positive_name or _words(given.positive), high),
        notes,
    )


def column_examples(space: Space, given: ColumnGiven, report: Report = SILENT) -> Examples:
    """A category against another, or against all other items that have one.

    Raises: BackendError for a column without categories, or a category that is not in it.
    """
    if given.negative is None and given.positive is None:
        raise BackendError("No category is chosen.", hint="Choose a value of the column.")
    if given.negative == given.positive:
        raise BackendError(
            "Both sides are the same category: there is no direction.", hint="Choose two of them."
        )
    if (kind := column_kind(space.corpus, given.column)) != "categories":
        held = {"numbers": "numbers", "dates": "dates"}.get(kind, "texts")
        raise BackendError(
            f"“{given.column}” holds {held}, and a direction leads from one group to another.",
            hint="Choose a column of categories, or select two ranges on the map or in the table.",
        )
    values = read_categories(space.corpus, given.column, report)
    place = {label: code for code, label in enumerate(values.labels)}
    sides = []
    for wanted in (given.negative, given.positive):
        if wanted is None:
            sides.append((f"{given.column}: all others", None))
        elif wanted not in place:
            raise BackendError(
                f"No item has the value “{wanted}” in “{given.column}”.",
                hint=f"Values are: {', '.join(values.labels[:10])}"
                + (", …." if len(values.labels) > 10 else "."),
            )
        else:
            sides.append((f"{given.column}: {wanted}", values.codes == place[wanted]))
    has_one = values.codes >= 0
    notes = []
    if None in (given.negative, given.positive) and (empty := int((~has_one).sum())):
        are = either(empty, "is", "are")
        notes.append(
            f"{counted(empty, 'item')} without a value in “{given.column}” {are} left out."
        )
    return _examples(space, sides[0], sides[1], notes, among=has_one)


def _examples(
    space: Space,
    low: tuple[str, Mask | None],
    high: tuple[str, Mask | None],
    notes: list[str],
    among: Mask | None = None,
) -> Examples:
    present = space.embeddings.present
    groups = []
    for (title, mask), (_, other) in ((low, high), (high, low)):
        if mask is None:
            assert other is not None  # checked by the callers
            mask = ~other if among is None else among & ~other
        rows = np.flatnonzero(mask & present).astype(np.int64, copy=False)
        without = int(np.count_nonzero(mask)) - len(rows)
        if not len(rows):
            raise BackendError(
                f"“{title}” holds no item with a vector.", hint="Choose items that have one."
            )
        if without:
            have, are = either(without, "has", "have"), either(without, "is", "are")
            notes.append(
                f"{counted(without, 'item')} of “{title}” {have} no vector and {are} left out."
            )
        if len(rows) == 1:
            notes.append(f"“{title}” is a single item: the direction is as much its own.")
        groups.append(Group(title, rows=frozen(rows)))
    return Examples(groups[0], groups[1], False, (), tuple(notes))


def _mask(selection: Selection | None, n: int) -> Mask | None:
    if selection is None:
        return None
    if len(selection) and int(selection.rows[-1]) >= n:
        raise BackendError(
            f"The selection “{selection.words}” is of another corpus.", hint="Select items again."
        )
    return selection.mask(n)


def _words(selection: Selection | None) -> str:
    return OTHERS if selection is None else selection.words
