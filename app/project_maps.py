"""Maps of erasers in a project: without them a typed text cannot follow changed vectors.

They lie in the cache beside the vectors, which another computer does not have.
"""

from __future__ import annotations

from typing import Any

from app.project_arrays import ArrayFolder, Damaged
from backends.arrays import frozen
from backends.directions.erasing.base import Affine
from backends.directions.erasing.making import erasures_of, keep_map, kept_map
from backends.errors import BackendError
from backends.reporting import Report
from backends.types import MadeBy

NAME = "maps"


def as_json(made_by: MadeBy, arrays: ArrayFolder, report: Report) -> list[dict[str, Any]]:
    """Put the maps that vectors went through into the folder; one that is gone is left out.

    Raises: UnwritableFile, Cancelled.
    """
    told = []
    for step in erasures_of(made_by):
        try:
            affine = kept_map(step)
        except BackendError:
            continue
        told.append(
            {
                "fingerprint": step.fingerprint,
                "to_units": affine.to_units,
                "matrix": arrays.put_array(affine.matrix, report, affine, "matrix"),
                "offset": arrays.put_array(affine.offset, report, affine, "offset"),
            }
        )
    return told


def restore(told: Any, arrays: ArrayFolder) -> None:
    """Put a map back where it is looked for. Raises: Damaged, KeyError, TypeError, ValueError."""
    d = int(told["matrix"]["shape"][0])
    matrix = arrays.read(told["matrix"], "<f4", (d, d))
    affine = Affine(
        frozen(matrix), frozen(arrays.read(told["offset"], "<f4", (d,))), bool(told["to_units"])
    )
    try:
        keep_map(str(told["fingerprint"]), affine)
    except BackendError as error:
        raise Damaged(error.what) from error
