"""What the checks read of a window, and what they say about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.columns.types import InferredType
    from driftkit.formats.statistics import Statistics
    from driftkit.formats.violations import Violation


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
class Finding:
    """A violation in words for people.

    Attributes:
        severity: share of the rows that are affected, 0 to 1, so that findings of different
            checks can be ranked: values of other types, values gone missing since the
            baseline, values outside the known ones, the drift distance (at least that share
            of the rows has moved), 1 for missing columns. Extra columns, which nothing reads,
            weigh 0.5.
        expected: what the baseline demands.
        observed: what the window has instead.
        cause: a sentence that helps to find out why.
    """

    severity: float
    expected: str
    observed: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A check that could not be made.

    Attributes:
        check: its constraint_check_type.
        feature: the feature, or None where it concerns every feature.
        reason: a sentence that says why and, where there is one, the way out.
    """

    check: str
    feature: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What all checks say.

    Attributes:
        violations: as constraint_violations.json lists them.
        findings: one a violation, in the same order.
        not_made: the checks that the evidence could not answer.
    """

    violations: tuple[Violation, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_made: tuple[Skipped, ...] = ()
