"""The composition root: builds everything once, in order, and takes it down again."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject

from app.collector import Collector
from app.directions import DirectionModels
from app.document import Document
from app.history import History
from app.jobs import Jobs
from app.notices import Notices
from app.panels.compression import CompressionModel
from app.panels.compression_detail import CompressionDetail
from app.panels.compression_groups import CompressionGroups
from app.panels.contours import ContoursModel
from app.panels.corpus import CorpusModel
from app.panels.embedding import EmbeddingModel
from app.panels.growing import GrowModel
from app.panels.items import ItemsModel
from app.panels.layers import LayersModel
from app.panels.map import MapModel
from app.panels.maps import MapsModel
from app.panels.measures import MeasuresModel
from app.panels.neighbours import NeighboursModel
from app.panels.pictures import PicturesModel
from app.panels.projection import ProjectionModel
from app.panels.subsets import SubsetModel
from app.panels.topic_column import TopicColumn
from app.panels.topics import TopicsModel
from app.panels.walking import WalkModel
from app.session import Session
from app.settings import SettingsStore
from app.trace import VARIABLE, Trace
from backends.cache import trim

VERSION = "0.1.0"
GRACE_SECONDS = 1.5


class Application(QObject):
    """Owns the document and everything that works on it; knows nothing of windows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.notices = Notices(self)
        self.settings = SettingsStore(None, self.notices, self)
        self.jobs = Jobs(self)
        self.collector = Collector(self.jobs, self)
        self.document = Document(self)
        self.history = History(self.document, self)
        common = (self.document, self.jobs, self.notices)
        self.corpus = CorpusModel(*common, self.settings)
        self.embedding = EmbeddingModel(*common, self.settings)
        self.projection = ProjectionModel(*common, self.settings, self.embedding)
        self.map = MapModel(*common, self.history, settings=self.settings)
        self.topics = TopicsModel(*common, self.history, self.map.shows)
        self.maps = MapsModel(self.map, self.topics, self)
        self.topic_column = TopicColumn(*common, self.topics)
        self.topic_column.put.connect(self.map.set_colour_by)
        self.contours = ContoursModel(*common, self.map.shows)
        self.items = ItemsModel(*common, self.history, self.settings)
        self.neighbours = NeighboursModel(*common, self.history, self.settings)
        self.measures = MeasuresModel(*common, self.neighbours, self.map, self.maps)
        self.compression = CompressionModel(*common, self.settings, self.embedding)
        groups = CompressionGroups(
            self.document,
            self.history,
            self.map,
            self.topics,
            lambda: self.compression.settings.labels,
        )
        self.compressed = CompressionDetail(self.compression, self.measures, groups)
        self.walk = WalkModel(self.document, self.neighbours, self.history, self)
        self.growing = GrowModel(*common, self.history, self.neighbours)
        self.layers = LayersModel(*common, self.embedding)
        self.directions = DirectionModels(
            *common, self.history, self.settings, self.measures, self.map
        )
        self.subset = SubsetModel(*common, self.settings)
        self.pictures = PicturesModel(*common, self.settings)
        self.session = Session(*common, self.settings, self.panels)
        self.trace = self._start_trace()
        self.corpus.opened.connect(lambda _corpus: self.embedding.run_unasked())

    @property
    def panels(self) -> dict[str, QObject]:
        """Panel models whose state a project keeps, by name."""
        return {
            "map": self.map,
            "card": self.map.cards,
            "playing": self.map.playing,
            "items": self.items,
            "neighbours": self.neighbours,
            "maps": self.maps,
            "layers": self.layers,
            "topics": self.topics,
            "topic_column": self.topic_column,
            **self.directions.panels,
        }

    def warm_up(self) -> None:
        """Load what reads tables while the person still looks for a file."""
        self.jobs.start("Warming up", lambda _report: _load_readers(), lane="io")

    def tidy(self) -> None:
        """Drop what was not used for long from a cache that has grown too large."""
        self.jobs.start("Tidying the cache", lambda _report: trim(), lane="io")

    def close(self) -> bool:
        """Stop everything; return whether all workers stopped in time."""
        stopped = self.jobs.close(GRACE_SECONDS)
        self.collector.close()
        self.settings.flush()
        self.session.release()
        if self.trace is not None:
            self.trace.close()
        return stopped

    def _start_trace(self) -> Trace | None:
        path = os.environ.get(VARIABLE)
        if not path:
            return None
        return Trace(Path(path), self.document, self.jobs, self.notices, self)


def _load_readers() -> None:
    from importlib import import_module

    for name in ("pyarrow", "duckdb"):
        import_module(name)
