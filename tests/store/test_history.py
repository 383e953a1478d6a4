"""What a store tells of the past: the latest run of each window, as a table and as windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftkit.errors import InputError, SettingsError
from driftkit.store.history import history, windows
from driftkit.store.opening import open_store
from driftkit.store.schema import table_of
from driftkit.store.store import Query, RunKey, keep
from tests.store.facts import as_drawn, facts, quality_facts

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.results.contract import Metric
    from driftkit.results.facts import Facts


def compared(metric: Metric) -> tuple[object, ...]:
    """What a page shows of a metric over time."""
    return (
        *(metric.group, metric.name, metric.feature, metric.segment, metric.value),
        *(metric.allowed, metric.interval, metric.violated, sorted(metric.dimensions.items())),
    )


def over_time(metrics: tuple[Metric, ...]) -> list[tuple[object, ...]]:
    return sorted((compared(each) for each in metrics if each.group != "profile"), key=repr)


def test_the_table_has_the_latest_run_of_each_window_the_oldest_first(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for hour in (2, 0, 1):
        keep(store, facts(hour=hour))
    corrected = keep(store, facts(hour=1, shift=50.0, minute=9))

    found = history(tmp_path, model="churn")

    assert found["window_start"].is_monotonic_increasing
    assert found["status"].to_list() == ["ok", "violated", "ok"]
    assert found["run_id"][1] == corrected.run_id
    violations = history(tmp_path, "violations", model="churn")
    assert set(violations["run_id"]) == {corrected.run_id}


@pytest.mark.parametrize(
    "of", [[facts(hour=hour, shift=25.0 * hour) for hour in range(3)], [quality_facts(120, 0)] * 1]
)
def test_windows_come_back_as_a_page_needs_them(tmp_path: Path, of: list[Facts]) -> None:
    for each in of:
        keep(open_store(tmp_path), each)

    now, before = windows(tmp_path, Query(model="churn"))

    assert [each.status for each in before] == [each.status for each in of[:-1]]
    assert [each.violations for each in before] == [len(each.findings) for each in of[:-1]]
    for window, each in zip(before, of, strict=False):
        assert over_time(window.metrics) == over_time(each.metrics)
    assert over_time(now.measured) == over_time(of[-1].metrics)
    assert now.findings == of[-1].findings
    assert now.skipped == of[-1].skipped
    assert as_drawn(now.drawn) == as_drawn(of[-1].figures)
    assert now.run is not None
    assert (now.run.rows, now.run.start) == (of[-1].rows, of[-1].subject.start)


def test_dimensions_that_others_wrote_as_columns_alone_are_read(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    kept = keep(store, quality_facts(120, 0))
    run = store.read("runs").to_pylist()[0]
    rows = [{**row, "dimensions": None, "label": "1"} for row in store.read("metrics").to_pylist()]
    store.replace_run(RunKey.of(run), {"metrics": table_of("metrics", rows)})

    now, _ = windows(store, Query(model="churn"))

    found = [each for each in now.measured if each.group == "quality"]
    assert len(found) == sum(each.group == "quality" for each in kept.metrics)
    assert all(each.dimensions == {"label": "1"} for each in found)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query(model="other"), "the store has no such run"),
        (Query(model="churn"), "data_quality, model_quality"),
    ],
)
def test_a_page_is_of_one_monitor(tmp_path: Path, query: Query, said: str) -> None:
    store = open_store(tmp_path)
    keep(store, facts())
    keep(store, quality_facts(120, 0))

    with pytest.raises(InputError, match=said):
        windows(tmp_path, query)


@pytest.mark.parametrize(("table", "last"), [("nothing", 1), ("runs", 0), ("deliveries", 1)])
def test_what_cannot_be_looked_up_is_an_error(tmp_path: Path, table: str, last: int) -> None:
    with pytest.raises(SettingsError, match="cannot be looked up"):
        history(tmp_path, table, last=last)
