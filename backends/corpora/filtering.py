"""Filter and sort a corpus: words, or a condition in SQL that sees this table and nothing else.

The condition runs in a DuckDB of its own without files, network or settings, and its syntax tree is
looked at before: one condition, over the table `items`, without table functions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from backends.arrays import Rows, frozen
from backends.corpora.columns import values_of
from backends.corpora.duck import quoted_name
from backends.errors import BackendError
from backends.reporting import SILENT, Cancelled, Report
from backends.types import Corpus

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Mode = Literal["contains", "sql"]
ROW = "embedscope row"  # the column that says where a row was
CHECK_SECONDS = 0.05
EXAMPLE = "Write a condition over the columns, as: year > 2000 AND text LIKE '%word%'."
_NUMBER_LETTERS = set("0123456789+-.: einfatruls")  # of numbers, dates, true and false


def filter_rows(corpus: Corpus, mode: Mode, text: str, report: Report = SILENT) -> Rows:
    """Rows whose cells contain a text, or that fulfil a condition in SQL; ascending.

    "contains" looks into all columns as they are shown, capital letters or not; nothing in the text
    is special. "sql" is what stands after WHERE.

    Raises: BackendError that says briefly what is wrong with a condition, Cancelled.
    """
    if not text.strip():
        return frozen(np.arange(len(corpus), dtype=np.int64))
    report.step(0, 0, "Filtering")
    with _locked(_numbered(corpus.table)) as connection:
        if mode == "sql":
            _check_condition(connection, text)
            condition, values = f"(\n{text}\n)", list[str]()
        else:
            condition, values = _contains(corpus.table.schema, text)
        query = f"SELECT {quoted_name(ROW)} FROM items WHERE {condition}"
        rows = _run(connection, query, values, report, "The condition cannot be used")
    return frozen(np.sort(rows))


def _contains(schema: pa.Schema, text: str) -> tuple[str, list[str]]:
    """A condition that is true where a cell's shown text has `text` in it."""
    import pyarrow as pa

    numeric = set(text.lower()) <= _NUMBER_LETTERS
    tests = []
    for field in schema:
        name = quoted_name(field.name)
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            tests.append(f"contains(lower({name}), lower($1))")
        elif numeric or pa.types.is_dictionary(field.type) or pa.types.is_nested(field.type):
            tests.append(f"contains(lower({name}::VARCHAR), lower($1))")
    return (" OR ".join(tests), [text]) if tests else ("false", [])


def sort_rows(
    corpus: Corpus, rows: Rows, column: str, *, descending: bool, report: Report = SILENT
) -> Rows:
    """The same rows in the order of a column; equal ones keep theirs, empty cells come last.

    Text is compared without regard to capital letters, by code points.

    Raises: BackendError if there is no such column, Cancelled.
    """
    import pyarrow as pa

    values = values_of(corpus, column)
    report.step(0, 0, f"Sorting by {column}")
    # Sorting all and leaving some out is faster than bringing most texts together first.
    most = len(rows) * 4 > len(corpus) and bool(np.all(rows[1:] > rows[:-1]))
    chosen = values if most else values.take(pa.array(rows))
    key = _sort_key(values.type)
    way = "DESC" if descending else "ASC"
    table = _numbered(pa.table({"value": chosen}))
    query = f"SELECT {quoted_name(ROW)} FROM items ORDER BY {key} {way} NULLS LAST, 1"
    with _locked(table) as connection:
        order = _run(connection, query, [], report, "The column cannot be sorted")
    if not most:
        return frozen(np.asarray(rows, dtype=np.int64)[order])
    wanted = np.zeros(len(corpus), np.bool_)
    wanted[rows] = True
    return frozen(order[wanted[order]])


def _sort_key(kind: pa.DataType) -> str:
    import pyarrow as pa

    if pa.types.is_floating(kind):
        return "CASE WHEN isnan(value) THEN NULL ELSE value END"
    plain = pa.types.is_integer(kind) or pa.types.is_temporal(kind) or pa.types.is_boolean(kind)
    if plain or pa.types.is_decimal(kind):
        return "value"
    return "nullif(lower(value::VARCHAR), '')"


def _numbered(table: pa.Table) -> pa.Table:
    """The table with the number of each row as a further column; nothing is copied."""
    import pyarrow as pa

    return table.append_column(ROW, pa.array(np.arange(len(table), dtype=np.int64)))


@contextmanager
def _locked(table: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees `table` as `items`, and can reach or change nothing else."""
    import duckdb

    settings = {
        "enable_external_access": "false",
        "python_enable_replacements": "false",
        "autoload_known_extensions": "false",
        "autoinstall_known_extensions": "false",
        "temp_directory": "",
    }
    connection = duckdb.connect(config=settings)
    try:
        connection.register("items", table)
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


def _run(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    values: list[str],
    report: Report,
    failure: str,
) -> Rows:
    """The only column of a query as numbers; interrupted when nobody wants it any more."""
    import duckdb

    def ask() -> Any:
        return connection.execute(query, values).fetchnumpy()[ROW]

    with ThreadPoolExecutor(1, "filter") as worker:
        answer = worker.submit(ask)
        while True:
            try:
                found = answer.result(CHECK_SECONDS)
                return np.asarray(found, dtype=np.int64)
            except TimeoutError:
                try:
                    report.check()
                except Cancelled:
                    connection.interrupt()
                    raise
            except duckdb.Error as error:
                raise BackendError(f"{failure}: {_brief(error)}", hint=EXAMPLE) from error


def _brief(error: Exception) -> str:
    """The first sentence of what DuckDB says, without its class and the picture of the place."""
    first = str(error).strip().split("\n")[0]
    return first.split("Error: ", 1)[-1][:300].rstrip("!. ") + "."


def _check_condition(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Refuse what is more than one condition over `items`. Raises: BackendError."""
    query = f"SELECT 1 FROM items WHERE (\n{text}\n)"
    (answer,) = connection.execute("SELECT json_serialize_sql($1)", [query]).fetchall()[0]
    tree = json.loads(answer)
    if tree.get("error"):
        said = _brief(ValueError(tree.get("error_message", "it is not complete")))
        raise BackendError(f"The condition cannot be used: {said}", hint=EXAMPLE)
    statements = tree["statements"]
    node = statements[0]["node"] if len(statements) == 1 else {}
    single = (
        node.get("type") == "SELECT_NODE"
        and not node.get("modifiers")
        and len(node.get("select_list", ())) == 1
        and not node.get("group_expressions")
        and not node.get("having")
        and not node.get("qualify")
        and node.get("from_table", {}).get("type") == "BASE_TABLE"
    )
    if not single:
        raise BackendError("This is more than one condition.", hint=EXAMPLE)
    for part in _parts(tree):
        kind = part.get("type")
        table = str(part.get("table_name", "")).lower()
        if kind == "TABLE_FUNCTION" or (kind == "BASE_TABLE" and table != "items"):
            raise BackendError(
                "A condition can only look at the table items, not at files or other tables.",
                hint=EXAMPLE,
            )


def _parts(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node of a syntax tree."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
