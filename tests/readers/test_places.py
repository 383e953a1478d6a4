"""Files are found wherever an input points to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyarrow import fs

from driftkit.errors import InputError
from driftkit.io import finding
from driftkit.io.finding import beside, find
from driftkit.readers.dataset import FileUnit, grouped
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
from tests.readers.reading import opened, rows

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name must be quoted in a URL."""
    made = tmp_path / "a b %41 é"
    made.mkdir()
    for name in ("1.csv", "2.csv", "_3.csv"):
        (made / name).write_text("x\n1\n")
    return made


def urls(path: Path) -> list[str]:
    return [path.as_uri(), f"file://{path}", f"file:{path}", f"file://localhost{path}"]


@pytest.mark.parametrize("spelling", range(4))
def test_every_spelling_of_a_file_url_is_a_path(spelling: int, folder: Path) -> None:
    whole = [file.path for file in find([urls(folder)[spelling]])]
    single = [file.path for file in find([urls(folder / "1.csv")[spelling]])]

    assert whole == [str(folder / "1.csv"), str(folder / "2.csv")]
    assert single == whole[:1]


def test_file_urls_may_be_globs(folder: Path) -> None:
    found = find([f"file://{folder}/[12].csv"])

    assert [file.path for file in found] == [str(folder / "1.csv"), str(folder / "2.csv")]


def test_a_file_url_that_names_nothing_is_an_error() -> None:
    with pytest.raises(InputError, match="there is no such file or folder"):
        find(["file:///nowhere/x.csv"])


@pytest.mark.parametrize(
    ("url", "path", "expected"),
    [
        ("s3://bucket/in", "bucket/in/a.csv", "s3://bucket/in/a.csv"),
        ("s3://bucket/a%20b", "bucket/a b/c.csv", "s3://bucket/a%20b/c.csv"),
        ("s3://key:word@bucket/in", "bucket/in/a.csv", "s3://key:word@bucket/in/a.csv"),
        ("s3://b/in?region=x", "b/in/a.csv", "s3://b/in/a.csv?region=x"),
        ("hdfs://host:8020/in", "/in/a.csv", "hdfs://host:8020/in/a.csv"),
        ("hdfs:///in", "/in/a.csv", "hdfs:///in/a.csv"),
    ],
)
def test_urls_of_files_in_a_folder(url: str, path: str, expected: str) -> None:
    assert beside(url, path) == expected


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that answers as storage does by its URL."""
    files = fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem())
    monkeypatch.setattr(finding, "filesystem_of", lambda url: (files, url.partition("://")[2]))
    return tmp_path


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


@pytest.mark.parametrize(
    "log", ["_delta_log/0.json", "metadata/v1.metadata.json"], ids=["delta", "iceberg"]
)
@pytest.mark.parametrize(
    "named", ["", "/t", "/t/d=1/b", "/t/d=1/b/1.parquet", "/t/d=*/b", "/*/d=1/b/*.parquet"]
)
def test_files_of_a_table_in_storage_are_not_read_by_themselves(
    named: str, log: str, storage: Path
) -> None:
    put(storage / "in/t", log, "d=1/b/1.parquet")

    with pytest.raises(InputError, match="not read by themselves") as error:
        find([f"s3://in{named}"])

    assert error.value.where == "s3://in/t"


def test_files_beside_a_table_in_storage_are_read(storage: Path) -> None:
    put(storage / "in/t", "_delta_log/0.json", "1.parquet")
    put(storage / "in", "others/metadata/about.json", "others/1.parquet", "others/_2.csv")

    found = [find([f"s3://in/{name}"]) for name in ("others", "other*/*.parquet", "others/_2.csv")]

    assert [[each.path for each in files] for files in found] == [
        ["s3://in/others/1.parquet", "s3://in/others/metadata/about.json"],
        ["s3://in/others/1.parquet"],
        ["s3://in/others/_2.csv"],
    ]


@pytest.mark.parametrize("inputs", [[], [""]])
def test_no_input_is_an_error(inputs: list[str]) -> None:
    with pytest.raises(InputError):
        open_dataset(inputs, Settings())


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "capture"])
def test_a_format_asked_for_does_not_hide_that_there_is_nothing(kind: str, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    with pytest.raises(InputError, match="there is nothing in it"):
        opened(tmp_path, format=kind)


def test_units_do_not_depend_on_how_the_input_is_written(folder: Path) -> None:
    by_folder, by_glob = opened(folder), opened(folder / "*.csv")

    units = [unit for each in (by_folder, by_glob) for unit in each.units]
    assert all(isinstance(unit, FileUnit) for unit in units)
    pieces = [unit.pieces for unit in units if isinstance(unit, FileUnit)]
    half = len(pieces) // 2
    assert pieces[:half] == pieces[half:]
    assert rows(by_folder) == [("1",), ("1",)]


@pytest.mark.parametrize(
    "sizes", [[51] * 100, [1, 99] * 500, [0] * 100, [100] * 64, [0, *[1] * 63, 0, 0], [10**12, 1]]
)
@pytest.mark.parametrize("target", [1, 100])
def test_units_are_at_most_64(sizes: list[int], target: int) -> None:
    ranges = grouped(sizes, target)

    assert len(ranges) <= 64
    assert [place for start, end in ranges for place in range(start, end)] == list(
        range(len(sizes))
    )


TERABYTE = 10**12


@pytest.mark.parametrize("total", [TERABYTE, 20 * TERABYTE])
def test_units_of_what_no_machine_holds_are_of_a_bounded_size(total: int) -> None:
    part = 128 * 1024 * 1024
    sizes = [part] * (total // part)

    ranges = grouped(sizes, 64 * 1024 * 1024)

    bytes_of = [sum(sizes[start:end]) for start, end in ranges]
    assert sum(bytes_of) == sum(sizes)
    assert max(bytes_of) <= 2**30
    # No more of them than that needs.
    assert len(ranges) <= total / 2**30 + 1
