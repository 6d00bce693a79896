"""Hidden states of all layers against the library's, and against models that have fewer layers."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backends.arrays import Matrix, unit_rows
from backends.encoders import hidden_states as module
from backends.encoders.base import Layered
from backends.encoders.hidden_states import hidden_states
from backends.encoders.registry import load_encoder
from backends.encoders.truncated import Cut, base_of, layered, parse_cut, short_title
from backends.errors import BackendError
from backends.reporting import Cancelled, Progress, Report
from tests.backends.encoders.tiny import LAYERS, SENTENCES, WIDTH, build_model, set_pace

TEXTS = [text for text in SENTENCES if text.strip()]
DEFINITIONS = [
    "a domesticated carnivorous mammal",
    "run around the bases, in baseball",
    "the act of sending a parcel by post to someone who lives far away",
]


def of(folder: Path) -> Layered:
    return layered(load_encoder(str(folder)))


def keep_layers(folder: Path, layers: int) -> None:
    """What taking layers out means: the configuration says there are fewer."""
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, "num_hidden_layers": layers}), encoding="utf-8")


@pytest.mark.parametrize(
    "options",
    [
        {"pooling": "mean"},
        {"pooling": "cls", "normalise": False},
        {"pooling": ["cls", "mean"], "dense": True},
        {"model_type": "roberta"},
        {"lower": True, "dense": True, "prompts": {"document": "text: "}},
    ],
    ids=lambda options: "-".join(str(value) for value in options.values()),
)
def test_a_layer_is_the_model_without_those_above_it(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    whole = of(build_model(tmp_path / "whole", **options))
    assert whole.engine == ("sentence-transformers" if options.get("lower") else "torch")
    stack = whole.encode_layers(TEXTS, "passage", "fp32")
    assert stack.shape == (LAYERS + 1, len(TEXTS), whole.dim)
    less = build_model(tmp_path / "less", **options)
    for layer in range(LAYERS + 1):
        keep_layers(less, layer)
        truly = load_encoder(str(less)).encode(TEXTS, "passage", "fp32")  # type: ignore[union-attr]
        np.testing.assert_allclose(stack[layer], truly, atol=1e-5)
        cut = whole.encode_cut(TEXTS, "passage", "fp32", layer)
        np.testing.assert_allclose(cut, truly, atol=1e-5)
    ordinary = whole.encode(TEXTS, "passage", "fp32")  # nothing of the hooks is left
    np.testing.assert_allclose(stack[-1], ordinary, atol=1e-5)


def test_minilm_s_layers_are_the_library_s_hidden_states() -> None:
    from transformers import AutoModel, AutoTokenizer

    encoder = layered(load_encoder("minilm"))
    folder = encoder.folder.path  # type: ignore[attr-defined]
    network = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    batch = AutoTokenizer.from_pretrained(folder)(DEFINITIONS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        states = network(**batch, output_hidden_states=True).hidden_states
    mask = batch["attention_mask"][..., None].float()
    ours = encoder.encode_layers(DEFINITIONS, "passage", "fp32")
    assert len(states) == len(ours) == encoder.layers + 1 == 7
    for hidden, layer in zip(states, ours, strict=True):
        mean = ((hidden * mask).sum(1) / mask.sum(1)).numpy()
        np.testing.assert_allclose(unit_rows(mean), unit_rows(layer), atol=1e-5)


SHAPE = {
    "vocab_size": 150,
    "hidden_size": WIDTH,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
NAMES = {
    "Llama": "LlamaModel",  # normalises once more behind its last layer
    "DebertaV2": "DebertaV2Model",  # cannot run without any layer
    "Albert": "AlbertModel",  # its layers share their weights, so none can be taken out
    "ModernBert": "ModernBertModel",
    "MPNet": "MPNetModel",
}


def build_other(folder: Path, name: str, layers: int = 3) -> Path:
    """A small model of another architecture, with weights that differ in each layer and norm."""
    import transformers

    build_model(folder, lower=True)
    more = {"embedding_size": 16} if name == "Albert" else {}
    if name == "ModernBert":
        more = {"bos_token_id": 2, "cls_token_id": 2, "eos_token_id": 3, "sep_token_id": 3}
    config = getattr(transformers, f"{name}Config")(**{**SHAPE, **more})
    torch.manual_seed(3)
    network = getattr(transformers, NAMES[name])(config).eval()
    with torch.no_grad():
        for place, weight in network.named_parameters():
            if "norm" in place.lower():
                weight.copy_(torch.rand_like(weight) * 2)
    if name == "Llama":
        network.layers = network.layers[:layers]
        config.num_hidden_layers = layers
    network.save_pretrained(folder)
    return folder


def test_a_pre_norm_model_s_layers_end_with_its_final_norm(tmp_path: Path) -> None:
    whole = of(build_other(tmp_path / "whole", "Llama"))
    stack = whole.encode_layers(TEXTS, "passage", "fp32")
    for layer in (0, 2, 3):
        truly = load_encoder(str(build_other(tmp_path / f"less {layer}", "Llama", layer)))
        vectors = truly.encode(TEXTS, "passage", "fp32")  # type: ignore[union-attr]
        np.testing.assert_allclose(stack[layer], vectors, atol=1e-5)


@pytest.mark.parametrize(
    "name",
    [
        "DebertaV2",
        *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES if name != "DebertaV2"),
    ],
)
def test_other_architectures_are_cut_exactly(tmp_path: Path, name: str) -> None:
    encoder = of(build_other(tmp_path / "model", name))
    assert (encoder.engine, encoder.layers) == ("sentence-transformers", 3)
    stack = encoder.encode_layers(TEXTS, "passage", "fp32")
    assert len({layer.tobytes() for layer in stack}) == 4
    for layer, vectors in enumerate(stack):
        cut = encoder.encode_cut(TEXTS, "passage", "fp32", layer)
        np.testing.assert_allclose(cut, vectors, atol=1e-5)
    ordinary = encoder.encode(TEXTS, "passage", "fp32")  # and nothing of the cuts is left
    np.testing.assert_allclose(stack[-1], ordinary, atol=1e-5)


def test_the_stack_is_in_the_order_of_the_texts_and_kept(tmp_path: Path) -> None:
    folder = build_model(tmp_path / "model")
    set_pace(folder, tokens=32)
    encoder = of(folder)
    seen: list[Progress] = []
    made = hidden_states(encoder, TEXTS, Report(seen.append))
    alone: list[Matrix] = [encoder.encode_layers([t], "passage", "fp32")[:, 0] for t in TEXTS]
    np.testing.assert_allclose(made.vectors, unit_rows_of(np.stack(alone, axis=1)), atol=1e-5)
    assert any("of 8 texts" in progress.text for progress in seen)
    assert made.measured
    assert len(made.seconds) == LAYERS + 1
    again = hidden_states(of(folder), TEXTS)
    assert isinstance(again.vectors, np.memmap)
    np.testing.assert_array_equal(again.vectors, made.vectors)
    assert (again.seconds, again.made_by) == (made.seconds, made.made_by)
    assert hidden_states(encoder, TEXTS[:-1]).made_by != made.made_by


def unit_rows_of(stack: Matrix) -> Matrix:
    return np.stack([unit_rows(layer) for layer in stack])


def test_where_timing_takes_too_long_it_is_estimated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = build_model(tmp_path / "model")
    set_pace(folder)
    monkeypatch.setattr(module, "TIMING_SECONDS", 0.0)
    made = hidden_states(of(folder), TEXTS)
    assert not made.measured
    assert made.seconds[1] == pytest.approx((made.seconds[0] + made.seconds[2]) / 2)


def test_it_stops_and_leaves_nothing(tmp_path: Path) -> None:
    folder = build_model(tmp_path / "model")
    set_pace(folder, tokens=16)
    stop = threading.Event()

    def watch(progress: Progress) -> None:
        if "Reading all layers of" in progress.text and progress.share > 0:
            stop.set()

    with pytest.raises(Cancelled):
        hidden_states(of(folder), TEXTS, Report(watch, None, stop))
    assert not list((module.cache.cache_root() / "layers").glob("*"))


def test_what_has_no_layers_says_so() -> None:
    with pytest.raises(BackendError) as caught:
        layered(load_encoder("lexical"))
    assert "has no layers" in caught.value.what


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("minilm@4:128", Cut("minilm", 4, 128)),
        ("/models/a@b@0:1", Cut("/models/a@b", 0, 1)),
        ("minilm", None),
        ("minilm@4", None),
    ],
)
def test_a_name_says_what_is_cut(name: str, cut: Cut | None) -> None:
    assert parse_cut(name) == cut
    assert base_of(name) == (cut.base if cut else name)
    if cut:
        assert cut.name == name


@pytest.mark.parametrize("name", ["minilm@7:128", "minilm@4:385", "minilm@4:0", "lexical@1:2"])
def test_what_cannot_be_cut_is_refused(name: str) -> None:
    with pytest.raises(BackendError):
        load_encoder(name)


def test_a_part_of_minilm_is_called_what_it_is() -> None:
    encoder = load_encoder("minilm@4:128")
    assert encoder.title == "all-MiniLM-L6-v2, layer 4 of 6, 128 dimensions"
    assert encoder.fingerprint != load_encoder("minilm@4:129").fingerprint
    assert short_title("org/model-x") == "model-x"
