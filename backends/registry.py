"""One idiom for readers, encoders, projections: a table of what there is, loaded when asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any


@dataclass(frozen=True)
class Spec:
    """One entry of a registry.

    `load()` imports what it needs and returns the function or class; `params` is the frozen
    dataclass of its settings, from which a panel builds its form; `needs` maps each module that
    must be importable to its name on PyPI.
    """

    id: str
    title: str
    load: Callable[[], Any]
    params: type[Any] | None = None
    needs: tuple[tuple[str, str], ...] = ()  # (module, package)
    about: str = ""  # one sentence for a tooltip

    @property
    def missing(self) -> str | None:
        """Package that has to be installed first, or None. Imports nothing."""
        return next((package for module, package in self.needs if not _is_there(module)), None)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of the package that a submodule lies in
        return False
