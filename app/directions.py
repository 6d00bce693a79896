"""All models about directions, built together; the window's panel has a page for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.panels.association import AssociationModel
from app.panels.audit import AuditModel
from app.panels.change_files import ChangeFilesModel
from app.panels.direction_asking import AskingModel
from app.panels.direction_axes import AxesModel
from app.panels.direction_change import ChangeModel
from app.panels.direction_look import LookModel
from app.panels.direction_making import MakingModel
from app.panels.direction_space import SpaceModel
from app.panels.direction_taking import TakingModel
from app.panels.directions import DirectionsModel
from app.panels.relation_chosen import ChosenRelation
from app.panels.relation_guesses import GuessesModel
from app.panels.relations import RelationsModel
from app.panels.templates import TemplatesModel
from app.panels.word_checks import WordChecksModel
from app.panels.word_sets import WordSetsModel

if TYPE_CHECKING:
    from app.document import Document
    from app.history import History
    from app.jobs import Jobs
    from app.notices import Notices
    from app.panels.map import MapModel
    from app.panels.measures import MeasuresModel
    from app.settings import SettingsStore


class DirectionModels(QObject):
    """Owns the models of the panel “Directions”."""

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        notices: Notices,
        history: History,
        settings: SettingsStore,
        measures: MeasuresModel,
        map_model: MapModel,
    ) -> None:
        super().__init__(document)
        self.list = DirectionsModel(document, notices, history)
        self.checks = WordChecksModel(document, jobs, notices, settings)
        self.templates = TemplatesModel(document, settings)
        self.words = WordSetsModel(document, jobs, notices, history, self.templates)
        self.space = SpaceModel(document, jobs, notices, self.templates)
        self.making = MakingModel(document, jobs, notices, self.space, self.list)
        self.look = LookModel(document, jobs, notices, history, self.space)
        files = ChangeFilesModel(jobs, notices, self.checks, self)
        self.change = ChangeModel(document, jobs, notices, self.space, self.list, files)
        self.axes = AxesModel(self.look)
        self.taking = TakingModel(self.look, measures)
        self.asking = AskingModel(self.look)
        self.shows = map_model.shows  # the arrows of relations among them
        self.relations = RelationsModel(document, jobs, notices)
        self.relation = ChosenRelation(
            document, jobs, notices, self.relations, self.list, map_model.arrows
        )
        self.guesses = GuessesModel(document, jobs, notices, self.relations, self.relation)
        self.tests = AssociationModel(document, jobs, notices, history, settings, self.space)
        self.audit = AuditModel(document, jobs, notices, self)

    @property
    def panels(self) -> dict[str, QObject]:
        """Models whose state a project keeps, by name."""
        return {
            "directions": self.list,
            "word_sets": self.words,
            "direction_making": self.making,
            "direction_look": self.look,
            "direction_asking": self.asking,
            "direction_change": self.change,
            "relations": self.relations,
            "relation": self.relation,
            "relation_guesses": self.guesses,
        }
