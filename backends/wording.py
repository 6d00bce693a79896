"""Numbers in sentences: one row has, two rows have."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 row", "1,200 rows"; `many` where no s will do."""
    return f"{count:,} {either(count, one, many or one + 's')}"


def either(count: int, one: str, many: str) -> str:
    """The word or words that fit the number."""
    return one if count == 1 else many


def listed(words: list[str]) -> str:
    """Words one behind the other: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
