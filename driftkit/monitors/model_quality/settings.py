"""The settings of a model-quality run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from driftkit.settings import CommonKeywords, PartitionKeywords, SelectionKeywords, Settings, checks
from driftkit.settings.declaring import Option, from_keywords, part, setting

_JUDGING = "How it is judged"


def _threshold(name: str, value: Any) -> float:
    try:
        threshold = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        threshold = -1.0
    if not 0.0 <= threshold <= 1.0:
        raise checks.wrong("the threshold is no probability", name, "a number from 0 to 1", value)
    return threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySettings:
    """How a model-quality run reads, judges and compares.

    Attributes are named in tables by column name or index, in JSON by JMESPath, in captured CSV
    by place. A monitoring run takes the baseline's problem type. Columns that are chosen or left out
    are inputs of a regression, by which the baseline expects errors.
    """

    problem_type: str | None = setting(
        None,
        checks.text,
        "BinaryClassification, MulticlassClassification or Regression.",
        Option(_JUDGING, "TYPE"),
    )
    inference_attribute: str | None = setting(
        None,
        checks.text,
        "The prediction: a column's name or index, a JMESPath in JSON.",
        Option(_JUDGING, "ATTRIBUTE"),
    )
    ground_truth_attribute: str | None = setting(
        None,
        checks.text,
        "The label; in merged captures the only value of the ground truth.",
        Option(_JUDGING, "ATTRIBUTE"),
    )
    probability_attribute: str | None = setting(
        None,
        checks.text,
        "The probability of the positive label, or a list of one for each label.",
        Option(_JUDGING, "ATTRIBUTE"),
    )
    probability_threshold_attribute: float = setting(
        0.5,
        _threshold,
        "A probability strictly above it predicts the positive label.",
        Option(_JUDGING, "SHARE"),
    )
    positive_label: str | None = setting(
        None,
        checks.text,
        "The label that is looked for; 1 or true where it is not named.",
        Option(_JUDGING, "LABEL"),
    )
    probability_labels: tuple[str, ...] = setting(
        (),
        checks.names,
        "The labels that a list of probabilities is about, in its order.",
        Option(_JUDGING, "A,B,C"),
    )
    model: str | None = setting(
        None,
        checks.text,
        "The only model that is judged, where rows are of several, as those of a multi-model endpoint.",
        Option(_JUDGING, "NAME"),
    )
    model_by: str = setting(
        "model",
        checks.text,
        "Where rows say of which model they are: a column; attribute:KEY of what callers gave; "
        "field:JMESPATH of the payload. A plain name is an attribute, else a field.",
        Option(_JUDGING, "SOURCE"),
    )
    violations_beyond_noise: bool = setting(
        False,
        checks.truth,
        "Report only falls that chance hardly explains (95 % intervals).",
        Option(_JUDGING),
    )
    beyond_noise: tuple[str, ...] = setting(
        (),
        checks.different,
        "Of these metrics, or patterns of them, report only falls that chance hardly explains.",
        Option(_JUDGING, "METRIC[,METRIC]"),
    )
    run: Settings = part(Settings, "selection", "read", "window", "compute", "grading", "partition")

    @classmethod
    def from_keywords(cls, **values: Unpack[ModelQualityKeywords]) -> QualitySettings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)


class ModelQualityKeywords(CommonKeywords, PartitionKeywords, SelectionKeywords, total=False):
    """What users may write for `QualitySettings`."""

    problem_type: str | None
    inference_attribute: str | int | None
    ground_truth_attribute: str | int | None
    probability_attribute: str | int | None
    probability_threshold_attribute: float | None
    positive_label: str | float | None
    probability_labels: str | Sequence[str] | None
    model: str | None
    model_by: str
    violations_beyond_noise: bool
    beyond_noise: str | Sequence[str] | None
