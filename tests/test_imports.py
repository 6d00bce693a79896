"""The layers: widgets -> app -> backends. Nothing upwards, nothing heavy at module level."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "backends": {"app", "widgets", "PySide6", "pyqtgraph"},
    "app": {"widgets", "pyqtgraph", "PySide6.QtWidgets", "PySide6.QtGui"},
    "widgets": {"torch", "umap", "faiss", "sentence_transformers", "transformers", "duckdb"},
}
HEAVY = {
    *("torch", "umap", "faiss", "sentence_transformers", "transformers"),
    *("sklearn", "scipy", "duckdb", "pyarrow", "openpyxl"),
}
MODULES = [path for layer in FORBIDDEN for path in sorted((ROOT / layer).rglob("*.py"))]


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def violations(source: str, layer: str) -> set[str]:
    """Names that a module of this layer may not import, and heavy ones at module level."""
    tree = ast.parse(source)
    names = set(imported(ast.walk(tree)))
    roots = {name.split(".")[0] for name in names}
    heavy = {name.split(".")[0] for name in imported(tree.body)} & HEAVY
    return ((names | roots) & FORBIDDEN[layer]) | heavy


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_stays_in_its_layer(path: Path) -> None:
    layer = path.relative_to(ROOT).parts[0]
    assert not violations(path.read_text(encoding="utf-8"), layer)


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        ("backends", "from app.jobs import Jobs"),
        ("backends", "def f():\n    import PySide6.QtCore"),
        ("app", "from PySide6.QtWidgets import QWidget"),
        ("app", "from PySide6 import QtWidgets"),
        ("widgets", "def f():\n    import torch"),
        ("backends", "import duckdb"),
    ],
)
def test_a_planted_violation_is_found(layer: str, source: str) -> None:
    assert violations(source, layer)
