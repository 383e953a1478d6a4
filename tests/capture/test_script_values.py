"""What a preprocessor gives becomes what it means, or an error with the record and the line."""

from __future__ import annotations

import enum
import json
import math
import pickle
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.capture.script_values import row_of
from driftkit.capture.scripts import Script
from driftkit.errors import InputError
from driftkit.readers.json_values import flat, from_json

GIVING = "VALUE = None\ndef preprocess_handler(record):\n    return {'x': record}\n"


class Colour(enum.Enum):
    """A text by another name."""

    RED = "red"


class Size(enum.StrEnum):
    """A text that is one itself."""

    LARGE = "large"


TEXTS: list[tuple[Any, str]] = [
    (3, "3"),
    (True, "true"),
    (0.1, "0.1"),
    (1e20, "1e+20"),
    (2**70, "1180591620717411303424"),
    (math.inf, "Infinity"),
    (-math.inf, "-Infinity"),
    (np.int8(3), "3"),
    (np.uint64(2**64 - 1), "18446744073709551615"),
    (np.float64(0.1), "0.1"),
    (np.float32(0.1), "0.1"),
    (np.longdouble(0.25), "0.25"),
    (np.bool_(1), "true"),
    (np.str_("a"), "a"),
    (np.bytes_(b"a"), "a"),
    (np.array(5), "5"),
    (np.datetime64("2024-01-02T03:04"), "2024-01-02T03:04"),
    (np.timedelta64(5, "m"), "300.0"),
    (Decimal("1.10"), "1.10"),
    (Fraction(1, 4), "0.25"),
    (date(2024, 1, 2), "2024-01-02"),
    (datetime(2024, 1, 2, 3, tzinfo=UTC), "2024-01-02T03:00:00+00:00"),
    (time(3, 4), "03:04:00"),
    (timedelta(hours=1), "3600.0"),
    (pd.Timestamp("2024-01-02T03:04:05"), "2024-01-02T03:04:05"),
    (pd.Timedelta("1h"), "3600.0"),
    (pd.Period("2024-03"), "2024-03"),
    (Colour.RED, "red"),
    (Size.LARGE, "large"),
    (b"abc", "abc"),
    (bytearray(b"abc"), "abc"),
    (memoryview(b"abc"), "abc"),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (pa.scalar(3), "3"),
]
MISSING = [
    None,
    math.nan,
    np.float32("nan"),
    Decimal("NaN"),
    pd.NA,
    pd.NaT,
    np.datetime64("NaT"),
    np.timedelta64("NaT"),
    pa.scalar(None, pa.int64()),
]
NESTED: list[tuple[Any, dict[str, str | None]]] = [
    (np.array([1.5, np.nan]), {"x.0": "1.5", "x.1": None}),
    (np.array([[1, 2]]), {"x.0.0": "1", "x.0.1": "2"}),
    (np.array(["2024-01-02"], "datetime64[D]"), {"x.0": "2024-01-02"}),
    (np.array([pd.NA, "a"], dtype=object), {"x.0": None, "x.1": "a"}),
    ((1, "a"), {"x.0": "1", "x.1": "a"}),
    ({"y": [np.int64(1), {"z": None}]}, {"x.y.0": "1", "x.y.1.z": None}),
    (pd.Series([1, 2]), {"x.0": "1", "x.1": "2"}),
    (pd.Series({"a": 1.5, "b": "c"}), {"x.a": "1.5", "x.b": "c"}),
    (pd.array([1, None], dtype="Int64"), {"x.0": "1", "x.1": None}),
    (pa.array([1, None]), {"x.0": "1", "x.1": None}),
]
ENDLESS: list[Any] = []
ENDLESS.append([ENDLESS])
MEANINGLESS = [
    object(),
    int,
    len,
    {1, 2},
    1j,
    np.complex64(1),
    pd.Interval(0, 1),
    b"\xff",
    np.timedelta64(1, "Y"),
    10**5000,
    ENDLESS,
    {None: 1},
    {(1, 2): 1},
]


def given_back(value: Any) -> list[dict[str, str | None]]:
    """What a script makes of a record that it gives back below a name."""
    return Script(name="s.py", text=GIVING).rows(value, "a.jsonl:7")


@pytest.mark.parametrize(("value", "expected"), TEXTS, ids=lambda value: type(value).__name__)
def test_a_value_is_the_text_of_what_it_means(value: Any, expected: str) -> None:
    assert given_back(value) == [{"x": expected}]
    assert type(given_back(value)[0]["x"]) is str


@pytest.mark.parametrize("value", MISSING, ids=lambda value: type(value).__name__)
def test_every_kind_of_nothing_is_missing(value: Any) -> None:
    assert given_back(value) == [{"x": None}]


@pytest.mark.parametrize(("value", "expected"), NESTED, ids=lambda value: type(value).__name__)
def test_inner_values_have_names_of_their_own(value: Any, expected: dict[str, Any]) -> None:
    assert given_back(value) == [expected]


@pytest.mark.parametrize("value", MEANINGLESS, ids=lambda value: type(value).__name__)
def test_what_means_nothing_is_an_error_with_record_and_line(value: Any) -> None:
    with pytest.raises(InputError) as caught:
        given_back(value)

    assert str(caught.value).startswith("s.py:3: the preprocessor gives a value that means nothing")
    assert "record a.jsonl:7" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def preprocess_handler(r):\n    if r:\n        return {'x': r}\n    return None\n", 1),
        ("def preprocess_handler(r):\n    yield {'x': 1}\n    yield {'x': r}\n", 1),
        ("def preprocess_handler(r):\n\n    yield {'x': r}\n", 3),
        ("preprocess_handler = lambda r: {'x': r}\n", 1),
    ],
)
def test_the_line_is_that_of_the_handler_where_it_gives_rows_at_several(
    text: str, line: int
) -> None:
    with pytest.raises(InputError, match=rf"^s\.py:{line}: "):
        Script(name="s.py", text=text).rows(object(), "here")


@pytest.mark.parametrize(
    ("made", "rows"),
    [
        ("pd.DataFrame({'x': [1, None], 'y': ['a', 'b']})", [["1.0", "a"], [None, "b"]]),
        ("pd.Series({'x': 1, 'y': pd.NA})", [["1", None]]),
        ("({'x': n, 'y': n} for n in (1, 2))", [["1", "1"], ["2", "2"]]),
        ("({'x': 1, 'y': 2}, {})", [["1", "2"]]),
        ("[pd.Series({'x': 1, 'y': 2})]", [["1", "2"]]),
        ("[]", []),
        ("{}", []),
        ("None", []),
    ],
)
def test_rows_may_come_in_several_forms(made: str, rows: list[list[str | None]]) -> None:
    text = f"import pandas as pd\ndef preprocess_handler(r):\n    return {made}\n"
    script = pickle.loads(pickle.dumps(Script(name="s.py", text=text)))  # noqa: S301

    assert [[*row.values()] for row in script.rows("r", "here")] == rows


@pytest.mark.parametrize("made", ["5", "'text'", "[1, 2]", "[{'x': 1}, 5]", "object()"])
def test_what_is_no_row_is_an_error_with_the_line(made: str) -> None:
    text = f"def preprocess_handler(r):\n    return {made}\n"

    with pytest.raises(InputError, match=r"not implemented correctly.*here.*s\.py:2"):
        Script(name="s.py", text=text).rows("r", "here")


def test_a_script_that_leaves_python_fails_like_any_other() -> None:
    text = "def preprocess_handler(r):\n    raise SystemExit(0)\n"

    with pytest.raises(InputError, match=r"SystemExit: 0 at s\.py:2, record here"):
        Script(name="s.py", text=text).rows("r", "here")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.floats(-1e15, 1e15),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1), JSON, max_size=4))
def test_plain_values_are_what_they_are_in_json(row: dict[str, Any]) -> None:
    assert row_of(row) == from_json(json.dumps(row), flat)
