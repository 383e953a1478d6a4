"""The JSON text: Jackson's layout, Java's numbers, and errors that name line and column."""

from __future__ import annotations

import json
import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.errors import FormatError
from driftkit.formats.jackson import double, dumps, loads

FINITE = st.floats(allow_nan=False, allow_infinity=False)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(TREES)
def test_what_is_written_is_read_back_by_any_json_reader(tree: object) -> None:
    assert json.loads(dumps(tree)) == tree


@given(st.dictionaries(st.text(), TREES, max_size=3))
def test_whole_numbers_stay_whole_and_doubles_stay_doubles(tree: dict[str, object]) -> None:
    once = dumps(tree)

    assert dumps(loads(once, "x.json")) == once


@given(FINITE)
def test_a_number_keeps_its_value(value: float) -> None:
    text = double(value)

    assert float(text) == value
    assert math.copysign(1.0, float(text)) == math.copysign(1.0, value)


@given(st.lists(st.floats(), min_size=1))
def test_many_numbers_at_once_are_written_as_one_by_one(values: list[float]) -> None:
    assert dumps(values) == f"[ {', '.join(double(value) for value in values)} ]"


# What a Java 19+ virtual machine prints, which is shortest digits; the containers' files agree.
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.001, "0.001"),
        (9.999e-4, "9.999E-4"),
        (1e-4, "1.0E-4"),
        (9999999.0, "9999999.0"),
        (9999999.999999998, "9999999.999999998"),
        (1e7, "1.0E7"),
        (-18463239.666666668, "-1.8463239666666668E7"),
        (123456789.0, "1.23456789E8"),
        (2.0**53, "9.007199254740992E15"),
        (1e16, "1.0E16"),
        (1e22, "1.0E22"),
        (2e23, "2.0E23"),
        (1.5e300, "1.5E300"),
        (1.2345678901234568e-10, "1.2345678901234568E-10"),
        (sys.float_info.max, "1.7976931348623157E308"),
        (sys.float_info.min, "2.2250738585072014E-308"),
        (5e-324, "4.9E-324"),
        (1e-323, "9.9E-324"),
        (math.nan, '"NaN"'),
        (math.inf, '"Infinity"'),
        (-math.inf, '"-Infinity"'),
    ],
)
def test_numbers_look_like_javas(value: float, text: str) -> None:
    assert double(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{ }"),
        ([], "[ ]"),
        ((), "[ ]"),
        ({"a": {}}, '{\n  "a" : { }\n}'),
        ([1, 2.0, "x", None, True, False], '[ 1, 2.0, "x", null, true, false ]'),
        ([[1.0], []], "[ [ 1.0 ], [ ] ]"),
        ([{"a": 1}, {"a": 2}], '[ {\n  "a" : 1\n}, {\n  "a" : 2\n} ]'),
        ({"a": [{"b": []}]}, '{\n  "a" : [ {\n    "b" : [ ]\n  } ]\n}'),
        (2**70, "1180591620717411303424"),
    ],
)
def test_layout(value: object, text: str) -> None:
    assert dumps(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('quote " backslash \\ slash /', '"quote \\" backslash \\\\ slash /"'),
        ("\b\t\n\f\r", '"\\b\\t\\n\\f\\r"'),
        ("\x00\x1f\x7f", '"\\u0000\\u001F\x7f"'),
        ("Zürich ☕ \u2028", '"Zürich ☕ \u2028"'),
        ("\ud800", '"\\uD800"'),
    ],
)
def test_strings_are_escaped_as_little_as_jackson_does(value: str, text: str) -> None:
    assert dumps(value) == text


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="no JSON for set"):
        dumps({"a": {1}})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n "b" 2}', "line 2, column 6"),
        ("", "line 1, column 1"),
        ("[1, 2]", "a JSON list"),
        ("null", "a JSON NoneType"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "the key 'c' twice"),
        (b'{"a": "\xff"}', "byte 0xFF at offset 7"),
        ("[" * 100_000, "nested too deep"),
        ("[" * 200 + "]" * 200, "nested too deep"),
    ],
)
def test_bad_text_is_an_error_with_file_and_reason(text: str | bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        loads(text, "baseline/constraints.json")

    assert str(caught.value).startswith("baseline/constraints.json: ")


@pytest.mark.parametrize("text", [b'\xef\xbb\xbf{"a": 1}', '\ufeff{"a": 1}', '{"a": 1}\n'])
def test_byte_order_marks_and_newlines_do_not_matter(text: str | bytes) -> None:
    assert loads(text, "x.json") == {"a": 1}
