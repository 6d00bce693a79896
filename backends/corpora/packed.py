"""Files packed with gzip: unpacked into the cache while they are read, or their head alone."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from backends.corpora import formats
from backends.errors import UnreadableFile
from backends.files import naming_failure
from backends.reporting import Report

MAGIC = b"\x1f\x8b"
BLOCK_BYTES = 1 << 20
HEAD_BYTES = 1 << 22
IN_PIECES = (".csv", ".tsv", ".tab", ".psv", ".jsonl", ".ndjson", ".txt", ".vec", ".glove", ".w2v")


def is_packed(path: Path) -> bool:
    """Whether a file begins as gzip does. Raises: UnreadableFile."""
    return formats.read_head(path, len(MAGIC)) == MAGIC


def unpack(
    path: Path, folder: Path, report: Report, *, head_only: bool = False
) -> tuple[Path, bool]:
    """Write what is in a file to a folder; return where it lies and whether it is all.

    `head_only` stops after some megabytes of lines, where the format can do with those.

    Raises: UnreadableFile if it is damaged, UnwritableFile, Cancelled.
    """
    size, _ = formats.signature(path)
    inner = folder / "unpacked" / (path.stem if path.suffix.lower() == ".gz" else path.name)
    some = head_only and inner.suffix.lower() in IN_PIECES
    with naming_failure(folder):
        inner.parent.mkdir(exist_ok=True)
        new = inner.open("wb")
    with new, formats.naming_unreadable(path), path.open("rb") as old:
        try:
            with gzip.open(old) as content:
                while block := content.read(BLOCK_BYTES):
                    report.step(old.tell(), size, f"Unpacking {path.name}")
                    if some and new.tell() + len(block) > HEAD_BYTES:
                        new.write(block[: block.rfind(b"\n") + 1])
                        return inner, False
                    with naming_failure(folder):
                        new.write(block)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UnreadableFile(
                f"{path.name} is damaged or cut off: it cannot be unpacked.",
                hint="Copy or download it again.",
            ) from error
    return inner, True
