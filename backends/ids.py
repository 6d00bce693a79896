"""Whether a column can name the items: one value each, none twice."""

from __future__ import annotations

from backends.corpora.cells import cell_text
from backends.corpora.columns import (
    values_of,
)
from backends.errors import BackendError
from backends.reporting import SILENT, Report
from backends.types import Corpus


class NotUnique(BackendError):
    """A column that was to name the rows has empty cells or one value in several rows."""


def check_ids(corpus: Corpus, column: str, report: Report = SILENT) -> None:
    """Return if each row has a value of its own in the column.

    Raises: NotUnique, BackendError if there is no such column, Cancelled.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values = values_of(corpus, column)
    report.step(0, 0, f"Looking whether {column} names every row")
    hint = "Choose a column that has one value for each row, and none twice."
    if values.null_count:
        raise NotUnique(f"{column} is empty in {values.null_count:,} rows.", hint)
    if pa.types.is_nested(values.type):
        raise NotUnique(f"{column} holds lists or records, which cannot name rows.", hint)
    if pc.count_distinct(values).as_py() == len(values):
        return
    report.check()
    counted = pc.value_counts(values)
    repeated = counted.filter(pc.greater(counted.field("counts"), 1))
    example = cell_text(repeated.field("values")[0].as_py())
    times = repeated.field("counts")[0].as_py()
    shown = example if len(example) <= 60 else example[:59] + "…"
    raise NotUnique(f"{column} cannot name the rows: “{shown}” stands in {times:,} of them.", hint)
