"""Tables with odd columns: what can be monitored is, and the rest is named."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftkit
from driftkit.columns.types import InferredType
from driftkit.errors import InputError
from driftkit.readers.arrow import from_mapping, from_pandas, from_table
from tests.readers.reading import names, opened, rows

if TYPE_CHECKING:
    from pathlib import Path

INF = float("inf")


@pytest.mark.parametrize(
    ("values", "declared", "read"),
    [
        ([True, None, False], InferredType.BOOLEAN, [True, None, False]),
        ([1, None, 3], InferredType.INTEGRAL, [1, None, 3]),
        ([1, 2.5], InferredType.FRACTIONAL, [1.0, 2.5]),
        ([Decimal("1.5"), None], InferredType.FRACTIONAL, [Decimal("1.5"), None]),
        ([INF, float("nan")], InferredType.FRACTIONAL, [INF, None]),
        (pd.array([1, None], dtype="int64[pyarrow]"), InferredType.INTEGRAL, [1, None]),
        (pd.array(["x", None], dtype="string[pyarrow]"), InferredType.STRING, ["x", None]),
        (pd.Categorical([1, 2, None]), InferredType.INTEGRAL, [1, 2, None]),
        (pd.Categorical([True, None]), InferredType.BOOLEAN, [True, None]),
        (pd.arrays.SparseArray([0, 0, 1]), InferredType.INTEGRAL, [0, 0, 1]),
    ],
)
def test_pandas_columns(values: Any, declared: InferredType, read: list[object]) -> None:
    plain = isinstance(values, list)
    dataset = from_pandas(pd.DataFrame({"a": pd.Series(values, dtype=object if plain else None)}))

    assert dataset.columns[0].declared is declared
    assert [row[0] for row in rows(dataset)] == read


@pytest.mark.parametrize(
    "values", [[1, "x"], ["x", 1], [True, 1], [2**70, 1], ["\ud800"], [1j], [object()]]
)
def test_values_that_cannot_be_columns_are_named(values: list[Any]) -> None:
    frame = pd.DataFrame({"fine": 1, "odd": pd.Series(values, dtype=object)})

    with pytest.raises(InputError, match=r"odd: the column holds values .*Convert the column"):
        from_pandas(frame)


def test_a_mapping_of_single_values_is_refused() -> None:
    with pytest.raises(InputError, match="a: the column"):
        from_mapping({"a": 5})


@pytest.mark.parametrize(
    "values",
    [pd.period_range("2024", "2025", freq="Y"), pd.cut([1, 2], 2), [b"x", b"y"], [[1], [2]]],
)
def test_columns_without_a_type_of_the_files_are_set_aside(values: Any) -> None:
    dataset = from_pandas(pd.DataFrame({"odd": values, "fine": [1, 2]}))

    assert names(dataset) == ["fine"]
    assert list(dataset.set_aside) == ["odd"]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_text_is_text_in_whatever_form_arrow_keeps_it(kind: pa.DataType) -> None:
    table = pa.table({"a": pa.array(["x", None]).cast(kind)})

    assert rows(from_table(table)) == [("x",), (None,)]
    assert from_table(table).columns[0].declared is InferredType.STRING


def test_files_may_differ_in_how_arrow_keeps_text(tmp_path: Path) -> None:
    text = pa.array(["x", None])
    for number, values in enumerate([text, text.cast(pa.large_string()), text.dictionary_encode()]):
        pq.write_table(pa.table({"a": values}), tmp_path / f"{number}.parquet")

    assert rows(opened(tmp_path)) == [("x",), (None,)] * 3


def test_a_column_called_like_a_field_of_another_is_told_apart(tmp_path: Path) -> None:
    table = pa.table({"a.b": [1], "a": [{"b": 5}], "c": [2], "c.d": [3]})
    pq.write_table(table, tmp_path / "x.parquet")
    dataset = opened(tmp_path)

    assert names(dataset) == ["a.b", "c", "c.d"]
    assert rows(dataset) == [(1, 2, 3)]


def test_empty_files_among_parquet_are_passed_over(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "b.parquet")
    (tmp_path / "a.parquet").touch()

    assert rows(opened(tmp_path)) == [(1,)]


def test_dates_of_milliseconds_within_a_day_are_dates() -> None:
    dates = pa.array([86_400_001, 86_400_000, -1], pa.int64()).view(pa.date64())

    statistics = driftkit.data_quality.baseline(pa.table({"d": dates}), runner="local").statistics

    assert statistics is not None
    (feature,) = statistics.features
    assert feature.string is not None
    assert (feature.string.num_present, feature.string.distinct_count) == (3, 2.0)
