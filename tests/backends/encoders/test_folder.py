"""What a model's folder may lack, and how that is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from backends.encoders.base import UnusableModel
from backends.encoders.folder import ModelFolder, read_folder
from backends.encoders.registry import load_encoder
from tests.backends.encoders.tiny import LIMIT, WIDTH, build_model, write


def pickle_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def pickle_dense(folder: Path) -> None:
    (folder / "2_Dense/model.safetensors").rename(folder / "2_Dense/pytorch_model.bin")


def drop_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").unlink()


def bring_code(folder: Path) -> None:
    write(folder / "config.json", {"model_type": "own", "auto_map": {"AutoModel": "own.Model"}})


def bring_module(folder: Path) -> None:
    write(folder / "modules.json", [{"type": "own_code.Model", "path": ""}])


def cut_weights(folder: Path) -> None:
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[: len(content) // 2])


def drop_a_layer(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, folder / "model.safetensors")


DAMAGE: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: (folder / "modules.json").unlink(), "modules.json is missing"),
    (lambda folder: (folder / "modules.json").write_text("{", "utf-8"), "cannot be read"),
    (lambda folder: (folder / "modules.json").write_text("[]", "utf-8"), "no modules"),
    (lambda folder: (folder / "modules.json").write_text("[1]", "utf-8"), "cannot be read"),
    (lambda folder: (folder / "config.json").write_text("[", "utf-8"), "cannot be read"),
    (lambda folder: (folder / "config.json").unlink(), "config.json is missing"),
    (lambda folder: (folder / "1_Pooling/config.json").unlink(), "config.json is missing"),
    (lambda folder: (folder / "model.safetensors").unlink(), "missing"),
    (lambda folder: (folder / "model.safetensors").write_bytes(b""), "damaged"),
    (lambda folder: (folder / "model.safetensors").write_bytes(b"\xff" * 100), "damaged"),
    (cut_weights, "damaged"),
    (drop_a_layer, "incomplete"),
    (pickle_weights, "pickled"),
    (pickle_dense, "pickled"),
    (drop_tokenizer, "no tokenizer"),
    (bring_code, "code of its own"),
    (bring_module, "code of its own"),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGE)
def test_damage_is_one_sentence(
    tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    folder = build_model(tmp_path / "model", dense=True)
    damage(folder)
    with pytest.raises(UnusableModel, match=words) as caught:
        load_encoder(str(folder))
    assert str(folder) in caught.value.what
    assert caught.value.hint


def test_a_broken_tokenizer_is_said_when_it_is_needed(tmp_path: Path) -> None:
    folder = build_model(tmp_path / "model")
    write(folder / "tokenizer.json", {"model": "nonsense"})
    with pytest.raises(UnusableModel, match=r"tokenizer\.json"):
        load_encoder(str(folder)).count_tokens(["text"])


def test_facts_of_a_folder(tmp_path: Path) -> None:
    folder = read_folder(build_model(tmp_path / "model", pooling=["cls", "mean"]))
    assert folder.max_tokens == LIMIT
    assert folder.dim == 2 * WIDTH
    assert read_folder(build_model(tmp_path / "dense", dense=True)).dim == 16


@pytest.mark.parametrize(
    ("prompts", "default", "query", "passage"),
    [
        ({}, None, "", ""),
        ({"query": "q: ", "passage": "p: "}, None, "q: ", "p: "),
        ({"query": "q: ", "document": "d: ", "passage": "p: "}, None, "q: ", "d: "),
        ({"query": "q: ", "document": ""}, None, "q: ", ""),
        ({"all": "a: "}, "all", "a: ", "a: "),
        ({"query": "q: ", "all": "a: "}, "all", "q: ", "a: "),
    ],
)
def test_which_prompt_is_taken(
    tmp_path: Path, prompts: dict[str, str], default: str | None, query: str, passage: str
) -> None:
    path = build_model(tmp_path / "model", prompts=prompts, default_prompt=default)
    folder: ModelFolder = read_folder(path)
    assert (folder.prompt("query"), folder.prompt("passage")) == (query, passage)


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    one = read_folder(build_model(tmp_path / "one"))
    assert one.fingerprint == read_folder(build_model(tmp_path / "two")).fingerprint
    other = build_model(tmp_path / "three", prompts={"query": "q: "})
    assert read_folder(other).fingerprint != one.fingerprint
    before = load_encoder(str(one.path))
    assert load_encoder(str(one.path)) is before
    weights = one.path / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert load_encoder(str(one.path)).fingerprint != before.fingerprint
