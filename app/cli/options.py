"""Options that several commands share. Importing this imports nothing but argparse."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

FILES = "csv, tsv, jsonl, json, parquet, arrow, xlsx, txt, md, npy, npz, safetensors, word vectors"


def add_files(parser: argparse.ArgumentParser, name: str = "FILE") -> None:
    """What is read."""
    parser.add_argument("files", nargs="+", type=Path, metavar=name, help=f"{FILES}; a folder")
    parser.add_argument(
        "--split", choices=("line", "paragraph", "file"), help="what an item of a text file is"
    )


def add_columns(parser: argparse.ArgumentParser) -> None:
    """Which column is the text, or has the vectors."""
    column = parser.add_mutually_exclusive_group()
    column.add_argument("--text", metavar="COL", help="column with the text")
    column.add_argument("--vectors", metavar="COL", help="column with finished vectors")


def add_encoder(parser: argparse.ArgumentParser) -> None:
    """What turns texts into vectors."""
    parser.add_argument(
        "--encoder", metavar="ID", help="minilm, lexical, a folder, a name in the local hub cache"
    )


def add_method(parser: argparse.ArgumentParser) -> None:
    """How a layout is made."""
    parser.add_argument(
        "--method", metavar="ID", default="umap", help="umap (default), umap-learn, pca, ..."
    )
    parser.add_argument("--neighbours", type=positive, metavar="K", help="default: 15")
    parser.add_argument("--min-distance", type=float, metavar="D", help="default: 0.1")
    parser.add_argument("--epochs", type=positive, metavar="E", help="default: by size")
    parser.add_argument("--dimensions", type=int, choices=(2, 3), help="of the layout (default: 2)")


def add_out(parser: argparse.ArgumentParser, kind: Any, name: str) -> None:
    """Where the result goes."""
    parser.add_argument("--out", type=kind, metavar=name, required=True, help="what to write")
    parser.add_argument("--force", action="store_true", help="replace what is there")


def npy(word: str) -> Path:
    """A path that ends in .npy."""
    if not word.endswith(".npy"):
        raise argparse.ArgumentTypeError(f"{word} does not end in .npy")
    return Path(word)


def positive(word: str) -> int:
    """A whole number of 1 or more."""
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{word} is not 1 or more")
    return number


def share(word: str) -> float:
    """A part of a whole: more than 0, less than 1."""
    number = float(word)
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{word} does not lie between 0 and 1")
    return number


def strictness(word: str) -> float:
    """An exponent of cosines: 0 or more."""
    number = float(word)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{word} is not a number of 0 or more")
    return number


def numbers(word: str) -> tuple[int, ...]:
    """Whole numbers between commas."""
    return tuple(positive(part) for part in word.split(","))


def pairs(word: str) -> tuple[tuple[int, int], ...]:
    """Layer and dimensions, as 2:32, between commas."""
    both = [part.split(":") for part in word.split(",")]
    return tuple((int(layer), positive(dims)) for layer, dims in both)


def seed(word: str) -> int:
    """A number that random generators take."""
    number = int(word)
    if not 0 <= number < 1 << 32:
        raise argparse.ArgumentTypeError(f"{word} is not in 0..4294967295")
    return number
