"""What the checks read of a window, and what they say about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.formats.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.columns.types import InferredType
    from driftkit.formats.statistics import Statistics
    from driftkit.results.contract import Finding, Metric, Skipped


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
