"""Counts of requests add up: identity, split anywhere, order of merging; and are those of a dict."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.readers.dataset import TableChunk
from driftkit.states.deployment.requests import NO_MODEL, NO_TIME, RequestCounts, RequestFold

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[int | None, str | None]
SECONDS = 60
some_rows = st.lists(
    st.tuples(
        st.none() | st.integers(-100, 400), st.none() | st.sampled_from(["b", "a", "", "c d"])
    ),
    max_size=40,
)


def counted(rows: Sequence[Row]) -> RequestCounts:
    """The counts of some rows."""
    times = pa.array([time for time, _ in rows], pa.timestamp("s", "UTC"))
    models = pa.array([model for _, model in rows], pa.string()).dictionary_encode()
    answered = pa.array([is_answered(time) for time, _ in rows], pa.bool_())
    table = pa.table({"x": answered, "time": times, "model": models})
    return RequestFold(time=1, model=2, seconds=SECONDS, answered=0)([TableChunk(table=table)])


def is_answered(time: int | None) -> bool:
    """Whether a request has an answer: two of three have."""
    return time is None or time % 3 != 0


def told(counts: RequestCounts) -> tuple[object, ...]:
    """All that a state holds, so that two can be compared."""
    keys = [tuple(key) for key in counts.keys.tolist()]
    rejected = dict(counts.rejected.counts)
    return (
        counts.models,
        keys,
        counts.counts.tolist(),
        counts.unanswered.tolist(),
        rejected,
        counts.rows,
    )


@given(rows=some_rows)
def test_counts_are_those_of_a_dictionary(rows: list[Row]) -> None:
    # The second before 1970 stands for a time that is not known.
    known = [(time, model) for time, model in rows if time is not None and time != -1]
    expected = Counter((time - time % SECONDS, model) for time, model in known if model is not None)

    found = counted(rows)

    pairs = zip(found.keys.tolist(), found.counts.tolist(), strict=True)
    assert {(second, found.models[model]): count for (second, model), count in pairs} == expected
    lacking = sum(model is not None and not is_answered(time) for time, model in known)
    assert found.unanswered.sum() == lacking
    assert found.rejected.counts.get(NO_TIME, 0) == len(rows) - len(known)
    assert found.rejected.counts.get(NO_MODEL, 0) == sum(model is None for _, model in known)


@given(rows=some_rows)
def test_nothing_added_changes_nothing(rows: list[Row]) -> None:
    found = counted(rows)

    assert told(found + RequestCounts()) == told(RequestCounts() + found) == told(found)


@given(rows=some_rows, data=st.data())
def test_parts_in_any_order_are_the_whole(rows: list[Row], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    parts = [counted(rows[start:stop]) for start, stop in pairwise([0, *cuts, len(rows)])]
    shuffled = data.draw(st.permutations(parts))

    assert told(reduce(add, shuffled)) == told(counted(rows))


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
)
def test_names_of_models_may_have_any_type_of_text(kind: pa.DataType) -> None:
    table = pa.table(
        {
            "time": pa.array([0, 61], pa.timestamp("s")),
            "model": pa.array(["a", None], pa.string()).cast(kind),
        }
    )

    found = RequestFold(time=0, model=1)([TableChunk(table=table)])

    assert told(found) == (("a",), [(0, 0)], [1], [0], {NO_MODEL: 1}, 1)
