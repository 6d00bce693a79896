"""Word sets and tests that come with the application: one JSON file a source, in resources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast, get_args

from backends.directions.wordsets import AssociationTest, Collection, Kind, WordSet

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "wordsets"
SCHEMA = 1


@dataclass(frozen=True)
class Source:
    """One file of resources/wordsets."""

    title: str
    licence: str
    collection: Collection


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """The files of resources/wordsets, by their names."""
    told = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    return tuple(Source(each["title"], each["licence"], from_json(each)) for each in told)


@lru_cache(maxsize=1)
def shipped() -> Collection:
    """All sets and tests of resources/wordsets, file by file."""
    found = Collection()
    for source in sources():
        found = found.joined(source.collection)
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
    """The inverse of `from_json`; sets that only a test has are written too.

    Where a test has another set of a name that is taken, it gets a number behind its name.
    """
    sets = {one.name: one for one in collection.sets}
    names: dict[tuple[int, int], str] = {}  # test, part -> name of its set
    for at, test in enumerate(collection.tests):
        for part, one in enumerate((*test.targets, *test.attributes)):
            name, number = one.name, 2
            while name in sets and not _same(sets[name], one):
                name, number = f"{one.name} ({number})", number + 1
            sets.setdefault(name, one.called(name))
            names[at, part] = name
    return {
        "schema": SCHEMA,
        "title": title,
        "source": source,
        "sets": [_set_json(one, source) for one in sets.values()],
        "tests": [
            {
                "name": test.name,
                "about": test.about,
                "targets": [names[at, 0], names[at, 1]],
                "attributes": [names[at, 2], names[at, 3]],
                "published": dict(test.published),
                **({"source": test.source} if test.source != source else {}),
            }
            for at, test in enumerate(collection.tests)
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
    about, source = str(told.get("about", "")), str(told.get("source", source))
    return WordSet(str(told["name"]), cast("Kind", kind), terms, pairs, scores, about, source, own)


def _test(
    told: Mapping[str, Any], sets: Mapping[str, WordSet], source: str, *, own: bool
) -> AssociationTest:
    x, y = (sets[name] for name in told["targets"])
    a, b = (sets[name] for name in told["attributes"])
    published = {str(name): float(value) for name, value in told.get("published", {}).items()}
    name, about = str(told["name"]), str(told.get("about", ""))
    source = str(told.get("source", source))
    return AssociationTest(name, (x, y), (a, b), about, source, published, own)


def _same(one: WordSet, other: WordSet) -> bool:
    """Whether both hold the same, whatever they are called and whoever may change them."""
    return replace(one, own=other.own, name=other.name) == other


def _set_json(one: WordSet, source: str) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name, "kind": one.kind, "about": one.about}
    if one.source != source:
        told["source"] = one.source
    if one.kind == "pairs":
        told["pairs"] = [list(pair) for pair in one.pairs]
    else:
        told["terms"] = list(one.terms)
    if one.kind == "scores":
        told["scores"] = {name: list(values) for name, values in one.scores.items()}
    return told
