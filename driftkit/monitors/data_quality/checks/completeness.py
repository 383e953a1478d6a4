"""The check of completeness: the share of rows with a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.formats.jackson import double
from driftkit.monitors.data_quality.checks.evidence import presence
from driftkit.monitors.data_quality.checks.phrases import counted, share
from driftkit.results.contract import Finding

if TYPE_CHECKING:
    from driftkit.monitors.data_quality.checks.evidence import CheckResult, FeatureContext

NAME = "completeness_check"


def completeness_check(feature: FeatureContext) -> CheckResult:
    """Compares the share of rows with a value with the baseline's; less is a violation."""
    expected = feature.constraints.completeness
    present, missing = presence(feature.current, feature.rows)
    total = present + missing
    if expected is None or total == 0 or present / total >= expected:
        return None
    return Finding(
        check=NAME,
        feature=feature.name,
        message=(
            f"Data completeness requirement is not met. Expected: {double(expected * 100)}%. "
            f"Observed: Only {double((present / total) * 100)}%."
        ),
        severity=expected - present / total,
        expected=f"{share(expected)} complete",
        observed=f"{share(present / total)} complete",
        cause=_cause(feature, missing, total),
    )


def _cause(feature: FeatureContext, missing: int, total: int) -> str:
    if missing == total:
        return f"None of the {counted(total, 'row')} has a value."
    have = "has" if missing == 1 else "have"
    now = f"{missing:,} of {counted(total, 'row')} {have} no value"
    if feature.baseline is None:
        return f"{now}."
    present, before = presence(feature.baseline, 0)
    return f"{now}; in the baseline {before:,} of {present + before:,}."
