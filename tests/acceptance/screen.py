"""A screen of its own for each acceptance test: Xvfb, the program as a process, a hand.

What the program did is read from its trace; where things are, too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NEEDED = ("Xvfb", "xdotool")
SIZE = (1400, 900)


def missing_tools() -> list[str]:
    """Programs that a screen needs and that are not installed."""
    return [name for name in NEEDED if shutil.which(name) is None]


@contextmanager
def virtual_screen() -> Iterator[str]:
    """Start Xvfb on a free number and give its DISPLAY."""
    reading, writing = os.pipe()
    size = f"{SIZE[0]}x{SIZE[1]}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)


def xdotool(display: str, *words: object) -> str:
    """Move the hand."""
    done = subprocess.run(
        ["xdotool", *map(str, words)],
        env={**os.environ, "DISPLAY": display},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout.strip()


@dataclass
class Program:
    """main.py as a process on a screen."""

    display: str
    home: Path
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.trace_file = self.home / "trace.jsonl"
        environment = {
            **without_python_switches(),
            "DISPLAY": self.display,
            "QT_QPA_PLATFORM": "xcb",
            "EMBEDSCOPE_CACHE": str(self.home / "cache"),
            "EMBEDSCOPE_CONFIG": str(self.home / "config"),
            "EMBEDSCOPE_TRACE": str(self.trace_file),
        }
        self.log = (self.home / "log.txt").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), *self.arguments],
            env=environment,
            cwd=self.home,
            stdout=self.log,
            stderr=self.log,
        )

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """What has happened so far, oldest first."""
        if not self.trace_file.exists():
            return []
        lines = self.trace_file.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines if line.endswith("}")]
        return [event for event in found if name in (None, event["event"])]

    def wait_for(
        self,
        name: str,
        when: Callable[[dict[str, Any]], bool] = lambda _event: True,
        *,
        since: int = 0,
        seconds: float = 120,
    ) -> dict[str, Any]:
        """Wait for an event, the first after `since` others of its kind; fail with the log."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for event in self.events(name)[since:]:
                if when(event):
                    return event
            if self.process.poll() is not None:
                break
            pause()
        log = (self.home / "log.txt").read_text(errors="replace")
        seen = "\n".join(map(str, self.events()[-30:]))
        raise AssertionError(f"no {name!r} within {seconds} s\n{seen}\n{log}")

    def place(self, name: str) -> tuple[int, int, int, int]:
        """Where a part is on the screen now: x, y, width, height."""
        x, y, width, height = self.events("places")[-1]["places"][name]
        return x, y, width, height

    def settled_place(self, name: str, seconds: float = 20) -> tuple[int, int, int, int]:
        """Wait until a part is on the screen and stays where it is; return its place."""
        end = time.monotonic() + seconds
        before: tuple[int, int, int, int] | None = None
        while time.monotonic() < end:
            seen = self.events("places")
            if seen and name in seen[-1]["places"]:
                here = self.place(name)
                if here == before:
                    return here
                before = here
            time.sleep(0.4)
        raise AssertionError(f"{name!r} is not among {list(self.events('places')[-1]['places'])}")

    def hand(self, *words: object) -> None:
        """Move the mouse or press keys."""
        xdotool(self.display, *words)

    def picture(self, path: Path) -> None:
        """Save what the screen shows."""
        if shutil.which("import"):
            subprocess.run(
                ["import", "-window", "root", str(path)],
                env={**os.environ, "DISPLAY": self.display},
                check=False,
                timeout=60,
                capture_output=True,
            )

    def close(self) -> int:
        """Ask it to end as a window manager would; kill it if it does not."""
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(20)
        finally:
            self.log.close()


def without_python_switches() -> dict[str, str]:
    """The environment without what changes how Python starts: compiled modules are kept."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def drop(program: Program, files: list[Path], home: Path) -> None:
    """Drag files from a window of their own and drop them onto the middle of the program's."""
    command = [sys.executable, str(Path(__file__).with_name("drag_source.py")), *map(str, files)]
    environment = {**os.environ, "DISPLAY": program.display, "QT_QPA_PLATFORM": "xcb"}
    log = (home / "drag.txt").open("w+", encoding="utf-8")
    source = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_for_line(home / "drag.txt", "ready")
        x, y, width, height = program.settled_place("centre")
        x0, y0 = SIZE[0] - 50, 30
        xdotool(program.display, "mousemove", x0, y0, "mousedown", 1)
        xdotool(program.display, "mousemove", x0 - 10, y0 + 5, "mousemove", x0 - 30, y0 + 15)
        pause()
        for step in (0.5, 0.9, 1.0):
            to_x, to_y = x + width // 2, y + height // 2
            xdotool(
                program.display,
                "mousemove",
                round(x0 + (to_x - x0) * step),
                round(y0 + (to_y - y0) * step),
            )
            pause()
        xdotool(program.display, "mouseup", 1)
        # The source must live until the program has fetched what was dropped.
        program.wait_for("job", lambda event: event["title"].startswith("Looking at"), seconds=30)
    finally:
        source.kill()
        source.wait(10)
        log.close()


def _wait_for_line(path: Path, word: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if word in path.read_text(encoding="utf-8"):
            return
        pause()
    raise AssertionError(f"no {word!r} in {path}: {path.read_text(encoding='utf-8')}")


def pause() -> None:
    """Let other processes work for a moment; what is waited for is always an event."""
    time.sleep(0.05)
