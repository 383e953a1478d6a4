"""Rows whose errors are learnt, and sums of expected errors: the laws, values, and the file."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, reduce
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.comparison.estimation.boosting import LossRows
from driftkit.comparison.estimation.loss_fit import LossFit, learnt
from driftkit.comparison.estimation.loss_model import TEXTS
from driftkit.errors import FormatError, InputError
from driftkit.formats.model_quality.problems import Problem
from driftkit.states.partitions.partition import PartitionOptions
from driftkit.states.quality import expected_losses, loss_sample
from driftkit.states.quality.expected_losses import ExpectedLosses
from driftkit.states.quality.expected_storage import ExpectedStates, combined, loads
from driftkit.states.quality.feature_values import feature_values
from driftkit.states.quality.loss_fold import Apart, ExpectedFold, SampleFold
from driftkit.states.quality.loss_sample import LABEL, LossSample
from driftkit.states.quality.scored_fold import Columns
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT
from driftkit.states.quality.state import QualityRequest
from tests.states.damaging import (
    a_file_that_is_cut_off_is_refused,
    every_flipped_bit_is_noticed_or_harmless,
    forged,
)
from tests.states.tables import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("label", "prediction", "x", "carrier", "at")
COLUMNS = Columns(label=0, prediction=1)
APART = Apart(
    names=NAMES,
    partitions=(PartitionOptions(by=("at",), unit="hour"), PartitionOptions(by=("carrier",))),
)
JUDGING = QualityRequest(problem=Problem.REGRESSION)


def table(count: int, seed: int = 1) -> pa.Table:
    """Predictions, some of them without a label, an input or a prediction."""
    random = np.random.default_rng(seed)
    x, size = random.normal(size=(2, count))
    label: list[float | None] = (x + size * np.exp(x / 2)).round(2).tolist()
    prediction: list[float | None] = x.round(1).tolist()
    inputs: list[str | None] = [repr(each) for each in x.round(3).tolist()]
    for at in range(0, count, 7):
        label[at], inputs[at - 1] = None, None
    for at in range(0, count, 11):
        prediction[at] = None
    days = [f"2024-03-{1 + at % 3:02d}T{at % 5:02d}" for at in range(count)]
    carriers = random.choice(["AA", "UA"], count).tolist()
    return pa.table([label, prediction, inputs, carriers, days], names=list(NAMES))


def pieces(of: pa.Table, cuts: Sequence[int]) -> list[Part]:
    """The rows in chunks that are cut so."""
    edges = [0, *sorted(cuts), of.num_rows]
    return [Part(table=of.slice(a, b - a)) for a, b in pairwise(edges) if b > a]


def sampled(of: pa.Table, cuts: Sequence[int] = (), order: Sequence[int] = ()) -> LossSample:
    """The rows that are kept, of chunks that are added up in this order."""
    fold = SampleFold(columns=COLUMNS, features=(2, 3), apart=APART)
    found = [fold.of(each) for each in pieces(of, cuts)]
    return reduce(add, [found[at] for at in order] or found, LossSample())


@cache
def fit() -> LossFit:
    """What is learnt of a thousand rows."""
    found = sampled(table(1_000))
    errors = found.table[:, LABEL] - found.table[:, loss_sample.PREDICTION]
    columns = (found.table[:, loss_sample.PREDICTION], *found.table[:, 4 - 1 :].T)
    return learnt(
        LossRows(
            names=("prediction", "x", "carrier"),
            columns=columns,
            absolute=np.abs(errors),
            squared=errors**2,
            weights=found.counts.astype(float),
        ),
        np.zeros(len(errors)),
    )


def expected(of: pa.Table, cuts: Sequence[int] = ()) -> ExpectedLosses:
    """The errors that are expected of rows."""
    fold = ExpectedFold(columns=COLUMNS, model=fit().model, groups=fit().groups, apart=APART)
    return fold(pieces(of, cuts))


@pytest.mark.parametrize("most", [20_000, 25])
@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 119), max_size=4, unique=True), data=st.data())
def test_parts_of_labelled_rows_add_up_in_any_order(
    most: int, cuts: list[int], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(cuts) + 1)))
    # Some rows are there twice.
    rows = pa.concat_tables([table(90), table(30)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("driftkit.states.quality.loss_fold.most_rows", lambda _: most)
        patch.setattr(loss_sample, "most_rows", lambda _: most)
        whole, parts = sampled(rows), sampled(rows, cuts, order)

        assert whole + LossSample() == LossSample() + whole == whole
        assert parts.marks.tolist() == whole.marks.tolist()
        np.testing.assert_array_equal(parts.table, whole.table)
        assert parts.counts.tolist() == whole.counts.tolist()
        assert len(whole.marks) <= most
        assert parts.sums.keys() == whole.sums.keys()
        for part, each in whole.sums.items():
            np.testing.assert_allclose(parts.sums[part], each, rtol=1e-12)


def test_a_sample_is_of_all_rows_alike() -> None:
    rows = pa.concat_tables([table(30_000, seed) for seed in (2, 3)])

    found = sampled(rows)

    assert len(found.marks) == loss_sample.MOST_ROWS
    labels = rows.column("label").to_numpy()
    assert found.table[:, LABEL].mean() == pytest.approx(np.nanmean(labels), abs=0.04)
    assert found.table[:, LABEL].std() == pytest.approx(np.nanstd(labels), rel=0.05)
    both = zip(labels, rows.column("prediction").to_pylist(), strict=True)
    errors = [abs(a - b) for a, b in both if b is not None and not np.isnan(a)]
    rows_, absolute, squared, _ = found.sums[ALL]
    assert (rows_, absolute) == (len(errors), pytest.approx(sum(errors)))
    assert squared == pytest.approx(sum(each**2 for each in errors))


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 119), max_size=4, unique=True))
def test_parts_of_expected_errors_add_up(cuts: list[int]) -> None:
    whole, parts = expected(table(120)), expected(table(120), cuts)

    assert whole + ExpectedLosses() == ExpectedLosses() + whole == whole
    assert parts.rejected == whole.rejected
    assert parts.sums.keys() == whole.sums.keys()
    for part, each in whole.sums.items():
        np.testing.assert_allclose(parts.sums[part], each, rtol=1e-12)


def test_blocks_and_segments_have_all_rows_and_errors() -> None:
    rows = table(500, 4)
    found = expected(rows)

    assert found.rows == 500 - 46
    assert found.rejected.counts == {"without a prediction": 46}
    assert found.slices(SEGMENT) == [(SEGMENT, ("AA",)), (SEGMENT, ("UA",))]
    assert len(found.slices(BLOCK)) == 15
    for kind in (BLOCK, SEGMENT):
        total = sum(found.sums[part] for part in found.slices(kind))
        np.testing.assert_allclose(total, found.sums[ALL], rtol=1e-12)
    both = rows.to_pandas().dropna(subset=["label", "prediction"])
    errors = np.abs(both["label"] - both["prediction"])
    total = found.sums[ALL].sum(axis=0)
    assert total[expected_losses.LABELLED] == len(errors)
    assert total[expected_losses.ERROR] == pytest.approx(errors.sum())
    assert total[expected_losses.ERROR_SQUARED] == pytest.approx((errors**2).sum())


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (pa.array([1, None, -3]), [1.0, None, -3.0]),
        (pa.array([0.5, float("nan"), float("inf")]), [0.5, None, None]),
        (pa.array([-0.0, 1e302, 2.0]), [0.0, None, 2.0]),
        (pa.array([True, False, None]), [1.0, 0.0, None]),
        (pa.array(["1.5", " 7 ", None]), [1.5, 7.0, None]),
        (pa.array(["true", "FALSE", "2e3"]), [1.0, 0.0, 2000.0]),
        (pa.array(["a", "1.5", None]), ["a", 1.5, None]),
        (pa.array(["b", "a", "b"]), ["b", "a", "b"]),
        (pa.array(["b", None, "b"]).dictionary_encode(), ["b", None, "b"]),
        (pa.array(["b", "nan", "b"], pa.large_string()), ["b", None, "b"]),
        (pa.array([0, 1, 2], pa.timestamp("s")), [None, None, None]),
    ],
)
def test_values_are_doubles_and_texts_are_beyond_them(values: pa.Array, numbers: list[Any]) -> None:
    found = feature_values(pa.chunked_array([values]))

    texts = {each for each in numbers if isinstance(each, str)}
    known = {each: feature_values(pa.chunked_array([[each]]))[0] for each in texts}
    assert all(each >= TEXTS for each in known.values())
    assert len(set(known.values())) == len(texts)
    wanted = [np.nan if each is None else known.get(each, each) for each in numbers]
    np.testing.assert_array_equal(found, wanted)


def states(seed: int = 5) -> ExpectedStates:
    """Some, of several hours and two segments."""
    return ExpectedStates(state=expected(table(80, seed)), judging=JUDGING, model=7)


def test_a_file_gives_back_what_was_written() -> None:
    assert loads(states().dumps(), "here") == replace(states(), name="here")
    nothing = ExpectedStates(state=ExpectedLosses(), judging=JUDGING, model=7)
    assert loads(nothing.dumps(), "here") == nothing


def test_damaged_files_are_refused() -> None:
    content = states().dumps()

    every_flipped_bit_is_noticed_or_harmless(content, loads)
    a_file_that_is_cut_off_is_refused(content, loads, 0.6)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "month"),
        ("groups", 0),
        ("groups", 7),
        ("sums", []),
        ("sums", [-1.0] * 320),
        ("sums", [float("nan")] * 320),
        ("sums", [1.0] * 160),
        ("sums", [1e300] * 320),
    ],
)
def test_what_no_rows_can_have_is_refused(column: str, value: object) -> None:
    with pytest.raises(FormatError, match="impossible"):
        loads(forged(states().dumps(), column, lambda _: value), "here")


def test_states_of_other_models_do_not_add_up() -> None:
    with pytest.raises(InputError, match="expected by different models"):
        combined([states(), replace(states(6), model=8)])
