"""The settings of `evaluate`: where rewards and propensities are, and how estimates are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from driftkit.monitors.deployment.said import ABOVE_ZERO
from driftkit.monitors.deployment.settings import DeploymentSettings, RowKeywords
from driftkit.settings import Settings, checks
from driftkit.settings.declaring import Option, from_keywords, part, same, setting

ESTIMATES = "How policies are evaluated"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSettings:
    """How requests are read, and policies evaluated by them.

    Attributes are named as those of `monitor`.
    """

    inference_attribute: str | None = same(DeploymentSettings, "inference_attribute")
    ground_truth_attribute: str | None = same(DeploymentSettings, "ground_truth_attribute")
    probability_attribute: str | None = same(DeploymentSettings, "probability_attribute")
    probability_threshold_attribute: float = same(
        DeploymentSettings, "probability_threshold_attribute"
    )
    positive_label: str | None = same(DeploymentSettings, "positive_label")
    probability_labels: tuple[str, ...] = same(DeploymentSettings, "probability_labels")
    propensity_attribute: str | None = same(DeploymentSettings, "propensity_attribute")
    reward_attribute: str | None = same(DeploymentSettings, "reward_attribute")
    time_column: str | None = same(DeploymentSettings, "time_column")
    reward: str | None = setting(
        None,
        checks.text,
        "The metric of the plan that is the reward, where no attribute is (default: its first "
        "goal).",
        Option(ESTIMATES, "METRIC"),
    )
    segment_by: str | None = setting(
        None,
        checks.text,
        "The column whose values a policy by segments names (default: the plan's only one).",
        Option(ESTIMATES, "COLUMN"),
    )
    weight_limit: float = setting(
        10.0,
        ABOVE_ZERO,
        "The weight of a request above which it is clipped, switched off or shrunk.",
        Option(ESTIMATES),
    )
    run: Settings = part(Settings, "read", "window", "compute")

    @classmethod
    def from_keywords(cls, **values: Unpack[EvaluationKeywords]) -> EvaluationSettings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)


class EvaluationKeywords(RowKeywords, total=False):
    """What users may write for `EvaluationSettings`."""

    reward: str | None
    segment_by: str | None
    weight_limit: float
