"""Finding things by a few of their letters, best first.

Every word of a query must be found, in whatever order. How a word is found decides: as the whole,
as the beginning, as the beginning of a word, as first letters of words, inside, or scattered.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

WHOLE, START, WORD, INITIALS, INSIDE, SCATTERED = 100.0, 90.0, 80.0, 70.0, 60.0, 40.0
MOST_TAKEN_OFF = 19.0  # so that a worse way never comes before a better one of the next but one
_ENDS = str.maketrans(dict.fromkeys("-_/.,:;()[]{}→…'\"“”", " "))


@dataclass(frozen=True, slots=True)
class Words:
    """A text prepared for being searched; made once, compared with every query."""

    text: str  # folded
    initials: str  # first letter of each word

    @classmethod
    def of(cls, text: str) -> Words:
        """Prepare a text."""
        clean = folded(text)
        return cls(clean, "".join(word[0] for word in clean.split()))


def folded(text: str) -> str:
    """Without case, accents and marks, words apart by one space."""
    plain = text if text.isascii() else _without_accents(text)
    return " ".join(plain.casefold().translate(_ENDS).split())


def score(query: Sequence[str], words: Words) -> float:
    """How well folded words of a query are found in a text, up to 100; 0 if one of them is not.

    A subsequence counts less the wider its letters are apart.
    """
    least, total = 100.0, 0.0
    for word in query:
        found = _score(word, words)
        if not found:
            return 0.0
        least, total = min(least, found), total + found
    return (least + total / len(query)) / 2 if query else 1.0


def _score(word: str, words: Words) -> float:
    text = words.text
    at = text.find(word)
    if at == 0:
        return WHOLE if len(word) == len(text) else START
    if at > 0:
        inside = text.find(f" {word}")
        if inside >= 0:
            return WORD - min(MOST_TAKEN_OFF, inside / 10)
    first = words.initials.find(word) if len(word) > 1 else -1
    if first >= 0:
        return INITIALS - min(MOST_TAKEN_OFF, float(first))
    if at > 0:
        return INSIDE - min(MOST_TAKEN_OFF, at / 10)
    spread = _spread(word, text)
    return SCATTERED - min(SCATTERED - 1, 2.0 * spread) if spread is not None else 0.0


def _spread(word: str, text: str) -> int | None:
    """Letters between those of a subsequence, at its narrowest from its first end; None if none."""
    end = -1
    for letter in word:
        end = text.find(letter, end + 1)
        if end < 0:
            return None
    start = end + 1
    for letter in reversed(word):  # back from its end, so that it begins as late as can be
        start = text.rfind(letter, 0, start)
    return end + 1 - start - len(word)


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
