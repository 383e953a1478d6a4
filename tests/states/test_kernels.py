"""The compiled kernels give the bits of the plain ones; those follow the definitions."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.columns.types import InferredType, type_of
from driftkit.states.kernels import plain
from driftkit.states.kernels.choice import Kernels, compiled, kernels, plain_kernels
from driftkit.states.kernels.texts import (
    BOOLEAN_KIND,
    FRACTIONAL_KIND,
    INTEGRAL_KIND,
    STRING_KIND,
    Parsed,
)
from driftkit.states.profile import fold_strings
from driftkit.states.profile.column import ColumnState
from driftkit.states.profile.fold import extended
from driftkit.states.profile.kll import KllSketch
from driftkit.states.profile.moments import Moments
from driftkit.states.profile.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.native.arrays import Bytes, Values

KINDS = {
    InferredType.STRING: STRING_KIND,
    InferredType.INTEGRAL: INTEGRAL_KIND,
    InferredType.FRACTIONAL: FRACTIONAL_KIND,
    InferredType.BOOLEAN: BOOLEAN_KIND,
}
ODD_TEXTS = (
    *("", " ", "+", "-", "- ", ".", "e5", "--1", "5.", ".5", "1e", "1e+", "1.2.3", "0x10", "1,000"),
    *(
        "+ 3",
        "- 3.5",
        " 3",
        " -3",
        "3 ",
        "5\n",
        "\n",
        "\u0663",
        "\uff15",
        "1_000",
        "nan",
        "Infinity",
    ),
    *("-0", "-0.0", "+5", "0", "007", "-12", "3.0", "1e5", "1E-5", "1.5e+300", "2.50"),
    *("1e400", "-1e400", "1e-400", "0e999999999", "1e99999999999999999999", "1e22", "1e23"),
    *("9007199254740993", "18446744073709551615", "99999999999999999999", "1234567890" * 4),
    *("0.1", "0.30000000000000004", "123456789.123456789", "4.9e-324", "2.2250738585072011e-308"),
    *("0.000000000000000000000000000001", "00000000000000000000001.5", "1.7976931348623157e308"),
    *("true", "false", "True", "truE", "falsy", "trues", "fals", "x" * 31, "y" * 32, "z" * 100),
)


@pytest.fixture
def fast() -> Kernels:
    return compiled() or pytest.skip("numba is not installed")


def empty() -> Bytes:
    return np.zeros(512, np.uint8)


def same(one: Parsed, other: Parsed) -> bool:
    equal = one.numbers.tobytes() == other.numbers.tobytes()
    return equal and one.kinds.tolist() == other.kinds.tolist()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_odd_texts_have_the_type_that_the_patterns_give(kind: pa.DataType, fast: Kernels) -> None:
    texts = pa.array(("first", *ODD_TEXTS), kind).slice(1)
    expected = [KINDS[type_of(text)] for text in ODD_TEXTS]

    for each in (plain_kernels(), fast):
        assert each.read_texts(texts, empty()).kinds.tolist() == expected


def test_numbers_of_texts_are_those_of_sparks_cast(fast: Kernels) -> None:
    numbers = {"+ 3": None, "- 3.5": None, " 3": 3.0, "1e400": float("inf"), "-0": 0.0, "7": 7.0}

    for each in (plain_kernels(), fast):
        found = each.read_texts(pa.array(numbers), empty()).numbers.tolist()
        assert [None if isnan(number) else number for number in found] == list(numbers.values())


def test_compiled_texts_are_the_plain_ones(fast: Kernels) -> None:
    texts = pa.array(ODD_TEXTS)
    ours, theirs = empty(), empty()

    assert same(fast.read_texts(texts, ours), plain.read_texts(texts, theirs))
    assert ours.tolist() == theirs.tolist()


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.text("ab", max_size=3), st.text(max_size=20)), max_size=60),
    st.integers(0, 5),
    st.sampled_from([pa.string(), pa.large_string()]),
)
def test_different_texts_are_told_apart_alike(
    texts: list[str | None], begin: int, kind: pa.DataType
) -> None:
    fast = compiled() or pytest.skip("numba is not installed")
    known = pa.array(texts, kind).slice(begin).drop_null()

    assert fast.encoded(known).equals(plain.encoded(known))


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text("abé", max_size=3)), min_size=1), st.integers(0, 5))
def test_missing_texts_are_left_out_alike(texts: list[str | None], begin: int) -> None:
    fast = compiled() or pytest.skip("numba is not installed")
    some = pa.array(["x", *texts, None]).slice(min(begin, len(texts)))

    assert fast.known_strings(some).equals(plain.known_strings(some))


def test_bytes_of_missing_texts_are_left_out_too(fast: Kernels) -> None:
    """A null may stand where a text was."""
    texts = pa.array(["a", "secret", "b"])
    hidden = pa.Array.from_buffers(
        pa.string(), 3, [pa.py_buffer(bytes([0b101])), *texts.buffers()[1:]]
    )

    assert fast.known_strings(hidden).to_pylist() == ["a", "b"]


@pytest.mark.parametrize("count", [1, 23, 24, 60])
@pytest.mark.parametrize("length", [32, 63, 64, 1000])
def test_long_texts_are_hashed_alike(fast: Kernels, count: int, length: int) -> None:
    """Few of one length are hashed one by one, many together."""
    texts = pa.array([f"{number}é".ljust(length, "abcdefg"[number % 7]) for number in range(count)])
    ours, theirs = empty(), empty()

    fast.touch_texts(texts, ours)
    plain.touch_texts(texts, theirs)

    assert ours.tolist() == theirs.tolist()


def test_long_texts_are_worth_numba(fast: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Kernels] = []

    def take() -> Kernels:
        taken.append(fast)
        return fast

    monkeypatch.setattr(fold_strings, "compiled", take)
    monkeypatch.setattr(fold_strings, "_LONG_BYTES", 1000)
    reading, state = Reading(kernels=plain_kernels()), ColumnState(name="a")
    short, long = (pa.chunked_array([["x" * length, "y"]]) for length in (500, 5000))

    extended(state, short, reading)
    assert not taken
    found = extended(state, long, reading)

    assert taken == [fast]
    monkeypatch.setattr(fold_strings, "_LONG_BYTES", 10_000)
    assert found == extended(state, long, reading)


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(), st.from_regex(r"[-+]? ?[0-9.eE+-]{0,30}", fullmatch=True))))
def test_any_texts_are_read_alike(texts: list[str]) -> None:
    fast = compiled() or pytest.skip("numba is not installed")
    array, ours, theirs = pa.array(texts, pa.string()), empty(), empty()

    assert same(fast.read_texts(array, ours), plain.read_texts(array, theirs))
    assert ours.tolist() == theirs.tolist()


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, width=64)))
def test_texts_of_doubles_give_them_back(numbers: list[float]) -> None:
    fast = compiled() or pytest.skip("numba is not installed")
    texts = [repr(number) for number in numbers if "." in repr(number)]

    for each in (plain_kernels(), fast):
        found = each.read_texts(pa.array(texts, pa.string()), empty()).numbers
        assert found.tobytes() == np.array([float(text) for text in texts]).tobytes()


@settings(deadline=None, max_examples=300)
@given(
    numbers=st.lists(
        st.one_of(
            st.tuples(st.integers(0, 2**64 - 1), st.integers(-345, 310)),
            # Half way between two doubles, and next to it.
            st.tuples(
                st.builds(
                    lambda double, off, power: ((2 * double + 1) << 10) // 5**power + off,
                    st.integers(2**52, 2**53 - 1),
                    st.integers(-1, 1),
                    st.integers(0, 23),
                ),
                st.integers(-23, 23),
            ),
        ),
        min_size=1,
    )
)
def test_decimals_are_rounded_as_python_rounds_them(numbers: list[tuple[int, int]]) -> None:
    fast = compiled() or pytest.skip("numba is not installed")
    texts = [f"{mantissa}e{power}" for mantissa, power in numbers]

    found = fast.read_texts(pa.array(texts), empty()).numbers

    assert found.tobytes() == np.array([float(text) for text in texts]).tobytes()


def test_compiled_registers_are_the_plain_ones(fast: Kernels) -> None:
    random = np.random.default_rng(0)
    doubles = np.concatenate([random.normal(size=50_000), [np.nan, -np.nan, np.inf, 0.0, -0.0]])
    longs = random.integers(-(2**63), 2**63, 50_000, np.int64)
    ours, theirs = empty(), empty()

    for each, registers in ((plain_kernels(), ours), (fast, theirs)):
        each.touch_doubles(doubles, registers)
        each.touch_longs(longs, registers)
        each.touch_ints(longs.astype(np.int32), registers)
        each.touch_texts(pa.array(["a" * length for length in range(200)]), registers)

    assert ours.tolist() == theirs.tolist()


def test_compiled_moments_are_the_plain_ones(fast: Kernels) -> None:
    values = np.random.default_rng(0).lognormal(3, 2, 10_000)

    first = fast.sequential(values[:3000], Moments())

    assert fast.sequential(values[3000:], first) == plain.sequential(values, Moments())


def test_moments_in_row_order_are_sparks_recurrence() -> None:
    moments = plain.sequential(np.array([0.1, 0.2, 0.3, 0.7]), Moments())

    assert moments.total == 0.1 + 0.2 + 0.3 + 0.7
    assert moments.n == 4
    assert moments.m2 / 4 == pytest.approx(np.var([0.1, 0.2, 0.3, 0.7]), rel=1e-14)


@pytest.mark.parametrize("kind", [pa.float64(), pa.int32(), pa.uint8(), pa.int64()])
@pytest.mark.parametrize("gaps", [False, True])
def test_numbers_are_told_apart_alike(kind: pa.DataType, fast: Kernels, *, gaps: bool) -> None:
    random = np.random.default_rng(3)
    numbers = random.integers(0, 99, 201).tolist()
    array = pa.array([None if gaps and number < 9 else number for number in numbers], kind).slice(1)
    codes = random.choice([0, 2, 3], 200).astype(np.uint16)
    sizes = np.bincount(codes, minlength=4)

    ours, theirs = (each.in_groups(array, codes, sizes) for each in (fast, plain))

    known = [(code, value) for code, value in zip(codes, array.to_pylist(), strict=True)]
    expected = [
        [value for code, value in known if code == n and value is not None] for n in range(4)
    ]
    assert [group.tolist() for group in ours] == expected
    assert [group.tolist() for group in theirs] == expected
    assert all(group.dtype == kind.to_pandas_dtype() for group in (*ours, *theirs))


def test_small_inputs_do_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.modules", {})

    assert kernels(1000) is plain_kernels()


def test_without_numba_the_plain_kernels_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("driftkit.states.kernels.choice.find_spec", lambda _name: None)

    assert kernels(10**9) is plain_kernels()


def test_sketches_take_in_values_alike(fast: Kernels) -> None:
    random = np.random.default_rng(3)
    makers: tuple[Callable[[int], Values], ...] = (
        lambda size: random.normal(size=size),
        lambda size: np.round(random.normal(size=size), 1),
        lambda size: random.integers(-50, 50, size).astype(np.int32),
        lambda size: random.integers(0, 9, size),
        lambda size: np.sort(random.normal(size=size))[::-1],
        lambda size: random.normal(size=size).astype(np.float32),
    )
    for sizes in ((5000, 1, 60_000), (0, 4095, 4096), (300, 20_000, 20_000), (100_000, 7000)):
        one = other = KllSketch()
        for size, make in zip(sizes, random.choice(len(makers), len(sizes)), strict=True):
            values = makers[make](size)
            before = values.copy()
            one, other = plain.extended(one, values), fast.extended(other, values)
            assert values.tobytes() == before.tobytes()
            assert one == other
