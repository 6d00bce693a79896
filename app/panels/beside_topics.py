"""Labels of a map beside the first: of its own layout, called as they are called everywhere.

Regions that are known already are taken from the first map's model, and what a person calls them is
that model's: a map that closes takes no name with it.
"""

from __future__ import annotations

from app.panels.one_map import Shared
from app.panels.showing import Showing
from app.panels.shows import ShowsModel
from app.panels.topics import TopicsModel, TopicsRequest, key_of


class BesideTopics(TopicsModel):
    """Finds the regions of one map's layout; `lead` is the model of the first."""

    def __init__(
        self, lead: TopicsModel, shared: Shared, shows: ShowsModel, showing: Showing
    ) -> None:
        common = (shared.document, shared.jobs, shared.notices, shared.history)
        super().__init__(*common, shows, showing)
        self._owner = self._lead = lead
        self._known = lead._known
        self._column = lead.column
        lead.changed.connect(self._on_lead_changed)
        lead.columns_changed.connect(self._on_lead_column_changed)
        self._renew()

    def close(self) -> None:
        """Look for nothing any more."""
        self._jobs.cancel(self._key)

    def _on_lead_changed(self, _topics: object) -> None:
        """Other names, or regions that this map shows too."""
        request = self._plan()
        known = self._known.get(key_of(request)) if isinstance(request, TopicsRequest) else None
        self._labels = None
        if known is not None and known is not self._topics:
            self._renew()
        else:
            self.changed.emit(self._topics)

    def _on_lead_column_changed(self) -> None:
        self.set_column(self._lead.column)
