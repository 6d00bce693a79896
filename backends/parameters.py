"""Parameters that a person may change: what each field of a `params` dataclass is.

A field says itself what it is called, what it does and how far it may go; forms, commands and
projects read that from the registry and know the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from backends.errors import BackendError

KEY, SEED = "parameter", "seed"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that a method takes."""

    name: str  # of the field
    title: str  # beside a control
    about: str  # one sentence for a tooltip
    default: float
    low: float
    high: float
    step: float  # 0: tenfold

    @property
    def is_whole(self) -> bool:
        """Whether it is a whole number."""
        return isinstance(self.default, int)

    def read(self, value: object) -> float:
        """A value from elsewhere. Raises: BackendError if it is no such number, or out of range."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = float(value)
            is_right = not self.is_whole or number.is_integer()
            if math.isfinite(number) and is_right and self.low <= number <= self.high:
                return int(number) if self.is_whole else number
        kind = "a whole number" if self.is_whole else "a number"
        raise BackendError(
            f"{self.title} cannot be {value}.",
            hint=f"Take {kind} from {self.low:g} to {self.high:,g}; {self.default:g} is usual.",
        )


def parameter(
    default: float, title: str, about: str, *, low: float, high: float, step: float
) -> Any:
    """A field of a `params` dataclass that a person may change; a `step` of 0 is tenfold."""
    return field(default=default, metadata={KEY: (title, about, default, low, high, step)})


def parameters_of(params: type[Any] | None) -> tuple[Parameter, ...]:
    """What a person may change of a method, in the order of its fields."""
    if params is None:
        return ()
    known = ((one.name, one.metadata.get(KEY)) for one in fields(params))
    return tuple(Parameter(name, *told) for name, told in known if told is not None)


def params_with(params: type[Any] | None, values: Mapping[str, object], seed: int = 0) -> Any:
    """The parameters of a method, with the seed where it has one; names not known count nothing.

    Raises: BackendError if a value is out of range.
    """
    if params is None:
        return None
    given: dict[str, Any] = {
        one.name: one.read(values[one.name]) for one in parameters_of(params) if one.name in values
    }
    if any(one.name == SEED for one in fields(params)):
        given[SEED] = seed
    return params(**given)
