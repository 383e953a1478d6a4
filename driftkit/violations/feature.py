"""What a check reads of a feature, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.results.contract import Finding, Metric, Skipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.columns.types import InferredType
    from driftkit.dialects import Dialect
    from driftkit.formats.constraints import FeatureConstraints, MonitoringConfig
    from driftkit.formats.statistics import FeatureStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureContext:
    """A feature of a window beside its baseline.

    Attributes:
        constraints: what is normal for it.
        config: which checks are made, its own overrides applied.
        current: its statistics in the window.
        baseline: its statistics in the baseline, where they are known.
        type_counts: type -> values of the window, where they were counted.
        value_counts: value -> rows of the window, where they were counted.
        rows: rows of the window.
        dialect: the quirks that hold.
    """

    constraints: FeatureConstraints
    config: MonitoringConfig
    current: FeatureStatistics
    baseline: FeatureStatistics | None
    type_counts: Mapping[InferredType, int] | None
    value_counts: Mapping[str, int] | None
    rows: int
    dialect: Dialect

    @property
    def name(self) -> str:
        """The feature's name."""
        return self.constraints.name

    @property
    def present(self) -> int:
        """Rows of the window with a value."""
        return presence(self.current, self.rows)[0]

    def skipped(self, check: str, reason: str) -> Skipped:
        """The answer that a check cannot be made."""
        return Skipped(check=check, feature=self.name, reason=reason)


# A metric stands for: it was measured, and nothing is wrong; None for: nothing is.
CheckResult = Finding | Metric | Skipped | None


def presence(feature: FeatureStatistics, rows: int) -> tuple[int, int]:
    """Rows with and without a value; where the statistics say nothing, there is no value."""
    known = feature.numerical or feature.string
    return (known.num_present, known.num_missing) if known else (0, rows)
