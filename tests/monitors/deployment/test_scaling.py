"""Scaling policies replayed on captures, tables and metrics; every way in gives the same minutes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import driftkit
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.formats.deployment import scaling_replay
from driftkit.io.finding import find
from driftkit.readers import opening
from tests.capture.captures import record, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.io.finding import File

START = datetime(2026, 11, 2, 10, tzinfo=UTC)
# Requests of each minute: quiet, busy, quiet.
COUNTS = np.repeat([6, 30, 6], [10, 30, 40])
POLICY: dict[str, Any] = {
    "ResourceId": "endpoint/churn/variant/champion",
    "MinCapacity": 1,
    "MaxCapacity": 5,
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 10,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
        },
    },
}


def times() -> list[datetime]:
    """When each request was."""
    return [
        START + timedelta(minutes=minute, seconds=60 * index / count)
        for minute, count in enumerate(COUNTS.tolist())
        for index in range(count)
    ]


def captured(folder: Path, variant: str = "champion") -> Path:
    """The requests as captured records, in the folders of their hours."""
    hours: dict[str, list[dict[str, Any]]] = {}
    for time in times():
        said = time.strftime("%Y-%m-%dT%H:%M:%SZ")
        hours.setdefault(time.strftime("%Y/%m/%d/%H"), []).append(record("1,2", "0.5", said))
    for hour, records in hours.items():
        write(folder / "churn" / variant / hour / "00-00-000-x.jsonl", records)
    return folder


def as_metrics(variants: tuple[str, ...] = ("champion",)) -> pa.Table:
    """The requests as CloudWatch counts them, a minute a row."""
    rows = [
        {
            "metric": "Invocations",
            "timestamp": (START + timedelta(minutes=minute)).isoformat(),
            "variant": variant,
            "statistic": "Sum",
            "value": float(count),
        }
        for variant in variants
        for minute, count in enumerate(COUNTS.tolist())
    ]
    return pa.Table.from_pylist(rows)


@pytest.fixture
def as_captures(tmp_path: Path) -> Path:
    """The captured requests."""
    return captured(tmp_path / "captures")


def of_captures(folder: Path) -> object:
    captured(folder)
    return folder


def of_frame(_: Path) -> object:
    return pd.DataFrame({"time": times()})


def of_csv(folder: Path) -> object:
    folder.mkdir()
    pd.DataFrame({"inferenceTime": times()}).to_csv(folder / "log.csv", index=False)
    return str(folder / "log.csv")


def of_metric_file(folder: Path) -> object:
    folder.mkdir()
    as_metrics().to_pandas().to_csv(folder / "metrics.csv", index=False)
    return folder / "metrics.csv"


def of_metric_table(_: Path) -> object:
    return as_metrics(("challenger", "champion"))


@pytest.mark.parametrize("data", [of_captures, of_frame, of_csv, of_metric_file, of_metric_table])
def test_each_kind_of_data_gives_the_same_replay(
    tmp_path: Path, data: Callable[[Path], object]
) -> None:
    found = driftkit.deployment.scaling(data(tmp_path / "data"), POLICY, runner="local").replay

    assert found.arrivals.requests == COUNTS.sum()
    assert found.arrivals.start == START
    assert [(each.minute, each.action, each.desired) for each in found.actions] == [
        (12, "out", 3),
        (54, "in", 1),
    ]
    assert found.instance_minutes == 156


def test_captures_are_listed_once(as_captures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[list[str]] = []

    def listing(inputs: list[str]) -> tuple[File, ...]:
        listed.append(inputs)
        return find(inputs)

    monkeypatch.setattr(opening, "find", listing)

    driftkit.deployment.scaling(as_captures, POLICY, runner="local")

    assert listed == [[str(as_captures)]]


def test_what_was_asked_for_is_in_the_file(tmp_path: Path, as_captures: Path) -> None:
    found = driftkit.deployment.scaling(
        as_captures, POLICY, max_rps=0.2, price=0.3, most_over_capacity=0.0, runner="local"
    )
    found.write(tmp_path / "out")

    read = scaling_replay.read_file(tmp_path / "out" / scaling_replay.NAME)
    assert read == found.replay
    assert (read.cost, read.cheapest and read.cheapest.minimum) == (0.78, 3)
    assert read.over_target is not None
    assert read.over_target.minutes == 6


@pytest.mark.parametrize(
    "settings",
    [
        {"sampling_percentage": 50},
        {"endpoint_file": {"DataCaptureConfig": {"CurrentSamplingPercentage": 50}}},
    ],
)
def test_sampled_requests_are_scaled_up_and_it_is_said(
    tmp_path: Path, as_captures: Path, settings: dict[str, Any]
) -> None:
    if "endpoint_file" in settings:
        variants = [{"VariantName": "champion", "CurrentWeight": 1}]
        described = {"EndpointName": "churn", "ProductionVariants": variants}
        described |= settings["endpoint_file"]
        (tmp_path / "endpoint.json").write_text(json.dumps(described))
        settings = {"endpoint_file": str(tmp_path / "endpoint.json")}

    found = driftkit.deployment.scaling(as_captures, POLICY, runner="local", **settings)

    assert found.replay.arrivals.requests == 2 * COUNTS.sum()
    assert any("50 % of the requests were captured" in note for note in found.notes())


@pytest.mark.parametrize(("data", "is_noted"), [(of_captures, True), (of_frame, False)])
def test_only_captures_stop_when_a_disk_is_full(
    tmp_path: Path, data: Callable[[Path], object], *, is_noted: bool
) -> None:
    found = driftkit.deployment.scaling(data(tmp_path / "data"), POLICY, runner="local")

    assert any("Data capture stops" in note for note in found.replay.notes) is is_noted


def test_the_policy_chooses_the_variant(tmp_path: Path) -> None:
    for variant in ("champion", "challenger"):
        captured(tmp_path, variant)

    found = driftkit.deployment.scaling(tmp_path, POLICY, runner="local")

    assert found.replay.arrivals.requests == COUNTS.sum()


def test_start_and_end_choose_the_requests(as_captures: Path) -> None:
    found = driftkit.deployment.scaling(
        as_captures, POLICY, start=START + timedelta(minutes=10), end="2026-11-02T10:40:00Z"
    )

    assert found.replay.arrivals.minutes == 30


@pytest.mark.parametrize("data", [of_metric_file, of_metric_table])
def test_start_and_end_choose_minutes_of_metrics(
    tmp_path: Path, data: Callable[[Path], object]
) -> None:
    found = driftkit.deployment.scaling(
        data(tmp_path / "data"),
        POLICY,
        start=START + timedelta(minutes=10),
        end="2026-11-02T10:40:00Z",
    ).replay

    assert found.arrivals.start == START + timedelta(minutes=10)
    assert (found.arrivals.minutes, found.arrivals.requests) == (30, COUNTS[10:40].sum())


@pytest.mark.parametrize(
    ("data", "settings", "said"),
    [
        (as_metrics(("a", "b")), {}, "of several variants"),
        (pa.table({"a": [1]}), {}, "no column is known to have times"),
        (pa.table({"time": ["soon", "later"]}), {}, "cannot be read"),
        (pa.table({"time": ["1970-01-01", "2026-11-02"]}), {}, "years apart"),
        (as_metrics(), {"sampling_percentage": 20}, "CloudWatch counts every request"),
        (as_metrics(), {"sampling_percentage": 0}, "sampling_percentage"),
        (as_metrics(), {"most_over_capacity": 0.1}, "over capacity"),
        (as_metrics(), {"metric": "Calls"}, "not in the table"),
        (as_metrics(), {"start": "2027-01-01"}, "no metric in the window"),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    data: pa.Table, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises((InputError, SettingsError), match=said):
        driftkit.deployment.scaling(data, POLICY, runner="local", **settings)


def test_a_policy_without_bounds_is_refused(as_captures: Path) -> None:
    with pytest.raises(FormatError, match="MinCapacity"):
        driftkit.deployment.scaling(as_captures, {"MaxCapacity": 5})


@pytest.mark.spark
def test_spark_counts_the_same_minutes(as_captures: Path) -> None:
    here, there = (
        driftkit.deployment.scaling(as_captures, POLICY, runner=runner)
        for runner in ("local", "spark")
    )

    assert here.replay == there.replay
