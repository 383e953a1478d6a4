"""The settings of a model-quality run, checked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.settings import Settings, names, refuse_unknown, shown, text, truth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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
        refuse_unknown(values, own | {each.name for each in fields(Settings)})
        common = {name: value for name, value in values.items() if name not in own}
        given = {name: values[name] for name in values if name in own and values[name] is not None}
        mine: dict[str, Any] = {}
        for name, value in given.items():
            check: Callable[[str, Any], Any] = _CHECKS.get(name, text)
            mine[name] = check(name, value)
        return cls(run=Settings.of(**common), **mine)


def _threshold(name: str, value: Any) -> float:
    try:
        threshold = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        threshold = -1.0
    if not 0.0 <= threshold <= 1.0:
        raise SettingsError(
            "the threshold is no probability",
            where=name,
            expected="a number from 0 to 1",
            found=shown(value),
            todo="Correct it",
        )
    return threshold


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    "probability_threshold_attribute": _threshold,
    "probability_labels": names,
    "together": truth,
    "violations_beyond_noise": truth,
}
