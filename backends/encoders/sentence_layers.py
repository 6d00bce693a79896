"""Layers of a model that the sentence-transformers library runs: one pass for all, or a part.

The library is asked for what it does anyway: a hook keeps the hidden states of its transformer, a
second one joins what its other modules make of each, so prompts, sorting and pooling stay its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backends.encoders.base import UnusableModel
from backends.encoders.folder import ModelFolder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

COUNTS = ("num_hidden_layers", "n_layers", "n_layer", "num_layers")  # as configurations name it
# Pre-norm models normalise once more behind the last layer; a part of them does so, too.
FINAL_NORMS = ("norm", "final_norm", "final_layer_norm", "final_layernorm", "ln_f")
STATES, TOKENS, VECTOR = "all_layer_embeddings", "token_embeddings", "sentence_embedding"


def count(folder: ModelFolder) -> int:
    """Number of layers by the model's configuration; 0 for a model without layers."""
    found = (folder.config.get(name) for name in COUNTS)
    return next((number for number in found if isinstance(number, int)), 0)


def can_cut(model: SentenceTransformer) -> bool:
    """Whether its layers are a list of modules; else (shared weights) they cannot be taken out."""
    return _place(model) is not None


@contextmanager
def cut(model: SentenceTransformer, layers: int) -> Iterator[None]:
    """Take all but the first layers out of the model for the block; `can_cut` has been asked."""
    from torch.nn import ModuleList

    place = _place(model)
    assert place is not None
    parent, name, whole = place
    parent._modules[name] = ModuleList(list(whole)[:layers])
    try:
        yield
    finally:
        parent._modules[name] = whole


@contextmanager
def joined(model: SentenceTransformer) -> Iterator[int | None]:
    """Let `encode` return the vectors of all layers side by side, (b, (L + 1) d), in the block.

    Yields what to pass as `truncate_dim`: a model that cuts its vectors would cut them once.

    Raises: UnusableModel if the model keeps its hidden states to itself.
    """
    first, last = model[0], model[-1]
    config = _network(first).config
    before = getattr(config, "output_hidden_states", False)
    kept: dict[str, Any] = {}

    def keep(_module: object, _inputs: object, features: dict[str, Any]) -> None:
        kept.clear()
        kept.update(features)

    def join(_module: object, _inputs: object, features: dict[str, Any]) -> dict[str, Any]:
        import torch

        vectors = torch.cat(_vectors(model, kept), dim=-1)  # (b, (L + 1) d)
        return {**features, VECTOR: vectors}

    hooks = first.register_forward_hook(keep), last.register_forward_hook(join)
    config.output_hidden_states = True
    try:
        yield model.truncate_dim and (1 << 31)
    finally:
        config.output_hidden_states = before
        for hook in hooks:
            hook.remove()


def _vectors(model: SentenceTransformer, kept: dict[str, Any]) -> list[Any]:
    states = kept.get(STATES)
    if states is None or TOKENS not in kept or len(model) < 2:
        raise UnusableModel(
            "This model keeps its hidden states to itself, so its layers cannot be compared.",
            hint="Choose a model of the BERT family, as MiniLM.",
        )
    norm = _final_norm(model)
    # The last state is taken from the output, which has the final norm in it in any case.
    *inner, _last = states
    tokens = [norm(hidden) if norm is not None else hidden for hidden in inner] + [kept[TOKENS]]
    made = []
    for hidden in tokens:
        features = {name: value for name, value in kept.items() if name != STATES}
        features[TOKENS] = hidden
        for module in list(model)[1:]:
            features = module.forward(features)  # not called: hooks are for the library's own pass
        made.append(features[VECTOR][..., : model.truncate_dim].float())
    return made


def _network(first: Any) -> Any:
    """The transformer inside the library's first module, under its newer or older name."""
    found = getattr(first, "auto_model", None)
    return found if found is not None else first.model


def _place(model: SentenceTransformer) -> tuple[Any, str, Any] | None:
    """Module that holds the list of layers, the list's name there, and the list."""
    from torch.nn import ModuleList

    network = _network(model[0])
    number = getattr(network.config, "num_hidden_layers", 0)
    for parent in network.modules():
        for name, child in parent.named_children():
            if isinstance(child, ModuleList) and len(child) == number:
                return parent, name, child
    return None


def _final_norm(model: SentenceTransformer) -> Any:
    place = _place(model)
    parent = place[0] if place is not None else _network(model[0])
    return next((getattr(parent, name) for name in FINAL_NORMS if hasattr(parent, name)), None)
