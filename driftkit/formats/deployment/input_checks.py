"""The contradictions that the columns of inputs of a deployment plan may have."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from driftkit.formats.deployment.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.formats.deployment.plan import Plan
    from driftkit.formats.deployment.plan_inputs import PlannedInput


def input_problems(plan: Plan) -> Iterator[Problem]:
    """What is wrong with the columns of inputs."""
    seen: set[str] = set()
    for i, each in enumerate(plan.inputs or ()):
        path = f"inputs[{i}]"
        if each.column in seen or not each.column:
            yield Problem(
                f"{path}.column",
                "a column is named twice" if each.column else "a column has no name",
                "each column once",
                repr(each.column),
                "Keep one of the two" if each.column else "Name it",
            )
        seen.add(each.column)
        yield from _cells(each, path)
    if plan.inputs and plan.is_of_tables:
        yield Problem(
            "inputs",
            "tables of metrics have no columns of requests",
            "null, or a metric of rows",
            ", ".join(each.column for each in plan.inputs),
            "Remove them",
        )


def _cells(each: PlannedInput, path: str) -> Iterator[Problem]:
    if (each.edges is None) == (each.values is None):
        yield Problem(
            path,
            f"{each.column} has {'no cells' if each.edges is None else 'both edges and values'}",
            "edges of a column of numbers, or values of a column of text",
            "neither" if each.edges is None else "both",
            "Give one of the two, or make the plan again with --input-columns",
        )
    named = each.values if each.edges is None else each.edges
    if named is not None and not named:
        yield Problem(
            f"{path}.{'values' if each.edges is None else 'edges'}",
            f"all rows of {each.column} are in one cell",
            "at least one",
            "none",
            "Give some, or remove the column",
        )
    for k, (low, high) in enumerate(pairwise(each.edges or ())):
        if not low < high:
            yield Problem(
                f"{path}.edges[{k + 1}]",
                f"the edges of {each.column} do not ascend",
                f"a number above {low!r}",
                repr(high),
                "Sort them, each once",
            )
    for k, value in enumerate(each.values or ()):
        if value in (each.values or ())[:k]:
            yield Problem(
                f"{path}.values[{k}]",
                f"a value of {each.column} has two cells",
                "each value once",
                repr(value),
                "Remove one of the two",
            )
