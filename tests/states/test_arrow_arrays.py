"""Arrays of Python's values are those that pyarrow makes of them, byte by byte."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from driftkit.native.arrow_arrays import array_of

NUMBERS, TEXTS = pa.list_(pa.float64()), pa.list_(pa.string())
SAMPLES: list[tuple[list[Any], pa.DataType]] = [
    ([1, None, 3], pa.int64()),
    ([1.5, None], pa.float64()),
    ([5, 7], pa.uint32()),
    ([True, False, None, *[True] * 9], pa.bool_()),
    (["a", None, "é", ""], pa.string()),
    (["a", "bb"], pa.large_string()),
    ([b"ab", b"", None], pa.binary()),
    ([b"abcd", b"efgh"], pa.binary(4)),
    ([[], ["a"], None, ["", "b"]], TEXTS),
    ([[], []], TEXTS),
    ([[1], None, []], pa.list_(pa.int64())),
    ([[True], []], pa.list_(pa.bool_())),
    ([np.array([True, False])], pa.list_(pa.bool_())),
    ([np.arange(3), np.arange(2.0)], NUMBERS),
    ([(np.arange(3.0), np.empty(0)), (np.empty(0),)], pa.list_(NUMBERS)),
]


def bytes_of(array: pa.Array) -> bytes:
    return bytes(pa.RecordBatch.from_arrays([array], ["a"]).serialize().to_pybytes())


@pytest.mark.parametrize(
    ("values", "kind"), [*SAMPLES, *(([], kind) for _, kind in SAMPLES)], ids=str
)
def test_the_array_is_pyarrows(values: list[Any], kind: pa.DataType) -> None:
    found = array_of(values, kind)

    found.validate(full=True)
    assert bytes_of(found) == bytes_of(pa.array(values, kind))
