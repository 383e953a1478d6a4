"""Values of metrics and columns by arm, of which a plan freezes limits and the cells of inputs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError
from driftkit.states.deployment.arms_fold import ARM, arms_of
from driftkit.states.deployment.forced import routed
from driftkit.states.deployment.judging import COLUMN, JudgedRows, Judging
from driftkit.states.deployment.metrics import MetricSource, values
from driftkit.states.quality.labels import label_of
from driftkit.states.quality.values import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftkit.columns.chunk import Chunk
    from driftkit.native.arrays import Floats, Integers

MOST_TEXTS = 100_000
"""Different texts of a column that are told apart; more than so many are ids rather than values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The values of a metric or a column; they add up.

    Attributes:
        numbers: all finite ones, in the order of the rows.
        texts: text in the canonical form of labels -> rows of it, numbers that are written as texts
            among them; nothing where there are too many.
        others: rows with a text that is no number.
        collapsed: whether there are more than `MOST_TEXTS` different texts.
    """

    numbers: tuple[Floats, ...] = ()
    texts: Mapping[str, int] = field(default_factory=dict)
    others: int = 0
    collapsed: bool = False

    @property
    def together(self) -> Floats:
        """All numbers."""
        return np.concatenate([np.empty(0), *self.numbers])

    def __add__(self, other: Values) -> Values:
        texts = Counter(self.texts)
        texts.update(other.texts)
        return Values(
            numbers=(*self.numbers, *other.numbers),
            texts=texts,
            others=self.others + other.others,
            collapsed=self.collapsed or other.collapsed,
        ).within()

    def within(self) -> Values:
        """The same without texts where there are too many."""
        collapsed = self.collapsed or len(self.texts) > MOST_TEXTS
        return replace(self, texts={}, collapsed=True) if collapsed else self


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmValues:
    """The values of all arms; they add up.

    Attributes:
        requests: rows of each arm.
        metrics: arm and metric -> its values.
        columns: arm and column -> its values.
        rejected: records that were set aside.
    """

    requests: tuple[int, ...]
    metrics: Mapping[tuple[int, str], Values] = field(default_factory=dict)
    columns: Mapping[tuple[int, str], Values] = field(default_factory=dict)
    rejected: Rejections = field(default_factory=Rejections)

    @property
    def rows(self) -> int:
        """Rows that it is of."""
        return sum(self.requests)

    def __add__(self, other: ArmValues) -> ArmValues:
        return ArmValues(
            requests=tuple(map(sum, zip(self.requests, other.requests, strict=True))),
            metrics=_added(self.metrics, other.metrics),
            columns=_added(self.columns, other.columns),
            rejected=self.rejected + other.rejected,
        )


def _added(
    one: Mapping[tuple[int, str], Values], other: Mapping[tuple[int, str], Values]
) -> dict[tuple[int, str], Values]:
    nothing = Values()
    return {key: one.get(key, nothing) + other.get(key, nothing) for key in {**one, **other}}


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesFold:
    """Keeps the values of chunks; pickled and sent to the workers.

    Attributes:
        names: of the chunks' columns.
        arms: in the order of the plan.
        judging: how labels and predictions are read.
        metrics: metric -> what it is computed from.
        columns: of inputs.
    """

    names: tuple[str, ...]
    arms: tuple[str, ...]
    judging: Judging = field(default_factory=Judging)
    metrics: Mapping[str, MetricSource] = field(default_factory=dict)
    columns: tuple[str, ...] = ()

    def __call__(self, chunks: Iterable[Chunk]) -> ArmValues:
        """The values of some chunks; of none, the identity of `+`."""
        total = nothing = ArmValues(requests=(0,) * len(self.arms))
        for chunk in chunks:
            rows = routed(JudgedRows(chunk, self.names, self.judging))
            found = self._values(rows) if rows.rows else nothing
            total += replace(found, rejected=rows.rejected)
        return total

    def _values(self, rows: JudgedRows) -> ArmValues:
        arms = arms_of(rows.values(ARM), self.arms)
        return ArmValues(
            requests=tuple(np.bincount(arms, minlength=len(self.arms)).tolist()),
            metrics={
                (arm, name): found
                for name, source in self.metrics.items()
                for arm, found in _of_metric(source, rows, arms)
            },
            columns={
                (arm, name): found
                for name in self.columns
                for arm, found in _of_column(name, rows, arms)
            },
        )


def _of_metric(
    source: MetricSource, rows: JudgedRows, arms: Integers
) -> Iterator[tuple[int, Values]]:
    numbers, counted = values(source, rows)
    for arm in np.unique(arms).tolist():
        yield arm, Values(numbers=(numbers[(arms == arm) & (counted != 0)],))


def _of_column(name: str, rows: JudgedRows, arms: Integers) -> Iterator[tuple[int, Values]]:
    column = joined(rows.values(f"{COLUMN}{name}"))
    if pa.types.is_nested(column.type):
        raise InputError(
            "lists and objects have no deciles, and no frequent values",
            where=name,
            expected="a column of numbers or of texts",
            found=str(column.type),
            todo="Name a field of it, or leave it out of the columns of inputs",
        )
    are_texts = not _are_numbers(column.type)
    can_be = (
        not are_texts or pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    )
    numbers = rows.column(name) if can_be else np.full(rows.rows, np.nan)
    for arm in np.unique(arms).tolist():
        chosen = arms == arm
        finite = numbers[chosen][np.isfinite(numbers[chosen])]
        if not are_texts:
            yield arm, Values(numbers=(finite,))
            continue
        texts = _counted(column.filter(pa.array(chosen)))
        found = Values(numbers=(finite,), texts=texts, others=texts.total() - len(finite))
        yield arm, found.within()


def _counted(column: pa.Array) -> Counter[str]:
    """How many rows have each text, in its canonical form."""
    found: Counter[str] = Counter()
    values, counts = column.cast(pa.string()).value_counts().flatten()
    for value, count in zip(values.to_pylist(), counts.to_pylist(), strict=True):
        label = label_of(value)
        if label is not None:
            found[label] += count
    return found


def _are_numbers(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )
