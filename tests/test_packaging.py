"""The wheel: everything under embedscope/, nothing beside it, and it runs from any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("app", "widgets", "backends", "resources")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network."""
    out = tmp_path_factory.mktemp("wheel")
    command = (
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"),
        *("--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(ROOT)),
    )
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = out.glob("embedscope-*.whl")
    return wheel


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what pip would put into site-packages."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def tracked(*folders: str) -> set[str]:
    """Files of the checkout that must be in the wheel."""
    return {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def run(site: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-W", "error", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_everything_lies_under_embedscope(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"embedscope"}
    inside = {name.removeprefix("embedscope/") for name in names if name.startswith("embedscope/")}
    assert tracked(*PARTS) | {"main.py"} == inside
    assert {
        "resources/samples/wordnet.csv",
        "resources/samples/WORDNET-LICENSE.txt",
        "app/cli/__init__.py",
    } <= inside


def test_metadata_names_licence_and_entry_point(site: Path) -> None:
    (info,) = site.glob("embedscope-*.dist-info")
    text = (info / "METADATA").read_text(encoding="utf-8")
    assert Parser().parsestr(text)["License-Expression"] == "MIT"
    assert (info / "licenses" / "LICENSE").is_file()
    assert (info / "licenses/resources/samples/WORDNET-LICENSE.txt").is_file()
    entry = (info / "entry_points.txt").read_text(encoding="utf-8")
    assert "embedscope = embedscope.main:main" in entry


@pytest.mark.parametrize(
    "start",
    [
        ("-m", "embedscope.main"),
        ("-c", "import sys; from embedscope.main import main; sys.exit(main())"),  # entry point
    ],
)
def test_installed_program_runs_in_an_empty_folder(
    site: Path, tmp_path: Path, start: tuple[str, ...]
) -> None:
    done = run(site, tmp_path, *start, "encoders", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["schema"] == 1
    assert "minilm" in [encoder["id"] for encoder in answer["encoders"]]
    assert not list(tmp_path.iterdir())


def test_a_foreign_package_called_app_is_not_taken(site: Path, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("raise SystemExit('the foreign one')")
    program = "from embedscope.main import main; import app; print(app.__file__)"
    done = run(site, tmp_path, "-c", program)
    assert done.stdout.strip() == str(site / "embedscope" / "app" / "__init__.py")


def test_nothing_of_the_checkout_is_on_the_installed_path(site: Path, tmp_path: Path) -> None:
    program = "import embedscope.main, resources, sys; print(resources.SAMPLE, sys.path[0])"
    done = run(site, tmp_path, "-c", program)
    sample, first = done.stdout.split()
    assert Path(sample).is_relative_to(site)
    assert first == str(site / "embedscope")


def test_every_dependency_is_pinned_once() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert len(pins) == len([line for line in lines if not line.startswith("#")])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {requirement.split(";")[0].split(">=")[0] for requirement in wanted}
    assert {name.lower() for name in names} <= {name.lower() for name in pins}
    assert pins["torch"] == "2.13.0"  # without a build tag, so that any build of it will do


def test_apt_packages_are_the_same_everywhere() -> None:
    from app.cli.doctor import QT_PACKAGES

    packages = QT_PACKAGES.split()[2:]
    script = (ROOT / ".ci" / "system").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert packages
    for package in packages:
        assert package in script
        assert package in readme


def test_ci_runs_make_test_and_gives_its_code(tmp_path: Path) -> None:
    fake = tmp_path / "make"
    fake.write_text('#!/bin/sh\necho "$PWD $*"\nexit 7\n')
    fake.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        [ROOT / ".ci" / "run"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (7, f"{ROOT} test")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has apt-get")
@pytest.mark.parametrize(("user", "installs"), [("0", True), ("1000", False)])
def test_missing_libraries_are_installed_or_named(
    tmp_path: Path, user: str, installs: bool
) -> None:
    everything = (ROOT / ".ci" / "system").read_text(encoding="utf-8")
    there = [line for line in everything.replace("=", " ").split() if ".so." in line]
    there = [name.strip('"').removeprefix("libraries") for name in there]
    there.remove("libxcb-cursor.so.0")
    fakes = {
        "ldconfig": "\n".join(f"echo ' {name} (libc6) => /lib/{name}'" for name in there),
        "id": f"echo {user}",
        "apt-get": f'echo "$@" >> {tmp_path}/asked',
    }
    for name, script in fakes.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    environment["PYTHON"] = sys.executable
    done = subprocess.run(
        [ROOT / ".ci" / "system"], env=environment, capture_output=True, text=True, check=True
    )
    said = done.stdout + done.stderr
    assert "libxcb-cursor0" in said
    assert "libegl1" not in said
    assert ("sudo apt-get install" in said) != installs
    assert (tmp_path / "asked").exists() == installs
