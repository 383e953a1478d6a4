"""comparison.json: the differences between arms by segment and by epoch, and where they disagree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.deployment.strict import (
    COUNT,
    COUNT_BY_NAME,
    MEASURED,
    NUMBER,
    NUMBER_BY_NAME,
    PROBABILITY,
    document_reader,
    moment_at,
    part_of,
    parts_of,
    version_of,
)
from driftkit.formats.deployment.verdict import PlanName
from driftkit.formats.fields import to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

NAME = "comparison.json"
VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A metric of a challenger and of the champion. Numbers are None where not measurable.

    Attributes:
        arm: the challenger.
        metric: its name.
        champion: the champion's value.
        challenger: the challenger's value.
        difference: challenger minus champion.
        low: one-sided lower bound of the difference.
        high: its one-sided upper bound.
        units: arm -> units of analysis that the values are of.
    """

    arm: str
    metric: str
    champion: float | None = field(default=None, metadata=MEASURED)
    challenger: float | None = field(default=None, metadata=MEASURED)
    difference: float | None = field(default=None, metadata=MEASURED)
    low: float | None = field(default=None, metadata=MEASURED)
    high: float | None = field(default=None, metadata=MEASURED)
    units: Mapping[str, int] = field(metadata=COUNT_BY_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTable:
    """The differences in the rows with a value of a column.

    Attributes:
        column: by which rows are told apart.
        value: that these rows have.
        differences: of each challenger and metric.
    """

    column: str
    value: str
    differences: tuple[Difference, ...] = field(metadata=parts_of(Difference))


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochTable:
    """The differences in a run of time with constant weights.

    Attributes:
        start: its beginning; None where times are not known.
        end: its end; None where it is not over, or times are not known.
        weights: arm -> weight.
        differences: of each challenger and metric.
    """

    start: datetime | None = field(default=None, metadata=moment_at("from", null=True))
    end: datetime | None = field(default=None, metadata=moment_at("to", null=True))
    weights: Mapping[str, float] = field(metadata=NUMBER_BY_NAME)
    differences: tuple[Difference, ...] = field(metadata=parts_of(Difference))


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often a challenger and the champion answer the same. None where not measurable.

    Attributes:
        arm: the challenger.
        pairs: of answers to one request.
        both_right: pairs with a label in which both predictions are right.
        champion_right: in which the champion's alone is.
        challenger_right: in which the challenger's alone is.
        both_wrong: in which neither is.
        same_label: share of pairs with the same predicted label.
        kappa: Cohen's, of the predicted labels.
        probability_difference: mean absolute difference of the probabilities.
        mcnemar_p_value: of no difference between the two alone-right counts, exact at one look.
        e_value: evidence against it that holds at any number of looks: a fair coin decides which
            is right alone if there is none.
        low: lower end of the 95 % interval of the shares right, challenger less champion (Tango),
            at one look.
        high: its upper end.
    """

    arm: str
    pairs: int = field(metadata=COUNT)
    both_right: int = field(metadata=COUNT)
    champion_right: int = field(metadata=COUNT)
    challenger_right: int = field(metadata=COUNT)
    both_wrong: int = field(metadata=COUNT)
    same_label: float | None = field(default=None, metadata=MEASURED)
    kappa: float | None = field(default=None, metadata=MEASURED)
    probability_difference: float | None = field(default=None, metadata=MEASURED)
    mcnemar_p_value: float | None = field(default=None, metadata=PROBABILITY)
    e_value: float | None = field(default=None, metadata=MEASURED)
    low: float | None = field(default=None, metadata=MEASURED)
    high: float | None = field(default=None, metadata=MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisagreementCell:
    """Pairs with a value, or with values of an interval, of a feature.

    Attributes:
        arm: the challenger.
        feature: its name.
        cell: the value, or the interval.
        pairs: in the cell.
        champion_right: in which the champion's prediction alone is right.
        challenger_right: in which the challenger's alone is.
        difference: of the shares that are right, challenger minus champion.
        adjusted_p_value: of no difference, exact, adjusted for the number of cells (Holm).
    """

    arm: str
    feature: str
    cell: str
    pairs: int = field(metadata=COUNT)
    champion_right: int = field(metadata=COUNT)
    challenger_right: int = field(metadata=COUNT)
    difference: float | None = field(default=None, metadata=MEASURED)
    adjusted_p_value: float | None = field(default=None, metadata=PROBABILITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisagreementExample:
    """A request that a challenger and the champion answer differently; its id only.

    Attributes:
        arm: the challenger.
        id: by which it is paired.
        difference: how far their probabilities are apart.
    """

    arm: str
    id: str
    difference: float | None = field(default=None, metadata=MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionDrift:
    """How a challenger's probabilities differ from the champion's, with or without labels.

    They are counted in 1,024 bins, and compared within runs of constant weights. None where not
    measurable.

    Attributes:
        arm: the challenger.
        units: arm -> rows with a probability.
        champion: mean of the champion's probabilities.
        challenger: mean of the challenger's.
        difference: of the means, challenger minus champion.
        stability_index: the population stability index over the champion's deciles.
        kolmogorov_smirnov: the largest difference of the shares of rows below any probability.
    """

    arm: str
    units: Mapping[str, int] = field(metadata=COUNT_BY_NAME)
    champion: float | None = field(default=None, metadata=MEASURED)
    challenger: float | None = field(default=None, metadata=MEASURED)
    difference: float | None = field(default=None, metadata=MEASURED)
    stability_index: float | None = field(default=None, metadata=MEASURED)
    kolmogorov_smirnov: float | None = field(default=None, metadata=MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputCell:
    """The rows of both arms in a cell of a column. Shares are None where not measurable.

    Attributes:
        cell: the value, the interval, or the group.
        champion: share of the champion's rows, those of each run of constant weights counted as
            often as the challenger has rows in it.
        challenger: share of the challenger's rows.
    """

    cell: str
    champion: float | None = field(default=None, metadata=MEASURED)
    challenger: float | None = field(default=None, metadata=MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDrift:
    """How far a challenger and the champion are asked for other things, by a column of inputs.

    Attributes:
        arm: the challenger.
        column: its name.
        units: arm -> rows.
        stability_index: the population stability index over the cells; None where not measurable.
        cells: the rows by cell.
    """

    arm: str
    column: str
    units: Mapping[str, int] = field(metadata=COUNT_BY_NAME)
    stability_index: float | None = field(default=None, metadata=MEASURED)
    cells: tuple[InputCell, ...] = field(metadata=parts_of(InputCell))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureAttribution:
    """How much a feature decides in the predictions of champion and challenger.

    Attributes:
        feature: its name.
        champion: its value over all rows, mostly the mean absolute SHAP value.
        challenger: likewise.
        difference: challenger minus champion.
        champion_rank: 1 where the champion's value is the largest; features of one value share it.
        challenger_rank: likewise.
    """

    feature: str
    champion: float = field(metadata=NUMBER)
    challenger: float = field(metadata=NUMBER)
    difference: float = field(metadata=NUMBER)
    champion_rank: int = field(metadata=COUNT)
    challenger_rank: int = field(metadata=COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionTable:
    """Which features decide in a challenger's predictions, beside the champion's.

    Attributes:
        arm: the challenger.
        label: the output of its model.
        ndcg: of the challenger's order of features against the champion's, 1 where they are the same;
            None where no feature of the champion decides anything.
        features: the champion's most important first.
    """

    arm: str
    label: str
    ndcg: float | None = field(default=None, metadata=MEASURED)
    features: tuple[FeatureAttribution, ...] = field(metadata=parts_of(FeatureAttribution))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The tables behind a verdict.

    Attributes:
        plan: by which it is compared.
        champion: the arm that all others are compared with.
        segments: the differences by the values of columns.
        epochs: the differences by runs of constant weights.
        inputs: how far the arms are asked for other things; None where the plan has no columns for it.
        predictions: how probabilities differ, where the plan has a metric of them.
        agreements: how often each challenger answers as the champion does, of paired rows.
        disagreements: where they differ most, of paired rows.
        examples: requests that they answer most differently.
        attributions: which features decide in the arms' predictions, where that is handed in.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    plan: PlanName = field(metadata=part_of(PlanName))
    champion: str
    segments: tuple[SegmentTable, ...] = field(default=(), metadata=parts_of(SegmentTable))
    epochs: tuple[EpochTable, ...] = field(default=(), metadata=parts_of(EpochTable))
    inputs: tuple[InputDrift, ...] | None = field(default=None, metadata=parts_of(InputDrift))
    predictions: tuple[PredictionDrift, ...] = field(default=(), metadata=parts_of(PredictionDrift))
    agreements: tuple[Agreement, ...] = field(default=(), metadata=parts_of(Agreement))
    disagreements: tuple[DisagreementCell, ...] = field(
        default=(), metadata=parts_of(DisagreementCell)
    )
    examples: tuple[DisagreementExample, ...] = field(
        default=(), metadata=parts_of(DisagreementExample)
    )
    attributions: tuple[AttributionTable, ...] = field(
        default=(), metadata=parts_of(AttributionTable)
    )

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)


read = document_reader(Comparison, NAME)
read_file = file_reader(read, read_object)
