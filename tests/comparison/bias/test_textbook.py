"""Bias metrics by their definitions: scipy's and scikit-learn's numbers, bounds and symmetries."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy
from sklearn.metrics import accuracy_score, precision_score, recall_score

from driftkit.comparison.bias.metrics import METRICS
from driftkit.comparison.bias.performance import Quadrants, performance
from driftkit.comparison.bias.sampling import metric_noise
from driftkit.comparison.bias.table import GroupTable, UndefinedMetricError
from driftkit.dialects import AWS, TEXTBOOK
from driftkit.monitors.bias import monitor as bias
from driftkit.monitors.bias.results import BiasBaseline
from tests.monitors.bias.tables import configuration, value_of

DISTANCES = ("KL", "JS", "LP", "TVD", "KS")
RATES = {"RD": recall_score, "DAR": precision_score, "AD": accuracy_score}
# Often nothing at all: that is where the definitions matter.
COUNT = st.sampled_from([0, 0, 1, 2, 3, 7, 40, 100_000])


@st.composite
def tables(draw: st.DrawFn, groups: int = 2) -> GroupTable:
    """Counts of which many are zero."""
    cells = draw(st.lists(COUNT, min_size=8 * groups, max_size=8 * groups))
    counts = np.array(cells, dtype=float).reshape(2, 2, 2, groups)
    return GroupTable(
        counts=counts, weighted=np.ones(groups, dtype=bool), group_problem=None, rules=TEXTBOOK
    )


def value(name: str, table: GroupTable) -> float | None:
    try:
        return METRICS[name].value(table)
    except UndefinedMetricError:
        return None


def of_labels(rest: tuple[int, int], facet: tuple[int, int]) -> GroupTable:
    """A table of negative and positive labels of the two sides."""
    counts = np.zeros((2, 2, 2, 1))
    counts[:, :, 0, 0] = rest, facet
    return GroupTable(counts=counts, weighted=np.ones(1, dtype=bool), rules=TEXTBOOK)


def one_row_each(table: GroupTable, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Label, prediction and weight of each cell of a side."""
    cells = table.cells()[side]
    labels, predictions = np.indices((2, 2)).reshape(2, -1)
    return labels, predictions, cells.ravel()


@pytest.mark.parametrize(
    ("name", "expected"), [("TVD", 0.5), ("LP", 0.7071), ("JS", 0.2158), ("KL", math.inf)]
)
def test_a_label_that_one_side_lacks_counts(name: str, expected: float) -> None:
    assert value(name, of_labels((50, 50), (40, 0))) == pytest.approx(expected, abs=5e-5)


def test_aws_leaves_it_out() -> None:
    table = replace(of_labels((50, 50), (40, 0)), rules=AWS)

    assert value("TVD", table) == pytest.approx(0.25)


@given(tables())
def test_distances_are_scipys(table: GroupTable) -> None:
    labels = table.labels()
    if not table.sizes().all():
        assert {value(name, table) for name in DISTANCES} == {None}
        return
    rest, facet = labels / labels.sum(axis=1, keepdims=True)

    assert value("KL", table) == pytest.approx(entropy(rest, facet), rel=1e-9, abs=1e-15)
    assert value("JS", table) == pytest.approx(jensenshannon(rest, facet) ** 2, rel=1e-6, abs=1e-15)
    assert value("LP", table) == pytest.approx(np.linalg.norm(rest - facet))
    assert value("TVD", table) == pytest.approx(abs(rest - facet).sum() / 2)
    assert value("KS", table) == pytest.approx(abs(rest - facet).max())


@given(tables())
def test_distances_keep_their_bounds(table: GroupTable) -> None:
    found = {name: value(name, table) for name in DISTANCES}
    if None in found.values():
        return
    kl, js, lp, tvd, ks = (found[name] or 0.0 for name in DISTANCES)

    assert 0 <= tvd <= 1
    assert 0 <= js <= math.log(2) + 1e-15
    assert kl >= 0
    # Norms of a vector of two numbers whose sum is 0, and Pinsker's inequality.
    assert tvd <= lp * math.sqrt(2) / 2 + 1e-12
    assert lp <= 2 * tvd + 1e-12
    assert ks == pytest.approx(tvd)
    assert kl >= 2 * tvd**2 - 1e-12


@given(tables())
def test_distances_do_not_ask_which_label_or_side_comes_first(table: GroupTable) -> None:
    renamed = table.batch(np.flip(table.counts, axis=1))
    swapped = table.batch(np.flip(table.counts, axis=0))

    for name in DISTANCES:
        assert value(name, renamed) == pytest.approx(value(name, table), abs=1e-15)
    for name in ("JS", "LP", "TVD", "KS"):
        assert value(name, swapped) == pytest.approx(value(name, table), abs=1e-15)


@given(tables())
def test_differences_turn_round_with_the_sides(table: GroupTable) -> None:
    swapped = table.batch(np.flip(table.counts, axis=0))

    for name in ("CI", "DPL", "DPPL", "RD", "SD", "AD", "DAR", "DRR", "DCA", "DCR", "TE"):
        known, other = value(name, table), value(name, swapped)
        assert (known is None) == (other is None), name
        if known is not None and other is not None:
            assert other == pytest.approx(-known), name


@given(tables())
def test_rates_are_scikit_learns(table: GroupTable) -> None:
    for name, score in RATES.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rest, facet = (
                score(label, prediction, sample_weight=weight, **_undefined(score))
                if weight.sum()
                else math.nan
                for label, prediction, weight in (one_row_each(table, side) for side in (0, 1))
            )
        expected = rest - facet
        known = value(name, table)
        assert (known is None) == math.isnan(expected), name
        assert known is None or known == pytest.approx(expected), name


def _undefined(score: Any) -> dict[str, float]:
    return {} if score is accuracy_score else {"zero_division": math.nan}


@given(tables())
def test_no_metric_is_not_a_number(table: GroupTable) -> None:
    for name in METRICS:
        found = value(name, table)
        assert found is None or not math.isnan(found), name


@pytest.mark.parametrize(
    ("name", "cells", "error"),
    [
        (
            "RD",
            [[3, 1], [2, 4], [5, 2], [0, 0]],
            "RD is not defined. the facet: no positive labels",
        ),
        ("SD", [[0, 0], [2, 4], [5, 2], [1, 1]], "SD is not defined. the rest: no negative labels"),
        (
            "DAR",
            [[3, 0], [2, 0], [5, 0], [1, 0]],
            "DAR is not defined. the rest and the facet: no positive predictions",
        ),
        ("DRR", [[3, 1], [2, 4], [0, 2], [0, 2]], "the facet: no negative predictions"),
        ("DI", [[3, 0], [2, 0], [5, 0], [1, 0]], "DI is not defined."),
        ("DCA", [[3, 1], [2, 4], [5, 0], [0, 0]], "the facet: no positive predictions"),
        ("TE", [[3, 0], [2, 4], [5, 0], [1, 0]], "the rest and the facet: no false positives"),
    ],
)
def test_a_rate_of_nothing_is_no_number(name: str, cells: list[list[int]], error: str) -> None:
    counts = np.array(cells, dtype=float).reshape(2, 2, 2, 1)
    table = GroupTable(counts=counts, weighted=np.ones(1, dtype=bool), rules=TEXTBOOK)

    with pytest.raises(UndefinedMetricError, match=error):
        METRICS[name].value(table)

    assert math.isfinite(METRICS[name].value(replace(table, rules=AWS)))


@pytest.mark.parametrize(("sizes", "expected"), [((5, 0), 1.0), ((0, 5), -1.0), ((3, 1), 0.5)])
def test_imbalance_of_an_empty_side_is_complete(sizes: tuple[int, int], expected: float) -> None:
    assert value("CI", of_labels((sizes[0], 0), (sizes[1], 0))) == expected


@given(tables(groups=3))
def test_groups_in_which_all_are_treated_alike_say_nothing(table: GroupTable) -> None:
    """Conditional disparity is the mean over the groups with both outcomes, weighted by size."""
    outcomes = table.counts.sum(axis=-2)
    accepted, rejected = outcomes[:, 1], outcomes[:, 0]
    both = (accepted.sum(axis=0) > 0) & (rejected.sum(axis=0) > 0)
    expected = None
    if both.any():
        kept = accepted[:, both], rejected[:, both]
        shares = [each[1] / each.sum(axis=0) for each in kept]
        weights = sum(each.sum(axis=0) for each in kept)
        expected = pytest.approx(np.average(shares[1] - shares[0], weights=weights), abs=1e-15)

    assert value("CDDL", table) == expected


@given(tables(groups=1))
def test_every_defined_metric_has_a_finite_spread(table: GroupTable) -> None:
    small = table.batch(np.minimum(table.counts, 40))
    for name, spread in metric_noise(small, [*METRICS.values()], seed=1, resamples=50).items():
        assert math.isfinite(spread.centre), name
        assert math.isfinite(spread.deviation), name


def test_the_performance_report_has_no_rates_of_nothing() -> None:
    nothing = Quadrants(tp=0, fp=0, fn=0, tn=4, undefined=math.nan)
    found = {each["name"]: each["value"] for each in performance(nothing)}

    assert found["Accuracy"] == 1
    assert found["True Positive Rate / Recall"] is None
    assert found["Acceptance Rate / Precision"] is None
    assert found["F1 Score"] is None
    assert {each["value"] for each in performance(replace(nothing, undefined=0.0))} == {0, 1}


def test_an_infinite_metric_goes_through_files_and_comparison(tmp_path: Any) -> None:
    lacking = {
        "carrier": ["A"] * 100 + ["B"] * 40,
        "origin": ["EWR"] * 140,
        "late": [1, 0] * 50 + [1] * 40,
        "predicted": [1, 0] * 70,
    }
    even = {**lacking, "late": [1, 0] * 70}
    config = configuration()
    normal = bias.baseline(even, analysis_config=config, runner="local")
    normal.write(tmp_path)

    result = bias.monitor(
        lacking, BiasBaseline.read(tmp_path), analysis_config=config, runner="local"
    )

    assert value_of(result.analysis, "KL") == math.inf
    assert value_of(result.analysis, "SD") is None
    assert {"KL", "TVD"} <= {each.metric_name for each in result.violations}
    assert any("SD: no value in the window: SD is not" in str(each) for each in result.skipped)
    result.write(tmp_path)
    assert '"value": "Infinity"' in (tmp_path / "analysis.json").read_text()
    assert value_of(BiasBaseline.read(tmp_path).analysis, "KL") == math.inf
