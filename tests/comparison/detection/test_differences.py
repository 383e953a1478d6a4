"""Tests whether a window differs from its baseline by more than sampling."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from driftkit.comparison.detection.categories import CategoricalReference
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.evidence import harmonic
from driftkit.comparison.detection.false_discoveries import benjamini_hochberg
from driftkit.comparison.detection.memory import difference
from driftkit.comparison.detection.numbers import NumericReference
from driftkit.comparison.detection.shares import share_test
from driftkit.comparison.probabilities import anderson_tail
from tests.comparison.detection.drawn import counted, edges_of, reference_of, windows_of

# What one of 500 features must fall below to be reported at a rate of 0.01.
_OF_500 = 2e-5


@pytest.mark.parametrize(("k", "n", "r", "m"), [(0, 10, 3, 40), (5, 12, 3, 90), (30, 200, 60, 400)])
def test_share_test_is_twice_fishers_smaller_tail(k: int, n: int, r: int, m: int) -> None:
    table = np.array([[k, n - k], [r, m - r]])
    tails = [stats.fisher_exact(table, alternative=side)[1] for side in ("less", "greater")]

    assert float(share_test(k, n, r, m)) == pytest.approx(min(1, 2 * min(tails)), rel=1e-12)


def test_share_test_of_many_rows_is_the_normal_one() -> None:
    k, n, r, m = 5_200, 50_000, 9_900, 100_000
    share = (k + r) / (n + m)
    z = (k / n - r / m) / np.sqrt(share * (1 - share) * (1 / n + 1 / m))

    assert float(share_test(k, n, r, m)) == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-12)


def test_samples_without_rows_differ_in_nothing() -> None:
    assert share_test([0, 0, 5], [0, 10, 5], [3, 0, 7], [10, 0, 7]).tolist() == [1.0, 1.0, 1.0]


def test_gap_is_kolmogorovs_where_every_value_is_an_edge() -> None:
    rng = np.random.default_rng(1)
    base, window = rng.integers(0, 60, 900).astype(float), rng.integers(3, 60, 400).astype(float)
    edges = np.unique(base)

    found = {
        each.kind: each for each in reference_of(base, edges).tests(windows_of([window], edges))
    }

    expected = stats.ks_2samp(window, base).statistic
    assert found["distribution"].effect[0, 0] == pytest.approx(expected, rel=1e-12)


def test_anderson_and_darlings_statistic_follows_its_definition() -> None:
    rng = np.random.default_rng(2)
    base, window = rng.normal(size=500), rng.normal(0.4, size=200)
    edges = np.sort(base)
    pooled = np.sort(np.concatenate([base, window]))
    cells = np.searchsorted(edges, pooled, side="left")
    weight = len(base) * len(window) / len(pooled)
    total = 0.0
    for cell in np.unique(cells):
        share = (cells == cell).mean()
        middle = (cells <= cell).mean() - share / 2
        upper = edges[cell] if cell < len(edges) else np.inf
        gap = (window <= upper).mean() - (base <= upper).mean()
        total += gap**2 / (middle * (1 - middle)) * share
    expected = float(anderson_tail(weight * total))

    found = {
        each.kind: each for each in reference_of(base, edges).tests(windows_of([window], edges))
    }

    assert found["tails of the distribution"].p[0, 0] == pytest.approx(expected, rel=1e-9)


def test_sums_of_windows_are_windows_of_all_rows() -> None:
    rng = np.random.default_rng(3)
    base = rng.normal(size=1_000)
    edges = edges_of(base)
    days = [rng.normal(size=rng.integers(5, 50)) for _ in range(6)]

    added = windows_of(days, edges).last([6])

    assert added.counts[0, 0].tolist() == counted(np.concatenate(days), edges).tolist()


def test_false_discoveries_are_scipys() -> None:
    rng = np.random.default_rng(4)
    p = rng.beta(0.3, 1, size=(50, 40))

    found = benjamini_hochberg(p, 0.05)

    expected = np.array([stats.false_discovery_control(row) <= 0.05 for row in p])
    assert found.tolist() == expected.tolist()
    assert 0 < found.sum() < found.size


def test_alike_windows_raise_no_alarm_among_500_features() -> None:
    rng, features, rows = np.random.default_rng(5), 500, 1_000
    shares = rng.dirichlet(np.ones(100), features)
    base = np.array([rng.multinomial(20_000, one) for one in shares])[:, None]
    reference = NumericReference(cells=Cells.of(base), atoms=np.zeros((features, 100), dtype=bool))
    windows = [np.array([rng.multinomial(rows, one) for one in shares]) for _ in range(32)]

    alarms = 0
    for last in range(16, 32):
        history = Cells.of(np.stack(windows[last - 15 : last + 1], axis=1))
        alarms += bool(benjamini_hochberg(difference(history, reference).p, 0.01).any())

    # At most 2 % of windows may; 16 of them that are not independent, one.
    assert alarms <= 1


@pytest.mark.parametrize(
    ("shift", "spread", "rows", "goal"),
    [(0.25, 1, 1_000, 0.95), (0.1, 1, 10_000, 0.95), (0, 1.2, 1_000, 0.9)],
)
def test_moved_numbers_are_found_among_500_features(
    shift: float, spread: float, rows: int, goal: float
) -> None:
    rng = np.random.default_rng(6)
    base = rng.normal(size=20_000)
    edges = edges_of(base)
    samples = [rng.normal(shift, spread, rows) for _ in range(40)]
    windows, reference = windows_of(samples, edges), reference_of(base, edges)

    found = [difference(_one(windows, index), reference) for index in range(40)]

    assert np.mean([each.p[0] <= _OF_500 for each in found]) >= goal


def test_unit_errors_in_one_row_of_a_hundred_are_found() -> None:
    rng = np.random.default_rng(7)
    base = rng.normal(size=20_000)
    edges = edges_of(base)
    samples = [
        np.where(rng.random(1_000) < 0.01, 100.0, 1.0) * rng.normal(size=1_000) for _ in range(40)
    ]
    windows, reference = windows_of(samples, edges), reference_of(base, edges)

    found = [difference(_one(windows, index), reference) for index in range(40)]

    assert np.mean([each.p[0] <= _OF_500 for each in found]) >= 0.65
    assert {each.kind[0] for each in found if each.p[0] <= _OF_500} == {"extremes"}


def test_nulls_are_found_and_named() -> None:
    rng = np.random.default_rng(8)
    base = rng.normal(size=20_000)
    edges = edges_of(base)

    found = difference(windows_of([rng.normal(size=950)], edges, 50), reference_of(base, edges))

    assert found.p[0] <= _OF_500
    assert (found.kind, found.effect.tolist()) == (["nulls"], [0.05])


def test_a_new_category_is_found_and_named() -> None:
    rng = np.random.default_rng(9)
    base = [*rng.multinomial(20_000, np.ones(12) / 12), 0]
    window = [*rng.multinomial(990, np.ones(12) / 12), 10]

    found = difference(Cells.of(window), CategoricalReference(cells=Cells.of(base)))

    assert found.p[0] <= _OF_500
    assert (found.kind, found.effect.tolist()) == (["new categories"], [0.01])


def test_shares_of_categories_are_tested_by_wilks_as_williams_corrects_it() -> None:
    rng = np.random.default_rng(11)
    shares = rng.dirichlet(np.full(9, 5))
    base, window = rng.multinomial(3_000, shares), rng.multinomial(500, shares)
    n, m, both = window.sum(), base.sum(), base + window
    statistic = stats.chi2_contingency([window, base], lambda_="log-likelihood")[0]
    margins = ((n + m) * (1 / n + 1 / m) - 1) * ((n + m) * (1 / both).sum() - 1)
    correction = 1 + margins / (6 * (n + m) * (len(both) - 1))

    found = {
        each.kind: each
        for each in CategoricalReference(cells=Cells.of(base)).tests(Cells.of(window))
    }

    expected = stats.chi2.sf(statistic / correction, len(both) - 1)
    assert found["shares"].p[0, 0] == pytest.approx(expected, rel=1e-9)


def test_few_rows_of_rare_categories_are_no_evidence_by_themselves() -> None:
    rng = np.random.default_rng(12)
    shares = np.array([0.5, 0.3, 0.15, 0.04, 0.0055, 0.0015, 0.0015, 0.0015])
    base = Cells.of(rng.multinomial(20_000, shares))

    found = CategoricalReference(cells=base).tests(Cells.of(rng.multinomial(1_000, shares, 20_000)))

    # Pearson's statistic of the same cells is beyond its level in 2.5 times as many.
    assert np.mean(found[0].p <= 1e-3) <= 1.4e-3


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9, 0.99])
def test_p_values_of_tests_that_depend_on_each_other_are_one_p_value(correlation: float) -> None:
    rng = np.random.default_rng(13)
    shared, own = rng.normal(size=(200_000, 1)), rng.normal(size=(200_000, 6))
    p = 2 * stats.norm.sf(np.abs(correlation**0.5 * shared + (1 - correlation) ** 0.5 * own))
    weights = np.array([0.4, 0.2, 0.1, 0.1, 0.1, 0.1])

    together = harmonic(p, weights, 1)

    assert (together <= (p / weights).min(axis=1) * (1 + 1e-9)).all()
    assert np.mean(together <= 1e-3) <= 1.15e-3


def test_a_feature_without_a_frequent_value_gives_its_part_to_the_other_tests() -> None:
    counts = np.stack([[1, 50, 50, 1], [1, 50, 50, 1]])[:, None]
    atoms = np.array([[False, True, False, False], [False] * 4])
    reference = NumericReference(cells=Cells.of(counts), atoms=atoms)

    weights = {each.kind: each.weight for each in reference.tests(Cells.of(counts))}

    assert np.sum(list(weights.values()), axis=0) == pytest.approx([1.0, 1.0])
    assert weights["frequent value"].tolist() == [0.1, 0.0]
    assert weights["shift"][1] > weights["shift"][0]


def test_small_moves_add_up_in_memory() -> None:
    rng = np.random.default_rng(10)
    base = rng.normal(size=20_000)
    edges = edges_of(base)
    reference = reference_of(base, edges)
    streams = [[rng.normal(0.1, size=1_000) for _ in range(6)] for _ in range(60)]

    alone = [difference(windows_of(each[-1:], edges), reference).p[0] for each in streams]
    within_six = [
        min(difference(windows_of(each[:last], edges), reference).p[0] for last in range(1, 7))
        for each in streams
    ]

    assert np.mean(np.array(alone) <= _OF_500) < 0.3
    assert np.mean(np.array(within_six) <= _OF_500) >= 0.9


def test_gaps_that_a_sketch_can_explain_are_no_evidence() -> None:
    counts = np.full(100, 10_000)
    moved = counts.copy()
    moved[:50] += 400
    moved[50:] -= 400
    reference = NumericReference(
        cells=Cells.of(counts, allowance=0.03), atoms=np.zeros((1, 100), dtype=bool)
    )

    found = {each.kind: each.p[0, 0] for each in reference.tests(Cells.of(moved))}

    assert (found["distribution"], found["tails of the distribution"]) == (1.0, 1.0)


def _one(windows: Cells, index: int) -> Cells:
    return windows.sums([np.array([index])])
