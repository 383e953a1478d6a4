"""Calibration from sums against the same by rows."""

from __future__ import annotations

import numpy as np
import pytest

from driftkit.comparison.deployment.calibration import (
    BINS,
    calibration_error,
    calibration_in_the_large,
    equal_mass_edges,
)


def test_edges_share_the_rows_out_equally() -> None:
    probabilities = np.random.default_rng(1).beta(2, 5, 1_000)

    edges = equal_mass_edges(probabilities)

    bins = np.searchsorted(edges, probabilities, side="right")
    assert np.bincount(bins, minlength=BINS).tolist() == [100] * BINS


def test_a_score_of_few_values_has_few_bins() -> None:
    assert equal_mass_edges([0.2] * 90 + [0.7] * 10).tolist() == pytest.approx([0.2, 0.25], abs=0.1)


def test_errors_of_sums_are_those_of_rows() -> None:
    draws = np.random.default_rng(2)
    probabilities = draws.random(2_000)
    labels = draws.random(2_000) < probabilities**2
    bins = np.searchsorted(equal_mass_edges(probabilities), probabilities, side="right")

    found = calibration_error(
        np.bincount(bins), np.bincount(bins, probabilities), np.bincount(bins, labels)
    )
    large = calibration_in_the_large(2_000, float(probabilities.sum()), float(labels.sum()))

    by_rows = [
        (bins == each).mean()
        * abs(probabilities[bins == each].mean() - labels[bins == each].mean())
        for each in range(BINS)
    ]
    assert found == pytest.approx(sum(by_rows), rel=1e-12)
    assert large == pytest.approx(float(np.mean(probabilities - labels)), rel=1e-12)


def test_no_rows_have_no_calibration() -> None:
    assert calibration_error([0, 0], [0.0, 0.0], [0, 0]) is None
    assert calibration_in_the_large(0, 0.0, 0) is None
