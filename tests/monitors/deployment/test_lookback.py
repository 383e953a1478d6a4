"""Pairs whose halves fall into two windows: counted in the later one, as if all had been read at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import driftkit
from driftkit.states.deployment.pairs import SUMS, PairState
from driftkit.states.deployment.pairs import Count as What
from tests.capture.captures import record, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftkit.monitors.deployment.results import DeploymentPlan, DeploymentReport

FIRST = datetime(2026, 11, 2, 10, tzinfo=UTC)
HOUR, HOURS = 3_600, 3
ARMS = ("old", "new")
LOOKBACK = 600


class Half(NamedTuple):
    """A request of an arm, by the seconds after the first hour began."""

    arm: str
    id: str
    seconds: int
    score: float = 0.5


def written(folder: Path | str, halves: Iterable[Half], *, by_hour: bool = True) -> str:
    """Captures of the halves."""
    files: dict[tuple[str, str], list[dict[str, Any] | str]] = {}
    for half in halves:
        time = FIRST + timedelta(seconds=half.seconds)
        one = record("1,2", str(half.score), time.isoformat().replace("+00:00", "Z"))
        one["eventMetadata"]["inferenceId"] = half.id
        hour = time.strftime("%Y/%m/%d/%H/") if by_hour else ""
        files.setdefault((half.arm, hour), []).append(one)
    for (arm, hour), records in files.items():
        write(Path(folder) / f"churn/{arm}/{hour}f.jsonl", records)
    return str(folder)


@cache
def plan() -> DeploymentPlan:
    """Positive rates of pairs by inferenceId."""
    with TemporaryDirectory() as folder:
        halves = [Half(arm, str(i), i, i / 10) for arm in ARMS for i in range(10)]
        return driftkit.deployment.baseline(
            written(folder, halves),
            arms={arm: f"folder:churn/{arm}" for arm in ARMS},
            champion="old",
            strategy="shadow",
            guardrails=["positive_rate:0.05:higher", "prediction_mean:0.1:higher"],
            information="agreement",
        )


def window(data: str, first: float, last: float, lookback: int = LOOKBACK) -> DeploymentReport:
    """A run over some hours."""
    start, end = (FIRST + timedelta(hours=each) for each in (first, last))
    return driftkit.deployment.monitor(
        data, plan(), start=start, end=end, lookback=lookback, runner="local"
    )


def pairs_of(report: DeploymentReport) -> PairState:
    """The state of its pairs."""
    assert report.states is not None
    assert report.states.pairs is not None
    return report.states.pairs


@st.composite
def straddling(draw: st.DrawFn) -> list[Half]:
    """Halves near to the ends of hours, some without a partner; each arm has rows in each hour."""
    ends = st.sampled_from([0, HOUR, 2 * HOUR, 3 * HOUR])
    near = st.integers(-LOOKBACK - 100, LOOKBACK + 100)
    halves = [Half(arm, f"{arm}-{hour}", hour * HOUR + 1_800) for arm in ARMS for hour in range(3)]
    for number in range(draw(st.integers(0, 12))):
        end = draw(ends)
        for arm in draw(st.sampled_from([ARMS, ARMS, ARMS, ARMS[:1]])):
            seconds = min(max(end + draw(near), 0), HOURS * HOUR - 1)
            halves.append(Half(arm, str(number), seconds, draw(st.sampled_from([0.25, 0.75]))))
    return draw(st.permutations(halves))


def covered(halves: Sequence[Half]) -> tuple[int, int]:
    """Pairs that hours find one by one, and how many of them fall into two."""
    times: dict[str, list[int]] = {}
    for half in halves:
        times.setdefault(half.id, []).append(half.seconds)
    both = [sorted(found) for found in times.values() if len(found) == 2]
    reached = [(one, other) for one, other in both if one >= other // HOUR * HOUR - LOOKBACK]
    return len(reached), sum(one // HOUR != other // HOUR for one, other in reached)


@settings(max_examples=12, deadline=None)
@given(halves=straddling(), by_hour=st.booleans())
def test_hours_one_by_one_find_the_pairs_of_all_hours(halves: list[Half], *, by_hour: bool) -> None:
    with TemporaryDirectory() as folder:
        data = written(folder, halves, by_hour=by_hour)
        hours = [pairs_of(window(data, hour, hour + 1)) for hour in range(HOURS)]
        far = [pairs_of(window(data, hour, hour + 1, 3 * HOUR)) for hour in range(HOURS)]
        whole = pairs_of(window(data, 0, HOURS))

    found, straddle = covered(halves)
    total, all_reached = PairState.together(hours), PairState.together(far)
    assert (total.pairs, total.found_in_lookback) == (found, straddle)
    assert all_reached.unmatched == whole.unmatched
    rows = Counter(half.arm for half in halves)
    assert total.unmatched == (rows["old"] - found, rows["new"] - found)
    for name in SUMS:
        one, other = getattr(all_reached, name), getattr(whole, name)
        if name == "counts":
            kept = one.keys[:, 1] < What.CHAMPION_EARLIER
            one = replace(one, keys=one.keys[kept], values=one.values[kept])
        assert np.array_equal(one.keys, other.keys)
        np.testing.assert_allclose(one.values, other.values, rtol=1e-12)
    assert all_reached.answers == whole.answers


def test_a_pair_counts_in_the_hour_of_its_later_half(tmp_path: Path) -> None:
    halves = [
        *(Half(arm, f"{arm}-{hour}", hour * HOUR + 1_800) for arm in ARMS for hour in range(2)),
        Half("old", "late", HOUR - 5),
        Half("new", "late", HOUR + 5),
        Half("new", "too late", HOUR + 6),
        Half("old", "too late", HOUR - LOOKBACK - 1),
    ]
    data = written(tmp_path, halves)

    first, second = (window(data, hour, hour + 1) for hour in range(2))

    assert first.verdict.pairs is not None
    assert (first.verdict.pairs.matched, first.verdict.pairs.found_in_lookback) == (0, 0)
    assert first.verdict.pairs.unmatched == {"old": 3, "new": 1}
    assert second.verdict.pairs is not None
    assert second.verdict.pairs.matched == second.verdict.pairs.found_in_lookback == 1
    # Of its own rows: the one of the champion's is before it.
    assert second.verdict.pairs.unmatched == {"old": 1, "new": 2}
    assert pairs_of(second).moments.keys[:, 0].tolist() == [int(FIRST.timestamp()) + HOUR] * 2
    assert pairs_of(window(data, 1, 2, lookback=0)).pairs == 0


def test_rows_before_the_window_are_not_in_its_sums(tmp_path: Path) -> None:
    halves = [Half(arm, str(i), i * 60) for arm in ARMS for i in range(120)]
    data = written(tmp_path, [*halves, Half("old", "7", HOUR + 7)])
    path = next((tmp_path / "churn/old").rglob("10/f.jsonl"))
    path.write_text(path.read_text() + "no record\n")

    report = window(data, 1.25, 2)

    assert report.states is not None
    assert report.states.state.rows == 2 * 45
    assert report.states.state.rejected.total == 0
    # Minute 7 of the hour before is before what is looked back to, and of this hour in it.
    assert pairs_of(report).rows == 2 * 45
    assert pairs_of(report).pairs == 45
    assert pairs_of(report).total(What.AMBIGUOUS_IDS) == 0
