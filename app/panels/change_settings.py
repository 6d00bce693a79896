"""What a person chooses for a change of vectors, and what of it a project keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from backends.directions.erasing.registry import ERASERS
from backends.errors import BackendError
from backends.parameters import parameters_of, params_with

SELECTION = "\0selection"  # stands for the name of a set: the items that are selected
TRAINING = (0.1, 0.9)  # smallest and largest share
MOST_SEED = 2**31 - 1
WORDS = ("specific", "pairs", "neutral", "test")  # settings that name word sets and tests
ROLES = {
    "specific": "specific words",
    "pairs": "pairs to equalise",
    "neutral": "neutral words",
    "test": "an association test",
}


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """What the page chooses; sets and tests by name, "" for none."""

    direction: str = ""  # fingerprint; "" is the one that is looked at
    method: str = "hard"
    specific: str = ""  # or SELECTION
    pairs: str = ""
    neutral: str = ""
    test: str = ""
    training: float = 0.5
    seed: int = 0
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by method, by name

    @property
    def shown(self) -> dict[str, float]:
        """Every parameter of the method with its value."""
        own = self.values.get(self.method, {})
        known = parameters_of(ERASERS[self.method].params)
        return {one.name: own.get(one.name, one.default) for one in known}

    @property
    def params(self) -> Any:
        """The same in the form that the method takes."""
        return params_with(ERASERS[self.method].params, self.shown, self.seed)

    def with_value(self, name: str, value: float) -> ChangeSettings:
        """The same with another value of a parameter of the method."""
        own = {**self.values.get(self.method, {}), name: value}
        return replace(self, values={**self.values, self.method: own})


def as_kept(settings: ChangeSettings) -> dict[str, Any]:
    """Plain data for a project; what is selected is kept by the project itself."""
    kept = {name: getattr(settings, name) for name in ("direction", "method", *WORDS)}
    values = {method: dict(own) for method, own in settings.values.items()}
    return {**kept, "training": settings.training, "seed": settings.seed, "values": values}


def from_kept(kept: Mapping[str, Any]) -> tuple[ChangeSettings, tuple[str, ...]]:
    """The inverse, and what of it cannot be used, in words.

    Names are taken as they are: whether there are such sets is for the page to see.
    """
    good: dict[str, Any] = {}
    lost: list[str] = []
    for name in ("direction", *WORDS):
        if isinstance(kept.get(name), str):
            good[name] = kept[name]
    method = kept.get("method")
    if method in ERASERS:
        good["method"] = method
    elif method is not None:
        lost.append(f"the method “{method}”")
    share, seed = kept.get("training"), kept.get("seed")
    if isinstance(share, int | float) and TRAINING[0] <= share <= TRAINING[1]:
        good["training"] = float(share)
    if type(seed) is int and 0 <= seed <= MOST_SEED:
        good["seed"] = seed
    good["values"], more = _values(kept.get("values"))
    return ChangeSettings(**good), (*lost, *more)


def _values(told: object) -> tuple[dict[str, dict[str, float]], tuple[str, ...]]:
    found: dict[str, dict[str, float]] = {}
    lost: list[str] = []
    for method, own in told.items() if isinstance(told, Mapping) else ():
        if method not in ERASERS or not isinstance(own, Mapping):
            continue  # that there is no such method has been said where it is chosen
        spec = ERASERS[method]
        known = {one.name: one for one in parameters_of(spec.params)}
        for name, value in own.items():
            try:
                found.setdefault(method, {})[name] = known[name].read(value)
            except (KeyError, BackendError):
                lost.append(f"“{name}” of {spec.title}")
    return found, tuple(lost)
