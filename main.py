"""Start Embedscope: a command, or the window.

From a wheel this file is embedscope/main.py; its own folder goes first on the path, so that
`app`, `widgets`, `backends` and `resources` are found beside it and nowhere else.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent))

if TYPE_CHECKING:
    from app.requests import WindowRequest


def open_window(request: WindowRequest) -> int:
    """Show the window until it is closed, then end the process with the exit code."""
    from widgets.start import open_window as start

    code = start(request)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # at once: native libraries take half a second to end, and complain


def main() -> int:
    """Run the program with the words it was called with; return the exit code."""
    from app.cli import main as run

    return run(sys.argv[1:], open_window)


if __name__ == "__main__":
    sys.exit(main())
