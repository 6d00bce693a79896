"""Templates: only usable ones are kept, and the settings remember them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication

from app.panels.templates import MOST, READY, TemplatesModel, parsed
from app.settings import SettingsStore
from backends.directions.terms import BARE, SENTENCES
from backends.errors import BackendError
from tests import builders
from tests.app.bench import Bench


class Desk(Bench):
    """A document, its settings, and the templates in them."""

    def __init__(self) -> None:
        super().__init__()
        self.model = TemplatesModel(self.document, self.settings)
        self.heard: list[object] = []
        self.model.changed.connect(self.heard.append)


@pytest.fixture
def desk(qapp: QCoreApplication) -> Desk:
    return Desk()


def test_the_sentences_of_seat_hold_until_others_are_written(desk: Desk) -> None:
    assert desk.model.templates == SENTENCES
    assert desk.model.set_text("I saw {w}. \n\n{w} again\nI saw {w}.") is None
    assert desk.model.templates == ("I saw {w}.", "{w} again")
    assert desk.heard == [("I saw {w}.", "{w} again")]
    desk.settings.flush()
    assert SettingsStore().value.templates == ("I saw {w}.", "{w} again")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("This is {w}.\nno slot", "“no slot”"),
        (" \n", "no template"),
        ("\n".join(f"{{w}} {number}" for number in range(MOST + 1)), "too many"),
    ],
)
def test_what_cannot_be_used_is_said_and_changes_nothing(desk: Desk, text: str, said: str) -> None:
    problem = desk.model.set_text(text)
    assert problem is not None
    assert said in problem.text
    assert desk.model.templates == SENTENCES
    assert desk.heard == []


def test_ready_ones_are_taken_and_others_checked(desk: Desk) -> None:
    assert [templates for _, templates in READY] == [SENTENCES, BARE]
    desk.model.set_templates(BARE)
    assert (desk.model.templates, desk.model.text) == (("{w}",), "{w}")
    with pytest.raises(BackendError, match="no place for the word"):
        desk.model.set_templates(("word",))


def test_settings_that_were_spoilt_by_hand_do_no_harm(desk: Desk) -> None:
    desk.settings.change(templates=("no slot",))
    assert desk.model.templates == SENTENCES
    assert parsed(desk.model.text) == SENTENCES


def test_they_are_used_where_the_vectors_come_from_an_encoder(desk: Desk) -> None:
    told: list[bool] = []
    desk.model.used_changed.connect(told.append)
    assert not desk.model.used
    builders.fill(desk.document)
    assert desk.model.used
    desk.document.set_corpus(None)
    assert told == [True, False]
