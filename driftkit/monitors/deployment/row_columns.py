"""The columns that rows of arms have, by what a plan and a user ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftkit.capture.arm_rows import UNIT
from driftkit.capture.arm_values import OutcomePaths
from driftkit.formats.deployment.plan import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from driftkit.formats.deployment.plan import Plan
    from driftkit.monitors.deployment.evaluation_settings import EvaluationSettings
    from driftkit.monitors.deployment.settings import DeploymentSettings

PROPENSITY, REWARD = "propensity", "reward"
OWN = "column:"
LOGGED_AS = "p"
_REQUEST = "request"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAttributes:
    """Where a row says what: a column of tables, a JMESPath or a place in captured payloads.

    Attributes:
        label: of the ground truth; None for its only value, or the column `label`.
        prediction: of the answer. Where neither it nor the probability is named, the answers of
            captures are recognised by their form, and tables have columns of these names.
        probability: likewise.
        positive: the positive label.
        propensity: the probability with which the arm was chosen.
        reward: what came of it.
        time: the column of a table with the time of the request.
        logs: whether propensities are looked for where nobody names them: in the attribute `p` of
            captures, in the column `propensity` or `p` of tables.
        lookback: how long before a window captured rows may be with which those in it are paired; None
            where there are none.
    """

    label: str | None = None
    prediction: str | None = None
    probability: str | None = None
    positive: str | None = None
    propensity: str | None = None
    reward: str | None = None
    time: str | None = None
    logs: bool = False
    lookback: timedelta | None = None

    @classmethod
    def of(
        cls, settings: DeploymentSettings | EvaluationSettings, *, logs: bool = False
    ) -> RowAttributes:
        """What settings say of it."""
        return cls(
            label=settings.ground_truth_attribute,
            prediction=settings.inference_attribute,
            probability=settings.probability_attribute,
            positive=settings.positive_label,
            propensity=settings.propensity_attribute,
            reward=settings.reward_attribute,
            time=settings.time_column,
            logs=logs,
        )

    @property
    def outcomes(self) -> OutcomePaths:
        """Where prediction and probability are."""
        return OutcomePaths(prediction=self.prediction, probability=self.probability)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowColumns:
    """The columns that are asked for, beside arm, time, label, prediction and probability.

    Attributes:
        attributes: where labels, predictions and the rest are.
        sources: where each other column is, by its canonical name: `attribute:KEY`,
            `field:JMESPATH-OR-COLUMN`, or a plain name of either.
        paired_by: where the id is by which rows without an inferenceId are paired; None for nowhere.
        by_content: whether rows are paired by what was asked.
        lookback: see `RowAttributes`; None where rows are not paired.
        agreement: whether answers of pairs are compared with each other.
        asked_at: where columns are asked for, by canonical name, for messages.
    """

    attributes: RowAttributes
    sources: Mapping[str, str]
    paired_by: str | None = None
    by_content: bool = False
    lookback: timedelta | None = None
    agreement: bool = False
    asked_at: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_plan(cls, plan: Plan, attributes: RowAttributes) -> RowColumns:
        """The columns that a plan's unit, pairing, metrics, segments and inputs ask for."""
        named = {
            UNIT: None if plan.unit.source == _REQUEST else plan.unit.source,
            PROPENSITY: attributes.propensity,
            REWARD: attributes.reward,
        }
        own = (*(column for metric in plan.metrics for column in metric.columns), *plan.segment_by)
        inputs = [each.column for each in plan.inputs or ()]
        named |= {f"{OWN}{column}": column for column in (*own, *inputs)}
        return cls(
            attributes=attributes,
            sources={name: source for name, source in named.items() if source is not None},
            paired_by=None if plan.pairing is None else plan.pairing.named,
            by_content=plan.pairing is not None and plan.pairing.by_content,
            lookback=None if plan.pairing is None else attributes.lookback,
            agreement=any(metric.name == "agreement" for metric in plan.metrics),
            asked_at={
                f"{OWN}{column}": f"{NAME}: inputs[{i}].column"
                for i, column in enumerate(inputs)
                if column not in own
            },
        )
