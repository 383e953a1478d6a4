"""Says in plain words how far an estimate can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.formats.model_quality.loss_calibration import LossCalibration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.formats.model_quality.calibration import Calibration
    from driftkit.formats.model_quality.estimate import EstimatedRows, Labels

# Of so few labelled rows the reference knows its scores' meaning only roughly.
_FEW = 1000
_OUTSIDE = 0.01
# A model that tells no more than this tells nothing.
_NOTHING = 0.005
_NAMED = 8
_OUT_OF_SCORES = (
    "scores beyond all of the baseline's: what they mean is not known, they count as its lowest or "
    "highest score"
)
_OUT_OF_ERRORS = (
    "inputs beyond all of the baseline's: which errors they lead to is not known, they count as the "
    "nearest that it has, and the interval does not know of it: do not rely on the estimate"
)
ASSUMPTION = (
    "the estimate assumes that the relation of inputs and label is that of the baseline; where it "
    "has changed, the estimate is wrong, and only labels can tell"
)


def is_reliable(labels: Sequence[Labels], unknown: float = 0.0) -> bool:
    """Whether nothing is known that speaks against an estimate.

    Args:
        labels: what first labels say.
        unknown: share of rows of which the baseline does not know which errors they lead to; scores
            beyond its own mean much what its lowest and highest do.
    """
    return unknown < _OUTSIDE and not any(each.disagree for each in labels)


def remarks_of(
    calibration: Calibration | LossCalibration,
    window: EstimatedRows,
    labels: Sequence[Labels],
    outside: float,
    *,
    least: int,
) -> Iterator[str]:
    """What one should know before one trusts the numbers, a sentence each.

    Args:
        calibration: of the baseline.
        window: the estimate.
        labels: what first labels say.
        outside: share of rows with scores, or inputs of a regression, beyond the baseline's.
        least: blocks from which limits are made.
    """
    of_errors = isinstance(calibration, LossCalibration)
    yield from _of_labels(labels, of_errors=of_errors)
    if isinstance(calibration, LossCalibration):
        yield from _of_model(calibration)
    if outside >= _OUTSIDE:
        yield (f"{outside:.1%} of the rows have {_OUT_OF_ERRORS if of_errors else _OUT_OF_SCORES}")
    if calibration.whole.rows < _FEW:
        what = "how large errors are" if of_errors else "the meaning of scores"
        yield (
            f"the baseline has only {calibration.whole.rows:,} labelled rows: intervals are wide, "
            f"for {what} is not well known"
        )
    blocks = len(calibration.blocks)
    if blocks >= least:
        yield (
            f"limits are three standard deviations of the baseline's {blocks} blocks of time, the "
            "part of chance as in a window of this size"
        )
    else:
        yield (
            "limits are three standard errors of as many rows; days differ by more than that: make "
            f"the baseline with --time-column, of {least} days or more"
        )
    if not window.rows:
        yield "the window has no row to estimate from"


def _of_model(calibration: LossCalibration) -> Iterator[str]:
    """By what errors are expected, and how much that tells."""
    asked = ("the prediction", *calibration.asked)
    if calibration.explained < _NOTHING:
        yield (
            "inputs tell nothing of the size of errors in the baseline: the estimate is its own, "
            "whatever the window's inputs are"
        )
    else:
        named = ", ".join(asked[:_NAMED]) + (", ..." if len(asked) > _NAMED else "")
        yield (
            f"errors are expected by {named}, which tell {calibration.explained:.0%} of the variance "
            "of absolute errors of rows that the model has not seen"
        )
    if not calibration.block_variances:
        yield (
            "how far days are off by themselves is not known, and in no interval: make the baseline "
            "with --time-column, of a week or more"
        )


def _of_labels(labels: Sequence[Labels], *, of_errors: bool) -> Iterator[str]:
    if not labels:
        yield ASSUMPTION
        return
    worst = min(labels, key=lambda each: (not each.disagree, each.p_value))
    told_by = "inputs" if of_errors else "scores"
    shares = f"{worst.observed:.1%} positive where {worst.expected:.1%} were expected"
    if of_errors:
        shares = f"a mean error of {worst.observed:.4g} where {worst.expected:.4g} was expected"
    if worst.disagree:
        yield (
            f"{worst.rows:,} labels disagree with their {told_by} ({shares}; p = {worst.p_value:.2g}): "
            "the relation of inputs and label seems to have changed; do not rely on the estimate, "
            "look at the realized metrics, and train again"
        )
    else:
        yield (
            f"{worst.rows:,} labels agree with their {told_by} ({shares}): the estimate can be used for "
            "rows like theirs"
        )
