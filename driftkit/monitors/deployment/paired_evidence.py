"""What pairs of two arms say of a metric at each look: both answered the same requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.delong_bins import PairCells, delong_of_pairs
from driftkit.comparison.deployment.ratios import ratio
from driftkit.monitors.deployment.evidence import RATES, Evidence
from driftkit.states.deployment.pair_fold import is_ratio_of_pairs
from driftkit.states.deployment.pairs import BINS

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan import PlannedMetric
    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.deployment.pairs import PairState


def paired_evidence(
    pairs: PairState, index: int, metric: PlannedMetric, blocks: Integers
) -> Evidence:
    """What is known of a metric at the end of each block.

    Args:
        pairs: of champion and challenger.
        index: of the metric in the plan.
        metric: as it was planned.
        blocks: begins, sorted; those of all pairs are among them.
    """
    if metric.kind == "auc":
        return _of_scores(pairs, blocks)
    if is_ratio_of_pairs(metric):
        return _of_ratios(pairs, index, blocks)
    found = pairs.moments_of(index)
    n, old, new, d, dd = (
        sums_so_far(values, found.blocks, blocks)
        for values in (found.n, found.champion, found.challenger, found.d, found.dd)
    )
    difference = ratio(d, n)
    spread = np.maximum(dd - n * np.nan_to_num(difference) ** 2, 0.0)
    return Evidence(
        difference=difference,
        variance=ratio(spread, n * np.maximum(n - 1, 0.0)),
        units=n,
        values=np.column_stack([ratio(old, n), ratio(new, n)]),
        counted=np.column_stack([n, n]),
        events=np.column_stack([old, new]) if metric.kind in RATES else None,
    )


def _of_ratios(pairs: PairState, index: int, blocks: Integers) -> Evidence:
    """The difference of two ratios of sums over the same pairs, by the delta method.

    Each pair adds e1 - e0 with e = (S - R N) / sum of N, so that the variance needs the sums of
    products of S and N of both arms alone. Derived here.
    """
    found = pairs.ratios_of(index)
    n = sums_so_far(found.n, found.blocks, blocks)
    sums = sums_so_far(found.sums, found.blocks, blocks)
    products = sums_so_far(found.products, found.blocks, blocks)
    old, new = ratio(sums[:, 0], sums[:, 1]), ratio(sums[:, 2], sums[:, 3])
    scale_old, scale_new = ratio(1.0, sums[:, 1]), ratio(1.0, sums[:, 3])
    linear = np.column_stack([-scale_old, old * scale_old, scale_new, -new * scale_new])
    variance = np.einsum("li,lij,lj->l", linear, products, linear)
    return Evidence(
        difference=new - old,
        variance=np.maximum(variance, 0.0) * ratio(n, np.maximum(n - 1, 0.0)),
        units=n,
        values=np.column_stack([old, new]),
        counted=np.column_stack([n, n]),
    )


def _of_scores(pairs: PairState, blocks: Integers) -> Evidence:
    found = pairs.score_counts
    cells = PairCells(
        look=np.searchsorted(blocks, found.blocks),
        positive=found.positive,
        champion=found.champion,
        challenger=found.challenger,
        count=found.pairs.astype(np.int64),
    )
    aucs = delong_of_pairs(cells, len(blocks), BINS)
    n = np.cumsum(np.bincount(cells.look, cells.count, len(blocks))).astype(np.float64)
    difference = aucs.difference
    return Evidence(
        difference=difference.difference,
        variance=difference.variance,
        units=n,
        values=aucs.values,
        counted=np.column_stack([n, n]),
    )


def sums_so_far(values: Floats, of: Integers, blocks: Integers) -> Floats:
    """The sums of some blocks up to each block of all.

    Args:
        values: of the former, shape (blocks, ...).
        of: begins of the former.
        blocks: begins of all, sorted, the former among them.
    """
    found = np.zeros((len(blocks), *values.shape[1:]))
    found[np.searchsorted(blocks, of)] = values
    return np.cumsum(found, axis=0)
