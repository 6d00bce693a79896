"""Settings: forgiving to read, safe to write, shared by two windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.notices import Notices
from app.settings import CHECKS, RECENT_KEPT, Settings, SettingsStore, config_root


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


@pytest.fixture
def store(qapp: QCoreApplication, path: Path) -> SettingsStore:
    return SettingsStore(path)


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_without_a_file_everything_has_its_default(store: SettingsStore, path: Path) -> None:
    assert (store.value, store.problems) == (Settings(), ())
    store.flush()
    assert not path.exists()  # nothing was changed, so nothing is written


def test_every_setting_is_checked_and_its_default_passes() -> None:
    assert set(CHECKS) == set(Settings.__dataclass_fields__)
    for name, check in CHECKS.items():
        assert check(getattr(Settings(), name)) == getattr(Settings(), name)


def test_what_is_changed_is_there_the_next_time(store: SettingsStore, path: Path) -> None:
    columns = {"id,text": ("id",)}
    store.change(theme="dark", neighbours=30, hidden_columns=columns, map={"size": 2.5})
    store.flush()
    again = SettingsStore(path)
    assert again.value == store.value
    assert again.value.hidden_columns == columns
    assert not [draft for draft in path.parent.iterdir() if draft.name != path.name]


def test_a_change_is_told_once_and_written_by_itself(
    store: SettingsStore, path: Path, qtbot: QtBot
) -> None:
    store._timer.setInterval(0)
    heard: list[Settings] = []
    store.changed.connect(heard.append)
    store.change(theme="dark")
    store.change(theme="dark")
    assert heard == [Settings(theme="dark")]
    with qtbot.waitSignal(store._timer.timeout):
        pass
    assert json.loads(path.read_text())["theme"] == "dark"


@pytest.mark.parametrize(
    "changes", [{"theme": "pink"}, {"neighbours": 1}, {"k": True}, {"seed": 1.5}, {"recent": "x"}]
)
def test_a_value_that_cannot_be_is_refused(store: SettingsStore, changes: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        store.change(**changes)
    assert store.value == Settings()


def test_there_is_no_setting_of_another_name(store: SettingsStore) -> None:
    with pytest.raises(TypeError, match="colour"):
        store.change(colour="red")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", 5),
        ("encoder", None),
        ("neighbours", "abc"),
        ("neighbours", 10**400),
        ("min_distance", float("nan")),
        ("min_distance", -1),
        ("seed", -1),
        ("split", "word"),
        ("recent", [1]),
        ("recent", "not a list"),
        ("geometry", "\ud800"),
        ("geometry", "!!"),
        ("layout", "abc"),
        ("map", []),
        ("map", {"size": float("inf")}),
        ("hidden_columns", {"a": 1}),
        ("hidden_columns", []),
    ],
)
def test_a_bad_value_costs_only_itself(
    qapp: QCoreApplication, path: Path, key: str, value: Any
) -> None:
    write(path, json.dumps({"schema": 1, "unknown": 1, "last_folder": "/here", key: value}))
    store = SettingsStore(path)
    assert store.value == Settings(last_folder="/here")
    assert len(store.problems) == 1
    assert key in store.problems[0]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00", b"[" * 200_000])
def test_a_file_that_cannot_be_parsed_is_put_aside(
    qapp: QCoreApplication, path: Path, content: bytes
) -> None:
    write(path, content)
    store = SettingsStore(path)
    assert store.value == Settings()
    assert "put aside" in store.problems[0]
    store.change(theme="dark")
    store.flush()
    assert path.with_name("settings.json.bad").read_bytes() == content
    assert SettingsStore(path).value.theme == "dark"


@settings(max_examples=50)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_whatever_stands_there_the_settings_are_usable(value: Any) -> None:
    for name, check in CHECKS.items():
        try:
            kept = check(value)
        except (ValueError, TypeError):
            continue
        assert check(json.loads(json.dumps(kept))) == kept, name


def test_a_newer_file_is_read_as_far_as_it_goes_and_left_alone(
    qapp: QCoreApplication, path: Path
) -> None:
    content = json.dumps({"schema": 99, "theme": "dark", "neighbours": {"new": "form"}})
    write(path, content)
    store = SettingsStore(path)
    assert store.value == Settings(theme="dark")
    assert any("newer version" in problem for problem in store.problems)
    store.change(theme="light")
    store.flush()
    assert path.read_text() == content


def test_what_could_not_be_read_is_said_when_somebody_can_see_it(path: Path, qtbot: QtBot) -> None:
    write(path, '{"schema": 1, "k": "many"}')
    notices = Notices()
    store = SettingsStore(path, notices)
    with qtbot.waitSignal(notices.posted) as caught:
        pass
    assert caught.args[0].text == store.problems[0]


def test_a_newer_version_may_come_while_it_is_open(store: SettingsStore, path: Path) -> None:
    write(path, '{"schema": 99}')
    store.change(theme="light")
    store.flush()
    assert path.read_text() == '{"schema": 99}'


def test_a_file_without_schema_is_read_as_the_newest(qapp: QCoreApplication, path: Path) -> None:
    write(path, '{"theme": "dark"}')
    assert SettingsStore(path).value.theme == "dark"


def test_a_file_that_cannot_be_read_is_not_overwritten(qapp: QCoreApplication, path: Path) -> None:
    path.mkdir(parents=True)
    store = SettingsStore(path)
    assert "could not be read" in store.problems[0]
    store.change(theme="dark")
    store.flush()
    assert path.is_dir()


def test_a_folder_that_cannot_be_written_is_said_once(
    qapp: QCoreApplication, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    notices, heard = Notices(), []
    notices.posted.connect(heard.append)
    store = SettingsStore(tmp_path / "file" / "sub" / "settings.json", notices)
    for theme in ("dark", "light"):
        store.change(theme=theme)
        store.flush()
    assert ["its parent is a file" in notice.text for notice in heard] == [True]
    assert store.value.theme == "light"


def test_two_windows_lose_nothing_of_each_other(
    store: SettingsStore, path: Path, tmp_path: Path
) -> None:
    other = SettingsStore(path)
    store.remember(tmp_path / "a.csv")
    store.change(k=5)
    store.change(theme="dark")
    other.remember(tmp_path / "b.csv")
    other.remember(tmp_path / "p.embedscope", project=True)
    other.change(neighbours=30)
    store.flush()
    other.flush()
    both = SettingsStore(path).value
    assert both.recent == (str(tmp_path / "b.csv"), str(tmp_path / "a.csv"))
    assert both.recent_projects == (str(tmp_path / "p.embedscope"),)
    assert (both.theme, both.k, both.neighbours) == ("dark", 5, 30)
    assert other.value.recent == both.recent
    assert other.value.theme == "system"  # another window's choice does not repaint this one


def test_what_is_forgotten_does_not_come_back_from_the_other_window(
    store: SettingsStore, path: Path, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        store.remember(tmp_path / name)
    store.flush()
    store.forget(str(tmp_path / "a"))
    store.flush()
    assert SettingsStore(path).value.recent == (str(tmp_path / "b"),)


def test_recent_ones_are_few_unique_newest_first_and_there(
    store: SettingsStore, tmp_path: Path
) -> None:
    for number in range(RECENT_KEPT + 3):
        (tmp_path / str(number)).write_text("x")
        store.remember(tmp_path / str(number))
    store.remember(tmp_path / "5")
    assert len(store.value.recent) == RECENT_KEPT
    assert store.value.recent[:2] == (str(tmp_path / "5"), str(tmp_path / "12"))
    (tmp_path / "12").unlink()
    assert str(tmp_path / "12") not in store.recent()
    assert store.recent(projects=True) == ()


def test_the_folder_is_the_platforms_unless_it_is_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EMBEDSCOPE_CONFIG", str(tmp_path))
    assert config_root() == tmp_path
    monkeypatch.delenv("EMBEDSCOPE_CONFIG")
    assert config_root().name == "embedscope"
