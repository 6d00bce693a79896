"""Word sets and tests that come with the application: one JSON file a source, in resources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast, get_args

from backends.directions.wordsets import AssociationTest, Collection, Kind, WordSet

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "wordsets"
SCHEMA = 1


@lru_cache(maxsize=1)
def shipped() -> Collection:
    """All sets and tests of resources/wordsets, file by file."""
    found = Collection()
    for path in sorted(FOLDER.glob("*.json")):
        found = found.joined(from_json(json.loads(path.read_text("utf-8"))))
    return found


def from_json(told: Mapping[str, Any], *, own: bool = False) -> Collection:
    """Sets and tests as a file describes them; tests name sets of the same file.

    Raises: LookupError, TypeError, ValueError if the file is not what it should be.
    """
    if told["schema"] != SCHEMA:
        raise ValueError(f"schema {told['schema']}")
    source = str(told.get("source", ""))
    sets = {one["name"]: _set(one, source, own=own) for one in told["sets"]}
    tests = tuple(_test(one, sets, source, own=own) for one in told.get("tests", ()))
    return Collection(tuple(sets.values()), tests)


def as_json(collection: Collection, title: str = "", source: str = "") -> dict[str, Any]:
    """The inverse of `from_json`; sets that only a test names are written too."""
    sets = {one.name: one for one in collection.sets}
    for test in collection.tests:
        for one in (*test.targets, *test.attributes):
            sets.setdefault(one.name, one)
    return {
        "schema": SCHEMA,
        "title": title,
        "source": source,
        "sets": [_set_json(one) for one in sets.values()],
        "tests": [
            {
                "name": test.name,
                "about": test.about,
                "targets": [one.name for one in test.targets],
                "attributes": [one.name for one in test.attributes],
                "published": dict(test.published),
            }
            for test in collection.tests
        ],
    }


def _set(told: Mapping[str, Any], source: str, *, own: bool) -> WordSet:
    kind = told["kind"]
    if kind not in get_args(Kind):
        raise ValueError(f"a set of the kind {kind!r}")
    terms = tuple(map(str, told.get("terms", ())))
    scores = {str(name): tuple(map(float, v)) for name, v in told.get("scores", {}).items()}
    if any(len(values) != len(terms) for values in scores.values()):
        raise ValueError("scores need a number for each term")
    pairs = tuple((str(low), str(high)) for low, high in told.get("pairs", ()))
    about = str(told.get("about", ""))
    return WordSet(str(told["name"]), cast("Kind", kind), terms, pairs, scores, about, source, own)


def _test(
    told: Mapping[str, Any], sets: Mapping[str, WordSet], source: str, *, own: bool
) -> AssociationTest:
    x, y = (sets[name] for name in told["targets"])
    a, b = (sets[name] for name in told["attributes"])
    published = {str(name): float(value) for name, value in told.get("published", {}).items()}
    name, about = str(told["name"]), str(told.get("about", ""))
    return AssociationTest(name, (x, y), (a, b), about, source, published, own)


def _set_json(one: WordSet) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name, "kind": one.kind, "about": one.about}
    if one.kind == "pairs":
        told["pairs"] = [list(pair) for pair in one.pairs]
    else:
        told["terms"] = list(one.terms)
    if one.kind == "scores":
        told["scores"] = {name: list(values) for name, values in one.scores.items()}
    return told
