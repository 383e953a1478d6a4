"""Each metric as the ratio of the sums of its rows, against scikit-learn."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as oracle

from driftkit import InputError
from driftkit.readers.dataset import TableChunk
from driftkit.states.deployment.judging import JudgedRows, Judging
from driftkit.states.deployment.metrics import CLIPPED, MetricSource, values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

ROWS = 2_000
RANDOM = np.random.default_rng(3)
TRUTH = RANDOM.integers(0, 2, ROWS)
SCORE = np.clip(0.3 * TRUTH + 0.7 * RANDOM.random(ROWS), 0.0, 1.0)
ANSWER = (SCORE > 0.5).astype(int)


def rows(columns: Mapping[str, object], **judging: object) -> JudgedRows:
    """The rows of a table with canonical names."""
    table = pa.table({name: pa.array(list(each)) for name, each in columns.items()})  # type: ignore[call-overload]
    chosen = Judging(**judging)  # type: ignore[arg-type]
    return JudgedRows(TableChunk(table=table), table.column_names, chosen)


def measured(of: str, judged: JudgedRows) -> float:
    """The metric of all rows."""
    s, n = values(MetricSource(of=of), judged)
    return float(s.sum() / n.sum())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", oracle.accuracy_score),
        ("precision", oracle.precision_score),
        ("recall", oracle.recall_score),
        ("true_positive_rate", oracle.recall_score),
        ("true_negative_rate", partial(oracle.recall_score, pos_label=0)),
        ("false_negative_rate", lambda truth, answer: 1 - oracle.recall_score(truth, answer)),
        (
            "false_positive_rate",
            lambda truth, answer: 1 - oracle.recall_score(truth, answer, pos_label=0),
        ),
        ("weighted_recall", partial(oracle.recall_score, average="weighted")),
        ("f0_5", partial(oracle.fbeta_score, beta=0.5)),
        ("f1", oracle.f1_score),
        ("f2", partial(oracle.fbeta_score, beta=2.0)),
        ("mae", oracle.mean_absolute_error),
        ("mse", oracle.mean_squared_error),
    ],
)
@pytest.mark.parametrize("spelt", [int, str, float], ids=["numbers", "texts", "decimals"])
def test_of_labels_and_predictions(
    name: str, expected: Callable[[NDArray[np.int64], NDArray[np.int64]], float], spelt: type
) -> None:
    judged = rows({"label": map(spelt, TRUTH.tolist()), "prediction": map(spelt, ANSWER.tolist())})

    assert measured(name, judged) == pytest.approx(expected(TRUTH, ANSWER), rel=1e-12)


@pytest.mark.parametrize(
    "name", ["accuracy", "precision", "recall", "specificity", "positive_rate"]
)
def test_a_threshold_predicts_where_no_prediction_does(name: str) -> None:
    labels = TRUTH.tolist()
    told = rows({"label": labels, "probability": SCORE}, threshold=0.5)
    predicted = rows({"label": labels, "prediction": ANSWER.tolist()})

    assert measured(name, told) == pytest.approx(measured(name, predicted), rel=1e-12)


def test_of_probabilities() -> None:
    judged = rows({"label": TRUTH.tolist(), "probability": map(str, SCORE)})

    clipped = np.clip(SCORE, CLIPPED, 1 - CLIPPED)
    assert measured("brier", judged) == pytest.approx(oracle.brier_score_loss(TRUTH, SCORE))
    assert measured("log_loss", judged) == pytest.approx(oracle.log_loss(TRUTH, clipped))
    assert measured("calibration", judged) == pytest.approx(SCORE.mean() - TRUTH.mean())
    assert measured("prediction_mean", judged) == pytest.approx(SCORE.mean())


def test_lists_of_probabilities_predict_the_likeliest_label() -> None:
    lists = ["[0.2, 0.5, 0.3]", "[0.6, 0.3, 0.1]", "[0.1, 0.1, 0.8]"]
    judged = rows({"label": ["b", "c", "c"], "probability": lists}, label_names=("a", "b", "c"))

    assert measured("accuracy", judged) == pytest.approx(2 / 3)


def test_truth_values_and_numbers_are_the_same_labels() -> None:
    judged = rows({"label": ["true", "false", "TRUE"], "prediction": [1, 0, 0]})

    assert measured("accuracy", judged) == pytest.approx(2 / 3)


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.uint16(), pa.string()])
@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        ([0, 1, None, 1], [1, 1, 1, None]),
        ([3, 5, 4, None], [5, 5, 3, 4]),
        # Numbered in an order of their own, for the labels had others.
        ([7, 9, None, 9], [6, 9, 7, 8]),
        ([None, None, None, None], [0, 1, None, 127]),
    ],
)
def test_integers_are_labels_by_their_digits(
    labels: list[int | None], predictions: list[int | None], kind: pa.DataType
) -> None:
    def column(values: list[int | None]) -> pa.Array:
        # Of some rows of a chunk.
        return pa.array([100, *values]).cast(kind).slice(1)

    table = pa.table({"label": column(labels), "prediction": column(predictions)})
    judged = JudgedRows(TableChunk(table=table), table.column_names, Judging(positive="9"))

    known = [None not in pair for pair in zip(labels, predictions, strict=True)]
    right = [label == answer for label, answer in zip(labels, predictions, strict=True)]
    assert np.isfinite(judged.right).tolist() == known
    assert judged.right[known].tolist() == np.array(right)[known].tolist()
    assert judged.label_is_positive.tolist() == pytest.approx(
        [np.nan if label is None else float(label == 9) for label in labels], nan_ok=True
    )
    shown = [None if each is None else str(each) for each in predictions]
    assert judged.answers.cast(pa.string()).to_pylist() == shown


def test_integers_far_apart_are_labels_too() -> None:
    ends = [-(2**63), 2**63 - 1, None]
    judged = rows({"label": ends, "prediction": [-(2**63), 0, 1]})

    assert judged.right.tolist() == pytest.approx([1.0, 0.0, np.nan], nan_ok=True)


def test_rows_without_a_value_do_not_count() -> None:
    judged = rows(
        {
            "label": ["1", None, "", "0"],
            "prediction": ["1", "1", "0", None],
            "probability": ["2"] * 4,
        }
    )

    s, n = values(MetricSource(of="accuracy"), judged)
    assert (s.tolist(), n.tolist()) == ([1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0])
    assert values(MetricSource(of="brier"), judged)[1].sum() == 0.0


def test_columns_of_the_users_own() -> None:
    judged = rows({"column:ms": [10, 250, 251, None], "column:clicks": [1, 0, 2, 3]})

    over = values(MetricSource(of="share_over", column="ms", limit=250), judged)
    capped = values(MetricSource(of="column", column="ms", winsor=250), judged)
    ratio = values(MetricSource(of="ratio", column="clicks", denominator="ms"), judged)
    cut = values(MetricSource(of="ratio", column="ms", denominator="clicks", winsor=250), judged)
    assert [each.tolist() for each in over] == [[0, 0, 1, 0], [1, 1, 1, 0]]
    assert [each.tolist() for each in capped] == [[10, 250, 250, 0], [1, 1, 1, 0]]
    assert cut[0].max() == 250
    assert [each.tolist() for each in ratio] == [[1, 0, 2, 0], [10, 250, 251, 0]]


@pytest.mark.parametrize("name", ["accuracy", "f1", "brier", "mae"])
def test_labels_may_come_later(name: str) -> None:
    judged = rows({"prediction": ["1", "0"], "probability": [0.9, 0.2]})

    s, n = values(MetricSource(of=name), judged)

    assert (s.tolist(), n.tolist()) == ([0.0, 0.0], [0.0, 0.0])


def test_a_metric_without_its_column_says_what_there_is() -> None:
    judged = rows({"prediction": ["1"], "column:ms": [1]})

    with pytest.raises(InputError, match="prediction, ms"):
        values(MetricSource(of="share_over", column="latency", limit=1.0), judged)


@pytest.mark.parametrize(
    ("columns", "judging", "expected"),
    [
        ({"prediction": ["yes", None, "no"]}, {}, ["yes", None, "no"]),
        ({"prediction": [True, None, 0.0]}, {}, ["1", None, "0"]),
        ({"probability": [0.7, None, 0.5]}, {}, ["1", None, "0"]),
        ({"probability": [0.7, None, 0.5]}, {"positive": "yes"}, ["yes", None, "not yes"]),
        (
            {"probability": ["[0.2, 0.8]", None, "[0.6, 0.4]"]},
            {"label_names": ("cat", "dog")},
            ["dog", None, "cat"],
        ),
    ],
)
def test_answers_are_labels(
    columns: dict[str, list[object]], judging: dict[str, object], expected: list[str | None]
) -> None:
    columns = {
        name: [None if each is None else str(each) for each in values]
        for name, values in columns.items()
    }

    assert rows(columns, **judging).answers.to_pylist() == expected
