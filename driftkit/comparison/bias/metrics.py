"""The table of bias metrics: name, long name, when it is undefined, and its formula."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.comparison.bias import posttraining as post
from driftkit.comparison.bias import pretraining as pre
from driftkit.comparison.bias.noise import ASINH, LINEAR, LOG, Scale
from driftkit.comparison.bias.table import GroupTable, UndefinedMetricError
from driftkit.comparison.divergences import js_of, kl_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Formula = Callable[[GroupTable], "NDArray[np.float64]"]
Check = Callable[[GroupTable], None]

FLIP_TEST = "FT"
FLIP_TEST_DESCRIPTION = "Flip Test (FT)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a metric divides by, on each side.

    Attributes:
        what: it is, in the plural.
        counts: of the rest and of the facet.
    """

    what: str
    counts: Callable[[GroupTable], NDArray[np.float64]]

    def unmet(self, table: GroupTable) -> str:
        """Which sides have none of it."""
        sides = zip(("the rest", "the facet"), self.counts(table).tolist(), strict=True)
        return f"{' and '.join(side for side, count in sides if not count)}: no {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasMetric:
    """A metric.

    Attributes:
        name: as in analysis.json.
        description: as in analysis.json, spelling included.
        checks: raise UndefinedMetricError, in smclarify's order and words.
        formula: its value on counts that passed the checks, and on batches of resampled ones.
        scale: on which its noise is a normal one.
        conditional: whether it needs the counts by group.
        need: what it divides by; None where the checks say all.
    """

    name: str
    description: str
    checks: tuple[Check, ...]
    formula: Formula
    scale: Scale = LINEAR
    conditional: bool = False
    need: Need | None = None

    def value(self, table: GroupTable) -> float:
        """The metric on a single table.

        Raises:
            UndefinedMetricError: it has no value; the message says why, in smclarify's words
                where smclarify has no value either.
        """
        for check in self.checks:
            check(table)
        value = float(self.formula(table))
        if math.isnan(value):
            why = _NO_GROUP if self.need is None else self.need.unmet(table)
            raise UndefinedMetricError(f"{self.name} is not defined. {why}")
        return value


def _both_sides(*, rest: str, facet: str, rest_first: bool = False) -> Check:
    """Neither side may be empty; which is looked at first decides the message."""
    order = ((0, rest), (1, facet)) if rest_first else ((1, facet), (0, rest))

    def check(table: GroupTable) -> None:
        sizes = table.sizes()
        for side, message in order:
            if sizes[side] == 0:
                raise UndefinedMetricError(message)

    return check


def _common_label(table: GroupTable) -> None:
    if not table.rules.common_labels_only:
        _PROPORTIONS(table)
    elif not (table.labels() > 0).all(axis=0).any():
        raise UndefinedMetricError("No instance of common facet found, dataset may be too small")


def _grouped(table: GroupTable) -> None:
    if table.group_problem is not None:
        raise UndefinedMetricError(table.group_problem)


def _both_outcomes(totals: Callable[[GroupTable], NDArray[np.float64]]) -> Check:
    def check(table: GroupTable) -> None:
        negative, positive = totals(table).sum(axis=0)
        if positive == 0:
            raise UndefinedMetricError("No positive labels in set")
        if negative == 0:
            raise UndefinedMetricError("No negative labels in set")

    return check


def _some_benefit(table: GroupTable) -> None:
    cells = table.cells().sum(axis=0)
    if cells.sum() == 0:
        raise UndefinedMetricError("dataset must be non-empty")
    if cells[1, 0] == cells.sum():
        raise UndefinedMetricError(
            "All predicted labels are false negatives. "
            "There should be at least one prediction that is not false negative."
        )


def _imbalance(table: GroupTable) -> None:
    if table.rules.imbalance_needs_both_sides or not table.rows:
        _IMBALANCE(table)


_NO_GROUP = "No group has both outcomes"
_IMBALANCE = _both_sides(
    rest="CI: negated facet set is empty. Check that x[~facet] has non-zero length.",
    facet="CI: facet set is empty. Check that x[facet] has non-zero length.",
    rest_first=True,
)
_PROPORTIONS = _both_sides(
    rest="Negative facet set is empty.", facet="Facet set is empty.", rest_first=True
)
_IMPACT = _both_sides(
    rest="Negated facet set is empty", facet="Facet set is empty", rest_first=True
)
_SIDES = _both_sides(rest="Negated Facet set is empty", facet="Facet set is empty")
_OUTCOMES = _both_sides(rest="DCO: Negated Facet set is empty", facet="DCO: Facet set is empty")
_RATES = _both_sides(rest="DLR: Negated Facet set is empty", facet="DLR: Facet set is empty")
_ACCURACY = _both_sides(rest="DLA: Negated Facet set is empty", facet="DLA: Facet set is empty")


_POSITIVE_LABELS = Need(what="positive labels", counts=lambda table: table.labels()[..., 1])
_NEGATIVE_LABELS = Need(what="negative labels", counts=lambda table: table.labels()[..., 0])
_ACCEPTED = Need(what="positive predictions", counts=lambda table: table.predictions()[..., 1])
_REJECTED = Need(what="negative predictions", counts=lambda table: table.predictions()[..., 0])
_WRONGLY_ACCEPTED = Need(what="false positives", counts=lambda table: table.cells()[..., 0, 1])


def _metric(
    name: str, title: str, check: Check, formula: Formula, need: Need | None = None
) -> BiasMetric:
    return BiasMetric(
        name=name,
        description=f"{title} ({name})",
        checks=(check,),
        formula=formula,
        scale=_SCALES.get(name, LINEAR),
        need=need,
    )


def _disparity(
    name: str, title: str, totals: Callable[[GroupTable], NDArray[np.float64]], formula: Formula
) -> BiasMetric:
    return BiasMetric(
        name=name,
        description=f"{title} ({name})",
        checks=(_grouped, _both_outcomes(totals)),
        formula=formula,
        conditional=True,
    )


_SCALES = {"DCA": ASINH, "DCR": ASINH, "DI": LOG, "TE": ASINH}

PRE_TRAINING: tuple[BiasMetric, ...] = (
    _disparity(
        "CDDL",
        "Conditional Demographic Disparity in Labels",
        GroupTable.labels,
        pre.label_disparity,
    ),
    _metric("CI", "Class Imbalance", _imbalance, pre.class_imbalance),
    _metric(
        "DPL", "Difference in Positive Proportions in Labels", _PROPORTIONS, pre.label_proportions
    ),
    _metric("JS", "Jensen-Shannon Divergence", _common_label, pre.of_labels(js_of)),
    # Clarify's own spelling.
    _metric("KL", "Kullback-Liebler Divergence", _common_label, pre.of_labels(kl_of)),
    _metric("KS", "Kolmogorov-Smirnov Distance", _common_label, pre.of_labels(pre.ks_of)),
    _metric("LP", "L-p Norm", _common_label, pre.of_labels(pre.lp_of)),
    _metric("TVD", "Total Variation Distance", _common_label, pre.of_labels(pre.tvd_of)),
)

POST_TRAINING: tuple[BiasMetric, ...] = (
    _metric("AD", "Accuracy Difference", _SIDES, post.accuracy_difference),
    _disparity(
        "CDDPL",
        "Conditional Demographic Disparity in Predicted Labels",
        GroupTable.predictions,
        post.prediction_disparity,
    ),
    _metric("DAR", "Difference in Acceptance Rates", _RATES, post.acceptance_rates, _ACCEPTED),
    _metric(
        "DCA",
        "Difference in Conditional Acceptance",
        _OUTCOMES,
        post.conditional_acceptance,
        _ACCEPTED,
    ),
    _metric(
        "DCR",
        "Difference in Conditional Rejection",
        _OUTCOMES,
        post.conditional_rejection,
        _REJECTED,
    ),
    _metric("DI", "Disparate Impact", _IMPACT, post.disparate_impact, _ACCEPTED),
    _metric(
        "DPPL",
        "Difference in Positive Proportions in Predicted Labels",
        _PROPORTIONS,
        post.prediction_proportions,
    ),
    _metric("DRR", "Difference in Rejection Rates", _RATES, post.rejection_rates, _REJECTED),
    _metric("GE", "Generalized Entropy", _some_benefit, post.generalized_entropy),
    _metric("RD", "Recall Difference", _ACCURACY, post.recall_difference, _POSITIVE_LABELS),
    _metric(
        "SD", "Specificity Difference", _ACCURACY, post.specificity_difference, _NEGATIVE_LABELS
    ),
    _metric("TE", "Treatment Equality", _SIDES, post.treatment_equality, _WRONGLY_ACCEPTED),
)

METRICS: dict[str, BiasMetric] = {each.name: each for each in (*PRE_TRAINING, *POST_TRAINING)}

# Alphabetical, as the reports have them.
PRE_TRAINING_NAMES = tuple(each.name for each in PRE_TRAINING)
POST_TRAINING_NAMES = tuple(sorted([*(each.name for each in POST_TRAINING), FLIP_TEST]))


def names_of(stage: str) -> tuple[str, ...]:
    """Names of all metrics of a stage, in the order of the report."""
    return PRE_TRAINING_NAMES if stage == "pre_training" else POST_TRAINING_NAMES


def description_of(name: str) -> str:
    """A metric's long name."""
    return FLIP_TEST_DESCRIPTION if name == FLIP_TEST else METRICS[name].description
