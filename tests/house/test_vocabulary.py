"""Modules, functions, parameters and variables have the field's names, a meaning a word."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.house.conftest import trees

if TYPE_CHECKING:
    from collections.abc import Iterator

# Words that once had several meanings or none that others would know, and what says it instead.
INSTEAD = {
    "place": "index, location or path",
    "places": "indices",
    "alike": "same_shape",
    "uniform": "same_shape, or a template",
    "gather": "copying",
    "sheet": "state_table",
    "sheets": "state_table",
    "joining": "merging",
    "ahead": "prefetch",
    "growing": "partition_compat",
    "losses": "merge_losses",
    "splits": "partitions",
    "grouping": "partitions",
    "question": "request",
    "spreads": "deviations",
    "delimited": "csv",
}


def named(tree: ast.Module) -> Iterator[str]:
    """Gives the names that a module defines: functions, classes, parameters and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def test_words_have_one_meaning() -> None:
    found = {
        f"{path}: {name}": INSTEAD[name.strip("_").lower()]
        for path, tree in trees("driftkit").items()
        for name in (path.stem, *named(tree))
        if name.strip("_").lower() in INSTEAD
    }

    assert found == {}
