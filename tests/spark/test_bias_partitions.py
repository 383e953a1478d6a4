"""Bias counted by Spark: the recordings again, the rows split in 1, 2 and 17 partitions."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.formats.analysis import Analysis
from driftkit.monitors.bias import monitor as bias
from driftkit.states.groups.counts import total
from driftkit.states.groups.fold import count_chunk
from tests.monitors.bias.tables import configuration, flights_table
from tests.states.groups.group_cases import Case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession


pytestmark = pytest.mark.spark

PARTITIONS = (1, 2, 17)


def test_recordings_are_counted_the_same(
    golden: Callable[[str], Path], spark: SparkSession
) -> None:
    cases = [*_report_cases(golden), *_random_tables(golden)]
    # One job for all of them: parts of every table, counted by the workers.
    parts = [
        (case.plan(), case.chunk().slice(start, stop))
        for case in cases
        for partitions in PARTITIONS
        for start, stop in _bounds(len(case.rows), partitions)
    ]

    counted = iter(
        spark.sparkContext.parallelize(parts, 17).map(lambda part: count_chunk(*part)).collect()
    )

    for case in cases:
        whole = count_chunk(case.plan(), case.chunk())
        for partitions in PARTITIONS:
            states = [next(counted) for _ in range(partitions)]
            assert total(case.plan(), states) == whole


def _bounds(rows: int, partitions: int) -> list[tuple[int, int]]:
    cuts = [rows * part // partitions for part in range(partitions + 1)]
    return list(pairwise(cuts))


def _report_cases(golden: Callable[[str], Path]) -> list[Case]:
    text = golden("smclarify/smclarify_report_edge_cases.json").read_text()
    return [_report_case(recorded) for recorded in json.loads(text)["cases"]]


def _report_case(recorded: dict[str, Any]) -> Case:
    return Case(
        names=recorded["columns"],
        dtypes=recorded["dtypes"],
        rows=recorded["rows"],
        facet=recorded["facet"],
        facet_values=recorded["facet_values"],
        label=recorded["label"],
        positives=recorded["positive_label_values"],
        prediction=recorded["predicted_label"],
        group=recorded["group"],
    )


def _random_tables(golden: Callable[[str], Path]) -> list[Case]:
    text = golden("smclarify/smclarify_fuzz_boolean.json").read_text()
    return [
        Case(
            names=("facet", "label", "pred", "group"),
            dtypes=("int64",) * 4,
            rows=[
                *zip(*(recorded[name] for name in ("facet", "label", "pred", "group")), strict=True)
            ],
            facet="facet",
            facet_values=[1],
            label="label",
            positives=[1],
            prediction="pred",
            group="group",
        )
        for recorded in json.loads(text)["cases"]
    ]


@pytest.mark.parametrize("partitions", PARTITIONS)
def test_monitor_on_a_data_frame(
    golden: Callable[[str], Path], spark: SparkSession, partitions: int
) -> None:
    adult = json.loads(golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text())
    runs = json.loads(golden("adult-clarify/aws_clarify_bias_monitor_runs.json").read_text())
    run = runs["batch_json_2024"]
    window = adult["monitored_window"]
    schema = ", ".join(f"`{name}` long" for name in window["columns"])
    rows = spark.sparkContext.parallelize([tuple(row) for row in window["data"]], partitions)
    config = {
        "label": "Target",
        "label_values_or_threshold": [1],
        "predicted_label": "pred",
        "facet": [{"name_or_index": "Sex", "value_or_threshold": [0]}],
        "group_variable": "Age",
    }
    normal = bias.BiasBaseline(analysis=Analysis.read(run["baseline_analysis_json"]))

    result = bias.monitor(
        spark.createDataFrame(rows, schema), normal, analysis_config=config, dialect="aws"
    )

    expected = run["constraint_violations_json"]["violations"]
    found = result.files["constraint_violations.json"]["violations"]
    assert [each["metric_name"] for each in found] == [each["metric_name"] for each in expected]
    assert result.run is not None
    assert "Spark" in result.run.engine


def test_states_of_a_data_frame_are_those_of_its_rows(spark: SparkSession) -> None:
    table = flights_table(600)
    config = configuration(methods={"pre_training_bias": {}})
    frames = [spark.createDataFrame(part).repartition(3) for part in (table[:400], table[400:])]
    normal = bias.baseline(table, analysis_config=config, runner="local")

    month = bias.combine(*(bias.states(frame, analysis_config=config) for frame in frames))
    kept = bias.monitor(frames[0], normal, analysis_config=config, keep_states=True)

    local = bias.states(table, analysis_config=config, runner="local")
    assert [dict(each) for each in month.state.tables] == [
        dict(each) for each in local.state.tables
    ]
    found = bias.monitor(month, normal, analysis_config=config)
    assert found.files["analysis.json"] == normal.files["analysis.json"]
    assert found.violations == ()
    assert kept.states is not None
    assert kept.states.state.rows == 400
