"""estimate.json: how good a model is in a window, as far as its scores tell, and by labels.

It is driftkit's own file: SageMaker Model Monitor does not estimate quality without labels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.fields import key, read, record, records, to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.mapping import Node
from driftkit.formats.model_quality.calibration import NUMBERS
from driftkit.formats.model_quality.problems import OPERATORS, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.estimation.agreement import Agreement

NAME = "estimate.json"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedMetric:
    """A metric of some rows; None where it cannot be told.

    Attributes:
        metric: its name.
        estimate: the value that is expected of the rows' labels.
        lower: lower end of its interval of 95 %.
        upper: upper end.
        realized: the value of the rows that have labels.
        reference: the reference's own, by its labels.
        lower_limit: below it lies no ordinary window.
        upper_limit: above it neither.
        below: whether the estimate is below the lower limit; None where there is none, and of
            errors, which are the better the less they are.
        above: whether an error is above its upper limit; None of other metrics.
    """

    metric: str
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    realized: float | None = None
    reference: float | None = None
    lower_limit: float | None = None
    upper_limit: float | None = None
    below: bool | None = None
    above: bool | None = None

    @property
    def is_error(self) -> bool:
        """Whether less of it is better."""
        return self.metric in OPERATORS[Problem.REGRESSION]

    @property
    def is_beyond(self) -> bool | None:
        """Whether the estimate is worse than in any ordinary window; None where that is not known."""
        return self.above if self.is_error else self.below


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedRows:
    """A window, or a block or segment of it.

    Attributes:
        name: of the block or segment, in words; empty for the whole window.
        rows: how many there are.
        labelled: those that have a label.
        metrics: in the order of the file.
        matrix: the expected confusion matrix of two classes: rows by true_positive and so on.
    """

    name: str = ""
    rows: int
    labelled: int = 0
    metrics: tuple[EstimatedMetric, ...] = field(metadata=key(records(EstimatedMetric)))
    matrix: Mapping[str, float] = field(
        default_factory=dict,
        metadata={**NUMBERS, "at": "confusion_matrix"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Whether the labels that have come agree with what was expected of them.

    Attributes:
        rows: that have a label.
        expected: the share of positive labels that their scores let expect; of a regression the
            mean absolute error that their inputs do.
        observed: the share, or the error, that there is.
        statistic: the squared differences of groups of similar rows, in terms of their variances.
        groups: the degrees of freedom.
        p_value: the chance of so large a statistic while nothing has changed but inputs.
        disagree: whether the difference is beyond chance and large enough to matter.
    """

    rows: int
    expected: float
    observed: float
    statistic: float
    groups: int
    p_value: float
    disagree: bool

    @classmethod
    def of(cls, found: Agreement, *, disagree: bool) -> Labels:
        """What a comparison found."""
        return cls(
            rows=found.rows,
            expected=found.expected,
            observed=found.observed,
            statistic=found.statistic,
            groups=found.groups,
            p_value=found.p,
            disagree=disagree,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a file says.

    Attributes:
        version: of the format.
        problem_type: what the model does.
        window: all rows.
        blocks: days or hours, in the order of time.
        segments: those that the reference knows.
        outside: the share of rows whose score, or inputs of a regression, lie beyond all of the
            reference's.
        labels: what first labels say, one for each class; none where there are too few.
        reliable: whether nothing is known that speaks against the numbers; None in files of
            versions that did not say it.
        remarks: what one should know before one trusts the numbers, a sentence each.
    """

    version: int = VERSION
    problem_type: str
    window: EstimatedRows = field(metadata=key(record(EstimatedRows)))
    blocks: tuple[EstimatedRows, ...] = field(default=(), metadata=key(records(EstimatedRows)))
    segments: tuple[EstimatedRows, ...] = field(default=(), metadata=key(records(EstimatedRows)))
    outside: float = field(default=0.0, metadata=key(Node.share, "outside_reference"))
    labels: tuple[Labels, ...] = field(default=(), metadata=key(records(Labels)))
    reliable: bool | None = None
    remarks: tuple[str, ...] = field(default=(), metadata=key(Node.texts, write=list))

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)

    @classmethod
    def read(cls, document: dict[str, Any], where: str = NAME) -> Estimate:
        """An estimate from the content of a file.

        Args:
            document: the parsed JSON.
            where: the file's name, for messages.

        Raises:
            FormatError: a key is missing or wrong.
        """
        node = Node(value=document, file=where)
        if node.count("version") != VERSION:
            raise node.wrong("version", f"version {VERSION}", document["version"])
        return read(cls, node)


read_file = file_reader(Estimate.read)
