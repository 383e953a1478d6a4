"""What the open library smclarify 0.5 was recorded to say, said again from counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.comparison.bias.flip import flip_test
from driftkit.comparison.bias.metrics import METRICS
from driftkit.comparison.bias.table import GroupTable, UndefinedMetricError
from driftkit.errors import DriftkitError
from driftkit.formats.fields import to_dict
from driftkit.monitors.bias.analysis import asked, report
from tests.states.groups.group_cases import Case, same

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.formats.analysis import FacetMetrics


def _recorded(golden: Callable[[str], Path], name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(golden(f"smclarify/{name}").read_text())["cases"]
    return cases


def _plain(value: Any) -> Any:
    return float(value) if value in ("inf", "-inf") else value


def test_random_tables(golden: Callable[[str], Path]) -> None:
    for case in _recorded(golden, "smclarify_fuzz_boolean.json"):
        table = _fuzz_table(case)
        for name, expected in case["expected"].items():
            actual = _value(name, table, case)
            if isinstance(expected, dict):
                assert f"ValueError: {actual}" == expected["error"], name
            else:
                assert same(actual, expected), (name, actual, expected)


def _fuzz_table(case: dict[str, Any]) -> GroupTable:
    groups = np.array(case["group"])
    counts = np.zeros((2, 2, 2, groups.max() + 1))
    np.add.at(counts, (case["facet"], case["label"], case["pred"], groups), 1)
    return GroupTable(
        counts=counts, weighted=np.ones(counts.shape[-1], dtype=bool), group_problem=None
    )


def _value(name: str, table: GroupTable, case: dict[str, Any]) -> float | str:
    try:
        if name == "FT":
            facet = np.array(case["facet"], dtype=bool)
            return flip_test(
                np.array(case["features"]), facet, np.array(case["pred"], dtype=bool)
            ).value
        return METRICS[name].value(table)
    except UndefinedMetricError as error:
        return str(error)


def _report_case(recorded: dict[str, Any]) -> Case:
    rows = [[_plain(value) for value in row] for row in recorded["rows"]]
    return Case(
        names=recorded["columns"],
        dtypes=recorded["dtypes"],
        rows=rows,
        facet=recorded["facet"],
        facet_values=recorded["facet_values"],
        label=recorded["label"],
        positives=recorded["positive_label_values"],
        prediction=recorded["predicted_label"],
        group=recorded["group"],
    )


def _reported(case: Case, stage: str, metrics: Any) -> tuple[FacetMetrics, ...]:
    reader = case.reader()
    wanted = "all" if metrics in (None, ["all"]) else tuple(metrics)
    found = report(reader, {stage: asked(stage, wanted)}, case.flip()).analysis.stage(stage)  # type: ignore[dict-item,arg-type]
    assert found is not None
    return found.facets[case.facet]


def test_report_cases(golden: Callable[[str], Path]) -> None:
    for recorded in _recorded(golden, "smclarify_report_edge_cases.json"):
        case = _report_case(recorded)
        _assert_report(case, recorded["stage"], None, recorded["report"], recorded["name"])
        if not isinstance(recorded.get("label_value_or_threshold"), dict):
            text = case.reader().outcomes.label_text
            assert text == recorded["label_value_or_threshold"], recorded["name"]


def _assert_report(case: Case, stage: str, metrics: Any, expected: Any, name: str) -> None:
    if isinstance(expected, dict):
        with pytest.raises(DriftkitError) as caught:
            _reported(case, stage, metrics)
        message = expected["error"].split(": ", 1)[1]
        assert message in caught.value.what, name
        return
    actual = [to_dict(each) for each in _reported(case, stage, metrics)]
    assert [each["value_or_threshold"] for each in actual] == [
        each["value_or_threshold"] for each in expected
    ], name
    for mine, theirs in zip(actual, expected, strict=True):
        for one, other in zip(mine["metrics"], theirs["metrics"], strict=True):
            assert list(one) == list(other), name
            assert one["description"] == other["description"], name
            assert one.get("error") == other.get("error"), name
            assert same(one["value"], other["value"]), (name, one, other)
