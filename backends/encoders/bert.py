"""The forward pass of BERT and RoBERTa on plain tensors, in the order of a batch.

Written out instead of imported: the library that holds it takes seconds to import, and here the
weights can be packed once for the processor's own matrix kernels (twice as fast in single
precision, a tenth in bf16). Every call runs on the calling thread alone, so batches run side by
side on as many threads as there are cores and give the same bits whatever their number.

Reference: Devlin et al. 2018, arXiv 1810.04805; Liu et al. 2019, arXiv 1907.11692.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backends.device import Device
from backends.encoders.base import Precision, UnusableModel

if TYPE_CHECKING:
    from torch import Tensor

MODEL_TYPES = ("bert", "roberta", "xlm-roberta", "camembert")
ACTIVATIONS = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}
WORDS = "embeddings.word_embeddings.weight"
USUAL_ROWS = 512  # what a packed weight is laid out for; other sizes work as well


def supports(config: Mapping[str, Any]) -> bool:
    """Whether this file's forward pass is the one that config.json describes."""
    return (
        config.get("model_type") in MODEL_TYPES
        and config.get("hidden_act", "gelu") in ACTIVATIONS
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder")
        and not config.get("add_cross_attention")
        and not config.get("quantization_config")
    )


def tensor_names(path: Path) -> set[str]:
    """Names in a safetensors file, read from its head only.

    Raises: UnusableModel if the file is damaged or shorter than its head says.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            size = path.stat().st_size
            head = json.loads(file.read(length)) if length < size else {}
        names = {name for name in head if name != "__metadata__"}
        end = max(head[name]["data_offsets"][1] for name in names)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path) from error
    if size != 8 + length + end:
        raise damaged(path)
    return names


def damaged(path: Path) -> UnusableModel:
    """The sentence for weights that are not what they should be."""
    return UnusableModel(f"The weights in {path} are damaged.", hint="Download the model again.")


def missing_names(names: set[str], config: Mapping[str, Any]) -> set[str]:
    """Weights that the forward pass needs and the file has not."""
    prefix = _prefix(names)
    needed = {WORDS, "embeddings.position_embeddings.weight"}
    needed |= {f"embeddings.LayerNorm.{part}" for part in ("weight", "bias")}
    for number in range(int(config.get("num_hidden_layers", 12))):
        for place in (*_ATTENTION, *_REST):
            needed |= {f"encoder.layer.{number}.{place}.{part}" for part in ("weight", "bias")}
    return {name for name in needed if prefix + name not in names}


def modern(names: set[str]) -> set[str]:
    """Names as they are called today: the first BERTs had gamma and beta."""
    ends = (("LayerNorm.gamma", "LayerNorm.weight"), ("LayerNorm.beta", "LayerNorm.bias"))
    for old, new in ends:
        names = {name.replace(old, new) for name in names}
    return names


_ATTENTION = tuple(f"attention.self.{name}" for name in ("query", "key", "value"))
_REST = (
    *("attention.output.dense", "attention.output.LayerNorm", "intermediate.dense"),
    *("output.dense", "output.LayerNorm"),
)


def _prefix(names: set[str]) -> str:
    return next((name[: -len(WORDS)] for name in names if name.endswith(WORDS)), "")


class Bert:
    """The network in one precision on one device; calling it changes nothing in it."""

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        config: Mapping[str, Any],
        precision: Precision,
        device: Device,
    ) -> None:
        import torch

        kinds = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
        self._type = kinds[precision]
        self._device = device
        self._weights = weights
        self._prefix = _prefix(set(weights))
        self._heads = int(config.get("num_attention_heads", 12))
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        self._gelu = ACTIVATIONS[str(config.get("hidden_act", "gelu"))]
        roberta = config["model_type"] != "bert"
        # RoBERTa counts positions from behind the padding's number.
        self._first_position = int(config.get("pad_token_id", 1)) + 1 if roberta else 0
        self._linear = _linear_kind(self._type, device)
        self._words = self._get(WORDS)
        self._positions = self._get("embeddings.position_embeddings.weight")
        types = self._prefix + "embeddings.token_type_embeddings.weight"
        if types in weights:
            self._positions = self._positions + self._get(types[len(self._prefix) :])[0]
        self._positions = self._positions[self._first_position :]
        self._norm = self._pair("embeddings.LayerNorm")
        layers = range(int(config.get("num_hidden_layers", 12)))
        self._layers = [self._layer(f"encoder.layer.{number}.") for number in layers]
        del self._weights

    def states(
        self, ids: Tensor, mask: Tensor | None, layers: int | None = None
    ) -> Iterator[Tensor]:
        """Hidden states (b, l, d) after the embedding and after each of the first layers (all).

        `mask` (b, l) may be None without padding.
        """
        import torch.nn.functional as tnf

        b, length = ids.shape
        hidden = self._words[ids] + self._positions[:length]  # (b, l, d)
        hidden = tnf.layer_norm(hidden, hidden.shape[-1:], *self._norm, self._epsilon)
        hidden = hidden.to(self._type)
        yield hidden
        seen = None if mask is None else mask[:, None, None, :].bool()  # (b, 1, 1, l)
        for layer in self._layers[:layers]:
            joined = layer["qkv"](hidden).view(b, length, 3, self._heads, -1)
            query, key, value = joined.permute(2, 0, 3, 1, 4)  # each (b, h, l, d / h)
            mixed = tnf.scaled_dot_product_attention(query, key, value, attn_mask=seen)
            mixed = mixed.transpose(1, 2).reshape(b, length, -1)  # (b, l, d)
            hidden = layer["norm1"](hidden + layer["mix"](mixed))
            wide = tnf.gelu(layer["up"](hidden), approximate=self._gelu)  # (b, l, 4 d)
            hidden = layer["norm2"](hidden + layer["down"](wide))
            yield hidden

    def _get(self, name: str) -> Tensor:
        import torch

        # A copy: the file belongs to the person, and its mapping must not outlive the loading.
        return self._weights[self._prefix + name].to(self._device, torch.float32, copy=True)

    def _pair(self, name: str) -> tuple[Tensor, Tensor]:
        return self._get(f"{name}.weight"), self._get(f"{name}.bias")

    def _layer(self, name: str) -> dict[str, Callable[[Tensor], Tensor]]:
        import torch

        parts = [self._pair(name + place) for place in _ATTENTION]
        joined = [torch.cat(part) for part in zip(*parts, strict=True)]  # (3 d, d), (3 d,)
        mix, norm1, up, down, norm2 = (self._pair(name + place) for place in _REST)
        return {
            "qkv": self._linear(*(tensor.to(self._type) for tensor in joined)),
            "mix": self._linear(*(tensor.to(self._type) for tensor in mix)),
            "up": self._linear(*(tensor.to(self._type) for tensor in up)),
            "down": self._linear(*(tensor.to(self._type) for tensor in down)),
            "norm1": self._layer_norm(*norm1),
            "norm2": self._layer_norm(*norm2),
        }

    def _layer_norm(self, weight: Tensor, bias: Tensor) -> Callable[[Tensor], Tensor]:
        import torch.nn.functional as tnf

        shape, epsilon = weight.shape, self._epsilon
        weight, bias = weight.to(self._type), bias.to(self._type)
        return lambda hidden: tnf.layer_norm(hidden, shape, weight, bias, epsilon)


Linear = Callable[["Tensor", "Tensor"], Callable[["Tensor"], "Tensor"]]


def _linear_kind(kind: Any, device: Device) -> Linear:
    """Packed for oneDNN on a processor if this torch can, else torch's own."""
    import torch

    if device == "cpu" and torch.backends.mkldnn.is_available():
        probe = torch.ones(16, 16, dtype=kind)
        try:
            if torch.allclose(_packed(probe, probe[0])(probe), torch.full_like(probe, 17.0)):
                return _packed
        except (AttributeError, NotImplementedError, RuntimeError, TypeError):
            return _plain
    return _plain


def _plain(weight: Tensor, bias: Tensor) -> Callable[[Tensor], Tensor]:
    import torch.nn.functional as tnf

    return lambda x: tnf.linear(x, weight, bias)


def _packed(weight: Tensor, bias: Tensor) -> Callable[[Tensor], Tensor]:
    """What torch's own compiler makes of a linear layer when it freezes a model."""
    import torch

    ops = torch.ops.mkldnn
    packed = ops._reorder_linear_weight(weight.contiguous(), USUAL_ROWS)
    multiply = ops._linear_pointwise
    result: Callable[[Tensor], Tensor] = lambda x: multiply(x, packed, bias, "none", [], "")  # noqa: E731
    return result
