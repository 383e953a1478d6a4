"""What is measured of vectors does not depend on how they are held, nor on where rows are cut."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.readers import vectors as vectors_module
from driftkit.readers.vectors import (
    MEASURES,
    PROJECTIONS,
    joined_vectors,
    measured_vectors,
    parsed_vectors,
    signs,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBERS = st.none() | st.floats(-1e6, 1e6) | st.just(math.inf)
VECTORS = st.lists(st.none() | st.lists(NUMBERS, max_size=4), max_size=8)


def lists(vectors: Sequence[Any], kind: pa.DataType | None = None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(vectors, kind or pa.list_(pa.float64()))])


def measured(vectors: pa.ChunkedArray) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = measured_vectors(vectors, "e").to_pylist()
    return rows


def by_definition(vector: Sequence[float | None] | None) -> dict[str, Any]:
    """The measures of a vector, number by number."""
    found: dict[str, Any] = dict.fromkeys(MEASURES)
    if vector is None:
        return found
    found["dimensions"] = str(len(vector))
    norm = math.sqrt(math.fsum(math.nan if x is None else x * x for x in vector))
    if not vector or not math.isfinite(norm):
        return found
    found["norm"] = norm
    if norm:
        drawn = signs("e", len(vector))
        for index, name in enumerate(PROJECTIONS):
            pairs = zip(drawn[:, index].tolist(), vector, strict=True)
            found[name] = math.fsum(sign * (x or 0.0) for sign, x in pairs) / norm
    return found


@settings(max_examples=40)
@given(VECTORS)
def test_measures_are_those_of_the_definition(vectors: list[Any]) -> None:
    found = measured(lists(vectors))

    for mine, theirs in zip(found, map(by_definition, vectors), strict=True):
        assert mine["dimensions"] == theirs["dimensions"]
        for name in ("norm", *PROJECTIONS):
            if theirs[name] is None:
                assert mine[name] is None
            else:
                assert mine[name] == pytest.approx(theirs[name], rel=1e-12, abs=1e-6)


@settings(max_examples=40)
@given(VECTORS, st.integers(0, 8))
def test_where_rows_are_cut_changes_nothing(vectors: list[Any], cut: int) -> None:
    whole = pa.array(vectors, pa.list_(pa.float64()))
    parts = pa.chunked_array([whole.slice(0, cut), whole.slice(cut)])

    assert measured(parts) == measured(lists(vectors))


def test_blocks_of_rows_are_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = lists(np.random.default_rng(0).normal(size=(50, 7)).tolist())
    whole = measured(vectors)

    monkeypatch.setattr(vectors_module, "_BLOCK_NUMBERS", 20)

    assert measured(vectors) == whole


@pytest.mark.parametrize(
    "kind",
    [
        *[pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.int16())],
        *[pa.list_(pa.float64(), 3), pa.list_(pa.decimal128(9, 2)), pa.list_(pa.float16())],
    ],
    ids=str,
)
def test_any_list_of_numbers_holds_vectors(kind: pa.DataType) -> None:
    vectors = [[1, 2, -2], None, [0, 0, 0]]

    found = measured(pa.chunked_array([pa.array(vectors, kind)]))

    assert found == measured(lists(vectors))
    assert [row["norm"] for row in found] == [3.0, None, 0.0]


def test_text_holds_vectors_too() -> None:
    vectors = [[1.5, -2.0], None, [3.0, math.nan], [4.0]]
    texts = pa.chunked_array([pa.array(["[1.5, -2.0]", None, "[3.0, null]", "[4]"])])
    columns = [["1.5", None, "3.0", "4"], ["-2.0", None, "NaN", None]]

    expected = measured(lists(vectors))

    assert measured(parsed_vectors(texts)) == expected
    assert measured(joined_vectors([pa.chunked_array([pa.array(x)]) for x in columns])) == expected


@pytest.mark.parametrize(
    "text", ["", "no list", "[1, 'a']", '["1"]', "[[1]]", "{}", f"[1{'0' * 400}]"]
)
def test_text_that_is_no_vector_has_no_direction(text: str) -> None:
    (found,) = measured(parsed_vectors(pa.chunked_array([pa.array([text])])))

    assert {found[name] for name in ("norm", *PROJECTIONS)} == {None}


def test_signs_stay_what_they_were() -> None:
    # Kept baselines have been projected by them.
    drawn = ["--++----", "-++-+--+", "--+-+-++"]
    assert signs("e", 3).tolist() == [[1.0 if x == "+" else -1.0 for x in row] for row in drawn]
    assert (signs("e", 64) != signs("f", 64)).any()
