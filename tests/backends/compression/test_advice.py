"""What is recommended, in which words, and what other systems are told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backends.compression.advice import Categories, doubts, fraction, recommend
from backends.compression.results import Cell, Sweep
from backends.compression.settings import settings_for
from backends.compression.sweep import SweepRequest, sweep
from backends.types import Embeddings, MadeBy

ROWS, DIM = 1000, 32


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """Half of the rows lie in 4 dimensions, the others in all: small codes lose the others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMBEDSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))
        rng = np.random.default_rng(0)
        vectors = rng.standard_normal((ROWS, DIM), dtype=np.float32)
        vectors[: ROWS // 2, 4:] *= 0.01
        present = np.ones(ROWS, dtype=np.bool_)
        embeddings = Embeddings(vectors, present, "file", "halves", MadeBy("read", ("halves",)))
        return sweep(SweepRequest(embeddings, ("float16", "pca", "truncate"), query_rows=200))


def halves() -> Categories:
    codes = (np.arange(ROWS) >= ROWS // 2).astype(np.int64)
    return Categories("kind", codes, ("flat", "full"))


def cell_of(swept: Sweep, codec: str) -> Cell:
    return next(cell for cell in swept.cells if cell.codec == codec)


def test_the_smallest_that_is_sure_to_keep_enough_is_recommended(swept: Sweep) -> None:
    advice = recommend(swept, 0.95)
    assert advice.cell is not None
    sure = [cell for cell in swept.cells if cell.recall.low >= 0.95]
    assert advice.cell.bytes_per_vector == min(cell.bytes_per_vector for cell in sure)
    first = advice.sentences[0]
    assert f"at {fraction(4 * DIM / advice.cell.bytes_per_vector)} of the size" in first
    assert f"keeps {100 * advice.cell.recall.mean:.1f}%" in first
    assert "1,000 vectors of 32 dimensions" in advice.evidence
    assert "200 rows held out" in advice.evidence


def test_categories_that_drop_together_share_a_sentence(swept: Sweep) -> None:
    parts = Categories("kind", np.arange(1000) % 2, ("one", "two"))
    drops = [line for line in recommend(swept, 0.5, parts).sentences if "under 80%" in line]
    assert len(drops) == 1
    assert "“one” and “two” of kind drop under 80%" in drops[0]


def test_a_category_that_a_mean_hides_is_named(swept: Sweep) -> None:
    advice = recommend(swept, 0.5, halves())
    drops = [line for line in advice.sentences if "of kind drops under 80%" in line]
    sizes = {line.split("“")[1].split("”")[0]: float(line.split()[1]) for line in drops}
    assert sizes["full"] > sizes["flat"]
    assert "“full”" in drops[0]  # the one that needs most comes first


def test_nothing_is_recommended_that_does_not_reach_it(swept: Sweep) -> None:
    advice = recommend(swept, 1.01)
    assert advice.cell is None
    assert advice.sentences[0].startswith("No codec measured keeps 101%")
    assert "float16" in advice.sentences[1]


def test_numbers_that_say_nothing_are_not_relied_on(swept: Sweep) -> None:
    assert doubts(swept) == ()
    small = replace(swept, rows=swept.truth.k + 1)
    advice = recommend(small)
    assert advice.cell is None
    assert "no codec can miss one" in advice.sentences[0]
    asked = replace(swept.truth.queries, vectors=swept.truth.queries.vectors[:1])
    few = replace(swept, truth=replace(swept.truth, queries=asked))
    assert recommend(few).sentences[0] == "Only 1 query was asked: too few to be sure."


def test_before_anything_is_measured_that_is_said(swept: Sweep) -> None:
    advice = recommend(Sweep(swept.truth, rows=swept.rows, dim=swept.dim))
    assert (advice.cell, advice.sentences) == (None, ("Nothing has been measured yet.",))


@pytest.mark.parametrize(
    ("ratio", "words"), [(2, "half"), (4, "a quarter"), (32, "1/32"), (2.5, "1/2.5")]
)
def test_sizes_are_said_as_people_say_them(ratio: float, words: str) -> None:
    assert fraction(ratio) == words


def test_settings_of_other_systems_do_the_same_or_say_that_they_do_not(swept: Sweep) -> None:
    faiss, qdrant, milvus, pgvector = settings_for(cell_of(swept, "float16"), DIM)
    body = json.loads(qdrant.text.split("\n", 1)[1])
    assert body["vectors"] == {"size": DIM, "distance": "Cosine", "datatype": "float16"}
    assert "DataType.FLOAT16_VECTOR, dim=32" in milvus.text
    assert pgvector.text == (
        "CREATE INDEX ON items USING hnsw ((embedding::halfvec(32)) halfvec_cosine_ops);"
    )
    assert faiss.text == 'index = faiss.index_factory(32, "SQfp16", faiss.METRIC_INNER_PRODUCT)'
    assert qdrant.same
    assert milvus.same
    assert pgvector.same


@pytest.mark.parametrize(
    ("codec", "params", "depth", "dims"),
    [
        ("two-stage", {"first": {}, "depth": 400}, 400, DIM),
        ("sign+rerank50", {"first": {}, "depth": 50}, 50, DIM),
        ("truncate+sign+rerank", {"first": {"dims": 16, "then": {}}, "depth": 400}, 400, 16),
    ],
)
def test_the_second_stage_is_as_deep_elsewhere(
    swept: Sweep, codec: str, params: dict[str, object], depth: int, dims: int
) -> None:
    cell = replace(cell_of(swept, "float16"), codec=codec, params=params, factory=None)
    _, qdrant, milvus, pgvector = settings_for(cell, DIM)
    body, search = (json.loads(part.split("\n", 1)[1]) for part in qdrant.text.split("\n\n"))
    assert body["vectors"]["size"] == dims
    assert body["quantization_config"] == {"binary": {"always_ram": True}}
    assert search["params"]["quantization"] == {"rescore": True, "oversampling": depth / 10}
    assert f"LIMIT {depth}) near" in pgvector.text
    assert f"DataType.BINARY_VECTOR, dim={dims}" in milvus.text


def test_parts_of_product_quantisation_are_those_measured(swept: Sweep) -> None:
    params = {"parts": 16, "bits": 4}
    cell = replace(cell_of(swept, "float16"), codec="pq", params=params, factory=None)
    assert "'nbits': 4, 'm': 16" in settings_for(cell, DIM)[2].text


def test_fewer_dimensions_are_made_before_they_are_stored(swept: Sweep) -> None:
    pca = cell_of(swept, "pca")
    dims = pca.params["dims"]
    faiss, qdrant, _, pgvector = settings_for(pca, DIM)
    assert json.loads(qdrant.text.split("\n", 1)[1])["vectors"]["size"] == dims
    assert not faiss.text
    assert not qdrant.same
    assert "saved table" in qdrant.remark
    assert f"vector({dims})" in pgvector.text
    cut = cell_of(swept, "truncate")
    pgvector = settings_for(cut, DIM)[3]
    dims = cut.params["dims"]
    assert f"subvector(embedding, 1, {dims})::vector({dims})" in pgvector.text


def body(text: str, request: int) -> dict[str, Any]:
    """The JSON of one of the requests that Qdrant is sent."""
    found: dict[str, Any] = json.loads(text.split("\n\n")[request].split("\n", 1)[1])
    return found


def measured(codec: str, k: int = 5, budget: float = 16.0) -> Cell:
    vectors = np.random.default_rng(0).standard_normal((300, DIM), dtype=np.float32)
    present = np.ones(300, dtype=np.bool_)
    embeddings = Embeddings(vectors, present, "file", "v", MadeBy("read", ("normal",)))
    return sweep(SweepRequest(embeddings, (codec,), (budget,), k=k, query_rows=20)).cells[0]


@pytest.mark.parametrize(("codec", "depth"), [("two-stage", 400), ("sign+rerank50", 50)])
def test_second_stages_elsewhere_are_as_deep_as_the_one_that_was_measured(
    codec: str, depth: int
) -> None:
    _, qdrant, milvus, pgvector = settings_for(measured(codec), DIM)
    asked = body(qdrant.text, 1)
    assert asked["limit"] == 5
    assert asked["params"]["quantization"] == {"rescore": True, "oversampling": depth / 5}
    assert f"Fetch {depth} hits" in milvus.remark
    assert f"LIMIT {depth}) near ORDER BY embedding <=> $1 LIMIT 5;" in pgvector.text
    assert qdrant.same
    assert pgvector.same
    faiss = settings_for(measured("rabitq+rerank60"), DIM)[0]
    assert faiss.text.endswith("index.k_factor = 60 / 5")


def test_a_second_stage_by_other_dimensions_is_not_the_same() -> None:
    cell = measured("truncate+sign+rerank", budget=2.0)
    assert cell.params["first"]["dims"] == 16
    qdrant = settings_for(cell, DIM)[1]
    assert body(qdrant.text, 0)["vectors"]["size"] == 16
    assert not qdrant.same
    assert "the 16 dimensions that it stores; measured here were all 32" in qdrant.remark
    assert settings_for(measured("truncate+two-stage", budget=2.0), DIM)[1].same


def test_binary_codes_have_their_own_number_of_bits() -> None:
    cell = measured("itq", budget=2.0)
    assert cell.params["bits"] == 16
    assert "DataType.BINARY_VECTOR, dim=16" in settings_for(cell, DIM)[2].text


@pytest.mark.parametrize("scoring", ["hamming", "asymmetric"])
def test_comparing_signs_with_signs_is_the_same_only_where_that_was_measured(scoring: str) -> None:
    cell = measured("sign")
    cell = replace(cell, params={"scoring": scoring})
    same = scoring == "hamming"
    for setting in settings_for(cell, DIM)[1:]:
        assert setting.same == same
        assert ("queries in finer levels" in setting.remark) != same
