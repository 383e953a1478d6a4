"""Facts as rows of the store's tables: NULL with a reason where nothing was measured, never NaN."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from driftkit.results.facts import fingerprint
from driftkit.results.slices import slice_of
from driftkit.store.column_rows import drift_rows, is_profiled, measured_columns, profile_rows
from driftkit.store.distributions import distribution_rows
from driftkit.store.schema import OF_RUNS, RUNS, SCHEMA_VERSION, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from driftkit.results.contract import Metric
    from driftkit.results.facts import Facts, Ownership

    Row = dict[str, Any]

SKIPPED = "skipped"
LESS, GREATER = "LessThanThreshold", "GreaterThanThreshold"
# What is kept of a violation that is told with another one, of whose feature it is.
ALSO = (
    *("check", "message", "metric", "severity", "level", "expected", "observed", "cause"),
    *("value", "baseline", "allowed", "interval", "dimensions"),
)
_UNKNOWN = "it could not be measured"
# The stage of bias metrics is part of their group, so that queries need no dimension for it.
STAGES = {"pre_training": "bias_pre", "post_training": "bias_post"}


def tables_of(
    facts: Facts, *, supersedes: str | None = None, reason: str = "first", version: str = ""
) -> dict[str, pa.Table]:
    """The rows of a run, by table; the table of runs is the last one.

    Args:
        facts: of the run.
        supersedes: the run of the same window before it.
        reason: why it was made: first, rerun, late_labels, new_baseline or new_settings.
        version: of driftkit.
    """
    run = {**_run_row(facts), "supersedes": supersedes, "reason": reason}
    measured = measured_columns(facts.files)
    rows: dict[str, Iterable[Row]] = {
        "profile_metrics": profile_rows(facts, measured),
        "drift_metrics": drift_rows(facts, measured),
        "metrics": _metric_rows(facts),
        "distributions": distribution_rows(facts),
        "violations": _violation_rows(facts),
        RUNS: [{**run, "driftkit_version": version}],
    }
    key = key_of(facts)
    return {name: table_of(name, ({**key, **row} for row in rows[name])) for name in OF_RUNS}


def key_of(facts: Facts) -> Row:
    """The values that all rows of a run have."""
    of = facts.subject
    # A run without a window is about a point in time: that at which it was made.
    start = of.start or of.end or facts.evaluated_at
    return {
        "run_id": facts.run_id,
        "model": of.model,
        "variant": of.variant,
        "monitor": facts.monitor,
        "window_start": start,
        "window_end": of.end or start,
        "granularity": of.granularity,
        "evaluated_at": facts.evaluated_at,
        "schema_version": SCHEMA_VERSION,
    }


def _run_row(facts: Facts) -> Row:
    names = ("status", "rows", "input_digest", "baseline_digest", "settings_digest", "engine")
    return {
        **{name: getattr(facts, name) for name in (*names, "seconds", "report_uri", "output_uri")},
        "rows_rejected": sum(facts.rejected.values()),
        "rejected_reasons": dict(facts.rejected),
        "tags": _tags(facts.subject.ownership),
    }


def _tags(of: Ownership) -> Row:
    """The tags of the model; whom it belongs to is one of them."""
    known = {"owner": of.owner, "runbook": of.runbook}
    return {**{name: text for name, text in known.items() if text}, **of.tags}


def _metric_rows(facts: Facts) -> Iterator[Row]:
    """What has no column of its own in the wide tables, and what could not be measured."""
    for each in facts.metrics:
        if each.group != "drift" and not is_profiled(each):
            yield _metric_row(each)
    for skipped in facts.skipped:
        yield {
            "metric_group": SKIPPED,
            "metric_name": skipped.check,
            "feature": skipped.feature,
            "reason": skipped.reason,
        }


def _metric_row(metric: Metric) -> Row:
    of = metric.dimensions
    segment = slice_of(metric.segment)
    low, high = metric.allowed or (None, None)
    return {
        "slice_key": segment[0],
        "slice_value": segment[1],
        "metric_group": STAGES.get(of.get("stage", ""), metric.group),
        "metric_name": metric.name,
        **{name: of.get(name) for name in ("label", "facet", "facet_value")},
        "feature": metric.feature,
        "value": metric.value,
        "lower": metric.lower,
        "upper": metric.upper,
        "std_dev": metric.standard_deviation,
        "n": metric.rows,
        "baseline_value": metric.baseline,
        "threshold": metric.threshold,
        "comparison_operator": _operator(metric),
        "violated": metric.violated,
        "min_detectable": metric.detectable,
        "reason": metric.reason or (_UNKNOWN if metric.known is None else None),
        "allowed_lower": low,
        "allowed_upper": high,
        "dimensions": dict(of),
    }


def _operator(metric: Metric) -> str | None:
    """What is a violation, as Model Monitor's constraints say it."""
    if metric.allowed is None or metric.threshold is None:
        return None
    return LESS if math.isinf(metric.allowed[1]) else GREATER


def _violation_rows(facts: Facts) -> Iterator[Row]:
    for ordinal, each in enumerate(facts.findings):
        segment = slice_of(each.segment)
        bounds = [bound for bound in each.allowed or () if math.isfinite(bound)]
        (allowed_lower, allowed_upper), (lower, upper) = (
            found or (None, None) for found in (each.allowed, each.interval)
        )
        yield {
            "slice_key": segment[0],
            "slice_value": segment[1],
            "feature_name": each.feature,
            "constraint_check_type": each.check,
            "description": each.message,
            **{name: getattr(each, name) for name in ("expected", "observed", "cause")},
            "severity": each.severity,
            "level": each.level,
            "metric_name": each.metric,
            "value": each.value,
            "threshold": bounds[0] if len(bounds) == 1 else None,
            **{name: each.dimensions.get(name) for name in ("label", "facet", "facet_value")},
            "fingerprint": fingerprint(facts, each),
            "ordinal": ordinal,
            "baseline_value": each.baseline,
            "allowed_lower": allowed_lower,
            "allowed_upper": allowed_upper,
            "lower": lower,
            "upper": upper,
            "dimensions": dict(each.dimensions),
            "together": each.together or None,
            "also": [{name: getattr(one, name) for name in ALSO} for one in each.also] or None,
        }
