"""Makes what runs found, an hour after the other, and plays them to the alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from driftkit.results.contract import Finding, Metric
from driftkit.results.facts import Facts, Subject
from driftkit.sinks.alerts import Event, Rules
from driftkit.sinks.reacting import react

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHECK = "baseline_drift_check"
# Every violation fires in its first window, and resolves in the first without it.
AT_ONCE = Rules(needed=1, among=1, clear_after=1, cooldown=timedelta())


def finding(feature: str | None = "age", check: str = CHECK, **more: object) -> Finding:
    known = {"expected": "at most 0.1", "observed": "0.4", "cause": "It moved.", "severity": 0.2}
    return Finding(check=check, feature=feature, message="It drifted.", **{**known, **more})  # type: ignore[arg-type]


def window(index: int, *findings: Finding, run: str = "", **more: object) -> Facts:
    """What a run found in the window of an hour."""
    start = BEGIN + index * HOUR
    made = Facts(
        run_id=run or f"run-{index}",
        subject=Subject(model="churn", start=start, end=start + HOUR, granularity="1 hour"),
        monitor="data_quality",
        evaluated_at=start + HOUR,
        status="violated" if findings else "ok",
        rows=100,
        findings=findings,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def measured(value: float, feature: str = "age", threshold: float = 0.1) -> Metric:
    return Metric(
        group="drift",
        name="distance",
        feature=feature,
        value=value,
        allowed=(-float("inf"), threshold),
        violated=value > threshold,
    )


def play(runs: Iterable[Facts], rules: Rules | None = None) -> list[Event]:
    """All events of runs, one after the other."""
    events: list[Event] = []
    for each in runs:
        events += react(each, events, rules or Rules())
    return events


def states(events: Iterable[Event]) -> list[str]:
    return [each.state for each in events]


def of_bits(bits: Sequence[bool]) -> list[Facts]:
    """Windows that have a violation or not."""
    return [window(index, *([finding()] if bit else [])) for index, bit in enumerate(bits)]
