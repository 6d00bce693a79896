"""What is exported comes back the same, all of it or nothing appears, and the recipe tells how."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends import export as exporting
from backends.errors import BackendError, UnwritableFile
from backends.export import ExportRequest, TargetExists, export
from backends.export_tables import take_rows
from backends.recipe import describe_rows
from backends.reporting import Cancelled, Progress, Report
from tests.subsets import corpus_of, embeddings_of, projection_of, table_of

CORPUS = corpus_of(table_of(200))
EMBEDDINGS = embeddings_of(CORPUS)
ROWS = np.array([5, 2, 199, 0, 8, 66, 67, 68, 7, 4, 14], dtype=np.int64)
CELLS = [
    {name: CORPUS.table.column(name)[row].as_py() for name in CORPUS.columns}
    for row in ROWS.tolist()
]


def request(target: Path, **changes: Any) -> ExportRequest:
    given = {"corpus": CORPUS, "rows": ROWS, "format": target.suffix[1:], **changes}
    return ExportRequest(target=target, **given)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def recipe_of(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def read_csv(path: Path) -> list[dict[str, str | None]]:
    """Cells as text; None where there is nothing between the commas, "" where there are quotes."""
    asked = "SELECT * FROM read_csv(?, all_varchar=true, header=true, allow_quoted_nulls=false)"
    found = duckdb.sql(asked, params=[str(path)]).to_arrow_table()
    return found.to_pylist()


def test_parquet_comes_back_cell_for_cell_in_the_same_order(tmp_path: Path) -> None:
    result = export(request(tmp_path / "some.parquet"))
    found = pq.read_table(result.paths[0])
    assert found.schema.equals(CORPUS.table.schema)
    assert found.to_pylist() == CELLS
    assert result.rows == len(ROWS)
    assert names_in(tmp_path) == ["some.parquet", "some.recipe.json"]


def test_jsonl_comes_back_cell_for_cell(tmp_path: Path) -> None:
    path = export(request(tmp_path / "some.jsonl")).paths[0]
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    assert len(found) == len(CELLS)
    for there, cell in zip(found, CELLS, strict=True):
        assert list(there) == list(cell)
        for name in ("id", "text", "kind", "year", "score", "single", "good", "tags", "place"):
            assert there[name] == cell[name]
        assert there["day"] == (cell["day"] and cell["day"].isoformat())
        assert there["moment"] == (cell["moment"] and str(cell["moment"]))
        assert there["price"] == (None if cell["price"] is None else float(cell["price"]))
        assert there["raw"] == (cell["raw"] and base64.b64encode(cell["raw"]).decode())


def test_csv_comes_back_cell_for_cell(tmp_path: Path) -> None:
    found = read_csv(export(request(tmp_path / "some.csv")).paths[0])
    assert len(found) == len(CELLS)
    for there, cell in zip(found, CELLS, strict=True):
        assert list(there) == list(cell)
        for name in ("id", "text", "kind"):
            assert there[name] == cell[name]
        for name, read in (("year", int), ("score", float), ("price", float)):
            assert (there[name] and read(there[name])) == cell[name]
        for name in ("tags", "place"):
            assert (there[name] and json.loads(str(there[name]))) == cell[name]
        assert np.float32(there["single"]) == np.float32(cell["single"])
        assert there["day"] == (cell["day"] and cell["day"].isoformat())
        assert there["good"] == (None if cell["good"] is None else str(cell["good"]).lower())


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_the_order_and_every_row_survive_many_blocks(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = 5_000
    corpus = corpus_of(pa.table({"text": [f"row {i}" if i % 9 else None for i in range(n)]}))
    monkeypatch.setattr("backends.export_tables.BLOCK_BYTES", 1)  # the smallest blocks: 256 rows
    rows = np.random.default_rng(3).permutation(n)[:3_000]
    path = export(request(tmp_path / f"many.{kind}", corpus=corpus, rows=rows)).paths[0]
    read = {"csv": "read_csv('{}', header=true)", "jsonl": "'{}'", "parquet": "'{}'"}[kind]
    found = duckdb.sql(f"SELECT text FROM {read.format(path)}").to_arrow_table()["text"].to_pylist()
    assert [text or None for text in found] == [f"row {i}" if i % 9 else None for i in rows]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_no_rows_give_the_columns_and_nothing_else(kind: str, tmp_path: Path) -> None:
    rows = np.zeros(0, dtype=np.int64)
    path = export(
        request(
            tmp_path / f"none.{kind}",
            rows=rows,
            vectors="column",
            embeddings=EMBEDDINGS,
            projection=projection_of(EMBEDDINGS),
        )
    ).paths[0]
    names = [*CORPUS.columns, "x", "y", "vector"]
    if kind == "csv":
        assert path.read_text() == ",".join(f'"{name}"' for name in names) + "\n"
    elif kind == "parquet":
        assert pq.read_table(path).column_names == names
    else:
        assert path.read_text() == ""


def test_the_vector_file_is_bit_for_bit_what_the_encoder_gave(tmp_path: Path) -> None:
    result = export(request(tmp_path / "a.csv", vectors="npy", embeddings=EMBEDDINGS))
    found = np.load(tmp_path / "a.vectors.npy", allow_pickle=False)
    assert [path.name for path in result.paths] == ["a.csv", "a.vectors.npy", "a.recipe.json"]
    assert found.dtype == np.float32
    assert found.tobytes() == EMBEDDINGS.vectors[ROWS].tobytes()


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_vector_column_is_bit_for_bit_the_same_and_null_without_a_vector(
    kind: str, tmp_path: Path
) -> None:
    path = export(request(tmp_path / f"a.{kind}", vectors="column", embeddings=EMBEDDINGS)).paths[0]
    if kind == "parquet":
        cells = pq.read_table(path)["vector"].to_pylist()
    elif kind == "csv":
        cells = [row["vector"] and json.loads(row["vector"]) for row in read_csv(path)]
    else:
        cells = [json.loads(line)["vector"] for line in path.read_text().split("\n")[:-1]]
    for row, cell in zip(ROWS, cells, strict=True):
        if EMBEDDINGS.present[row]:
            assert np.array(cell, np.float32).tobytes() == EMBEDDINGS.vectors[row].tobytes()
        else:
            assert cell is None
    assert None in cells


def test_positions_come_along_and_never_hide_a_column_of_the_corpus(tmp_path: Path) -> None:
    corpus = corpus_of(CORPUS.table.append_column("X", pa.array(range(200))))
    layout = projection_of(EMBEDDINGS)
    result = export(request(tmp_path / "a.parquet", corpus=corpus, projection=layout))
    found = pq.read_table(result.paths[0])
    assert found.column_names[-3:] == ["X", "x_2", "y"]
    expected = layout.layout[ROWS].astype(object)
    expected[np.isnan(layout.layout[ROWS])] = None
    assert found["x_2"].to_pylist() == expected[:, 0].tolist()
    assert found["y"].to_pylist() == expected[:, 1].tolist()
    assert recipe_of(result.paths[-1])["export"]["added_columns"] == {"x": "x_2", "y": "y"}


def test_json_never_holds_nan_and_keeps_names_that_differ_in_case_only(tmp_path: Path) -> None:
    nan = float("nan")
    table = pa.table(
        {
            "item": pa.array([1.5, nan, float("inf")]),
            "Item": pa.array(["a", "b", "c"]),
            "it's": pa.array([[0.5, nan], None, [1.0]], pa.list_(pa.float32())),
            "deep": pa.array([{"v": [nan]}, None, {"v": [2.5]}]),
        }
    )
    path = export(
        request(tmp_path / "a.jsonl", corpus=corpus_of(table, None), rows=np.arange(3))
    ).paths[0]
    assert [
        json.loads(line, parse_constant=pytest.fail) for line in path.read_text().split("\n")[:-1]
    ] == [
        {"item": 1.5, "Item": "a", "it's": [0.5, None], "deep": {"v": [None]}},
        {"item": None, "Item": "b", "it's": None, "deep": None},
        {"item": None, "Item": "c", "it's": [1.0], "deep": {"v": [2.5]}},
    ]


def test_the_recipe_says_how_it_was_made(tmp_path: Path) -> None:
    layout = projection_of(EMBEDDINGS)
    extra = {"selection": {"words": "lasso", "description": {"kind": "lasso"}}}
    source = tmp_path / "source.csv"
    result = export(
        request(
            tmp_path / "a.csv",
            corpus=corpus_of(CORPUS.table, source=source),
            embeddings=EMBEDDINGS,
            vectors="npy",
            projection=layout,
            recipe=extra,
        )
    )
    recipe = recipe_of(result.paths[-1])
    assert recipe["export"]["files"] == ["a.csv", "a.vectors.npy", "a.recipe.json"]
    assert recipe["source"]["files"] == [str(source)]
    assert recipe["source"]["fingerprint"] == CORPUS.fingerprint
    assert recipe["source"]["made_by"] == CORPUS.made_by.as_json()
    assert recipe["embeddings"]["made_by"] == EMBEDDINGS.made_by.as_json()
    assert recipe["embeddings"]["rows_without_vector"] == 3
    assert recipe["projection"]["made_by"] == layout.made_by.as_json()
    assert recipe["selection"] == extra["selection"]
    assert recipe["rows"] == describe_rows(ROWS)
    assert set(recipe["versions"]) == {"python", "numpy", "pyarrow", "duckdb"}
    assert recipe["application"]["version"][0].isdigit()


@given(st.lists(st.integers(0, 60), unique=True))
def test_the_runs_of_a_recipe_give_the_rows_back_in_their_order(rows: list[int]) -> None:
    described = describe_rows(np.array(rows, dtype=np.int64))
    back = [row for first, last in described["runs"] for row in range(first, last + 1)]
    assert back == rows
    assert described["count"] == len(rows)


@settings(deadline=None)
@given(st.lists(st.integers(0, 199), max_size=40))
def test_taking_rows_is_taking_rows_in_any_order_with_repetition(rows: list[int]) -> None:
    found = take_rows(CORPUS.table.select(["id", "tags"]), np.array(rows, dtype=np.int64))
    assert found["id"].to_pylist() == [f"item {row}" for row in rows]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (pa.nulls(2), [None, None]),
        (pa.array(np.array([0.5, 2], np.float16)), ["0.5", "2"]),
        (pa.array([None, 90_000], pa.duration("s")), [None, "1 day, 1:00:00"]),
        (pa.array(["", None], pa.large_string()), ["", None]),
        (pa.array(["b", None]).dictionary_encode(), ["b", None]),
        (pa.array([2**64 - 1, None], pa.uint64()), ["18446744073709551615", None]),
        (pa.array([10**50, None], pa.decimal256(60)), [str(10**50), None]),
        (pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())), ['[["a", 1]]', None]),
        (pa.array([b"\xff", None], pa.large_binary()), ["/w==", None]),
    ],
    ids=lambda value: str(getattr(value, "type", ""))[:20] or None,
)
def test_rare_types_can_be_written(
    values: pa.Array, shown: list[str | None], kind: str, tmp_path: Path
) -> None:
    corpus = corpus_of(pa.table({"odd": values, "row": [0, 1]}), None)
    path = export(request(tmp_path / f"a.{kind}", corpus=corpus, rows=np.arange(2))).paths[0]
    if kind == "csv":
        assert [row["odd"] for row in read_csv(path)] == shown
    elif kind == "jsonl":
        lines = [json.loads(line)["odd"] for line in path.read_text().split("\n")[:-1]]
        assert [cell is None for cell in lines] == [text is None for text in shown]
    else:
        assert pq.read_table(path)["odd"].to_pylist() == values.to_pylist()


def test_what_is_there_is_asked_about_and_then_replaced_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("mine")
    (tmp_path / "a.recipe.json").write_text("mine too")
    with pytest.raises(TargetExists) as caught:
        export(request(tmp_path / "a.csv"))
    assert caught.value.what == f"a.csv and a.recipe.json are already in {tmp_path}."
    assert (tmp_path / "a.csv").read_text() == "mine"
    export(request(tmp_path / "a.csv", overwrite=True))
    assert len(read_csv(tmp_path / "a.csv")) == len(ROWS)
    assert recipe_of(tmp_path / "a.recipe.json")["rows"]["count"] == len(ROWS)
    assert names_in(tmp_path) == ["a.csv", "a.recipe.json"]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_stop_leaves_what_was_there(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "VECTOR_BLOCK_BYTES", 1)
    (tmp_path / "a.csv").write_text("mine")
    steps: list[Progress] = []

    def stop(progress: Progress) -> None:
        steps.append(progress)
        if len(steps) > at:
            raise Cancelled

    with pytest.raises(Cancelled):
        export(
            request(tmp_path / "a.csv", vectors="npy", embeddings=EMBEDDINGS, overwrite=True),
            Report(stop),
        )
    assert names_in(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "mine"


def test_progress_grows_to_the_end(tmp_path: Path) -> None:
    steps: list[Progress] = []
    export(request(tmp_path / "a.csv", vectors="npy", embeddings=EMBEDDINGS), Report(steps.append))
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


def test_a_failure_while_files_are_put_in_place_brings_the_old_ones_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text("mine")
    real = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).name == "a.recipe.json":
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UnwritableFile, match="permission denied"):
        export(request(tmp_path / "a.csv", overwrite=True))
    assert names_in(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "mine"


def test_a_parent_that_is_a_file_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UnwritableFile, match="its parent is a file") as caught:
        export(request(tmp_path / "file" / "a.csv"))
    assert caught.value.hint
    assert names_in(tmp_path) == ["file"]


def test_a_target_that_is_a_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(UnwritableFile, match="folder of that name"):
        export(request(tmp_path / "a.csv", overwrite=True))
    assert names_in(tmp_path) == ["a.csv"]


def test_the_source_of_the_corpus_is_never_written_over(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("mine")
    corpus = corpus_of(CORPUS.table, source=source)
    with pytest.raises(UnwritableFile, match="read from"):
        export(request(tmp_path / "." / "a.csv", corpus=corpus, overwrite=True))
    assert source.read_text() == "mine"


@pytest.mark.parametrize("vectors", ["npy", "column"])
def test_vectors_that_are_not_there_cannot_be_exported(vectors: str, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="no vectors"):
        export(request(tmp_path / "a.csv", vectors=vectors))
    assert names_in(tmp_path) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, with a file of the person's on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    (disk / "a.csv").write_text("mine")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize(
    ("kind", "vectors"),
    [("csv", "none"), ("jsonl", "none"), ("parquet", "none"), ("csv", "npy")],
)
def test_a_full_disk_is_one_clear_sentence_and_loses_nothing(
    kind: str, vectors: str, small_disk: Path
) -> None:
    n = 40 if vectors == "npy" else 4_000
    noise = np.random.default_rng(0).bytes(n * 16).hex()
    table = pa.table({"text": [noise[i * 32 : i * 32 + 32] for i in range(n)]})
    corpus = corpus_of(table)
    wide = embeddings_of(corpus, dim=1_000)
    with pytest.raises(UnwritableFile, match="the disk is full") as caught:
        export(
            request(
                small_disk / f"a.{kind}",
                corpus=corpus,
                rows=np.arange(n),
                vectors=vectors,
                embeddings=wide,
                overwrite=True,
            )
        )
    assert caught.value.hint.startswith("Free some space")
    assert names_in(small_disk) == ["a.csv"]
    assert (small_disk / "a.csv").read_text() == "mine"
