"""Who is told of a run is told of the window and run that the metrics store keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import driftkit
from driftkit.cli.keeping import Keeper
from driftkit.cli.measured import Measured
from driftkit.cli.monitors import tell
from driftkit.cli.telling import Telling
from driftkit.sinks.alerts import Rules
from driftkit.sinks.webhook import Webhook
from driftkit.store.opening import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sinks.conftest import Receiver

DAY = {"start": datetime(2026, 11, 1, tzinfo=UTC), "end": datetime(2026, 11, 2, tzinfo=UTC)}
AGES = pd.DataFrame({"age": [30.0, 40.0, 50.0] * 40})


@pytest.mark.parametrize(
    ("window", "of_states"),
    [(DAY, {}), ({}, DAY), ({"start": DAY["start"]}, {}), ({"end": DAY["end"]}, {}), ({}, {})],
    ids=["asked for", "of kept states", "open end", "open beginning", "none"],
)
def test_alerts_and_store_are_of_one_window_and_run(
    window: dict[str, Any], of_states: dict[str, Any], tmp_path: Path, receiver: Receiver
) -> None:
    report: Any = driftkit.data_quality.monitor(AGES + 30, AGES)
    report = replace(report, run=replace(report.run, **window))
    if of_states:
        states = SimpleNamespace(windows=[SimpleNamespace(**of_states)], derivation=None)
        report = replace(report, states=states)
    store = open_store(str(tmp_path / "store"))
    telling = Telling(
        output=str(tmp_path / "out"),
        sinks=[Webhook(url=receiver.url)],
        rules=Rules(needed=1, among=1),
        store=store,
        model="churn",
        keeper=Keeper(model="churn", store=store),
    )

    assert tell(telling, [Measured(report=report, files=(), settings={"variant": "A"})])

    event, *others = store.read("alert_events").to_pylist()
    (run,) = store.read("runs").to_pylist()
    assert {each["run_id"] for each in (event, *others)} == {run["run_id"]}
    if event["window_end"] is not None:
        assert (event["window_start"], event["window_end"]) == (
            run["window_start"],
            run["window_end"],
        )
