"""Files and functions are of a readable size, say what they are for, and keep to their rooms."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.house.conftest import kept_files, modules, trees

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS = {"driftkit", "jobs", "baselines", "tests", "notebooks", "docs", "requirements", ".ci"}
CODE = ("driftkit", "jobs", "baselines", "tests")
FILE_LINES, JOB_LINES, FUNCTION_LINES = 350, 40, 50
AT_THE_EDGE = {"spark.py", "deequ.py"}
ONLY_THERE = {"pyspark", "pydeequ", "py4j"}
# Spark's own calls that bring rows to the driver.
COLLECTING = {"collect", "toPandas", "toLocalIterator"}
LEFTOVERS = {"utils", "util", "helpers", "common", "misc"}


def inner_trees() -> dict[Path, ast.Module]:
    """Gives the package's files that may not touch Spark."""
    found = trees("driftkit").items()
    return {path: tree for path, tree in found if path.name not in AT_THE_EDGE}


def imported(tree: ast.Module) -> Iterator[str]:
    """Gives the packages that a file imports when it runs, inside functions too."""
    for node in run_time(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def run_time(node: ast.AST) -> Iterator[ast.AST]:
    """Gives a tree's nodes without those that stand under TYPE_CHECKING."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from run_time(child)


def test_files_are_readable() -> None:
    sizes = {path: len(text.splitlines()) for path, text in modules(*CODE).items()}

    assert {path: size for path, size in sizes.items() if size > FILE_LINES} == {}


def test_functions_are_readable() -> None:
    sizes = {
        f"{path}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path, tree in trees(*CODE).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: size for name, size in sizes.items() if size > FUNCTION_LINES} == {}


def test_files_say_in_one_line_what_they_are_for() -> None:
    firsts = {
        path: (ast.get_docstring(tree) or "").partition("\n")[0]
        for path, tree in trees(*CODE).items()
    }

    assert [path for path, first in firsts.items() if not first.endswith((".", "?", "`"))] == []


def test_spark_stays_at_the_edge() -> None:
    assert [path for path, tree in inner_trees().items() if ONLY_THERE & {*imported(tree)}] == []


def test_rows_reach_the_driver_at_the_edge_only() -> None:
    calls = [
        f"{path}:{node.lineno}"
        for path, tree in inner_trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in COLLECTING
    ]

    assert calls == []


def test_jobs_are_short() -> None:
    sizes = {path: len(text.splitlines()) for path, text in modules("jobs").items()}

    assert {path: size for path, size in sizes.items() if size > JOB_LINES} == {}


def test_the_top_level_is_fixed() -> None:
    assert {path.parts[0] for path in kept_files() if len(path.parts) > 1} <= FOLDERS


def test_there_is_no_drawer_of_leftovers() -> None:
    assert [path for path in modules(*CODE) if LEFTOVERS & {path.stem, *path.parts}] == []
