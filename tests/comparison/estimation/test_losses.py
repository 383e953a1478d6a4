"""Models of errors: their trees, their level, and how sure they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.tree import DecisionTreeRegressor

from driftkit.comparison.estimation.boosting import Coded, LossRows, fitted, stages_of
from driftkit.comparison.estimation.loss_agreement import Variances, loss_agreement
from driftkit.comparison.estimation.loss_fit import group_of, learnt
from driftkit.comparison.estimation.loss_model import TEXTS, expected_of, text_numbers
from driftkit.comparison.estimation.loss_parts import LossModel


def rows_of(columns: list[np.ndarray], errors: np.ndarray) -> LossRows:
    """Rows with some inputs and errors."""
    return LossRows(
        names=tuple(f"x{at}" for at in range(len(columns))),
        columns=tuple(columns),
        absolute=np.abs(errors),
        squared=errors**2,
        weights=np.ones(len(errors)),
    )


def drawn(seed: int, count: int, shift: float = 0.0) -> LossRows:
    """Errors whose size depends on a number, a category and whether a number is there."""
    random = np.random.default_rng(seed)
    x, y = random.normal(shift, 1, count), random.normal(0, 1, count)
    y[random.random(count) < 0.2] = np.nan
    names = text_numbers(np.arange(1, 5, dtype=np.uint64) << np.uint64(40))
    category = random.integers(0, 4, count)
    size = np.exp(0.6 * x) * np.where(np.isnan(y), 2.0, 1.0) * np.array([1, 2, 1, 3])[category]
    return rows_of(
        [random.normal(0, 1, count), x, y, names[category]], size * random.normal(size=count)
    )


def test_a_model_asks_first_what_a_tree_of_scikit_learn_asks() -> None:
    random = np.random.default_rng(1)
    # Few values, so that both have the same edges to choose from.
    x, y = (random.integers(0, 12, 3_000).astype(float) for _ in range(2))
    rows = rows_of([y, x], np.where(x > 7, 3.0, 1.0) * random.normal(size=3_000))

    coded = Coded.of(rows)
    first = fitted(coded, rows.weights).trees[0]
    oracle = DecisionTreeRegressor(max_depth=1).fit(np.column_stack([y, x]), rows.absolute)

    assert first.features[0] == oracle.tree_.feature[0] == 1
    edge = coded.features[1].edges[first.above[0] - 1]
    assert edge < oracle.tree_.threshold[0] < edge + 1


def test_a_model_tells_as_much_of_unseen_rows_as_scikit_learns() -> None:
    rows = drawn(2, 6_000)
    table = np.column_stack(rows.columns)
    table[:, 3] = np.unique(table[:, 3], return_inverse=True)[1]

    found = learnt(rows, np.zeros(6_000))

    oracle = GradientBoostingRegressor(n_estimators=60, random_state=1)
    told = cross_val_predict(oracle, np.nan_to_num(table, nan=-9), rows.absolute, cv=KFold(5))
    left = ((rows.absolute - told) ** 2).mean()
    assert found.explained > 1 - left / rows.absolute.var() - 0.02
    assert found.explained > 0.25


def test_a_model_that_is_asked_says_what_it_was_made_of() -> None:
    rows = drawn(3, 3_000)
    coded = Coded.of(rows)
    member = fitted(coded, rows.weights)

    *_, made = stages_of(member, coded)
    model = LossModel(features=coded.features, members=(member,))
    told = expected_of(model, rows.columns)

    assert len(member.trees) > 20
    assert told.absolute[0] == pytest.approx(np.maximum(made[:, 0], 0), abs=1e-12)
    assert told.squared[0] == pytest.approx(np.maximum(made[:, 1], 0), abs=1e-9)
    # Rows are told one by one, whatever the others are.
    some = [each[500:501] for each in rows.columns]
    assert expected_of(model, some).absolute[0, 0] == told.absolute[0, 500]


def test_values_that_the_reference_has_not_are_outside() -> None:
    rows = drawn(4, 2_000)
    model = learnt(rows, np.zeros(2_000)).model
    known = [each[:1].copy() for each in rows.columns]
    assert not expected_of(model, known).outside[0]
    assert [each.name for each in model.features] == ["x0", "x1", "x2", "x3"]

    strange = text_numbers(np.array([1 << 63], np.uint64))
    for at, value in ((0, np.nan), (1, 9.0), (1, -9.0), (3, strange[0]), (1, strange[0])):
        other = [each.copy() for each in known]
        other[at][0] = value
        assert expected_of(model, other).outside[0], (at, value)
    # Its rows lack this one often.
    assert not expected_of(model, [*known[:2], np.array([np.nan]), known[3]]).outside[0]


def test_where_inputs_tell_nothing_the_mean_error_is_expected() -> None:
    random = np.random.default_rng(5)
    rows = rows_of([*random.normal(size=(3, 4_000))], random.normal(size=4_000))

    found = learnt(rows, np.zeros(4_000))

    told = expected_of(
        found.model, [each.copy() for each in rows.columns[: len(found.model.features)]]
    )
    assert found.explained < 0.01
    assert told.absolute.std() < 0.1 * told.absolute.mean()
    assert told.absolute.mean() == pytest.approx(rows.absolute.mean(), rel=1e-3)


def test_a_row_that_stands_for_several_counts_so_often() -> None:
    rows = drawn(6, 1_500)
    times = np.random.default_rng(6).integers(1, 4, 1_500)
    several = replace(
        rows,
        columns=tuple(np.repeat(each, times) for each in rows.columns),
        absolute=np.repeat(rows.absolute, times),
        squared=np.repeat(rows.squared, times),
        weights=np.ones(times.sum()),
    )
    # Quantiles are of the rows that are kept; of few values they are the values.
    columns = [np.round(each, 0) if at < 3 else each for at, each in enumerate(rows.columns)]
    once = replace(rows, columns=tuple(columns), weights=times.astype(float))
    several = replace(several, columns=tuple(np.repeat(each, times) for each in columns))

    first, second = (fitted(Coded.of(each), each.weights) for each in (once, several))

    assert [x.features for x in first.trees[:5]] == [x.features for x in second.trees[:5]]
    for one, other in zip(first.trees[:5], second.trees[:5], strict=True):
        assert one.absolute == pytest.approx(other.absolute)
        assert one.squared == pytest.approx(other.squared)


def test_days_that_are_off_together_are_seen() -> None:
    random = np.random.default_rng(7)
    days = np.repeat(np.arange(60.0), 100)
    usual = rows_of([random.normal(size=6_000)], random.normal(size=6_000))
    size = np.exp(random.normal(0, 0.3, 60))[days.astype(int)]
    moved = rows_of([random.normal(size=6_000)], size * random.normal(size=6_000))

    same, apart = learnt(usual, days).day_variances, learnt(moved, days).day_variances

    # Errors are 0.8 on the mean: a tenth and a quarter of that.
    assert same[0] < 0.0016
    assert 0.03 < apart[0] < 0.12
    assert learnt(usual, np.zeros(6_000)).day_variances == ()


@pytest.mark.parametrize(("correlation", "least", "most"), [(0.0, 0.1, 0.35), (0.8, 0.6, 0.95)])
def test_days_that_are_off_like_the_day_before_are_seen(
    correlation: float, least: float, most: float
) -> None:
    random = np.random.default_rng(8)
    moves = random.normal(0, 0.5, 150)
    for day in range(1, 150):
        moves[day] = correlation * moves[day - 1] + np.sqrt(1 - correlation**2) * moves[day]
    days = np.repeat(np.arange(150.0), 20)
    rows = rows_of(
        [random.normal(size=3_000)], np.exp(moves)[days.astype(int)] * random.normal(size=3_000)
    )

    mixed = random.permutation(3_000)
    columns = tuple(each[mixed] for each in rows.columns)
    other = replace(
        rows, columns=columns, absolute=rows.absolute[mixed], squared=rows.squared[mixed]
    )

    found = learnt(rows, days).day_correlation
    assert least <= found <= most
    assert learnt(other, days[mixed]).day_correlation == pytest.approx(found, abs=1e-6)


def test_groups_are_of_rows_with_similar_expected_errors() -> None:
    rows = drawn(8, 3_000)
    found = learnt(rows, np.zeros(3_000))

    told = expected_of(found.model, rows.columns).absolute.mean(axis=0)
    groups = group_of(found.groups, told)

    means = [rows.absolute[groups == at].mean() for at in range(len(found.groups))]
    assert np.corrcoef(means, np.arange(len(means)))[0, 1] > 0.8
    assert sum(each.rows for each in found.groups) == pytest.approx(3_000)
    for at in range(len(found.groups) - 1):
        assert (told[groups == at] < found.groups[at + 1].least).all()


def test_labels_agree_about_as_often_as_they_should() -> None:
    random = np.random.default_rng(9)
    counts, variances = np.full(20, 40.0), np.full(20, 0.5)
    p_values = []
    for _ in range(400):
        # What the reference told is off too, and by days.
        level = random.normal(0, np.sqrt(variances / 200)) + random.normal(0, 0.1)
        came = counts * (1 + level) + random.normal(0, np.sqrt(counts * variances))
        found = loss_agreement(counts, counts * 1.0, came, varying(variances, 0.01))
        assert found is not None
        p_values.append(found.p)

    assert 0.02 < np.mean(np.array(p_values) < 0.05) < 0.09
    assert 0.4 < np.mean(np.array(p_values) < 0.5) < 0.6
    few = np.full(20, 2.0)
    assert loss_agreement(few, few, few, varying(variances, 0.0)) is None


def varying(of_row: np.ndarray, of_days: float) -> Variances:
    """By how much errors may be off, of a reference with two hundred rows of each group."""
    return Variances(of_row=of_row, of_level=of_row / 200, of_days=of_days, of_model=0.0)


def test_texts_are_beyond_all_numbers_and_different() -> None:
    found = text_numbers(np.array([0, 2**64 - 1, 1 << 40], np.uint64))

    assert (found >= TEXTS).all()
    assert np.isfinite(found).all()
    assert len(np.unique(found)) == 3
