"""Make the sample corpus from WordNet 3.0 as Debian's package wordnet-base installs it.

Which definitions are drawn is decided by a hash of their id, so the same file comes out with every
version of Python. The rows are in the order of that hash: any first part of the file is a fair
sample.

    python resources/samples/build_wordnet.py [--source /usr/share/wordnet] [--out FILE.csv]
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

SOURCE = Path("/usr/share/wordnet")
TARGET = Path(__file__).with_name("wordnet.csv")
ROWS = 10_000
LEAST = 30  # of each category that has so many
SEED = "embedscope sample 1"
FILES = ("noun", "verb", "adj", "adv")
COLUMNS = ("id", "lemma", "words", "definition", "category", "part_of_speech", "hypernym")
PARTS = {"n": "noun", "v": "verb", "a": "adjective", "s": "adjective", "r": "adverb"}
# Lexicographer files in the order of their numbers, as lexnames(5WN) lists them.
CATEGORIES = (
    *("adj.all", "adj.pert", "adv.all", "noun.Tops", "noun.act", "noun.animal", "noun.artifact"),
    *("noun.attribute", "noun.body", "noun.cognition", "noun.communication", "noun.event"),
    *("noun.feeling", "noun.food", "noun.group", "noun.location", "noun.motive", "noun.object"),
    *("noun.person", "noun.phenomenon", "noun.plant", "noun.possession", "noun.process"),
    *("noun.quantity", "noun.relation", "noun.shape", "noun.state", "noun.substance", "noun.time"),
    *("verb.body", "verb.change", "verb.cognition", "verb.communication", "verb.competition"),
    *("verb.consumption", "verb.contact", "verb.creation", "verb.emotion", "verb.motion"),
    *("verb.perception", "verb.possession", "verb.social", "verb.stative", "verb.weather"),
    "adj.ppl",
)


@dataclass(frozen=True, slots=True)
class Synset:
    """One meaning; `hypernym` is the id of the first more general one, its lemma once resolved."""

    id: str  # offset in WordNet's data file and the letter of its type, as 02084071-n
    words: tuple[str, ...]
    definition: str
    category: str
    part_of_speech: str
    hypernym: str

    @property
    def lemma(self) -> str:
        """The word that WordNet puts first."""
        return self.words[0]

    def row(self) -> tuple[str, ...]:
        """Values in the order of `COLUMNS`."""
        words = "; ".join(self.words)
        kind = (self.category, self.part_of_speech)
        return (self.id, self.lemma, words, self.definition, *kind, self.hypernym)


def parse_line(line: str) -> Synset:
    """Read one line of a data file.

    Reference: wndb(5WN), "Data File Format".
    """
    data, gloss = line.split(" | ", 1)
    fields = data.split()
    offset, category, kind = fields[0], CATEGORIES[int(fields[1])], fields[2]
    count = int(fields[3], 16)  # the only hexadecimal count of the line
    words = tuple(_spelling(word) for word in fields[4 : 4 + 2 * count : 2])
    start = 5 + 2 * count
    pointers = fields[start : start + 4 * int(fields[start - 1])]
    general = (
        f"{target}-{letter}"
        for symbol, target, letter in zip(
            pointers[::4], pointers[1::4], pointers[2::4], strict=True
        )
        if symbol in ("@", "@i")  # a kind of, an instance of
    )
    hypernym = next(general, "")
    return Synset(f"{offset}-{kind}", words, _definition(gloss), category, PARTS[kind], hypernym)


def _spelling(word: str) -> str:
    """A word as it is written: no underscores, no marker of where an adjective may stand."""
    return re.sub(r"\((a|p|ip)\)$", "", word).replace("_", " ")


def _definition(gloss: str) -> str:
    """The gloss up to its first example, which stands in quotation marks."""
    text = re.split(r'[;:,]\s*"', gloss, maxsplit=1)[0]
    return re.sub(r"[\s;:,]*(\be\.g\.)?[\s;:,]*$", "", text).lstrip()


def read_wordnet(source: Path) -> list[Synset]:
    """All synsets in the order of the files, each hypernym replaced by its lemma.

    Raises: OSError.
    """
    synsets: list[Synset] = []
    for name in FILES:
        with (source / f"data.{name}").open(encoding="ascii") as lines:
            # The licence at the head of each file is indented by two spaces.
            synsets += [parse_line(line) for line in lines if not line.startswith("  ")]
    lemmas = {synset.id: synset.lemma for synset in synsets} | {"": ""}
    return [replace(synset, hypernym=lemmas[synset.hypernym]) for synset in synsets]


def shares(sizes: Mapping[str, int], rows: int = ROWS, least: int = LEAST) -> dict[str, int]:
    """How many of each category: in proportion, but at least `least` where there are so many.

    Categories whose share is under `least` get that; the others divide the rest by the largest
    remainder.
    """
    small: dict[str, int] = {}
    while True:
        large = {name: size for name, size in sizes.items() if name not in small}
        left, total = rows - sum(small.values()), sum(large.values())
        found = {
            name: min(least, size) for name, size in large.items() if left * size < least * total
        }
        if not found:
            break
        small |= found
    parts = {name: left * size // total for name, size in large.items()}
    by_remainder = sorted(large, key=lambda name: (-(left * large[name] % total), name))
    for name in by_remainder[: left - sum(parts.values())]:
        parts[name] += 1
    return small | parts


def draw(synsets: Iterable[Synset], rows: int = ROWS) -> list[Synset]:
    """The sample, in the order of a hash that has nothing to do with the content."""
    shuffled = sorted(synsets, key=lambda synset: (_lot(synset.id), synset.id))
    left = shares(Counter(synset.category for synset in shuffled), rows)
    return list(_first_of_each(shuffled, left))


def _first_of_each(synsets: Iterable[Synset], left: dict[str, int]) -> Iterator[Synset]:
    for synset in synsets:
        if left[synset.category] > 0:
            left[synset.category] -= 1
            yield synset


def _lot(name: str) -> bytes:
    return hashlib.blake2b(f"{SEED}:{name}".encode(), digest_size=8).digest()


def write_csv(synsets: Iterable[Synset], path: Path) -> None:
    """Write the table, with the same bytes on every system.

    Raises: OSError.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(synset.row() for synset in synsets)


def main() -> int:
    """Build the file; return the exit code."""
    parser = argparse.ArgumentParser(description="Make the sample corpus from WordNet 3.0.")
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder of WordNet's data.*")
    parser.add_argument("--out", type=Path, default=TARGET, help="file to write")
    words = parser.parse_args()
    try:
        write_csv(draw(read_wordnet(words.source)), words.out)
    except OSError as error:
        sys.stderr.write(f"error: {error}\nhint: apt-get install wordnet-base\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
