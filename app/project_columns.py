"""Computed columns in a project: a file each, so that a damaged one costs only itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.project_arrays import ArrayFolder, Damaged
from backends.corpora.computed import with_column
from backends.reporting import Report
from backends.types import Corpus, MadeBy

if TYPE_CHECKING:
    import pyarrow as pa

INSIDE = "values"  # what the column is called in its file, so that another name writes nothing
PART = "column"


def as_json(corpus: Corpus, arrays: ArrayFolder, report: Report) -> list[dict[str, Any]]:
    """Put the columns into the folder and describe them. Raises: UnwritableFile, Cancelled."""
    import pyarrow as pa

    return [
        {
            "title": name,
            "made_by": how.as_json(),
            "fingerprint": how.fingerprint,
            "column": arrays.put_table(
                pa.table({INSIDE: corpus.table.column(name)}), report, how, PART
            ),
        }
        for name, how in corpus.computed.items()
    ]


def told_of(corpus: Mapping[str, Any]) -> list[Any]:
    """What a project says of computed columns; projects from before there were any say nothing."""
    told = corpus.get("computed", [])
    return told if isinstance(told, list) else []


def restored(corpus: Corpus, told: Any, arrays: ArrayFolder, report: Report) -> Corpus:
    """Put a column back. Raises: Damaged, KeyError, TypeError, ValueError, Cancelled."""
    made_by = MadeBy.from_json(told["made_by"])
    if made_by.fingerprint != told["fingerprint"]:
        raise Damaged("it is not what its fingerprint says")
    table = arrays.map_table(told["column"], report)
    if table.column_names != [INSIDE] or not _is_known(table.column(0).type):
        raise Damaged("its file holds something else")
    corpus, _ = with_column(corpus, str(told["title"]), table.column(0), made_by)
    arrays.remember(made_by, PART, told["column"]["file"])
    return corpus


def _is_known(kind: pa.DataType) -> bool:
    """Whether a computed column may be of this type."""
    import pyarrow as pa

    classes = pa.types.is_dictionary(kind) and pa.types.is_large_string(kind.value_type)
    numbers = pa.types.is_float32(kind) or pa.types.is_int64(kind)
    return bool(classes or numbers or pa.types.is_temporal(kind))
