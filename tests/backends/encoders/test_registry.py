"""Names, folders and the hub cache; nothing heavy is imported to list them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from backends.encoders.registry import ENCODERS, list_encoders, load_encoder
from backends.errors import BackendError
from tests.backends.encoders.tiny import WIDTH, build_model

HEAVY = ("torch", "transformers", "sentence_transformers", "sklearn", "scipy", "huggingface_hub")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def cache_model(hub: Path, name: str) -> Path:
    """As the hub's library lays a download out."""
    folder = hub / ("models--" + name.replace("/", "--"))
    (folder / "refs").mkdir(parents=True)
    (folder / "refs/main").write_text("0123abc", encoding="ascii")
    return build_model(folder / "snapshots/0123abc")


def test_a_cached_model_is_found_by_its_name(hub: Path) -> None:
    cache_model(hub, "someone/small-model")
    encoder = load_encoder("someone/small-model")
    assert encoder.title == "someone/small-model"
    assert encoder.encode(["a cat"], "passage", "fp32").shape == (1, WIDTH)
    listed = {info.id: info for info in list_encoders()}
    assert listed["someone/small-model"].dim == WIDTH
    assert listed["someone/small-model"].available


def test_a_name_without_an_organisation_is_of_sentence_transformers(hub: Path) -> None:
    cache_model(hub, "sentence-transformers/small-model")
    assert load_encoder("small-model").title == "small-model"


def test_a_cached_model_that_cannot_be_used_says_why(hub: Path) -> None:
    snapshot = cache_model(hub, "someone/pickled")
    (snapshot / "model.safetensors").rename(snapshot / "pytorch_model.bin")
    info = list_encoders()[-1]
    assert info.id == "someone/pickled"
    assert not info.available
    assert "pickled" in info.hint


def test_a_model_without_refs_is_still_found(hub: Path) -> None:
    cache_model(hub, "someone/model")
    (hub / "models--someone--model/refs/main").unlink()
    assert load_encoder("someone/model").dim == WIDTH


@pytest.mark.parametrize("name", ["", "unknown", "no/such", "../etc", "/no/such/folder"])
def test_an_unknown_name_says_what_there_is(hub: Path, name: str) -> None:
    with pytest.raises(BackendError, match="no encoder") as caught:
        load_encoder(name)
    assert "minilm" in caught.value.hint


def test_the_built_in_ones_come_first(hub: Path) -> None:
    assert [info.id for info in list_encoders()] == list(ENCODERS)
    assert all(info.available for info in list_encoders())


def test_listing_and_naming_import_nothing_heavy(hub: Path) -> None:
    cache_model(hub, "someone/model")
    code = (
        "import sys, backends.embed\n"
        "from backends.encoders.registry import *\n"
        "list_encoders(); load_encoder('minilm').known_pace(); load_encoder('someone/model')\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
