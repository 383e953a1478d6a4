"""Requests whose labels may still come are left out, and measured once by the run that begins there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import driftkit
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.formats.merge_report import MergeReport
from driftkit.monitors.deployment import inputs
from driftkit.monitors.deployment.inputs import capture_files
from tests.monitors.merging import capture, label, put

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.deployment.results import DeploymentReport
    from driftkit.states.deployment.storage import DeploymentStates

HOURS, REQUESTS = 12, 30
SEVEN = datetime(2026, 11, 2, 7, tzinfo=UTC)


def hour_of(number: int) -> str:
    return f"2026/11/02/{number:02d}"


def captured(folder: Path) -> Path:
    """Captures of two variants, 30 an hour of each."""
    for variant in ("v1", "v2"):
        for hour in range(HOURS):
            time = f"2026-11-02T{hour:02d}:20:00Z"
            records = [
                capture(f"{variant}-{hour}-{i}", time=time, output="0.9" if i % 2 else "0.2")
                for i in range(REQUESTS)
            ]
            put(folder / "churn" / variant, hour_of(hour), records)
    return folder


def delivered(folder: Path, newest: int, *, at_once: bool = False) -> Path:
    """Their labels up to an hour; a third of them comes 0, 1 and 2 hours after the request."""
    by_hour: dict[int, list[Any]] = {}
    for variant in ("v1", "v2"):
        for hour in range(HOURS):
            for i in range(REQUESTS):
                came = newest if at_once else hour + i % 3
                truth = label(f"{variant}-{hour}-{i}", str(int(i % 2 != (i % 10 == 0))))
                by_hour.setdefault(came, []).append(truth)
    for hour, labels in by_hour.items():
        if hour <= newest:
            put(folder, hour_of(hour), labels)
    return folder


def merged(folder: Path, newest: int = 8, **delivery: bool) -> Path:
    """What is known of the captures once the labels of an hour are there."""
    captures, labels = (
        captured(folder / "captured"),
        delivered(folder / "truth", newest, **delivery),
    )
    return driftkit.merge(captures, labels, folder / "merged").folder


def monitored(data: Any, **settings: Any) -> DeploymentReport:
    """The verdict by a plan that was made of the same captures."""
    captures = data[0] if isinstance(data, list) else data
    plan = driftkit.deployment.baseline(captures, goals="accuracy:0.1", champion="v1")
    return driftkit.deployment.monitor(data, plan, **settings)


def states_of(report: DeploymentReport) -> DeploymentStates:
    assert report.states is not None
    return report.states


def test_young_requests_are_left_out_as_by_an_end(tmp_path: Path) -> None:
    folder = merged(tmp_path)

    report = monitored(folder)

    expected = monitored(folder, end=SEVEN)
    assert states_of(report).dumps() == states_of(expected).dumps()
    assert report.verdict.requests == {"v1": 7 * REQUESTS, "v2": 7 * REQUESTS}
    note, *others = report.verdict.notes
    assert note == (
        "the 60 requests from 2026-11-02T07:00:00Z on are left out: 95 % of the labels come within 2 "
        "hours, and the newest are of 2026/11/02/08; the next run measures them with --start "
        "2026-11-02T07:00:00Z"
    )
    assert (*others,) == expected.verdict.notes
    assert note in report.notes()


def test_the_next_run_adds_them_once(tmp_path: Path) -> None:
    first = states_of(monitored(merged(tmp_path)))
    file = driftkit.deployment.save_states(first, tmp_path / "kept")[0]
    later = merged(tmp_path, 10)

    second = monitored([str(later), str(file)], start=SEVEN)

    at_once = monitored(later)
    assert states_of(second).digest() == states_of(at_once).digest()
    assert second.verdict == at_once.verdict
    assert second.verdict.requests == {"v1": 9 * REQUESTS, "v2": 9 * REQUESTS}
    with pytest.raises(InputError, match="overlap"):
        monitored([str(later), str(file)])


def test_a_run_without_older_requests_says_what_kept_states_say(tmp_path: Path) -> None:
    folder = merged(tmp_path)
    first = monitored(folder)
    file = driftkit.deployment.save_states(states_of(first), tmp_path / "kept")[0]

    again = monitored([str(folder), str(file)], start=SEVEN)

    assert again.verdict == first.verdict
    with pytest.raises(InputError, match="all requests are so new"):
        monitored(folder, start=SEVEN)


@pytest.mark.parametrize(
    "settings",
    [
        {"accept_immature": True},
        {"end": datetime(2026, 11, 2, 12, tzinfo=UTC)},
    ],
)
def test_nothing_is_left_out_where_somebody_says_so(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    report = monitored(merged(tmp_path), **settings)

    assert report.verdict.requests == {"v1": 240, "v2": 240}
    assert not any("are left out" in note for note in report.notes())


def test_nothing_is_left_out_where_labels_do_not_decide(tmp_path: Path) -> None:
    folder = merged(tmp_path)
    plan = driftkit.deployment.baseline(
        folder, goals="positive_rate:0.1:higher", information="accuracy", champion="v1"
    )

    report = driftkit.deployment.monitor(folder, plan)

    assert report.verdict.requests == {"v1": 240, "v2": 240}


def test_labels_that_all_come_at_once_are_all_there(tmp_path: Path) -> None:
    report = monitored(merged(tmp_path, 11, at_once=True))

    assert report.verdict.requests == {"v1": HOURS * REQUESTS, "v2": HOURS * REQUESTS}


def test_a_report_may_be_named(tmp_path: Path) -> None:
    folder = merged(tmp_path)
    file = folder / "_merge/merge_report.json"
    named = file.rename(tmp_path / "merge_report.json")

    assert monitored(folder).verdict.requests == {"v1": 240, "v2": 240}
    assert monitored(folder, merge_report=str(named)).verdict.requests == {"v1": 210, "v2": 210}


def test_a_plan_takes_as_long_as_labels_take_to_come(tmp_path: Path) -> None:
    folder = merged(tmp_path)
    plan: dict[str, Any] = {"goals": ["accuracy:0.1", "positive_rate:0.1:higher"], "champion": "v1"}

    told = driftkit.deployment.baseline(folder, minimum_days=0, **plan).planning
    (folder / "_merge/merge_report.json").unlink()
    untold = driftkit.deployment.baseline(folder, minimum_days=0, **plan).planning

    assert told is not None
    assert untold is not None
    added = [
        (one.promote_days or 0.0) - (other.promote_days or 0.0)
        for one, other in zip(told.metrics, untold.metrics, strict=True)
    ]
    assert added == pytest.approx([2 / 24, 0.0])


@pytest.mark.parametrize(
    "content", ["{}", '{"version": 1', '{"label_delay_hours": [3]}', "[1]", None]
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: str | None) -> None:
    folder, file = merged(tmp_path), tmp_path / "merge_report.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(FormatError, match=r"merge_report\.json"):
        monitored(folder, merge_report=str(file))


def test_a_report_of_a_table_is_refused(tmp_path: Path) -> None:
    file = merged(tmp_path) / "_merge/merge_report.json"
    rows = {"label": [1, 0] * 5, "prediction": [1] * 10, "arm": ["v1", "v2"] * 5}
    arms = {"v1": "field:arm=v1", "v2": "field:arm=v2"}
    plan = driftkit.deployment.baseline(rows, goals="accuracy", arms=arms)

    with pytest.raises(SettingsError, match="tells nothing of a table"):
        driftkit.deployment.monitor(rows, plan, merge_report=str(file))


@given(
    delays=st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=30), min_size=1, max_size=20),
    newest=st.integers(0, 23),
)
def test_the_end_is_that_of_the_first_hour_that_lacks_labels(
    delays: list[list[int]], newest: int
) -> None:
    there = [[d for d in of_hour if hour + d <= newest] for hour, of_hour in enumerate(delays)]
    came = sorted(d for of_hour in there for d in of_hour)
    late = came[-(-95 * len(came) // 100) - 1] if came else None
    shares = [len(kept) / len(of_hour) for kept, of_hour in zip(there, delays, strict=True)]
    report = MergeReport(
        captures={},
        labels={},
        delay={"p95": late},
        newest_label=hour_of(newest),
        labelled_hours={hour_of(i): len(each) for i, each in enumerate(there) if each},
        unlabelled_hours={
            hour_of(i): len(each) - len(there[i])
            for i, each in enumerate(delays)
            if len(each) > len(there[i])
        },
    )

    found = MergeReport.read(json.loads(json.dumps(report.to_dict()))).mature_end

    if late is None:
        assert found is None
        return
    first = max(newest + 1 - late, 0)
    old = [len(each) for each in delays[:first]]
    usual = sum(len(each) for each in there[:first]) / sum(old) if old else max(shares)
    lacking = [hour for hour in range(first, len(delays)) if shares[hour] < 0.95 * usual]
    assert found == (datetime(2026, 11, 2, lacking[0], tzinfo=UTC) if lacking else None)
    # Of hours that are as old as that, no label that comes in time is missing.
    to_come = (d for hour, each in enumerate(delays[:first]) for d in each if hour + d > newest)
    assert all(d > late for d in to_come)


def test_what_files_hold_is_looked_at_once_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = merged(tmp_path)
    looked_at: list[Any] = []

    def counted(*given: Any) -> Any:
        looked_at.append(given)
        return capture_files(*given)

    monkeypatch.setattr(inputs, "capture_files", counted)

    plan = driftkit.deployment.baseline(
        data, goals="accuracy:0.1", champion="v1", input_columns=["_c0"]
    )
    of_baseline = len(looked_at)
    driftkit.deployment.monitor(data, plan)

    assert (of_baseline, len(looked_at)) == (1, 2)
