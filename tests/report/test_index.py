"""The page of all models: one query of the store, what broke first, and small enough for a thousand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from driftkit.report.page.index import index
from driftkit.report.speech import Speech
from driftkit.store.history import series
from driftkit.store.opening import open_store
from driftkit.store.schema import table_of
from driftkit.store.store import EVERYTHING, Query, keep
from tests.report.pages import parsed
from tests.report.test_page import HOSTILE
from tests.store.facts import facts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

    from driftkit.results.history import Series

START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Remembered:
    """Rows of runs in memory, in place of a store; counts how often they are asked for."""

    rows: Iterable[dict[str, Any]]
    asked: list[str] = field(default_factory=list)

    def read(self, table: str, query: Query = EVERYTHING) -> pa.Table:
        """All rows."""
        assert query.model is None
        self.asked.append(table)
        return table_of(table, self.rows)


def series_of(rows: Iterable[dict[str, Any]], last: int = 90) -> list[Series]:
    """What the page is made of."""
    store: Any = Remembered(rows)
    found = series(store, Query(), last)
    assert store.asked == ["runs"]
    return found


def runs_of(model: str, statuses: list[str], link: str | None = None) -> list[dict[str, Any]]:
    """Rows of the table of runs, one an hour."""
    return [
        {
            "run_id": f"{model} {at}",
            "model": model,
            "variant": "",
            "monitor": "data_quality",
            "window_start": START + timedelta(hours=at),
            "window_end": START + timedelta(hours=at + 1),
            "granularity": "1 hour",
            "evaluated_at": START + timedelta(hours=at + 1),
            "schema_version": 1,
            "status": status,
            "rows": 1000,
            "report_uri": link,
            "tags": {},
            "rejected_reasons": {},
        }
        for at, status in enumerate(statuses)
    ]


def test_what_broke_comes_first_and_since_when() -> None:
    rows = [*runs_of("a", ["ok"] * 3), *runs_of("b", ["ok", "violated", "violated"], "b/r.html")]

    page = parsed(index(series_of(rows)))

    (_, *first), (_, *second) = page.rows[1:]
    assert first[:2] == ["\u25b2 VIOLATED", "b"]
    assert "2026-11-01 01:00 UTC (2)" in first
    assert second[:2] == ["\u25cf OK", "a"]
    assert "b/r.html" in page.links
    assert "2 monitors, of their last windows: 1 ok, 1 violated" in page.text


def test_what_is_worst_comes_first_and_is_the_status_of_a_command() -> None:
    worst = ["violated", "no_data", "not_measured", "ok"]
    of = dict(zip("wxyz", worst, strict=True))
    rows = [row for name in "zxyw" for row in runs_of(name, [of[name]])]

    page = parsed(index(series_of(rows)))

    assert [row[2] for row in page.rows[1:]] == list("wxyz")
    for at, status in enumerate(worst):
        said = Speech(results=[{"status": each} for each in reversed(worst[at:])])
        assert json.loads(said.document())["status"] == status


def test_a_thousand_models_take_one_query_and_a_small_page() -> None:
    rows = [
        row
        for model in range(1000)
        for row in runs_of(f"model {model}", ["ok", "violated", "no_data"] * 10)
    ]

    page = index(series_of(rows, 30))

    assert len(page) < 900_000
    assert parsed(page).text.count("data quality") == 1000


def test_names_of_models_are_text() -> None:
    rows = [row for name in HOSTILE for row in runs_of(name, ["violated", "ok"], name)]

    page = parsed(index(series_of(rows), HOSTILE[0]))

    plain = [row for at in range(len(HOSTILE)) for row in runs_of(f"{at}", ["violated", "ok"])]
    other = parsed(index(series_of(plain)))
    assert set(page.tags) - {"a"} == set(other.tags) - {"a"}
    assert not [link for link in page.links if link.lower().startswith(("javascript", "data"))]


def test_a_store_gives_the_series_of_its_models(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    for hour, shift in enumerate((0.0, 50.0)):
        for model in ("churn", "fraud"):
            keep(store, facts(hour, shift, model=model))

    found = series(store, Query())

    assert [(each.model, each.monitor) for each in found] == [
        ("churn", "data_quality"),
        ("fraud", "data_quality"),
    ]
    assert [each.status for each in found[0].windows] == ["ok", "violated"]
