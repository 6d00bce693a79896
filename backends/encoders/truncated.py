"""The first layers of a model and the first dimensions of what they yield: an encoder of its own.

Its name says all, as "minilm@4:128", so whatever takes the name of an encoder takes this one, and
an embedding made with it is searched by text like any other.

Reference: Li et al. 2024, 2D Matryoshka sentence embeddings, arXiv 2402.14776.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backends import fingerprint
from backends.arrays import Matrix, unit_rows
from backends.encoders.base import Counts, Encoder, Fittable, Kind, Layered, Pace, Precision
from backends.errors import BackendError
from backends.reporting import SILENT, Report

_NAME = re.compile(r"(?P<base>.+)@(?P<layer>\d+):(?P<dims>\d+)")


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of an encoder: its first `layer` layers, the first `dims` dimensions."""

    base: str
    layer: int
    dims: int

    @property
    def name(self) -> str:
        """What `load_encoder` takes."""
        return f"{self.base}@{self.layer}:{self.dims}"


def parse_cut(name: str) -> Cut | None:
    """The part that a name means, or None for the name of a whole encoder."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return Cut(found["base"], int(found["layer"]), int(found["dims"]))


def base_of(name: str) -> str:
    """Name of the whole encoder that a name means itself or a part of."""
    found = parse_cut(name)
    return name if found is None else found.base


def short_title(title: str) -> str:
    """A model's own name: "all-MiniLM-L6-v2" of "MiniLM (all-MiniLM-L6-v2)" or "org/model"."""
    inside = re.search(r"\(([^()]+)\)$", title)
    return inside[1] if inside else title.rsplit("/", 1)[-1]


def layered(encoder: Encoder | Fittable) -> Layered:
    """The same encoder, known to have layers. Raises: BackendError if it has none."""
    if isinstance(encoder, Layered) and encoder.layers > 0:
        return encoder
    raise BackendError(
        f"{encoder.title} has no layers.",
        hint="Choose a transformer, as MiniLM or a model folder; of other vectors the "
        "dimensions can be measured once they are there.",
    )


def open_cut(cut: Cut, encoder: Encoder | Fittable) -> Encoder:
    """The part of an encoder. Raises: BackendError if it has no such layers or dimensions."""
    whole = layered(encoder)
    if cut.layer > whole.layers or not 1 <= cut.dims <= whole.dim:
        raise BackendError(
            f"{whole.title} has {whole.layers} layers and {whole.dim} dimensions; "
            f"“{cut.name}” asks for more.",
            hint=f"Name a layer from 0 to {whole.layers} and 1 to {whole.dim} dimensions.",
        )
    return TruncatedEncoder(whole, cut)


class TruncatedEncoder:
    """Runs the first layers of a model, keeps the first dimensions, scales them to length 1."""

    def __init__(self, whole: Layered, cut: Cut) -> None:
        self._whole = whole
        self._layer = cut.layer
        self.id = cut.name
        self.dim = cut.dims
        self.engine = whole.engine
        self.packages = whole.packages
        self.max_tokens = whole.max_tokens
        layers, dims = f"layer {cut.layer} of {whole.layers}", f"{cut.dims} dimensions"
        self.title = f"{short_title(whole.title)}, {layers}, {dims}"
        self.fingerprint = fingerprint.of_json([whole.fingerprint, cut.layer, cut.dims])

    def known_pace(self) -> Pace | None:
        """Pace of the whole model, if it was measured before."""
        return self._whole.known_pace()

    def measure_pace(self, sample: Sequence[str], report: Report = SILENT) -> Pace:
        """Measure the pace of the whole model: what is fastest for it is for its layers."""
        return self._whole.measure_pace(sample, report)

    def count_tokens(self, texts: Sequence[str]) -> Counts:
        """Tokens of each text, (n,) int32."""
        return self._whole.count_tokens(texts)

    def warm(self, precision: Precision) -> None:
        """Load the model."""
        self._whole.warm(precision)

    def encode(self, texts: Sequence[str], kind: Kind, precision: Precision) -> Matrix:
        """Vectors of one batch, (b, d) float32 of unit length."""
        vectors = self._whole.encode_cut(texts, kind, precision, self._layer)
        return unit_rows(vectors[:, : self.dim])
