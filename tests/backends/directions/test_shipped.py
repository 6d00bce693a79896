"""The word sets that come with the application are whole, and as they were published."""

from __future__ import annotations

import json

import pytest

from backends.directions.shipped import FOLDER, shipped, sources
from backends.directions.terms import Vocabulary
from tests import builders, google_news

SIZES = {1: (25, 25), 2: (25, 25), 3: (50, 25), 4: (18, 25), 5: (18, 8), 6: (8, 8), 7: (8, 8)} | {
    8: (8, 8),
    9: (6, 7),
    10: (8, 8),
}
"""Terms of each target and each attribute set, Caliskan et al. 2017, with the rare names."""
GLOVE = (1.50, 1.53, 1.41, 1.50, 1.28, 1.81, 1.06, 1.24, 1.38, 1.21)
WORD2VEC = (1.54, 1.63, 0.58, 1.24, 0.72, 1.89, 0.97, 1.24, 1.30, -0.08)


def test_lists_of_gender_have_their_published_sizes() -> None:
    named = shipped().named
    assert len(named("Gender pairs")) == 10
    assert named("Gender pairs").pairs[0] == ("man", "woman")
    assert len(named("Gender equalise pairs")) == 52
    assert len(named("Gender-specific words (seed)")) == 218
    assert len(named("Gender-specific words (learnt)")) == 1441
    assert len(named("Professions")) == 320
    assert len(named("Occupations, % women")) == 40


def test_the_ten_tests_are_as_published() -> None:
    tests = shipped().tests
    assert [test.name.split(":")[0] for test in tests] == [f"WEAT {n}" for n in range(1, 11)]
    for number, test in enumerate(tests, 1):
        target, attribute = SIZES[number]
        assert {len(one) for one in test.targets} == {target}
        assert {len(one) for one in test.attributes} == {attribute}
    assert tuple(test.published["d, GloVe 840B"] for test in tests) == GLOVE
    assert tuple(test.published["d, word2vec Google News"] for test in tests) == WORD2VEC


@pytest.mark.parametrize(("name", "size"), [("", 32), ("Bertrand, ", 16)])
def test_names_behind_the_published_glove_values(name: str, size: int) -> None:
    for group in ("European", "African"):
        one = shipped().named(f"{group} American names ({name}frequent)")
        assert len(one) == size
        whole = f" ({name.rstrip(', ')})" if name else ""
        assert set(one.terms) < set(shipped().named(f"{group} American names{whole}").terms)


def test_every_set_is_usable_and_named_once() -> None:
    told = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    names = [one["name"] for each in told for one in each["sets"]]
    assert len(names) == len(set(names)) == len(shipped().sets)
    for one in shipped().sets:
        assert len(one) > 1
        assert one.about.endswith(".")
        assert one.source
        assert not one.own
        entries = one.pairs if one.kind == "pairs" else one.terms
        assert all(low != high for low, high in one.pairs)
        if one.name != "Pleasant (short)":
            assert len(set(entries)) == len(entries), one.name


def test_every_file_is_named_among_the_sources() -> None:
    about = (FOLDER / "SOURCES.md").read_text("utf-8")
    for path in FOLDER.glob("*.json"):
        assert f"`{path.name}`" in about
    assert all(source.title and source.licence for source in sources())
    assert sum(len(source.collection.sets) for source in sources()) == len(shipped().sets)


def test_lists_are_those_of_the_authors() -> None:
    gender = google_news.listed("bolukbasi.json")["gender"]
    named = shipped().named
    pairs = [[high, low] for low, high in named("Gender pairs").pairs]
    assert pairs == gender["definitional_pairs"]
    assert [list(pair) for pair in named("Gender equalise pairs").pairs] == gender["equalize_pairs"]
    assert list(named("Gender-specific words (seed)").terms) == gender["specific_seed"]
    assert list(named("Gender-specific words (learnt)").terms) == gender["specific_full"]
    jobs = named("Professions")
    rows = [list(row) for row in zip(jobs.terms, *jobs.scores.values(), strict=True)]
    assert rows == gender["professions"]
    shares = named("Occupations, % women")
    told = google_news.listed("occupational_female_precentage.json")
    assert dict(zip(shares.terms, shares.scores["% women"], strict=True)) == told
    parts = ("first_target", "second_target", "first_attribute", "second_attribute")
    for mine, theirs in zip(shipped().tests, google_news.listed("weat.json"), strict=True):
        for one, part in zip((*mine.targets, *mine.attributes), parts, strict=True):
            words = [word.replace("failur", "failure") for word in theirs[part]["words"]]
            words = [word.replace("failuree", "failure") for word in words]
            assert list(one.terms) == words


def test_terms_are_looked_up_as_any_others() -> None:
    corpus = builders.corpus(columns={"id": ["woman", "Man", "he"]})
    found = Vocabulary(corpus, builders.embeddings(corpus), "id").look_up(
        [term for pair in shipped().named("Gender pairs").pairs for term in pair]
    )
    assert found.asked == ("man", "woman", "he")
    assert found.spelled == {"man": "Man"}
