"""The check of values in a column that is empty in the baseline."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from driftkit import data_quality

CHECK = "unexpected_values_check"


def table(values: list[Any], type_: pa.DataType) -> pa.Table:
    return pa.table({"id": list(range(len(values))), "fee": pa.array(values, type_)})


def found(before: pa.Table, now: pa.Table, **settings: Any) -> list[str]:
    baseline = data_quality.baseline(before, **settings)
    result = data_quality.monitor(now, baseline, **settings)
    every = result.violations
    assert data_quality.compare(result, baseline, **settings).violations == every
    return [each.description for each in every if each.constraint_check_type == CHECK]


@pytest.mark.parametrize("type_", [pa.float64(), pa.string(), pa.int64(), pa.bool_()])
@pytest.mark.parametrize("share", [0.1, 1.0])
def test_values_in_an_empty_column_are_found(type_: pa.DataType, share: float) -> None:
    values = pa.array([1] * int(share * 200) + [None] * int(200 - share * 200)).cast(type_)

    said = found(table([None] * 500, type_), table(values.to_pylist(), type_))

    (only,) = said
    assert only == (
        "Empty column requirement is not met. Expected: no value, as in the baseline. "
        f"Observed: {share:.1%} of the rows have one."
    )


def test_a_column_that_stays_empty_is_in_order() -> None:
    assert found(table([None] * 500, pa.float64()), table([None] * 200, pa.float64())) == []


@pytest.mark.parametrize(("before", "rows"), [(500, 1), (5, 2), (500, 0)])
def test_few_rows_tell_nothing(before: int, rows: int) -> None:
    now = [2.0] * rows + [None] * (200 - rows)

    said = found(table([None] * before, pa.float64()), table(now, pa.float64()))

    assert said == []


def test_a_column_with_few_values_in_the_baseline_is_not_empty() -> None:
    before = table([1.0, *[None] * 499], pa.float64())

    assert found(before, table([1.0] * 200, pa.float64())) == []


def test_the_dialect_aws_has_no_such_check() -> None:
    empty, full = table([None] * 500, pa.float64()), table([1.0] * 200, pa.float64())

    assert found(empty, full, dialect="aws") == []
