"""Laws of all three files: read and written back equal, unknown keys kept, errors with their place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from driftkit.errors import FormatError
from driftkit.formats.constraints import Constraints
from driftkit.formats.jackson import dumps, loads
from driftkit.formats.statistics import Statistics
from driftkit.formats.violations import NAME, Violation, Violations
from driftkit.formats.violations import read as read_violations
from tests.formats import documents
from tests.formats.documents import with_value, without


class OfViolations:
    """Reads violations of data quality as the other files are read."""

    @staticmethod
    def read(document: Any, where: str = NAME) -> Violations[Violation]:
        """The violations of a document."""
        return read_violations(document, Violation, where)


File = type[Statistics] | type[Constraints] | type[OfViolations]
FILES = [
    pytest.param(Statistics, documents.statistics, id="statistics"),
    pytest.param(Constraints, documents.constraints, id="constraints"),
    pytest.param(OfViolations, documents.violations, id="violations"),
]
each_file = pytest.mark.parametrize(("file", "document"), FILES)
Document = Callable[[], dict[str, Any]]


@each_file
def test_a_file_is_written_as_it_was_read(file: File, document: Document) -> None:
    text = dumps(document())

    assert dumps(file.read(loads(text, "x.json")).to_dict()) == text


@each_file
def test_unknown_keys_are_kept_in_every_object(file: File, document: Document) -> None:
    content = document()
    for number, item in enumerate(documents.every_object(content)):
        item[f"unknown{number}"] = {"of": ["another", number, 1.5, None]}

    assert file.read(content).to_dict() == content


@each_file
def test_the_order_of_keys_is_put_right(file: File, document: Document) -> None:
    read = file.read(documents.keys_reversed(document()))

    assert dumps(read.to_dict()) == dumps(document())


@each_file
def test_whole_numbers_may_stand_for_doubles(file: File, document: Document) -> None:
    read = file.read(documents.whole_numbers(document()))

    assert dumps(read.to_dict()) == dumps(document())


@each_file
def test_files_can_be_put_into_sets(file: File, document: Document) -> None:
    assert len({file.read(document()), file.read(document())}) == 1


@pytest.mark.parametrize(
    "path",
    [
        "version",
        "dataset",
        "dataset.item_count",
        "features",
        "features.0.name",
        "features.0.inferred_type",
        "features.0.numerical_statistics.common",
        "features.0.numerical_statistics.common.num_missing",
        "features.0.numerical_statistics.distribution.kll.buckets",
        "features.0.numerical_statistics.distribution.kll.buckets.0.count",
        "features.0.numerical_statistics.distribution.kll.sketch.data",
        "features.1.string_statistics.distribution.categorical.buckets.1.value",
    ],
)
def test_a_missing_key_of_statistics_is_named(path: str) -> None:
    with pytest.raises(FormatError) as caught:
        Statistics.read(without(documents.statistics(), path), "base/statistics.json")

    assert f"base/statistics.json: {_json_path(path)}" in str(caught.value)
    assert repr(path.rpartition(".")[2]) in str(caught.value)


@pytest.mark.parametrize(
    "path",
    ["version", "features", "features.1.name", "features.1.inferred_type", "monitoring_config"],
)
def test_a_missing_key_of_constraints_is_named(path: str) -> None:
    with pytest.raises(FormatError) as caught:
        Constraints.read(without(documents.constraints(), path), "base/constraints.json")

    assert f"base/constraints.json: {_json_path(path)}" in str(caught.value)


@pytest.mark.parametrize("key", ["feature_name", "constraint_check_type", "description"])
def test_a_missing_key_of_a_violation_is_named(key: str) -> None:
    with pytest.raises(FormatError, match=rf"violations\[0\].{key}"):
        OfViolations.read(without(documents.violations(), f"violations.0.{key}"))


@pytest.mark.parametrize(
    ("path", "value", "expected", "found"),
    [
        ("version", "1.0", "0.0", "'1.0'"),
        ("version", 1.0, "0.0", "1.0"),
        ("dataset", [], "an object", "an array of 0"),
        ("dataset.item_count", "4", "a whole number", "'4'"),
        ("dataset.item_count", 4.5, "a whole number", "4.5"),
        ("dataset.item_count", -1, "a whole number", "-1"),
        ("dataset.item_count", True, "a whole number", "true"),
        ("features", {}, "an array", "an empty object"),
        ("features.0", "age", "an object", "'age'"),
        ("features.1.name", 3, "text", "3"),
        ("features.0.inferred_type", "int", "Integral | Fractional", "'int'"),
        ("features.0.numerical_statistics.mean", "2", "a number", "'2'"),
        ("features.0.numerical_statistics.mean", False, "a number", "false"),
        ("features.0.numerical_statistics.mean", 10**400, "double precision", "1000"),
        ("features.0.numerical_statistics.completeness", 75, "a share", "75"),
        ("features.0.numerical_statistics.distribution.kll.sketch.data.0", 1.0, "an array", "1.0"),
        (
            "features.0.numerical_statistics.distribution.kll.sketch.data.1.0",
            None,
            "number",
            "null",
        ),
        ("features.1.string_statistics.common.num_present", None, "a whole number", "null"),
    ],
)
def test_a_wrong_value_in_statistics_is_named(
    path: str, value: object, expected: str, found: str
) -> None:
    with pytest.raises(FormatError) as caught:
        Statistics.read(with_value(documents.statistics(), path, value))

    _says(caught.value, _json_path(path), expected, found)


@pytest.mark.parametrize(
    ("path", "value", "expected", "found"),
    [
        ("features.0.completeness", "high", "a number", "'high'"),
        ("features.0.completeness", 100, "a share from 0.0 to 1.0", "100"),
        ("features.0.completeness", math.nan, "a share from 0.0 to 1.0", "nan"),
        ("features.0.num_constraints.is_non_negative", "yes", "true or false", "'yes'"),
        ("features.1.string_constraints.domains", "Bern", "an array", "'Bern'"),
        ("features.1.string_constraints.domains.1", 7, "text", "7"),
        ("monitoring_config.emit_metrics", "on", '"Enabled" or "Disabled"', "'on'"),
        ("monitoring_config.domain_content_threshold", 90, "a share", "90"),
        ("monitoring_config.distribution_constraints", None, None, None),
        (
            "monitoring_config.distribution_constraints.comparison_threshold",
            -1,
            "0.0 or more",
            "-1",
        ),
        (
            "monitoring_config.distribution_constraints.comparison_method",
            "Kolmogorov",
            "Simple | Robust",
            "'Kolmogorov'",
        ),
        (
            "monitoring_config.distribution_constraints.categorical_drift_method",
            "Index",
            "LInfinity | ChiSquared",
            "'Index'",
        ),
    ],
)
def test_a_wrong_value_in_constraints_is_named(
    path: str, value: object, expected: str | None, found: str | None
) -> None:
    document = with_value(documents.constraints(), path, value)
    if expected is None:
        assert Constraints.read(document).to_dict()["monitoring_config"]
        return

    with pytest.raises(FormatError) as caught:
        Constraints.read(document)

    _says(caught.value, _json_path(path), expected, str(found))


def test_an_error_names_the_feature_too() -> None:
    with pytest.raises(FormatError, match=r"features\[1\].completeness \(feature 'city'\)"):
        Constraints.read(with_value(documents.constraints(), "features.1.completeness", "x"))


@pytest.mark.parametrize(
    ("file", "document"),
    [(Statistics, documents.statistics), (Constraints, documents.constraints)],
)
def test_a_feature_that_is_named_twice_is_an_error(file: File, document: Document) -> None:
    with pytest.raises(FormatError, match=r"'age', already at features\[0\].name"):
        file.read(with_value(document(), "features.1.name", "age"))


@pytest.mark.parametrize(
    ("file", "document", "kind"),
    [
        (Constraints, {"version": 0.0, "regression_constraints": {}}, "model-quality constraints"),
        (
            Statistics,
            {"version": 0.0, "dataset": {}, "regression_metrics": {}},
            "model-quality stat",
        ),
        (Constraints, {"version": "1.0", "pre_training_bias_metrics": {}}, "a bias analysis"),
        (Constraints, {"version": "1.0", "explanations": {}}, "a feature attribution analysis"),
        (Constraints, documents.statistics(), "data-quality statistics"),
        (Statistics, documents.constraints(), "data-quality constraints"),
        (Statistics, documents.violations(), "data-quality violations"),
        (OfViolations, {"violations": [{"metric_name": "mae"}]}, "violations of another monitor"),
        (OfViolations, documents.constraints(), "data-quality constraints"),
        (Statistics, [1, 2], "an array of 2"),
    ],
)
def test_a_file_of_another_kind_is_named(file: File, document: Any, kind: str) -> None:
    with pytest.raises(FormatError, match="of another kind") as caught:
        file.read(document, "given.json")

    assert f"found: {kind}" in str(caught.value)


def _says(error: FormatError, path: str, expected: str, found: str) -> None:
    assert str(error.where).split(": ", 1)[1].startswith(path)
    assert expected in str(error.expected)
    assert found in str(error.found)


def _json_path(path: str) -> str:
    steps = (f"[{step}]" if step.isdigit() else f".{step}" for step in path.split("."))
    return "".join(steps).removeprefix(".")
