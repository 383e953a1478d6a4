"""Windows are combined column by column, and never twice."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa
import pytest

from driftkit.errors import InputError
from driftkit.states.partitions.partition import PartitionOptions
from driftkit.states.profile.table import FoldOptions
from driftkit.states.states import Part, States, combined
from driftkit.states.storage import dumps, part_of
from tests.compute.samples import text_table
from tests.states.tables import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from driftkit.states.profile.kll import KllSketch

Hours: TypeAlias = "npt.NDArray[np.float64]"
SPLIT = FoldOptions(partitions=(PartitionOptions(by=("texts",)),))


def hour(number: int) -> datetime:
    return datetime(2024, 3, 18, number, tzinfo=UTC)


def window(first: int, last: int, *, source: str | None = "captures", rows: int = 9) -> States:
    table = folded(pa.table({"a": np.arange(rows) + first}))
    return States.of(table, source=source, start=hour(first), end=hour(last))


def test_a_day_is_the_sum_of_its_hours() -> None:
    tables = [text_table(1000 + n, n) for n in range(6)]

    day = combined([States.of(folded(table, SPLIT)) for table in tables])

    whole = folded(pa.concat_tables(tables), SPLIT)
    assert day.table.rows == whole.rows
    assert len(day.windows) == 6
    tables_of = [(day.table, whole)]
    tables_of += [
        (part, whole.partitions[0].parts[key])
        for key, part in day.table.partitions[0].parts.items()
    ]
    for found, expected in tables_of:
        for one, other in zip(found.columns, expected.columns, strict=True):
            assert (one.presence, one.types, one.extremes) == (
                other.presence,
                other.types,
                other.extremes,
            )
            assert (one.distinct, one.frequencies) == (other.distinct, other.frequencies)
            assert one.moments.total == pytest.approx(other.moments.total, rel=1e-12)
            assert one.sketch.count == other.sketch.count


def hours_alike(values: Hours) -> Hours:
    return values


def hours_that_trend(values: Hours) -> Hours:
    return values + 3.0 * np.arange(len(values))[:, None]


def hours_that_are_sorted(values: Hours) -> Hours:
    return np.sort(values, axis=1)


def hours_of_a_sorted_month(values: Hours) -> Hours:
    return np.sort(values, axis=None).reshape(values.shape)


@pytest.mark.parametrize("at_once", [2, 3, 30])
@pytest.mark.parametrize("threshold", [0, 10**12], ids=["compiled", "plain"])
def test_every_way_to_add_up_gives_the_same_bits(
    monkeypatch: pytest.MonkeyPatch, at_once: int, threshold: int
) -> None:
    monkeypatch.setattr("driftkit.states.states._AT_ONCE", at_once)
    monkeypatch.setattr("driftkit.states.kernels.choice._WORTH_MERGING", threshold)
    windows = [States.of(folded(text_table(rows, rows), SPLIT)) for rows in (900, 0, 1, 2500, 400)]
    files = [part_of(dumps(states), f"hour-{n}.arrow") for n, states in enumerate(windows)]
    ways: list[list[States | Part]] = [[*windows], [*files], [*windows[:2], *files[2:]]]

    found = [combined(parts, expected=5) for parts in ways]

    whole = reduce(add, (states.table for states in windows))
    assert [each.table for each in found] == [whole] * 3
    assert [each.windows for each in found] == [tuple(each.windows[0] for each in windows)] * 3
    assert dumps(found[0]) == dumps(found[1])
    assert found[1].name == "hour-0.arrow and 4 more"


@pytest.mark.parametrize("hours", [24, 720])
@pytest.mark.parametrize(
    "kind", [hours_alike, hours_that_trend, hours_that_are_sorted, hours_of_a_sorted_month]
)
def test_sketches_of_many_windows_stay_within_the_bound(
    hours: int, kind: Callable[[Hours], Hours]
) -> None:
    random = np.random.default_rng(hours)
    values = kind(random.lognormal(3, 1, (hours, 3000)))

    states = [States.of(folded(pa.table({"a": some}))) for some in values]
    month = combined(states).table.columns[0].sketch

    assert month.count == values.size
    # The double-sided rank error of sketches of k items that DataSketches publishes, 99 %:
    # 2.446 / k^0.9433, which is 1.65 % for k = 200 and 0.18 % for 2048.
    assert rank_error(month, values.ravel()) < 2.446 / 2048**0.9433


def rank_error(sketch: KllSketch, values: Hours) -> float:
    ordered = np.sort(values)
    bounds = ordered[:: len(ordered) // 500]
    exact = np.searchsorted(ordered, bounds, side="right")
    return float(np.abs(sketch.ranks(bounds, inclusive=True) - exact).max() / len(ordered))


def test_columns_may_stand_in_another_order() -> None:
    rows = text_table(300, 1)
    first = States.of(folded(rows, SPLIT))
    other = States.of(folded(rows.select(rows.column_names[::-1]), SPLIT))

    together = combined([first, other], allow_overlap=True)

    assert together == combined([first, first], allow_overlap=True)
    stored = [part_of(dumps(states), "file") for states in (first, other)]
    assert combined(stored, allow_overlap=True) == together


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"a": [1], "c": ["x"]}), r"no column 'b'; also 'c'"),
        (pa.table({"a": [1]}), r"no column 'b'"),
        (pa.table({"a": [1.5], "b": ["x"]}), r"column 'a' are of another type.*Fractional"),
    ],
)
def test_states_of_other_columns_are_refused(table: pa.Table, message: str) -> None:
    first = States.of(folded(pa.table({"a": [1], "b": ["x"]})), source="one.arrow")

    with pytest.raises(InputError, match=rf"two\.arrow: .*{message}"):
        combined([first, States.of(folded(table), source="two.arrow")])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (window(1, 3), window(2, 4)),
        (window(1, 3), window(1, 3)),
        (States.of(folded(pa.table({"a": [1]}))), States.of(folded(pa.table({"a": [1]})))),
        (window(0, 9), window(4, 5)),
    ],
    ids=["overlapping", "the same", "the same rows", "one in the other"],
)
def test_windows_that_overlap_are_refused_unless_asked_for(one: States, other: States) -> None:
    with pytest.raises(InputError, match="overlap"):
        combined([one, other])

    assert (
        combined([one, other], allow_overlap=True).table.rows == one.table.rows + other.table.rows
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (window(1, 3), window(3, 4)),
        (window(3, 4), window(1, 3)),
        (window(1, 3, source="a"), window(1, 3, source="b", rows=8)),
        (window(1, 3, source="/a/b", rows=8), window(3, 9, source="/a")),
        (window(1, 3, rows=0), window(1, 3, rows=0)),
        (window(1, 3, rows=0), window(3, 4, rows=0)),
    ],
    ids=[
        "neighbours",
        "backwards",
        "two variants",
        "a folder later",
        "nothing",
        "nothing captured",
    ],
)
def test_windows_apart_are_combined(one: States, other: States) -> None:
    assert combined([one, other]).windows == (*one.windows, *other.windows)


def test_what_was_allowed_to_overlap_can_be_added_to() -> None:
    twice = combined([window(0, 9), window(1, 2)], allow_overlap=True)

    assert combined([twice, window(9, 10)]).table.rows == 27
    assert combined([twice]) == twice
    with pytest.raises(InputError, match="overlap"):
        combined([twice, window(4, 5)])


def test_columns_without_rows_may_have_any_type() -> None:
    some, none = folded(pa.table({"a": [1]})), folded(pa.table({"a": pa.array([], pa.float64())}))

    together = combined([States.of(some), States.of(none)])

    assert together.table.columns == some.columns


def test_nothing_cannot_be_combined() -> None:
    with pytest.raises(InputError, match="no states"):
        combined([])
