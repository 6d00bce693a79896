"""The main job as a person does it: drop, wait for the map, lasso, search, export, compare.

main.py runs as a process in a real window; a hand moves over a virtual screen; the real sample is
embedded with the real model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from resources import SAMPLE
from tests.acceptance.hand import MIDDLE, click, draw, type_into
from tests.acceptance.screen import Program, drop, missing_tools, virtual_screen

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(bool(missing_tools()), reason=f"not installed: {missing_tools()}"),
]
PICTURES = Path(__file__).parents[1] / "out"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with virtual_screen() as display:
        program = Program(display, tmp_path)
        program.wait_for("window", seconds=60)
        program.wait_for("places", seconds=60)
        yield program
        program.close()


def test_from_a_dropped_file_to_an_exported_subset(program: Program, tmp_path: Path) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    drop(program, [SAMPLE], tmp_path)
    program.wait_for("corpus", lambda event: event["rows"] == 10_000)
    program.wait_for("active", lambda event: event["rows"] == 10_000, seconds=300)
    pca = program.wait_for("projection", lambda e: e["trustworthiness"] is not None)
    umap = program.wait_for("projection", lambda e: e["method"] == "umap", seconds=120)
    assert pca["method"] == "pca"
    assert umap["finished"]
    assert umap["trustworthiness"] > pca["trustworthiness"]

    PICTURES.mkdir(exist_ok=True)
    program.picture(PICTURES / "acceptance-map.png")
    program.settled_place("Map")
    click(program, "Lasso selection")
    draw(program, MIDDLE)
    selection = program.wait_for("selection", lambda event: len(event["rows"]) > 0)
    chosen = selection["rows"]
    assert 0 < len(chosen) < 10_000

    program.hand("key", "ctrl+f")
    program.hand("type", "--delay", 5, "a dog that guards sheep")
    program.hand("key", "Return")
    hits = program.wait_for("hits", lambda event: len(event["rows"]) == 20, seconds=60)
    table = pyarrow.csv.read_csv(SAMPLE)
    assert "sheepdog" in table["definition"][hits["rows"][0]].as_py()

    program.hand("key", "ctrl+shift+e")
    program.settled_place("File")
    for choice in ("Format: Parquet", "Vectors: File beside"):
        click(program, choice)
    target = tmp_path / "subset.parquet"
    type_into(program, "File", str(target))
    program.picture(PICTURES / "acceptance-export.png")
    click(program, "Export")
    program.wait_for("ended", lambda e: "xport" in e["title"] and e["state"] == "done", seconds=60)

    exported = pyarrow.parquet.read_table(target)
    expected = table.take(chosen)
    assert exported["definition"].to_pylist() == expected["definition"].to_pylist()
    assert exported["id"].to_pylist() == expected["id"].to_pylist()
    vectors = np.load(target.with_name("subset.vectors.npy"), allow_pickle=False)
    assert vectors.shape == (len(chosen), 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)
    recipe = json.loads(next(tmp_path.glob("subset*recipe.json")).read_text(encoding="utf-8"))
    assert "lasso" in json.dumps(recipe)
    assert not [event for event in program.events("notice") if event["level"] == "error"]
