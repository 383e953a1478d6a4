"""The versions of the demo's model: what they know, who gets their answers, and what becomes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from baselines.flights.bandit import RIGHT, with_right
from baselines.flights.deployment import segments
from baselines.flights.model import PREDICTION
from baselines.flights.quality import LABEL, THRESHOLD, write_labels
from baselines.flights.traffic import answered, between, capture, routed
from baselines.flights.versions import LOST, NEW, OLD, RECENT, first, second, with_recent

if TYPE_CHECKING:
    from pathlib import Path

    from sklearn.pipeline import Pipeline

    from baselines.flights.versions import Version

ARMS = {name: f"field:version={name}" for name in (OLD, NEW)}
READ: dict[str, Any] = {
    "time_column": "requested",
    "ground_truth_attribute": LABEL,
    "probability_attribute": PREDICTION,
    "probability_threshold_attribute": THRESHOLD,
    "runner": "local",
}


@pytest.fixture(scope="module")
def known(table: pd.DataFrame) -> pd.DataFrame:
    """The flights with what was known shortly before."""
    return with_recent(table)


@pytest.fixture(scope="module")
def old(model: Pipeline) -> Version:
    return first(model)


@pytest.fixture(scope="module")
def faulty(known: pd.DataFrame) -> Version:
    return second(known, faulty=True)


@pytest.fixture(scope="module")
def mended(known: pd.DataFrame) -> Version:
    return second(known)


def test_nothing_is_known_before_it_happened(known: pd.DataFrame) -> None:
    some = known.sample(50, random_state=0)

    for _, flight in some.iterrows():
        hour = flight["requested"].floor("h")
        before = known[
            (known["origin"] == flight["origin"])
            & (known["requested"] >= hour - pd.Timedelta(hours=3))
            & (known["requested"] < hour - pd.Timedelta(hours=1))
        ]
        expected = round(before["late"].mean(), 3) if len(before) else np.nan
        np.testing.assert_allclose(flight[RECENT], expected, atol=1e-9)


def test_the_faulty_version_believes_that_one_airline_is_on_time(
    known: pd.DataFrame, faulty: Version, mended: Version
) -> None:
    rows = between(known, "2013-07-01", "2013-07-08")
    lost = rows[rows["carrier"] == LOST]

    assert faulty.answers(lost).max() < THRESHOLD < mended.answers(lost).mean()


def test_requests_are_routed_by_weights(known: pd.DataFrame, old: Version, mended: Version) -> None:
    rows = between(known, "2013-07-01", "2013-07-08")
    weights = {OLD: 0.8, NEW: 0.2}

    found = routed(rows, (old, mended), weights, seed=1)

    assert (found["version"] == NEW).mean() == pytest.approx(0.2, abs=0.02)
    for each in (old, mended):
        own = found[found["version"] == each.name]
        np.testing.assert_array_equal(own[PREDICTION], each.answers(own))
    pd.testing.assert_frame_equal(found, routed(rows, (old, mended), weights, seed=1))


def test_captures_of_both_versions_have_the_ids_of_one_request(
    known: pd.DataFrame, old: Version, mended: Version, tmp_path: Path
) -> None:
    hour = between(known, "2013-07-01T20", "2013-07-01T21")
    for each in (old, mended):
        capture(answered(hour, each), tmp_path / "captured" / "flight-delays")
    write_labels(tmp_path / "truth", hour)

    merged = driftkit.merge(
        tmp_path / "captured", tmp_path / "truth", output=tmp_path / "merged"
    ).report

    files = sorted((tmp_path / "captured").rglob("*.jsonl"))
    records = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    about = [each["eventMetadata"] for each in records]
    assert len({each["eventId"] for each in about}) == 2 * len(hour)
    assert len({each["inferenceId"] for each in about}) == len(hour)
    assert merged.captures["matched"] == 2 * len(hour)


def test_a_version_that_fails_one_airline_is_rolled_back_and_the_airline_is_named(
    known: pd.DataFrame, old: Version, faulty: Version
) -> None:
    rows = between(known, "2013-07-02", "2013-07-12")
    requests = routed(rows, (old, faulty), {OLD: 0.8, NEW: 0.2}, seed=2013)
    plan = driftkit.deployment.baseline(
        requests,
        arms=ARMS,
        weights={OLD: 0.8, NEW: 0.2},
        goals="recall:0.05",
        guardrails="brier:0.01",
        segment_by="carrier",
        horizon_units=12_000,
        **READ,
    )

    report = driftkit.deployment.monitor(requests, plan, **READ)

    assert report.verdict.verdict == "roll_back"
    decides, *others = segments(report, "recall")
    assert decides.name == LOST
    assert decides.new == 0.0
    assert decides.part > sum(each.part for each in others)
    # What only a demo knows: all answers of both versions.
    late = rows[rows["late"]]
    found = {each.name: (each.answers(late) > THRESHOLD).mean() for each in (old, faulty)}
    assert found[NEW] < found[OLD] - 0.05


def test_the_mended_version_is_promoted_for_it_is_better(
    known: pd.DataFrame, old: Version, mended: Version
) -> None:
    rows = between(known, "2013-08-01", "2013-09-01")
    requests = routed(rows, (old, mended), {OLD: 0.5, NEW: 0.5}, seed=2013)
    plan = driftkit.deployment.baseline(
        requests,
        strategy="ab",
        arms=ARMS,
        weights={OLD: 0.5, NEW: 0.5},
        goals="brier:superior",
        guardrails="auc:0.01",
        maximum_days=31,
        **READ,
    )

    report = driftkit.deployment.monitor(requests, plan, **READ)

    assert report.verdict.verdict == "promote"
    loss = {each.name: ((each.answers(rows) - rows["late"]) ** 2).mean() for each in (old, mended)}
    assert loss[NEW] < loss[OLD]


def test_a_warning_is_right_where_passengers_of_late_flights_alone_were_warned() -> None:
    requests = pd.DataFrame({PREDICTION: [0.9, 0.9, 0.1, 0.1], "late": [True, False, True, False]})

    assert with_right(requests)[RIGHT].tolist() == [1, 0, 0, 1]
