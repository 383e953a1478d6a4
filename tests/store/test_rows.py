"""Facts as tables: names and types are those declared, nothing is lost, and nothing is NaN."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings

from driftkit.results.slices import segment_of, slice_of
from driftkit.results.verdicts import drift_of, sure
from driftkit.store.distributions import figures_of
from driftkit.store.past import verdicts
from driftkit.store.rows import tables_of
from driftkit.store.schema import OF_RUNS, TABLES, schema_of
from tests.store.facts import any_facts, as_drawn, drawn_facts, facts, quality_facts, report

if TYPE_CHECKING:
    from driftkit.results.facts import Facts


def rows(of: Facts, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tables_of(of)[table].to_pylist()
    return found


def numbers(value: Any) -> list[float]:
    """All doubles in a value, at any depth."""
    if isinstance(value, float):
        return [value]
    if isinstance(value, dict):
        return [each for inner in value.values() for each in numbers(inner)]
    return [each for inner in value for each in numbers(inner)] if isinstance(value, list) else []


@settings(max_examples=25, deadline=None)
@given(any_facts)
def test_rows_of_anything_fit_their_tables(of: Facts) -> None:
    tables = tables_of(of)

    assert tuple(tables) == OF_RUNS
    for name, table in tables.items():
        assert table.schema == schema_of(name)
        table.validate(full=True)
        assert not any(math.isnan(each) for row in table.to_pylist() for each in numbers(row))
        for column in TABLES[name]:
            assert not column.needed or table[column.name].null_count == 0, column


@settings(max_examples=25, deadline=None)
@given(any_facts)
def test_what_was_not_measured_has_a_reason(of: Facts) -> None:
    for row in rows(of, "metrics"):
        assert row["value"] is not None or row["reason"] is not None


@settings(max_examples=25, deadline=None)
@given(any_facts)
def test_texts_are_taken_by_every_engine(of: Facts) -> None:
    for table in tables_of(of).values():
        for column in table.columns:
            if str(column.type) == "string":
                assert not pc.any(pc.match_substring(column, "\0")).as_py()


def test_a_column_has_its_profile() -> None:
    found = {row["column_name"]: row for row in rows(facts(), "profile_metrics")}

    assert found[":table"]["count"] == 120
    assert found[":table"]["non_null_columns"] == ["age", "city"]
    age, city = found["age"], found["city"]
    assert (age["count"], age["num_nulls"], age["avg"]) == (80, 40, 35.0)
    assert age["percent_null"] == pytest.approx(100 / 3)
    assert (age["data_type"], age["median"]) == ("Fractional", 30.0)
    assert (len(age["quantiles"]), age["quantiles"][0], age["quantiles"][-1]) == (21, 30.0, 40.0)
    assert city["frequent_items"] == [{"item": "Ulm", "count": 80}, {"item": "Bonn", "count": 40}]


def test_a_column_has_its_drift() -> None:
    found = {row["column_name"]: row for row in rows(facts(shift=50.0), "drift_metrics")}

    age = found["age"]
    assert (age["avg_delta"], age["violated"], age["threshold"]) == (50.0, True, 0.1)
    assert age["distance"] == age["robust_distance"] > 0.5
    assert (age["js_distance"], age["drift_type"]) == (None, "BASELINE")
    assert found[":table"]["columns_missing"] == 0


def test_a_column_has_its_verdict() -> None:
    of = facts(shift=50.0)
    found = {row["column_name"]: row for row in rows(of, "drift_metrics")}

    age = found["age"]
    assert (age["drift_verdict"], age["drift_alarm"]) == ("different", True)
    assert age["drift_kind"]
    assert abs(age["drift_effect"]) > 0.5
    assert found["city"]["drift_verdict"] == "ordinary"
    assert found[":table"]["drift_verdict"] == "uncalibrated"
    assert "--time-column" in found[":table"]["reason"]


def test_verdicts_come_back_as_they_were() -> None:
    of = facts(shift=50.0)
    kept = verdicts(rows(of, "drift_metrics"), of.metrics)

    known = drift_of(report(50.0))
    assert kept is not None
    assert known is not None
    for told, each in zip(kept.features, known.features, strict=True):
        names = ("feature", "verdict", "alarm", "kind", "effect", "since", "windows")
        assert [getattr(told, name) for name in names] == [getattr(each, name) for name in names]
        assert sure(told) == sure(each)


def test_a_run_has_its_status_and_digests() -> None:
    of = facts(shift=50.0)
    (row,) = rows(of, "runs")

    assert (row["run_id"], row["status"], row["rows"]) == (of.run_id, "violated", 120)
    assert (row["window_start"], row["granularity"]) == (of.subject.start, "1 hour")
    assert json.loads(row["rejected_reasons"]) == {}
    assert row["input_digest"] == of.input_digest


def test_a_run_without_a_window_is_at_the_time_at_which_it_was_made() -> None:
    of = facts(start=None, end=None, granularity="snapshot")
    (row,) = rows(of, "runs")

    assert row["window_start"] == row["window_end"] == of.evaluated_at


@pytest.mark.parametrize("of", [facts(shift=50.0), quality_facts(120, 0)], ids=["data", "quality"])
def test_every_metric_and_finding_has_its_row(of: Facts) -> None:
    told = Counter(each.group for each in of.metrics)

    assert len(rows(of, "violations")) == len(of.findings)
    assert Counter(row["metric_group"] for row in rows(of, "metrics"))["quality"] == told["quality"]
    judged = [row for row in rows(of, "drift_metrics") if row["distance"] is not None]
    assert len(judged) == told["drift"]


@pytest.mark.parametrize(
    "of",
    [facts(shift=50.0), quality_facts(120, 0), drawn_facts()],
    ids=["data", "quality", "others"],
)
def test_figures_come_back_as_they_were(of: Facts) -> None:
    assert as_drawn(figures_of(rows(of, "distributions"))) == as_drawn(of.figures)


@pytest.mark.parametrize("segment", ["carrier=AA, origin=B=C", "origin missing", "a=", "", None])
def test_segments_come_back_as_they_were(segment: str | None) -> None:
    assert segment_of(*slice_of(segment)) == segment
