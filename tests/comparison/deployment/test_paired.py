"""Paired analysis against statsmodels, scipy and scikit-learn, the shadow's table, and laws."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from driftkit.comparison.deployment.exact_rates import log_e_value
from driftkit.comparison.deployment.paired import (
    agreement,
    kappa,
    mcnemar,
    tango,
)
from tests.comparison.deployment.recorded import fixed_horizon, shadow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

COUNT = st.integers(0, 40)


def of_discordance(lost: int, won: int) -> float:
    """The logarithm of the e-value against both versions being right equally often."""
    return float(log_e_value(won, lost + won, 0.5, prior=1))


def test_mcnemars_exact_test_is_statsmodels(golden: Callable[[str], Path]) -> None:
    for case in fixed_horizon(golden, "paired"):
        found = mcnemar(case["champion_only"], case["challenger_only"])

        assert float(found) == pytest.approx(case["exact_p"], rel=1e-9)


def test_tangos_interval(golden: Callable[[str], Path]) -> None:
    for case in fixed_horizon(golden, "paired"):
        cells = case["champion_only"], case["challenger_only"]
        pairs = sum(cells) + case["both_right"] + case["both_wrong"]

        found = [float(end) for end in tango(*cells, pairs, 0.05)]

        assert found == pytest.approx(case["tango_ci"], rel=1e-9)


def test_the_table_of_the_shadow(golden: Callable[[str], Path]) -> None:
    known = shadow(golden)
    table, pairs = known["table"], known["pairs_with_label"]
    cells = table["champion_only"], table["challenger_only"]

    p = float(mcnemar(*cells))

    assert pairs == sum(table.values())
    assert p == pytest.approx(known["mcnemar_exact_p"], rel=1e-9)
    assert of_discordance(*cells) == pytest.approx(-0.59864876, abs=5e-9)


def test_mcnemar_is_the_binomial_test() -> None:
    lost, won = np.array([0, 0, 3, 50, 1_000]), np.array([0, 5, 3, 30, 1_100])

    found = mcnemar(lost, won)

    for i in range(1, len(lost)):
        expected = stats.binomtest(int(lost[i]), int(lost[i] + won[i])).pvalue
        assert found[i] == pytest.approx(expected, rel=1e-9)
    assert found[0] == 1.0


@given(lost=COUNT, won=COUNT, same=COUNT)
def test_tangos_interval_turns_around_with_the_versions(lost: int, won: int, same: int) -> None:
    pairs = lost + won + same

    low, high = (float(end) for end in tango(lost, won, pairs, 0.05))
    turned = tango(won, lost, pairs, 0.05)

    if not pairs:
        assert isnan(low)
        assert isnan(high)
    else:
        assert (low, high) == pytest.approx((-float(turned[1]), -float(turned[0])), abs=1e-9)
        assert -1.0 <= low <= (won - lost) / pairs <= high <= 1.0
        # Where nothing is discordant there is still a width, which Wald's interval has not.
        assert low < high


def of_likelihood(lost: int, won: int, pairs: int, gap: float) -> float:
    """Tango's score with the likeliest share of pairs lost, found by halving: no quadratic."""
    low, high = max(0.0, -gap), (1 - gap) / 2
    same = pairs - lost - won
    for _ in range(200):
        q = (low + high) / 2
        slope = (
            won * q * (1 - 2 * q - gap)
            + lost * (q + gap) * (1 - 2 * q - gap)
            - 2 * same * q * (q + gap)
        )
        low, high = (q, high) if slope > 0 else (low, q)
    return float((won - lost - pairs * gap) / np.sqrt(pairs * (2 * low + gap - gap * gap)))


@given(lost=COUNT, won=COUNT, same=st.integers(1, 40))
def test_tangos_ends_are_where_the_likeliest_table_is_just_refused(
    lost: int, won: int, same: int
) -> None:
    ends = [float(end) for end in tango(lost, won, lost + won + same, 0.05)]

    z = float(stats.norm.isf(0.025))
    for end, level in zip(ends, (z, -z), strict=True):
        score = of_likelihood(lost, won, lost + won + same, end)
        assert score == pytest.approx(level, abs=1e-6)


@pytest.mark.parametrize(
    ("lost", "won", "expected"),
    [(240, 300, 0.41264220), (7, 1, 1.26851133), (126, 97, -0.59864876), (0, 0, 0.0)],
)
def test_the_e_value_of_discordant_pairs(lost: int, won: int, expected: float) -> None:
    assert of_discordance(lost, won) == pytest.approx(expected, abs=5e-9)
    assert of_discordance(won, lost) == pytest.approx(expected, abs=5e-9)


@given(lost=COUNT, won=COUNT)
def test_the_e_value_is_a_martingale_of_a_fair_coin(lost: int, won: int) -> None:
    now = np.exp(of_discordance(lost, won))

    either = np.exp([of_discordance(lost + 1, won), of_discordance(lost, won + 1)])

    assert now == pytest.approx(either.mean(), rel=1e-9)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=60))
def test_kappa_is_scikit_learns(answers: list[tuple[int, int]]) -> None:
    first, second = zip(*answers, strict=True)
    table = np.zeros((3, 3))
    np.add.at(table, (first, second), 1)

    found = float(kappa(table))

    if len({*first, *second}) > 1:
        assert found == pytest.approx(cohen_kappa_score(first, second), abs=1e-9)
    else:
        assert isnan(found)
    same = np.mean(np.equal(first, second))
    assert float(agreement(table)) == pytest.approx(float(same), abs=1e-15)


def test_no_pairs_agree_on_nothing() -> None:
    tables: NDArray[np.float64] = np.array([[[0.0, 0.0], [0.0, 0.0]], [[3.0, 1.0], [0.0, 4.0]]])

    assert isnan(agreement(tables)[0])
    assert isnan(kappa(tables)[0])
    assert kappa(tables).tolist()[1] == pytest.approx(0.75)
