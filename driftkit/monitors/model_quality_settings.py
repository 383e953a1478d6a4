"""The settings of a model-quality run, checked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from driftkit.errors import SettingsError
from driftkit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySettings:
    """How a model-quality run reads, judges and compares.

    Attributes are named in tables by column name or index, in JSON by JMESPath, in captured CSV
    by place.

    Attributes:
        run: what all monitors have in common (format, dialect, runner, window, ...).
        problem_type: BinaryClassification, MulticlassClassification or Regression; a monitoring
            run takes the baseline's.
        inference_attribute: the prediction.
        ground_truth_attribute: the label.
        probability_attribute: the probability of the positive label, or of every label.
        probability_threshold_attribute: a probability strictly above it predicts the positive
            label, where there is no inference attribute.
        positive_label: the label that is looked for; 1 or true where it is not named.
        probability_labels: the labels that a list of probabilities is about.
        violations_beyond_noise: whether only falls that chance hardly explains are violations.
    """

    run: Settings = field(default_factory=Settings)
    problem_type: str | None = None
    inference_attribute: str | None = None
    ground_truth_attribute: str | None = None
    probability_attribute: str | None = None
    probability_threshold_attribute: float = 0.5
    positive_label: str | None = None
    probability_labels: tuple[str, ...] = ()
    violations_beyond_noise: bool = False

    @classmethod
    def of(cls, **values: Any) -> QualitySettings:
        """Settings from keywords, those of all monitors and those of this one.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        own = {each.name for each in fields(cls)} - {"run"}
        mine = {name: value for name, value in values.items() if name in own}
        common = {name: value for name, value in values.items() if name not in own}
        for name in ("inference_attribute", "ground_truth_attribute", "probability_attribute"):
            mine[name] = None if mine.get(name) is None else str(mine[name])
        if mine.get("positive_label") is not None:
            mine["positive_label"] = str(mine["positive_label"])
        mine["probability_labels"] = _labels(mine.get("probability_labels"))
        mine["probability_threshold_attribute"] = _threshold(
            mine.get("probability_threshold_attribute")
        )
        return cls(run=Settings.of(**common), **mine)


def _labels(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(str(part).strip() for part in parts)


def _threshold(value: Any) -> float:
    if value is None:
        return 0.5
    try:
        threshold = float(value)
    except (TypeError, ValueError):
        threshold = -1.0
    if not 0.0 <= threshold <= 1.0:
        raise SettingsError(
            "the threshold is no probability",
            where="probability_threshold_attribute",
            expected="a number from 0 to 1",
            found=repr(value),
            todo="Correct it",
        )
    return threshold
