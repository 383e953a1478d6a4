"""Rows of the store as the metrics and findings that they came from."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from driftkit.formats.drift import RATE, Drift, Test, Verdict
from driftkit.results.contract import Finding, Metric, Skipped
from driftkit.results.slices import segment_of
from driftkit.results.verdicts import P_DIFFERENT, P_UNUSUAL
from driftkit.settings import SEVERITIES
from driftkit.store.column_rows import PROFILE, ROWS
from driftkit.store.rows import ALSO, SKIPPED, STAGES
from driftkit.store.schema import WHOLE_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftkit.results.contract import Range

    Row = Mapping[str, Any]

_GROUPS: Mapping[str, str] = dict.fromkeys(STAGES.values(), "bias")
_P_VALUE = "p_value"


def drift_metrics(rows: Iterable[Row]) -> Iterator[Metric]:
    """The distances of rows of drift_metrics; columns that were not judged have none."""
    for row in rows:
        if row["metric_name"] is not None:
            yield Metric(
                group="drift",
                name=row["metric_name"],
                value=row["distance"],
                feature=row["column_name"],
                dimensions={"method": row["distance_method"] or ""},
                segment=segment_of(row["slice_key"], row["slice_value"]),
                allowed=_allowed(row),
                violated=row["violated"],
                interval=_range(row["distance_lower"], row["distance_upper"]),
                reason=row["reason"],
            )


def verdicts(rows: Iterable[Row], metrics: Iterable[Metric]) -> Drift | None:
    """The verdicts of rows of drift_metrics; None where drift was not judged.

    Args:
        rows: of one run.
        metrics: of the same run, the p-values among them.
    """
    known = [row for row in rows if row["drift_verdict"] is not None]
    whole = next((row for row in known if row["column_name"] == WHOLE_TABLE), None)
    if whole is None:
        return None
    tests = {(each.name, each.feature): each.value for each in metrics if each.group == "detection"}
    return Drift(
        calibration=whole["drift_verdict"],
        explanation=whole["reason"] or "",
        alarm_on="",
        features=tuple(_verdict(row, tests) for row in known if row is not whole),
    )


def _verdict(row: Row, tests: Mapping[tuple[str, str | None], float | None]) -> Verdict:
    name = row["column_name"]
    different, unusual = (tests.get((test, name)) for test in (P_DIFFERENT, P_UNUSUAL))
    moved = row["drift_verdict"] in {"different", "moved slowly"}
    return Verdict(
        feature=name,
        verdict=row["drift_verdict"],
        alarm=bool(row["drift_alarm"]),
        kind=row["drift_kind"] or "",
        effect=row["drift_effect"],
        since=row["drift_since"],
        windows=row["drift_windows"] or 0,
        different=None if different is None else _test(different, significant=moved),
        unusual=None if unusual is None else _test(unusual),
    )


def _test(p_value: float, *, significant: bool = False) -> Test:
    """Of a plain fault no test need be significant."""
    return Test(p_value=p_value, kind="", significant=significant and p_value <= RATE)


def profile_metrics(rows: Iterable[Row]) -> Iterator[Metric]:
    """The numbers of rows of profile_metrics."""
    for row in rows:
        if row["column_name"] == WHOLE_TABLE:
            yield Metric(group="profile", name=ROWS, value=row["count"])
            continue
        for name, column in PROFILE.items():
            if row[column] is not None:
                feature = row["column_name"]
                yield Metric(group="profile", name=name, value=row[column], feature=feature)


def other_metrics(rows: Iterable[Row]) -> Iterator[Metric]:
    """The metrics of rows of the long table."""
    for row in rows:
        if row["metric_group"] != SKIPPED:
            yield Metric(
                group=_group(row["metric_group"]),
                name=row["metric_name"],
                value=row["value"],
                feature=row["feature"],
                dimensions=_dimensions(row),
                segment=segment_of(row["slice_key"], row["slice_value"]),
                baseline=row["baseline_value"],
                allowed=_range(row["allowed_lower"], row["allowed_upper"]),
                violated=row["violated"],
                interval=_range(row["lower"], row["upper"]),
                standard_deviation=row["std_dev"],
                detectable=row["min_detectable"],
                rows=row["n"],
                reason=row["reason"],
            )


def skipped(rows: Iterable[Row]) -> Iterator[Skipped]:
    """The checks that could not be made, of rows of the long table."""
    for row in rows:
        if row["metric_group"] == SKIPPED:
            yield Skipped(
                check=row["metric_name"], reason=row["reason"] or "", feature=row["feature"]
            )


def findings(rows: Iterable[Row]) -> Iterator[Finding]:
    """The violations of rows, in the order in which they were found."""
    for row in sorted(rows, key=lambda each: each["ordinal"]):
        yield Finding(
            check=row["constraint_check_type"],
            message=row["description"] or "",
            feature=row["feature_name"],
            metric=row["metric_name"],
            dimensions=_dimensions(row),
            segment=segment_of(row["slice_key"], row["slice_value"]),
            severity=row["severity"],
            # Of a later driftkit it may be one that is not known here.
            level=row["level"] if row["level"] in SEVERITIES else None,
            expected=row["expected"] or "",
            observed=row["observed"] or "",
            cause=row["cause"] or "",
            value=row["value"],
            baseline=row["baseline_value"],
            allowed=_range(row["allowed_lower"], row["allowed_upper"]),
            interval=_range(row["lower"], row["upper"]),
            together=tuple(row["together"] or ()),
            also=tuple(_also(row)),
        )


def _also(row: Row) -> Iterator[Finding]:
    """The violations that are told with the row's, of its feature and segment."""
    for each in json.loads(row["also"] or "[]"):
        known = {name: each.get(name) for name in ALSO}
        if allowed := known["allowed"]:
            # JSON has no infinity.
            bounds = zip(allowed, (-math.inf, math.inf), strict=True)
            known["allowed"] = tuple(end if bound is None else bound for bound, end in bounds)
        known["dimensions"] = known["dimensions"] or {}
        known["interval"] = _range(*(known["interval"] or (None, None)))
        yield Finding(
            feature=row["feature_name"],
            segment=segment_of(row["slice_key"], row["slice_value"]),
            **known,
        )


def _dimensions(row: Row) -> dict[str, str]:
    """As they were given; where only their columns are there, what these say."""
    if row["dimensions"] is None:
        return {name: row[name] for name in ("label", "facet", "facet_value") if row[name]}
    found: dict[str, str] = json.loads(row["dimensions"])
    return found


def _group(kept: str) -> str:
    return _GROUPS.get(kept, kept)


def _allowed(row: Row) -> Range | None:
    """Distances may be small; p-values may be great."""
    threshold = row["threshold"]
    if threshold is None:
        return None
    is_p_value = row["metric_name"] == _P_VALUE
    return (threshold, math.inf) if is_p_value else (-math.inf, threshold)


def _range(low: float | None, high: float | None) -> Range | None:
    return None if low is None or high is None else (low, high)
