"""A metric of a challenger as it was judged at each look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan import PlannedMetric
    from driftkit.formats.deployment.verdict import State
    from driftkit.monitors.deployment.bounds import Bounds
    from driftkit.monitors.deployment.evidence import Evidence
    from driftkit.native.arrays import Truths


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A metric of a challenger at each look.

    Attributes:
        metric: as planned.
        evidence: what was seen.
        bounds: of the oriented difference, that never widen.
        passes: whether it is surely not worse than allowed (better, if it must be superior).
        harmed: whether it is surely worse than allowed, or than the champion where any harm counts.
    """

    metric: PlannedMetric
    evidence: Evidence
    bounds: Bounds
    passes: Truths
    harmed: Truths

    @property
    def state(self) -> State:
        """As of the last look."""
        if self.harmed[-1]:
            return "harmed"
        if self.passes[-1]:
            return "passes"
        return "open" if self.measured[-1] else "not_measured"

    @property
    def measured(self) -> Truths:
        """Whether both arms have rows of it that can be compared, at each look."""
        counted = self.evidence.fewest.all(axis=1)
        return np.asarray(counted & (self.bounds.reason is None))
