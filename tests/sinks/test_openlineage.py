"""OpenLineage's events, as its own client's classes take them."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.results.contract import Metric
from driftkit.sinks.facts_sinks import facts_sink_of_spec, send_facts
from driftkit.sinks.openlineage import event
from tests.sinks.windows import finding, measured, window

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sinks.conftest import Clock, Receiver

NUMBERS = {"num_present": 3, "num_missing": 1, "distinct": 2.0, "min": 1.5, "max": math.inf}
FACTS = window(
    1,
    finding(),
    metrics=(
        *(Metric(group="profile", name=n, feature="age", value=v) for n, v in NUMBERS.items()),
        measured(0.4),
        measured(0.05, feature="income"),
        replace(measured(0.06, feature="income"), segment="country=DE"),
    ),
    inputs=("s3://key:secret@bucket/captured", "/data/a.csv", "data frame"),
    output_uri="s3://bucket/reports",
)


def assertions(found: dict[str, Any]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = found["inputs"][0]["inputFacets"]["dataQualityAssertions"][
        "assertions"
    ]
    return made


def test_an_event_has_what_was_checked_passed_or_not() -> None:
    found = event(FACTS)

    assert found["eventType"] == "COMPLETE"
    assert found["job"]["name"] == "churn.data_quality"
    assert [(each["namespace"], each["name"]) for each in found["inputs"]] == [
        ("s3://bucket", "captured"),
        ("file", "/data/a.csv"),
        ("driftkit", "data frame"),
    ]
    metrics = found["inputs"][0]["inputFacets"]["dataQualityMetrics"]
    assert metrics["rowCount"] == 100
    assert metrics["columnMetrics"]["age"] == {
        "nullCount": 1,
        "distinctCount": 2,
        "count": 3,
        "min": 1.5,
    }
    assert [(each["assertion"], each["success"], each["column"]) for each in assertions(found)] == [
        ("baseline_drift_check", False, "age"),
        ("drift.distance", True, "income"),
        ("drift.distance", True, "income"),
    ]
    assert assertions(found)[1] | {"name": ""} == {
        "assertion": "drift.distance",
        "success": True,
        "column": "income",
        "expected": "at most 0.1",
        "actual": "0.05",
        "name": "",
    }
    assert assertions(found)[2]["params"] == {"segment": "country=DE"}
    assert "secret" not in json.dumps(found)


def test_a_run_has_one_id_and_others_another() -> None:
    ids = {event(each)["run"]["runId"] for each in (FACTS, FACTS, replace(FACTS, run_id="other"))}

    assert len(ids) == 2


def test_the_clients_classes_take_it() -> None:
    client = pytest.importorskip("openlineage.client.event_v2", reason="needs openlineage-python")
    from openlineage.client.facet_v2 import (  # noqa: PLC0415
        data_quality_assertions_dataset as assertions_of,
    )
    from openlineage.client.facet_v2 import (  # noqa: PLC0415
        data_quality_metrics_input_dataset as metrics_of,
    )
    from openlineage.client.facet_v2 import nominal_time_run  # noqa: PLC0415

    found = event(FACTS)
    facets = found["inputs"][0]["inputFacets"]
    when = found["run"]["facets"]["nominalTime"]
    kinds = {
        "dataQualityAssertions": assertions_of.DataQualityAssertionsDatasetFacet,
        "dataQualityMetrics": metrics_of.DataQualityMetricsInputDatasetFacet,
    }

    for name, kind in kinds.items():
        assert facets[name]["_schemaURL"] == kind._get_schema()
        kind(**{key: value for key, value in facets[name].items() if key[0] != "_"})
    for each in assertions(found):
        assertions_of.Assertion(**each)
    for each in facets["dataQualityMetrics"]["columnMetrics"].values():
        metrics_of.ColumnMetrics(**each)
    assert when["_schemaURL"] == nominal_time_run.NominalTimeRunFacet._get_schema()
    nominal_time_run.NominalTimeRunFacet(
        nominalStartTime=when["nominalStartTime"], nominalEndTime=when["nominalEndTime"]
    )
    assert found["schemaURL"] == client.RunEvent._get_schema()
    client.RunEvent(
        eventTime=found["eventTime"],
        eventType=client.RunState[found["eventType"]],
        producer=found["producer"],
        run=client.Run(runId=found["run"]["runId"]),
        job=client.Job(namespace=found["job"]["namespace"], name=found["job"]["name"]),
    )


def test_events_are_posted_with_the_key(
    receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "canary")
    base = receiver.url.removesuffix("/hook")
    sink = facts_sink_of_spec(f"openlineage:{base} api_key=${{env:KEY}} namespace=risk")

    assert send_facts(FACTS, [sink], clock.attempts()) == []

    (received,) = receiver.received
    assert received.path == "/api/v1/lineage"
    assert received.headers["authorization"] == "Bearer canary"
    assert json.loads(received.body) == event(FACTS, "risk")
    assert "canary" not in repr(sink)


def test_the_environment_may_say_where(
    receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", receiver.url.removesuffix("/hook"))

    assert send_facts(FACTS, [facts_sink_of_spec("openlineage:")], clock.attempts()) == []
    monkeypatch.delenv("OPENLINEAGE_URL")
    (line,) = send_facts(FACTS, [facts_sink_of_spec("openlineage:")], clock.attempts())

    assert len(receiver.received) == 1
    assert "OPENLINEAGE_URL" in line


def test_an_event_can_be_a_file(tmp_path: Path) -> None:
    sink = facts_sink_of_spec(f"openlineage: file={tmp_path}/events/churn.json")

    assert send_facts(FACTS, [sink]) == []

    assert json.loads((tmp_path / "events/churn.json").read_bytes()) == event(FACTS)
