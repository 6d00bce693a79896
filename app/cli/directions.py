"""Word sets that the words of a command name: shipped ones by name, others as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from backends.directions.given import Pair
from backends.directions.wordsets import Collection, WordSet
from backends.errors import BackendError, UnreadableFile
from backends.types import MadeBy

HEADS = ({"negative", "positive"}, {"from", "to"}, {"head", "tail"}, {"a", "b"})
MARKS = ("\t", ";")  # beside the comma, between cells
SHOWN = 12


def pairs_named(name: str, known: Collection) -> WordSet:
    """The shipped pairs of that name, as “Gender pairs” or “gender”. Raises: BackendError."""
    pairs = [one for one in known.sets if one.kind == "pairs"]
    wanted = name.casefold().strip()
    for form in (wanted, f"{wanted} pairs"):
        for one in pairs:
            if one.name.casefold() == form:
                return one
    starting = [one for one in pairs if one.name.casefold().startswith(wanted)]
    if len(starting) == 1:
        return starting[0]
    raise BackendError(
        f"There are no pairs called “{name}”.",
        hint=f"There are: {_quoted(pairs)}. Or name a file with --pairs.",
    )


def kept_recipe(project: Path, title: str) -> MadeBy:
    """Recipe of a direction that a project keeps under this title. Raises: BackendError."""
    path = project / "project.json"
    try:
        told = json.loads(path.read_bytes())["panels"]["directions"]["directions"]
        kept = {str(one["title"]): MadeBy.from_json(one["made_by"]) for one in told}
    except OSError as error:
        raise UnreadableFile(
            f"There is no project at {project}.", hint="Name a folder that ends in .embedscope."
        ) from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableFile(
            f"{project} keeps no directions that can be read.",
            hint="Find one in the window and save the project.",
        ) from error
    for name, made_by in kept.items():
        if name.casefold() == title.casefold().strip():
            return made_by
    names = ", ".join(f"“{name}”" for name in kept) or "none"
    raise BackendError(
        f"{project.name} keeps no direction “{title}”.", hint=f"Directions there: {names}."
    )


def pairs_of(path: Path) -> tuple[Pair, ...]:
    """Two words a line; a head such as “negative,positive” is no pair. Raises: BackendError."""
    lines = _lines(path)
    if lines and {cell.casefold() for cell in lines[0]} in HEADS:
        lines = lines[1:]
    wrong = next((line for line in lines if len(line) != 2), None)
    if wrong is not None:
        raise UnreadableFile(
            f"{path} has a line that is no pair: {','.join(wrong)[:80]}.",
            hint="Write two words a line with a comma between them.",
        )
    return tuple((low, high) for low, high in lines)


def terms_of(word: str, known: Collection) -> tuple[str, ...]:
    """Words of a file, one a line, or of a shipped set. Raises: BackendError."""
    return tuple(numbers_of(word, known)[0])


def numbers_of(word: str, known: Collection) -> tuple[dict[str, float | None], str]:
    """Words with a number each (None without one), and what the numbers are.

    Of a file the second column; of a shipped set its first column of numbers.

    Raises: BackendError.
    """
    path = Path(word)
    if path.is_file():
        return _numbers(path)
    for one in known.sets:
        if one.kind != "pairs" and one.name.casefold() == word.casefold().strip():
            name, values = next(iter(one.scores.items()), ("", ()))
            numbers: Sequence[float | None] = values or [None] * len(one.terms)
            return dict(zip(one.terms, numbers, strict=True)), name
    sets = [one for one in known.sets if one.kind != "pairs"]
    more = ", …" if len(sets) > SHOWN else ""
    raise BackendError(
        f"There is no file and no set of words called “{word}”.",
        hint=f"Sets are: {_quoted(sets[:SHOWN])}{more}.",
    )


def _quoted(sets: Sequence[WordSet]) -> str:
    """Their names; some have a comma in them."""
    return ", ".join(f"“{one.name}”" for one in sets)


def _numbers(path: Path) -> tuple[dict[str, float | None], str]:
    lines = _lines(path)
    has_head = len(lines) > 1 and len(lines[0]) > 1 and _number(lines[0]) is None
    has_head = has_head and any(_number(line) is not None for line in lines[1:])
    name = lines[0][1] if has_head else ""
    kept = lines[1:] if has_head else lines
    found: dict[str, float | None] = {}
    for line in kept:
        if len(line) > 1 and _number(line) is None:
            raise UnreadableFile(
                f"{path} has a line without a number: {','.join(line)[:80]}.",
                hint="Write a word a line, or a word, a comma and a number.",
            )
        found[line[0]] = _number(line)
    return found, name or "value"


def _number(line: list[str]) -> float | None:
    try:
        return float(line[1]) if len(line) > 1 else None
    except ValueError:
        return None


def _lines(path: Path) -> list[list[str]]:
    """Cells of the lines that are not empty, without blanks around them.

    Cells are divided by commas, or by tabs or semicolons where every line has those.

    Raises: UnreadableFile, also if there is no line.
    """
    try:
        text = path.read_text("utf-8-sig")
        full = [line for line in text.split("\n") if line.strip()]
        mark = next((mark for mark in MARKS if all(mark in line for line in full)), ",")
        rows = csv.reader(io.StringIO(text), delimiter=mark)
        lines = [[cell.strip() for cell in line] for line in rows]
    except OSError as error:
        raise UnreadableFile(
            f"Could not read {path}: {error.strerror or error}.", hint="Choose another file."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(f"Could not read {path}.", hint="Save it as text in UTF-8.") from error
    lines = [line for line in lines if any(line)]
    if not lines:
        raise UnreadableFile(f"{path} is empty.", hint="Choose a file with words.")
    return lines
