import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.arrays import frozen
from backends.curate.naming import Names, NamingRequest, is_same_word, name_regions
from backends.curate.regions import Region, Regions
from backends.curate.word_scores import score_parts, score_words
from tests.builders import corpus

SUBJECTS = {
    0: "tide salt harbour",
    1: "tide salt trawler",
    2: "piano chord melody",
    3: "orchard blossom cider",
}


def regions_of(deepest: list[int], parents: list[int]) -> Regions:
    """Regions with these parents; only what names depend on is true of them."""
    levels: list[int] = []
    for parent in parents:
        levels.append(levels[parent] + 1 if parent >= 0 else 0)
    codes = frozen(np.array(deepest, np.int32))
    empty = Regions(
        tuple(Region(level, p, (0, 0), (0, 0), (0, 0, 0, 0), 0) for level, p in
              zip(levels, parents, strict=True)), codes, max(levels) + 1,
    )  # fmt: skip
    return Regions(
        tuple(
            Region(r.level, r.parent, (float(i), 0), (0, 0), (0, 0, 0, 0), len(empty.rows(i)))
            for i, r in enumerate(empty.all)
        ),
        codes,
        empty.levels,
    )


def named(texts: list[str], deepest: list[int], parents: list[int], **more: object) -> Names:
    table = corpus(columns={"text": texts})
    layout = np.zeros((len(texts), 2), np.float32)
    request = NamingRequest(table, regions_of(deepest, parents), layout, "text", **more)  # type: ignore[arg-type]
    return name_regions(request)


def shore(sizes: int = 30, extra: str = "") -> tuple[list[str], list[int], list[int]]:
    """Region 0 is the sea with parts 3 and 4, region 1 music, region 2 fruit."""
    texts, deepest = [], []
    for subject, region in ((0, 3), (1, 4), (2, 1), (3, 2)):
        for i in range(sizes):
            words = SUBJECTS[subject].split()
            texts.append(f"the {words[i % 3]} of the {words[(i + 1) % 3]} {extra} {i}")
            deepest.append(region)
    return texts, deepest, [-1, -1, -1, 0, 0]


def test_a_region_is_named_by_its_words_and_a_part_by_what_sets_it_apart() -> None:
    names = named(*shore())
    assert names.made_of == "words"
    assert set(names.parts[0][:2]) == {"tide", "salt"}
    assert set(names.parts[1]) == set(SUBJECTS[2].split())
    assert set(names.parts[2]) == set(SUBJECTS[3].split())
    assert names.parts[3:] == (("harbour",), ("trawler",))


def test_scores_are_those_of_the_formula() -> None:
    rng = np.random.default_rng(0)
    sizes = [20, 30, 25]
    texts = [rng.integers(0, 12, rng.integers(1, 9)) for _ in range(sum(sizes))]
    words = np.concatenate(texts).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum([len(text) for text in texts])])
    ends = np.cumsum(sizes)
    inner = np.stack([ends - sizes, ends], axis=1)
    usable = np.ones(12, bool)
    usable[4] = False
    best, scores = score_words(words, starts, np.array([0, ends[-1]]), inner, usable)
    everything = Counter(words.tolist())
    average = len(words) / 3
    for c, (first, stop) in enumerate(inner):
        inside = Counter(int(w) for text in texts[first:stop] for w in text)
        said_by = Counter(int(w) for text in texts[first:stop] for w in set(text.tolist()))
        expected = {
            w: k / inside.total() * math.log(1 + average / everything[w])
            for w, k in inside.items()
            if said_by[w] >= 2 and w != 4
        }
        found = {int(w): s for w, s in zip(best[c], scores[c], strict=True) if w >= 0}
        assert found == pytest.approx(expected)
        assert list(scores[c]) == sorted(scores[c], reverse=True)
        outer = {
            w: (k / inside.total() - (everything[w] - k) / (len(words) - inside.total()))
            * math.log(1 + average / everything[w])
            for w, k in inside.items()
            if w in expected
        }
        parts, values = score_parts(words, starts, np.array([0, ends[-1]]), inner, usable)
        excess = {int(w): s for w, s in zip(parts[c], values[c], strict=True) if w >= 0}
        assert excess == pytest.approx({w: s for w, s in outer.items() if s > 0})


def test_stop_words_of_any_language_name_nothing() -> None:
    words = {word for parts in named(*shore(extra="und nicht")).parts for word in parts}
    assert not words & {"the", "of", "und", "nicht"}
    assert "tide" in words


def test_a_word_of_one_text_alone_names_nothing() -> None:
    texts, deepest, parents = shore()
    texts[0] = "unique " * 50
    assert "unique" not in {
        word for parts in named(texts, deepest, parents).parts for word in parts
    }


def test_a_word_and_its_plural_are_one() -> None:
    texts, deepest, parents = shore()
    for i in range(60, 90):
        texts[i] = "pianos chords" if i % 3 else "piano chord"
    names = named(texts, deepest, parents)
    assert sorted(names.parts[1]) == ["chords", "pianos"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("tide", "tide", True),
        ("flower", "flowers", True),
        ("botany", "botanist", True),
        ("biology", "biological", True),
        ("state", "statue", True),
        ("sea", "seal", False),
        ("harbour", "harvest", False),
    ],
)
def test_forms_of_one_word(one: str, other: str, same: bool) -> None:
    assert is_same_word(one, other) == is_same_word(other, one) == same


@given(st.lists(st.text("abst", min_size=1, max_size=8), min_size=2, max_size=40))
def test_no_word_is_said_twice(words: list[str]) -> None:
    texts = [f"{a} {b} {a} kelp" for a, b in zip(words, words[1:] + words[:1], strict=True)] * 2
    names = named(texts, [i % 2 for i in range(len(texts))], [-1, -1])
    for parts in names.parts:
        assert not any(is_same_word(a, b) for i, a in enumerate(parts) for b in parts[:i])


def test_an_only_part_that_is_the_same_thing_is_called_the_same() -> None:
    texts, deepest, parents = shore()
    deepest = [5 if region == 1 else region for region in deepest]
    names = named(texts, deepest, [*parents, 1])
    assert names.parts[5] == names.parts[1] != ()


def test_of_very_many_texts_a_fair_sample_is_read_and_said_so() -> None:
    texts, deepest, parents = shore(1_000)
    names = named(texts, deepest, parents, most_texts=1_000)
    assert set(names.parts[1]) == set(SUBJECTS[2].split())
    assert names.notes[0].startswith("Names are from 1,000 of 4,000 texts")
    assert not named(texts, deepest, parents).notes


def test_single_words_are_named_by_the_most_central_of_them() -> None:
    texts = ["centre", "near", "middle", "far", "Centre", "away", "beyond", "kelp"]
    vectors = np.array(
        [[1, 0], [1, 0.1], [1, -0.1], [1, 2], [1, 0.01], [1, -2], [0, 1], [0, -1]], np.float32
    )
    names = named(texts, [0] * 6 + [1, 1], [-1, -1], vectors=vectors)
    assert names.made_of == "items"
    assert names.text(0) == "centre, near, middle"


def test_without_vectors_the_middle_of_the_picture_counts() -> None:
    table = corpus(columns={"word": ["far", "peak", "close"]})
    layout = np.array([[9, 0], [0, 0], [1, 0]], np.float32)
    request = NamingRequest(table, regions_of([0, 0, 0], [-1]), layout, None, "word")
    assert name_regions(request).text(0) == "peak, close, far"


def test_what_has_neither_text_nor_label_is_numbered() -> None:
    request = NamingRequest(corpus(2), regions_of([0, 1], [-1, -1]), np.zeros((2, 2), np.float32))
    names = name_regions(request)
    assert [names.text(i) for i in range(2)] == ["Cluster 1", "Cluster 2"]
