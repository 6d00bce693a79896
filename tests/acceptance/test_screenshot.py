"""Start, work, picture, end: the program as a process without a display."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage

from resources import SAMPLE
from tests.acceptance.screen import ROOT, without_python_switches


def test_it_makes_a_picture_of_the_finished_window_and_ends(tmp_path: Path) -> None:
    lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    table = tmp_path / "some.csv"
    table.write_text("".join(lines[:301]), encoding="utf-8")
    picture = tmp_path / "window.png"
    environment = without_python_switches() | {
        "QT_QPA_PLATFORM": "offscreen",
        "EMBEDSCOPE_CACHE": os.environ["EMBEDSCOPE_CACHE"],
        "EMBEDSCOPE_CONFIG": os.environ["EMBEDSCOPE_CONFIG"],
    }
    words = [str(table), "--encoder", "lexical", "--screenshot", str(picture)]
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"The picture of the window is in {picture}\n"
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1280, 840)
    middle = image.copy(image.width() // 4, image.height() // 4, 300, 200)
    colours = {middle.pixel(x, y) for x in range(0, 300, 3) for y in range(0, 200, 3)}
    assert len(colours) > 10  # points on the map, not an empty canvas
