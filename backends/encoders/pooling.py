"""From hidden states to one vector a text: pooling, dense layers, normalisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

Pool = Callable[["Tensor", "Tensor"], "Tensor"]


def _cls(hidden: Tensor, mask: Tensor) -> Tensor:
    return hidden[:, 0]


def _max(hidden: Tensor, mask: Tensor) -> Tensor:
    return hidden.masked_fill(mask[..., None] == 0, float("-inf")).amax(dim=1)


def _mean(hidden: Tensor, mask: Tensor) -> Tensor:
    weights = mask[..., None].to(hidden.dtype)  # (b, l, 1)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1)


def _mean_sqrt(hidden: Tensor, mask: Tensor) -> Tensor:
    weights = mask[..., None].to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).sqrt()


def _weighted(hidden: Tensor, mask: Tensor) -> Tensor:
    weights = (mask * mask.cumsum(dim=1))[..., None].to(hidden.dtype)  # 1, 2, 3 ... (b, l, 1)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1)


def _last(hidden: Tensor, mask: Tensor) -> Tensor:
    last = mask.sum(dim=1)[:, None, None] - 1  # (b, 1, 1)
    return hidden.gather(1, last.expand(-1, 1, hidden.shape[-1])).squeeze(1)


POOLS: Mapping[str, Pool] = {
    "cls": _cls,
    "max": _max,
    "mean": _mean,
    "mean_sqrt_len_tokens": _mean_sqrt,
    "weightedmean": _weighted,
    "lasttoken": _last,
}


def pool(hidden: Tensor, mask: Tensor, modes: tuple[str, ...]) -> Tensor:
    """One vector a row, (b, d * modes), from hidden states (b, l, d); mask (b, l) is 1 for tokens.

    Padding stands on the right.
    """
    import torch

    return torch.cat([POOLS[mode](hidden, mask) for mode in modes], dim=-1)


DENSE_ACTIVATIONS = ("Identity", "Tanh", "ReLU", "GELU", "Sigmoid")


def activation_of(config: Mapping[str, Any]) -> str | None:
    """Name of a dense layer's activation if it is one of torch's known ones, else None."""
    path = str(config.get("activation_function", "torch.nn.modules.activation.Tanh"))
    name = path.rsplit(".", 1)[-1]
    return name if path.startswith("torch.nn.") and name in DENSE_ACTIVATIONS else None


def dense(
    weights: Mapping[str, Tensor], config: Mapping[str, Any], device: str
) -> Callable[[Tensor], Tensor]:
    """A linear layer with its activation, in single precision. Raises: KeyError."""
    import torch

    weight = weights["linear.weight"].to(device, torch.float32, copy=True)
    bias = weights.get("linear.bias")
    if bias is not None:
        bias = bias.to(device, torch.float32, copy=True)
    activation = getattr(torch.nn, activation_of(config) or "Identity")()
    return lambda x: activation(torch.nn.functional.linear(x, weight, bias))
