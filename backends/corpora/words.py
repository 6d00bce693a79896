"""Word vectors: GloVe, word2vec (text and binary) and fastText's .vec.

A line is a word and d numbers; a first line "n d" is a header. Words may hold spaces.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from backends.corpora import formats
from backends.corpora.source import HEAD_ROWS, Source, from_table
from backends.corpora.vectors import Blocks
from backends.errors import UnusableVectors
from backends.reporting import SILENT, Report
from backends.wording import counted, either

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_BYTES = 1 << 22
_HEADER = re.compile(rb"\s*(\d+)[ \t]+(\d+)\s*")


class _Collected:
    """Words and blocks of vectors as they come, and what was wrong with some."""

    def __init__(self) -> None:
        self.count = 0
        self.words: list[pa.Array] = []  # small blocks: a long list would stop everything else
        self.blocks: list[NDArray[np.float32]] = []
        self.bad = 0
        self.first_bad = 0
        self.cut = False  # the last entry is incomplete
        self.promised: int | None = None

    def add(self, words: list[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep some words and their (b, d) vectors."""
        import pyarrow as pa

        texts = [word.decode("utf-8", "replace") for word in words]
        self.words.append(pa.array(texts, pa.large_string()))
        self.blocks.append(vectors)
        self.count += len(words)


def open_words(path: Path, report: Report = SILENT, *, head_only: bool = False) -> Source:
    """Read word vectors written as text; `head_only` reads the first megabytes of them.

    Raises: UnreadableFile, UnusableVectors if no line has numbers.
    """
    found = _Collected()
    size, _ = formats.signature(path)
    with formats.naming_unreadable(path), path.open("rb") as file:
        first = file.readline(1 << 20)
        header = _HEADER.fullmatch(first)
        if header:
            found.promised, dim = int(header.group(1)), int(header.group(2))
        else:
            file.seek(0)
            dim = _dimension(path, formats.read_head(path))
        line = 2 if header else 1
        for lines, complete in _line_blocks(file):
            report.step(min(file.tell(), size), size, f"Reading {path.name}")
            _parse_lines(lines, dim, line, complete, found)
            line += len(lines)
            if head_only and line > HEAD_ROWS:
                return _first_words(path, found, dim)
    return _as_source(path, found, dim)


def _dimension(path: Path, head: bytes) -> int:
    """How many numbers most of the first lines end with."""
    counts: Counter[int] = Counter()
    for line in head.split(b"\n")[:50]:
        number = 0
        for part in reversed(line.split()[1:]):
            if not _is_number(part):
                break
            number += 1
        counts[number] += 1
    common = max(counts, key=lambda number: (number > 0, counts[number]), default=0)
    if common == 0:
        raise UnusableVectors(
            f"{path.name} has no lines of a word and its numbers.",
            hint="Word vectors are a line a word: the word, then its numbers, with spaces between.",
        )
    return common


def _is_number(part: bytes) -> bool:
    try:
        float(part)
    except ValueError:
        return False
    return True


def _line_blocks(file: BinaryIO) -> Iterator[tuple[list[bytes], bool]]:
    """Blocks of whole lines; False with the one whose last line has no end."""
    rest = b""
    while block := file.read(BLOCK_BYTES):
        lines = (rest + block.replace(b"\t", b" ")).split(b"\n")
        rest = lines.pop()
        if lines:
            yield lines, True
    if rest:
        yield [rest], False


def _parse_lines(
    lines: list[bytes], dim: int, line: int, complete: bool, found: _Collected
) -> None:
    """All numbers of a block at once; line by line only where their count is not right."""
    words, tails = [], []
    for text in lines:
        word, _, tail = text.rstrip().partition(b" ")
        words.append(word)
        tails.append(tail)
    if all(tail.count(b" ") == dim - 1 for tail in tails):
        values = _numbers(b" ".join(tails))
        if len(values) == len(lines) * dim:
            found.add(words, values.reshape(len(lines), dim))
            return
    words, vectors = [], []
    for place, text in enumerate(lines):
        entry = _parse_line(text, dim, line + place, found, last=not complete)
        if entry is not None:
            words.append(entry[0])
            vectors.append(entry[1])
    if words:
        found.add(words, np.stack(vectors))


def _numbers(text: bytes) -> NDArray[np.float32]:
    """All numbers of a text, or none where anything else stands in it."""
    none = np.empty(0, np.float32)
    if text.translate(None, b"0123456789+-.eE "):
        return none
    try:
        return np.fromstring(text, dtype=np.float32, sep=" ")
    except DeprecationWarning:  # "1-2", where warnings are errors
        return none


def _parse_line(
    text: bytes, dim: int, line: int, found: _Collected, *, last: bool
) -> tuple[bytes, NDArray[np.float32]] | None:
    """A word and its vector; None, and counted, where a line has none."""
    if not text.strip():
        return None
    parts = text.split()
    try:
        values = np.array(parts[-dim:], dtype=np.float32) if len(parts) > dim else None
    except ValueError:
        values = None
    if values is None:
        found.cut = found.cut or last
        if not last:
            found.bad += 1
            found.first_bad = found.first_bad or line
        return None
    return b" ".join(parts[:-dim]), values


def open_word2vec(path: Path, report: Report = SILENT, *, head_only: bool = False) -> Source:
    """Read word2vec's binary file: "n d", then a word, a space and d float32 each time.

    Raises: UnreadableFile, UnusableVectors.
    """
    found = _Collected()
    size, _ = formats.signature(path)
    with formats.naming_unreadable(path), path.open("rb") as file:
        header = _HEADER.fullmatch(file.readline(1 << 10))
        if not header or int(header.group(2)) == 0:
            raise UnusableVectors(
                f"{path.name} is no word2vec file: it does not begin with two numbers.",
                hint="Only word2vec's own .bin can be read; of fastText take the .vec.",
            )
        found.promised, dim = int(header.group(1)), int(header.group(2))
        data = b""
        while block := file.read(BLOCK_BYTES):
            report.step(file.tell(), size, f"Reading {path.name}")
            data = _take_entries(data + block, dim, found)
            if head_only and found.count > HEAD_ROWS:
                return _first_words(path, found, dim)
    found.cut = bool(data.strip())
    return _as_source(path, found, dim)


def _take_entries(data: bytes, dim: int, found: _Collected) -> bytes:
    """Collect the whole entries at the start of `data` and return the rest."""
    width, start = 4 * dim, 0
    words: list[bytes] = []
    vectors: list[bytes] = []
    assert found.promised is not None
    while found.count + len(words) < found.promised:
        space = data.find(b" ", start)
        if space < 0 or space + 1 + width > len(data):
            break
        words.append(data[start:space].lstrip(b"\n"))
        vectors.append(data[space + 1 : space + 1 + width])
        start = space + 1 + width
    if vectors:
        found.add(words, np.frombuffer(b"".join(vectors), "<f4").reshape(-1, dim))
    return data[start:]


def _first_words(path: Path, found: _Collected, dim: int) -> Source:
    """What is there so far; nothing can be said of the whole."""
    found.promised, found.cut = None, False
    source = _as_source(path, found, dim)
    source.total, source.notes = None, []
    return source


def _as_source(path: Path, found: _Collected, dim: int) -> Source:
    import pyarrow as pa
    import pyarrow.compute as pc

    n = found.count
    if n == 0:
        raise UnusableVectors(
            f"{path.name} has no complete vector.", hint="Copy or download it again."
        )
    notes = []
    if found.bad:
        notes.append(
            f"{counted(found.bad, 'line does', 'lines do')} not have {counted(dim, 'number')} and "
            f"{either(found.bad, 'was', 'were')} left out "
            f"({either(found.bad, 'it', 'the first')} is line {found.first_bad:,})."
        )
    if found.cut:
        notes.append("The last entry is cut off and was left out.")
    if found.promised is not None and found.promised != n:
        promised = counted(found.promised, "vector")
        notes.append(f"The first line promises {promised}; there {either(n, 'is', 'are')} {n:,}.")
    words = pa.chunked_array(found.words)
    twice = n - pc.count_distinct(words).as_py()
    if twice:
        words_come = counted(twice, "word comes", "words come")
        notes.append(f"{words_come} more than once; all were kept.")
    blocks = found.blocks
    table = pa.table({"word": words})
    return from_table(path.name, table, matrix=Blocks((n, dim), lambda: iter(blocks)), notes=notes)
