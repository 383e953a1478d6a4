"""Group counts: counts by value become counts by group, label and prediction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.bias.table import NO_GROUP, GroupTable
from driftkit.errors import SettingsError
from driftkit.states.groups.columns import VALUES_KEPT, ColumnFacts, Key, Scalar
from driftkit.states.groups.outcomes import Outcomes, sort_key
from driftkit.states.groups.types import (
    Scale,
    TypedColumn,
    in_interval,
    interval_of,
    matching,
    typed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from driftkit.dialects import Dialect
    from driftkit.states.groups.counts import GroupCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How the keys of a facet's column fall into groups.

    Attributes:
        texts: the groups, as in the report.
        group_of: a key's group; keys that belong to the rest are absent.
        fixed: whether the groups are given rather than seen.
    """

    texts: tuple[str, ...]
    group_of: Mapping[Key, int]
    fixed: bool


def split(facts: ColumnFacts, given: tuple[Scalar, ...] | None, rules: Dialect) -> Split:
    """Splits a facet's column.

    Args:
        facts: what was seen of it.
        given: values or threshold of the configuration.
        rules: of the dialect.

    Raises:
        SettingsError: it is a scale without a threshold, or has too many values.
    """
    column = typed(facts, given, rules)
    if column.scale is Scale.CONTINUOUS:
        interval = interval_of(column)
        keys = in_interval(column, interval, cut=False)
        return _one_group("" if interval is None else str(interval), keys)
    if column.given:
        return _one_group(",".join(map(str, column.given)), matching(column))
    return _one_against_all(column, rules)


def _one_against_all(column: TypedColumn, rules: Dialect) -> Split:
    if column.facts.collapsed:
        raise SettingsError(
            "a facet has too many values to compare each with all others",
            where=f"facet {column.name!r}",
            expected=f"at most {VALUES_KEPT:,} values",
            found=f"more than {VALUES_KEPT:,}",
            todo="Give value_or_threshold",
        )
    keys = [key for key in column.seen() if key is not None]
    group_of: dict[Key, int] = {key: index for index, key in enumerate(keys)}
    texts = [str(key) for key in keys]
    if rules.missing_facet_is_value and column.facts.missing:
        texts.insert(column.seen().index(None), "nan")
        group_of = {key: texts.index(str(key)) for key in keys}
    return Split(texts=tuple(texts), group_of=group_of, fixed=False)


def _one_group(text: str, keys: set[Key]) -> Split:
    return Split(texts=(text,), group_of=dict.fromkeys(keys, 0), fixed=True)


BETWEEN = " x "


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRequest:
    """A facet, or an intersection of several.

    Attributes:
        name: as in the report.
        values: for each of its columns the given values or threshold; None for one against all.
    """

    name: str
    values: tuple[tuple[Scalar, ...] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A value or an interval of a facet, with the counts of it and of the rest."""

    value_or_threshold: str
    table: GroupTable


@dataclass(frozen=True, kw_only=True)
class GroupReader:
    """Reads tables from counts.

    Attributes:
        counts: of all rows.
        facets: what is asked of each table.
        outcomes: which labels and predictions are positive.
        rules: of the dialect.
    """

    counts: GroupCounts
    facets: tuple[GroupRequest, ...]
    outcomes: Outcomes
    rules: Dialect

    def groups(self, index: int, *, predicted: bool) -> tuple[Group, ...]:
        """The tables of a facet.

        Args:
            index: which facet.
            predicted: whether predictions are counted.

        Raises:
            InputError: see `positive_predictions`.
            SettingsError: a facet has too many values, or none.
        """
        group_splits = self._group_splits[index]
        shape = tuple(len(each.texts) + 1 for each in group_splits)
        dense = self._dense(index, group_splits, shape, predicted=predicted)
        whole = dense.sum(axis=tuple(range(len(shape))))
        groups = []
        for combination in self._combinations[index]:
            facet = dense[combination]
            texts = [each.texts[at] for each, at in zip(group_splits, combination, strict=True)]
            table = self._table(np.stack([whole - facet, facet]))
            groups.append(Group(value_or_threshold=BETWEEN.join(texts), table=table))
        return tuple(groups)

    @cached_property
    def _group_splits(self) -> tuple[tuple[Split, ...], ...]:
        return tuple(
            tuple(
                split(self.counts.columns[column], given, self.rules)
                for column, given in zip(columns, facet.values, strict=True)
            )
            for columns, facet in zip(self.counts.plan.facets, self.facets, strict=True)
        )

    @cached_property
    def _combinations(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """For each facet, its groups; of an intersection, those that occur."""
        return tuple(self._combinations_of(index) for index in range(len(self.facets)))

    def _combinations_of(self, index: int) -> tuple[tuple[int, ...], ...]:
        group_splits = self._group_splits[index]
        possible = product(*(range(len(each.texts)) for each in group_splits))
        if len(group_splits) == 1 or all(each.fixed for each in group_splits):
            return tuple(possible)
        width = len(group_splits)
        seen = {self._where(index, cell[:width]) for cell in self.counts.tables[index]}
        return tuple(combination for combination in possible if combination in seen)

    def _where(self, index: int, keys: Sequence[Key]) -> tuple[int, ...]:
        """The group of each of a facet's columns that the keys belong to, -1 for the rest."""
        columns = (self._typed[column] for column in self.counts.plan.facets[index])
        return tuple(
            each.group_of.get(column.typed(key), -1)
            for each, column, key in zip(self._group_splits[index], columns, keys, strict=True)
        )

    @cached_property
    def _typed(self) -> tuple[TypedColumn, ...]:
        return tuple(typed(facts, None, self.rules) for facts in self.counts.columns)

    def membership(
        self, index: int, group: int, roles: Mapping[int, Sequence[Key]]
    ) -> NDArray[np.bool_]:
        """Which rows belong to a group of a facet.

        Args:
            index: which facet.
            group: which of its groups.
            roles: place of a column in the plan -> its values, row by row.
        """
        wanted = self._combinations[index][group]
        rows = [*zip(*(roles[column] for column in self.counts.plan.facets[index]), strict=True)]
        belongs = {keys: self._where(index, keys) == wanted for keys in set(rows)}
        return np.array([belongs[keys] for keys in rows], dtype=bool)

    def _dense(
        self, index: int, group_splits: Sequence[Split], shape: tuple[int, ...], *, predicted: bool
    ) -> NDArray[np.float64]:
        """Counts by facet's groups (the last is the rest) x label x prediction x group."""
        width = len(group_splits)
        outcomes = self.outcomes
        yes = outcomes.positive_predictions if predicted else set()
        groups = self._group_places
        dense = np.zeros((*shape, 2, 2, len(groups)))
        for cell, count in self.counts.tables[index].items():
            facet, outcome = cell[:width], cell[width:]
            if not outcomes.counted(outcome, predicted):
                continue
            where = self._where(index, facet)
            positive = outcomes.label.typed(outcome[0]) in outcomes.positive_labels
            accepted = predicted and outcomes.prediction.typed(outcome[1]) in yes
            group = 0 if self.counts.plan.group is None else groups[outcome[-1]]
            dense[(*where, int(positive), int(accepted), group)] += count
        return dense

    @cached_property
    def _group_places(self) -> Mapping[Key, int]:
        """Where each group stands: sorted as numpy sorts, missing ones last."""
        index = self.counts.plan.group
        if index is None:
            return {None: 0}
        facts = self.counts.columns[index]
        if facts.collapsed:
            raise SettingsError(
                "the group variable has too many values",
                where=f"column {facts.column.name!r}",
                expected=f"at most {VALUES_KEPT:,}",
                found=f"more than {VALUES_KEPT:,}",
                todo="Name another column, or leave group_variable out",
            )
        column = typed(facts, None, self.rules)
        present = sorted(
            {column.typed(key) for key in facts.values if key is not None}, key=sort_key
        )
        indices = {key: at for at, key in enumerate(present)}
        result: dict[Key, int] = {
            key: indices[column.typed(key)] for key in facts.values if key is not None
        }
        return {**result, None: len(indices)} if facts.missing or not indices else result

    def _table(self, counts: NDArray[np.float64]) -> GroupTable:
        weighted = np.ones(counts.shape[-1], dtype=bool)
        table = GroupTable(
            counts=counts, weighted=weighted, group_problem=NO_GROUP, rules=self.rules
        )
        if self.counts.plan.group is None:
            return table
        facts = self.counts.columns[self.counts.plan.group]
        if not facts.present:
            return table
        problem = None
        if facts.missing:
            weighted[-1] = False
            dtype = typed(facts, None, self.rules).dtype
            if self.rules.missing_group_is_error and dtype == "object":
                problem = "'<' not supported between instances of 'NoneType' and 'str'"
        return replace(table, weighted=weighted, group_problem=problem)
