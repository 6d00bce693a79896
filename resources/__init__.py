"""Files that belong to the program: the sample corpus, icons, style; found beside this module."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
SAMPLE = FOLDER / "samples" / "wordnet.csv"  # made by samples/build_wordnet.py
