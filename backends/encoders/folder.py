"""Read a sentence-transformers folder without loading it: what it is, whether it is safe.

Nothing in it is ever unpickled and none of its code is run: weights must be safetensors, and a
model that brings code of its own is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backends import fingerprint
from backends.encoders.base import Kind, UnusableModel
from backends.encoders.memory import file_fingerprint

POOLINGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}  # in the order in which sentence-transformers joins them
PASSAGE_PROMPTS = ("document", "passage", "corpus")
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5", ".msgpack")
WEIGHTLESS = {"Normalize", "Pooling", "Dropout", "BoW", "WordWeights", "LayerNorm"}
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer.model")
SENTENCEPIECE_FILES = ("sentencepiece.bpe.model", "spiece.model")
ANY_LENGTH = 1 << 20  # tokenizers without a limit name 10**30


@dataclass(frozen=True)
class Module:
    """One step of a model: its class without the package, its folder and its configuration."""

    kind: str
    path: Path
    config: Mapping[str, Any]


@dataclass(frozen=True)
class ModelFolder:
    """What a folder says about its model."""

    path: Path
    title: str
    modules: tuple[Module, ...]
    config: Mapping[str, Any]  # config.json of the transformer, empty for models without one
    max_tokens: int | None
    dim: int | None
    prompts: Mapping[str, str]
    default_prompt: str
    fingerprint: str

    def prompt(self, kind: Kind) -> str:
        """What the model wants before each text; "" for most."""
        names = ("query",) if kind == "query" else PASSAGE_PROMPTS
        named = (self.prompts[name] for name in names if self.prompts.get(name))
        return next(named, self.default_prompt)


def read_folder(path: Path) -> ModelFolder:
    """Read the descriptions in a model's folder and look whether it can be used safely.

    Raises: UnusableModel, saying what is missing, damaged or refused.
    """
    path = path.expanduser()
    modules = _checked_modules(path)
    first = modules[0]
    settings = read_json(path / "config_sentence_transformers.json", needed=False)
    prompts = _prompts(settings)
    config = first.config if first.kind == "Transformer" else {}
    return ModelFolder(
        path=path,
        title=path.resolve().name,
        modules=modules,
        config=config,
        max_tokens=_max_tokens(first),
        dim=_dim(modules),
        prompts=prompts,
        default_prompt=prompts.get(str(settings.get("default_prompt_name")), ""),
        fingerprint=_fingerprint(path, modules),
    )


def describe_folder(path: Path) -> int | None:
    """Dimensions of a folder's model if it says so, without hashing its weights.

    Raises: UnusableModel as `read_folder` does.
    """
    return _dim(_checked_modules(path))


def _checked_modules(path: Path) -> tuple[Module, ...]:
    if not path.is_dir():
        raise UnusableModel(
            f"There is no folder {path}.", hint="Choose the folder that holds modules.json."
        )
    modules = _read_modules(path)
    first = modules[0]
    _refuse_code(path, modules)
    for module in modules:
        _refuse_pickles(module)
    if first.kind == "Transformer" and not any(
        (first.path / name).is_file() for name in (*TOKENIZER_FILES, *SENTENCEPIECE_FILES)
    ):
        raise UnusableModel(
            f"The model in {path} has no tokenizer.", hint="Copy its tokenizer.json there."
        )
    return modules


def read_json(path: Path, *, needed: bool = True) -> dict[str, Any]:
    """A file's JSON object; {} if it is not there and need not be.

    Raises: UnusableModel.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not needed:
            return {}
        raise UnusableModel(
            f"{path.parent} is no complete sentence-transformers model: {path.name} is missing.",
            hint="Choose the folder that holds modules.json, or download the model again.",
        ) from None
    except (OSError, ValueError) as error:
        raise UnusableModel(
            f"{path} cannot be read: {error}.", hint="Download the model again."
        ) from error
    if not isinstance(value, dict):
        raise UnusableModel(f"{path} does not hold what it should.", hint="Download it again.")
    return value


def _read_modules(path: Path) -> tuple[Module, ...]:
    file = path / "modules.json"
    if not file.is_file():
        read_json(file)  # says that it is missing
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        steps = [(str(entry["type"]), str(entry["path"])) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableModel(
            f"{file} cannot be read: {type(error).__name__}: {error}.",
            hint="Download the model again.",
        ) from error
    if not steps:
        raise UnusableModel(f"{file} names no modules.", hint="Download the model again.")
    foreign = [name for name, _ in steps if name.split(".")[0] != "sentence_transformers"]
    if foreign:
        raise _brings_code(path, foreign[0])
    return tuple(_read_module(path / place, kind.rsplit(".", 1)[-1]) for kind, place in steps)


def _read_module(path: Path, kind: str) -> Module:
    needed = kind in ("Transformer", "Pooling", "Dense")
    return Module(kind, path, read_json(path / "config.json", needed=needed))


def _brings_code(path: Path, name: str) -> UnusableModel:
    return UnusableModel(
        f"The model in {path} wants to run code of its own ({name}), which is refused.",
        hint="Choose a model that sentence-transformers can load without trust_remote_code.",
    )


def _refuse_code(path: Path, modules: tuple[Module, ...]) -> None:
    for module in modules:
        remote = module.config.get("auto_map")
        tokenizer = read_json(module.path / "tokenizer_config.json", needed=False).get("auto_map")
        for found in (remote, tokenizer):
            if found:
                raise _brings_code(path, str(found))


def _refuse_pickles(module: Module) -> None:
    if module.kind in WEIGHTLESS or not module.path.is_dir():
        return
    names = [file.name for file in module.path.iterdir() if file.is_file()]
    pickled = [name for name in names if name.endswith(PICKLES)]
    if any(name.endswith(".safetensors") for name in names):
        return
    if pickled:
        raise UnusableModel(
            f"The weights in {module.path} are pickled ({pickled[0]}); "
            "opening a pickle can run any program, so it is refused.",
            hint="Get the same model with safetensors weights (model.safetensors).",
        )
    if module.kind in ("Transformer", "Dense", "StaticEmbedding"):
        raise UnusableModel(
            f"The weights of the model in {module.path} are missing (model.safetensors).",
            hint="Download the model again.",
        )


def _prompts(settings: Mapping[str, Any]) -> dict[str, str]:
    prompts = settings.get("prompts") or {}
    if not isinstance(prompts, dict):
        return {}
    return {str(name): str(text) for name, text in prompts.items() if text}


def _max_tokens(first: Module) -> int | None:
    """As sentence-transformers decides: its own limit, or the least of tokenizer's and model's."""
    if first.kind != "Transformer":
        return None
    own = read_json(first.path / "sentence_bert_config.json", needed=False).get("max_seq_length")
    tokenizer = read_json(first.path / "tokenizer_config.json", needed=False)
    limits = [own] if own else [tokenizer.get("model_max_length")]
    limits.append(first.config.get("max_position_embeddings"))
    known = [int(limit) for limit in limits if isinstance(limit, int | float) and limit > 0]
    least = min(known, default=ANY_LENGTH)
    return least if least < ANY_LENGTH else None


def _dim(modules: tuple[Module, ...]) -> int | None:
    for module in reversed(modules):
        if module.kind == "Dense":
            return int(module.config["out_features"]) if "out_features" in module.config else None
        if module.kind == "Pooling":
            size = module.config.get("embedding_dimension") or module.config.get(
                "word_embedding_dimension"
            )
            return int(size) * len(poolings(module.config)) if size else None
    return None


def poolings(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the ways of pooling whose results are joined; the old and the new configuration."""
    mode = config.get("pooling_mode")
    if mode:
        return (str(mode),) if isinstance(mode, str) else tuple(str(item) for item in mode)
    return tuple(name for key, name in POOLINGS.items() if config.get(key)) or ("mean",)


def _fingerprint(path: Path, modules: tuple[Module, ...]) -> str:
    """Of every file that can decide a vector: all JSON, vocabularies and safetensors."""
    folders = {path, *(module.path for module in modules)}
    parts = {}
    for folder in sorted(folders):
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.suffix in (".json", ".safetensors", ".model", ".txt") and file.is_file():
                parts[str(file.relative_to(path))] = file_fingerprint(file)
    return fingerprint.of_json(parts)
