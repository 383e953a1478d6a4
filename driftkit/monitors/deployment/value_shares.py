"""Whether arms lack as many labels and values: what is missing in one of them alone is not missing by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.epochs import accumulated, epoch_weights, over_epochs
from driftkit.comparison.deployment.ratios import ratio
from driftkit.monitors.deployment.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.deployment.plan import PlannedMetric
    from driftkit.monitors.deployment.evidence import Looks
    from driftkit.native.arrays import Floats, Truths

LABEL_SHARE = "label_share"
VALUE_SHARE = "value_share"
# More than this between the shares of arms' rows that have a label, or a value: they are not missing
# at random.
SHARES_APART = 0.10
# Metrics of the rows that are predicted, or labelled, one way.
_OF_SOME = frozenset({"precision", "recall", "specificity", "rejection_rate"})


def label_shares(looks: Looks, metrics: Sequence[PlannedMetric]) -> Trust | None:
    """Whether both arms have labels of about the same share of rows; None where none is needed."""
    if not any("label" in metric.needs for metric in metrics if metric.decisive):
        return None
    if not looks.labelled.any():
        return None
    shares = _within_epochs(looks, looks.labelled, looks.requests)
    old, new = shares[-1].tolist()
    return Trust(
        name=LABEL_SHARE,
        passed=_near(shares),
        detail=f"{old:.1%} of the champion's rows and {new:.1%} of the challenger's have a label",
    )


def value_shares(looks: Looks, metrics: Sequence[tuple[int, PlannedMetric]]) -> Trust | None:
    """Whether each metric has values of about the same share of both arms' rows.

    Where one arm lacks more, those left are others: an answer that is no probability, a column that
    is empty. Metrics of some rows only, such as precision, have no such share.
    """
    passed, said = np.ones(len(looks.blocks), np.bool_), []
    for index, metric in metrics:
        if not is_of_all_rows(metric):
            continue
        of = looks.labelled if "label" in metric.needs else looks.requests
        shares = _within_epochs(looks, looks.counted(index, metric), of)
        near = _near(shares)
        passed &= near
        if not near[-1]:
            old, new = shares[-1].tolist()
            rows = "rows with a label" if "label" in metric.needs else "rows"
            said.append(
                f"{metric.name} has a value of {old:.1%} of the champion's {rows} and of {new:.1%} "
                "of the challenger's"
            )
    if passed.all():
        return None
    return Trust(name=VALUE_SHARE, passed=passed, detail="; ".join(said) or "about the same by now")


def is_of_all_rows(metric: PlannedMetric) -> bool:
    """Whether each row has a value of a metric, or each that has a label."""
    return (
        metric.kind != "ratio"
        and (metric.bias.rate if metric.bias else metric.name) not in _OF_SOME
        and bool(metric.needs or metric.columns)
    )


def _within_epochs(looks: Looks, counts: Floats, of: Floats) -> Floats:
    """The share of both arms' rows at each look, each epoch with the weight that its rows give it.

    Where labels come later than requests, and an arm gets its requests later, shares of all rows
    would differ although those of the same hours do not.
    """
    rows = accumulated(of, looks.epochs)
    weights = epoch_weights(rows[:, 0], rows[:, 1])[:, None]
    shares = np.nan_to_num(ratio(accumulated(counts, looks.epochs), rows))
    return ratio(over_epochs(weights * shares, looks.epochs), over_epochs(weights, looks.epochs))


def _near(shares: Floats) -> Truths:
    apart = np.abs(shares[:, 1] - shares[:, 0])
    return np.asarray(np.nan_to_num(apart, nan=0.0) <= SHARES_APART)
