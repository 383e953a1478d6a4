"""Validates counts by group that were read from a file: finds what no rows can have."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from driftkit.columns.types import InferredType
from driftkit.states.groups.columns import HASHES_KEPT, VALUES_KEPT, Rest
from driftkit.states.groups.fold import kind_of
from driftkit.states.storage_about import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.states.groups.columns import ColumnFacts, Key, Scalar
    from driftkit.states.groups.counts import GroupCounts

# A field of the file, what it should hold, and whether it does not.
Finding = tuple[str, str, bool]

_NUMBERS = frozenset({"int", "float"})
_TYPES: dict[InferredType | None, tuple[type, ...]] = {
    None: (str,),
    InferredType.STRING: (str,),
    InferredType.INTEGRAL: (int,),
    InferredType.FRACTIONAL: (float,),
    # Scores that are truths become whole numbers.
    InferredType.BOOLEAN: (bool, int),
}


def findings_of(counts: GroupCounts) -> Iterator[Finding]:
    """What the counts should be; to be looked at in this order."""
    plan, rows = counts.plan, counts.rows
    used = {index for facet in range(len(plan.facets)) for index in plan.cells_of(facet)}
    yield "present", "columns that play a role", used != set(range(len(plan.columns)))
    for facts in counts.columns:
        yield "present", "0 or more rows", min(facts.present, facts.missing) < 0
        yield "present", f"{rows:,} rows with and without", facts.present + facts.missing != rows
        yield from _of_column(facts)
    yield from _of_tables(counts)


def _of_column(facts: ColumnFacts) -> Iterator[Finding]:
    points = facts.column.points
    finite = all(map(math.isfinite, points))
    yield "points", "ascending numbers", not finite or any(a >= b for a, b in pairwise(points))
    yield "values", "every value once", len(set(facts.values)) < len(facts.values)
    plain = [key for key in facts.values if key is not None and not isinstance(key, Rest)]
    ranks = [key.rank for key in facts.values if isinstance(key, Rest)]
    types = _TYPES.get(facts.column.declared, ())
    yield "types", "the column's type", any(type(key) not in types for key in plain)
    yield "values", "no NaN", any(isinstance(key, float) and math.isnan(key) for key in plain)
    yield "values", "ranks among the points", any(not -1 <= rank <= len(points) for rank in ranks)
    hashes = facts.hashes
    yield "hashes", f"at most {HASHES_KEPT}", len(hashes) > HASHES_KEPT
    yield "hashes", "ascending numbers", any(a >= b for a, b in pairwise(hashes))
    if not facts.collapsed:
        yield "values", f"at most {VALUES_KEPT:,} values", bool(ranks) or len(plain) > VALUES_KEPT
        yield "hashes", "none where all values are kept", bool(hashes)
    yield from _of_kinds(facts, plain)


def _of_kinds(facts: ColumnFacts, plain: Sequence[Scalar]) -> Iterator[Finding]:
    kinds = [_kind(key) for key in plain]
    greatest = facts.maximum
    yield "kinds", "what values look like", bool(facts.kinds - {"int", "float", "bool", "str"})
    yield "kinds", "what the values look like", not facts.kinds >= set(kinds)
    yield "kinds", "some where there are values", bool(facts.present) != bool(facts.kinds)
    yield "maximum", "a number among numbers", (greatest is None) == bool(facts.kinds & _NUMBERS)
    if not facts.collapsed:
        yield "kinds", "what the values look like", facts.kinds != set(kinds)
    if greatest is None:
        return
    pairs = zip(plain, kinds, strict=True)
    numbers = [int(key) if kind == "int" else float(key) for key, kind in pairs if kind in _NUMBERS]
    yield "maximum", "a number", math.isnan(greatest)
    yield "maximum", "a whole number", "float" not in facts.kinds and isinstance(greatest, float)
    wrong = max(numbers, default=None) != greatest
    if facts.collapsed:
        points = facts.column.points
        ranks = [key.rank for key in facts.values if isinstance(key, Rest)]
        highest = max([*ranks, *(bisect_left(points, number) for number in numbers)], default=None)
        wrong = bisect_left(points, greatest) != highest or any(n > greatest for n in numbers)
    yield "maximum", "the greatest of the numbers", wrong


def _kind(key: Scalar) -> str:
    return kind_of(key) if isinstance(key, str) else type(key).__name__


def _of_tables(counts: GroupCounts) -> Iterator[Finding]:
    """That the tables are of the same rows."""
    known: dict[int, Counter[Key]] = {}
    for facet, table in enumerate(counts.tables):
        wrong = any(not 1 <= rows <= MOST_ROWS for rows in table.values())
        yield "rows", "1 or more rows each", wrong
        yield "rows", f"{counts.rows:,} in each table", sum(table.values()) != counts.rows
        for at, index in enumerate(counts.plan.cells_of(facet)):
            found: Counter[Key] = Counter()
            for cell, rows in table.items():
                found[cell[at]] += rows
            yield (
                "rows",
                "as many of a value in all tables",
                known.setdefault(index, found) != found,
            )
    for index, found in known.items():
        facts = counts.columns[index]
        yield "values", "values that rows have", set(found) != set(facts.values)
        yield "missing", "the rows without a value", found[None] != facts.missing
