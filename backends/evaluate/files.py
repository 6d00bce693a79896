"""Reading test sets of words as they lie about: similarity judgements and analogy questions.

Each file says by its first lines what it is; what it was taken for stands in `format`. A line that
fits nothing is an error with its number, never left out.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from backends.errors import UnreadableFile
from backends.fingerprint import of_json
from backends.wording import counted

LARGEST = 64 << 20  # bytes; test sets are smaller by far
SHOWN = 60  # letters of a line in an error
WORD_HEADS = (
    re.compile(r"(word|w|term|sentence|text|item|phrase)_?(1|a|one)", re.I),
    re.compile(r"(word|w|term|sentence|text|item|phrase)_?(2|b|two)", re.I),
)
SCORE_HEADS = (  # the likeliest first
    *("simlex999", "simlex", "human(mean)", "relatednessscore", "similarityscore", "goldscore"),
    *("averagescore", "humanscore", "mean", "score", "rating", "similarity", "relatedness", "gold"),
)
LEMMA = re.compile(r".-[nvj]$")  # MEN's lemma form: sun-n
MSR_KIND = re.compile(r"[A-Z]+_[A-Z]+$")  # JJ_JJR, before the answer
UNNAMED = "all questions"
SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", " ": "spaces"}


@dataclass(frozen=True)
class SimilarityFile:
    """Pairs of words or sentences with how alike people found them; any scale, more is nearer."""

    title: str
    format: str  # what the file was taken for, in words
    pairs: tuple[tuple[str, str], ...]
    scores: tuple[float, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Each word or sentence once, in the order of the file."""
        return tuple(dict.fromkeys(word for pair in self.pairs for word in pair))

    @cached_property
    def fingerprint(self) -> str:
        """Name of the content."""
        return of_json(
            [[*pair, score] for pair, score in zip(self.pairs, self.scores, strict=True)]
        )

    def __len__(self) -> int:
        return len(self.pairs)


Question = tuple[str, str, str, str]


@dataclass(frozen=True)
class Section:
    """Questions of one kind: a is to b as c is to d."""

    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class AnalogyFile:
    """Analogy questions in sections."""

    title: str
    format: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Those of all sections, in the order of the file."""
        return tuple(each for section in self.sections for each in section.questions)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Each word once, in the order of the file."""
        return tuple(dict.fromkeys(word for each in self.questions for word in each))

    @cached_property
    def fingerprint(self) -> str:
        """Name of the content."""
        return of_json([[section.title, *section.questions] for section in self.sections])

    def __len__(self) -> int:
        return sum(len(section.questions) for section in self.sections)


WordFile = SimilarityFile | AnalogyFile
Line = tuple[int, str]  # number from 1, text


def read_word_file(path: Path) -> WordFile:
    """Read a file of judgements or of questions, whichever it is.

    Raises: UnreadableFile, with the number of the line that fits nothing.
    """
    lines, notes = _lines(path)
    if _holds_questions([text for _, text in lines if not text.startswith("#")]):
        return _analogies(path, lines, notes)
    return _similarity(path, lines, notes)


def read_similarity(path: Path) -> SimilarityFile:
    """Read a file of judgements. Raises: UnreadableFile, also if it holds questions."""
    found = read_word_file(path)
    if isinstance(found, SimilarityFile):
        return found
    raise UnreadableFile(
        f"{path.name} holds analogy questions, not similarity judgements.",
        hint="A similarity file has two words and a number a line.",
    )


def read_analogies(path: Path) -> AnalogyFile:
    """Read a file of questions. Raises: UnreadableFile, also if it holds judgements."""
    found = read_word_file(path)
    if isinstance(found, AnalogyFile):
        return found
    raise UnreadableFile(
        f"{path.name} holds similarity judgements, not analogy questions.",
        hint="An analogy file has four words a line, under heads such as “: capitals”.",
    )


def _lines(path: Path) -> tuple[list[Line], list[str]]:
    """Lines that are not blank, with their numbers, and what was noticed about their letters."""
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableFile(
                f"{path.name} is too large for a test set of words.",
                hint="Such files have some thousand lines. Is it the vectors?",
            )
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            f"{path} cannot be read: {error.strerror or error}.", hint="Choose another file."
        ) from error
    if b"\0" in raw:
        raise UnreadableFile(
            f"{path.name} is no text file.", hint="Save the judgements as text, one pair a line."
        )
    notes = []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
        notes.append("The file is not UTF-8; it was read as Latin-1.")
    # Not splitlines(): that would also break at rare separators inside a sentence.
    rows = re.split(r"\r\n|\n|\r", text)
    lines = [(number, row) for number, row in enumerate(rows, 1) if row.strip()]
    if not any(not row.startswith("#") for _, row in lines):
        raise UnreadableFile(f"{path.name} is empty.", hint="Choose a file with test words.")
    return lines, notes


def _holds_questions(rows: Sequence[str]) -> bool:
    """Whether lines are analogy questions: heads with a colon, or four words and no number."""
    if rows[0].lstrip().startswith(":"):
        return True
    marks = _question_mark(rows)
    words = _words(rows[0], marks)
    if marks is None and ("\t" in rows[0].strip() or "," in rows[0]):
        return False
    return len(words) in (4, 5) and not any(_number(word) is not None for word in words)


def _question_mark(rows: Sequence[str]) -> str | None:
    """What parts the words of questions: a mark that each has three or four times, or blanks."""
    looked_at = [row.strip() for row in rows if not row.lstrip().startswith(":")][:200]
    for mark in ("\t", ",", ";"):
        if looked_at and all(row.count(mark) in (3, 4) for row in looked_at):
            cells = (cell for row in looked_at for cell in _cells(row, mark))
            return mark if all(_number(cell) is None for cell in cells) else None
    return None


def _words(row: str, mark: str | None) -> list[str]:
    """Words of a question; those between marks may have blanks in them."""
    if mark is None:
        return row.split()
    return [" ".join(cell.split()) for cell in _cells(row, mark) if cell]


# Analogies


def _analogies(path: Path, lines: Iterable[Line], notes: list[str]) -> AnalogyFile:
    sections: dict[str, list[Question]] = {}
    section, kinds = UNNAMED, set()
    mark = _question_mark([row for _, row in lines if not row.startswith("#")])
    for number, row in lines:
        if row.startswith("#"):
            continue
        if row.lstrip().startswith(":"):
            section = row.lstrip()[1:].strip() or UNNAMED
            kinds.add("heads")
            continue
        words = _words(row, mark)
        if len(words) == 5 and MSR_KIND.match(words[3]):
            section = words.pop(3)
            kinds.add("msr")
        if len(words) != 4:
            raise UnreadableFile(
                f"Line {number} of {path.name} has {counted(len(words), 'word')}, but a question "
                f"has four: “{_short(row)}”.",
                hint="a is to b as c is to d, with spaces between; words of several parts take _, "
                "or stand between tabs.",
            )
        a, b, c, d = words
        sections.setdefault(section, []).append((a, b, c, d))
    if not sections:
        raise UnreadableFile(f"{path.name} has heads but no questions.", hint="Choose another.")
    form = "MSR questions, the kind before the answer" if "msr" in kinds else "four words a line"
    if "heads" in kinds:
        form = "questions-words: sections headed by a colon, four words a line"
    form += f", separated by {SEPARATORS[mark]}" if mark is not None else ""
    made = tuple(Section(title, tuple(found)) for title, found in sections.items())
    return AnalogyFile(path.name, form, made, tuple(notes))


# Similarity


def _similarity(path: Path, lines: Sequence[Line], notes: list[str]) -> SimilarityFile:
    data = [(number, row) for number, row in lines if not row.startswith("#")]
    comments = [row for _, row in lines if row.startswith("#")]
    separator = _separator([row for _, row in data])
    # A head may hide in a comment, as SimLex-999's does.
    heads = [_head(row.lstrip("# "), separator) for row in comments]
    head = next((each for each in reversed(heads) if each), [])
    first = _cells(data[0][1], separator)
    if not any(_number(cell) is not None for cell in first[2:]) and len(data) > 1:
        if not any(map(_is_score, first)):
            notes.append(f"The first line was taken for a head: “{_short(data[0][1])}”.")
        head, data = first, data[1:]
    rows = [(number, _fitted(row, separator, len(head))) for number, row in data]
    one, two, score = _columns(path, head, rows)
    pairs, scores = [], []
    for number, cells in rows:
        if len(cells) <= max(one, two, score):
            raise UnreadableFile(
                f"Line {number} of {path.name} has {counted(len(cells), 'column')}, but two words "
                f"and a number are needed: “{_short(separator.join(cells))}”.",
                hint=f"The lines before it are separated by {SEPARATORS[separator]}.",
            )
        value = _number(cells[score])
        if value is None:
            raise UnreadableFile(
                f"Line {number} of {path.name} says “{_short(cells[score])}” where a number should "
                "be.",
                hint=f"The score stands in column {score + 1}.",
            )
        if not cells[one] or not cells[two]:
            raise UnreadableFile(
                f"Line {number} of {path.name} has an empty word.", hint="Fill it, or take it out."
            )
        pairs.append((cells[one], cells[two]))
        scores.append(value)
    if all(LEMMA.search(word) for pair in pairs for word in pair):
        pairs = [(a[:-2], b[:-2]) for a, b in pairs]
        notes.append("The ending that tells the part of speech (-n, -v, -j) was taken off.")
    form = f"two words and a score, separated by {SEPARATORS[separator]}"
    named = f" “{head[score]}”" if score < len(head) else ""
    if score != 2 or named:
        form += f"; the score is column {score + 1}{named}"
    return SimilarityFile(
        path.name, form, tuple(pairs), tuple(scores), (*notes, *_oddities(pairs, scores))
    )


def _oddities(pairs: Sequence[tuple[str, str]], scores: Sequence[float]) -> Iterable[str]:
    """What may surprise in a list of pairs, one sentence each."""
    distinct = {frozenset(pair) for pair in pairs}
    if len(distinct) < len(pairs):
        again = counted(len(pairs) - len(distinct), "pair stands", "pairs stand")
        yield f"{again} in the file more than once; each counts."
    same = sum(a == b for a, b in pairs)
    if same:
        yield f"{counted(same, 'pair')} of a word with itself; they count as in the file."
    if len(set(scores)) == 1 and len(scores) > 1:
        yield "All scores are the same, so there is no order to agree with."


def _separator(rows: Sequence[str]) -> str:
    """Tabs if any line has them, else what most lines have twice, else spaces."""
    sample = rows[:200]
    if any("\t" in row for row in sample):
        return "\t"
    for mark in (";", ","):
        if sum(row.count(mark) >= 2 for row in sample) * 2 > len(sample):
            return mark
    return " "


def _cells(row: str, separator: str) -> list[str]:
    if separator == " ":
        return row.split()
    if separator == "\t":
        return [cell.strip() for cell in row.strip("\t ").split("\t")]
    try:
        cells = next(csv.reader([row], delimiter=separator, strict=True))
        return [cell.strip() for cell in cells]
    except csv.Error:  # a stray quote, or a cell that is larger than the reader takes
        return [cell.strip() for cell in row.split(separator)]


def _fitted(row: str, separator: str, columns: int) -> list[str]:
    """Cells of a line; of several tabs in a row (RG-65) only one counts unless the head says so."""
    cells = _cells(row, separator)
    if separator == "\t" and len(cells) != columns and not all(cells):
        return [cell for cell in cells if cell]
    return cells


def _head(row: str, separator: str) -> list[str]:
    """Names of columns in a comment, if it looks like that; else nothing."""
    cells = [cell for cell in _cells(row, separator) if cell]
    return cells if len(cells) > 2 and any(_is_score(cell) for cell in cells) else []


def _columns(
    path: Path, head: Sequence[str], rows: Sequence[tuple[int, list[str]]]
) -> tuple[int, int, int]:
    """Where the two words and the score stand: as the head names them, else by what they hold."""
    one, two = (
        next((at for at, name in enumerate(head) if heads.fullmatch(_plain(name))), None)
        for heads in WORD_HEADS
    )
    if one is None or two is None:
        one, two = 0, 1
    for wanted in SCORE_HEADS:
        for at, name in enumerate(head):
            if _plain(name) == wanted and at not in (one, two):
                return one, two, at
    width = min(len(cells) for _, cells in rows)
    for at in range(width):
        if at not in (one, two) and all(_number(cells[at]) is not None for _, cells in rows):
            return one, two, at
    return one, two, _likeliest(path, one, two, rows)


def _likeliest(path: Path, one: int, two: int, rows: Sequence[tuple[int, list[str]]]) -> int:
    """The column that mostly holds numbers, so that the lines which do not can be named."""
    widest = max(len(cells) for _, cells in rows)
    counts = {
        at: sum(len(cells) > at and _number(cells[at]) is not None for _, cells in rows)
        for at in range(widest)
        if at not in (one, two)
    }
    best = max(counts, key=lambda at: counts[at], default=None)
    if best is None or not counts[best]:
        number, cells = rows[0]
        raise UnreadableFile(
            f"{path.name} has no column of numbers; line {number} is “{_short(' '.join(cells))}”.",
            hint="Similarity files have two words and a number a line, analogy files four words.",
        )
    return best


def _is_score(name: str) -> bool:
    return _plain(name) in SCORE_HEADS


def _plain(name: str) -> str:
    return name.strip().strip("#\"'").replace(" ", "").replace("_", "").lower()


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _short(row: str) -> str:
    row = " ".join(row.split())
    return row if len(row) <= SHOWN else row[: SHOWN - 1] + "…"
