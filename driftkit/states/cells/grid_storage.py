"""How the cells of features are kept in a table of counts or sums."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.native.arrays import truths_of, values_of
from driftkit.states.cells.grids import Grid
from driftkit.states.schemas import NUMBER, TEXT, TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GRID_FIELDS = {
    "feature": TEXT,
    "edges": pa.list_(NUMBER),
    "atoms": pa.list_(pa.bool_()),
    "values": TEXTS,
    "hashed": pa.bool_(),
}
"""Columns of a file by which cells are known; the first version has no hashed ones."""


def without_hashed(schema: pa.Schema) -> pa.Schema:
    """The schema of a file of the first version."""
    return schema.remove(schema.get_field_index("hashed"))


def grid_columns(grids: Sequence[Grid]) -> list[list[Any]]:
    """The values of the columns by which cells are known."""
    return [
        [grid.name for grid in grids],
        [grid.edges for grid in grids],
        [grid.atoms for grid in grids],
        [list(grid.values) for grid in grids],
        [grid.hashed for grid in grids],
    ]


def read_grids(batch: pa.RecordBatch) -> Iterator[Grid]:
    """The cells of a file's features."""
    names, values = (batch.column(name).to_pylist() for name in ("feature", "values"))
    edges, atoms = (_slices(batch.column(name)) for name in ("edges", "atoms"))
    known = "hashed" in batch.schema.names
    hashed = batch.column("hashed").to_pylist() if known else [False] * len(names)
    for name, some, are_single, categories, buckets in zip(
        names, edges, atoms, values, hashed, strict=True
    ):
        yield Grid(
            name=name, edges=some, atoms=are_single, values=tuple(categories), hashed=buckets
        )


def _slices(lists: pa.ListArray) -> list[Any]:
    """The lists of an array, which a batch holds whole."""
    offsets = values_of(lists.offsets).tolist()
    is_truth = pa.types.is_boolean(lists.type.value_type)
    # Copied, since one that looks into the batch would keep all of it.
    inner = (truths_of if is_truth else values_of)(lists.values).copy()
    return [inner[start:stop] for start, stop in pairwise(offsets)]
