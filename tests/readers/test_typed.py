"""Tables and data frames become datasets that keep their types."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from driftkit.columns.types import InferredType
from driftkit.errors import InputError
from driftkit.readers import arrow
from driftkit.readers.arrow import from_mapping, from_pandas, from_table
from tests.readers.reading import names, rows

NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "declared", "read"),
    [
        (pd.Series([1, 2]), InferredType.INTEGRAL, [1, 2]),
        (pd.Series([1, None], dtype="Int64"), InferredType.INTEGRAL, [1, None]),
        (pd.Series([1.5, NAN]), InferredType.FRACTIONAL, [1.5, None]),
        (pd.Series([True, False]), InferredType.BOOLEAN, [True, False]),
        (pd.Series(["1", None]), InferredType.STRING, ["1", None]),
        (pd.Series(["1", None], dtype=object), InferredType.STRING, ["1", None]),
        (pd.Series(["1", pd.NA], dtype="string"), InferredType.STRING, ["1", None]),
        (pd.Series(["a", None], dtype="category"), InferredType.STRING, ["a", None]),
        (pd.Series([3, 4], dtype="category"), InferredType.INTEGRAL, [3, 4]),
        (pd.Series([None, None], dtype=object), InferredType.UNKNOWN, [None, None]),
    ],
)
def test_pandas_columns(values: pd.Series, declared: InferredType, read: list[object]) -> None:
    dataset = from_pandas(pd.DataFrame({"a": values}))

    assert dataset.columns[0].declared is declared
    assert [row[0] for row in rows(dataset)] == read


def test_pandas_times_are_strings_to_the_files() -> None:
    dataset = from_pandas(pd.DataFrame({"a": pd.date_range("2024-03-18", periods=2)}))

    assert dataset.columns[0].declared is InferredType.STRING


def test_the_index_of_pandas_is_left_out_and_names_become_text() -> None:
    frame = pd.DataFrame({0: [1], "b": [2]}, index=pd.Index([7], name="index"))

    assert names(from_pandas(frame)) == ["0", "b"]


def test_mappings_are_tables() -> None:
    dataset = from_mapping({"a": [1, None], "b": ["x", "y"]})

    assert names(dataset) == ["a", "b"]
    assert rows(dataset) == [(1, "x"), (None, "y")]


def test_large_tables_come_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "CHUNK_ROWS", 10)
    dataset = from_table(pa.table({"a": range(25)}))

    assert [chunk.num_rows for chunk in dataset.units[0].chunks()] == [10, 10, 5]
    assert rows(dataset) == [(number,) for number in range(25)]


def test_nested_columns_are_set_aside() -> None:
    dataset = from_table(pa.table({"a": [1], "b": [[1]], "c": [b"x"]}))

    assert names(dataset) == ["a"]
    assert list(dataset.set_aside) == ["b", "c"]


def test_a_table_of_nested_columns_alone_is_refused() -> None:
    with pytest.raises(InputError, match="no column that can be monitored"):
        from_table(pa.table({"b": [[1]]}))


def test_names_that_stand_twice_are_refused() -> None:
    with pytest.raises(InputError, match="'a'"):
        from_pandas(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_values_of_several_types_name_their_column() -> None:
    with pytest.raises(InputError, match="mixed: the column holds values of several types"):
        from_pandas(pd.DataFrame({"mixed": [1, "x"]}, dtype=object))


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="a: 1, b: 2"):
        from_mapping({"a": [1], "b": [1, 2]})
