"""Sums of a model's predictions and losses by the cells of each feature, and how they are kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np
import pyarrow as pa

from driftkit.formats.mapping import Node
from driftkit.native.arrays import values_of
from driftkit.native.arrow_arrays import array_of
from driftkit.states.cells.grid_storage import (
    GRID_FIELDS,
    grid_columns,
    read_grids,
    without_hashed,
)
from driftkit.states.schemas import NUMBER
from driftkit.states.state_files import impossible, read_alone, written_alone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.native.arrays import Floats
    from driftkit.states.cells.grids import Grid

FILE = "outcomes.arrow"
MONITOR = "data_quality_outcomes"
VERSION = 2
_SCHEMA = pa.schema(
    [
        pa.field(name, kind, nullable=False)
        for name, kind in {**GRID_FIELDS, "sums": pa.list_(NUMBER)}.items()
    ]
)
_SCHEMAS = {1: without_hashed(_SCHEMA), VERSION: _SCHEMA}

Outcome = Literal["prediction", "loss"]
# Rows with an outcome, their sum, and the sum of their squares.
SUMS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellOutcomes:
    """What a model answered in a baseline, and how wrong that was, by the cells of each feature.

    Attributes:
        prediction: the column of predictions.
        label: the column of what was true; None where that is not known.
        outcomes: what is added up: predictions where they are numbers, losses where there are labels.
        center: what was taken from each prediction, so that squares lose no digits.
        rows: that were read.
        grids: the cells of each feature.
        totals: of all rows, outcomes by rows, sums and squares.
        sums: of each feature, the same by its cells, rows without a value last.
    """

    prediction: str
    label: str | None = None
    outcomes: tuple[Outcome, ...] = ("prediction",)
    center: float = 0.0
    rows: int = 0
    grids: tuple[Grid, ...] = ()
    totals: Floats
    sums: tuple[Floats, ...] = ()

    def __add__(self, other: CellOutcomes) -> CellOutcomes:
        """The sums of the rows of both, which are told apart by the same cells."""
        return replace(
            self,
            rows=self.rows + other.rows,
            totals=self.totals + other.totals,
            sums=tuple(mine + theirs for mine, theirs in zip(self.sums, other.sums, strict=True)),
        )

    def dumps(self) -> bytes:
        """The content of a file."""
        about = {
            "prediction": self.prediction,
            "label": self.label,
            "outcomes": list(self.outcomes),
            "center": self.center,
            "rows": self.rows,
            "totals": self.totals.ravel().tolist(),
        }
        columns = [*grid_columns(self.grids), [each.ravel() for each in self.sums]]
        arrays = [array_of(each, field.type) for each, field in zip(columns, _SCHEMA, strict=True)]
        batch = pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)
        return written_alone(MONITOR, VERSION, about, batch)


def shape_of(grid: Grid, outcomes: Sequence[Outcome]) -> tuple[int, int, int]:
    """The shape of a feature's sums."""
    return len(outcomes), SUMS, grid.cells + 1


def loads(content: bytes | pa.Buffer, where: str) -> CellOutcomes:
    """The sums of a file.

    Args:
        content: of the file.
        where: its path, for messages.

    Raises:
        FormatError: it is none of sums, of a later version, cut off or damaged, or no rows can have
            such sums.
    """
    node, batch = read_alone(content, where, MONITOR, _SCHEMAS)
    outcomes = node.texts("outcomes")
    if not outcomes or not set(outcomes) <= set(get_args(Outcome)):
        raise node.wrong("outcomes", " and ".join(get_args(Outcome)), list(outcomes))
    known = cast("tuple[Outcome, ...]", outcomes)
    lists = batch.column("sums")
    grids = tuple(read_grids(batch))
    return CellOutcomes(
        prediction=node.text("prediction"),
        label=node.maybe(Node.text, "label"),
        outcomes=known,
        center=node.number("center"),
        rows=node.count("rows"),
        grids=grids,
        totals=_sums(np.array(node.row("totals")), (len(known), SUMS, 1), where)[:, :, 0],
        sums=tuple(
            _sums(values_of(each.values), shape_of(grid, known), where)
            for each, grid in zip(lists, grids, strict=True)
        ),
    )


def _sums(numbers: Floats, shape: tuple[int, int, int], where: str) -> Floats:
    if len(numbers) != np.prod(shape):
        raise impossible(where, "sums", "numbers for each cell")
    found = np.array(numbers, np.float64).reshape(shape)
    if not np.isfinite(found).all() or (found[:, [0, 2]] < 0).any():
        raise impossible(where, "sums", "finite numbers, and counts and squares of 0 or more")
    return found
