"""Events and trials of rates as exact bounds count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.ratios import ratio

if TYPE_CHECKING:
    from driftkit.monitors.deployment.evidence import Evidence
    from driftkit.native.arrays import Floats, Integers


def trials_of(evidence: Evidence) -> tuple[Floats, Floats, Integers]:
    """Events and trials of each block alone, and the blocks' epochs.

    Users who come back count as one trial each: as many as there are buckets with any, at least.
    """
    events, trials = present(evidence.events), evidence.counted
    epochs = evidence.epochs
    if evidence.users is not None:
        # Where nothing varies within an arm, any epoch has its rate.
        scale = ratio(evidence.users, trials)
        events, trials, epochs = np.nan_to_num(events * scale), evidence.users, None
    if epochs is None:
        epochs = np.zeros(len(trials), np.int64)
    return _each_alone(events), _each_alone(trials), epochs


def _each_alone(so_far: Floats) -> Floats:
    return np.diff(so_far, axis=0, prepend=0.0)


def present(values: Floats | None) -> Floats:
    """What metrics of this kind have."""
    assert values is not None  # noqa: S101
    return values
