"""Texts without columns: one item a line, a paragraph or a file."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from backends.corpora import formats
from backends.corpora.source import HEAD_ROWS, Source
from backends.errors import UnreadableFile
from backends.reporting import SILENT, Report
from backends.wording import either

if TYPE_CHECKING:
    import pyarrow as pa

Split = Literal["line", "paragraph", "file"]
BATCH_ITEMS = 20_000

_Item = tuple[str, str, int]  # text, file, number


def open_documents(
    paths: Sequence[Path], title: str, split: Split | None, root: Path | None = None
) -> Source:
    """Look at texts. Without `split` several files are an item each, and one is cut by a guess.

    The columns are text, file (relative to `root`) and the number of the line or paragraph that an
    item begins in, both counted from 1.

    Raises: UnreadableFile.
    """
    import pyarrow as pa

    chosen: Split = split or ("file" if len(paths) > 1 else _guess_split(paths[0]))
    notes: list[str] = []
    names = {path: str(path.relative_to(root)) if root else path.name for path in paths}
    head = list(itertools.islice(_items(paths, names, chosen, [], SILENT), HEAD_ROWS + 1))
    if not head:
        raise UnreadableFile(
            f"{title} has no text in it.", hint="Choose a file that has at least one line."
        )

    def batches(report: Report) -> Iterator[pa.RecordBatch]:
        items = _items(paths, names, chosen, notes, report)
        while block := list(itertools.islice(items, BATCH_ITEMS)):
            yield _batch(block, chosen)

    return Source(
        title,
        pa.Table.from_batches([_batch(head[:HEAD_ROWS], chosen)]),
        batches,
        total=len(head) if len(head) <= HEAD_ROWS else None,
        notes=notes,
        split_matters=split is None and len(paths) == 1 and _several_lines(paths[0]),
    )


def _batch(items: Sequence[_Item], split: Split) -> pa.RecordBatch:
    import pyarrow as pa

    columns = {
        "text": pa.array([text for text, _, _ in items], pa.large_string()),
        "file": pa.array([file for _, file, _ in items], pa.large_string()),
    }
    if split != "file":
        columns[split] = pa.array([number for _, _, number in items], pa.int64())
    return pa.RecordBatch.from_pydict(columns)


def _items(
    paths: Sequence[Path],
    names: dict[Path, str],
    split: Split,
    notes: list[str],
    report: Report,
) -> Iterator[_Item]:
    skipped = []
    for place, path in enumerate(paths):
        report.step(place, len(paths), f"Reading {path.name}")
        size, _ = formats.signature(path)
        if len(paths) > 1 and formats.is_binary(formats.read_head(path)):
            skipped.append(names[path])
            continue
        span = report.span(place / len(paths), (place + 1) / len(paths))
        with formats.naming_unreadable(path):
            encoding, broken = formats.text_encoding(path)
            _say_encoding(path, encoding, notes, broken=broken)
            lines = _lines(path, encoding, size, span)
            for text, number in _CUTS[split](lines):
                yield text, names[path], number
    if skipped:
        shown = ", ".join(skipped[:3]) + (", ..." if len(skipped) > 3 else "")
        are = either(len(skipped), "file is no text and was", "files are no text and were")
        notes.append(f"{len(skipped):,} {are} left out: {shown}.")


def _lines(path: Path, encoding: str, size: int, report: Report) -> Iterator[str]:
    done = 0
    with path.open(encoding=encoding, errors="replace") as file:
        for count, line in enumerate(file):
            if count % 5_000 == 0:
                report.step(min(done, size), size, f"Reading {path.name}")
            done += len(line)
            yield line.rstrip("\n")


def _by_line(lines: Iterator[str]) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text:
            yield text, number


def _by_paragraph(lines: Iterator[str]) -> Iterator[tuple[str, int]]:
    number = 0
    for filled, group in itertools.groupby(lines, key=lambda line: bool(line.strip())):
        if filled:
            number += 1
            yield "\n".join(group).strip(), number


def _by_file(lines: Iterator[str]) -> Iterator[tuple[str, int]]:
    text = "\n".join(lines).strip()
    if text:
        yield text, 1


_CUTS = {"line": _by_line, "paragraph": _by_paragraph, "file": _by_file}


def _say_encoding(path: Path, encoding: str, notes: list[str], *, broken: bool) -> None:
    if encoding not in ("utf-8", "utf-8-sig"):
        note = f"{path.name} was read as {formats.encoding_title(encoding)}."
    elif broken:
        note = f"{path.name} has broken characters; they are shown as \ufffd."
    else:
        return
    if note not in notes and len(notes) < 20:
        notes.append(note)


def _head_lines(path: Path) -> str:
    head = formats.read_head(path)
    return head.decode(formats.guess_encoding(head), errors="replace").strip()


def _several_lines(path: Path) -> bool:
    return "\n" in _head_lines(path)


def _guess_split(path: Path) -> Split:
    """By paragraph where blank lines part groups of lines, or a headline stands in a .md."""
    text = _head_lines(path)
    groups = [group for group in re.split(r"\n\s*\n", text) if group.strip()]
    lines = [line for line in text.splitlines() if line.strip()]
    wrapped = len(groups) > 1 and len(lines) > 1.3 * len(groups)
    markdown = path.suffix.lower() in (".md", ".markdown") and len(groups) > 1
    return "paragraph" if wrapped or markdown else "line"
