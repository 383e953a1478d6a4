"""The check of unexpected values: in a column that has none in the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.comparison.probabilities import hypergeometric_tail
from driftkit.monitors.data_quality.checks.evidence import presence
from driftkit.monitors.data_quality.checks.phrases import counted, share
from driftkit.results.contract import Finding

if TYPE_CHECKING:
    from driftkit.monitors.data_quality.checks.evidence import CheckResult, FeatureContext

NAME = "unexpected_values_check"

# From this share of the rows on, if as many are less probable where nothing changed.
_SHARE, _RATE = 0.005, 0.001


def unexpected_values_check(feature: FeatureContext) -> CheckResult:
    """A column that is empty in all of the baseline has values in the window.

    No other check sees them: such a column has no type, no distribution and nothing to be
    incomplete by.
    """
    present, missing = presence(feature.current, feature.rows)
    if feature.baseline is None or not present:
        return None
    present_before, before = presence(feature.baseline, 0)
    rows = present + missing
    if present_before or not before or present / rows < _SHARE:
        return None
    if hypergeometric_tail(present, rows, present, rows + before) > _RATE:
        return None
    return Finding(
        check=NAME,
        feature=feature.name,
        message=(
            f"Empty column requirement is not met. Expected: no value, as in the baseline. "
            f"Observed: {share(present / rows)} of the rows have one."
        ),
        severity=present / rows,
        expected="no value",
        observed=f"{share(present / rows)} complete",
        cause=f"{present:,} of {counted(rows, 'row')} have a value; in the baseline none of "
        f"{before:,}. Make a new baseline if the column is used from now on.",
    )
