"""KernelSHAP against the definition of Shapley values, and its laws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from driftkit.errors import InputError, SettingsError
from driftkit.explain.choice import ExplainOptions, choose_explainer
from driftkit.explain.coalitions import coalitions
from driftkit.explain.kernel import KernelExplainer
from driftkit.explain.predictor_files import predictor
from driftkit.explain.rows import Rows, rows_of
from tests.explain.games import by_definition, product, random_rows, rows, two_labels


def kernel(model: Any, background: Rows, **options: Any) -> KernelExplainer:
    chosen = choose_explainer(predictor(model), background, ExplainOptions(**options))
    assert isinstance(chosen, KernelExplainer)
    return chosen


@pytest.mark.parametrize("features", [1, 2, 3, 6])
@pytest.mark.parametrize("others", [1, 4])
def test_enumeration_is_shapleys_definition(features: int, others: int) -> None:
    data, background = random_rows(5, features), random_rows(others, features, seed=1)

    values = kernel(product, background).explain(data).values[:, :, 0]

    expected = [by_definition(product, row, background.values) for row in data.values]
    np.testing.assert_allclose(values, expected, atol=1e-9)


@pytest.mark.parametrize("features", [12, 14, 17])
@pytest.mark.parametrize("samples", [100, 301, None])
@pytest.mark.parametrize("logit", [False, True])
def test_attributions_add_up_to_the_prediction(
    features: int, samples: int | None, *, logit: bool
) -> None:
    def model(table: Any) -> Any:
        return 1 / (1 + np.exp(-product(table)))

    data = random_rows(7, features)
    explainer = kernel(model, random_rows(3, features, seed=1), samples=samples, logit=logit)

    found = explainer.explain(data)

    predicted = product(data.values) if logit else model(data.values)
    np.testing.assert_allclose(found.values.sum(axis=1)[:, 0] + found.expected, predicted)


@pytest.mark.parametrize("samples", [50, 100])
def test_a_sum_of_features_is_explained_without_error_by_any_sample(samples: int) -> None:
    weights = np.arange(1.0, 15)
    data, background = random_rows(4, 14), random_rows(2, 14, seed=1)

    explainer = kernel(
        lambda table: np.asarray(table) @ weights, background, samples=samples, explainer="kernel"
    )

    expected = (data.values - background.values.mean(axis=0)) * weights
    np.testing.assert_allclose(explainer.explain(data).values[:, :, 0], expected, atol=1e-9)


def test_samples_come_closer_to_the_exact_values() -> None:
    data, background = random_rows(30, 14), random_rows(1, 14, seed=1)

    def found(samples: int) -> Any:
        return kernel(product, background, samples=samples).explain(data).values

    exact = found(2**14)
    errors = [np.abs(found(samples) - exact).mean() for samples in (60, 400, 4000)]

    assert errors[0] > errors[1] > errors[2]


@pytest.mark.parametrize("parts", [2, 17])
@pytest.mark.parametrize("batch_values", [1, 10_000])
def test_the_split_of_the_rows_does_not_matter(parts: int, batch_values: int) -> None:
    data = random_rows(40, 13)
    explainer = kernel(two_labels, random_rows(2, 13, seed=1), samples=200, seed=5)
    small = replace(explainer, batch_values=batch_values)

    whole = explainer.explain(data).values
    split = [
        small.explain(data.with_values(each)).values for each in np.array_split(data.values, parts)
    ]

    np.testing.assert_allclose(np.concatenate(split), whole, rtol=0, atol=1e-12)


def test_the_seed_chooses_the_coalitions() -> None:
    members = [coalitions(20, 100, seed).members for seed in (1, 1, 2)]

    assert np.array_equal(members[0], members[1])
    assert not np.array_equal(members[0], members[2])


@pytest.mark.parametrize("features", [12, 13, 30])
@pytest.mark.parametrize("samples", [61, 500, 2108])
def test_coalitions_are_pairs_within_the_number_asked_for(features: int, samples: int) -> None:
    found = coalitions(features, samples)

    known = {tuple(each) for each in found.members}
    assert len(found.members) <= samples
    assert all(tuple(~each) in known for each in found.members)
    np.testing.assert_allclose(found.weights.sum(), 1.0)


def test_text_is_mixed_by_column() -> None:
    def model(table: Any) -> Any:
        return (table["a"] == "x") * 2.0 + table["b"].astype(float)

    table = [["x", 1.0], ["y", 3.0], ["z", 1.0]]
    explainer = kernel(model, rows_of([["x", 1.0]], "ab", "baseline"))

    found = explainer.explain(rows_of(table, "ab", "data")).values[:, :, 0]

    np.testing.assert_allclose(found, [[0, 0], [-2, 2], [-2, 0]], atol=1e-12)


def test_several_outputs_are_explained_as_each_alone() -> None:
    data, background = random_rows(5, 5), random_rows(2, 5, seed=1)

    found = kernel(two_labels, background).explain(data)

    for output in range(2):
        one = kernel(lambda table, at=output: two_labels(table)[:, at], background).explain(data)
        np.testing.assert_allclose(found.values[:, :, output], one.values[:, :, 0], atol=1e-12)
        np.testing.assert_allclose(found.expected[output], one.expected[0])


def test_only_the_features_asked_for_are_explained() -> None:
    data, background = random_rows(5, 6), random_rows(2, 6, seed=1)

    found = kernel(product, background, explained=("b", "d")).explain(data).values[:, :, 0]

    with_others = background.values[None].repeat(5, axis=0)
    with_others[:, :, [0, 2, 4, 5]] = data.values[:, None, [0, 2, 4, 5]]
    start = [product(each).mean() for each in with_others]
    np.testing.assert_allclose(found.sum(axis=1), product(data.values) - start)
    assert np.flatnonzero(np.abs(found).sum(axis=0)).tolist() == [1, 3]


@pytest.mark.parametrize("batch_values", [1, 1_000_000])
def test_a_row_that_the_model_fails_for_is_set_aside(batch_values: int) -> None:
    def model(table: Any) -> Any:
        values = np.asarray(table, dtype=np.float64)
        if (values[:, 0] > 100).any():
            raise ValueError("too large")
        return np.where(values[:, 1] > 100, np.nan, values.sum(axis=1))

    data = random_rows(6, 4)
    data.values[1, 0] = data.values[4, 1] = 101
    explainer = replace(kernel(model, random_rows(2, 4)), batch_values=batch_values)

    found = explainer.explain(data)

    assert found.rejected.tolist() == [False, True, False, False, True, False]
    kept = data.with_values(data.values[~found.rejected])
    np.testing.assert_allclose(found.values[~found.rejected], explainer.explain(kept).values)


@pytest.mark.parametrize("count", [0, 1])
def test_few_rows_are_explained_too(count: int) -> None:
    found = kernel(two_labels, random_rows(2, 4)).explain(random_rows(count, 4))

    assert found.values.shape == (count, 4, 2)


def _fails(_: Any) -> Any:
    raise RuntimeError("broken")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (_fails, "fails for every row.*broken"),
        (lambda table: np.zeros(len(table) + 1), "another shape"),
        (lambda table: np.zeros((len(table), 2, 2)), "another shape"),
        (lambda table: ["no"] * len(table), "no numbers"),
        (lambda table: np.full(len(table), np.nan), "baseline"),
    ],
)
def test_a_model_that_is_none_says_so(model: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        kernel(model, random_rows(2, 3))


def test_too_few_samples_cannot_tell_features_apart() -> None:
    with pytest.raises(SettingsError, match="num_samples"):
        kernel(product, random_rows(1, 14), samples=6).explain(random_rows(2, 14))


def test_an_unknown_feature_to_explain_is_an_error() -> None:
    with pytest.raises(SettingsError, match="features_to_explain"):
        kernel(product, random_rows(1, 3), explained=("z",))


def test_rows_of_other_features_are_an_error() -> None:
    with pytest.raises(InputError, match="other features"):
        kernel(product, random_rows(1, 3)).explain(rows([[1, 2, 3]], "acb"))


def test_baseline_rows_of_another_width_are_an_error() -> None:
    with pytest.raises(InputError, match="another number of features"):
        rows_of([[1, 2], [1, 2, 3]], "ab", "baseline")
