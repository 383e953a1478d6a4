"""What is left out of a result, cut, or says nothing is named in it, by all that read it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftkit import attribution, bias, data_quality
from driftkit.errors import InputError
from tests.monitors.attribution.data import CONFIG, rows
from tests.monitors.bias.tables import configuration
from tests.monitors.calls import flights, model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CUT = "column a: nanoseconds are cut to microseconds, as fine as Spark's times are"
INFINITE = "column a: all 3 values are infinite or not a number, so it has neither mean"


def _union() -> pa.Array:
    return pa.UnionArray.from_sparse(pa.array([0, 0], pa.int8()), [pa.array([1, 2])])


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pd.period_range("2024", periods=2, freq="M"), "values of type period[M] are neither"),
        (pd.interval_range(0, 2), "values of type interval[int64, right] are neither"),
        (pd.cut([1, 2], 2), "values of type category of interval[float64, right] are neither"),
        (pd.Series([[1], [2]]), "values of type list<item: int64> are nested or binary"),
        (pd.Series([b"a", b"b"]), "values of type binary are nested or binary"),
        (_union(), "values of type sparse_union<0: int64=0> are neither"),
        (pa.array([(1, 2, 3)] * 2, pa.month_day_nano_interval()), "month_day_nano_interval are"),
    ],
)
def test_columns_left_out_because_of_their_type_are_named(column: Any, said: str) -> None:
    arrow = isinstance(column, pa.Array)
    data: Any = pa.table({"a": column, "b": [1, 2]}) if arrow else None
    if data is None:
        data = pd.DataFrame({"a": column, "b": [1, 2]})

    run = data_quality.baseline(data).run

    assert run is not None
    assert said in run.set_aside["a"]
    assert any(f"column a not monitored: {run.set_aside['a']}" == line for line in run.lines())


@pytest.mark.parametrize("monitor", ["bias", "attribution"])
def test_other_monitors_name_them_too(monitor: str) -> None:
    found: Any
    if monitor == "bias":
        data = flights().assign(a=pd.period_range("2024", periods=len(flights())))
        found = bias.baseline(data, analysis_config=configuration())
    else:
        data = rows(50).assign(d=pd.date_range("2024", periods=50, freq="7ns"))
        found = attribution.baseline(data, model, analysis_config=CONFIG)

    assert any("period[D]" in line or "nanoseconds" in line for line in found.notes())


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame({"a": [np.inf, -np.inf, np.inf]}),
        pd.DataFrame({"a": [np.inf, -np.inf, np.inf, None]}),
        pa.table({"a": [float("inf"), float("nan"), float("inf")]}),
        {"a": np.array([np.inf] * 3, np.float32)},
    ],
)
def test_a_column_that_is_all_infinite_is_named(data: Any) -> None:
    normal = data_quality.baseline(data)
    result = data_quality.monitor(data, normal)

    for each in (normal, result):
        assert any(line.startswith(INFINITE) for line in each.notes())
    combined = data_quality.baseline(data_quality.combine(normal))
    assert any(line.startswith(INFINITE) for line in combined.notes())


@pytest.mark.parametrize("values", [[1.0, np.inf], [None, None], [1.0, 2.0]])
def test_a_column_with_finite_numbers_or_without_values_is_not(values: list[Any]) -> None:
    run = data_quality.baseline(pd.DataFrame({"a": values}, dtype=float)).run

    assert run is not None
    assert run.remarks == ()


FINE, COARSE = "2024-01-01T00:00:00.000000001", "2024-01-01T00:00:00.000001000"
NANOSECONDS: dict[str, Callable[[str], pa.Array]] = {
    "timestamp": lambda text: pa.array([text, None, text]).cast(pa.timestamp("ns")),
    "zoned": lambda text: pa.array([text + "Z"]).cast(pa.timestamp("ns", "UTC")),
    "time": lambda text: pa.array([int(text[-9:])], pa.int64()).cast(pa.time64("ns")),
    "duration": lambda text: pa.array([int(text[-9:])], pa.int64()).cast(pa.duration("ns")),
}


@pytest.mark.parametrize("kind", NANOSECONDS)
@pytest.mark.parametrize(("text", "cut"), [(FINE, (CUT,)), (COARSE, ())])
def test_times_that_lose_digits_are_named(
    kind: str, text: str, cut: tuple[str, ...], tmp_path: Path
) -> None:
    table = pa.table({"a": NANOSECONDS[kind](text)})

    # Python has no times of a nanosecond, Parquet no durations.
    forms: list[Any] = [table] if kind == "time" else [table, table.to_pandas()]
    if kind != "duration":
        pq.write_table(table, tmp_path / "a.parquet")
        forms.append(tmp_path / "a.parquet")

    runs = [data_quality.baseline(form).run for form in forms]

    assert [run.remarks for run in runs if run] == [cut] * len(forms)


def test_categories_of_times_lose_digits_too() -> None:
    frame = pd.DataFrame({"a": pd.Series(pd.to_datetime([FINE, FINE])).astype("category")})

    run = data_quality.baseline(frame).run

    assert run is not None
    assert run.remarks == (CUT,)


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (pa.array([253402300799], pa.timestamp("s")), "9999-12-31 23:59:59"),
        (pa.array([253402300800], pa.timestamp("s")), "+10000-01-01 00:00:00"),
        (pa.array([253402300800500], pa.timestamp("ms")), "+10000-01-01 00:00:00.5"),
        (pa.array([-62135596801], pa.timestamp("s")), "0000-12-31 23:59:59"),
        (pa.array([2932897], pa.date32()), "+10000-01-01"),
        (pa.array([2**62], pa.timestamp("s")), "+146138514283-06-19 07:45:04"),
        (pa.array([2**62], pa.duration("s")), "4611686018427387904 s"),
    ],
)
def test_times_beyond_pythons_calendar_are_texts_as_spark_writes_them(
    array: pa.Array, text: str
) -> None:
    states = data_quality.baseline(pa.table({"a": array})).states

    assert states is not None
    assert dict(states.table.columns[0].frequencies.counts) == {text: 1}


def test_times_that_64_bits_hold_in_seconds_only_are_counted_each() -> None:
    far = pa.table({"a": pa.array([2**62, 2**62 + 1, 2**62, 5], pa.timestamp("s"))})

    (feature,) = data_quality.baseline(far).statistics.features  # type: ignore[union-attr]

    assert feature.string is not None
    assert feature.string.distinct_count == 3


@pytest.mark.parametrize("narrow", ["decimal32", "decimal64"])
def test_narrow_decimals_are_numbers(narrow: str) -> None:
    if not hasattr(pa, narrow):
        pytest.skip("this Arrow has none")
    wide = pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal128(5, 2))

    found = data_quality.baseline(pa.table({"a": wide.cast(getattr(pa, narrow)(5, 2))}))

    assert found.statistics == data_quality.baseline(pa.table({"a": wide})).statistics


def test_texts_that_are_no_utf8_are_an_error_that_names_the_column() -> None:
    offsets = pa.py_buffer(np.array([0, 1], np.int32).tobytes())
    texts = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(b"\xff")])

    with pytest.raises(InputError, match="a: the column holds texts that are not UTF-8"):
        data_quality.baseline(pa.table({"a": texts}))


@pytest.mark.parametrize(
    "column",
    [
        [dt.datetime(2024, 1, 1, tzinfo=dt.UTC), None],
        pd.array([1, None], dtype="Int64"),
        pd.Series([1.5, None], dtype="Sparse[float]"),
        pd.Categorical(["x", None]),
    ],
)
def test_mappings_hold_what_frames_hold(column: Any) -> None:
    of_mapping = data_quality.baseline({"a": column})

    assert of_mapping.statistics == data_quality.baseline(pd.DataFrame({"a": column})).statistics


def test_frames_of_a_class_made_from_pandas_are_frames() -> None:
    class Frame(pd.DataFrame):
        pass

    Frame.__module__ = "somewhere.else"

    found = data_quality.baseline(Frame({"a": [1, 2]}))

    assert found.statistics == data_quality.baseline({"a": [1, 2]}).statistics
