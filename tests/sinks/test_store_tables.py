"""Events and deliveries are rows of the metrics store's tables, and come back as they were."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.sinks.alerts import Event
from driftkit.sinks.delivering import Delivery
from driftkit.store.schema import TABLES, table_of
from tests.sinks.test_sinks import event
from tests.sinks.windows import BEGIN, finding, play, window

if TYPE_CHECKING:
    from collections.abc import Sequence

DELIVERY = Delivery(sink="slack", event_id="1", run_id="2", attempt=1, at=BEGIN, status="retry")


@pytest.mark.parametrize(("table", "kind"), [("alert_events", Event), ("deliveries", Delivery)])
def test_columns_are_the_fields(table: str, kind: Any) -> None:
    assert [each.name for each in TABLES[table]] == [each.name for each in fields(kind)]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("alert_events", play([window(0, finding(segment="a=b"), finding(None))])),
        ("alert_events", [event(notified_sinks=("slack", "teams"))]),
        ("deliveries", [DELIVERY]),
    ],
)
def test_rows_come_back_as_they_were(table: str, rows: Sequence[Any]) -> None:
    kept = table_of(table, [asdict(each) for each in rows]).to_pylist()

    assert [type(rows[0])(**_tuples(each)) for each in kept] == list(rows)


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(each) if isinstance(each, list) else each for name, each in row.items()}
