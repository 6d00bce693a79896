"""The sample corpus: 10,000 WordNet definitions, drawn in proportion, and made by its script."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources import SAMPLE
from resources.samples import build_wordnet as build

# Of Debian's wordnet-base 1:3.0-37, in the order of CATEGORIES.
SIZES = dict(
    zip(
        build.CATEGORIES,
        (
            *(14435, 3661, 3621, 51, 6650, 7509, 11587, 3039, 2016, 2964, 5607, 1074, 428, 2573),
            *(2624, 3209, 42, 1545, 11087, 641, 8030, 1061, 770, 1275, 437, 341, 3544, 2983, 1028),
            *(547, 2383, 695, 1548, 459, 243, 2196, 694, 343, 1408, 461, 847, 1106, 756, 81, 60),
        ),
        strict=True,
    )
)
DOG = (
    "02084071 05 n 03 dog 0 domestic_dog 0 Canis_familiaris 0 005 @ 02083346 n 0000 "
    "@ 01317541 n 0000 #m 02083863 n 0000 %p 02158846 n 0000 ~ 01322604 n 0000 | a member of the "
    "genus Canis (probably descended from the common wolf) that has been domesticated by man since "
    'prehistoric times; occurs in many breeds; "the dog barked all night"  \n'
)
installed = pytest.mark.skipif(
    not (build.SOURCE / "data.noun").is_file(), reason="Debian's wordnet-base is not installed"
)


def rows() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_sample_has_ten_thousand_complete_rows() -> None:
    sample = rows()
    assert len(sample) == len({row["id"] for row in sample}) == 10_000
    assert tuple(sample[0]) == build.COLUMNS
    for column in ("lemma", "words", "definition", "category", "part_of_speech"):
        assert all(row[column].strip() == row[column] != "" for row in sample)
    assert all(row["words"].split("; ")[0] == row["lemma"] for row in sample)


def test_categories_are_in_proportion_with_thirty_at_least() -> None:
    counts = Counter(row["category"] for row in rows())
    assert set(counts) == set(SIZES)
    assert len(counts) == 45
    assert min(counts.values()) == 30
    # What the small ones get on top is missing from the large ones, in proportion.
    large = {name: SIZES[name] for name, count in counts.items() if count > 30}
    scale = (10_000 - 30 * (45 - len(large))) / sum(large.values())
    assert all(abs(counts[name] - size * scale) < 1 for name, size in large.items())
    assert all(SIZES[name] * scale <= 30.5 for name in SIZES if name not in large)


def test_first_thousand_rows_are_a_fair_sample_too() -> None:
    counts = Counter(row["part_of_speech"] for row in rows()[:1000])
    whole = Counter(row["part_of_speech"] for row in rows())
    for part, count in whole.items():
        assert abs(counts[part] - count / 10) < 4 * (count / 10) ** 0.5


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "02505238-n",
            ("columbian mammoth", "a variety of mammoth", "noun.animal", "noun", "mammoth"),
        ),
        (
            "01927229-v",
            ("run bases", "run around the bases, in baseball", "verb.motion", "verb", "run"),
        ),
        (
            "02208853-s",
            (
                *("seventy-fifth", "the ordinal number of seventy-five in counting order"),
                *("adj.all", "adjective", ""),
            ),
        ),
        (
            "10967872-n",
            (
                "Fawkes",
                "English conspirator who was executed for his role in a plot to blow up James I "
                "and the Houses of Parliament (1570-1606)",
                *("noun.person", "noun", "conspirator"),
            ),
        ),
    ],
)
def test_known_synsets(name: str, expected: tuple[str, ...]) -> None:
    row = next(row for row in rows() if row["id"] == name)
    columns = ("lemma", "definition", "category", "part_of_speech", "hypernym")
    assert tuple(row[column] for column in columns) == expected


def test_a_line_is_read_as_wndb_describes_it() -> None:
    dog = build.parse_line(DOG)
    assert dog.row() == (
        *("02084071-n", "dog", "dog; domestic dog; Canis familiaris"),
        "a member of the genus Canis (probably descended from the common wolf) that has been "
        "domesticated by man since prehistoric times; occurs in many breeds",
        *("noun.animal", "noun", "02083346-n"),
    )


@pytest.mark.parametrize(
    ("gloss", "definition"),
    [
        ('expel gas; "It is polite"; "he belched"', "expel gas"),
        ('move with force, "He pushed the table"', "move with force"),
        ('reach a goal, e.g., "make the first team"', "reach a goal"),
        ('a demand in the phrase "the call of duty"', 'a demand in the phrase "the call of duty"'),
        ("make a fuss; be agitated  \n", "make a fuss; be agitated"),
    ],
)
def test_examples_are_cut_off(gloss: str, definition: str) -> None:
    data = "00000001 29 v 01 act 0 000 01 + 02 00 | "
    assert build.parse_line(data + gloss).definition == definition


def test_markers_of_adjectives_are_taken_off() -> None:
    line = "00014358 00 s 02 galore(ip) 0 in_store(p) 0 001 & 00013887 a 0000 | in great numbers"
    assert build.parse_line(line).words == ("galore", "in store")


@given(st.dictionaries(st.text(max_size=2), st.integers(1, 3000), min_size=1, max_size=12))
def test_shares_fill_the_sample(sizes: dict[str, int]) -> None:
    total = sum(sizes.values())
    rows_wanted = min(total, max(200, total // 7))
    least = min(5, rows_wanted // len(sizes))
    shares = build.shares(sizes, rows_wanted, least)
    assert sum(shares.values()) == rows_wanted
    for name, size in sizes.items():
        assert min(least, size) <= shares[name] <= size


@installed
def test_wordnet_has_the_sizes_and_the_dog() -> None:
    synsets = build.read_wordnet(build.SOURCE)
    assert Counter(synset.category for synset in synsets) == SIZES
    dog = next(synset for synset in synsets if synset.id == "02084071-n")
    assert dog.lemma == "dog"
    assert dog.hypernym in ("canine", "domestic animal")


@installed
def test_script_makes_the_committed_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "wordnet.csv"
    monkeypatch.setattr("sys.argv", ["build_wordnet.py", "--out", str(made)])
    assert build.main() == 0
    assert made.read_bytes() == SAMPLE.read_bytes()


def test_without_wordnet_the_script_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "never.csv"
    monkeypatch.setattr("sys.argv", ["x", "--source", str(tmp_path), "--out", str(out)])
    assert build.main() == 1
    assert "apt-get install wordnet-base" in capsys.readouterr().err
    assert not out.exists()


def test_licence_and_source_lie_beside_the_sample() -> None:
    folder = SAMPLE.parent
    licence = (folder / "WORDNET-LICENSE.txt").read_text(encoding="utf-8")
    assert "WordNet 3.0 Copyright 2006 by Princeton University.  All rights reserved." in licence
    assert "LICENSEE agrees to preserve same" in licence
    assert "wordnet-base" in (folder / "SOURCES.md").read_text(encoding="utf-8")
