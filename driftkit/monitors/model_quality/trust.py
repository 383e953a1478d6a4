"""Says in plain words how far an estimate can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.formats.model_quality.calibration import Calibration
    from driftkit.formats.model_quality.estimate import EstimatedRows, Labels

# Of so few labelled rows the reference knows its scores' meaning only roughly.
_FEW = 1000
_OUTSIDE = 0.01
ASSUMPTION = (
    "the estimate assumes that the relation of inputs and label is that of the baseline; where it "
    "has changed, the estimate is wrong, and only labels can tell"
)


def remarks_of(
    calibration: Calibration,
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
        outside: share of rows with scores beyond the baseline's.
        least: blocks from which limits are made.
    """
    yield from _of_labels(labels)
    if outside >= _OUTSIDE:
        yield (
            f"{outside:.1%} of the rows have scores beyond all of the baseline's: what they mean is "
            "not known, they count as its lowest or highest score"
        )
    if calibration.whole.rows < _FEW:
        yield (
            f"the baseline has only {calibration.whole.rows:,} labelled rows: intervals are wide, "
            "for the meaning of scores is not well known"
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


def _of_labels(labels: Sequence[Labels]) -> Iterator[str]:
    if not labels:
        yield ASSUMPTION
        return
    worst = min(labels, key=lambda each: (not each.disagree, each.p_value))
    shares = f"{worst.observed:.1%} positive where {worst.expected:.1%} were expected"
    if worst.disagree:
        yield (
            f"{worst.rows:,} labels disagree with their scores ({shares}; p = {worst.p_value:.2g}): "
            "the relation of inputs and label seems to have changed; do not rely on the estimate, "
            "look at the realized metrics, and train again"
        )
    else:
        yield (
            f"{worst.rows:,} labels agree with their scores ({shares}): the estimate can be used for "
            "rows like theirs"
        )
