"""What a picture says of itself: title, subtitle, and facts inside the file."""

from __future__ import annotations

import json
from pathlib import Path

from app.document import Document
from backends.recipe import application_version
from backends.wording import counted


def default_title(document: Document) -> str:
    """The corpus' name."""
    return Path(document.corpus.title).stem if document.corpus is not None else ""


def default_subtitle(document: Document) -> str:
    """How the map came about, as "UMAP of MiniLM, 10,000 items"."""
    projection, active = document.projection, document.active
    if projection is None or active is None:
        return ""
    encoder = active.title.partition(" (")[0]  # without the model's long name
    return f"{projection.title} of {encoder}, {counted(active.count, 'item')}"


def picture_facts(document: Document, title: str, subtitle: str) -> dict[str, str]:
    """What is written into the file beside the picture: keywords of a PNG, and their texts."""
    facts = {"Title": title, "Description": subtitle}
    facts["Software"] = f"Embedscope {application_version()}"
    if document.corpus is not None:
        facts["Corpus"] = document.corpus.title
    if document.active is not None:
        facts["Encoder"] = document.active.title
    if document.projection is not None:
        facts["Layout"] = document.projection.title
        params = dict(document.projection.made_by.params)
        facts["Parameters"] = json.dumps(params, ensure_ascii=False, sort_keys=True)
    return {key: text for key, text in facts.items() if text}
