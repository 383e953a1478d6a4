"""The settings of a deployment run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Unpack

from driftkit.monitors.deployment import said
from driftkit.monitors.deployment.plan_settings import DECIDING, PlanKeywords, PlanSettings
from driftkit.monitors.model_quality.settings import QualitySettings
from driftkit.settings import (
    ComputeKeywords,
    GradingKeywords,
    ReadKeywords,
    Selection,
    Settings,
    WindowKeywords,
    checks,
)
from driftkit.settings.checks import Whole
from driftkit.settings.declaring import Option, declared, from_keywords, part, same, setting
from driftkit.settings.panels import READING

RollBackOn = Literal["margin", "any-harm"]
Judge = Literal["driftkit", "kayenta"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSettings:
    """How a deployment is planned, read and decided.

    Attributes are named as those of model quality. What `planning` holds is frozen in the plan, so
    that a monitoring run does not ask for it again.
    """

    inference_attribute: str | None = same(QualitySettings, "inference_attribute")
    ground_truth_attribute: str | None = same(QualitySettings, "ground_truth_attribute")
    probability_attribute: str | None = same(QualitySettings, "probability_attribute")
    probability_threshold_attribute: float = same(
        QualitySettings, "probability_threshold_attribute"
    )
    positive_label: str | None = same(QualitySettings, "positive_label")
    probability_labels: tuple[str, ...] = same(QualitySettings, "probability_labels")
    propensity_attribute: str | None = setting(
        None,
        checks.text,
        "The probability with which a request got its arm: a column, attribute:KEY or a JMESPath.",
        Option(READING, "ATTRIBUTE"),
    )
    reward_attribute: str | None = setting(
        None,
        checks.text,
        "What came of a request: a column, attribute:KEY or a JMESPath.",
        Option(READING, "ATTRIBUTE"),
    )
    time_column: str | None = setting(
        None,
        checks.text,
        "The column with the times of rows; captured requests have one of their own.",
        Option(READING, "COLUMN"),
    )
    lookback: int = setting(
        3_600,
        Whole(least=0),
        "How long before the window, in seconds, captured rows may be that are paired with rows in "
        "it; a pair counts in the later window.",
        Option(READING, "SECONDS"),
    )
    metrics_table: str | None = setting(
        None,
        checks.text,
        "Operational metrics by minute, for metrics such as errors: metric, timestamp, variant, "
        "statistic, value[, count].",
        Option(READING, "FILE"),
    )
    merge_report: str | None = setting(
        None,
        checks.text,
        "merge_report.json, which says how late labels come; without it, that beside merged captures.",
        Option(READING, "FILE"),
    )
    accept_immature: bool = setting(
        False,
        checks.truth,
        "Count requests, too, that are so new that more of their labels may still come.",
        Option(DECIDING),
    )
    attributions: said.Pairs[Any] = setting(
        (),
        said.sources,
        "The output of `driftkit attribution` for an arm's model: which features decide is compared "
        "with the champion's, and shown. Once for each arm.",
        Option(DECIDING, "ARM=FOLDER", name="--attribution"),
    )
    accept_observational: bool = setting(
        False,
        checks.truth,
        "Promote a version, too, whose requests came at another time than the champion's.",
        Option(DECIDING),
    )
    roll_back_on: RollBackOn = setting(
        "margin",
        checks.one_of(RollBackOn),
        "margin: a metric is worse than its margin allows; any-harm: it is worse at all.",
        Option(DECIDING),
    )
    judge: Judge = setting(
        "driftkit",
        checks.one_of(Judge),
        "driftkit: rates of error that hold; kayenta: as Kayenta's judge classifies series, of "
        "which INPUT are the tables then, as of --metrics-table.",
        Option(DECIDING),
    )
    canary_config: str | None = setting(
        None,
        checks.text,
        "Kayenta's canary configuration, of --judge kayenta.",
        Option(DECIDING, "FILE"),
    )
    NOT_OF_IT: ClassVar[Mapping[str, str]] = dict.fromkeys(
        declared(Selection),
        "a deployment compares the inputs of its arms by the columns that its plan names: "
        "input_columns of `driftkit deployment baseline`",
    )

    planning: PlanSettings = part(PlanSettings)
    run: Settings = part(Settings, "read", "window", "compute", "grading")

    @classmethod
    def from_keywords(cls, **values: Unpack[DeploymentKeywords]) -> DeploymentSettings:
        """Settings from keywords, checked.

        Raises:
            SettingsError: a name or a value is not one of those known.
        """
        return from_keywords(cls, values)


class OpenKeywords(ReadKeywords, WindowKeywords, ComputeKeywords, total=False):
    """The settings of what reads requests and finds no violations."""


class RowKeywords(OpenKeywords, total=False):
    """What users may write of where a row says what."""

    inference_attribute: str | int | None
    ground_truth_attribute: str | int | None
    probability_attribute: str | int | None
    probability_threshold_attribute: float | None
    positive_label: str | float | None
    probability_labels: str | Sequence[str] | None
    propensity_attribute: str | int | None
    reward_attribute: str | int | None
    time_column: str | None


class DecisionKeywords(RowKeywords, GradingKeywords, total=False):
    """What users may write for `DeploymentSettings` without its `planning`."""

    lookback: int
    metrics_table: str | None
    merge_report: str | None
    accept_immature: bool
    attributions: Mapping[str, Any] | Sequence[str] | str | None
    accept_observational: bool
    roll_back_on: RollBackOn
    judge: Judge
    canary_config: str | None


class DeploymentKeywords(DecisionKeywords, PlanKeywords, total=False):
    """What users may write for `DeploymentSettings`."""
