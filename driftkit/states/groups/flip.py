"""The rows of the flip test as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.types import InferredType
from driftkit.comparison.bias.flip import Flips, flip_test, require_sides
from driftkit.comparison.bias.table import UndefinedMetricError
from driftkit.states.groups.fold import code, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from driftkit.columns.chunk import Column
    from driftkit.states.groups.columns import Key
    from driftkit.states.groups.counts import CountPlan
    from driftkit.states.groups.tables import GroupReader

NOT_NUMERIC = "FlipTest does not support non-numeric columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipRows:
    """The rows of the flip test.

    Attributes:
        features: values of every column but label and prediction, in the order of the
            columns; None for columns that are not numeric.
        roles: place in the plan -> the column's values, row by row.
    """

    features: Mapping[str, NDArray[np.float64] | None]
    roles: Mapping[int, tuple[Key, ...]]


def flip_rows(
    plan: CountPlan,
    features: Sequence[tuple[Column, pa.ChunkedArray]],
    columns: Sequence[pa.ChunkedArray],
) -> FlipRows:
    """The rows of the flip test.

    Args:
        plan: which columns play which role.
        features: every column but label, prediction and those that are excluded.
        columns: the dataset's columns, of which the plan speaks by place.
    """
    coded = {index: code(each, columns[each.index]) for index, each in enumerate(plan.columns)}
    return FlipRows(
        features={column.name: _numbers(column, values) for column, values in features},
        roles={
            index: tuple(each.keys[row] for row in each.codes.tolist())
            for index, each in coded.items()
        },
    )


def _numbers(column: Column, values: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """A column as numbers; None where it holds anything else."""
    plain = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    if plain or pa.types.is_boolean(values.type) or pa.types.is_decimal(values.type):
        return np.asarray(pc.cast(values, pa.float64()).to_numpy(), dtype=np.float64)
    if column.declared is InferredType.STRING:
        return None
    texts = values.to_pylist()
    kinds = {kind_of(text) for text in texts if text is not None}
    if kinds == {"bool"} and None not in texts:
        return np.array([text.lower() == "true" for text in texts], dtype=np.float64)
    if not kinds or kinds - {"int", "float"}:
        return None
    return np.array([np.nan if text is None else float(text) for text in texts])


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipTest:
    """Computes the flip test of any group of any facet.

    Attributes:
        rows: the rows; None where they were not collected.
        refused: why they were not.
    """

    rows: FlipRows | None
    refused: str = ""

    def flips(self, reader: GroupReader, facet: int, group: int) -> Flips:
        """The flips of a group of a facet.

        Raises:
            UndefinedMetricError: it has no value; the message says why.
        """
        if self.rows is None:
            raise UndefinedMetricError(self.refused)
        member = reader.membership(facet, group, self.rows.roles)
        require_sides(member)
        names = {
            reader.counts.columns[index].column.name for index in reader.counts.plan.facets[facet]
        }
        columns = [values for name, values in self.rows.features.items() if name not in names]
        if any(values is None for values in columns):
            raise UndefinedMetricError(NOT_NUMERIC)
        positive = self._positive(reader)
        numbers = [values for values in columns if values is not None]
        matrix = np.column_stack(numbers) if numbers else np.zeros((len(member), 0))
        return flip_test(matrix, member, positive)

    def _positive(self, reader: GroupReader) -> NDArray[np.bool_]:
        """Whether each row's prediction is positive."""
        index = reader.counts.plan.prediction
        assert self.rows is not None  # noqa: S101  (asked by `flips` alone)
        keys = self.rows.roles[-1 if index is None else index]
        outcomes = reader.outcomes
        accepted = {
            key: outcomes.prediction.typed(key) in outcomes.positive_predictions
            for key in set(keys)
        }
        return np.array([accepted[key] for key in keys], dtype=bool)
