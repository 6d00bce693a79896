"""Sentence-transformers models of the BERT family, run directly: one thread a batch, many at once.

Measured on 10,000 WordNet definitions against `SentenceTransformer.encode`: see
tests/benchmarks/embed.py.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.arrays import Matrix, batches
from backends.device import Device, accelerator, physical_cores
from backends.encoders import bert, calibrate
from backends.encoders.base import Counts, Kind, Pace, Precision, UnusableModel
from backends.encoders.folder import ModelFolder, Module, poolings, read_json
from backends.encoders.pooling import POOLS, activation_of, dense, pool
from backends.reporting import SILENT, Report

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

COUNTED_CHARACTERS = 64  # for each token of the limit, before a text is counted in full
MOST_WORKERS = 16


def can_run(folder: ModelFolder) -> bool:
    """Whether this file gives the same vectors as the library would; else the library is taken.

    Raises: UnusableModel if the weights are damaged or incomplete.
    """
    first, *others = folder.modules
    weights = first.path / "model.safetensors"
    if first.kind != "Transformer" or not others or others[0].kind != "Pooling":
        return False
    if not (bert.supports(first.config) and weights.is_file()):
        return False
    names = bert.tensor_names(weights)
    if lacking := bert.missing_names(bert.modern(names), first.config):
        # The library would fill the gap with random numbers.
        raise UnusableModel(
            f"The weights in {weights} are incomplete: {min(lacking)} is missing.",
            hint="Download the model again.",
        )
    return (
        not bert.missing_names(names, first.config)
        and _has_plain_tokenizer(first)
        and all(mode in POOLS for mode in poolings(others[0].config))
        and others[0].config.get("include_prompt", True) is True
        and all(_is_plain_head(module) for module in others[1:])
    )


def _has_plain_tokenizer(first: Module) -> bool:
    """Whether tokenizer.json alone says what the library would make of it and its settings."""
    if not (first.path / "tokenizer.json").is_file():
        return False
    settings = read_json(first.path / "tokenizer_config.json", needed=False)
    normalizer = read_json(first.path / "tokenizer.json").get("normalizer") or {}
    lowers = normalizer.get("lowercase")
    own = read_json(first.path / "sentence_bert_config.json", needed=False)
    agrees = lowers is None or settings.get("do_lower_case", lowers) == lowers
    return agrees and not own.get("do_lower_case")


def _is_plain_head(module: Module) -> bool:
    if module.kind == "Dense":
        changed = ("use_residual", "module_input_name", "module_output_name")
        return (
            (module.path / "model.safetensors").is_file()
            and activation_of(module.config) is not None
            and not module.config.get("use_residual")
            and all(module.config.get(name) in (None, "sentence_embedding") for name in changed[1:])
        )
    return module.kind == "Normalize" and module.config.get("module_input_name") in (
        None,
        "sentence_embedding",
    )


class TransformerEncoder:
    """A model in a folder; weights and tokenizer are read when they are first needed."""

    engine = "torch"
    packages = ("torch", "tokenizers")

    def __init__(self, name: str, title: str, folder: ModelFolder) -> None:
        self.id = name
        self.title = title
        self.folder = folder
        self.fingerprint = folder.fingerprint
        config = folder.config
        offset = int(config.get("pad_token_id", 1)) + 1 if config["model_type"] != "bert" else 0
        positions = int(config.get("max_position_embeddings", 512)) - offset
        self.max_tokens: int = min(folder.max_tokens or positions, positions)
        self.dim = folder.dim or int(config["hidden_size"])
        self.layers = int(config.get("num_hidden_layers", 12))
        self._lock = threading.Lock()  # held while loading only
        self._counter: Tokenizer | None = None
        self._cutter: Tokenizer | None = None
        self._networks: dict[Precision, bert.Bert] = {}
        self._heads: list[Any] | None = None

    @property
    def _key(self) -> str:
        return calibrate.key_of(self.fingerprint, self.engine)

    def known_pace(self) -> Pace | None:
        """What was measured before for this processor, torch and model; None if nothing was."""
        return calibrate.recall(self._key)

    def measure_pace(self, sample: Sequence[str], report: Report = SILENT) -> Pace:
        """Compare bf16 with full precision on these texts; on an accelerator fp16 is taken."""
        report.step(0, 0, "Measuring what this processor does fastest")
        if accelerator() != "cpu":
            return calibrate.accelerator_pace(self._key)
        counts = np.minimum(self.count_tokens(sample), self.max_tokens)
        chosen = calibrate.pick_sample(sample, counts)
        tokens = int(np.minimum(self.count_tokens(chosen), self.max_tokens).sum())
        run = self._run_for_measure
        precision, cosine, seconds = calibrate.compare(run, chosen, time.thread_time, report)
        batch = calibrate.batch_tokens(tokens, seconds[precision])
        pace = Pace(precision, batch, min(physical_cores(), MOST_WORKERS))
        calibrate.remember(self._key, pace, cosine, seconds)
        with self._lock:  # the other precision is not needed any more
            self._networks = {precision: self._networks[precision]}
        return pace

    def _run_for_measure(self, texts: Sequence[str], precision: Precision) -> Matrix:
        """In small batches of equal length, as the embedding itself will run."""
        parts = [texts[part] for part in batches(len(texts), 8)]
        return np.concatenate([self.encode(part, "passage", precision) for part in parts])

    def count_tokens(self, texts: Sequence[str]) -> Counts:
        """Tokens of each text with prompt and special tokens, not yet cut, (n,) int32.

        Of a very long text only the start is counted once that alone is far beyond the limit.
        """
        if self._counter is None:
            with self._lock:
                self._counter = self._counter or self._tokenizer()
        prompt = self.folder.prompt("passage")
        most = self.max_tokens * COUNTED_CHARACTERS
        counts = _lengths(self._counter, [prompt + text[:most] for text in texts])
        for row, text in enumerate(texts):
            if len(text) > most and counts[row] < 2 * self.max_tokens:
                counts[row] = _lengths(self._counter, [prompt + text])[0]
        return counts

    def warm(self, precision: Precision) -> None:
        """Import torch, read the tokenizer and bring the weights into one precision."""
        import torch

        with self._lock:
            torch.set_num_threads(1)  # one batch a thread, see bert.py
            self._cutter = self._cutter or self._tokenizer(self.max_tokens)
            if precision not in self._networks:
                self._load(precision, accelerator())

    def encode(self, texts: Sequence[str], kind: Kind, precision: Precision) -> Matrix:
        """Vectors of one batch, (b, d) float32. Cannot be stopped within the batch."""
        return self.encode_cut(texts, kind, precision, self.layers)

    def encode_cut(
        self, texts: Sequence[str], kind: Kind, precision: Precision, layers: int
    ) -> Matrix:
        """Vectors of one batch by the first layers alone, (b, d) float32."""
        return self._pooled(texts, kind, precision, layers, last=True)[0]

    def encode_layers(self, texts: Sequence[str], kind: Kind, precision: Precision) -> Matrix:
        """Vectors of one batch after each layer, in one pass, (layers + 1, b, d) float32."""
        return np.stack(self._pooled(texts, kind, precision, self.layers))

    def _pooled(
        self,
        texts: Sequence[str],
        kind: Kind,
        precision: Precision,
        layers: int,
        *,
        last: bool = False,
    ) -> list[Matrix]:
        """What pooling and the modules after it make of every state, or of the last alone."""
        import torch

        if self._cutter is None or precision not in self._networks:
            self.warm(precision)
        network, heads = self._networks[precision], self._heads
        assert self._cutter is not None
        assert heads is not None
        modes = poolings(self.folder.modules[1].config)
        ids, mask = self._tensors(texts, kind)  # (b, l) both
        full = bool(mask.all())
        torch.set_num_threads(1)  # of this thread
        made: list[Matrix] = []
        with torch.inference_mode():
            states: Iterable[Tensor] = network.states(ids, None if full else mask, layers)
            for hidden in deque(states, maxlen=1) if last else states:
                vectors = pool(hidden.float(), mask, modes)
                for head in heads:
                    vectors = head(vectors)
                made.append(vectors.float().cpu().numpy())
        return made

    def _tensors(self, texts: Sequence[str], kind: Kind) -> tuple[Tensor, Tensor]:
        import torch

        assert self._cutter is not None
        prompt = self.folder.prompt(kind)
        found = self._cutter.encode_batch_fast([prompt + self._start(text) for text in texts])
        lengths = np.array([len(item.ids) for item in found])
        ids = np.full((len(found), lengths.max(initial=1)), self._padding, dtype=np.int64)
        for row, item in enumerate(found):
            ids[row, : lengths[row]] = item.ids
        mask = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)  # (b, l)
        device = accelerator()
        return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)

    def _start(self, text: str) -> str:
        """The part of a text that can matter, so that a 5 MB cell does not take seconds."""
        most = self.max_tokens * COUNTED_CHARACTERS
        if len(text) <= most:
            return text
        assert self._cutter is not None
        start = text[: 2 * most]
        return start if self.count_tokens([start])[0] >= 2 * self.max_tokens else text

    @property
    def _padding(self) -> int:
        return int(self.folder.config.get("pad_token_id") or 0)

    def _tokenizer(self, limit: int | None = None) -> Tokenizer:
        # Said before the first use, or a later fork would print a warning.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        from tokenizers import Tokenizer

        path = self.folder.modules[0].path / "tokenizer.json"
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises plain Exception
            raise UnusableModel(
                f"The tokenizer {path} cannot be read.", hint="Download the model again."
            ) from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        if limit is not None:
            tokenizer.enable_truncation(limit)
        return tokenizer

    def _load(self, precision: Precision, device: Device) -> None:
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        path = self.folder.modules[0].path / "model.safetensors"
        try:
            self._networks[precision] = bert.Bert(
                load_file(path), self.folder.config, precision, device
            )
            self._heads = self._heads or self._load_heads(device)
        except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
            raise bert.damaged(path) from error

    def _load_heads(self, device: Device) -> list[Any]:
        import torch
        from safetensors.torch import load_file

        heads: list[Any] = []
        for module in self.folder.modules[2:]:
            if module.kind == "Dense":
                weights = load_file(module.path / "model.safetensors")
                heads.append(dense(weights, module.config, device))
            else:
                heads.append(lambda x: torch.nn.functional.normalize(x, dim=-1))
        return heads


def _lengths(tokenizer: Tokenizer, texts: Sequence[str]) -> Counts:
    found = tokenizer.encode_batch_fast(list(texts))
    return np.fromiter((len(item.ids) for item in found), dtype=np.int32, count=len(found))
