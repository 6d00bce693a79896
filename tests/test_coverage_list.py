"""Modules of which every line is tested, and stays so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ("tests/backends", "tests/app")
WHOLE = (
    *("backends/fingerprint.py", "backends/selection.py", "backends/query.py"),
    *("backends/reporting.py", "backends/export.py"),
    *("app/jobs.py", "app/document.py", "app/project.py", "app/history.py", "app/actions.py"),
)


@pytest.mark.slow
def test_listed_modules_are_covered_line_by_line(tmp_path: Path) -> None:
    report = tmp_path / "coverage.json"
    names = [path.removesuffix(".py").replace("/", ".") for path in WHOLE]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider"),
            *(f"--cov={name}" for name in names),
            *(f"--cov-report=json:{report}", *TESTS),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    files = json.loads(report.read_text())["files"]
    missing = {name: files[name]["missing_lines"] for name in WHOLE if name in files}
    assert set(missing) == set(WHOLE)
    assert not {name: lines for name, lines in missing.items() if lines}
