"""Every call that smclarify's own unit tests make, answered by driftkit."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.comparison.bias import performance
from driftkit.comparison.bias import pretraining as pre
from driftkit.comparison.bias.flip import flip_test
from driftkit.comparison.bias.metrics import METRICS
from driftkit.comparison.bias.table import GroupTable, UndefinedMetricError
from driftkit.comparison.divergences import js_of, kl_of
from driftkit.dialects import AWS
from driftkit.errors import DriftkitError
from driftkit.formats.fields import to_dict
from driftkit.monitors.bias.analysis import asked, basic_statistics, performance_report, report
from driftkit.states.groups.columns import GroupColumn
from driftkit.states.groups.flip import NOT_NUMERIC
from driftkit.states.groups.fold import code
from driftkit.states.groups.types import converted, typed
from tests.comparison.bias.tables import single
from tests.states.groups.group_cases import TYPES, Case, column_of, same

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.states.groups.types import TypedColumn

# Arguments that driftkit's functions do not have: a stage of the wrong type, positive values of
# the predictions, a facet column by a wrong name (see tests/monitors), no positive values at all
# (see tests/formats), predictions forgotten (test_facet_outcomes.py).
NO_COUNTERPART = (
    "stage_type should be",
    "Positive predicted label values or threshold should be",
    "Facet column z is not present",
    "Positive label values or thresholds are empty",
    "predicted_label_column has to be provided",
)
SHARES = {"KL": kl_of, "JS": js_of, "LP": pre.lp_of, "KS": pre.ks_of}
# smclarify's function -> the figure of the report.
FIGURES = {
    "accuracy": "Accuracy",
    "PPL": "Proportion of Positive Predictions in Labels",
    "PNL": "Proportion of Negative Predictions in Labels",
    "recall": "True Positive Rate / Recall",
    "specificity": "True Negative Rate / Specificity",
    "precision": "Acceptance Rate / Precision",
    "rejection_rate": "Rejection Rate",
    "conditional_acceptance": "Conditional Acceptance",
    "conditional_rejection": "Conditional Rejection",
    "f1_score": "F1 Score",
}


def test_every_call(golden: Callable[[str], Path]) -> None:
    text = golden("smclarify/smclarify_unit_tests.json").read_text()
    answered: Counter[str] = Counter()
    for call in json.loads(text)["cases"]:
        raised = call.get("raises", {}).get("message")
        if (raised or "").startswith(NO_COUNTERPART) or _without_index(call["args"]):
            continue
        answer = _answer(call["function"], call["args"])
        assert same(answer, raised or call["result"]), (call["test"], call["function"], answer)
        answered[call["function"]] += 1
    assert answered.total() == 150


def _without_index(arguments: dict[str, Any]) -> bool:
    """Whether columns of different lengths were recorded without the rows that they belong to."""
    lengths = {len(each["values"]) for each in arguments.values() if _is_column(each)}
    return len(lengths) > 1


def _is_column(argument: Any) -> bool:
    return isinstance(argument, dict) and "values" in argument


def _answer(function: str, arguments: dict[str, Any]) -> Any:
    kind, _, name = function.rpartition(".")
    answers: dict[str, Callable[[str, dict[str, Any]], Any]] = {
        "": _metric,
        "basic_stats": _statistic,
        "common": _typing,
        "report": _report,
    }
    try:
        return answers[kind](name, arguments)
    except UndefinedMetricError as error:
        return str(error)
    except DriftkitError as error:
        return error.what


def _bits(arguments: dict[str, Any], name: str) -> Any:
    return np.array(arguments[name]["values"], dtype=bool) if name in arguments else None


def _table(arguments: dict[str, Any]) -> GroupTable:
    label = _bits(arguments, "positive_label_index")
    prediction = _bits(arguments, "positive_predicted_label_index")
    rows = len(label if label is not None else prediction if prediction is not None else ())
    facet = _bits(arguments, "sensitive_facet_index")
    facet = np.zeros(rows, dtype=bool) if facet is None else facet
    if "group_variable" not in arguments:
        return single(facet, label, prediction)
    groups = np.unique(arguments["group_variable"]["values"], return_inverse=True)[1]
    counts = np.zeros((2, 2, 2, groups.max() + 1))
    outcome = (np.zeros_like(facet) if each is None else each for each in (label, prediction))
    np.add.at(counts, tuple(each.astype(int) for each in (facet, *outcome, groups)), 1)
    weighted = np.ones(counts.shape[-1], dtype=bool)
    return GroupTable(counts=counts, weighted=weighted, group_problem=None)


def _metric(name: str, arguments: dict[str, Any]) -> Any:
    if name == "FT":
        table = arguments["df"]
        if "object" in table["dtypes"]:
            return NOT_NUMERIC
        facet = _bits(arguments, "sensitive_facet_index")
        positive = _bits(arguments, "positive_predicted_label_index")
        return flip_test(np.array(table["rows"]), facet, positive).value
    if name in SHARES:
        return _distance(name, arguments)
    return METRICS[name].value(_table(arguments))


def _distance(name: str, arguments: dict[str, Any]) -> Any:
    labels = np.unique(arguments["label"]["values"], return_inverse=True)[1]
    facet = _bits(arguments, "sensitive_facet_index")
    counts = np.array(
        [np.bincount(labels[side], minlength=labels.max() + 1) for side in (~facet, facet)]
    )
    if not (counts > 0).all(axis=0).any():
        return "No instance of common facet found, dataset may be too small"
    return float(SHARES[name](*pre.shares_of(counts.astype(float))))


def _statistic(name: str, arguments: dict[str, Any]) -> Any:
    if name in FIGURES:
        quadrants = dict.fromkeys(("tp", "fp", "fn", "tn"), 0.0)
        quadrants.update({key.lower(): float(value) for key, value in arguments.items()})
        figures = performance.performance(performance.Quadrants(**quadrants))
        return next(each["value"] for each in figures if each["name"] == FIGURES[name])
    if name == "multicategory_confusion_matrix":
        return _confusion(arguments)
    statistics = performance.group_statistics(_table(arguments), predicted=True)
    return next(each["value"] for each in statistics if each["name"] == name)


def _confusion(arguments: dict[str, Any]) -> Any:
    label, prediction = arguments["label_series"], arguments["predicted_label_series"]
    rows = list(zip(label["values"], label["values"], prediction["values"], strict=True))
    case = Case(
        names=("facet", "label", "prediction"),
        # As smclarify's own reports do, which make categories of categorical labels first.
        dtypes=("category", "category", "category"),
        rows=rows,
        facet="facet",
        facet_values=None,
        label="label",
        positives=[label["values"][0]],
        prediction="prediction",
    )
    return case.reader().outcomes.confusion()


def _typed(series: dict[str, Any], given: Any) -> TypedColumn:
    dtype = series["dtype"]
    column = GroupColumn(
        name="series",
        index=0,
        declared=TYPES.get(dtype, (None, None))[0],
        category=dtype == "category",
    )
    return typed(code(column, column_of(dtype, series["values"])).facts, given, AWS)


def _typing(name: str, arguments: dict[str, Any]) -> Any:
    if name == "calc_confusion_matrix_quadrants":
        label = _bits(arguments, "positive_label_index")
        prediction = _bits(arguments, "positive_predicted_label_index")
        cells = single(np.ones(len(label), dtype=bool), label, prediction).cells()[1]
        return [cells[1, 1], cells[0, 0], cells[0, 1], cells[1, 0]]
    series = arguments["series"]
    if name == "convert_positive_label_values":
        column = _typed(series, arguments["positive_label_values"])
        return list(converted(column, series["values"][0]))
    column = _typed(series, arguments["values"])
    scale = f"DataType.{column.scale}"
    if name == "series_datatype":
        return scale
    values = (
        list(map(int, series["values"]))
        if scale.endswith("NUOUS") and column.dtype == "object"
        else series["values"]
    )
    dtype = "category" if scale.endswith("ICAL") else type(values[0]).__name__ + "64"
    return [scale, {"dtype": dtype, "name": series["name"], "values": values}]


def _report(name: str, arguments: dict[str, Any]) -> Any:
    if name == "label_value_or_threshold":
        series = arguments["label_series"]
        return _case(series, series, [arguments["positive_values"]]).reader().outcomes.label_text
    stage = arguments.get("stage_type", "post_training")
    case = _report_case(arguments)
    reader = case.reader()
    if name == "bias_report":
        wanted = arguments.get("metrics", ["all"])
        names = asked(stage, "all" if wanted == ["all"] else tuple(wanted))
        found = report(reader, {stage: names}, case.flip()).analysis.stage(stage)
        assert found is not None
        return [to_dict(each) for each in found.facets[case.facet]]
    groups = reader.groups(0, predicted=stage == "post_training")
    if name == "model_performance_report":
        return performance_report(reader, groups[0])
    return basic_statistics({"x": groups}, predicted=stage == "post_training")["x"]


def _case(facet: dict[str, Any], label: dict[str, Any], positives: Any) -> Case:
    return Case(
        names=("facet", "label"),
        dtypes=(facet["dtype"], label["dtype"]),
        rows=list(zip(facet["values"], label["values"], strict=True)),
        facet="facet",
        facet_values=None,
        label="label",
        positives=positives[0],
    )


def _report_case(arguments: dict[str, Any]) -> Case:
    table, label = arguments["df"], arguments["label_column"]
    facet = arguments.get("facet_column", {"name": "x", "sensitive_values": [0]})
    names, dtypes = list(table["columns"]), list(table["dtypes"])
    rows = [list(row) for row in table["rows"]]
    given = {"group": arguments.get("group_variable"), "label": label["series"]}
    given["prediction"] = arguments.get("predicted_label_column", {}).get("series")
    roles = {}
    for role, series in given.items():
        roles[role] = None if series is None else series["name"]
        if series is not None and series["name"] not in names:
            names.append(series["name"])
            dtypes.append(series["dtype"])
            rows = [[*row, value] for row, value in zip(rows, series["values"], strict=True)]
    return Case(
        names=names,
        dtypes=dtypes,
        rows=rows,
        facet=facet["name"],
        facet_values=facet["sensitive_values"],
        label=label["series"]["name"],
        positives=label["positive_label_values"],
        prediction=roles["prediction"],
        group=roles["group"],
    )
