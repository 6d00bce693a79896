"""What cannot be a word set or a test, said before it is taken."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from backends.directions.shipped import SCHEMA
from backends.directions.wordsets import WordSet

LONGEST = 1_000  # letters of a term, which may be a sentence
MARKED = {('"', '"'), ("'", "'"), ("“", "”"), ("„", "“"), ("„", "”"), ("«", "»"), ("»", "«")}


def unfit(one: WordSet) -> str:
    """Why a set cannot be taken, as a clause; empty if it can."""
    if not one.name.strip():
        return "a set has no name"
    words = one.terms or tuple(word for pair in one.pairs for word in pair)
    if not all(word.strip() for word in words):
        return f"a term of “{one.name}” is empty"
    long = next((word for word in words if len(word) > LONGEST), None)
    if long is not None:
        shown = f"“{long[:20]}…” has {len(long):,} letters"
        return f"{shown}, and a term may have {LONGEST:,}"
    if any("\0" in word for word in words):
        return f"“{one.name}” holds signs that are no text"
    if not all(math.isfinite(value) for column in one.scores.values() for value in column):
        return f"a number of “{one.name}” is not finite"
    return ""


def check_json(told: Any) -> None:
    """Raises: ValueError for what `from_json` would take wrongly, lose or not explain."""
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    if "sets" not in told:
        raise ValueError("there is no 'sets'")
    for where in ("sets", "tests"):
        there = told.get(where, [])
        if not isinstance(there, list) or not all(isinstance(one, dict) for one in there):
            raise ValueError(f"“{where}” is not a list of {where}")
        for one in there:
            if not isinstance(one.get("name"), str) or not one["name"].strip():
                raise ValueError(f"one of its {where} has no name")
        names = Counter(one["name"] for one in there)
        twice = next((name for name, count in names.items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"two {where} are called “{twice}”")
    for one in told["sets"]:
        _check_set(one)
    kinds = {one["name"]: one.get("kind") for one in told["sets"]}
    for test in told.get("tests", []):
        _check_test(test, kinds)


def _check_set(one: Mapping[str, Any]) -> None:
    name = one["name"]
    for part in ("terms", "pairs"):
        if not isinstance(one.get(part, []), list):
            raise ValueError(f"{part} of “{name}” are no list")
    if not all(isinstance(term, str) for term in one.get("terms", [])):
        raise ValueError(f"terms of “{name}” are not all texts")
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in one.get("pairs", [])):
        raise ValueError(f"a pair of “{name}” does not have two words")
    scores = one.get("scores", {})
    if not isinstance(scores, dict) or not all(isinstance(c, list) for c in scores.values()):
        raise ValueError(f"scores of “{name}” are no columns of numbers")


def _check_test(test: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    name = test["name"]
    for part in ("targets", "attributes"):
        sets = test.get(part)
        two = isinstance(sets, list) and len(sets) == 2
        if not two or not all(isinstance(one, str) for one in sets or []):
            raise ValueError(f"“{name}” does not name two sets of {part}")
        for one in sets or []:
            if one not in kinds:
                raise ValueError(f"“{name}” is made of “{one}”, which is not among its sets")
            if kinds[one] == "pairs":
                raise ValueError(f"“{name}” is made of “{one}”, which is of pairs and not of terms")
    if not isinstance(test.get("published", {}), dict):
        raise ValueError(f"published values of “{name}” have no names")
