"""The model-quality monitor on tables and merged captures, and what it says of bad input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.formats.model_quality.problems import ROC
from driftkit.monitors.model_quality.monitor import ModelBaseline, ModelResult
from tests.monitors.merging import capture, put

if TYPE_CHECKING:
    from pathlib import Path

HOUR = "2024/03/18/15"
BINARY: dict[str, Any] = {"problem_type": "BinaryClassification"}


def _table(right: int, wrong: int) -> dict[str, list[Any]]:
    """As many positives as negatives, each predicted with a clear probability."""
    rows = [(1, 0.9)] * right + [(0, 0.1)] * right + [(1, 0.2)] * wrong + [(0, 0.8)] * wrong
    return {"label": [row[0] for row in rows], "probability": [row[1] for row in rows]}


@pytest.fixture
def normal() -> ModelBaseline:
    return driftkit.model_quality.baseline(
        _table(900, 100), probability_attribute="probability", **BINARY
    )


def test_a_worse_window_is_named(normal: ModelBaseline) -> None:
    result = driftkit.model_quality.monitor(
        _table(700, 300), normal, probability_attribute="probability"
    )

    names = {violation.metric_name for violation in result.violations}
    assert names == {
        *("recall", "precision", "accuracy", "auc", "f0_5", "f1", "f2"),
        *("truePositiveRate", "trueNegativeRate", "falsePositiveRate", "falseNegativeRate"),
    }
    assert all(judgement.beyond_noise for judgement in result.judgements)


@pytest.mark.parametrize(
    ("asked", "quiet"),
    [
        ({"violations_beyond_noise": True}, ""),
        ({"beyond_noise": ["*"]}, ""),
        ({"beyond_noise": "rec*, precision"}, "recall precision"),
    ],
)
def test_a_little_worse_may_be_noise(
    asked: dict[str, Any], quiet: str, normal: ModelBaseline
) -> None:
    window = _table(89, 11)
    of: dict[str, Any] = {"probability_attribute": "probability"}

    every = driftkit.model_quality.monitor(window, normal, **of)
    beyond = driftkit.model_quality.monitor(window, normal, **of, **asked)

    names = {each.metric_name for each in every.violations}
    assert {"recall", "precision"} < names
    told = {each.metric_name for each in beyond.violations}
    assert told == (names - set(quiet.split()) if quiet else set())


def test_the_same_rows_are_no_violation_whatever_their_order(normal: ModelBaseline) -> None:
    table = _table(900, 100)
    turned = {name: values[::-1] for name, values in table.items()}

    result = driftkit.model_quality.monitor(turned, normal, probability_attribute="probability")

    assert result.violations == ()


def test_files_are_read_back(tmp_path: Path, normal: ModelBaseline) -> None:
    normal.write(tmp_path / "baseline")
    read = ModelBaseline.read(tmp_path / "baseline")
    result = driftkit.model_quality.monitor(
        _table(5, 5), read, probability_attribute="probability", start="2024-01-01"
    )
    result.write(tmp_path / "report")

    again = ModelResult.read(tmp_path / "report")

    assert read.constraints == normal.constraints
    assert again.violations == result.violations
    assert again.statistics.start_time == "2024-01-01T00:00:00Z"
    assert set(again.files) == {
        *("statistics.json", "constraints.json", "constraint_violations.json")
    }


def test_compare_needs_files_only(tmp_path: Path, normal: ModelBaseline) -> None:
    window = driftkit.model_quality.monitor(
        _table(60, 40), normal, probability_attribute="probability"
    )
    window.write(tmp_path)

    result = driftkit.model_quality.compare(ModelResult.read(tmp_path).statistics, normal)

    assert result.violations == window.violations
    verdicts = {judgement.metric: judgement.beyond_noise for judgement in result.judgements}
    assert verdicts["auc"] is True


def test_a_threshold_is_strict() -> None:
    table = {"label": [1, 0], "p": [0.5, 0.5]}

    found = driftkit.model_quality.baseline(table, probability_attribute="p", **BINARY).statistics

    assert found is not None
    assert found.matrix == {"0": {"0": 1, "1": 0}, "1": {"0": 1, "1": 0}}


@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        (["1", "0"], [1.0, 0.0]),
        ([1, 0], ["1.0", "0"]),
        ([True, False], [1, 0]),
        ([1, 0], ["true", "False"]),
    ],
)
def test_the_same_label_in_two_spellings(labels: list[Any], predictions: list[Any]) -> None:
    table = {"label": labels, "prediction": predictions}

    found = driftkit.model_quality.baseline(
        table, inference_attribute="prediction", **BINARY
    ).statistics

    assert found is not None
    assert found.metrics["accuracy"].value == 1.0


def test_labels_of_another_kind_are_an_error() -> None:
    table = {"label": ["yes", "no"], "prediction": [1, 0]}

    with pytest.raises(InputError, match=r"different kinds.*'no', 'yes'.*'0', '1'"):
        driftkit.model_quality.baseline(table, inference_attribute="prediction", **BINARY)


def test_the_positive_label_must_be_named_where_it_is_not_obvious() -> None:
    table = {"label": ["yes", "no", "yes"], "prediction": ["yes", "no", "no"]}
    asked: dict[str, Any] = {"inference_attribute": "prediction", **BINARY}

    with pytest.raises(SettingsError, match="--positive-label"):
        driftkit.model_quality.baseline(table, **asked)
    found = driftkit.model_quality.baseline(table, positive_label="yes", **asked).statistics

    assert found is not None
    assert found.metrics["recall"].value == 0.5


def test_an_attribute_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(InputError, match=r"no column 'score'.*'label', 'probability'"):
        driftkit.model_quality.baseline(_table(2, 1), probability_attribute="score", **BINARY)


def test_probabilities_outside_of_0_and_1_are_set_aside() -> None:
    table = {"label": [1, 0, 1, 0], "p": [0.9, 0.1, 1.5, 0.4]}

    run = driftkit.model_quality.baseline(table, probability_attribute="p", **BINARY).run

    assert run is not None
    assert run.rejected.counts == {"with a probability that is not a number from 0 to 1": 1}


def test_logits_are_an_error() -> None:
    table = {"label": [1, 0, 1, 0], "p": [2.9, -3.1, 1.5, -0.4]}

    with pytest.raises(InputError, match="a probability that is not a number from 0 to 1"):
        driftkit.model_quality.baseline(table, probability_attribute="p", **BINARY)


def test_more_than_two_labels_are_not_binary() -> None:
    table = {"label": [0, 1, 2], "prediction": [0, 1, 2]}

    with pytest.raises(InputError, match="MulticlassClassification"):
        driftkit.model_quality.baseline(table, inference_attribute="prediction", **BINARY)


def test_classes_without_number_are_a_regression() -> None:
    table = {"label": [i / 7 for i in range(5_000)], "prediction": [0.5] * 5_000}

    with pytest.raises(InputError, match="too many classes"):
        driftkit.model_quality.baseline(
            table, inference_attribute="prediction", problem_type="multiclass"
        )


def test_lists_of_probabilities_need_their_labels() -> None:
    table = {"label": ["a", "c"], "p": ["[0.7, 0.2, 0.1]", "[0.1, 0.3, 0.6]"]}
    asked: dict[str, Any] = {"probability_attribute": "p", "problem_type": "multiclass"}

    with pytest.raises(SettingsError, match="--probability-labels"):
        driftkit.model_quality.baseline(table, **asked)
    found = driftkit.model_quality.baseline(table, probability_labels="a,b,c", **asked).statistics

    assert found is not None
    assert found.metrics["accuracy"].value == 1.0


def test_a_window_whose_labels_have_not_come_says_so(tmp_path: Path) -> None:
    path = tmp_path / "window.csv"
    path.write_text("label,p\n,a\n,b\n")

    with pytest.raises(
        InputError, match=r"no label has come yet .*2 rows without a label"
    ) as ended:
        driftkit.model_quality.baseline(path, inference_attribute="p", **BINARY)

    assert "driftkit model-quality estimate" in str(ended.value)


def test_nested_columns_say_how_to_write_them() -> None:
    table = {"label": ["a", "b"], "p": [[0.7, 0.3], [0.4, 0.6]]}

    with pytest.raises(InputError, match=r"'p' cannot be read.*as JSON text"):
        driftkit.model_quality.baseline(table, probability_attribute="p", **BINARY)


def _merged(tmp_path: Path, records: list[dict[str, Any]], variant: str = "AllTraffic") -> Path:
    put(tmp_path / "merged" / "churn" / variant, HOUR, records)
    return tmp_path / "merged"


def _record(truth: Any, output: str, *, encoding: str = "CSV") -> dict[str, Any]:
    record = capture("e", output=output)
    record["captureData"]["endpointOutput"]["encoding"] = encoding
    truth_encoding = "CSV" if isinstance(truth, str) and "{" not in truth else "JSON"
    return {**record, "groundTruthData": {"data": truth, "encoding": truth_encoding}}


@pytest.mark.parametrize(
    ("truth", "output", "encoding", "attributes"),
    [
        ("1", "0.9\n", "CSV", {"probability_attribute": "0"}),
        ("1", "1,0.9", "CSV", {"inference_attribute": "0", "probability_attribute": "1"}),
        ('{"label": 1}', '{"p": 0.9}', "JSON", {"probability_attribute": "p"}),
        ('{"label": 1}', '{"a": [{"p": 0.9}]}', "JSON", {"probability_attribute": "a[0].p"}),
        ("1\n0", "0.9\n0.2\n", "CSV", {"probability_attribute": "0"}),
        ("1,0", "0.9\n0.2\n", "CSV", {"probability_attribute": "0"}),
        (
            '{"instances": [{"label": 1}, {"label": 0}]}',
            '{"predictions": [{"score": 0.9}, {"score": 0.1}]}',
            "JSON",
            {"probability_attribute": "predictions[*].score"},
        ),
        (
            '{"y": [1, 0]}',
            '{"predictions": [[0.1, 0.9], [0.8, 0.2]]}',
            "JSON",
            {"probability_attribute": "predictions", "probability_labels": "0,1"},
        ),
    ],
)
def test_merged_captures_in_many_layouts(
    tmp_path: Path, truth: str, output: str, encoding: str, attributes: dict[str, Any]
) -> None:
    merged = _merged(tmp_path, [_record(truth, output, encoding=encoding)])

    found = driftkit.model_quality.baseline(merged, **attributes, **BINARY).statistics

    assert found is not None
    assert found.metrics["accuracy"].value == 1.0
    assert ROC in found.curves


def test_records_that_cannot_be_judged_are_named(tmp_path: Path, normal: ModelBaseline) -> None:
    merged = _merged(tmp_path, [_record("1", "0.9")] * 5)
    bad = merged / "churn" / "AllTraffic" / HOUR / "z.jsonl"
    unlabelled = json.dumps(capture("x"))
    bad.write_text(f"{json.dumps(_record('1', '0.8'))}\nnot JSON\n{unlabelled}\n")

    result = driftkit.model_quality.monitor(merged, normal, probability_attribute="0")

    assert result.run is not None
    rejected = result.run.rejected
    assert rejected.counts == {"not JSON": 1, "without ground truth": 1}
    assert any(example.startswith(f"{bad}:2") for example in rejected.examples)


def test_an_attribute_that_no_record_has_shows_a_record(tmp_path: Path) -> None:
    merged = _merged(tmp_path, [_record('{"y": 1}', '{"score": 0.9}', encoding="JSON")])

    with pytest.raises(InputError, match=r"the attributes are not found.*score"):
        driftkit.model_quality.baseline(merged, probability_attribute="p", **BINARY)


def test_two_variants_are_two_models(tmp_path: Path, normal: ModelBaseline) -> None:
    _merged(tmp_path, [_record("1", "0.9")], "blue")
    merged = _merged(tmp_path, [_record("1", "0.1")], "green")
    asked: dict[str, Any] = {"probability_attribute": "0"}

    with pytest.raises(InputError, match=r"churn/blue, churn/green"):
        driftkit.model_quality.monitor(merged, normal, **asked)
    blue = driftkit.model_quality.monitor(merged, normal, variant="blue", **asked)
    both = driftkit.model_quality.monitor(merged, normal, together=True, **asked)

    assert blue.statistics.metrics["accuracy"].value == 1.0
    assert both.statistics.metrics["accuracy"].value == 0.5


def test_another_problem_than_the_baselines(normal: ModelBaseline) -> None:
    with pytest.raises(SettingsError, match="another problem"):
        driftkit.model_quality.monitor(
            _table(3, 1), normal, probability_attribute="probability", problem_type="Regression"
        )


def test_a_data_quality_baseline_is_told_apart(tmp_path: Path) -> None:
    driftkit.data_quality.baseline({"a": [1, 2]}).write(tmp_path)

    with pytest.raises(FormatError, match="of another kind"):
        ModelBaseline.read(tmp_path)


@pytest.mark.parametrize("threshold", [1.5, "much"])
def test_a_threshold_is_a_probability(threshold: Any) -> None:
    with pytest.raises(SettingsError, match="the threshold is no probability"):
        driftkit.model_quality.baseline(
            _table(1, 1), probability_threshold_attribute=threshold, **BINARY
        )


def test_an_unknown_problem_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"BinaryClassification \| Multiclass"):
        driftkit.model_quality.baseline(_table(1, 1), problem_type="ranking")
