"""Which arm a file or a row belongs to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from driftkit.capture.arms import NONE, SEVERAL, Arms, attribute, codes_of_values
from driftkit.errors import InputError
from driftkit.formats.deployment.selectors import parse_selector
from driftkit.io.finding import File


def arms(*selectors: str) -> Arms:
    return Arms.from_selectors(
        {f"arm{number}": parse_selector(each) for number, each in enumerate(selectors)}
    )


@pytest.mark.parametrize(
    ("selector", "path", "expected"),
    [
        ("folder:churn/a", "/x/churn/a/2026/11/02/10/f.jsonl", True),
        ("folder:churn/a", "/x/churn/b/2026/11/02/10/f.jsonl", False),
        ("folder:churn/a", "/x/old-churn/a/2026/11/02/10/f.jsonl", False),
        ("folder:churn/a", "s3://bucket/churn/a/2026/11/02/10/f.jsonl", True),
        ("folder:churn/a", "/x/churn/a/f.parquet", True),
        ("path:/x/blue", "/x/blue/churn/a/2026/11/02/10/f.jsonl", True),
        ("path:/x/blue/", "/x/blue/f.csv", True),
        ("path:/x/blue", "/x/blue-2/f.csv", False),
        ("path:/x/f.csv", "/x/f.csv", True),
        ("path:s3a://bucket/blue", "s3://bucket/blue/f.csv", True),
        ("path:blue", "/x/blue/churn/f.csv", True),
        ("path:blue/churn", "/x/blue/f.csv", False),
        ("job:job-1", "/x/jobs/job-1/in.csv.out", True),
        ("attribute:v=1", "/x/v=1/f.csv", False),
    ],
)
def test_files_by_their_paths(selector: str, path: str, *, expected: bool) -> None:
    found = arms(selector, "attribute:other=1").of_file(path)

    assert found == ((0,) if expected else ())


def test_a_second_arm_is_needed() -> None:
    with pytest.raises(InputError, match="there is no second arm"):
        arms("folder:churn/a")


def test_a_file_of_two_arms_is_refused() -> None:
    with pytest.raises(InputError, match="selectors overlap") as caught:
        arms("path:/x", "folder:churn/a").look_at([File(path="/x/churn/a/f.jsonl", size=1)])

    assert caught.value.where == "/x/churn/a/f.jsonl"


def test_an_arm_without_files_is_remarked() -> None:
    (remark,) = arms("path:/x/a", "path:/x/b").look_at([File(path="/x/a/f.jsonl", size=1)])

    assert remark.startswith("arm1=path:/x/b: none of 1 files")


def test_a_row_is_of_the_arm_that_alone_selects_it() -> None:
    of_values = arms("attribute:v=1", "attribute:v=2", "attribute:w=1")
    values = {
        ("attribute", "v"): pa.array(["1", "2", "3", "1", None]),
        ("attribute", "w"): pa.array([None, None, None, "1", "1"]),
    }

    codes = of_values.codes((), values, pa.nulls(5))

    assert codes.tolist() == [0, 1, NONE, SEVERAL, 2]


def test_a_file_and_a_value_may_both_select_a_row() -> None:
    both = arms("path:/x", "attribute:v=1")
    values = {("attribute", "v"): pa.array(["1", None])}

    assert both.codes((0,), values, pa.nulls(2)).tolist() == [SEVERAL, 0]
    assert both.codes((), values, pa.nulls(2)).tolist() == [1, NONE]


@pytest.mark.parametrize(
    "times",
    [
        pa.array(["2026-11-02T10:59:59Z", "2026-11-02T11:00:00Z", None]),
        pa.array(["2026-11-02T11:59:59+01:00", "2026-11-02T11:00:00", "soon"]),
        pa.array(["2026-11-02T10:59:59Z", "2026-11-02T11:00:00Z", None]).dictionary_encode(),
        pa.array([datetime(2026, 11, 2, 10), datetime(2026, 11, 2, 11), None]),  # noqa: DTZ001
        pa.array(
            [datetime(2026, 11, 2, 10, tzinfo=UTC), datetime(2026, 11, 2, 11, tzinfo=UTC), None]
        ),
    ],
)
def test_times_tell_before_from_after(times: pa.Array) -> None:
    timed = arms("before:2026-11-02T11:00", "from:2026-11-02T11:00")

    assert timed.codes((), {}, times).tolist() == [0, 1, NONE]


@pytest.mark.parametrize(
    "values",
    [
        pa.array(["1", "2", None, "x"]),
        pa.array(["1", "2", None, "x"], pa.large_string()),
        pa.array(["1", "2", None, "x"]).dictionary_encode(),
        pa.array([1, 2, None, 3]),
        pa.array([1.0, 2.0, None, float("nan")]),
        pa.array([1, 2, None, 3], pa.uint8()).dictionary_encode(),
    ],
)
def test_values_of_any_type_are_compared_with_text(values: Any) -> None:
    wanted = {"1": 0, "2": 1, "word": 2}

    assert codes_of_values(values, wanted).tolist() == [0, 1, NONE, NONE]
    assert (
        codes_of_values(pa.chunked_array([values, values]), wanted).tolist() == [0, 1, -1, -1] * 2
    )


def test_truth_values_are_compared_as_json_writes_them() -> None:
    assert codes_of_values(pa.array([True, False, None]), {"True": 0, "false": 1}).tolist() == [
        0,
        1,
        -1,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user=7", "7"),
        ("tier=a;user=7;forced=1", "7"),
        (" tier=a; user = 7 ", "7"),
        ("user=7;user=8", "7"),
        ("user=a=b", "a=b"),
        ("other_user=7", None),
        ("user=", None),
        ("user", None),
        ("", None),
        (None, None),
    ],
)
def test_attributes_are_read_by_their_keys(text: str | None, expected: str | None) -> None:
    assert attribute(pa.array([text], pa.string()), "user").to_pylist() == [expected]


def test_keys_are_no_patterns() -> None:
    assert attribute(pa.array(["xaby=1", "x.*y(=2"]), "x.*y(").to_pylist() == [None, "2"]
