"""Pairs in files of states: what was written is read, and what no pairs can have is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings

from driftkit.errors import FormatError
from driftkit.states.deployment.pair_storage import FIELDS, decoded, encoded
from tests.states.deployment.pair_cases import Row, state_of
from tests.states.deployment.test_pairs import rows_of_arms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftkit.states.deployment.pairs import PairState

SCHEMA = pa.schema(FIELDS)
ROWS = [
    Row("old", 3600, "a", "x", 5, 1.0, 2.5, (2.0, 2.0), 1.0, 0.7, "1", "S0"),
    Row("new", 3600, "a", "y", 5, 0.0, 1.5, (0.0, 1.0), 1.0, 0.2, "0", "S0"),
    Row("old", 7200, "b", "x", 5, 1.0, 2.5, (2.0, 2.0), 0.0, 0.7, "1", "S1"),
    Row("new", 7200, "b", "x", 5, 1.0, 2.5, (2.0, 2.0), 0.0, 0.6, "1", "S1"),
    Row("old", 7200, "c", "x", 5, 1.0, 2.5, (2.0, 2.0), 0.0, 0.7, "1", "S1"),
    Row("old", 7200, "c", "x", 5, 1.0, 2.5, (2.0, 2.0), 0.0, 0.7, "1", "S1"),
]


def batch_of(state: PairState | None, rows: int = 1) -> pa.RecordBatch:
    """A batch with the fields of pairs alone."""
    return pa.RecordBatch.from_arrays(encoded(state, rows), schema=SCHEMA)


@settings(max_examples=40)
@given(rows=rows_of_arms)
def test_what_is_written_is_read(rows: list[Row]) -> None:
    state = state_of([rows])

    assert decoded(batch_of(state), "here") == state
    assert decoded(batch_of(state, rows=3), "here") == state


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_where_nothing_was_paired_nothing_is_read(rows: int) -> None:
    assert decoded(batch_of(None, rows), "here") is None


def put(place: int, value: Any) -> Callable[[list[Any]], None]:
    """Puts another value into a list."""

    def change(values: list[Any]) -> None:
        values[place] = value

    return change


def lengthened(value: Any) -> Callable[[list[Any]], None]:
    """Puts a value behind a list's."""
    return lambda values: values.append(value)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("counts_keys", lengthened(1)),
        ("counts_keys", put(0, 2**60)),
        ("counts_keys", put(1, 99)),
        ("counts_sums", lengthened(1)),
        ("counts_sums", put(0, 0)),
        ("counts_sums", put(0, 2**60)),
        ("moments_keys", put(1, -1)),
        ("moments_sums", put(1, float("nan"))),
        ("moments_sums", put(0, 0.5)),
        ("scores_keys", put(1, 2**21)),
        ("scores_keys", put(1, -1)),
        ("margins_keys", put(0, 2)),
        ("margins_keys", put(1, 1024)),
        ("gaps_sums", put(1, float("inf"))),
        ("cell_values", lengthened("M")),
        ("cell_values", put(1, "S0")),
        ("cell_pairs", lengthened(1)),
        ("cell_pairs", put(0, 0)),
        ("cell_pairs", put(1, 5)),
        ("cell_pairs", put(1, -1)),
        ("cell_pairs", put(2, 0)),
        ("cells_collapsed", lengthened("size")),
        ("answers_champion", lengthened("2")),
        ("answers_challenger", put(0, "1")),
        ("answers_pairs", put(0, 0)),
        ("answers_collapsed", put(0, value=True)),
        ("answers_collapsed", lengthened(value=False)),
        ("example_kinds", put(0, "other")),
        ("example_ids", lengthened("z")),
        ("example_weights", put(-1, 9.0)),
        ("example_weights", put(-1, float("nan"))),
        ("examples_shown", put(0, -1)),
        ("examples_shown", put(0, 0)),
    ],
)
def test_what_no_pairs_have_is_refused(name: str, change: Callable[[list[Any]], None]) -> None:
    lists: Mapping[str, list[Any]] = batch_of(state_of([ROWS])).to_pydict()
    change(lists[f"pair_{name}"][0])
    batch = pa.RecordBatch.from_pydict(dict(lists), schema=SCHEMA)

    with pytest.raises(FormatError, match="impossible"):
        decoded(batch, "here")


def test_lists_beside_those_of_the_first_row_are_refused() -> None:
    batch = batch_of(state_of([ROWS]))
    twice = pa.Table.from_batches([batch, batch]).combine_chunks().to_batches()[0]

    with pytest.raises(FormatError, match="the first row alone"):
        decoded(twice, "here")


def test_nulls_are_refused() -> None:
    lists = batch_of(state_of([ROWS])).to_pydict()
    lists["pair_example_ids"][0][0] = None
    batch = pa.RecordBatch.from_pydict(lists, schema=SCHEMA)

    with pytest.raises(FormatError, match="no nulls"):
        decoded(batch, "here")
