"""One pass over any chunks fills the states that the rows have."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from driftkit.columns.chunk import Column, Rejections
from driftkit.columns.types import InferredType
from driftkit.errors import InputError
from driftkit.states.kernels import choice
from driftkit.states.profile.frequencies import LIMIT
from driftkit.states.profile.kll import KllSketch
from driftkit.states.profile.table import FoldOptions, fold
from tests.states.tables import Part, folded

if TYPE_CHECKING:
    from driftkit.states.partitions.partition import TableState

ROWS = 12_000
RANDOM = np.random.default_rng(11)
NUMBERS = np.round(RANDOM.normal(50, 12, ROWS), 2)
SOME_MISSING = RANDOM.random(ROWS) < 0.1


def with_nulls(values: Any, kind: pa.DataType | None = None) -> pa.Array:
    array = pa.array(values, kind)
    return pa.compute.if_else(pa.array(SOME_MISSING), pa.scalar(None, array.type), array)


def many_kinds() -> pa.Table:
    words = [f"word {number % 700}" for number in range(ROWS)]
    return pa.table(
        {
            "doubles": with_nulls(NUMBERS),
            "floats": with_nulls(NUMBERS.astype(np.float32)),
            "longs": with_nulls(RANDOM.integers(-(2**60), 2**60, ROWS)),
            "bytes": with_nulls(RANDOM.integers(0, 9, ROWS).astype(np.uint8)),
            "decimals": with_nulls([Decimal(int(n * 100)) / 100 for n in NUMBERS]),
            "truths": with_nulls(NUMBERS > 50),
            "times": with_nulls(RANDOM.integers(0, 10**15, ROWS), pa.timestamp("us")),
            "few": with_nulls([f"{number % 40}" for number in range(ROWS)]),
            "many": with_nulls(words),
            "typed text": with_nulls([f"{number:.3f}" for number in NUMBERS]),
            "coded": with_nulls(words).dictionary_encode(),
            "nothing": pa.nulls(ROWS, pa.string()),
        }
    )


@pytest.mark.parametrize("row_order", [True, False])
@pytest.mark.parametrize("cuts", [(), (1,), (4000, 4000, 9000), tuple(range(500, ROWS, 500))])
def test_chunks_do_not_matter(cuts: tuple[int, ...], row_order: bool) -> None:  # noqa: FBT001
    table, options = many_kinds(), FoldOptions(row_order=row_order)

    whole, cut = folded(table, options), folded(table, options, cuts)

    for one, other in zip(whole.columns, cut.columns, strict=True):
        assert one.sketch == other.sketch
        assert one.moments.total == pytest.approx(other.moments.total, rel=1e-12)
        assert one.moments.m2 == pytest.approx(other.moments.m2, rel=1e-12)
        if row_order:
            assert one == other


def test_compiled_and_plain_kernels_give_equal_states(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = choice.compiled() or pytest.skip("numba is not installed")
    table, options = many_kinds(), FoldOptions(row_order=True)

    states = []
    for loops in (fast, choice.plain_kernels()):
        monkeypatch.setattr("driftkit.states.profile.table.kernels", lambda _, loops=loops: loops)
        states.append(folded(table, options))

    assert states[0] == states[1]


def test_numbers_are_those_of_numpy() -> None:
    state = folded(pa.table({"a": with_nulls(NUMBERS)})).columns[0]

    present = NUMBERS[~SOME_MISSING]
    assert (state.presence.present, state.presence.missing) == (len(present), SOME_MISSING.sum())
    assert state.moments.mean == pytest.approx(present.mean(), rel=1e-13)
    assert state.moments.std_dev == pytest.approx(present.std(), rel=1e-13)
    assert (state.extremes.minimum, state.extremes.maximum) == (present.min(), present.max())
    assert state.sketch == KllSketch().extended(present)


@pytest.mark.parametrize("values", [NUMBERS, np.arange(ROWS), np.arange(ROWS) % 30])
def test_text_gives_the_numbers_that_it_spells(values: Any) -> None:
    texts = pa.array([str(value) for value in values.tolist()])

    state = folded(pa.table({"a": texts}), FoldOptions(row_order=True)).columns[0]
    typed = folded(pa.table({"a": pa.array(values)}), FoldOptions(row_order=True)).columns[0]

    assert state.inferred is typed.inferred
    assert state.types == typed.types
    assert (state.moments, state.extremes, state.sketch) == (
        typed.moments,
        typed.extremes,
        typed.sketch,
    )


@pytest.mark.parametrize("encode", [False, True])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_text_is_counted_by_value(encode: bool, kind: pa.DataType) -> None:  # noqa: FBT001
    values = [f"v{number % 50}" if number % 7 else None for number in range(ROWS)]
    array = pa.array(values, kind)

    state = folded(pa.table({"a": array.dictionary_encode() if encode else array})).columns[0]

    assert state.frequencies.known() == Counter(value for value in values if value)
    assert state.types.string == state.presence.present


def test_unused_values_of_a_dictionary_are_no_values() -> None:
    codes = pa.array([0, 2, 0, None], pa.int32())
    array = pa.DictionaryArray.from_arrays(codes, pa.array(["1", "x", "2.5", "y"]))

    state = folded(pa.table({"a": array})).columns[0]

    assert str(state.inferred) == "Fractional"
    assert state.frequencies.known() == {"1": 2, "2.5": 1}
    assert state.distinct.estimate() == 2
    assert state.moments.total == 4.5


def test_a_null_in_the_dictionary_is_missing() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), pa.array(["a", None]))

    state = folded(pa.table({"a": array})).columns[0]

    assert (state.presence.present, state.presence.missing) == (2, 1)


@pytest.mark.parametrize("encode", [False, True])
def test_known_values_are_counted_however_many_others_there_are(encode: bool) -> None:  # noqa: FBT001
    texts = pa.array([f"v{number % (2 * LIMIT)}" for number in range(ROWS)])
    table = pa.table({"a": texts.dictionary_encode() if encode else texts})

    frequencies = (
        folded(table, FoldOptions(known={"a": ("v0", "v1", "gone")})).columns[0].frequencies
    )

    count = len(range(0, ROWS, 2 * LIMIT))
    assert frequencies.overflowed
    assert frequencies.known() == {"v0": count, "v1": count}
    assert frequencies.others == ROWS - 2 * count


def test_known_values_are_counted_among_typed_numbers() -> None:
    table = pa.table({"a": [1, 2, 2, 3], "b": [1.5, 2.0, 1.5, nan]})
    known = {"a": ("2", "x", "2.0"), "b": ("1.5", "2")}

    one, other = folded(table, FoldOptions(known=known)).columns

    assert (one.frequencies.known(), one.frequencies.total) == ({"2": 2}, 4)
    assert (other.frequencies.known(), other.frequencies.total) == ({"1.5": 2}, 4)


def test_numbers_that_are_not_finite_are_set_aside() -> None:
    table = pa.table({"a": [1.0, nan, 3.0, inf, -inf], "t": ["1", "1e400", "3", "-1e999", "2"]})

    for state in folded(table).columns:
        assert state.presence.present == 5
        assert state.non_finite == state.presence.present - state.moments.n
    assert folded(table).columns[0].moments.mean == 2.0
    assert folded(table).columns[1].extremes.maximum == 3.0


def test_columns_of_nothing_but_nan_have_no_extremes() -> None:
    state = folded(pa.table({"a": pa.array([nan, nan], pa.float64())})).columns[0]

    assert state.extremes.minimum is None
    assert (state.non_finite, state.moments.n) == (2, 0)


MOMENT = datetime(2013, 1, 1, 5, 0, 0, 500_000)  # noqa: DTZ001
TIMES: dict[str, tuple[pa.Array, dict[str, int]]] = {
    "dates": (pa.array([date(2013, 1, 1)] * 2), {"2013-01-01": 2}),
    "timestamps": (pa.array([MOMENT]), {"2013-01-01 05:00:00.5": 1}),
    "seconds": (pa.array([MOMENT], pa.timestamp("s")), {"2013-01-01 05:00:00": 1}),
    "truths": (pa.array([True, False, True]), {"true": 2, "false": 1}),
}


@pytest.mark.parametrize(("array", "counts"), TIMES.values(), ids=TIMES)
def test_values_are_named_as_spark_writes_them(array: pa.Array, counts: dict[str, int]) -> None:
    assert folded(pa.table({"a": array})).columns[0].frequencies.known() == counts


def test_nested_columns_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"points.*list"):
        fold(
            [Column(name="points", declared=InferredType.STRING)],
            [Part(table=pa.table({"points": [[1], [2]]}))],
        )


def test_no_chunks_are_no_rows() -> None:
    state = fold([Column(name="a")], [])

    assert state.rows == 0
    assert str(state.columns[0].inferred) == "Unknown"


def test_rejected_records_are_carried_over() -> None:
    part = Part(table=pa.table({"a": ["1"]}), rejected=Rejections(counts={"not JSON": 2}))

    assert fold([Column(name="a")], [part, part]).rejected.counts == {"not JSON": 4}


def test_parts_with_other_columns_do_not_add_up() -> None:
    one, other = folded(pa.table({"a": ["1"]})), folded(pa.table({"b": ["1"]}))

    with pytest.raises(InputError, match="different columns"):
        _ = one + other


def test_columns_are_asked_for_one_after_another_and_once() -> None:
    asked: list[int] = []

    class Watched(Part):
        def column(self, index: int) -> pa.ChunkedArray:
            asked.append(index)
            return self.table.column(index)

    table = pa.table({"a": ["1"], "b": ["2"], "c": ["3"]})
    fold([Column(name=name) for name in table.column_names], [Watched(table=table)] * 2)

    assert asked == [0, 1, 2] * 2


def test_kernels_are_chosen_by_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def watched(size: int) -> choice.Kernels:
        sizes.append(size)
        return choice.plain_kernels()

    monkeypatch.setattr("driftkit.states.profile.table.kernels", watched)

    state: TableState = folded(pa.table({"a": ["1"] * 10, "b": ["2"] * 10}), None, (4,))

    assert state.rows == 10
    assert sizes == [8, 20]
