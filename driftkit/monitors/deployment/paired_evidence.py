"""What pairs of two arms say of a metric at each look: both answered the same requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.delong_bins import PairCells, delong_of_pairs
from driftkit.comparison.deployment.ratios import ratio
from driftkit.monitors.deployment.bias_evidence import LESS, PLUS, SignedBias
from driftkit.monitors.deployment.evidence import RATES, Evidence
from driftkit.states.deployment.metrics import rest_of
from driftkit.states.deployment.pair_fold import is_ratio_of_pairs
from driftkit.states.deployment.pairs import BINS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.deployment.metrics import Bias
    from driftkit.formats.deployment.plan import PlannedMetric
    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.deployment.pairs import PairState


def paired_evidence(
    pairs: PairState, names: Sequence[str], metric: PlannedMetric, blocks: Integers
) -> Evidence:
    """What is known of a metric at the end of each block.

    Args:
        pairs: of champion and challenger.
        names: of all that is summed up, in its order; `sources_of`.
        metric: as it was planned.
        blocks: begins, sorted; those of all pairs are among them.
    """
    if metric.kind == "auc":
        return _of_scores(pairs, blocks)
    index = names.index(metric.name)
    if metric.bias is not None:
        groups = index, names.index(rest_of(metric))
        return _of_bias(pairs, groups, metric.bias, blocks)
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
    found = _RatioSums.of(pairs, index, blocks)
    difference, variance = found.estimate(LESS)
    n = found.n
    return Evidence(
        difference=difference,
        variance=variance * ratio(n, np.maximum(n - 1, 0.0)),
        units=n,
        values=found.values,
        counted=np.column_stack([n, n]),
    )


def _of_bias(pairs: PairState, groups: tuple[int, int], bias: Bias, blocks: Integers) -> Evidence:
    """The bias of both arms, whose rates of the group and of the rest are ratios of sums of pairs.

    Both rows of a pair are taken to be of one group, as they answer one request, so that the errors
    of the two rates are independent.
    """
    group, rest = (_RatioSums.of(pairs, index, blocks) for index in groups)
    found, n = {}, group.n
    for way in (LESS, PLUS):
        (of_group, one), (of_rest, other) = group.estimate(way), rest.estimate(way)
        found[way] = bias.sign * (of_rest - of_group), one + other
    correction = ratio(n, np.maximum(n - 1, 0.0))
    sums = np.stack([group.sums, rest.sums], axis=2).reshape(len(n), 2, 2, 2)
    return Evidence.of_bias(
        SignedBias(
            difference=found[LESS][0],
            difference_variance=found[LESS][1] * correction,
            total=found[PLUS][0],
            total_variance=found[PLUS][1] * correction,
            units=n,
            sign=bias.sign,
            counted=sums[:, :, 1],
            events=sums[:, :, 0],
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _RatioSums:
    """The sums of a ratio of pairs up to each look.

    Attributes:
        n: pairs.
        sums: of S0, N0, S1 and N1, shape (looks, 4).
        products: of any two of them, shape (looks, 4, 4).
    """

    n: Floats
    sums: Floats
    products: Floats

    @classmethod
    def of(cls, pairs: PairState, index: int, blocks: Integers) -> _RatioSums:
        """Of a metric, by its index among those of the pairing."""
        found = pairs.ratios_of(index)
        n, sums, products = (
            sums_so_far(values, found.blocks, blocks)
            for values in (found.n, found.sums, found.products)
        )
        return cls(n=n, sums=sums, products=products)

    @property
    def values(self) -> Floats:
        """The ratios of champion and challenger, shape (looks, 2)."""
        return ratio(self.sums[:, [0, 2]], self.sums[:, [1, 3]])

    def estimate(self, way: float) -> tuple[Floats, Floats]:
        """The challenger's ratio less, or plus, the champion's, and the sum of its squared errors.

        By the delta method: each pair adds e1 - e0, or e1 + e0, with e = (S - R N) / sum of N, so that
        the variance needs the sums of products of S and N of both arms alone. Derived here.

        Args:
            way: `LESS` or `PLUS`.
        """
        old, new = self.values.T
        scale_old, scale_new = ratio(1.0, self.sums[:, 1]), ratio(1.0, self.sums[:, 3])
        linear = np.column_stack(
            [way * scale_old, -way * old * scale_old, scale_new, -new * scale_new]
        )
        variance = np.einsum("li,lij,lj->l", linear, self.products, linear)
        return new + way * old, np.maximum(variance, 0.0)


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
