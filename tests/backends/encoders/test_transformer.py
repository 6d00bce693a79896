"""Our forward pass against the library's, on the same folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.arrays import Matrix, unit_rows
from backends.encoders.registry import load_encoder
from backends.encoders.sentence_ import LibraryEncoder
from backends.encoders.transformer import TransformerEncoder
from tests.backends.encoders.tiny import LIMIT, SENTENCES, build_model

REAL = (
    "a domesticated carnivorous mammal that typically has a long snout",
    "How much does it cost to send a parcel to Zürich?",
    "",
    "\u3053\u3093\u306b\u3061\u306f 世界",
    "\U0001f600 \U0001f680",
    "line one\nline two\ttab",
    "word " * 700,
    "antidisestablishmentarianism" * 30,
)


def library_vectors(folder: Path, texts: tuple[str, ...], prompt: str | None = None) -> Matrix:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return np.asarray(model.encode(list(texts), prompt=prompt, show_progress_bar=False))


def least_cosine(ours: Matrix, theirs: Matrix) -> float:
    return float((unit_rows(ours) * unit_rows(theirs)).sum(axis=1).min())


@pytest.mark.parametrize(
    "options",
    [
        {"pooling": "mean"},
        {"pooling": "cls", "normalise": False},
        {"pooling": "max", "dense": True},
        {"pooling": "mean_sqrt_len_tokens", "normalise": False},
        {"pooling": "weightedmean"},
        {"pooling": "lasttoken"},
        {"model_type": "roberta"},
        {"model_type": "xlm-roberta", "pooling": "cls"},
        {"pooling": ["cls", "mean"], "dense": True, "normalise": False},
    ],
    ids=lambda options: "-".join(str(value) for value in options.values()),
)
def test_a_folder_gives_the_library_s_vectors(tmp_path: Path, options: dict[str, Any]) -> None:
    folder = build_model(tmp_path / "model", **options)
    encoder = load_encoder(str(folder))
    assert isinstance(encoder, TransformerEncoder)
    ours = encoder.encode(list(SENTENCES), "passage", "fp32")
    theirs = library_vectors(folder, SENTENCES)
    assert ours.shape == theirs.shape == (len(SENTENCES), encoder.dim)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("precision", "least"), [("fp32", 0.99999), ("bf16", 0.999)])
def test_minilm_gives_the_library_s_vectors(precision: Any, least: float) -> None:
    encoder = load_encoder("minilm")
    assert isinstance(encoder, TransformerEncoder)
    ours = encoder.encode(REAL, "passage", precision)
    assert least_cosine(ours, library_vectors(encoder.folder.path, REAL)) > least


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_the_model_s_own_prompts_are_used(tmp_path: Path, kind: Any) -> None:
    prompts = {"query": "find: ", "passage": "text: "}
    folder = build_model(tmp_path / "model", prompts=prompts)
    ours = load_encoder(str(folder)).encode(SENTENCES, kind, "fp32")
    theirs = library_vectors(folder, SENTENCES, prompts[kind])
    assert least_cosine(ours, theirs) > 0.9999
    assert least_cosine(ours, library_vectors(folder, SENTENCES)) < 0.999


def test_what_only_the_library_does_is_left_to_it(tmp_path: Path) -> None:
    prompts = {"query": "find: ", "document": "text: "}
    folder = build_model(tmp_path / "model", lower=True, prompts=prompts)
    encoder = load_encoder(str(folder))
    assert isinstance(encoder, LibraryEncoder)
    ours = encoder.encode(list(SENTENCES), "passage", "fp32")
    assert ours.flags.writeable
    theirs = library_vectors(folder, SENTENCES, "text: ")
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_the_same_vectors_alone_and_in_company(tmp_path: Path) -> None:
    encoder = load_encoder(str(build_model(tmp_path / "model")))
    together = encoder.encode(SENTENCES, "passage", "fp32")
    alone = np.concatenate([encoder.encode([text], "passage", "fp32") for text in SENTENCES])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_tokens_are_counted_before_they_are_cut(tmp_path: Path) -> None:
    encoder = load_encoder(str(build_model(tmp_path / "model")))
    texts = ["", "the cat", "the " * (LIMIT - 2), "the " * (LIMIT - 1), "the " * 100_000]
    counts = encoder.count_tokens(texts)
    assert counts[:4].tolist() == [2, 4, LIMIT, LIMIT + 1]
    assert counts[4] > 2 * LIMIT


def test_a_huge_text_with_few_tokens_at_its_start_is_read_on(tmp_path: Path) -> None:
    encoder = load_encoder(str(build_model(tmp_path / "model")))
    late = " " * 50_000 + "the cat"
    assert encoder.count_tokens([late]).tolist() == [4]
    near = encoder.encode([late, "the cat"], "passage", "fp32")
    np.testing.assert_allclose(near[0], near[1], atol=1e-5)
