"""Checks that added rows are partitioned as the saved states were."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from driftkit.errors import InputError
from driftkit.settings import TimeUnit
from driftkit.settings.declaring import changed
from driftkit.states.partitions.partition import PartitionOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.settings import Settings
    from driftkit.states.partitions.partition import Partition, TableState
    from driftkit.states.states import States


def partitions_of(kept: States, asked: Sequence[PartitionOptions]) -> tuple[PartitionOptions, ...]:
    """How rows are told apart that are added to a baseline's states: as its own were.

    Raises:
        InputError: some of the states were told apart otherwise than others, or than is asked.
    """
    for lost in kept.merge_losses.partitions:
        raise InputError(
            "not all of the states were told apart in the same way",
            where=lost.lacking,
            expected=f"states of {_named(lost.by, lost.unit)}, as {lost.owner} has them",
            found="none",
            todo="Leave one of the files out, or add up states that were told apart alike",
        )
    there = {(split.by, split.unit) for split in kept.table.partitions}
    for split in asked:
        if (split.by, split.unit) not in there:
            found = [_named(each.by, each.unit) for each in kept.table.partitions]
            raise InputError(
                "the states were not told apart by these columns",
                where=kept.name,
                expected=f"states of {_named(split.by, split.unit)}",
                found=f"states of {' and '.join(found) or 'the whole only'}",
                todo="Read their data again with that option, or leave it out",
            )
    return tuple(map(_as_before, kept.table.partitions))


def with_time(settings: Settings, partitions: Sequence[PartitionOptions]) -> Settings:
    """The settings with the column of the blocks: captured requests have times of their own."""
    for split in partitions:
        for unit in get_args(TimeUnit):
            if split.unit == unit:
                return changed(settings, time_column=split.by[0], time_unit=unit)
    return settings


def with_segments(settings: Settings, partitions: Sequence[PartitionOptions]) -> Settings:
    """The settings with the segments' columns: captured requests may have them as attributes."""
    by = [name for split in partitions if split.unit is None for name in split.by]
    return changed(settings, segment_by=tuple(dict.fromkeys(by))) if by else settings


def refuse_timeless(table: TableState) -> None:
    """Refuses a column in which no row has a time.

    Raises:
        InputError: there is such a column among those that give blocks of time.
    """
    for split in table.partitions:
        if split.unit is not None and table.rows and not split.rest and {*split.parts} <= {(None,)}:
            example = "2024-03-18T15:00:00Z" if split.unit == "hour" else "2024-03-18"
            raise InputError(
                "the column has no times",
                where=split.by[0],
                expected=f"dates, timestamps, texts in ISO 8601, for example {example}, or seconds, "
                "milli-, micro- or nanoseconds since 1970 in the years 1990 to 2099",
                found=f"no {split.unit} in any of {table.rows:,} rows",
                todo="Name another column",
            )


def _as_before(split: Partition) -> PartitionOptions:
    # Where others were joined already, a value that is new may be among them.
    chosen = split.unit is None and split.rest is not None
    return PartitionOptions(
        by=split.by, unit=split.unit, keys=tuple(split.parts) if chosen else None
    )


def _named(by: Sequence[str], unit: str | None) -> str:
    return f"{unit}s by {by[0]}" if unit else f"segments by {', '.join(by)}"
