"""Background rows for Shapley values, chosen from the data by clustering."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.errors import SettingsError
from driftkit.explain.k_prototypes import prototypes

if TYPE_CHECKING:
    from driftkit.explain.rows import Rows

MOST_OPTIMAL = 12


def clustered(rows: Rows, clusters: int | None, seed: int = 0) -> Rows:
    """The centres of clusters: K-means where all features are numbers, else K-prototypes.

    Args:
        rows: of the data, a sample of them where they are many; rows with missing numbers are
            left out of K-means.
        clusters: how many; None for the best number from 1 to 12.
        seed: of the first centres.

    Raises:
        SettingsError: there are fewer rows than clusters, or scikit-learn is not here.
    """
    usable = rows.of(rows.values[np.isfinite(rows.values).all(axis=1)]) if rows.numeric else rows
    if len(usable) < (clusters or 1):
        raise SettingsError(
            "there are fewer rows than clusters",
            where="num_clusters",
            expected=f"from 1 to the {len(usable)} complete rows",
            found=str(clusters or 1),
            todo="Lower it, or give baseline rows",
        )
    find = _means if rows.numeric else prototypes
    if clusters is not None:
        return find(usable, clusters, seed)[0]
    tried = [find(usable, count, seed) for count in range(1, min(MOST_OPTIMAL, len(usable)) + 1)]
    return tried[_elbow([spread for _, spread in tried])][0]


def _means(rows: Rows, clusters: int, seed: int) -> tuple[Rows, float]:
    try:
        from sklearn.cluster import KMeans  # noqa: PLC0415  (only where centres are looked for)
    except ImportError as error:
        raise SettingsError(
            "K-means needs scikit-learn, which is not here",
            where="methods.shap.num_clusters",
            expected="scikit-learn, or baseline rows",
            found="nothing",
            todo="Give baseline rows in methods.shap.baseline, or install it",
        ) from error
    model = KMeans(n_clusters=clusters, n_init=4, random_state=seed % 2**32).fit(rows.values)
    return rows.of(np.asarray(model.cluster_centers_, dtype=np.float64)), float(model.inertia_)


def _elbow(spreads: list[float]) -> int:
    """The place farthest below the line from the first to the last."""
    if len(spreads) < 3 or spreads[0] <= spreads[-1]:
        return 0
    line = np.linspace(spreads[0], spreads[-1], len(spreads))
    return int(np.argmax(line - np.array(spreads)))
