"""The bytes of counts by group: the fields of a states file, and what they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.columns.types import InferredType
from driftkit.states.groups.columns import ColumnFacts, GroupColumn, Key, Rest, Threshold
from driftkit.states.groups.counts import CountPlan, GroupCounts
from driftkit.states.groups.storage_checks import findings_of
from driftkit.states.profile.state_table import has_gaps
from driftkit.states.state_files import impossible
from driftkit.states.storage_about import read_rejections, rejections_to_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from driftkit.columns.chunk import Column
    from driftkit.formats.mapping import Node

_TEXTS = pa.list_(pa.string())
# The only row has, for each column of the plan, its facts; for each facet its columns, the cells of its
# table, a list for each of the table's columns, and the rows of each cell.
_FIELDS = {
    "present": pa.int64(),
    "missing": pa.int64(),
    "collapsed": pa.bool_(),
    "kinds": _TEXTS,
    "points": pa.list_(pa.float64()),
    "values": _TEXTS,
    "types": _TEXTS,
    "hashes": pa.list_(pa.uint64()),
    "facets": pa.list_(pa.int32()),
    "cells": pa.list_(pa.list_(pa.int32())),
    "rows": pa.list_(pa.int64()),
}
_OF_FACETS = ("facets", "cells", "rows")
_OF_COLUMNS = tuple(name for name in _FIELDS if name not in _OF_FACETS)
SCHEMA = pa.schema([pa.field(n, pa.list_(kind), nullable=False) for n, kind in _FIELDS.items()])
_KEYS: dict[str, Callable[[str], Key]] = {
    "none": lambda _: None,
    "rest": lambda text: Rest(int(text)),
    "bool": lambda text: {"True": True, "False": False}[text],
    "int": int,
    "float": float,
    "str": str,
}
_DECLARED = {str(each).lower(): str(each) for each in InferredType}


def encoded(counts: GroupCounts) -> tuple[dict[str, Any], pa.RecordBatch]:
    """What a file says of counts, and their fields."""
    plan = counts.plan
    about = {
        "columns": [*map(_column_to_dict, counts.columns)],
        "label": plan.label,
        "prediction": plan.prediction,
        "group": plan.group,
        "rows": counts.rows,
        "rejected": rejections_to_dict(counts.rejected),
    }
    return about, _batch(counts)


def decoded(
    node: Node, batch: pa.RecordBatch, columns: Sequence[Column], categories: Collection[str]
) -> GroupCounts:
    """The counts of a file.

    Args:
        node: what it says of them.
        batch: their fields.
        columns: of the data.
        categories: names of those that are pandas categories.

    Raises:
        FormatError: no rows can have such counts.
    """
    if batch.num_rows != 1 or any(map(has_gaps, batch.columns)):
        raise impossible(node.file, SCHEMA.names[0], "one row without nulls")
    [lists] = batch.to_pylist()
    counts = _counts(node, lists, columns, categories)
    for name, expected, wrong in findings_of(counts):
        if wrong:
            raise impossible(node.file, name, expected)
    return counts


def _column_to_dict(facts: ColumnFacts) -> dict[str, Any]:
    column, threshold = facts.column, facts.column.threshold
    return {
        "index": column.index,
        "declared": column.declared,
        "texts": sorted(column.texts),
        "threshold": threshold and {"score": threshold.score, "labels_stay": threshold.labels_stay},
        "maximum": facts.maximum,
    }


def _batch(state: GroupCounts) -> pa.RecordBatch:
    facts = state.columns
    tables = [_cells(state, facet) for facet in range(len(state.tables))]
    values = {
        "present": [each.present for each in facts],
        "missing": [each.missing for each in facts],
        "collapsed": [each.collapsed for each in facts],
        "kinds": [sorted(each.kinds) for each in facts],
        "points": [each.column.points for each in facts],
        "values": [[_text(key) for key in each.values] for each in facts],
        "types": [[_type(key) for key in each.values] for each in facts],
        "hashes": [each.hashes for each in facts],
        "facets": state.plan.facets,
        "cells": [cells for cells, _ in tables],
        "rows": [rows for _, rows in tables],
    }
    arrays = [pa.array([values[field.name]], field.type) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _cells(state: GroupCounts, facet: int) -> tuple[list[list[int]], list[int]]:
    """A facet's table: for each of its columns which of the values, and the rows of each cell."""
    columns = state.plan.cells_of(facet)
    indexes = [{key: at for at, key in enumerate(state.columns[index].values)} for index in columns]
    # Sorted, for the order of cells depends on how the rows come.
    ordered = sorted(
        (*(of[key] for of, key in zip(indexes, cell, strict=True)), rows)
        for cell, rows in state.tables[facet].items()
    )
    *cells, rows = (
        (list(each) for each in zip(*ordered, strict=True))
        if ordered
        else ([] for _ in (*columns, None))
    )
    return cells, rows


def _type(key: Key) -> str:
    return type(key).__name__.removesuffix("Type").lower()


def _text(key: Key) -> str:
    if isinstance(key, Rest):
        return str(key.rank)
    return "" if key is None else str(key)


def declared(node: Node) -> InferredType | None:
    """The type that a column was declared to have."""
    word = node.maybe(lambda of, key: of.choice(key, _DECLARED), "declared")
    return None if word is None else InferredType(word)


def _counts(
    node: Node,
    lists: Mapping[str, Sequence[Any]],
    columns: Sequence[Column],
    categories: Collection[str],
) -> GroupCounts:
    described = node.children("columns")
    for names, size in ((_OF_COLUMNS, len(described)), (_OF_FACETS, len(lists["facets"]))):
        for name in names:
            if len(lists[name]) != size:
                raise impossible(node.file, name, f"{size} of them")
    facts = tuple(
        _facts(each, columns, categories, {name: lists[name][at] for name in _OF_COLUMNS})
        for at, each in enumerate(described)
    )
    if not all(each and 0 <= min(each) <= max(each) < len(facts) for each in lists["facets"]):
        raise impossible(node.file, "facets", "columns of each facet")
    plan = CountPlan(
        columns=tuple(each.column for each in facts),
        facets=tuple(map(tuple, lists["facets"])),
        label=_index(node, "label", len(facts)),
        prediction=node.maybe(lambda of, key: _index(of, key, len(facts)), "prediction"),
        group=node.maybe(lambda of, key: _index(of, key, len(facts)), "group"),
    )
    return GroupCounts(
        plan=plan,
        rows=node.count("rows"),
        columns=facts,
        tables=tuple(
            _table([facts[index].values for index in plan.cells_of(facet)], cells, rows, node.file)
            for facet, (cells, rows) in enumerate(zip(lists["cells"], lists["rows"], strict=True))
        ),
        rejected=read_rejections(node.child("rejected")),
    )


def _facts(
    node: Node, columns: Sequence[Column], categories: Collection[str], found: Mapping[str, Any]
) -> ColumnFacts:
    index = _index(node, "index", len(columns))
    return ColumnFacts(
        column=GroupColumn(
            name=columns[index].name,
            index=index,
            declared=declared(node),
            category=columns[index].name in categories,
            points=tuple(found["points"]),
            texts=frozenset(node.texts("texts")),
            threshold=node.maybe(_threshold, "threshold"),
        ),
        values=tuple(_keys(found["types"], found["values"], node.file)),
        collapsed=found["collapsed"],
        present=found["present"],
        missing=found["missing"],
        kinds=frozenset(found["kinds"]),
        maximum=node.maybe(_number, "maximum"),
        hashes=tuple(found["hashes"]),
    )


def _threshold(node: Node, key: str) -> Threshold:
    found = node.child(key)
    return Threshold(score=found.share("score"), labels_stay=found.truth("labels_stay"))


def _index(node: Node, key: str, size: int) -> int:
    index = node.count(key)
    if index >= size:
        raise node.wrong(key, f"the index of one of {size} columns", index)
    return index


def _number(node: Node, key: str) -> int | float:
    number = node.number(key)
    value = node.value[key]
    # A whole number may be longer than a double is exact.
    return value if isinstance(value, int) else number


def _keys(types: Sequence[str], texts: Sequence[str], where: str) -> Iterator[Key]:
    if len(types) != len(texts):
        raise impossible(where, "types", "a type for each value")
    for kind, text in zip(types, texts, strict=True):
        try:
            yield _KEYS[kind](text)
        except (KeyError, ValueError) as error:
            raise impossible(where, "values", f"values of the types {', '.join(_KEYS)}") from error


def _table(
    values: Sequence[tuple[Key, ...]],
    cells: Sequence[Sequence[int]],
    rows: Sequence[int],
    where: str,
) -> dict[tuple[Key, ...], int]:
    """The rows of each cell."""
    sizes = {len(rows), *map(len, cells)}
    if len(cells) != len(values) or len(sizes) > 1:
        raise impossible(where, "cells", "as many as there are rows, for each column of the facet")
    for known, indexes in zip(values, cells, strict=True):
        if indexes and not 0 <= min(indexes) <= max(indexes) < len(known):
            raise impossible(where, "cells", "indexes of the column's values")
    keys = [[known[at] for at in indexes] for known, indexes in zip(values, cells, strict=True)]
    table = dict(zip(zip(*keys, strict=True), rows, strict=True))
    if len(table) < len(rows):
        raise impossible(where, "cells", "every combination of values once")
    return table
