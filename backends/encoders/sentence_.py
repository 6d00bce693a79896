"""Every other sentence-transformers model, through the library: one `encode` a batch.

The library's tokenizer keeps state between calls, so calls take turns; a query is served next.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.arrays import Matrix
from backends.device import accelerator, physical_cores
from backends.encoders import calibrate, sentence_layers
from backends.encoders.base import Counts, Kind, Pace, Precision, UnusableModel
from backends.encoders.folder import ModelFolder
from backends.reporting import SILENT, Report

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CHARACTERS_PER_TOKEN = 4  # where a model has no tokenizer to ask


class Turns:
    """A lock that is passed on in the order of asking: nobody starves behind a busy loop."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._next = 0
        self._served = 0

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for one's turn, hold it for the block."""
        with self._condition:
            ticket = self._next
            self._next += 1
            self._condition.wait_for(lambda: self._served == ticket)
        try:
            yield
        finally:
            with self._condition:
                self._served += 1
                self._condition.notify_all()


class LibraryEncoder:
    """A model in a folder, loaded by sentence-transformers when it is first needed."""

    engine = "sentence-transformers"
    packages = ("torch", "transformers", "sentence-transformers")

    def __init__(self, name: str, title: str, folder: ModelFolder) -> None:
        self.id = name
        self.title = title
        self.folder = folder
        self.fingerprint = folder.fingerprint
        self.max_tokens = folder.max_tokens
        self.layers = sentence_layers.count(folder)
        self._dim = folder.dim
        self._turns = Turns()
        self._model: SentenceTransformer | None = None

    @property
    def dim(self) -> int:
        """Number of dimensions d; loads the model where its folder does not say."""
        if self._dim is None:
            with self._turns.taken():
                model = self._loaded()
                size = getattr(model, "get_embedding_dimension", None)
                self._dim = int((size or model.get_sentence_embedding_dimension)() or 0)
        return self._dim

    @property
    def _key(self) -> str:
        return calibrate.key_of(self.fingerprint, self.engine)

    def known_pace(self) -> Pace | None:
        """What was measured before for this processor, torch and model; None if nothing was."""
        return calibrate.recall(self._key)

    def measure_pace(self, sample: Sequence[str], report: Report = SILENT) -> Pace:
        """Compare bf16 with full precision on these texts; on an accelerator fp16 is taken."""
        report.step(0, 0, "Loading the model and measuring what this processor does fastest")
        if accelerator() != "cpu":
            return calibrate.accelerator_pace(self._key)
        chosen = calibrate.pick_sample(sample, self._limited(sample))
        tokens = int(self._limited(chosen).sum())
        precision, cosine, seconds = calibrate.compare(
            lambda texts, kind: self.encode(texts, "passage", kind),
            chosen,
            time.perf_counter,
            report,
        )
        batch = calibrate.batch_tokens(tokens, seconds[precision])
        pace = Pace(precision, batch, 1)
        calibrate.remember(self._key, pace, cosine, seconds)
        return pace

    def _limited(self, texts: Sequence[str]) -> Counts:
        counts = self.count_tokens(texts)
        return counts if self.max_tokens is None else np.minimum(counts, self.max_tokens)

    def count_tokens(self, texts: Sequence[str]) -> Counts:
        """Tokens of each text with prompt, (n,) int32; guessed where there is no tokenizer.

        Counted without the library, so that a plan can be made while the model loads.
        """
        prompt = self.folder.prompt("passage")
        file = self.folder.modules[0].path / "tokenizer.json"
        if not file.is_file():
            guesses = [1 + len(prompt + text) // CHARACTERS_PER_TOKEN for text in texts]
            return np.array(guesses, dtype=np.int32)
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises plain Exception
            raise UnusableModel(
                f"The tokenizer {file} cannot be read.", hint="Download the model again."
            ) from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        found = tokenizer.encode_batch_fast([prompt + text for text in texts])
        return np.fromiter((len(item.ids) for item in found), dtype=np.int32, count=len(found))

    def warm(self, precision: Precision) -> None:
        """Import the library and load the model."""
        with self._turns.taken():
            self._loaded()

    def encode(self, texts: Sequence[str], kind: Kind, precision: Precision) -> Matrix:
        """Vectors of one batch, (b, d) float32. Cannot be stopped within the batch."""
        with self._turns.taken():
            return self._encode(texts, kind, precision)

    def encode_cut(
        self, texts: Sequence[str], kind: Kind, precision: Precision, layers: int
    ) -> Matrix:
        """Vectors of one batch by the first layers alone, (b, d) float32."""
        if layers == self.layers:
            return self.encode(texts, kind, precision)
        with self._turns.taken():
            model = self._loaded()
            if not sentence_layers.can_cut(model):
                return self._stack(texts, kind, precision, self.layers)[layers]
            try:
                with sentence_layers.cut(model, layers):
                    return self._encode(texts, kind, precision)
            except (LookupError, NameError, RuntimeError, TypeError, ValueError):
                # Some cannot do without any layer, as DeBERTa: one more is run and not looked at.
                with sentence_layers.cut(model, layers + 1):
                    return self._stack(texts, kind, precision, layers + 1)[layers]

    def encode_layers(self, texts: Sequence[str], kind: Kind, precision: Precision) -> Matrix:
        """Vectors of one batch after each layer, in one pass, (layers + 1, b, d) float32."""
        with self._turns.taken():
            return np.stack(self._stack(texts, kind, precision, self.layers))

    def _stack(
        self, texts: Sequence[str], kind: Kind, precision: Precision, layers: int
    ) -> list[Matrix]:
        with sentence_layers.joined(self._loaded()) as width:
            joined = self._encode(texts, kind, precision, width)  # (b, (layers + 1) d)
        return [np.ascontiguousarray(part) for part in np.split(joined, layers + 1, axis=1)]

    def _encode(
        self, texts: Sequence[str], kind: Kind, precision: Precision, width: int | None = None
    ) -> Matrix:
        """Have the library encode one batch; `width` overrules its own cut of dimensions."""
        import torch

        model = self._loaded()
        torch.set_num_threads(physical_cores())
        types = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
        half = precision != "fp32"
        with torch.autocast(accelerator(), dtype=types[precision], enabled=half):
            vectors = model.encode(
                list(texts),
                prompt=self.folder.prompt(kind),
                batch_size=max(1, len(texts)),
                show_progress_bar=False,
                convert_to_numpy=True,
                truncate_dim=width,
            )
        return np.array(vectors, dtype=np.float32, order="C")

    def _loaded(self) -> SentenceTransformer:
        if self._model is not None:
            return self._model
        import torch

        # Its notices are for programmers; what a person should know is said by us.
        logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as notices

        notices.disable_progress_bar()
        notices.set_verbosity_error()
        options: dict[str, Any] = {"dtype": torch.float32, "use_safetensors": True}
        if self.folder.modules[0].kind != "Transformer":
            options = {}
        try:
            self._model = SentenceTransformer(
                str(self.folder.path),
                device=accelerator(),
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs=options or None,
            )
        except Exception as error:  # anything can go wrong in a folder of somebody's making
            raise UnusableModel(
                f"sentence-transformers cannot load the model in {self.folder.path}: {error}",
                hint="Download the model again, or choose another.",
            ) from error
        return self._model
