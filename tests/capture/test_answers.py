"""Answers of built-in algorithms and of model servers are recognised by their form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.capture.answer_values import Answers, are_probabilities
from driftkit.capture.answers import recognised
from driftkit.capture.payload import CsvTable, csv_rows
from driftkit.readers.json_values import UnreadableError

Saying = tuple[list[Any] | None, list[Any] | None, list[Any] | None]
# Predictions, probabilities of all labels, lone scores.
FORMS: list[Any] = [
    pytest.param("0.9", 1, (None, None, ["0.9"]), id="XGBoost"),
    pytest.param("0.9,0.1,0.3", 3, (None, None, ["0.9", "0.1", "0.3"]), id="XGBoost's batch"),
    pytest.param(
        "0.9,0.1,0.3", None, (None, None, ["0.9", "0.1", "0.3"]), id="batch, rows unknown"
    ),
    pytest.param("0.4,0.6", 2, (None, None, ["0.4", "0.6"]), id="batch that adds up to 1"),
    pytest.param("0.9\n0.1\n", 2, (None, None, ["0.9", "0.1"]), id="a line a row"),
    pytest.param(" 7\n8 ", 2, (None, None, ["7", "8"]), id="spaces"),
    pytest.param("yes\nno", 2, (["yes", "no"], None, None), id="labels"),
    pytest.param("0.7,0.1,0.2", 1, (None, [["0.7", "0.1", "0.2"]], None), id="softprob"),
    pytest.param('"[0.2, 0.8]"', 1, (None, [[0.2, 0.8]], None), id="list in a field"),
    pytest.param("1,0.83", 1, (["1"], None, ["0.83"]), id="label and probability"),
    pytest.param("yes,0.83\nno,0.4", 2, (["yes", "no"], None, ["0.83", "0.4"]), id="two of them"),
    pytest.param("yes,12", 1, (["yes"], None, [None]), id="label and something else"),
    pytest.param(
        {
            "predictions": [
                {"score": 0.9, "predicted_label": 1},
                {"score": 0.2, "predicted_label": 0},
            ]
        },
        None,
        ([1, 0], None, [0.9, 0.2]),
        id="linear learner",
    ),
    pytest.param(
        {"predictions": [{"score": [0.2, 0.8], "predicted_label": 1}]},
        None,
        ([1], [[0.2, 0.8]], None),
        id="linear learner, several classes",
    ),
    pytest.param(
        {"predictions": [{"score": 12.5}]}, None, (None, None, [12.5]), id="its regression"
    ),
    pytest.param(
        [{"score": 0.9, "predicted_label": 1}, {"score": 0.2, "predicted_label": 0}],
        None,
        ([1, 0], None, [0.9, 0.2]),
        id="JSON Lines",
    ),
    pytest.param(
        {"predictions": [{"closest_cluster": 2.0, "distance_to_cluster": 1.5}]},
        None,
        ([2.0], None, None),
        id="k-means",
    ),
    pytest.param({"scores": [{"score": 1.2}]}, None, (None, None, [1.2]), id="random cut forest"),
    pytest.param(
        [{"label": ["__label__b"], "prob": [0.9]}, {"label": ["__label__a"], "prob": [0.6]}],
        None,
        (["__label__b", "__label__a"], None, None),
        id="BlazingText",
    ),
    pytest.param(
        {"label": ["a"], "prob": [0.9]}, None, (["a"], None, None), id="BlazingText's line"
    ),
    pytest.param(
        {"label": ["a", "b"], "prob": [0.9, 0.1]},
        None,
        (["a"], None, [0.1]),
        id="BlazingText's best",
    ),
    pytest.param(
        [{"label": "b", "score": 0.9}], None, (["b"], None, None), id="text classifier's label"
    ),
    pytest.param(
        [[{"label": "b", "score": 0.1}, {"label": "a", "score": 0.9}]],
        None,
        (["a"], None, [0.1]),
        id="text classifier's labels",
    ),
    pytest.param([0.1, 0.9], None, (None, [[0.1, 0.9]], None), id="image classification"),
    pytest.param([0.1, 0.9], 2, (None, None, [0.1, 0.9]), id="a number for each of two rows"),
    pytest.param([1, 0, 1], None, (None, None, [1, 0, 1]), id="scikit-learn"),
    pytest.param([1e308, 1e308], None, (None, None, [1e308, 1e308]), id="large numbers"),
    pytest.param([10**400], None, ([10**400], None, None), id="an integer that is no double"),
    pytest.param(0.25, None, (None, None, [0.25]), id="a number"),
    pytest.param({"predictions": [3, 4.5]}, None, (None, None, [3, 4.5]), id="MLflow"),
    pytest.param({"predictions": ["a", "b"]}, None, (["a", "b"], None, None), id="MLflow's labels"),
    pytest.param({"predictions": [[0.2], [0.3]]}, None, (None, None, [0.2, 0.3]), id="TensorFlow"),
    pytest.param(
        {"predictions": [[0.2, 0.8], [0.5, 0.5]]},
        None,
        (None, [[0.2, 0.8], [0.5, 0.5]], None),
        id="TensorFlow's softmax",
    ),
    pytest.param(
        {"predictions": [{"probabilities": [0.2, 0.8], "classes": ["1"]}]},
        None,
        (["1"], [[0.2, 0.8]], None),
        id="TensorFlow's objects",
    ),
    pytest.param(
        {"outputs": {"classes": [[1], [0]], "scores": [[0.8], [0.3]]}},
        None,
        ([1, 0], None, [0.8, 0.3]),
        id="TensorFlow's columns",
    ),
    pytest.param(
        {
            "outputs": [
                {"name": "y", "shape": [2, 2], "datatype": "FP32", "data": [0.1, 0.9, 0.8, 0.2]}
            ]
        },
        None,
        (None, [[0.1, 0.9], [0.8, 0.2]], None),
        id="Triton",
    ),
    pytest.param(
        {"outputs": [{"name": "y", "shape": [2, 1], "datatype": "FP32", "data": [7.0, 8.0]}]},
        None,
        (None, None, [7.0, 8.0]),
        id="Triton's column",
    ),
    pytest.param(
        {
            "outputs": [
                {"name": "label", "shape": [2], "datatype": "INT64", "data": [1, 0]},
                {"name": "probabilities", "shape": [2, 2], "data": [[0.1, 0.9], [0.8, 0.2]]},
            ]
        },
        None,
        ([1, 0], [[0.1, 0.9], [0.8, 0.2]], None),
        id="KServe v2",
    ),
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["0.5", "a", "[1", "[0.2, 0.8]"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "predictions",
                    "outputs",
                    "name",
                    "data",
                    "shape",
                    "label",
                    "prob",
                    "score",
                    "scores",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


def content(answer: Any) -> Any:
    return CsvTable(csv_rows(answer)) if isinstance(answer, str) else answer


def said(found: Answers) -> Saying:
    return (  # type: ignore[return-value]  # lists, in these cases
        found.predictions,
        found.probabilities,
        found.scores,
    )


@pytest.mark.parametrize(("answer", "rows", "expected"), FORMS)
def test_each_form(answer: Any, rows: int | None, expected: Saying) -> None:
    found = recognised(content(answer), lambda: rows, positive="b")

    assert said(found) == expected
    assert found.rows == len(next(each for each in expected if each is not None))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"message": "internal error"},
        {"predictions": []},
        {"predictions": [[3.5, 7.5]]},
        {"outputs": [{"name": "a", "data": [1]}, {"name": "b", "data": [2]}]},
        {"outputs": [{"name": "a", "shape": [2, 2], "data": [1, 2, 3]}]},
        [[{"label": "a"}]],
        {"label": ["a", "b"], "prob": [0.9]},
        [[{"label": "a", "score": 10**400}, {"label": "b", "score": 0.5}]],
        [[1e308, 1e308]],
        None,
    ],
)
def test_what_has_no_known_form(answer: Any) -> None:
    with pytest.raises(UnreadableError):
        recognised(content(answer))


@pytest.mark.parametrize(("answer", "rows"), [("0.9,0.1,0.3", 2), ("0.4,0.5", 1), ("1,12", 1)])
def test_numbers_that_are_of_no_row_are_no_form(answer: str, rows: int) -> None:
    with pytest.raises(UnreadableError):
        recognised(content(answer), lambda: rows)


@given(JSON)
def test_whatever_is_answered_is_read_or_refused(answer: Any) -> None:
    try:
        found = recognised(answer)
    except UnreadableError:
        return
    assert any(each is not None for each in said(found))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.2, "1"], True),
        (["0", "1"], False),
        ([0.5, 1.5], False),
        ([0.5, None], True),
        ([], False),
    ],
)
def test_lone_numbers_are_probabilities_if_all_can_be(scores: list[Any], *, expected: bool) -> None:
    assert are_probabilities(scores) == expected
