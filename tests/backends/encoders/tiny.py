"""A sentence-transformers folder with a small random BERT, as other programs write one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from backends.encoders import calibrate
from backends.encoders.base import Pace, Precision
from backends.encoders.registry import load_encoder
from backends.types import Corpus, MadeBy, Roles

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LETTERS = "abcdefghijklmnopqrstuvwxyzäéß0123456789.,:;!?-"
WORDS = ("the", "cat", "dog", "bird", "stone", "river", "cloud", "tree", "road")
WIDTH, LAYERS, HEADS, POSITIONS, LIMIT = 32, 2, 4, 64, 24

SENTENCES = (
    "a cat sat on the mat",
    "dog",
    "The quick brown fox, again and again!",
    " ",
    "?",
    "naïve café — Straße 日本語 \U0001f600",
    "tab\tand\nline",
    "very long " * 40,
    "x" * 500,
)


def build_model(
    folder: Path,
    *,
    pooling: str | list[str] = "mean",
    dense: bool = False,
    normalise: bool = True,
    prompts: dict[str, str] | None = None,
    default_prompt: str | None = None,
    lower: bool = False,
    model_type: str = "bert",
) -> Path:
    """Write the folder; `lower` asks for something that only the library does.

    RoBERTa's padding has the number 1, and it counts positions from 2.
    """
    folder.mkdir(parents=True)
    rng = np.random.default_rng(7)
    padding = int(model_type != "bert")
    _write_tokenizer(folder, padding)
    config = {
        "model_type": model_type,
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": 2 * WIDTH,
        "hidden_act": "gelu",
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "vocab_size": len(_vocabulary()),
        "pad_token_id": padding,
        "layer_norm_eps": 1e-12,
    }
    write(folder / "config.json", config)
    write(folder / "sentence_bert_config.json", {"max_seq_length": LIMIT, "do_lower_case": lower})
    save_file(_weights(rng), folder / "model.safetensors", metadata={"format": "pt"})
    modules = [_module(0, "", "Transformer"), _module(1, "1_Pooling", "Pooling")]
    modes = [pooling] if isinstance(pooling, str) else pooling
    write(folder / "1_Pooling/config.json", {"embedding_dimension": WIDTH, "pooling_mode": pooling})
    if dense:
        modules.append(_module(2, "2_Dense", "Dense"))
        _write_dense(folder / "2_Dense", WIDTH * len(modes), rng)
    if normalise:
        modules.append(_module(len(modules), f"{len(modules)}_Normalize", "Normalize"))
        (folder / f"{len(modules) - 1}_Normalize").mkdir()
    write(folder / "modules.json", modules)
    own = {"prompts": prompts or {}, "default_prompt_name": default_prompt}
    write(folder / "config_sentence_transformers.json", own)
    return folder


def corpus_of(texts: list[str | None], name: str = "texts") -> Corpus:
    """A corpus of one column, as a reader would make it."""
    table = pa.table({"text": pa.array(texts, pa.string())})
    made_by = MadeBy("read", (), {"name": name, "texts": list(texts)})
    return Corpus(table, Roles(text="text"), name, (), made_by)


def set_pace(folder: Path, *, tokens: int = 64, workers: int = 2, how: Precision = "fp32") -> None:
    """Remember a pace in the current cache, so that nothing has to be measured."""
    encoder = load_encoder(str(folder))
    key = calibrate.key_of(encoder.fingerprint, encoder.engine)
    calibrate.remember(key, Pace(how, tokens, workers), 1.0, {})


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def _module(number: int, path: str, kind: str) -> dict[str, Any]:
    kind = f"sentence_transformers.models.{kind}"
    return {"idx": number, "name": str(number), "path": path, "type": kind}


def _vocabulary(padding: int = 0) -> dict[str, int]:
    special = list(SPECIAL)
    special.insert(padding, special.pop(0))
    pieces = [*special, *LETTERS, *("##" + letter for letter in LETTERS), *WORDS]
    return {piece: number for number, piece in enumerate(pieces)}


def _write_tokenizer(folder: Path, padding: int) -> None:
    vocabulary = _vocabulary(padding)
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    special = dict(zip(names, SPECIAL, strict=True))
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, **special}
    write(folder / "tokenizer_config.json", {**settings, "model_max_length": POSITIONS})
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")


def _weights(rng: np.random.Generator) -> dict[str, np.ndarray]:
    def linear(name: str, rows: int, columns: int) -> dict[str, np.ndarray]:
        weight, bias = rng.normal(0, 0.3, (rows, columns)), rng.normal(0, 0.1, rows)
        return {f"{name}.weight": _single(weight), f"{name}.bias": _single(bias)}

    def norm(name: str) -> dict[str, np.ndarray]:
        weight, bias = rng.normal(1, 0.1, WIDTH), rng.normal(0, 0.1, WIDTH)
        return {
            f"{name}.LayerNorm.weight": _single(weight),
            f"{name}.LayerNorm.bias": _single(bias),
        }

    sizes = {"word": len(_vocabulary()), "position": POSITIONS, "token_type": 2}
    weights = {
        f"embeddings.{name}_embeddings.weight": _single(rng.normal(0, 0.5, (size, WIDTH)))
        for name, size in sizes.items()
    }
    weights |= norm("embeddings")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        for part in ("query", "key", "value"):
            weights |= linear(f"{layer}.attention.self.{part}", WIDTH, WIDTH)
        weights |= linear(f"{layer}.attention.output.dense", WIDTH, WIDTH)
        weights |= norm(f"{layer}.attention.output")
        weights |= linear(f"{layer}.intermediate.dense", 2 * WIDTH, WIDTH)
        weights |= linear(f"{layer}.output.dense", WIDTH, 2 * WIDTH) | norm(f"{layer}.output")
    return weights


def _write_dense(folder: Path, width: int, rng: np.random.Generator) -> None:
    config = {
        "in_features": width,
        "out_features": 16,
        "bias": True,
        "activation_function": "torch.nn.modules.activation.Tanh",
    }
    write(folder / "config.json", config)
    weights = {
        "linear.weight": _single(rng.normal(0, 0.2, (16, width))),
        "linear.bias": _single(rng.normal(0, 0.2, 16)),
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def _single(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float32)
