"""What a project keeps of word sets and tests, and how those of files meet those that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.panels.word_tests import parts_of, replaced
from backends.directions.shipped import as_json, from_json, shipped
from backends.directions.wordsets import AssociationTest, Collection, WordSet

WRONG = (LookupError, TypeError, ValueError, AttributeError)


def kept(own: Collection) -> Mapping[str, Any]:
    """Own sets and tests as plain data, with the names of the sets that are not only of a test."""
    return {"own": as_json(own), "names": [one.name for one in own.sets]}


def restored(state: Mapping[str, Any]) -> tuple[Collection, int]:
    """Own sets and tests of what was kept; and how many are damaged."""
    found, lost = _restored(state.get("own"))
    names = state.get("names")
    if not isinstance(names, list):  # kept before names were
        return found, lost
    tests: Sequence[AssociationTest] = found.tests
    listed = {name for name in names if isinstance(name, str)}
    for one in found.sets:
        if one.name not in listed and (ready := _ready(one, shipped().sets)) is not None:
            tests = [replaced(test, one, ready) for test in tests]
    return Collection(tuple(s for s in found.sets if s.name in listed), tuple(tests)), lost


def reused(
    there: Sequence[WordSet], sets: Sequence[WordSet], tests: Sequence[AssociationTest]
) -> tuple[list[WordSet], list[AssociationTest]]:
    """Sets and tests of a file, without sets of its tests that are there with the same words."""
    left, tests = list(sets), list(tests)
    parts = [part for test in tests for part in parts_of(test)]
    for one in sets:
        if one in parts and (ready := _ready(one, there)) is not None:
            tests = [replaced(test, one, ready) for test in tests]
            left.remove(one)
    return left, tests


def _ready(one: WordSet, there: Sequence[WordSet]) -> WordSet | None:
    """A set that is there of the same name and content, whoever may change it."""
    found = next((other for other in there if other.name == one.name), None)
    same = found is not None and (found.kind, found.terms, found.pairs, dict(found.scores)) == (
        one.kind,
        one.terms,
        one.pairs,
        dict(one.scores),
    )
    return found if same else None


def _restored(told: Any) -> tuple[Collection, int]:
    """Own sets and tests of plain data, each on its own; and how many are damaged."""
    try:
        return from_json(told, own=True), 0
    except WRONG:
        pass
    if not isinstance(told, Mapping):
        return Collection(), 1
    found, lost = Collection(), 0
    sets = told.get("sets") if isinstance(told.get("sets"), list) else []
    for one in sets or []:
        try:
            found = found.joined(from_json({**told, "sets": [one], "tests": []}, own=True))
        except WRONG:
            lost += 1
    good = as_json(found)["sets"]
    for test in told.get("tests") or []:
        try:
            both = from_json({**told, "sets": good, "tests": [test]}, own=True)
            found = replace(found, tests=(*found.tests, *both.tests))
        except WRONG:
            lost += 1
    return found, lost
