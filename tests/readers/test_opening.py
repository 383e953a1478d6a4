"""Inputs are found, and their format is told by their content and name."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError
from driftkit.io.finding import find
from driftkit.readers.dataset import grouped, judge
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
from tests.capture.captures import record, write
from tests.readers.reading import names, opened, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def csv(path: Path, text: str = "a\n1\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def parquet(path: Path) -> Path:
    pq.write_table(pa.table({"a": ["1"]}), path)
    return path


def jsonl(path: Path) -> Path:
    path.write_text('{"a": "1"}\n{"a": "1"}\n')
    return path


@pytest.mark.parametrize("make", [csv, parquet, jsonl])
@pytest.mark.parametrize("name", ["data", "part-00000-x.c000"])
def test_the_content_tells_the_format(
    make: Callable[[Path], Path], name: str, tmp_path: Path
) -> None:
    dataset = opened(make(tmp_path / name))

    assert names(dataset) == ["a"]
    assert rows(dataset)[0] == ("1",)


def test_captures_are_recognised_after_a_bad_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", ["not json", record("1,2", "0"), record("3,4", "0")])

    assert rows(opened(path)) == [("0", "1", "2"), ("0", "3", "4")]


def test_several_inputs_are_one_dataset_in_their_order(tmp_path: Path) -> None:
    for name in ("c", "a", "b"):
        csv(tmp_path / f"{name}.csv", f"x\n{name}\n")

    dataset = opened(tmp_path / "c.csv", tmp_path / "a.csv", tmp_path / "c.csv")

    assert rows(dataset) == [("c",), ("a",)]


def test_globs_and_urls(tmp_path: Path) -> None:
    for name in ("1.csv", "2.csv", "_tmp.csv", "deep/3.csv"):
        csv(tmp_path / name, f"x\n{name}\n")

    found = {
        text: [file.path.removeprefix(str(tmp_path)) for file in find([text])]
        for text in (f"{tmp_path}/*.csv", f"{tmp_path}/**/*.csv")
    }

    assert found[f"{tmp_path}/*.csv"] == ["/1.csv", "/2.csv"]
    assert found[f"{tmp_path}/**/*.csv"] == ["/1.csv", "/2.csv", "/deep/3.csv"]
    assert rows(open_dataset([tmp_path.as_uri()], Settings())) == [
        ("1.csv",),
        ("2.csv",),
        ("deep/3.csv",),
    ]


def test_a_name_with_the_signs_of_a_glob_is_a_name(tmp_path: Path) -> None:
    assert rows(opened(csv(tmp_path / "data[1].csv"))) == [("1",)]


@pytest.mark.parametrize("other", ["b.jsonl", "b.parquet", "b.json"])
def test_mixed_formats_are_told_apart(other: str, tmp_path: Path) -> None:
    csv(tmp_path / "a.csv")
    (parquet if other.endswith("parquet") else jsonl)(tmp_path / other)

    with pytest.raises(InputError) as raised:
        opened(tmp_path)

    for text in ("a.csv", other, "the input mixes formats"):
        assert text in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nowhere.csv", "there is no such file or folder"),
        ("no*.csv", "there are no files"),
        ("empty", "there are no files"),
        ("empty.csv", "empty.csv: there is nothing in it"),
        ("empty.parquet", "empty.parquet: there is nothing in it"),
        ("empty.jsonl", "empty.jsonl: there is nothing in it"),
    ],
)
def test_an_input_with_nothing_is_an_error(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for ending in ("csv", "parquet", "jsonl"):
        (tmp_path / f"empty.{ending}").touch()

    with pytest.raises(InputError) as raised:
        opened(tmp_path / text)

    assert said in str(raised.value)


def test_an_unknown_kind_of_url_says_which_are_known() -> None:
    with pytest.raises(InputError, match="s3://"):
        find(["gopher://server/data.csv"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = csv(tmp_path / "secret.csv")
    path.chmod(0)

    with pytest.raises(InputError, match=r"secret\.csv.*permissions"):
        opened(path)


def test_a_window_is_for_captures_only(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Leave --start and --end out"):
        opened(csv(tmp_path / "a.csv"), start="2024-03-18T00:00:00Z")


def test_a_format_that_is_asked_for_is_taken(tmp_path: Path) -> None:
    path = csv(tmp_path / "data.csv", json.dumps({"a": 1}) + "\n" + json.dumps({"a": 2}))

    assert rows(opened(path, format="jsonl")) == [("1",), ("2",)]


@pytest.mark.parametrize(("bad", "good", "refused"), [(3, 2, True), (2, 2, False), (0, 1, False)])
def test_more_than_half_bad_is_an_error(
    *, bad: int, good: int, refused: bool, tmp_path: Path
) -> None:
    dataset = opened(csv(tmp_path / "a.csv"))
    aside = Rejections(counts={"not JSON": bad}, examples=("a.csv:7: not JSON",))

    if not refused:
        judge(dataset, aside, good)
        return
    with pytest.raises(InputError, match=r"half of the records.*\n.*a\.csv:7: not JSON"):
        judge(dataset, aside, good)


def test_no_rows_are_an_error_with_the_name_of_the_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.csv: there is not a single row"):
        judge(opened(csv(tmp_path / "a.csv", "a\n")), Rejections(), 0)


@pytest.mark.parametrize("count", [1, 63, 1000, 10_000])
def test_groups_cover_all_in_order_and_are_at_most_64(count: int) -> None:
    sizes = [(7 * number) % 13 for number in range(count)]

    ranges = grouped(sizes, 1)

    assert 1 <= len(ranges) <= 64
    assert [place for start, end in ranges for place in range(start, end)] == list(range(count))
