"""Alerts go on from run to run in the same way, whether a file keeps them or the metrics store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from driftkit.cli.kept_alerts import InFile, InStore, KeptAlerts
from driftkit.sinks.alerts import Rules
from driftkit.sinks.delivering import Delivery, queue
from driftkit.sinks.reacting import react
from driftkit.store.opening import open_store
from tests.sinks.test_delivering import Recorder
from tests.sinks.windows import BEGIN, of_bits, play, states

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.results.facts import Facts
    from driftkit.sinks.kept import Kept


def made(kind: str, folder: Path) -> KeptAlerts:
    if kind == "file":
        return InFile(file=folder / "alerts.jsonl")
    if kind == "duckdb":
        pytest.importorskip("duckdb")
        return InStore(store=open_store(f"{folder}/store.duckdb"), model="churn")
    return InStore(store=open_store(str(folder / "store")), model="churn")


@pytest.fixture(params=["file", "parquet", "duckdb"])
def alerts(request: pytest.FixtureRequest, tmp_path: Path) -> KeptAlerts:
    return made(request.param, tmp_path)


def run(alerts: KeptAlerts, facts: Facts) -> None:
    with alerts.opened() as before:
        new = react(facts, before.events, Rules())
        rows = (*before.deliveries, *queue(new, [Recorder()], facts.evaluated_at))
        now = replace(before, events=(*before.events, *new), deliveries=rows)
        alerts.write(now, {each.run_id for each in new})


def known(alerts: KeptAlerts) -> Kept:
    with alerts.opened() as kept:
        return kept


def test_alerts_go_on(alerts: KeptAlerts) -> None:
    runs = of_bits([True, True, False, False])

    for each in (*runs, *runs):
        run(alerts, each)

    assert known(alerts).events == tuple(play(runs))
    assert states(known(alerts).events) == ["pending", "firing", "clearing", "resolved"]


def test_what_became_of_a_message_is_known_to_the_next_run(alerts: KeptAlerts) -> None:
    for each in of_bits([True, True]):
        run(alerts, each)
    before = known(alerts)
    sent = replace(before.deliveries[0], attempt=1, status="sent", http_status=200)

    alerts.write(replace(before, deliveries=(*before.deliveries, sent)), {sent.run_id})

    assert [each.status for each in known(alerts).deliveries] == ["retry", "sent"]
    assert known(alerts).deliveries[-1] == sent


def test_alerts_of_other_models_are_not_read(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    run(InStore(store=store, model="churn"), of_bits([True])[0])

    assert known(InStore(store=store, model="other")).events == ()
    assert Delivery(
        sink="a", event_id="b", run_id="c", attempt=0, at=BEGIN, status="retry"
    ) not in (known(InStore(store=store, model="churn")).deliveries)
