"""Dagster: a check of an asset that fails where a monitor finds violations.

The asset is the table of features; each time it is made, its check compares it with the baseline.
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg

import driftkit

FEATURES = "/data/features.parquet"
BASELINE = "/data/baseline"
REPORTS = "/data/reports/features"


@dg.asset
def features() -> None:
    """The table, however it is made."""


@dg.asset_check(asset=features)
def no_drift() -> dg.AssetCheckResult:
    """Whether the features are as in the baseline; their page is linked to."""
    report = driftkit.data_quality.monitor(FEATURES, driftkit.data_quality.Baseline.read(BASELINE))
    report.write(REPORTS)
    page = Path(REPORTS, "report.html")
    page.write_text(report.report().html, encoding="utf-8")
    distances = [each for each in report.metrics() if each.group == "drift" and each.value]
    worst = max(distances, key=lambda each: each.value or 0.0, default=None)
    return dg.AssetCheckResult(
        passed=not report.findings,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(each.message for each in report.findings[:5]),
        metadata={
            "page": dg.MetadataValue.path(str(page)),
            "violations": len(report.findings),
            "largest distance": worst.value if worst and worst.value else 0.0,
            "of": worst.feature if worst and worst.feature else "",
        },
    )


definitions = dg.Definitions(assets=[features], asset_checks=[no_drift])
