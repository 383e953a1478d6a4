"""Small tables counted by facets, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from driftkit.columns.chunk import Column, Rejections
from driftkit.columns.types import InferredType
from driftkit.dialects import AWS, Dialect
from driftkit.states.groups.columns import GroupColumn, points_of, texts_of
from driftkit.states.groups.counts import CountPlan, GroupCounts
from driftkit.states.groups.flip import FlipTest, flip_rows
from driftkit.states.groups.fold import count
from driftkit.states.groups.outcomes import Outcomes
from driftkit.states.groups.tables import GroupReader, GroupRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

TYPES = {
    "object": (InferredType.STRING, pa.string()),
    "int64": (InferredType.INTEGRAL, pa.int64()),
    "float64": (InferredType.FRACTIONAL, pa.float64()),
    "bool": (InferredType.BOOLEAN, pa.bool_()),
}


@dataclass(frozen=True, kw_only=True)
class TableChunk:
    """Arrow columns as a chunk."""

    columns: Sequence[pa.ChunkedArray]
    rejected: Rejections = field(default_factory=Rejections)
    time_key: None = None

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def column(self, index: int) -> pa.ChunkedArray:
        """A column."""
        return self.columns[index]

    def slice(self, start: int, stop: int) -> TableChunk:
        """Some of the rows."""
        return TableChunk(columns=[each.slice(start, stop - start) for each in self.columns])


@dataclass(frozen=True, kw_only=True)
class Case:
    """A table as smclarify's recordings write it, and the roles of its columns."""

    names: Sequence[str]
    dtypes: Sequence[str]
    rows: Sequence[Sequence[Any]]
    facet: str
    facet_values: Sequence[Any] | None
    label: str
    positives: Sequence[Any]
    prediction: str | None = None
    group: str | None = None
    rules: Dialect = AWS

    def chunk(self) -> TableChunk:
        """All rows."""
        columns = list(zip(*self.rows, strict=True)) or [()] * len(self.names)
        return TableChunk(
            columns=[
                pa.chunked_array([_array(dtype, values)])
                for dtype, values in zip(self.dtypes, columns, strict=True)
            ]
        )

    def plan(self) -> CountPlan:
        """One facet, label, prediction, group."""
        roles = [self.facet, self.label]
        roles += [name for name in (self.prediction, self.group) if name is not None]
        return CountPlan(
            columns=tuple(self._role(name) for name in roles),
            facets=((0,),),
            label=1,
            prediction=None if self.prediction is None else 2,
            group=None if self.group is None else len(roles) - 1,
        )

    def _role(self, name: str) -> GroupColumn:
        given = (self.facet_values or ()) if name == self.facet else tuple(self.positives)
        index = list(self.names).index(name)
        dtype = self.dtypes[index]
        return GroupColumn(
            name=name,
            index=index,
            declared=None if dtype == "category" else TYPES[dtype][0],
            category=dtype == "category",
            points=() if name == self.group else points_of(given),
            texts=frozenset() if name == self.group else texts_of(given),
        )

    def reader(self, counts: GroupCounts | None = None) -> GroupReader:
        """Reads the case's counts, or those given."""
        counted = count(self.plan(), [self.chunk()]) if counts is None else counts
        values = None if self.facet_values is None else tuple(self.facet_values)
        return GroupReader(
            counts=counted,
            facets=(GroupRequest(name=self.facet, values=(values,)),),
            outcomes=Outcomes(counts=counted, positives=tuple(self.positives), rules=self.rules),
            rules=self.rules,
        )

    def flip(self) -> FlipTest:
        """The flip test of the case."""
        columns = self.chunk().columns
        features = [
            (Column(name=name, declared=TYPES.get(dtype, (None, None))[0]), values)
            for name, dtype, values in zip(self.names, self.dtypes, columns, strict=True)
            if name not in {self.label, self.prediction}
        ]
        return FlipTest(rows=flip_rows(self.plan(), features, columns))


def _array(dtype: str, values: Sequence[Any]) -> pa.Array:
    kind = TYPES[dtype][1] if dtype in TYPES else None
    return pa.array(list(values), kind)


def column_of(dtype: str, values: Sequence[Any]) -> pa.ChunkedArray:
    """A column of a recording."""
    return pa.chunked_array([_array(dtype, values)])


def same(actual: Any, expected: Any) -> bool:
    """Whether an answer is the recorded one, numbers to 1e-12."""
    if isinstance(expected, dict):
        return list(actual) == list(expected) and all(
            same(actual[k], expected[k]) for k in expected
        )
    if isinstance(expected, list):
        pairs = list(zip(actual, expected, strict=True))
        return all(same(mine, theirs) for mine, theirs in pairs)
    if expected in ("inf", "-inf", "Infinity", "-Infinity"):
        return bool(actual == float(expected))
    if isinstance(expected, str | bool) or expected is None:
        return bool(actual == expected)
    return bool(actual == pytest.approx(expected, rel=1e-12, abs=1e-12))
