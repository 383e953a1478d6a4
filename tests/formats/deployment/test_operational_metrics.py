"""Tables of CloudWatch's metrics: formats, minutes, pooling, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from driftkit.errors import InputError
from driftkit.formats.deployment.metric_files import read_metrics
from driftkit.formats.deployment.operational_metrics import operational_metrics

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Row = tuple[str, Any, str, str, Any, Any]
COLUMNS = ("metric", "timestamp", "variant", "statistic", "value", "count")
ROWS: list[Row] = [
    ("Invocations", "2026-11-02T10:01:00Z", "a", "Sum", 40.0, None),
    ("Invocations", "2026-11-02T10:00:00Z", "a", "Sum", 30.0, None),
    ("Invocations", "2026-11-02T10:00:00Z", "b", "Sum", 10.0, None),
    ("Invocation5XXErrors", "2026-11-02T10:01:00Z", "a", "Sum", 2.0, None),
    ("ModelLatency", "2026-11-02T10:00:00Z", "a", "Average", 1500.0, 30),
    ("ModelLatency", "2026-11-02T10:01:00Z", "a", "Average", 500.0, 40),
    ("ModelLatency", "2026-11-02T10:00:00Z", "b", "Average", 900.0, 10),
    ("ModelLatency", "2026-11-02T10:00:00Z", "a", "p99", 9000.0, 30),
]
TEN = 29_893_560


def table(rows: list[Row], columns: tuple[str, ...] = COLUMNS) -> pa.Table:
    return pa.table(dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))).select(
        list(columns)
    )


def as_csv(path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(path, index=False)


def as_parquet(path: Path, frame: pd.DataFrame) -> None:
    frame.assign(timestamp=pd.to_datetime(frame["timestamp"])).to_parquet(path)


def as_lines(path: Path, frame: pd.DataFrame) -> None:
    frame.to_json(path, orient="records", lines=True)


def as_array(path: Path, frame: pd.DataFrame) -> None:
    rows = [{k: v for k, v in row.items() if v == v} for row in frame.to_dict("records")]  # noqa: PLR0124
    seconds = [int(pd.Timestamp(row["timestamp"]).timestamp()) for row in rows]
    path.write_text(json.dumps([{**r, "timestamp": s} for r, s in zip(rows, seconds, strict=True)]))


@pytest.mark.parametrize("write", [as_csv, as_parquet, as_lines, as_array])
def test_each_format_says_the_same(
    write: Callable[[Path, pd.DataFrame], None], tmp_path: Path
) -> None:
    write(tmp_path / "metrics", pd.DataFrame(ROWS, columns=list(COLUMNS)))

    metrics = read_metrics(tmp_path / "metrics")

    assert metrics.variants == ("a", "b")
    requests = metrics.of("Invocations", "Sum")
    assert requests["a"].minutes.tolist() == [TEN, TEN + 1]
    assert requests["a"].measured.tolist() == [30, 40]
    means = metrics.means("ModelLatency")
    assert means["a"].sums.tolist() == [45_000, 20_000]
    assert means["a"].counts.tolist() == [30, 40]


def test_files_of_a_folder_are_one_table(tmp_path: Path) -> None:
    frame = pd.DataFrame(ROWS, columns=list(COLUMNS))
    as_csv(tmp_path / "1.csv", frame[:3])
    as_csv(tmp_path / "2.csv", frame[3:].drop(columns="count"))

    metrics = read_metrics(tmp_path)

    assert len(metrics.series) == 6


def test_errors_out_of_requests() -> None:
    rates = operational_metrics(table(ROWS), "metrics").rates("Invocation5XXErrors", "Invocations")

    assert rates["a"].sums.tolist() == [0, 2]
    assert rates["a"].counts.tolist() == [30, 40]
    assert rates["b"].sums.tolist() == [0]


def test_sums_and_samples_as_statistics_of_their_own() -> None:
    rows: list[Row] = [
        ("ModelLatency", 60.0, "a", "Sum", 10.0, None),
        ("ModelLatency", 60.0, "a", "SampleCount", 4.0, None),
    ]

    means = operational_metrics(table(rows, COLUMNS[:5]), "metrics").means("ModelLatency")

    assert (means["a"].sums.tolist(), means["a"].counts.tolist()) == ([10], [4])


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("Sum", 8.0), ("Average", 4.5), ("Minimum", 3.0), ("maximum", 5.0), ("SampleCount", 8.0)],
)
def test_times_within_a_minute_are_put_together(statistic: str, value: float) -> None:
    rows: list[Row] = [
        ("ModelLatency", "2026-11-02T10:00:10Z", "a", statistic, 3.0, 1),
        ("ModelLatency", "2026-11-02T10:00:20Z", "a", statistic, 5.0, 3),
    ]

    metrics = operational_metrics(table(rows), "metrics")

    ((_, spelled, _),) = metrics.series
    series = metrics.of("ModelLatency", spelled)["a"]
    assert (series.measured.tolist(), series.counts.tolist()) == ([value], [4])


def test_averages_without_counts_are_shown_and_not_pooled() -> None:
    metrics = operational_metrics(table(ROWS, COLUMNS[:5]), "metrics.csv")

    assert metrics.of("ModelLatency", "Average")["b"].measured.tolist() == [900]
    with pytest.raises(InputError, match=r"metrics.csv: ModelLatency of a: averages without"):
        metrics.means("ModelLatency")


def test_pooled_means_are_those_of_all_samples() -> None:
    generator = np.random.default_rng(3)
    samples = [generator.gamma(2, 100, size) for size in (3, 50, 7)]
    rows: list[Row] = [
        ("ModelLatency", 60.0 * i, "a", "Average", each.mean(), len(each))
        for i, each in enumerate(samples)
    ]

    total = operational_metrics(table(rows), "metrics").means("ModelLatency")["a"]

    expected = np.concatenate(samples).mean()
    assert total.sums.sum() / total.counts.sum() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("M", "soon", "a", "Sum", 1.0, 1), "row 9: the timestamp"),
        (("M", 1762077600000.0, "a", "Sum", 1.0, 1), "row 9: the timestamp"),
        (("M", None, "a", "Sum", 1.0, 1), "row 9: the timestamp"),
        (("M", 60.0, "a", "Sum", float("inf"), 1), "row 9: the value"),
        (("M", 60.0, "a", "Sum", float("nan"), 1), "row 9: the value"),
        (("M", 60.0, "a", "Sum", None, 1), "row 9: the value"),
        (("M", 60.0, "a", "Sum", 1.0, -1), "row 9: the count"),
        (("M", 60.0, None, "Sum", 1.0, 1), "row 9: the variant"),
        (ROWS[2], "rows 3 and 9: two rows"),
    ],
)
def test_wrong_rows_are_named(row: Row, message: str) -> None:
    rows = [
        tuple(str(x) if i == 1 and x is not None else x for i, x in enumerate(each))
        for each in (*ROWS, row)
    ]

    with pytest.raises(InputError, match=message):
        operational_metrics(table(rows), "metrics")  # type: ignore[arg-type]


def test_percentiles_within_a_minute_cannot_be_put_together() -> None:
    rows: list[Row] = [("M", float(s), "a", "p95", 1.0, 1) for s in (0, 10)]

    with pytest.raises(InputError, match="p95 of several times within a minute"):
        operational_metrics(table(rows), "metrics")


def test_a_metric_that_is_not_there() -> None:
    metrics = operational_metrics(table(ROWS), "metrics")

    with pytest.raises(InputError, match=r"Invocations \(Sum\)"):
        metrics.of("Invocations", "Average")
    with pytest.raises(InputError, match="'ModelLatency' is not in"):
        metrics.rates("ModelLatency", "Invocations")


@pytest.mark.parametrize("row", [("E", 60.0, "a", "Sum", 9.0, 1), ("E", 120.0, "a", "Sum", 1.0, 1)])
def test_more_events_than_requests(row: Row) -> None:
    rows: list[Row] = [("R", 60.0, "a", "Sum", 8.0, 1), row]

    with pytest.raises(InputError, match="more events than requests"):
        operational_metrics(table(rows), "metrics").rates("E", "R")


def test_events_of_a_variant_without_requests() -> None:
    rows: list[Row] = [("R", 60.0, "a", "Sum", 8.0, 1), ("E", 60.0, "b", "Sum", 1.0, 1)]

    with pytest.raises(InputError, match="'R' of b is not in the table"):
        operational_metrics(table(rows), "metrics").rates("E", "R")


def test_a_table_without_a_column() -> None:
    with pytest.raises(InputError, match="Rename or add statistic"):
        operational_metrics(table(ROWS, ("metric", "timestamp", "variant", "value")), "metrics")


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")

    for name in ("empty.csv", "list.json", "broken.json", "broken.parquet", "absent.csv"):
        with pytest.raises(InputError, match=name):
            read_metrics(tmp_path / name)


def test_a_table_without_rows() -> None:
    metrics = operational_metrics(table(ROWS).slice(0, 0), "metrics")

    with pytest.raises(InputError, match="no metrics"):
        metrics.of("Invocations", "Sum")


def test_minutes_are_chosen_by_when_they_begin() -> None:
    start, end = (datetime(2026, 11, 2, 10, minute, tzinfo=UTC) for minute in (1, 2))

    found = operational_metrics(table(ROWS), "metrics").between(start, end)

    assert found.variants == ("a",)
    assert found.of("Invocations", "Sum")["a"].minutes.tolist() == [TEN + 1]


def test_a_metric_is_named_with_its_statistic_where_it_has_several() -> None:
    found = operational_metrics(table(ROWS), "metrics")

    assert found.named("Invocations").keys() == {"a", "b"}
    assert found.named("ModelLatency@p99").keys() == {"a"}
    assert not found.named("CPUUtilization")
    with pytest.raises(InputError, match="several statistics"):
        found.named("ModelLatency")
