"""What is read of predictions of numbers to learn their errors, or to expect them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.errors import InputError, SettingsError
from driftkit.monitors.data_quality.segments import asked_splits
from driftkit.monitors.model_quality.inputs import shown_names
from driftkit.settings.patterns import left_out, refuse_unknown
from driftkit.states.quality.feature_values import is_feature
from driftkit.states.quality.loss_fold import Apart, ExpectedFold, SampleFold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.model_quality.loss_calibration import LossCalibration
    from driftkit.monitors.model_quality.inputs import Opened
    from driftkit.settings import Partition, Selection
    from driftkit.states.partitions.partition import PartitionOptions


def sampling(source: Opened, partition: Partition, selection: Selection) -> SampleFold:
    """What keeps labelled rows, with all columns that may tell of their errors.

    Args:
        source: the rows.
        partition: how they are told apart.
        selection: which of the columns may.

    Raises:
        SettingsError: a column that is chosen or left out is not there.
    """
    inputs = [
        at
        for at, column in enumerate(source.dataset.columns)
        if at not in source.columns.indices
        and column.name != partition.time_column
        and is_feature(column)
    ]
    names = [source.names[at] for at in inputs]
    refuse_unknown(selection, names, "inputs")
    out = left_out(names, selection)
    features = [at for at in inputs if source.names[at] not in out]
    apart = Apart(names=source.names, partitions=asked_splits(partition))
    return SampleFold(columns=source.columns, features=tuple(features), apart=apart)


def refuse_selection(selection: Selection) -> None:
    """Refuses a choice of columns where no errors of a regression are learnt.

    Raises:
        SettingsError: there is one.
    """
    if selection.columns or selection.ignore:
        raise SettingsError(
            "there are no columns to choose among",
            where="columns, ignore",
            expected="a baseline that learns the errors of a regression from its rows",
            todo="Leave them out: predictions and labels alone are looked at, and an estimate asks for the "
            "columns that its baseline learnt by",
        )


def expecting(
    source: Opened, known: LossCalibration, partitions: Sequence[PartitionOptions]
) -> ExpectedFold:
    """What adds up the errors that are to be expected of rows.

    Args:
        source: the rows.
        known: of the baseline.
        partitions: how rows are told apart.

    Raises:
        InputError: columns by which they are to be expected are not there.
    """
    missing = [name for name in known.asked if name not in source.names]
    if missing:
        raise InputError(
            "the window lacks columns by which the baseline expects errors",
            where=source.dataset.name,
            expected=shown_names(missing),
            found=shown_names(source.names),
            todo="Hand in predictions with their inputs, or make the baseline without them",
        )
    return ExpectedFold(
        columns=source.columns,
        model=known.model,
        groups=known.groups,
        apart=Apart(names=source.names, partitions=tuple(partitions)),
    )
