"""Leaves columns out of a run: of its data, of kept states, and of the baseline beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.errors import SettingsError
from driftkit.monitors.data_quality.judgement import constrained
from driftkit.readers.some_columns import without
from driftkit.settings.patterns import left_out

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from driftkit.formats.constraints import Constraints
    from driftkit.monitors.data_quality.results import Baseline
    from driftkit.readers.dataset import Dataset
    from driftkit.settings import Selection
    from driftkit.states.partitions.partition import Partition, TableState


def selected(
    dataset: Dataset,
    selection: Selection,
    by: Sequence[str] = (),
    beside: Collection[str] = (),
) -> Dataset:
    """The dataset with the columns that are to be monitored.

    Args:
        dataset: with all of them.
        selection: which are.
        by: columns that tell rows apart.
        beside: columns that users do not choose among, and that stay.

    Raises:
        SettingsError: none is left, or one that tells rows apart is not.
    """
    names = [column.name for column in dataset.columns if column.name not in beside]
    out = left_out([*names, *dataset.set_aside], selection)
    _refuse_gone(names, out, by)
    return without(dataset, out)


def _refuse_gone(names: Sequence[str], out: Collection[str], by: Sequence[str]) -> None:
    gone = [name for name in by if name in out]
    if gone:
        raise SettingsError(
            "a column that tells rows apart is left out",
            where="columns, ignore",
            expected=f"{', '.join(gone)} among the columns",
            found="it is left out",
            todo="Monitor it too",
        )
    if names and all(name in out for name in names):
        raise SettingsError(
            "no column is left to be monitored",
            where="columns, ignore",
            expected="at least one column",
            found=f"{len(names)} of {len(names)} left out",
            todo="Leave fewer out",
        )


def selected_states(table: TableState, selection: Selection) -> TableState:
    """Kept states with the columns that are to be monitored.

    Raises:
        SettingsError: none is left, or one that tells rows apart is not.
    """
    names = [column.name for column in table.columns]
    out = left_out(names, selection)
    _refuse_gone(names, out, [name for split in table.partitions for name in split.by])
    return without_columns(table, out) if out else table


def without_columns(table: TableState, out: Collection[str]) -> TableState:
    """The states of all other columns."""
    return replace(
        table,
        columns=tuple(column for column in table.columns if column.name not in out),
        partitions=tuple(_narrowed_parts(split, out) for split in table.partitions),
    )


def _narrowed_parts(split: Partition, out: Collection[str]) -> Partition:
    parts = {key: without_columns(part, out) for key, part in split.parts.items()}
    return replace(split, parts=parts, rest=split.rest and without_columns(split.rest, out))


def baseline_without(baseline: Baseline, out: Collection[str]) -> Baseline:
    """The baseline without columns that are left out; its files stay as they are."""
    if not out:
        return baseline
    statistics = baseline.statistics
    if statistics is not None:
        kept = tuple(each for each in statistics.features if each.name not in out)
        statistics = replace(statistics, features=kept)
    return replace(constrained(baseline, lambda each: _of(each, out)), statistics=statistics)


def _of(constraints: Constraints, out: Collection[str]) -> Constraints:
    kept = tuple(each for each in constraints.features if each.name not in out)
    return replace(constraints, features=kept)
