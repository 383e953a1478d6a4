"""The state of the model-quality monitor: one pass over labels, predictions and probabilities."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from driftkit.columns.chunk import Rejections
from driftkit.states.quality.confusion import Confusion
from driftkit.states.quality.loss_sample import LossSample
from driftkit.states.quality.residuals import Residuals
from driftkit.states.quality.scored_rows import ScoredRows
from driftkit.states.quality.scores import Scores

if TYPE_CHECKING:
    from driftkit.formats.model_quality.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRequest:
    """How rows are judged.

    Attributes:
        problem: what the model does.
        threshold: a probability strictly above it predicts the positive label, where there is
            no prediction of its own.
        positive: the positive label; None for 1 or true.
        label_names: the labels that a list of probabilities is about, in its order.
    """

    problem: Problem
    threshold: float = 0.5
    positive: str | None = None
    label_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityState:
    """What all metrics are read from; states add up.

    Attributes:
        confusion: rows by label and prediction, of a classification.
        residuals: sums of errors, of a regression.
        scores: probabilities by class, of a binary classification that has them.
        rejected: rows that could not be judged, by reason.
        scored: rows by score and label, of which a calibration is made; none where none is.
        sampled: rows of which the errors of a regression are learnt; likewise.
    """

    confusion: Confusion = field(default_factory=Confusion)
    residuals: Residuals = field(default_factory=Residuals)
    scores: Scores = field(default_factory=Scores)
    rejected: Rejections = field(default_factory=Rejections)
    scored: ScoredRows = field(default_factory=ScoredRows)
    sampled: LossSample = field(default_factory=LossSample)

    def __add__(self, other: QualityState) -> QualityState:
        return QualityState(
            confusion=self.confusion + other.confusion,
            residuals=self.residuals + other.residuals,
            scores=self.scores + other.scores,
            rejected=self.rejected + other.rejected,
            scored=self.scored + other.scored,
            sampled=self.sampled + other.sampled,
        )

    @property
    def rows(self) -> int:
        """Rows that were judged."""
        return self.confusion.rows + self.residuals.rows

    def without_scores(self) -> QualityState:
        """All that is small whatever the number of rows."""
        return replace(self, scores=Scores())
