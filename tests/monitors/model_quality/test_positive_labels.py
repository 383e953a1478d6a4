"""A positive label that is misspelt is an error; one that a window merely lacks is none."""

from __future__ import annotations

from typing import Any

import pytest

import driftkit
from driftkit.errors import SettingsError

BINARY: dict[str, Any] = {"problem_type": "BinaryClassification"}


def _words(actual: list[str], predicted: list[str]) -> dict[str, Any]:
    return {"label": actual * 50, "prediction": predicted * 50}


ASKED: dict[str, Any] = {"inference_attribute": "prediction", "ground_truth_attribute": "label"}


@pytest.mark.parametrize("words", [["no", "yes"], ["no", "no"]])
@pytest.mark.parametrize("asked", ["Yes", "yess", "1"])
def test_a_misspelt_positive_label_is_an_error_that_lists_the_labels(
    words: list[str], asked: str
) -> None:
    with pytest.raises(SettingsError, match=r"positive label does not occur") as caught:
        driftkit.model_quality.baseline(
            _words(words, words), positive_label=asked, **ASKED, **BINARY
        )

    assert "'no'" in (caught.value.expected or "")


@pytest.mark.parametrize(("label", "opposite"), [(0, "1"), ("false", "true"), (False, True)])
def test_the_opposite_of_the_only_label_is_no_misspelling(label: Any, opposite: Any) -> None:
    data = {"label": [label] * 50, "prediction": [label] * 50}

    found = driftkit.model_quality.baseline(data, positive_label=opposite, **ASKED, **BINARY)

    assert found.statistics is not None


def test_a_window_without_positives_is_judged_by_the_baselines_labels() -> None:
    words = _words(["no", "yes"], ["no", "yes"])
    normal = driftkit.model_quality.baseline(words, positive_label="yes", **ASKED, **BINARY)
    window = _words(["no", "no"], ["no", "no"])

    found = driftkit.model_quality.monitor(window, normal, positive_label="yes", **ASKED)

    assert found.statistics.matrix is not None
    with pytest.raises(SettingsError, match=r"positive label does not occur.*'no', 'yes'"):
        driftkit.model_quality.monitor(window, normal, positive_label="yess", **ASKED)


def test_aws_lets_a_positive_label_pass_that_does_not_occur() -> None:
    words = _words(["no", "no"], ["no", "no"])

    found = driftkit.model_quality.baseline(
        words, positive_label="yess", dialect="aws", **ASKED, **BINARY
    )

    assert found.statistics is not None
