"""What an encoder is: texts in, vectors out, with the facts that a plan of batches needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from backends.arrays import Matrix
from backends.errors import BackendError
from backends.reporting import SILENT, Report

Kind = Literal["passage", "query"]
Precision = Literal["fp32", "bf16", "fp16"]
Counts = NDArray[np.int32]


class UnusableModel(BackendError):
    """A folder or name that cannot serve as an encoder: damaged, incomplete, or unsafe to load."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How this machine runs a model best, measured once and then remembered."""

    precision: Precision
    tokens_per_batch: int  # a batch holds so many tokens, padding included
    workers: int  # threads that encode one batch each at the same time


class Named(Protocol):
    """What every encoder says of itself."""

    @property
    def id(self) -> str:
        """What `load_encoder` takes."""
        ...

    @property
    def title(self) -> str:
        """Name for a person."""
        ...

    @property
    def engine(self) -> str:
        """Which code does the work: "torch", "sentence-transformers", "scikit-learn"."""
        ...

    @property
    def fingerprint(self) -> str:
        """Of everything that decides the vectors: weights, tokenizer, prompts, settings."""
        ...

    @property
    def packages(self) -> tuple[str, ...]:
        """Packages on PyPI whose versions belong into a recipe."""
        ...


class Encoder(Named, Protocol):
    """Turns texts into vectors. `encode` may be called from several threads at the same time."""

    @property
    def max_tokens(self) -> int | None:
        """Longer texts are cut; None where everything is read."""
        ...

    @property
    def dim(self) -> int:
        """Number of dimensions d."""
        ...

    def known_pace(self) -> Pace | None:
        """What was measured before; None if `measure_pace` has to be called. Loads nothing."""
        ...

    def measure_pace(self, sample: Sequence[str], report: Report = SILENT) -> Pace:
        """Find out, in about two seconds, how to run the model on these texts, and remember it."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> Counts:
        """Tokens of each text with prompt and special tokens, not yet cut, (n,) int32."""
        ...

    def warm(self, precision: Precision) -> None:
        """Load what `encode` needs, which it would otherwise do at its first call."""
        ...

    def encode(self, texts: Sequence[str], kind: Kind, precision: Precision) -> Matrix:
        """Vectors of one batch, (b, d) float32, a new array. Cannot be stopped within the batch."""
        ...


@runtime_checkable
class Layered(Encoder, Protocol):
    """A transformer whose hidden states can be had; without layers, `layers` is 0.

    What a layer yields is what the model would with the layers above it taken out: the same
    pooling and the same modules after it, and the final norm of a model that has one.
    """

    @property
    def layers(self) -> int:
        """Number of layers L."""
        ...

    def encode_layers(self, texts: Sequence[str], kind: Kind, precision: Precision) -> Matrix:
        """Vectors of one batch after each layer in one pass, (L + 1, b, d); 0 is the embedding."""
        ...

    def encode_cut(
        self, texts: Sequence[str], kind: Kind, precision: Precision, layers: int
    ) -> Matrix:
        """Vectors of one batch by the first layers alone, (b, d); the others are not run."""
        ...


@runtime_checkable
class Fittable(Named, Protocol):
    """An encoder without weights of its own: it learns from the corpus before it can encode."""

    def fit(self, texts: Sequence[str], report: Report = SILENT) -> Fitted:
        """Learn from texts. Raises: BackendError if there is nothing to learn from."""
        ...

    def open(self, folder: Path) -> Fitted:
        """Read what `Fitted.save` wrote. Raises: BackendError."""
        ...


class Fitted(Encoder, Protocol):
    """An encoder that has learnt; its state lies beside the vectors that it made."""

    def save(self, folder: Path) -> None:
        """Write the state as plain arrays and JSON. Raises: OSError."""
        ...
