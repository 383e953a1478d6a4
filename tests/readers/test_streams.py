"""Rows that come by Arrow's stream interface give the numbers that a table of them gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

import driftkit
from driftkit.errors import InputError, SettingsError
from driftkit.readers import streams
from driftkit.readers.streams import from_stream, is_stream
from tests.monitors.bias.tables import configuration
from tests.monitors.calls import BINARY, flights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.usefixtures("no_session")


def table(rows: int = 1_000) -> pa.Table:
    numbers = np.random.default_rng(0).normal(size=rows)
    codes = pa.array(np.array(["p", "q", "r"])[np.arange(rows) % 3])
    return pa.table(
        {
            "n": pa.array(numbers, mask=numbers > 2),
            "whole": np.arange(rows),
            "text": codes,
            "code": codes.dictionary_encode(),
            "flag": numbers > 0,
            "at": pa.array(np.arange(rows) * 10**6, pa.timestamp("us")),
            "list": pa.array([[1]] * rows),
        }
    )


class Exporter:
    """Something that hands on its rows by the interface, and is nothing else."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.rows.to_reader(77).__arrow_c_stream__(requested_schema)


def polars(rows: pa.Table) -> Any:
    return pytest.importorskip("polars").from_arrow(rows)


def relation(rows: pa.Table) -> Any:
    return pytest.importorskip("duckdb").from_arrow(rows)


def ibis(rows: pa.Table) -> Any:
    connection = pytest.importorskip("ibis").duckdb.connect()
    connection.con.register("rows", rows)
    return connection.table("rows")


SOURCES: dict[str, Callable[[pa.Table], Any]] = {
    "exporter": Exporter,
    "reader": lambda rows: rows.to_reader(max_chunksize=13),
    "dataset": ds.dataset,
    "polars": polars,
    "polars lazy": lambda rows: polars(rows).lazy(),
    "duckdb": relation,
    "ibis": ibis,
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("chunk_rows", [300, 500_000])
def test_numbers_are_those_of_a_table(
    source: str, chunk_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "CHUNK_ROWS", chunk_rows)
    monkeypatch.setattr("driftkit.readers.arrow.CHUNK_ROWS", chunk_rows)
    rows = table()

    found = driftkit.data_quality.baseline(SOURCES[source](rows))

    assert found.files == driftkit.data_quality.baseline(rows).files
    assert found.run is not None
    assert list(found.run.set_aside) == ["list"]


@pytest.mark.parametrize("source", SOURCES)
def test_windows_and_baselines_may_be_streams(source: str) -> None:
    shifted = table().set_column(0, "n", pa.array(np.arange(1_000.0)))

    result = driftkit.data_quality.monitor(
        SOURCES[source](shifted), SOURCES[source](table()), ignore="list"
    )

    assert {each.feature for each in result.findings} == {"n"}


@pytest.mark.parametrize("source", SOURCES)
def test_other_monitors_read_streams_too(source: str) -> None:
    rows = pa.Table.from_pandas(flights(), preserve_index=False)

    quality = driftkit.model_quality.baseline(SOURCES[source](rows), **BINARY)
    bias = driftkit.bias.baseline(SOURCES[source](rows), analysis_config=configuration())

    assert quality.metrics() == driftkit.model_quality.baseline(flights(), **BINARY).metrics()
    expected = driftkit.bias.baseline(flights(), analysis_config=configuration())
    assert bias.metrics() == expected.metrics()


def test_rows_are_cut_evenly_and_few_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHUNK_ROWS", 1_000)
    asked: list[int] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(50):
            asked.append(number)
            yield pa.record_batch({"a": np.full(90, number)})

    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())
    [unit] = from_stream(reader).units
    chunks = unit.chunks()
    first = next(chunks)

    assert (first.num_rows, len(asked)) == (1_000, 12)
    assert [each.num_rows for each in chunks] == [1_000, 1_000, 1_000, 500]


def test_wide_rows_make_shorter_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHUNK_BYTES", 100_000)
    rows = pa.table({f"c{number}": np.zeros(5_000) for number in range(5)})

    [unit] = from_stream(rows.to_reader()).units

    assert [each.num_rows for each in unit.chunks()] == [2_500, 2_500]


def test_a_reader_is_read_once() -> None:
    [unit] = from_stream(table().to_reader()).units
    assert sum(each.num_rows for each in unit.chunks()) == 1_000

    with pytest.raises(InputError, match="read already"):
        list(unit.chunks())


def test_a_stream_that_breaks_off_is_an_error_of_the_input() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"a": [1]})
        raise RuntimeError("the line went dead\nwhile it was read")

    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())

    with pytest.raises(InputError, match=r"found: .*the line went dead"):
        driftkit.data_quality.baseline(reader)


@pytest.mark.parametrize("given", [{"runner": "spark"}, {"engine": "deequ"}])
def test_workers_of_spark_are_not_sent_to_a_stream(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="read in this process"):
        driftkit.data_quality.baseline(table().to_reader(), **given)


def test_what_is_no_table_is_no_stream() -> None:
    values = [pa.chunked_array([[1]]), pa.array([1]), Exporter, 3, "a.csv", ["a.csv"]]

    assert [value for value in values if is_stream(value)] == []
