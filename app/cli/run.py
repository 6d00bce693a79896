"""`run FILE --out DIR`: the whole main job, from a file to a table with places and a picture."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from app.cli import embed, info, project
from app.cli.output import Answer
from app.cli.picture import colour_column, draw_map
from app.cli.sources import Say, read, vectors_of
from app.cli.target import check_folder
from backends.errors import UnwritableFile
from backends.files import replacing_folder
from backends.png import write_png
from backends.reporting import Report
from backends.types import Corpus, Embeddings, Projection

TABLE, VECTORS, MAP, RECIPE = "items.parquet", "vectors.npy", "map.png", "recipe.json"
OWN = (TABLE, VECTORS, MAP, RECIPE)


def answer(words: Namespace, report: Report, say: Say) -> Answer:
    """Read, embed, project; save the table with x and y, the vectors, a picture, the recipe."""
    out = check_folder(words.out, OWN, words.files, force=words.force)
    params = project.settings(words)
    opened = read(words, report.span(0.0, 0.02), say)
    corpus = opened.corpus
    embeddings, stats = vectors_of(corpus, words, report.span(0.02, 0.75), say)
    projection = project.lay_out(embeddings, words.method, params, report.span(0.75, 0.95), say)
    with replacing_folder(out) as draft, _naming(draft, out):
        save(draft, corpus, embeddings, projection, report.span(0.95, 1.0))
    data = {
        **info.describe(opened),
        **embed.describe(embeddings, stats),
        **project.describe(projection),
        "out": str(out),
        "files": list(OWN),
    }
    shown = {**data, "columns": len(data["columns"]), "files": ", ".join(OWN)}
    return Answer(data, project.summary(shown, out))


def save(
    folder: Path, corpus: Corpus, embeddings: Embeddings, projection: Projection, report: Report
) -> None:
    """Write the four files.

    Raises: BackendError, OSError, Cancelled.
    """
    from backends.export import ExportRequest, export

    column = colour_column(corpus)
    files = {"table": TABLE, "vectors": VECTORS, "map": MAP, "map_coloured_by": column}
    request = ExportRequest(
        corpus=corpus,
        rows=np.arange(len(corpus), dtype=np.int64),
        target=folder / TABLE,
        format="parquet",
        vectors="npy",
        embeddings=embeddings,
        projection=projection,
        recipe={"export": files},
    )
    export(request, report)
    if request.vectors_path is not None:
        request.vectors_path.rename(folder / VECTORS)
    request.recipe_path.rename(folder / RECIPE)
    write_png(folder / MAP, draw_map(corpus, projection, column))


@contextmanager
def _naming(draft: Path, out: Path) -> Iterator[None]:
    """Name the folder that was asked for in an error about its draft."""
    try:
        yield
    except UnwritableFile as error:
        raise UnwritableFile(error.what.replace(str(draft), str(out)), error.hint) from error
