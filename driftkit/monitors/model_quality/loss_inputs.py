"""What is read of predictions of numbers to learn their errors, or to expect them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.errors import InputError
from driftkit.monitors.data_quality.segments import asked_splits
from driftkit.monitors.model_quality.inputs import shown_names
from driftkit.states.quality.feature_values import is_feature
from driftkit.states.quality.loss_fold import Apart, ExpectedFold, SampleFold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.model_quality.loss_calibration import LossCalibration
    from driftkit.monitors.model_quality.inputs import Opened
    from driftkit.settings import Partition
    from driftkit.states.partitions.partition import PartitionOptions


def sampling(source: Opened, partition: Partition) -> SampleFold:
    """What keeps labelled rows, with all columns that may tell of their errors.

    Args:
        source: the rows.
        partition: how they are told apart.
    """
    features = [
        at
        for at, column in enumerate(source.dataset.columns)
        if at not in source.columns.indices
        and column.name != partition.time_column
        and is_feature(column)
    ]
    apart = Apart(names=source.names, partitions=asked_splits(partition))
    return SampleFold(columns=source.columns, features=tuple(features), apart=apart)


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
