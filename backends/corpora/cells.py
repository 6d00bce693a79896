"""Single cells as Python's values and as text."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def cells_of(values: pa.Array | pa.ChunkedArray) -> list[Any]:
    """Cells as Python has them; dates beyond the year 9999, which it has not, as Arrow's text."""
    import pyarrow as pa

    try:
        cells: list[Any] = values.to_pylist()
    except (OverflowError, ValueError):
        if not pa.types.is_temporal(values.type):
            raise
        cells = values.cast(pa.large_string()).to_pylist()
    return cells


def cell_text(value: object) -> str:
    """A value as a table shows it, and as the filter box finds it; an empty cell is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        whole = value.isoformat(sep=" ")
        return whole.rstrip("0") if value.microsecond and value.tzinfo is None else whole
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):  # Python would write minus one minute as -1 day, 23:59:00
        sign = "-" if value < timedelta(0) else ""
        return sign + str(abs(value)).replace(",", "")
    return str(value)
