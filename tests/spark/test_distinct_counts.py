"""Registers equal Spark's own approximate distinct counts on text and on typed columns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from driftkit.columns.types import InferredType
from driftkit.native.hashing import hash_texts
from driftkit.states.kernels.choice import Kernels, compiled, plain_kernels
from driftkit.states.kernels.texts import buffers
from driftkit.states.profile.column import ColumnState
from driftkit.states.profile.fold import extended
from driftkit.states.profile.reading import Reading

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

ROWS = 3000
RANDOM = np.random.default_rng(5)
LONGS = RANDOM.integers(-(2**62), 2**62, ROWS).tolist()
DOUBLES = [*RANDOM.normal(size=ROWS - 5).tolist(), 0.0, -0.0, float("nan"), float("inf"), -1e30]
START = datetime(2013, 1, 1, tzinfo=UTC)

COLUMNS: dict[str, tuple[str, pa.DataType, list[Any]]] = {
    "texts": ("string", pa.string(), [f"value {n % 997}" * (n % 7) for n in LONGS]),
    "few texts": ("string", pa.string(), [f"{n % 37}" for n in LONGS]),
    "longs": ("bigint", pa.int64(), LONGS),
    "some longs": ("bigint", pa.int64(), [n % 1300 for n in LONGS]),
    "ints": ("int", pa.int32(), [n % 2**31 for n in LONGS]),
    "shorts": ("smallint", pa.int16(), [n % 2**15 for n in LONGS]),
    "bytes": ("tinyint", pa.int8(), [n % 100 for n in LONGS]),
    "doubles": ("double", pa.float64(), DOUBLES),
    "floats": ("float", pa.float32(), [float(np.float32(x)) for x in DOUBLES]),
    "truths": ("boolean", pa.bool_(), [n % 3 == 0 for n in LONGS]),
    "short decimals": (
        "decimal(18,3)",
        pa.decimal128(18, 3),
        [Decimal(n % 10**15) / 1000 for n in LONGS],
    ),
    "long decimals": ("decimal(30,2)", pa.decimal128(30, 2), [Decimal(n * 7) / 4 for n in LONGS]),
    "dates": ("date", pa.date32(), [date(1970, 1, 1) + timedelta(n % 2000) for n in LONGS]),
    "timestamps": (
        "timestamp",
        pa.timestamp("us", "UTC"),
        [START + timedelta(microseconds=n % 10**12) for n in LONGS],
    ),
}


@pytest.fixture(params=["plain", "compiled"])
def kernels(request: pytest.FixtureRequest) -> Kernels:
    if request.param == "plain":
        return plain_kernels()
    return compiled() or pytest.skip("numba is not installed")


@pytest.fixture(scope="module")
def expected(spark: SparkSession) -> dict[str, int]:
    from pyspark.sql import functions as F  # noqa: PLC0415

    rows = list(zip(*(values for _, _, values in COLUMNS.values()), strict=True))
    names = [f"c{place}" for place in range(len(COLUMNS))]
    types = [kind for kind, _, _ in COLUMNS.values()]
    schema = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
    frame = spark.createDataFrame(rows, schema)
    found = frame.agg(*(F.approx_count_distinct(name, 0.05) for name in names)).collect()[0]
    return dict(zip(COLUMNS, found, strict=True))


@pytest.mark.parametrize("name", COLUMNS)
def test_estimates_are_sparks(name: str, expected: dict[str, int], kernels: Kernels) -> None:
    _, kind, values = COLUMNS[name]
    column = pa.chunked_array([pa.array(values[:1000], kind), pa.array(values[1000:], kind)])
    typed = None if pa.types.is_string(kind) else InferredType.STRING

    state = extended(ColumnState(name=name, declared=typed), column, Reading(kernels=kernels))

    assert state.distinct.estimate() == expected[name]


@pytest.mark.parametrize("distinct", [1, 50, 300, 420, 700, 1100, 1281, 2000, 2600, 40_000])
def test_estimates_are_sparks_over_the_whole_range(distinct: int, spark: SparkSession) -> None:
    from pyspark.sql import functions as F  # noqa: PLC0415

    expected = spark.range(distinct).agg(F.approx_count_distinct("id", 0.05)).collect()[0][0]
    column = pa.chunked_array([pa.array(np.arange(distinct))])

    reading = Reading(kernels=plain_kernels())
    state = extended(ColumnState(name="id", declared=InferredType.INTEGRAL), column, reading)

    assert state.distinct.estimate() == expected


def test_hashes_of_texts_are_sparks(spark: SparkSession) -> None:
    from pyspark.sql import functions as F  # noqa: PLC0415

    texts = ["é" * length + "x" * (length % 5) for length in range(70)]
    frame = spark.createDataFrame([(text,) for text in texts], "t string")
    rows = frame.select(F.xxhash64("t")).collect()

    ours = {int(each) for group in hash_texts(*buffers(pa.array(texts))) for each in group}

    assert ours == {row[0] % 2**64 for row in rows}
