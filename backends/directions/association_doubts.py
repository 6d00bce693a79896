"""What is wrong with an association test: what makes it senseless, and what makes it weak."""

from __future__ import annotations

from collections.abc import Sequence

from backends.directions.metrics import MetricSpec
from backends.directions.terms import TWICE, Terms
from backends.directions.wordsets import AssociationTest
from backends.errors import BackendError
from backends.wording import counted, either, listed

PARTS = ("X", "Y", "A", "B")
FEW = 4  # terms of a set below which a result says little
LOSS = 0.2  # share of lost terms above which a result says little; as WEFE has it
NAMED = 8  # terms that a sentence names


def refuse(test: AssociationTest, spec: MetricSpec) -> None:
    """Refuse what can be seen before a term is looked up.

    Raises: BackendError if a set is empty or of another kind, or a pair of sets is no pair.
    """
    for one in (*test.targets, *test.attributes):
        if one.kind == "pairs":
            raise BackendError(
                f"“{one.name}” is a set of pairs, and a test needs terms.",
                hint="Split it into two lists of terms, and take those.",
            )
        if not any(term.strip() for term in one.terms):
            raise BackendError(
                f"The set “{one.name}” is empty.",
                hint=f"Give it terms, or leave the test “{test.name}” out.",
            )
    for (one, other), words in ((test.targets, "targets"), (test.attributes, "attributes")):
        if _forms(one.terms) == _forms(other.terms):
            raise BackendError(
                f"The two sets of {words} of “{test.name}” are the same, so nothing can differ.",
                hint="Choose two different sets.",
            )
    x, y = test.targets
    if spec.paired and len(x.terms) != len(y.terms):
        raise BackendError(
            f"{spec.title} needs pairs of targets, but “{x.name}” has {len(x.terms)} terms and "
            f"“{y.name}” has {len(y.terms)}.",
            hint="Take sets of the same size, in matching order.",
        )


def warnings_of(
    test: AssociationTest, spec: MetricSpec, found: Sequence[Terms], ddof: int
) -> list[str]:
    """What weakens the result, a sentence each; `found` in the order of PARTS.

    Raises: BackendError if a set has no vector, or two sets turn out to be the same items.
    """
    sets = (*test.targets, *test.attributes)
    said: list[str] = []
    for part, one, terms in zip(PARTS, sets, found, strict=True):
        asked = len(terms) + sum(lost.why != TWICE for lost in terms.lost)
        if not len(terms):
            raise BackendError(
                f"None of the {counted(asked, 'term')} of “{one.name}” has a vector here.",
                hint=f"The test “{test.name}” needs at least one; take other terms or vectors.",
            )
        said += _of_one(part, one.name, terms, asked)
    said += _overlaps(test, spec, found)
    if spec.id == "weat" and len(found[0]) == len(found[1]) == 1:
        said.append(
            f"One word against one always gives |d| = {2 * ((2 - ddof) / 2) ** 0.5:.2f}: "
            "the effect size says nothing."
            if ddof < 2
            else "One word against one has no effect size with this ddof."
        )
    return said


def _of_one(part: str, name: str, terms: Terms, asked: int) -> list[str]:
    said = []
    if len(terms) < FEW:
        said.append(
            f"“{name}” ({part}) has {len(terms)} of the {FEW} terms that a test should have at "
            "least: the result says little."
        )
    lost = 1 - len(terms) / asked
    if lost > LOSS:
        said.append(
            f"{_share(lost)} of “{name}” ({part}) have no vector here: the result is of another "
            "set than the test's."
        )
    same: dict[str, list[str]] = {}
    for term in dict.fromkeys(terms.asked):
        same.setdefault(terms.spelled.get(term, term), []).append(term)
    for item, forms in same.items():
        if len(forms) > 1:
            quoted = listed([f"“{form}”" for form in forms])
            said.append(
                f"{quoted} of “{name}” ({part}) are one item here, “{item}”: it counts "
                f"{len(forms)} times."
            )
    return said


def _share(lost: float) -> str:
    """A share of lost terms; all but a few are not all."""
    return "Over 99%" if 0.995 <= lost < 1 else f"{lost:.0%}"


def _overlaps(test: AssociationTest, spec: MetricSpec, found: Sequence[Terms]) -> list[str]:
    x, y, a, b = ({terms.spelled.get(term, term) for term in terms.asked} for terms in found)
    for (one, other), words in (((x, y), "targets"), ((a, b), "attributes")):
        if one == other and not spec.paired:
            raise BackendError(
                f"The two sets of {words} of “{test.name}” are the same items here, so nothing "
                "can differ.",
                hint="Choose other sets, or vectors that tell them apart.",
            )
    said = []
    for one, other, words in ((x, y, "targets"), (a, b, "attributes"), (x | y, a | b, "")):
        shared = sorted(one & other)
        if shared:
            between = f"both sets of {words}" if words else "targets and attributes"
            more = len(shared) - NAMED
            names = ", ".join(shared[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
            verb = either(len(shared), "stands", "stand")
            said.append(f"{names} {verb} in {between}.")
    return said


def _forms(terms: Sequence[str]) -> set[str]:
    return {" ".join(term.split()) for term in terms} - {""}
