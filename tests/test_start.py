"""Starting is quick because nothing heavy is imported before somebody needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {
    *("torch", "umap", "faiss", "sklearn", "scipy", "sentence_transformers", "transformers"),
    *("numba", "pynndescent", "pyqtgraph"),
}
# A window, a command that only says what there is, and the help.
STARTS = {
    "main": "import main",
    "window request": (
        "import app.cli, main; app.cli.main(['--screenshot', 'x.png', 'a.csv'], lambda _r: 0)"
    ),
    "window": "import main, widgets.start, widgets.main_window, widgets.map_view",
    "encoders": "import app.cli; app.cli.main(['encoders'], lambda _r: 0)",
}


def imported_by(program: str) -> set[str]:
    """Top-level modules that are loaded after a program has run in a new process."""
    code = f"{program}\nimport sys; print('modules:', *sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = done.stdout.splitlines()[-1].removeprefix("modules:")
    return {name.split(".")[0] for name in modules.split()}


@pytest.mark.parametrize("program", STARTS.values(), ids=STARTS.keys())
def test_nothing_heavy_is_imported_by_the_start(program: str) -> None:
    assert not imported_by(program) & HEAVY


@pytest.mark.parametrize("name", ["encoders", "window request"])
def test_commands_import_no_qt(name: str) -> None:
    assert "PySide6" not in imported_by(STARTS[name])


SHOWN = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
import main
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.requests import WindowRequest
from widgets.start import open_window

application = QApplication([])
seen = []

def look():
    window, = (w for w in application.topLevelWidgets() if type(w).__name__ == "MainWindow")
    seen.append((window.isVisible(), sorted(sys.modules)))
    window.close_unasked()

QTimer.singleShot(0, look)  # the first thing that the event loop does, with the window shown
code = open_window(WindowRequest())
(visible, modules), = seen
assert visible and code == 0
print("modules:", *modules)
os._exit(0)
"""


def test_nothing_heavy_is_imported_when_the_window_is_on_the_screen() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOWN], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = done.stdout.splitlines()[-1].removeprefix("modules:").split()
    assert "widgets.main_window" in modules
    assert not {name.split(".")[0] for name in modules} & (HEAVY | {"duckdb", "pyarrow"})


def test_a_heavy_import_would_be_seen() -> None:
    assert "scipy" in imported_by("import scipy")
