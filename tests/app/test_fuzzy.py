"""Which of several things is meant by a few letters."""

from __future__ import annotations

import pytest

from app.fuzzy import Words, folded, score


def ranked(query: str, *texts: str) -> list[str]:
    """Texts that are found, best first; equal ones in their order."""
    typed = folded(query).split()
    points = {text: score(typed, Words.of(text)) for text in texts}
    return sorted((text for text in texts if points[text]), key=lambda text: -points[text])


@pytest.mark.parametrize(
    ("query", "texts", "expected"),
    [
        # the whole, the beginning, the beginning of a word, inside
        ("undo", ("Undo lasso", "Undo"), ["Undo", "Undo lasso"]),
        (
            "se",
            ("Close", "Invert selection", "Select all"),
            ["Select all", "Invert selection", "Close"],
        ),
        ("map", ("Bitmap", "Fit the map", "Map tool"), ["Map tool", "Fit the map", "Bitmap"]),
        # first letters of words before scattered ones
        ("sa", ("Search by meaning", "Select all"), ["Select all", "Search by meaning"]),
        ("ofo", ("Open folder…", "Sort of odd"), ["Sort of odd", "Open folder…"]),
        ("cbg", ("Cobbling", "Colour by genre"), ["Colour by genre", "Cobbling"]),
        # the closer letters are together, the better
        ("exprt", ("Expand the part", "Export…"), ["Export…", "Expand the part"]),
        ("layt", ("Latest year to date", "Light", "Lay out"), ["Lay out", "Latest year to date"]),
        # words in any order, and each of them must be found
        ("genre col", ("Colour by genre", "Genre"), ["Colour by genre"]),
        ("theme dark", ("Dark", "View Theme Dark"), ["View Theme Dark"]),
        # case, accents and marks do not matter
        ("CAFE", ("Colour by Café", "Colour by face"), ["Colour by Café"]),
        ("first_name", ("Colour by first name",), ["Colour by first name"]),
        ("straße", ("Colour by STRASSE",), ["Colour by STRASSE"]),
        # what is not there is not found
        ("xyz", ("Export…", "Close"), []),
        ("ppa", ("Map",), []),
        ("", ("Open…", "Close"), ["Open…", "Close"]),
    ],
)
def test_the_best_comes_first(query: str, texts: tuple[str, ...], expected: list[str]) -> None:
    assert ranked(query, *texts) == expected


def test_an_earlier_place_and_a_narrower_one_are_better() -> None:
    assert ranked("by", "Search for all by meaning", "Search by meaning") == [
        *("Search by meaning", "Search for all by meaning")
    ]
    assert ranked("ace", "a long cell here", "abc de") == ["abc de", "a long cell here"]


def test_a_text_without_letters_is_not_found_and_does_no_harm() -> None:
    assert ranked("a", "", "…", "-") == []
    assert folded("  “Two”  words_here… ") == "two words here"
