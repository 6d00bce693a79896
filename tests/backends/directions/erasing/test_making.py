"""Changed vectors as embeddings: recipe, cache, typed texts, and vectors that do not fit twice."""

from __future__ import annotations

import shutil
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from backends import cache
from backends.arrays import unit_rows
from backends.compression.leading import leading_dimensions
from backends.directions.erasing import base
from backends.directions.erasing.making import OPERATION, erase
from backends.directions.erasing.preparing import EraseRequest
from backends.directions.registry import ColumnGiven, SetsGiven, find_direction, space_of
from backends.embed import EmbedRequest, embed, encode_queries, encode_query
from backends.errors import BackendError
from backends.query import Query, VectorTerm
from backends.search import search
from backends.types import BASE, MadeBy
from tests import builders
from tests.backends.directions.erasing.words import MEN, PAIRS, WOMEN, gender, unit, world

TEXTS = [
    f"{sea} {more} {kind}"
    for kind in ("tide", "dune")
    for sea in ("salt", "reef", "gull", "kelp", "pier")
    for more in ("sail", "rope", "mist", "sand", "boat", "net")
]


def test_the_recipe_tells_everything_and_leads_to_the_vectors_before() -> None:
    where = world()
    direction = gender(where)
    made = erase(EraseRequest(where, direction, "hard", kept=("he", "she"), pairs=PAIRS, seed=7))
    told = made.embeddings.made_by
    assert told.operation == OPERATION == "debias"
    assert told.inputs == (where.embeddings.fingerprint, direction.fingerprint)
    assert told.params["kept"] == ["he", "she"]
    assert told.params["pairs"] == [list(pair) for pair in PAIRS]
    assert told.params["direction"] == direction.made_by.as_json()
    assert MadeBy.from_json(told.params[BASE]) == where.embeddings.made_by == told.base
    assert "Hard debias along “gender”" in told.params["how"]
    assert "2 specific items kept as they are; 5 pairs equalised" in told.params["how"]
    assert MadeBy.from_json(told.as_json()).fingerprint == made.embeddings.fingerprint
    stored = cache.entry("embeddings", told.fingerprint) / "vectors.npy"
    assert np.load(stored).tobytes() == made.embeddings.vectors.tobytes()
    assert not made.embeddings.vectors.flags.writeable


@pytest.mark.parametrize(
    "change", [{"kept": ("he",)}, {"pairs": PAIRS[:2]}, {"method": "neutralise"}]
)
def test_other_choices_are_other_results(change: dict[str, object]) -> None:
    where = world()
    asked = EraseRequest(where, gender(where), "hard", kept=(*MEN, *WOMEN), pairs=PAIRS)
    other = replace(asked, **change)  # type: ignore[arg-type]
    assert erase(asked).embeddings.fingerprint != erase(other).embeddings.fingerprint


def test_a_direction_of_other_vectors_is_refused() -> None:
    where = world()
    with pytest.raises(BackendError, match="found in other vectors"):
        erase(EraseRequest(world(seed=1), gender(where), "neutralise"))


def encoded(how: str) -> tuple[EraseRequest, np.ndarray]:
    corpus = builders.corpus(
        columns={"text": TEXTS, "kind": [text.split()[-1] for text in TEXTS]},
    )
    embeddings = embed(EmbedRequest(corpus, "lexical"))
    where = space_of(corpus, embeddings)
    direction = find_direction(where, "column", ColumnGiven("kind", "dune", "tide"), "difference")
    return EraseRequest(where, direction, how), embeddings.vectors


@pytest.mark.parametrize("how", ["neutralise", "soft", "inlp", "leace"])
def test_a_typed_text_goes_through_the_same_map_as_the_items(how: str) -> None:
    request, _ = encoded(how)
    corpus, made = request.space.corpus, erase(request).embeddings
    found = encode_queries(corpus, made, TEXTS[:5])
    assert found == pytest.approx(unit_rows(made.vectors[:5]), abs=2e-3)
    before = encode_queries(corpus, request.space.embeddings, TEXTS[:5])
    assert np.abs(found - before).max() > 0.05
    asked = encode_query(corpus, made, TEXTS[3])
    hits = search(made, Query((VectorTerm(asked),), "typed"), k=1)
    assert hits.rows.tolist() == [3]


def test_a_text_of_changed_and_changed_again_and_cut_vectors_follows_all_steps() -> None:
    request, _ = encoded("neutralise")
    corpus, once = request.space.corpus, erase(request).embeddings
    where = space_of(corpus, once)
    direction = find_direction(where, "sets", SetsGiven(("reef",), ("gull",)), "difference")
    twice = erase(EraseRequest(where, direction, "neutralise")).embeddings
    cut = leading_dimensions(twice, twice.dim // 2)
    for made in (twice, cut):
        found = encode_queries(corpus, made, TEXTS[:5])
        assert found == pytest.approx(unit_rows(made.vectors[:5]), abs=2e-3)


def test_a_text_that_the_encoder_does_not_know_stays_unknown() -> None:
    request, _ = encoded("leace")  # whose offset alone would make it a vector
    made = erase(request).embeddings
    assert not encode_queries(request.space.corpus, made, ["zzz"]).any()
    with pytest.raises(BackendError, match="knows none of the words"):
        encode_query(request.space.corpus, made, "zzz")


def test_without_its_map_a_text_is_refused_and_the_way_out_is_said() -> None:
    request, _ = encoded("neutralise")
    made = erase(request).embeddings
    shutil.rmtree(cache.entry("embeddings", made.fingerprint))
    with pytest.raises(BackendError, match="not in the cache any more") as caught:
        encode_query(request.space.corpus, made, "tide")
    assert "Change the vectors again" in (caught.value.hint or "")
    again = erase(request).embeddings
    assert encode_query(request.space.corpus, again, "tide").any()


def test_equalised_pairs_alone_leave_typed_texts_as_they_are() -> None:
    corpus = builders.corpus(columns={"text": [*TEXTS, "tide", "dune"]})
    embeddings = embed(EmbedRequest(corpus, "lexical"))
    where = space_of(corpus, embeddings, column="text")
    direction = find_direction(where, "sets", SetsGiven(("tide",), ("dune",)), "difference")
    made = erase(EraseRequest(where, direction, "equalise", pairs=(("tide", "dune"),))).embeddings
    before = encode_queries(corpus, embeddings, TEXTS[:3])
    assert encode_queries(corpus, made, TEXTS[:3]) == pytest.approx(before)


def test_blocks_give_what_one_block_gives_and_no_second_copy_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where = world(20_000)
    direction = gender(where)
    whole = erase(EraseRequest(where, direction, "hard", kept=("he",), pairs=PAIRS)).embeddings
    expected = unit(whole.vectors)
    monkeypatch.setattr(base, "BLOCK_VALUES", 24 * 500)
    shutil.rmtree(cache.entry("embeddings", whole.fingerprint))
    tracemalloc.start()
    again = erase(EraseRequest(where, direction, "hard", kept=("he",), pairs=PAIRS)).embeddings
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert unit(again.vectors) == pytest.approx(expected, abs=1e-6)
    assert peak < where.embeddings.vectors.nbytes / 2
