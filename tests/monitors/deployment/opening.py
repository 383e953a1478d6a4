"""Plans and rows for tests of how a deployment's data are opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.columns.chunk import Rejections
from driftkit.formats.deployment.plan import Pairing, Plan, PlannedMetric, Unit
from driftkit.formats.deployment.selectors import parse_selector
from driftkit.monitors.deployment.inputs import ArmData, ArmRows, opened_arms
from driftkit.monitors.deployment.row_columns import RowAttributes
from driftkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_MODEL = {"old": "field:model=1", "new": "field:model=2"}
TABLE: dict[str, list[Any]] = {
    "model": [1, 2, 2, 3, 1],
    "user": [10, 20, 30, 40, 50],
    "label": [1, 0, 1, 0, 1],
    "score": [0.9, 0.2, 0.6, 0.1, 0.7],
    "latency": [5.0, 7.0, 6.0, 8.0, 9.0],
    "time": ["2026-11-02T10:00:00Z"] * 3 + ["2026-11-02T11:00:00Z"] * 2,
}


def plan(
    arms: Mapping[str, str],
    *,
    columns: tuple[str, ...] = (),
    unit: str = "request",
    pair: str | None = None,
) -> Plan:
    """A plan with these arms, the first of which is the champion."""
    champion, *challengers = arms
    metrics = (
        PlannedMetric(name=f"column:{each}", role="goal", kind="mean", better="lower", column=each)
        for each in columns
    )
    return Plan(
        name="test",
        strategy="ab",
        champion=champion,
        challengers=tuple(challengers),
        arms={name: parse_selector(text) for name, text in arms.items()},
        unit=Unit(source=unit),
        pairing=None if pair is None else Pairing(by=pair),
        metrics=tuple(metrics),
    )


def opened(data: Any, planned: Plan, run: Mapping[str, Any] | None = None, **named: Any) -> ArmRows:
    """The rows of arms in some data."""
    settings = Settings.from_keywords(**(run or {}))
    return opened_arms(ArmData(data, settings), planned, RowAttributes(**named), settings)


def read(rows: ArmRows) -> tuple[list[dict[str, Any]], Rejections]:
    """All rows, and what was set aside."""
    chunks = [chunk for unit in rows.dataset.units for chunk in unit.chunks()]
    found = []
    for chunk in chunks:
        arrays = [chunk.column(index).combine_chunks() for index in range(len(rows.names))]
        table = pa.Table.from_arrays(arrays, names=list(rows.names))
        assert table.num_rows == chunk.num_rows
        found += table.to_pylist()
    return found, sum((chunk.rejected for chunk in chunks), Rejections())
