"""A document with its jobs, notices and settings, as panel models get them."""

from __future__ import annotations

from app.document import Document
from app.jobs import Jobs
from app.notices import Notice, Notices
from app.settings import SettingsStore


class Bench:
    """Everything a model needs, and what was said meanwhile."""

    def __init__(self) -> None:
        self.document = Document()
        self.notices = Notices(self.document)
        self.jobs = Jobs(self.document)
        self.settings = SettingsStore(None, self.notices, self.document)
        self.said: list[Notice] = []
        self.notices.posted.connect(self.said.append)

    @property
    def common(self) -> tuple[Document, Jobs, Notices, SettingsStore]:
        """The first arguments of most models."""
        return self.document, self.jobs, self.notices, self.settings

    def close(self) -> bool:
        """Stop everything; whether all workers stopped."""
        stopped = self.jobs.close(10)
        self.settings.flush()
        return stopped
