"""The command line: a command without a window, or the request for one. See `parser` for the words.

Commands use the same backend functions as the panels and import no Qt. Exit codes: 0 done, 1 the
work failed (one line `error:`, one line `hint:` on stderr), 2 the words are off, 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
import warnings
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType

from app.cli.output import Answer, Meter, as_json
from app.cli.parser import COMMANDS, command_parser, window_parser
from app.requests import WindowRequest
from backends.errors import BackendError
from backends.reporting import Cancelled, Report

DONE, FAILED, INTERRUPTED = 0, 1, 130
PICTURE = Path("build", "embedscope.png")  # where a run without a display leaves what it shows


def main(words: Sequence[str], open_window: Callable[[WindowRequest], int]) -> int:
    """Do what the words say; return the exit code. Must be called in the main thread.

    Raises: SystemExit with code 2 if the words are off, with 0 after `--help`.
    """
    if words and words[0] in COMMANDS:
        return run_command(command_parser().parse_args(words))
    return open_window(window_request(window_parser().parse_args(words)))


def window_request(words: Namespace) -> WindowRequest:
    """The request in the words; without a display it asks for a picture, and says so."""
    from app.display import has_display
    from resources import SAMPLE

    projects = tuple(path for path in words.files if path.suffix == ".embedscope")
    files = tuple(path for path in words.files if path not in projects)
    picture = words.screenshot
    if not has_display():
        # Qt reads the variable when the application object is made.
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        picture = picture or PICTURE
        sys.stderr.write(
            f"There is no display: running offscreen; the picture goes to {picture.absolute()}\n"
        )
        files = files if files or projects else (SAMPLE,)
    return WindowRequest(
        files=files,
        project=projects[0] if projects else None,
        text=words.text,
        vectors=words.vectors,
        encoder=words.encoder,
        method=words.method,
        screenshot=picture,
        sample=[path.resolve() for path in files] == [SAMPLE],
    )


def run_command(words: Namespace) -> int:
    """Run one command, print its result or what went wrong; return the exit code."""
    meter = Meter()
    stop = threading.Event()
    began = time.monotonic()
    try:
        with _interruptible(stop, meter), warnings.catch_warnings():
            if not words.debug:
                warnings.simplefilter("ignore")  # libraries' advice to programmers
            command = import_module(f"app.cli.{words.command}")
            answer: Answer = command.answer(words, Report(meter.show, None, stop), meter.say)
        meter.clear()
        text = as_json(answer, time.monotonic() - began) if words.json else answer.text
        return _print(text)
    except (Cancelled, KeyboardInterrupt):
        meter.say("Stopped. What was finished is kept; the same command goes on from there.")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the last place where one line can be said
        meter.clear()
        if words.debug:
            traceback.print_exc()
        _say_error(error)
        return FAILED


@contextmanager
def _interruptible(stop: threading.Event, meter: Meter) -> Iterator[None]:
    """Ctrl-C stops the work at its next report, pressed again at once."""

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        meter.say("Stopping; press Ctrl-C again to stop at once.")

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _print(text: str) -> int:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has had enough, as in `| head`; nothing more is flushed at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def _say_error(error: Exception) -> None:
    """Two lines: what happened, and what to do next."""
    if isinstance(error, BackendError):
        what, hint = error.what, error.hint
    elif isinstance(error, MemoryError):
        what, hint = "There is not enough memory.", "Take a smaller file, or close programs."
    else:
        what = f"This is a bug: {type(error).__name__}: {error}"
        hint = "Report it with what the same command prints with --debug."
    hint = hint or "The same command with --debug says where it happened."
    for name, text in (("error", what), ("hint", hint)):
        sys.stderr.write(f"{name}: {' '.join(text.split())}\n")
