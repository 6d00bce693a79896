"""Tables that know their types: Parquet, Arrow and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backends.corpora import formats
from backends.corpora.duck import connect, quoted_name, quoted_text, scan
from backends.corpora.side_by_side import stoppable
from backends.corpora.source import Source, from_table, renamed_note, unique_names
from backends.errors import UnreadableFile
from backends.reporting import SILENT, Report

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST_OBJECT_BYTES = 1 << 28
_REWRITTEN = re.compile(r"^(UUID|TIME)$")
_REWRITTEN_INSIDE = re.compile(
    r'(?<!")\b(UUID|TIMESTAMP WITH TIME ZONE|TIMESTAMP|TIME|DATE)\b(?!")'
)
PATIENT_JSON_BYTES = 1 << 29  # what Python's reader may try after DuckDB gave up


def open_parquet(path: Path, report: Report = SILENT) -> Source:
    """Look at a Parquet file. Raises: UnreadableFile, Cancelled."""
    import pyarrow.parquet as pq

    with formats.naming_unreadable(path):
        with path.open("rb") as file:  # opened here: the library maps paths that it opens itself
            meta = pq.read_metadata(file)
            schema = pq.ParquetFile(file).schema_arrow
        query = f"FROM read_parquet({quoted_text(formats.literal_glob(path))})"
        return scan(
            path.name,
            lambda _: query,
            total=meta.num_rows,
            names=list(schema.names),
            durations=_durations(schema),
            report=report,
        )


def _durations(schema: pa.Schema) -> dict[int, int]:
    """Places of the columns that hold durations, and how many of their units make a second."""
    import pyarrow as pa

    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
    return {
        place: per_second[field.type.unit]
        for place, field in enumerate(schema)
        if pa.types.is_duration(field.type)
    }


def open_arrow(path: Path, report: Report = SILENT) -> Source:
    """Look at an Arrow file, stream or Feather (version 2). Read, never mapped.

    Raises: UnreadableFile.
    """
    import pyarrow as pa

    with formats.naming_unreadable(path):
        file = path.open("rb")
        try:
            table = _arrow_table(file)
        finally:
            file.close()
        names = list(table.column_names)
        if len({name.lower() for name in names}) < len(names):
            table = table.rename_columns(unique_names(names)[0])

        def begin(connection: Any) -> str:
            connection.register("given", table)
            return "FROM given"

        if not table.num_columns:
            return from_table(path.name, pa.table({}))
        return scan(
            path.name,
            begin,
            total=table.num_rows,
            names=names,
            durations=_durations(table.schema),
            report=report,
        )


def _arrow_table(file: Any) -> pa.Table:
    import pyarrow as pa

    try:
        return pa.ipc.open_file(file).read_all()
    except pa.ArrowInvalid:
        file.seek(0)
        return pa.ipc.open_stream(file).read_all()


def open_json(path: Path, report: Report = SILENT, *, head_only: bool = False) -> Source:
    """Look at JSON: a line an object, an array of objects, or an object of arrays.

    Types are told from the whole file; with `head_only` from its first 20,000 items.

    Raises: UnreadableFile.
    """
    import duckdb

    with formats.naming_unreadable(path):
        head = formats.read_head(path)
        encoding = formats.guess_encoding(head)
        shape = _json_shape(head.decode(encoding, errors="replace"))
        if encoding != "utf-8" or shape == "arrays":
            return _patient_json(path, encoding)
        call = (
            f"FROM read_json({quoted_text(formats.literal_glob(path))}, format='{shape}', "
            f"maximum_object_size={LARGEST_OBJECT_BYTES}, records=true, "
        )
        try:
            query = f"{call}columns={_json_columns(call, 20_480 if head_only else -1, report)})"
            return scan(path.name, lambda _: query, report=report)
        except duckdb.Error:
            # Not a number, half a surrogate pair, a huge integer: Python's reader takes those.
            return _patient_json(path, encoding)


def _json_columns(call: str, sample: int, report: Report) -> str:
    """Names and types as DuckDB tells them, but nothing is written anew that was a text.

    It would take texts that look like UUIDs or times for such and show them in a form of its own.
    """
    told = "map_inference_threshold=-1, field_appearance_threshold=0, maximum_depth=-1"

    def tell() -> list[tuple[str, str]]:
        with connect() as connection:
            relation = connection.sql(f"{call}sample_size={sample}, {told})")
            return list(zip(relation.columns, map(str, relation.types), strict=True))

    pairs = []
    for name, kind in stoppable(tell, report):  # DuckDB cannot be interrupted in this
        nested = not re.fullmatch(r"[A-Z_ ]+", kind)
        kept = (_REWRITTEN_INSIDE if nested else _REWRITTEN).sub("VARCHAR", kind)
        pairs.append(f"{quoted_name(name)}: {quoted_text(kept)}")
    return "{" + ", ".join(pairs) + "}"


def _json_shape(text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return "array"
    first, _, rest = start.partition("\n")
    try:
        value = json.loads(first)
    except ValueError:
        return "arrays"  # an object over several lines
    alone = not rest.strip() and isinstance(value, dict)
    if alone and any(isinstance(item, list) for item in value.values()):
        return "arrays"
    return "newline_delimited"


def _patient_json(path: Path, encoding: str) -> Source:
    """Read all of it with Python. Raises: UnreadableFile that names the place of an error."""
    if path.stat().st_size > PATIENT_JSON_BYTES:
        raise UnreadableFile(
            f"{path.name} is not JSON that can be read in pieces.",
            hint="Write one object a line (.jsonl).",
        )
    text = path.read_text(encoding=encoding, errors="replace").lstrip("\ufeff")
    rows = _json_rows(path, text)
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    kept, changed = unique_names(list(names))
    columns = [python_column([row.get(name) for row in rows]) for name in names]
    import pyarrow as pa

    table = pa.table(dict(zip(kept, columns, strict=True)))
    return from_table(path.name, table, notes=renamed_note(changed))


def _json_rows(path: Path, text: str) -> list[dict[str, Any]]:
    try:
        value = json.loads(text)
    except ValueError:
        value = [_json_line(path, place, line) for place, line in _filled_lines(text)]
    if isinstance(value, dict):
        lists = {name: item for name, item in value.items() if isinstance(item, list)}
        if lists and len({len(item) for item in lists.values()}) == 1:
            length = len(next(iter(lists.values())))
            return [
                {name: item[i] if isinstance(item, list) else item for name, item in value.items()}
                for i in range(length)
            ]
        if lists and all(isinstance(item, list) for item in value.values()):
            raise UnreadableFile(
                f"The lists in {path.name} have different lengths.",
                hint="Give every column one value for each item, or write one object a line.",
            )
        value = [value]
    if not isinstance(value, list):
        value = [value]
    return [item if isinstance(item, dict) else {"value": item} for item in value]


def _filled_lines(text: str) -> Iterator[tuple[int, str]]:
    return ((i, line) for i, line in enumerate(text.split("\n"), 1) if line.strip())


def _json_line(path: Path, place: int, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise UnreadableFile(
            f"Line {place:,} of {path.name} is not JSON: {getattr(error, 'msg', error)}.",
            hint="Mend or remove that line, and open the file again.",
        ) from error


def python_column(values: list[Any]) -> pa.Array:
    """Python values as a plain column, a list of numbers, or text where they are mixed."""
    import datetime as dt

    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    wanted: tuple[tuple[set[type], Callable[[], pa.DataType]], ...] = (
        ({bool}, pa.bool_),
        ({int}, pa.int64),
        ({int, float}, pa.float64),
        ({dt.date}, pa.date32),
        ({dt.datetime, dt.date}, lambda: pa.timestamp("us")),
    )
    if kinds == {list} and all(_is_vector(value) for value in values if value is not None):
        return pa.array(values, pa.list_(pa.float32()))
    for types, arrow in wanted:
        if kinds and kinds <= types:
            try:
                return pa.array(values, arrow())
            except (pa.ArrowInvalid, OverflowError):
                break
    return pa.array([_shown(value) for value in values], pa.large_string())


def _is_vector(value: list[Any]) -> bool:
    return len(value) > 0 and all(type(item) in (int, float) for item in value)


def _shown(value: Any) -> str | None:
    from backends.corpora.cells import cell_text

    if value is None:
        return None
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return cell_text(value).encode("utf-8", "replace").decode("utf-8")
