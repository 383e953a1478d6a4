"""Distances of Azure Machine Learning's components (MIT) and of Databricks' documentation.

Neither was run: the definitions are as they are told. Databricks does not say what its bins are, so
that only its distances without bins are here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.comparison import distribution_functions as functions
from driftkit.comparison import divergences
from driftkit.comparison.cells import WIDEST_GAP, of_both, of_numbers, of_text
from driftkit.comparison.distance import Distance
from driftkit.comparison.equal_width import equal_edges, in_bins

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.cell_counts import CellCounts
    from driftkit.comparison.distributions import Distribution


def _joint_cells(current: Distribution, baseline: Distribution) -> CellCounts:
    """Azure's: ceil(log2 n + 1) bins for the n rows of the smaller side, over the values of both."""
    least = float(min(current.values[0], baseline.values[0]))
    greatest = float(max(current.values[-1], baseline.values[-1]))
    bins = math.ceil(math.log2(min(current.total, baseline.total)) + 1)
    return in_bins(current, baseline, equal_edges(least, greatest, bins))


def _one_more(counts: CellCounts) -> Floats:
    bins = counts.now.shape[-1]
    n, m = counts.totals
    return divergences.stability_of((counts.now + 1) / (n + bins), (counts.before + 1) / (m + bins))


CLOUDS: tuple[Distance, ...] = (
    Distance(
        name="azure:psi",
        **of_both(_one_more, _joint_cells),
        greatest=math.inf,
        source="ceil(log2 n + 1) bins for the n rows of the smaller side, equal over both; a row more in every bin",
    ),
    Distance(
        name="azure:jensen_shannon",
        **of_both(divergences.jensen_shannon_distance, _joint_cells, is_root=True),
        source="distance, base 2; bins as azure:psi, nothing added",
    ),
    Distance(
        name="azure:wasserstein",
        numbers=of_numbers(functions.bounded_wasserstein, is_root=True),
        greatest=math.inf,
        source="as evidently:wasserstein",
    ),
    Distance(
        name="databricks:ks_test",
        numbers=WIDEST_GAP,
        source="the widest gap of the distribution functions",
    ),
    Distance(
        name="databricks:wasserstein_distance",
        numbers=of_numbers(functions.wasserstein, is_root=True),
        greatest=math.inf,
        source="in the column's unit",
    ),
    Distance(
        name="databricks:tv_distance",
        categories=of_text(divergences.total_variation, is_root=True),
        source="half the sum of the differences of shares",
    ),
    Distance(
        name="databricks:l_infinity_distance",
        categories=of_text(divergences.l_infinity, is_root=True),
        source="greatest difference of a share",
    ),
)
