"""Where two versions that answered the same requests disagree most: cells of features, ranked.

A cell is the pairs with a value of one feature: a range of a number, a category. Which cells there
are must not depend on the pairs' answers; take them from the baseline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.paired import mcnemar
from driftkit.comparison.deployment.ratios import ratio
from driftkit.comparison.deployment.several import holm

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from driftkit.comparison.arrays import Floats

LEAST_PAIRS = 50
MOST_CELLS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreements:
    """The cells in which the versions are furthest apart, furthest first.

    Attributes:
        cell: their numbers among all cells, shape (listed,).
        discordant: share of pairs that one version alone answered right.
        difference: of the shares of right answers, challenger less champion.
        distance: |b - c| / sqrt(b + c), b and c the discordant pairs of either version: standard
            errors from no difference.
        p_value: McNemar's exact one, adjusted by Holm for all cells with enough pairs. It holds for
            one look at the pairs, not for one every hour.
    """

    cell: NDArray[np.intp]
    discordant: Floats
    difference: Floats
    distance: Floats
    p_value: Floats


def disagreements(
    pairs: ArrayLike,
    champion_only: ArrayLike,
    challenger_only: ArrayLike,
    *,
    least_pairs: int = LEAST_PAIRS,
    most_cells: int = MOST_CELLS,
) -> Disagreements:
    """Ranks cells by how far the versions are apart in them.

    Cells without discordant pairs are not listed. Of cells equally far the one with the lower number
    comes first.

    Args:
        pairs: of each cell, shape (cells,).
        champion_only: those that the champion alone answered right.
        challenger_only: those that the challenger alone answered right.
        least_pairs: cells with fewer are left out.
        most_cells: how many are listed.

    >>> found = disagreements([1_000, 60, 49], [20, 30, 40], [25, 2, 0])
    >>> found.cell.tolist(), found.difference.round(3).tolist()
    ([1, 0], [-0.467, 0.005])
    >>> found.p_value.round(6).tolist()
    [0.0, 0.551484]
    """
    n, lost, won = (
        np.asarray(each, dtype=float) for each in (pairs, champion_only, challenger_only)
    )
    enough = n >= least_pairs
    # Cells without discordant pairs were tested too: leaving them out would depend on the answers.
    p_values = holm(np.where(enough, mcnemar(lost, won), np.nan))
    distance = ratio(np.abs(won - lost), np.sqrt(won + lost))
    ranked = np.argsort(np.where(enough, -distance, np.nan), kind="stable")
    listed = ranked[: min(np.count_nonzero(enough & (won + lost > 0)), most_cells)]
    n, lost, won = n[listed], lost[listed], won[listed]
    return Disagreements(
        cell=listed,
        discordant=ratio(won + lost, n),
        difference=ratio(won - lost, n),
        distance=distance[listed],
        p_value=p_values[listed],
    )
