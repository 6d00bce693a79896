"""A new process with the whole window: prints what its map takes for a layout, in megabytes.

Usage: python -m tests.benchmarks.apart.map_memory LAYOUT.npy CODES.npy
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def held_mb(field: str = "RssAnon") -> float:
    """A line of /proc/self/status, in megabytes."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024 / 1e6


def main(layout_file: str, codes_file: str) -> None:
    """Show an empty window, then the points in its map; look at both."""
    import numpy as np
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app.application import Application
    from backends.raster.colour import Paint
    from backends.raster.palette import class_colours
    from widgets.main_window import MainWindow

    qt = QApplication([])
    application = Application()
    window = MainWindow(application, remembered=False)
    window.resize(1280, 960)
    window.show()
    canvas = window.map.canvas

    def draw(n: int) -> None:
        """Show the first n points, as the map does once a layout has come."""
        layout, codes = (
            np.load(file, mmap_mode="r")[:n].copy() for file in (layout_file, codes_file)
        )
        canvas.show_layout(layout)
        canvas.show_paint(
            Paint(codes, class_colours(int(codes.max()), dark=False), (195, 200, 208))
        )
        while not (canvas.frame is not None and canvas.image.is_idle and canvas.image.is_warm):
            QTest.qWait(10)

    window._centre.setCurrentWidget(window.map)
    qt.processEvents()
    draw(1)  # numba and the kernels are not the points' affair
    canvas.show_layout(None)
    empty = held_mb()
    draw(sys.maxsize)
    held, peak = held_mb(), held_mb("VmHWM") - held_mb("VmRSS")
    print(json.dumps({"megabytes": held - empty, "peak": held - empty + peak}))
    window.close_unasked()
    application.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
