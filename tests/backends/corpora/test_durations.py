"""Durations keep their meaning: numbers of seconds that say so, or texts that can be read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
import pytest

from backends.corpora.cells import cell_text
from backends.corpora.reading import inspect, read_corpus

WAITED = [timedelta(days=1, hours=2, minutes=3, seconds=4), timedelta(seconds=-90), None]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize(
    ("name", "write"), [("a.parquet", parquet.write_table), ("a.arrow", feather.write_feather)]
)
def test_durations_are_seconds_in_every_unit(
    tmp_path: Path, unit: str, name: str, write: Any
) -> None:
    column = pa.array(WAITED, pa.duration("s")).cast(pa.duration(unit))
    write(pa.table({"text": ["one", "two", "three"], "waited": column}), tmp_path / name)
    corpus = read_corpus([tmp_path / name])
    assert corpus.table.column("waited").to_pylist() == [93784.0, -90.0, None]
    assert "The durations in “waited” are shown in seconds." in corpus.notes
    assert inspect([tmp_path / name]).columns[1].type == "number"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (timedelta(days=1, hours=2, minutes=3, seconds=4), "1 day 2:03:04"),
        (timedelta(seconds=-90), "-0:01:30"),
        (timedelta(milliseconds=1500), "0:00:01.500000"),
    ],
)
def test_a_duration_in_a_sheet_is_a_text_that_can_be_read(value: timedelta, shown: str) -> None:
    assert cell_text(value) == shown
