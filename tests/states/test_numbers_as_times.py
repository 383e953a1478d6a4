"""Times of rows that are numbers since 1970 tell them apart as the same times in text do."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from driftkit.states.partitions.partition import Partition, PartitionOptions, TableState
from driftkit.states.profile.table import FoldOptions
from tests.states.tables import folded

if TYPE_CHECKING:
    from driftkit.settings import TimeUnit


def split_of(rows: pa.Table, split: PartitionOptions) -> Partition:
    return folded(rows, FoldOptions(partitions=(split,))).partitions[0]


_MOMENTS = [
    datetime(1990, 1, 1, tzinfo=UTC),
    datetime(2024, 3, 18, 1, 30, tzinfo=UTC),
    datetime(2024, 3, 18, 23, 59, 59, tzinfo=UTC),
    datetime(2024, 3, 19, tzinfo=UTC),
    datetime(2024, 12, 31, 12, tzinfo=UTC),
    datetime(2099, 12, 31, 23, tzinfo=UTC),
]
_SECONDS = [int(each.timestamp()) for each in _MOMENTS]


@pytest.mark.parametrize("unit", ["day", "hour", "week"])
@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param(pa.array(_SECONDS), id="seconds"),
        pytest.param(pa.array(_SECONDS, pa.uint32()), id="short seconds"),
        pytest.param(pa.array([each * 10**3 for each in _SECONDS]), id="milliseconds"),
        pytest.param(pa.array([each * 10**6 for each in _SECONDS], pa.uint64()), id="microseconds"),
        pytest.param(pa.array([each * 10**9 for each in _SECONDS]), id="nanoseconds"),
        pytest.param(pa.array([each + 0.25 for each in _SECONDS]), id="with a fraction"),
        pytest.param(pa.array(map(Decimal, _SECONDS), pa.decimal128(20, 3)), id="decimals"),
        pytest.param(pa.array(map(str, _SECONDS)), id="texts"),
        pytest.param(pa.array([f"{each * 10**3}" for each in _SECONDS]), id="long texts"),
        pytest.param(pa.array([f"{each}.5" for each in _SECONDS]), id="texts with a fraction"),
        pytest.param(pa.array([f"{each:.12e}" for each in _SECONDS]), id="texts with an exponent"),
        pytest.param(pa.array(map(str, _SECONDS)).dictionary_encode(), id="a dictionary"),
    ],
)
def test_numbers_are_the_moments_that_texts_are(numbers: pa.Array, unit: TimeUnit) -> None:
    options = PartitionOptions(by=("when",), unit=unit)
    texts = pa.array([f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in _MOMENTS])
    values = pa.array([1.5, 2.5, 0.0, 4.0, 8.0, -1.0])

    expected, found = (
        split_of(pa.table({"when": each, "n": values}), options) for each in (texts, numbers)
    )

    assert list(found.parts) == list(expected.parts)
    for key, part in expected.parts.items():
        assert found.parts[key].columns[1] == part.columns[1]
        if unit != "hour":
            assert _counts(found.parts[key]) == _counts(part)


def _counts(part: TableState) -> dict[str, int]:
    """What is kept of the times of a day: their hours."""
    return dict(part.columns[0].frequencies.counts)


@pytest.mark.parametrize("form", [pa.int64(), pa.float64(), pa.string()], ids=str)
def test_numbers_of_no_such_year_are_no_times(form: pa.DataType) -> None:
    beyond = [0, 631_151_999, 4_102_444_800, 20_240_318, 202_403_180_130]
    numbers = pa.array([*beyond, _SECONDS[1], None]).cast(form)

    split = split_of(pa.table({"when": numbers}), PartitionOptions(by=("when",), unit="day"))

    assert {key: part.rows for key, part in split.parts.items()} == {
        ("2024-03-18",): 1,
        (None,): len(beyond) + 1,
    }
