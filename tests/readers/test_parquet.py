"""Parquet files keep their types, and are read column by column."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftkit.columns.types import InferredType
from driftkit.errors import InputError
from driftkit.readers import parquet
from tests.readers.reading import names, opened, rejected, rows

if TYPE_CHECKING:
    from pathlib import Path

NAN = float("nan")
TYPED = pa.table(
    {
        "tiny": pa.array([1, None], pa.int8()),
        "long": pa.array([2**60, 3], pa.int64()),
        "unsigned": pa.array([1, 2], pa.uint32()),
        "single": pa.array([0.5, None], pa.float32()),
        "double": pa.array([0.5, NAN], pa.float64()),
        "price": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
        "flag": pa.array([True, False]),
        "text": pa.array(["3", None]),
        "large": pa.array(["a", ""], pa.large_string()),
        "day": pa.array([dt.date(2024, 3, 18), None]),
        "moment": pa.array(
            [dt.datetime(2024, 3, 18, 15, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")
        ),
        "list": pa.array([[1], None]),
        "map": pa.array([{"x": 1}, None]),
        "bytes": pa.array([b"x", None]),
    }
)


@pytest.fixture
def typed(tmp_path: Path) -> Path:
    pq.write_table(TYPED, tmp_path / "typed.parquet")
    return tmp_path / "typed.parquet"


def test_columns_declare_their_types(typed: Path) -> None:
    declared = {column.name: column.declared for column in opened(typed).columns}

    assert declared == {
        **dict.fromkeys(("tiny", "long", "unsigned"), InferredType.INTEGRAL),
        **dict.fromkeys(("single", "double", "price"), InferredType.FRACTIONAL),
        "flag": InferredType.BOOLEAN,
        **dict.fromkeys(("text", "large", "day", "moment"), InferredType.STRING),
    }


def test_nested_and_binary_columns_are_set_aside_with_the_reason(typed: Path) -> None:
    aside = opened(typed).set_aside

    assert list(aside) == ["list", "map", "bytes"]
    assert "nested or binary" in aside["map"]


def test_values_are_as_written(typed: Path) -> None:
    dataset = opened(typed)
    places = {column.name: place for place, column in enumerate(dataset.columns)}

    (chunk,) = dataset.units[0].chunks()

    for name, place in places.items():
        found = chunk.column(place)
        plain = found.cast(found.type.value_type) if pa.types.is_dictionary(found.type) else found
        assert str(plain.to_pylist()) == str(TYPED.column(name).to_pylist())


@pytest.mark.parametrize(
    ("different", "is_dictionary"), [(50_000, False), (20, True)], ids=["ids", "names"]
)
def test_texts_that_nearly_all_differ_are_read_without_a_dictionary(
    different: int, tmp_path: Path, *, is_dictionary: bool
) -> None:
    texts = [f"{number % different:032x}" for number in range(50_000)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "x.parquet")
    (chunk,) = opened(tmp_path).units[0].chunks()

    found = chunk.column(0)

    assert pa.types.is_dictionary(found.type) == is_dictionary
    assert found.to_pylist() == texts


def test_large_row_groups_are_read_without_being_mapped(
    typed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, ways = opened(typed), []
    whole = pq.ParquetFile

    def watched(source: str, **options: Any) -> pq.ParquetFile:
        ways.append(options["memory_map"])
        return whole(source, **options)

    monkeypatch.setattr(pq, "ParquetFile", watched)
    mapped = rows(dataset)
    monkeypatch.setattr(parquet, "MOST_MAPPED_BYTES", 0)

    assert str(rows(dataset)) == str(mapped)
    assert ways == [True, False]


@pytest.mark.parametrize("name", ["a.b", "`a`", "a b", "日本", "x" * 300])
def test_odd_names_are_read(name: str, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1], name: [2], "b": [3]}), tmp_path / "x.parquet")
    dataset = opened(tmp_path)

    assert names(dataset) == ["a", name, "b"]
    assert rows(dataset) == [(1, 2, 3)]


def test_row_groups_come_in_the_order_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (2, 0, 1):
        table = pa.table({"a": range(number * 1000, number * 1000 + 1000)})
        pq.write_table(table, tmp_path / f"part-{number}", row_group_size=100)
    monkeypatch.setattr(parquet, "UNIT_BYTES", 1500)

    dataset = opened(tmp_path)

    assert 1 < len(dataset.units) < 30
    assert rows(dataset) == [(number,) for number in range(3000)]


def test_units_are_at_most_64_whatever_the_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(pa.table({"a": range(10_000)}), tmp_path / "x.parquet", row_group_size=10)
    monkeypatch.setattr(parquet, "UNIT_BYTES", 1)

    assert 32 <= len(opened(tmp_path).units) <= 64


def test_only_the_columns_asked_for_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(pa.table({"a": [1], "b": [2], "c": [3]}), tmp_path / "x.parquet")
    asked: list[list[str]] = []
    read = pq.ParquetFile.read_row_group

    def spy(self: pq.ParquetFile, number: int, *, columns: list[str], use_threads: bool) -> object:
        asked.append(columns)
        return read(self, number, columns=columns, use_threads=use_threads)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", spy)
    (chunk,) = opened(tmp_path).units[0].chunks()
    chunk.column(1)

    assert asked == [["b"]]


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_a_cut_off_file_is_said_to_be_so(kept: float, tmp_path: Path) -> None:
    path = tmp_path / "cut.parquet"
    pq.write_table(pa.table({"a": range(10_000)}), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])

    with pytest.raises(InputError, match=r"cut\.parquet: the Parquet file is cut off or damaged"):
        opened(path)


def test_a_file_damaged_inside_names_the_column(tmp_path: Path) -> None:
    path = tmp_path / "bad.parquet"
    pq.write_table(pa.table({"a": range(100_000)}), path, write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"bad\.parquet, column a: the Parquet file"):
        rows(opened(path))


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        ({"a": [1], "c": [2]}, "b: int64 | not there; c: not there | int64"),
        ({"a": [1], "b": [2.5]}, "b: int64 | double"),
        ({"b": [1], "a": [2]}, "another order"),
    ],
)
def test_mixed_schemas_are_told_apart(
    other: dict[str, list[float]], difference: str, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"a": [1], "b": [2]}), tmp_path / "1.parquet")
    pq.write_table(pa.table(other), tmp_path / "2.parquet")

    with pytest.raises(InputError) as raised:
        opened(tmp_path)

    for text in ("1.parquet", "2.parquet", difference):
        assert text in str(raised.value)


def test_a_file_without_rows_has_none(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "x.parquet")

    assert rows(opened(tmp_path)) == []
    assert rejected(opened(tmp_path)).total == 0
