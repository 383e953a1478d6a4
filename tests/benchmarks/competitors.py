"""What others need for the same tables: DuckDB, pyarrow's bare decode, Deequ."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

CORES = 2
PARSED_BYTES = 16 * 1024 * 1024
NINTHS = "[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]"


def nine_metrics(folder: Path) -> None:
    """DuckDB: count, avg, sd, min, max, sum, approximate distinct, nulls and nine quantiles."""
    files = sorted(folder.glob("*.parquet"))
    schema = pq.read_schema(files[0])
    asked = ", ".join(_metrics_of(field) for field in schema)
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {CORES}")
        connection.execute(f"SELECT {asked} FROM '{folder}/*.parquet'").fetchall()  # noqa: S608


def captured_metrics(folder: Path, fields: int) -> None:
    """DuckDB: the same of captured lines of JSON whose CSV is split, the last sent field as text."""
    side = "STRUCT(data VARCHAR)"
    source = (
        f"read_json('{folder}/**/*.jsonl', format = 'newline_delimited', columns = "
        f"{{captureData: 'STRUCT(endpointInput {side}, endpointOutput {side})'}})"
    )
    data = "captureData.endpointInput.data", "captureData.endpointOutput.data"
    split = f"SELECT string_split({data[0]}, ',') AS sent, {data[1]} AS answered FROM {source}"  # noqa: S608
    sent = [f"TRY_CAST(sent[{place + 1}] AS DOUBLE) AS f{place}" for place in range(fields - 1)]
    taken = [*sent, f"sent[{fields}] AS f{fields - 1}", "TRY_CAST(answered AS DOUBLE) AS score"]
    kinds = [*[pa.float64()] * (fields - 1), pa.string(), pa.float64()]
    names = [*(f"f{place}" for place in range(fields)), "score"]
    asked = ", ".join(map(_metrics_of, map(pa.field, names, kinds)))
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {CORES}")
        connection.execute(
            f"SELECT {asked} FROM (SELECT {', '.join(taken)} FROM ({split}))"  # noqa: S608
        ).fetchall()


def _metrics_of(field: pa.Field) -> str:
    name = f'"{field.name}"'
    common = f"count({name}), count(*) - count({name}), approx_count_distinct({name})"
    if pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
        return (
            f"{common}, avg({name}), stddev_pop({name}), min({name}), max({name}), sum({name}), "
            f"approx_quantile({name}, {NINTHS})"
        )
    return f"{common}, min({name}), max({name})"


def summarize_text(folder: Path) -> None:
    """DuckDB's SUMMARIZE of CSV files, every column as text."""
    source = f"read_csv('{folder}/*.csv', all_varchar = true)"
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {CORES}")
        connection.execute(f"SUMMARIZE SELECT * FROM {source}").fetchall()  # noqa: S608


def count_text(spark: SparkSession, folder: Path) -> None:
    """Spark's count of every column of CSV files, as strings."""
    frame = spark.read.csv(str(folder), header=True)
    frame.selectExpr(*(f"count(`{name}`)" for name in frame.columns)).collect()


def bare_parse(folder: Path) -> None:
    """pyarrow parses every field of CSV files to text with as many threads, and drops it."""
    pa.set_cpu_count(CORES)
    for path in sorted(folder.glob("*.csv")):
        names = csv.open_csv(path).schema.names
        csv.read_csv(
            path,
            read_options=csv.ReadOptions(block_size=PARSED_BYTES),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )


def bare_decode(folder: Path) -> None:
    """pyarrow reads every column of every row group with as many threads, and drops it."""
    pa.set_cpu_count(CORES)
    for path in sorted(folder.glob("*.parquet")):
        file = pq.ParquetFile(path)
        for group in range(file.num_row_groups):
            file.read_row_group(group, use_threads=True)


def deequ_profile(spark: SparkSession, path: Path) -> None:
    """Deequ through pydeequ: the analyzers behind statistics.json and the KLL sketch."""
    os.environ.setdefault("SPARK_VERSION", spark.version)
    from pydeequ import analyzers as a  # noqa: PLC0415  (reads SPARK_VERSION)

    frame = spark.read.parquet(str(path))
    asked = a.AnalysisRunner(spark).onData(frame).addAnalyzer(a.Size())
    for field in frame.schema.fields:
        asked.addAnalyzer(a.Completeness(field.name)).addAnalyzer(a.ApproxCountDistinct(field.name))
        if field.dataType.typeName() in {"long", "double", "integer", "float"}:
            for analyzer in (a.Mean, a.Sum, a.Minimum, a.Maximum, a.StandardDeviation):
                asked.addAnalyzer(analyzer(field.name))
            asked.addAnalyzer(a.KLLSketch(field.name, a.KLLParameters(spark, 2048, 0.64, 10)))
    asked.run()
