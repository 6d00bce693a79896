"""The command line as a process sees it: words, exit codes, what stands on which stream."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import zlib
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app import cli
from app.cli import doctor, output, parser, picture, target
from app.display import has_display
from app.requests import WindowRequest
from backends import png
from backends.errors import BackendError, UnwritableFile
from backends.reporting import Progress
from resources import SAMPLE

ROOT = Path(__file__).parents[1]


def never(_request: WindowRequest) -> int:
    raise AssertionError("a command opened the window")


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def asked_for(*words: str) -> WindowRequest:
    """What the window is asked for by some words."""
    requests: list[WindowRequest] = []
    assert cli.main(words, lambda request: requests.append(request) or 5) == 5
    return requests[0]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), WindowRequest()),
        (("./info",), WindowRequest(files=(Path("info"),))),
        (
            ("a.csv", "b.csv", "--text", "body", "--encoder", "lexical", "--method", "pca"),
            WindowRequest(
                files=(Path("a.csv"), Path("b.csv")),
                text="body",
                encoder="lexical",
                method="pca",
            ),
        ),
        (("x/y.embedscope",), WindowRequest(project=Path("x/y.embedscope"))),
        (("--vectors", "v", "a.parquet"), WindowRequest(files=(Path("a.parquet"),), vectors="v")),
        (("--screenshot", "p.png"), WindowRequest(screenshot=Path("p.png"))),
        ((str(SAMPLE),), WindowRequest(files=(SAMPLE,), sample=True)),
    ],
)
def test_words_become_a_request(words: tuple[str, ...], expected: WindowRequest) -> None:
    assert asked_for(*words) == expected


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    # Set first, so that what the command sets is taken back afterwards.
    monkeypatch.setenv("QT_QPA_PLATFORM", "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has no display")
@pytest.mark.usefixtures("no_display")
@pytest.mark.parametrize("words", [(), ("--screenshot", "mine.png", "a.csv")])
def test_without_a_display_a_picture_is_made(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    request = asked_for(*words)
    wanted = Path("mine.png") if words else Path("build/embedscope.png")
    assert request.screenshot == wanted
    assert request.files == ((Path("a.csv"),) if words else (SAMPLE,))
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
    said = capsys.readouterr().err
    assert "There is no display" in said
    assert str(wanted.absolute()) in said


def test_a_display_is_one_that_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.display.X_SOCKETS", str(tmp_path))
    assert not has_display({}, "linux")
    assert not has_display({"DISPLAY": ":7"}, "linux")
    assert has_display({}, "darwin")
    assert has_display({"QT_QPA_PLATFORM": "offscreen"}, "linux")
    assert has_display({"DISPLAY": "elsewhere:0"}, "linux")
    assert not has_display({"WAYLAND_DISPLAY": "w0", "XDG_RUNTIME_DIR": str(tmp_path)}, "linux")
    (tmp_path / "w0").touch()
    assert has_display({"WAYLAND_DISPLAY": "w0", "XDG_RUNTIME_DIR": str(tmp_path)}, "linux")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "X7"))
        server.listen()
        assert has_display({"DISPLAY": ":7"}, "linux")
        assert has_display({"DISPLAY": "unix:7.0"}, "linux")
    assert not has_display({"DISPLAY": ":7"}, "linux")  # the server is gone, its socket is not


@pytest.mark.parametrize(
    "words",
    [
        ("search", "a.npy"),
        ("search", "a.npy", "--row", "1", "--query", "both"),
        ("search", "a.npy", "--row", "1", "-k", "0"),
        ("embed", "a.csv", "--out", "a.parquet"),
        ("embed", "a.csv"),
        ("run", "a.csv", "--text", "t", "--vectors", "v", "--out", "d"),
        ("project", "a.npy", "--out", "l.npy", "--seed", "-1"),
        ("--no-such-option",),
    ],
)
def test_words_that_are_off_end_with_two(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(words, never)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage: embedscope" in captured.err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"], never)
    text = capsys.readouterr().out
    assert all(f"\n  {name} " in text for name in parser.COMMANDS)


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (BackendError("It\nbroke.", hint="Mend it."), ["error: It broke.", "hint: Mend it."]),
        (BackendError("It broke."), ["error: It broke.", "hint: The same command with --debug"]),
        (MemoryError(), ["error: There is not enough memory.", "hint: Take a smaller file"]),
        (KeyError("x"), ["error: This is a bug: KeyError: 'x'", "hint: Report it"]),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_errors_are_two_lines(
    error: Exception,
    lines: list[str],
    debug: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_all: object) -> None:
        raise error

    monkeypatch.setattr(doctor, "answer", fail)
    assert cli.main(["doctor", *(["--debug"] if debug else [])], never) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    said = captured.err.splitlines()
    assert all(line.startswith(start) for line, start in zip(said[-2:], lines, strict=True))
    assert ("Traceback" in captured.err) == debug
    assert debug or len(said) == 2


def test_a_second_interrupt_ends_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def press_twice(*_all: object) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("went on")

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(doctor, "answer", press_twice)
    assert cli.main(["doctor"], never) == 130
    assert "What was finished is kept" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_stops_at_the_next_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def checks() -> object:
        signal.raise_signal(signal.SIGINT)
        yield doctor.Check("first", True, "")
        raise AssertionError("went on")

    monkeypatch.setattr(doctor, "checks", checks)
    assert cli.main(["doctor"], never) == 130
    assert capsys.readouterr().out == ""


def test_doctor_checks_every_dependency(capsys: pytest.CaptureFixture[str]) -> None:
    import tomllib

    assert cli.main(["doctor", "--json"], never) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["schema"] == 1
    assert answer["seconds"] > 0
    assert answer["peak_rss_mb"] > 10
    checks = {check["name"]: check for check in answer["checks"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {wanted.split(">=")[0] for wanted in project["dependencies"]}
    assert {package for _module, package in doctor.DEPENDENCIES} == names
    assert all(checks[name]["ok"] for name in names)
    others = {"python", "Qt libraries", "display", "model weights", "cache folder", "free disk"}
    assert others <= set(checks)
    assert all(check["ok"] or check["hint"] for check in checks.values())


def test_doctor_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EMBEDSCOPE_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(doctor, "DEPENDENCIES", (("no_such_module", "no-such-package"),))
    assert cli.main(["doctor"], never) == 0
    text = capsys.readouterr().out
    assert "no-such-package: pip install no-such-package" in text
    assert "cache folder: Set EMBEDSCOPE_CACHE to another folder." in text


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    command = f"{sys.executable} main.py doctor | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("0\n")
    assert done.stderr == ""


def test_json_says_null_for_what_it_cannot_say() -> None:
    data = {
        "nan": float("nan"),
        "array": np.array([1.5, np.inf]),
        "count": np.int64(3),
        "path": Path("a"),
        "inner": {"none": None, "yes": True},
    }
    answer = json.loads(output.as_json(output.Answer(data, ""), 1.23456))
    assert answer.pop("peak_rss_mb") > 0
    assert answer == {
        "schema": 1,
        "seconds": 1.235,
        "nan": None,
        "array": [1.5, None],
        "count": 3,
        "path": "a",
        "inner": {"none": None, "yes": True},
    }


def test_table_sets_numbers_to_the_right() -> None:
    text = output.table(("name", "n"), [["a", "5"], ["long", "12"]], numbers="n")
    assert text == "name   n\na      5\nlong  12"


def test_facts_leave_out_what_is_not_known() -> None:
    text = output.facts({"rows": 12345, "engine": None, "share": 0.98765, "speed": 1234.56})
    assert text == "rows   12,345\nshare  0.988\nspeed  1,234.6"


@pytest.mark.parametrize(("seconds", "text"), [(4.6, "0:05"), (125, "2:05"), (3725, "1:02:05")])
def test_time_left_is_read_like_a_clock(seconds: float, text: str) -> None:
    assert output.clock_text(seconds) == text


def test_meter_says_the_time_left_at_the_present_speed() -> None:
    now = [0.0]
    stream = Terminal()
    meter = output.Meter(stream, lambda: now[0])
    for second in range(1, 31):
        now[0] = float(second)
        # First slow, then one hundredth a second: only the last seconds count.
        meter.show(Progress(0.001 * min(second, 10) + 0.01 * max(second - 10, 0), "Embedding"))
    assert stream.getvalue().split("\r")[-1] == " 21%  Embedding  1:19 left"
    meter.clear()
    assert stream.getvalue().endswith("\r")


def test_meter_is_quiet_in_a_file_while_work_is_short() -> None:
    now = [0.0]
    stream = StringIO()
    meter = output.Meter(stream, lambda: now[0])
    for tenth in range(1, 121):
        now[0] = tenth / 10
        meter.show(Progress(-1.0, "Reading"))
    assert stream.getvalue() == "Reading\nReading\n"


def test_target_is_never_replaced_by_accident(tmp_path: Path) -> None:
    there = tmp_path / "x.npy"
    there.write_text("mine")
    with pytest.raises(UnwritableFile, match="exists already"):
        target.check_file(there, (), force=False)
    assert target.check_file(there, (), force=True) == there
    with pytest.raises(UnwritableFile, match="what is read"):
        target.check_file(there, (there,), force=True)
    with pytest.raises(UnwritableFile, match="is a folder"):
        target.check_file(tmp_path, (), force=True)
    with pytest.raises(UnwritableFile, match="parent is a file"):
        target.check_file(there / "y.npy", (), force=False)
    assert there.read_text() == "mine"


def test_target_folder_is_replaced_only_if_it_is_ours(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert target.check_folder(out, ("a",), (), force=False) == out
    out.mkdir()
    assert target.check_folder(out, ("a",), (), force=False) == out  # empty
    (out / "a").touch()
    with pytest.raises(UnwritableFile, match="exists already"):
        target.check_folder(out, ("a",), (), force=False)
    assert target.check_folder(out, ("a",), (), force=True) == out
    (out / "thesis.doc").touch()
    with pytest.raises(UnwritableFile, match=r"such as thesis\.doc"):
        target.check_folder(out, ("a",), (), force=True)
    with pytest.raises(UnwritableFile, match="what is read"):
        target.check_folder(out, ("a", "thesis.doc"), (out / "a",), force=True)
    with pytest.raises(UnwritableFile, match="is a file"):
        target.check_folder(out / "a", (), (), force=True)


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(4))))
def test_png_holds_the_pixels(tmp_path_factory: pytest.TempPathFactory, pixels: np.ndarray) -> None:
    from PySide6.QtGui import QImage

    path = tmp_path_factory.getbasetemp() / "pixels.png"
    png.write_png(path, pixels)
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGBA8888)
    height, width, _ = pixels.shape
    read = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    assert np.array_equal(read[:, : 4 * width].reshape(pixels.shape), pixels)


def test_png_chunks_are_as_specified(tmp_path: Path) -> None:
    png.write_png(tmp_path / "x.png", np.zeros((2, 3, 4), np.uint8))
    data = (tmp_path / "x.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    length, name = struct.unpack(">I4s", data[8:16])
    assert (length, name) == (13, b"IHDR")
    assert struct.unpack(">I", data[29:33])[0] == zlib.crc32(data[12:29])
    with pytest.raises(ValueError, match="not RGBA"):
        png.write_png(tmp_path / "y.png", np.zeros((2, 3, 3), np.uint8))


@given(arrays(np.uint8, (3, 2, 4)))
def test_colours_are_laid_over_white(pixels: np.ndarray) -> None:
    alpha = pixels[:, :, 3:].astype(np.uint32)
    colour = pixels[:, :, :3] * alpha // 255  # premultiplied: never more than alpha
    packed = alpha[:, :, 0] << 24 | colour[:, :, 0] << 16 | colour[:, :, 1] << 8 | colour[:, :, 2]
    shown = picture.on_paper(packed.astype(np.uint32))
    assert np.array_equal(shown[:, :, :3], colour + 255 - alpha)
    assert (shown[:, :, 3] == 255).all()
