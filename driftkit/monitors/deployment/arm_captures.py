"""Captured and merged records as rows of arms."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.capture.arm_rows import RecordRowsOfArms, ValueSource
from driftkit.capture.arm_values import ArmValues
from driftkit.capture.paths import compiled
from driftkit.capture.window import TimeRange, before_window, hours_of, in_window
from driftkit.columns.numbers import is_index
from driftkit.monitors.deployment.row_columns import LOGGED_AS, PROPENSITY
from driftkit.monitors.deployment.understanding import first_records, understood
from driftkit.readers.conventions import as_meant
from driftkit.readers.dataset import FileDataset, units_of
from driftkit.readers.lines import PIECE_BYTES, pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.capture.arms import Arms
    from driftkit.io.finding import File
    from driftkit.monitors.deployment.row_columns import RowColumns
    from driftkit.monitors.deployment.understanding import Understanding
    from driftkit.settings import Settings

ALL_ARMS = "all arms"


def captures_of_arms(
    files: Sequence[File], arms: Arms, columns: RowColumns, run: Settings
) -> tuple[FileDataset, tuple[str, ...]]:
    """The rows of captured or merged records, and what was recognised in them, for people.

    Args:
        files: none of them empty.
        arms: that rows are told apart by.
        columns: that are asked for.
        run: which window, and how text is read.

    Raises:
        InputError: a file is of two arms, there is nothing in the window, or
            answers cannot be read.
        SettingsError: an attribute is no path.
    """
    kept = in_window(files, run.window.start, run.window.end)
    lacking = arms.look_at(kept)
    attributes = columns.attributes
    records = {group: first_records(some) for group, some in _groups(kept, arms).items()}
    found = understood(records, attributes, in_bytes=columns.agreement)
    reader = rows_reader(arms, columns, found, run)
    earlier: tuple[File, ...] = ()
    if columns.lookback is not None and run.window.start is not None:
        reader = replace(reader, lookback=columns.lookback)
        earlier = before_window(files, run.window.start, columns.lookback)
    units = units_of(pieces((*earlier, *kept)), PIECE_BYTES, reader)
    dataset = FileDataset(
        name=kept[0].path, columns=reader.columns, units=units, hours=hours_of(kept)
    )
    return as_meant(dataset, run.read), (*lacking, *found.remarks)


def rows_reader(
    arms: Arms, columns: RowColumns, found: Understanding, run: Settings
) -> RecordRowsOfArms:
    """What reads the rows of records.

    Raises:
        SettingsError: an attribute is no path.
    """
    usual = {PROPENSITY: ValueSource(attribute=LOGGED_AS)} if columns.attributes.logs else {}
    said = {name: ValueSource.from_text(text) for name, text in columns.sources.items()}
    sources = usual | said
    paired_by = None if columns.paired_by is None else ValueSource.from_text(columns.paired_by)
    selecting = [ValueSource(field=name) for kind, name in arms.keys if kind == "field"]
    named = [*sources.values(), *([paired_by] if paired_by else []), *selecting]
    return RecordRowsOfArms(
        arms=arms,
        values=ArmValues(
            outcomes=found.outcomes,
            labelled=found.labelled,
            label=columns.attributes.label,
            fields=_fields(named),
        ),
        sources=sources,
        paired_by=paired_by,
        by_content=columns.by_content,
        window=TimeRange(start=run.window.start, end=run.window.end),
    )


def _fields(sources: Sequence[ValueSource]) -> tuple[str, ...]:
    """The own fields of payloads that are read, each once.

    Raises:
        SettingsError: one that can only be a field is no path.
    """
    for each in sources:
        if each.field is not None and each.attribute is None and not is_index(each.field):
            compiled(each.field.removeprefix("$."), "field")
    return tuple(dict.fromkeys(each.field for each in sources if each.field is not None))


def _groups(files: Sequence[File], arms: Arms) -> dict[str, list[File]]:
    """The files by the name of the arm that they are of, as far as paths tell it."""
    groups: defaultdict[str, list[File]] = defaultdict(list)
    for file in files:
        of_file = arms.of_file(file.path)
        groups[arms.names[of_file[0]] if of_file else ALL_ARMS].append(file)
    return dict(groups)
