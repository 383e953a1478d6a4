"""Counts by values to counts by facet, positive label and positive prediction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.bias.table import NO_GROUP, FacetTable
from driftkit.errors import SettingsError
from driftkit.states.groups.columns import VALUES_KEPT, Key, Scalar
from driftkit.states.groups.outcomes import Outcomes, sort_key
from driftkit.states.groups.splits import Split, split
from driftkit.states.groups.types import TypedColumn, typed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from driftkit.dialects import Dialect
    from driftkit.states.groups.counts import FacetCounts

BETWEEN = " x "


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetRequest:
    """A facet, or an intersection of several.

    Attributes:
        name: as in the report.
        values: for each of its columns the given values or threshold; None for one against all.
    """

    name: str
    values: tuple[tuple[Scalar, ...] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetGroup:
    """A value or an interval of a facet, with the counts of it and of the rest."""

    value_or_threshold: str
    table: FacetTable


@dataclass(frozen=True, kw_only=True)
class FacetReader:
    """Reads tables from counts.

    Attributes:
        counts: of all rows.
        facets: what is asked of each table.
        outcomes: which labels and predictions are positive.
        rules: of the dialect.
    """

    counts: FacetCounts
    facets: tuple[FacetRequest, ...]
    outcomes: Outcomes
    rules: Dialect

    def groups(self, place: int, *, predicted: bool) -> tuple[FacetGroup, ...]:
        """The tables of a facet.

        Args:
            place: which facet.
            predicted: whether predictions are counted.

        Raises:
            InputError: see `positive_predictions`.
            SettingsError: a facet has too many values, or none.
        """
        splits = self._splits[place]
        shape = tuple(len(each.texts) + 1 for each in splits)
        dense = self._dense(place, splits, shape, predicted=predicted)
        whole = dense.sum(axis=tuple(range(len(shape))))
        groups = []
        for combination in self._combinations[place]:
            facet = dense[combination]
            texts = [each.texts[at] for each, at in zip(splits, combination, strict=True)]
            table = self._table(np.stack([whole - facet, facet]))
            groups.append(FacetGroup(value_or_threshold=BETWEEN.join(texts), table=table))
        return tuple(groups)

    @cached_property
    def _splits(self) -> tuple[tuple[Split, ...], ...]:
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
        return tuple(self._combinations_of(place) for place in range(len(self.facets)))

    def _combinations_of(self, place: int) -> tuple[tuple[int, ...], ...]:
        splits = self._splits[place]
        possible = product(*(range(len(each.texts)) for each in splits))
        if len(splits) == 1 or all(each.fixed for each in splits):
            return tuple(possible)
        width = len(splits)
        seen = {self._where(place, cell[:width]) for cell in self.counts.tables[place]}
        return tuple(combination for combination in possible if combination in seen)

    def _where(self, place: int, keys: Sequence[Key]) -> tuple[int, ...]:
        """The group of each of a facet's columns that the keys belong to, -1 for the rest."""
        columns = (self._typed[column] for column in self.counts.plan.facets[place])
        return tuple(
            each.group_of.get(column.typed(key), -1)
            for each, column, key in zip(self._splits[place], columns, keys, strict=True)
        )

    @cached_property
    def _typed(self) -> tuple[TypedColumn, ...]:
        return tuple(typed(facts, None, self.rules) for facts in self.counts.columns)

    def membership(
        self, place: int, group: int, roles: Mapping[int, Sequence[Key]]
    ) -> NDArray[np.bool_]:
        """Which rows belong to a group of a facet.

        Args:
            place: which facet.
            group: which of its groups.
            roles: place of a column in the plan -> its values, row by row.
        """
        wanted = self._combinations[place][group]
        rows = [*zip(*(roles[column] for column in self.counts.plan.facets[place]), strict=True)]
        belongs = {keys: self._where(place, keys) == wanted for keys in set(rows)}
        return np.array([belongs[keys] for keys in rows], dtype=bool)

    def _dense(
        self, place: int, splits: Sequence[Split], shape: tuple[int, ...], *, predicted: bool
    ) -> NDArray[np.float64]:
        """Counts by facet's groups (the last is the rest) x label x prediction x group."""
        width = len(splits)
        outcomes = self.outcomes
        yes = outcomes.positive_predictions if predicted else set()
        groups = self._group_places
        dense = np.zeros((*shape, 2, 2, len(groups)))
        for cell, count in self.counts.tables[place].items():
            facet, outcome = cell[:width], cell[width:]
            if not outcomes.counted(outcome, predicted):
                continue
            where = self._where(place, facet)
            positive = outcomes.label.typed(outcome[0]) in outcomes.positive_labels
            accepted = predicted and outcomes.prediction.typed(outcome[1]) in yes
            group = 0 if self.counts.plan.group is None else groups[outcome[-1]]
            dense[(*where, int(positive), int(accepted), group)] += count
        return dense

    @cached_property
    def _group_places(self) -> Mapping[Key, int]:
        """Where each group stands: sorted as numpy sorts, missing ones last."""
        place = self.counts.plan.group
        if place is None:
            return {None: 0}
        facts = self.counts.columns[place]
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
        places = {key: at for at, key in enumerate(present)}
        result: dict[Key, int] = {
            key: places[column.typed(key)] for key in facts.values if key is not None
        }
        return {**result, None: len(places)} if facts.missing or not places else result

    def _table(self, counts: NDArray[np.float64]) -> FacetTable:
        weighted = np.ones(counts.shape[-1], dtype=bool)
        table = FacetTable(
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
