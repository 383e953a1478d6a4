"""The table of distances between a window's distribution and its baseline's.

A new distance is a function in a file of its own and a row here: constraints.json, the drift check,
the tables of statistics and the list in docs/distances.md follow from the row. Distances of other
tools, by their names, stand in peers/.
"""

from __future__ import annotations

import math
from functools import partial
from types import MappingProxyType

from driftkit.comparison import distribution_functions as functions
from driftkit.comparison import divergences
from driftkit.comparison.cells import WIDEST_GAP, of_both, of_numbers, of_text, on_deciles
from driftkit.comparison.chi_square import chi_square
from driftkit.comparison.dependence import dependence
from driftkit.comparison.distance import Distance
from driftkit.comparison.linfinity import categorical_distance, distribution_distance
from driftkit.comparison.peers.clouds import CLOUDS
from driftkit.comparison.peers.evidently import EVIDENTLY
from driftkit.comparison.peers.nannyml import NANNYML
from driftkit.dialects import IN_BOTH

OWN: tuple[Distance, ...] = (
    Distance(
        name="Simple",
        dialects=IN_BOTH,
        numbers=WIDEST_GAP,
        # AWS's documentation says linf_simple where its schema says Simple.
        spellings=("linf_simple",),
        source="Deequ's Distance.numericalDistance: L-infinity of the distribution functions",
    ),
    Distance(
        name="Robust",
        dialects=IN_BOTH,
        numbers=partial(distribution_distance, robust=True),
        spellings=("linf_robust",),
        source="the same, less what few values are apart by chance",
    ),
    Distance(
        name="LInfinity",
        dialects=IN_BOTH,
        categories=of_text(divergences.l_infinity, is_root=True),
        robust_categories=partial(categorical_distance, robust=True),
        source="Deequ's Distance.categoricalDistance: greatest difference of a share",
    ),
    Distance(
        name="ChiSquared",
        dialects=IN_BOTH,
        categories=partial(chi_square, robust=False),
        robust_categories=partial(chi_square, robust=True),
        greatest=None,
        robust_is_p_value=True,
        source="Deequ's Distance.categoricalDistance: Pearson's test after regrouping",
    ),
    Distance(
        name="JensenShannon",
        **of_both(divergences.jensen_shannon_distance, on_deciles, is_root=True),
        source="Endres and Schindelin 2003: root of the divergence, base 2",
    ),
    Distance(
        name="JensenShannonDivergence",
        **of_both(divergences.jensen_shannon_divergence, on_deciles),
        threshold=0.01,
        source="Lin 1991: mean divergence of both from their mixture, base 2",
    ),
    Distance(
        name="KullbackLeibler",
        **of_both(divergences.kullback_leibler, on_deciles),
        greatest=math.inf,
        source="Kullback and Leibler 1951: sum of q ln(q / p), half a row more in every cell",
    ),
    Distance(
        name="PSI",
        **of_both(divergences.population_stability, on_deciles),
        greatest=math.inf,
        threshold=0.2,
        spellings=("PopulationStabilityIndex",),
        source="Siddiqi 2006: sum of (q - p) ln(q / p), half a row more in every cell",
    ),
    Distance(
        name="Hellinger",
        **of_both(divergences.hellinger, on_deciles, is_root=True),
        source="Hellinger 1909: root of half the sum of (root q - root p)^2",
    ),
    Distance(
        name="TotalVariation",
        **of_both(divergences.total_variation, on_deciles, is_root=True),
        source="half the sum of the differences of shares",
    ),
    Distance(
        name="KolmogorovSmirnov",
        numbers=WIDEST_GAP,
        spellings=("KS",),
        source="Smirnov 1939: the widest gap of the distribution functions, as Simple",
    ),
    Distance(
        name="Wasserstein",
        numbers=of_numbers(functions.wasserstein_in_deviations, is_root=True),
        greatest=math.inf,
        source="Vallender 1974: area between the distribution functions, in standard deviations of the baseline",
    ),
    Distance(
        name="Energy",
        numbers=of_numbers(functions.energy_in_deviations, is_root=True),
        greatest=math.inf,
        source="Szekely and Rizzo 2013: root of twice the squared area of the gaps, values in standard deviations of the baseline",
    ),
    Distance(
        name="AndersonDarling",
        numbers=of_numbers(
            functions.anderson_darling,
            tail=functions.anderson_darling_p,
        ),
        greatest=None,
        threshold=2.492,
        source="Scholz and Stephens 1987: A^2 of two samples, ties by middle ranks; 5 % of equal laws exceed 2.492, 1 % 3.878",
    ),
    Distance(
        name="CramerVonMises",
        numbers=of_numbers(
            functions.cramer_von_mises,
            tail=functions.cramer_von_mises_p,
        ),
        greatest=None,
        threshold=0.461,
        source="Anderson 1962: T of two samples; 5 % of equal laws exceed 0.461, 1 % 0.743",
    ),
    Distance(
        name="PearsonChiSquared",
        categories=of_text(divergences.chi_square_p, is_p_value=True),
        greatest=None,
        is_p_value=True,
        threshold=0.05,
        source="Pearson 1900: p-value of the table of both counts, nothing regrouped",
    ),
    Distance(
        name="CramersV",
        categories=of_text(
            divergences.cramers_v,
            is_root=True,
            tail=divergences.chi_square_p,
        ),
        source="Cramer 1946: root of chi-square by the rows of both",
    ),
    Distance(
        name="Dependence",
        dialects=IN_BOTH,
        categories=partial(dependence, robust=False),
        robust_categories=partial(dependence, robust=True),
        source="of joint columns: Cramer's V against the baseline's cells, fitted to the window's shares of either column",
    ),
)

DISTANCES = (*OWN, *EVIDENTLY, *NANNYML, *CLOUDS)
NUMERICAL = MappingProxyType({each.name: each for each in DISTANCES if each.numbers})
CATEGORICAL = MappingProxyType({each.name: each for each in DISTANCES if each.categories})
