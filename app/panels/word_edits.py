"""Changes of one word set: each gives a new set, or says why it cannot be."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import replace

from app.notices import Problem
from app.panels.values import read_value
from backends.directions.wordset_check import unfit
from backends.directions.wordset_csv import SET, TERM, TOLD
from backends.directions.wordset_files import parse_text, rows_of
from backends.directions.wordsets import AssociationTest, Kind, WordSet

NO_NUMBER = Problem("This is not a number.", "Write it as 0.5 or -3.")
HALF_A_PAIR = Problem("A pair needs two words.", "To take the pair out, delete its row.")
NO_WORDS = Problem("There are no words to paste.", "Copy words, a line each, and try again.")
NO_TERM = Problem("A number needs its term.", "To take the term out, delete its row.")
SCORE = "score"  # the column of numbers of a new set
ONE_OF = {"terms": "term", "pairs": "pair", "scores": "term"}


def blank(name: str, kind: Kind) -> WordSet:
    """A person's new set, empty."""
    return WordSet(name, kind, scores={SCORE: ()} if kind == "scores" else {}, own=True)


def heads_of(one: WordSet) -> tuple[str, ...]:
    """Heads of the table that a set is shown as."""
    return ("Negative", "Positive") if one.kind == "pairs" else ("Term", *one.scores)


def size_words(one: WordSet) -> str:
    """How much is in a set, as "10 pairs"."""
    word = ONE_OF[one.kind]
    return f"1 {word}" if len(one) == 1 else f"{len(one):,} {word}s"


def free_name(name: str, taken: Some[str]) -> str:
    """The name, with a number behind it if it is taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def with_rows(one: WordSet, rows: Sequence[Sequence[str]]) -> WordSet | Problem:
    """The set made of these rows of its table."""
    made = _with_rows(one, rows)
    if isinstance(made, WordSet) and (what := unfit(made)):
        return Problem(f"{what[0].upper()}{what[1:]}.", "Nothing was changed.")
    return made


def _with_rows(one: WordSet, rows: Sequence[Sequence[str]]) -> WordSet | Problem:
    cells = [tuple(" ".join(cell.split()) for cell in row) for row in rows]
    if one.kind == "pairs":
        if not all(all(row) for row in cells):
            return HALF_A_PAIR
        return replace(one, pairs=tuple((row[0], row[1]) for row in cells))
    if not all(row[0] for row in cells):
        return NO_TERM
    numbers = [[read_value(text, is_date=False) for text in row[1:]] for row in cells]
    columns: list[tuple[float, ...]] = []
    for at in range(len(one.scores)):
        column = [row[at] for row in numbers]
        if None in column:
            odd = cells[column.index(None)]
            return replace(NO_NUMBER, text=f"“{odd[at + 1][:60]}” of “{odd[0][:60]}” is no number.")
        columns.append(tuple(float(value) for value in column if value is not None))
    scores = dict(zip(one.scores, columns, strict=True))
    return replace(one, terms=tuple(row[0] for row in cells), scores=scores)


def with_cell(one: WordSet, row: int, column: int, text: str) -> WordSet | Problem:
    """Another text in one cell; a term that is emptied is taken out."""
    if one.kind == "terms" and not text.strip():
        return without(one, {row})
    rows = [list(cells) for cells in rows_of(one)]
    rows[row][column] = text
    return with_rows(one, rows)


def with_more(one: WordSet, rows: Sequence[Sequence[str]]) -> WordSet | Problem:
    """The set with further rows at its end."""
    return with_rows(one, (*rows_of(one), *rows))


def without(one: WordSet, rows: Some[int]) -> WordSet:
    """The set without some of its rows."""
    kept = [at for at in range(len(one)) if at not in rows]
    return replace(
        one,
        terms=tuple(one.terms[at] for at in kept) if one.kind != "pairs" else (),
        pairs=tuple(one.pairs[at] for at in kept) if one.kind == "pairs" else (),
        scores={name: tuple(values[at] for at in kept) for name, values in one.scores.items()},
    )


def with_column(one: WordSet, name: str) -> WordSet | Problem:
    """The set of terms with a further column of numbers, 0 for each term."""
    name = " ".join(name.split())
    if (problem := _unfit_column(one, name)) is not None:
        return problem
    scores = {**one.scores, name: (0.0,) * len(one.terms)}
    return replace(one, kind="scores", scores=scores)


def with_column_called(one: WordSet, column: str, name: str) -> WordSet | Problem:
    """The set with another name of a column of numbers, in its place."""
    name = " ".join(name.split())
    if name == column:
        return one
    if (problem := _unfit_column(without_column(one, column), name)) is not None:
        return problem
    scores = {name if each == column else each: values for each, values in one.scores.items()}
    return replace(one, scores=scores)


def without_column(one: WordSet, column: str) -> WordSet:
    """The set without a column of numbers; without its last one it is a set of terms."""
    scores = {name: values for name, values in one.scores.items() if name != column}
    return replace(one, kind="scores" if scores else "terms", scores=scores)


def _unfit_column(one: WordSet, name: str) -> Problem | None:
    """Why a further column cannot be called so: CSV files tell columns apart by these names."""
    if not name:
        return Problem("A column needs a name.", "Call it after what its numbers are.")
    if name.casefold() in {each.casefold() for each in one.scores}:
        return Problem(f"There is a column “{name}” already.", "Choose another name.")
    if name.casefold() in (SET, TERM, *TOLD):
        return Problem(
            f"“{name}” cannot be the name of a column of numbers.",
            "In files of word sets a column of that name holds something else.",
        )
    return None


def pasted(one: WordSet, text: str) -> WordSet | Problem:
    """The set with what a clipboard holds at its end. Raises: BackendError if it is no pairs."""
    if one.kind == "scores":
        lines = [line for line in text.splitlines() if line.strip()]
        rows = [line.split("\t" if "\t" in line else ";" if ";" in line else ",") for line in lines]
        if rows and [cell.strip().lower() for cell in rows[0]] == [
            head.lower() for head in heads_of(one)
        ]:
            lines, rows = lines[1:], rows[1:]  # names of the columns, copied along
        if not rows:
            return NO_WORDS
        wide = 1 + len(one.scores)
        odd = next((line for line, row in zip(lines, rows, strict=True) if len(row) != wide), None)
        if odd is not None:
            return Problem(
                f"“{odd.strip()[:60]}” is not a term with {wide - 1} number(s).",
                "Write the term and its numbers on a line, with tabs or commas between them.",
            )
        return with_more(one, rows)
    found = parse_text(text, one.kind)
    if not found:
        return NO_WORDS
    return with_more(one, [each if isinstance(each, tuple) else (each,) for each in found])


def kind_of_text(text: str) -> Kind:
    """What a new set made of this text would be."""
    found = parse_text(text)
    return "pairs" if found and isinstance(found[0], tuple) else "terms"


def text_of(one: WordSet, rows: Some[int] | None = None) -> str:
    """Rows as text for a clipboard, all if None: one a line, with tabs between its cells."""
    cells = rows_of(one)
    chosen = range(len(cells)) if rows is None else sorted(rows)
    return "\n".join("\t".join(cells[at]) for at in chosen)


def as_two_lists(one: WordSet) -> tuple[WordSet, WordSet]:
    """The two sides of a set of pairs as sets of terms."""
    sides = zip(("negative", "positive"), zip(*one.pairs, strict=True), strict=True)
    low, high = (
        WordSet(f"{one.name}, {side}", "terms", words, about=one.about, own=True)
        for side, words in sides
    )
    return low, high


def renamed(before: Sequence[AssociationTest], after: Sequence[AssociationTest]) -> dict[str, str]:
    """Old and new names of tests that are called otherwise now and are the same but for that."""
    there = {one.name for one in before}
    still = {one.name for one in after}
    gone = [one for one in before if one.name not in still]
    come = [one for one in after if one.name not in there]
    found: dict[str, str] = {}
    for old in gone:
        new = next((one for one in come if replace(one, name=old.name) == old), None)
        if new is not None:
            found[old.name] = new.name
            come.remove(new)
    return found
