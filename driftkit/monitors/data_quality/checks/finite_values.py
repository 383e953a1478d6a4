"""The check of finite values: NaN and infinite ones beside the baseline."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.comparison.linfinity import categorical_distance
from driftkit.monitors.data_quality.checks.phrases import counted, share
from driftkit.results.contract import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.statistics import FeatureStatistics
    from driftkit.monitors.data_quality.checks.evidence import CheckResult, FeatureContext

NAME = "finite_values_check"


def finite_values_check(feature: FeatureContext) -> CheckResult:
    """Compares the share of values that are finite numbers with the baseline's.

    Such values as 1/0 gives are present, but in no distribution: the other checks do not see
    them. Their share may rise by comparison_threshold, and by what few rows do by chance.
    """
    now = _counts(feature.current)
    before = _counts(feature.baseline) if feature.baseline else None
    if now is None or before is None:
        return None
    (total, finite), (total_before, finite_before) = now, before
    share_now, share_before = finite / total, finite_before / total_before
    if share_now >= share_before:
        return None
    counts = (
        {"finite": known, "other": all_ - known}
        for all_, known in ((total, finite), (total_before, finite_before))
    )
    rise = categorical_distance(*counts, robust=True)
    if not rise > feature.config.distribution.comparison_threshold:
        return None
    return Finding(
        check=NAME,
        feature=feature.name,
        message=(
            f"Finite value requirement is not met. Expected: {share(share_before)} finite values "
            f"as in the baseline. Observed: Only {share(share_now)} of the values are finite."
        ),
        severity=share_before - share_now,
        expected=f"{share(share_before)} finite",
        observed=f"{share(share_now)} finite",
        cause=f"{total - finite:,} of {counted(total, 'value')} are NaN or infinite; in the "
        f"baseline {total_before - finite_before:,} of {total_before:,}.",
    )


def _counts(feature: FeatureStatistics) -> tuple[int, int] | None:
    """Values of a numeric feature, and how many of them are finite; None where it is unknown.

    A sketch stands for exactly the values that entered it.
    """
    numbers = feature.numerical
    if numbers is None or not numbers.num_present:
        return None
    if numbers.kll is not None:
        levels = enumerate(numbers.kll.data)
        return numbers.num_present, sum(_finite(level) << height for height, level in levels)
    # Without any finite value there is no sketch, nor anything to be measured.
    measured = (numbers.mean, numbers.min, numbers.max)
    return (numbers.num_present, 0) if measured == (None, None, None) else None


def _finite(level: Sequence[float]) -> int:
    # A sum is quick; that of finite numbers is finite too, but for the greatest of them.
    return len(level) if math.isfinite(sum(level)) else sum(map(math.isfinite, level))
