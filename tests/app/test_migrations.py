"""Every file that was ever written can still be read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication

from app.migrations import (
    PROJECT_SCHEMA,
    PROJECT_STEPS,
    SETTINGS_SCHEMA,
    SETTINGS_STEPS,
    UnknownSchema,
    migrate,
)
from app.project import open_project
from app.settings import SettingsStore


def rename(data: dict[str, Any]) -> dict[str, Any]:
    return {"colour": data["color"], "list": [*data["list"], 2]}


def drop(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "list": data["list"][1:]}


def test_steps_are_taken_in_order_and_leave_what_was_given() -> None:
    old = {"schema": 1, "color": "red", "list": [1]}
    assert migrate(old, 3, {1: rename, 2: drop}) == {"schema": 3, "colour": "red", "list": [2]}
    assert old == {"schema": 1, "color": "red", "list": [1]}
    assert migrate({"schema": 3}, 3, {}) == {"schema": 3}


@pytest.mark.parametrize(
    ("schema", "newer"),
    [(None, False), (0, False), (True, False), ("1", False), (1.0, False), (3, True)],
)
def test_an_unknown_schema_is_told_from_a_newer_one(schema: Any, newer: bool) -> None:
    with pytest.raises(UnknownSchema) as caught:
        migrate({"schema": schema}, 2, {})
    assert caught.value.newer is newer


def test_there_is_a_step_from_every_schema() -> None:
    assert set(SETTINGS_STEPS) == set(range(1, SETTINGS_SCHEMA))
    assert set(PROJECT_STEPS) == set(range(1, PROJECT_SCHEMA))


def test_there_is_a_file_of_every_schema(data: Path) -> None:
    for schema in range(1, SETTINGS_SCHEMA + 1):
        assert (data / f"settings-{schema}.json").exists()
    for schema in range(1, PROJECT_SCHEMA + 1):
        assert (data / f"project-{schema}.embedscope").exists()


@pytest.mark.parametrize("schema", range(1, SETTINGS_SCHEMA + 1))
def test_settings_of_every_schema_are_read_without_complaint(
    qapp: QCoreApplication, data: Path, tmp_path: Path, schema: int
) -> None:
    shutil.copy(data / f"settings-{schema}.json", tmp_path / "settings.json")
    store = SettingsStore(tmp_path / "settings.json")
    assert store.problems == ()
    value = store.value
    assert (value.theme, value.neighbours, value.recent) == ("dark", 30, ("/data/tickets.csv",))


@pytest.mark.parametrize("schema", range(1, PROJECT_SCHEMA + 1))
def test_projects_of_every_schema_are_read_without_complaint(data: Path, schema: int) -> None:
    folder = data / f"project-{schema}.embedscope"
    assert json.loads((folder / "project.json").read_text())["schema"] == schema
    state = open_project(folder)
    assert state.notes == ()
    assert (len(state.corpus), state.corpus.roles.text, state.focus) == (8, "text", 2)
    assert state.selection.rows.tolist() == [1, 3]
    assert state.filter is not None
    assert state.filter.text == "tide"
    assert [value.fingerprint for value in state.embeddings] == [state.active]
    assert [value.embeddings for value in state.projections] == [state.active]
    assert state.panels == {"map": {"camera": [0.0, 1.5, 2.0]}}
