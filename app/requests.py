"""What a person asks for when they start the program with a window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WindowRequest:
    """The words of the command line; nothing is opened or checked yet."""

    files: tuple[Path, ...] = ()  # none: the start page
    project: Path | None = None  # a *.embedscope folder
    text: str | None = None  # column with the text
    vectors: str | None = None  # column with finished vectors
    encoder: str | None = None  # registry id; None: as in the settings
    method: str | None = None  # of projection; None: as in the settings
    screenshot: Path | None = None  # save a picture of the finished window there and end
    sample: bool = False  # whether the one file is the sample corpus
