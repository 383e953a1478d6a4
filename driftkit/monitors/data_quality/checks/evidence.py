"""What checks read of a window and of a feature, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.violations import Violation
from driftkit.results.contract import Finding, Skipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.columns.types import InferredType
    from driftkit.dialects import Dialect
    from driftkit.formats.constraints import FeatureConstraints, MonitoringConfig
    from driftkit.formats.statistics import FeatureStatistics, Statistics
    from driftkit.results.contract import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a window of data.

    Attributes:
        statistics: what statistics.json says.
        type_counts: feature -> type -> values that look like it, missing ones left out;
            None where only files are there, which do not say.
        value_counts: feature -> value -> rows, at least for the baseline's known values;
            None where only files are there. A feature that is absent counts as not counted.
    """

    statistics: Statistics
    type_counts: Mapping[str, Mapping[InferredType, int]] | None = None
    value_counts: Mapping[str, Mapping[str, int]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What all checks say.

    Attributes:
        findings: in the order in which constraint_violations.json lists the violations.
        skipped: the checks that the evidence could not answer.
        distances: of every feature that has one, whether or not it is compared.
    """

    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    distances: tuple[Metric, ...] = ()

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The findings as constraint_violations.json lists them."""
        return tuple(
            Violation(
                feature_name=each.feature or "",
                constraint_check_type=each.check,
                description=each.message,
            )
            for each in self.findings
        )


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
        measured: what was computed once for all who ask.
    """

    constraints: FeatureConstraints
    config: MonitoringConfig
    current: FeatureStatistics
    baseline: FeatureStatistics | None
    type_counts: Mapping[InferredType, int] | None
    value_counts: Mapping[str, int] | None
    rows: int
    dialect: Dialect
    measured: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

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


# None stands for: nothing is wrong.
CheckResult = Finding | Skipped | None


def presence(feature: FeatureStatistics, rows: int) -> tuple[int, int]:
    """Rows with and without a value; where the statistics say nothing, there is no value."""
    known = feature.numerical or feature.string
    return (known.num_present, known.num_missing) if known else (0, rows)
