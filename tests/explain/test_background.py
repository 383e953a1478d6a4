"""Clusters as baseline rows, and rows from tables."""

from __future__ import annotations

import numpy as np
import pytest

from driftkit.errors import SettingsError
from driftkit.explain.background import clustered, prototypes
from driftkit.explain.rows import Rows, rows_of
from tests.explain.games import random_rows, rows


def clouds(*centres: float) -> Rows:
    """Twenty rows around each centre."""
    noise = random_rows(20, 3).values / 100
    return rows(np.concatenate([noise - noise.mean(axis=0) + centre for centre in centres]))


def test_clusters_of_numbers_are_k_means() -> None:
    pytest.importorskip("sklearn")

    found = clustered(clouds(0, 10, 50), 3, seed=1)

    np.testing.assert_allclose(np.sort(found.values[:, 0]), [0, 10, 50], atol=1e-9)


def test_the_best_number_of_clusters_is_found() -> None:
    pytest.importorskip("sklearn")

    assert len(clustered(clouds(0, 10, 20), None)) == 3


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_incomplete_rows_are_left_out(missing: float) -> None:
    pytest.importorskip("sklearn")
    data = clouds(0, 10)
    data.values[5, 1] = missing

    assert np.isfinite(clustered(data, 2).values).all()


def test_text_is_clustered_by_k_prototypes() -> None:
    table = [["x", 1.0]] * 10 + [["x", 1.2]] * 5 + [["y", 9.0]] * 8 + [["z", 9.0]]

    found = clustered(rows_of(table, "ab", "data"), 2, seed=3)

    assert sorted(found.values[:, 0]) == ["x", "y"]
    np.testing.assert_allclose(sorted(map(float, found.values[:, 1])), [16 / 15, 9], atol=1e-9)


def test_prototypes_of_all_different_rows_are_the_rows() -> None:
    data = rows_of([["x", 1.0], ["y", 2.0], ["z", 9.0]], "ab", "data")

    found, away = prototypes(data, 3)

    assert sorted(found.values.tolist()) == data.values.tolist()
    assert away == 0


@pytest.mark.parametrize("clusters", [4, None])
def test_more_clusters_than_rows_are_an_error(clusters: int | None) -> None:
    count = 3 if clusters else 0

    with pytest.raises(SettingsError, match="num_clusters"):
        clustered(random_rows(count, 2), clusters)
