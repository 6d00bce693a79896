"""How old settings and projects become new ones: one function per step, and none is ever deleted.

Add a step: raise the schema's number, add a function under the number it starts from, and put a
file of the new schema into tests/data/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

Plain = dict[str, Any]
Steps = Mapping[int, Callable[[Plain], Plain]]

SETTINGS_SCHEMA = 1
SETTINGS_STEPS: Steps = {}  # from schema -> to the one after it

PROJECT_SCHEMA = 1
PROJECT_STEPS: Steps = {}


class UnknownSchema(Exception):
    """The data has no schema number, or one that this version does not know yet."""

    def __init__(self, found: object, newest: int) -> None:
        super().__init__(f"schema {found!r}, newest known is {newest}")
        self.newer = isinstance(found, int) and not isinstance(found, bool) and found > newest


def migrate(data: Plain, newest: int, steps: Steps) -> Plain:
    """Return the data in the newest schema; what was given is not changed.

    Raises: UnknownSchema.
    """
    found = data.get("schema")
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= newest:
        raise UnknownSchema(found, newest)
    for step in range(found, newest):
        data = {**steps[step](deepcopy(data)), "schema": step + 1}
    return dict(data)
