"""CSV files that are not as they should be are read as far as they can be, or said to be wrong."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.errors import InputError
from driftkit.readers import csv_files
from tests.readers.reading import names, opened, rejected, rows

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("content", ["\n\na,b\n1,2\n", "\r\na,b\r\n1,2\r\n", "a,b\r1,2\r"])
def test_blank_lines_and_old_line_ends(content: str, tmp_path: Path) -> None:
    dataset = opened(written(tmp_path, content))

    assert names(dataset) == ["a", "b"]
    assert rows(dataset) == [("1", "2")]


@pytest.mark.parametrize("content", ["a,b", "a,b\n", "\na,b\r\n", '"a","b"'])
def test_a_header_alone_names_columns_without_rows(content: str, tmp_path: Path) -> None:
    dataset = opened(written(tmp_path, content))

    assert names(dataset) == ["a", "b"]
    assert rows(dataset) == []


def test_a_single_line_without_header_is_a_row(tmp_path: Path) -> None:
    assert rows(opened(written(tmp_path, "1,2"), header=False)) == [("1", "2")]


@pytest.mark.parametrize("content", [b"\n\n", gzip.compress(b"", mtime=0)])
def test_a_file_without_a_line_is_said_to_be_so(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no line in it"):
        opened(written(tmp_path, content))


@pytest.mark.parametrize("empty", [b"", b"\n", b"a,b\n", b"a,b", gzip.compress(b"", mtime=0)])
def test_files_without_rows_among_others_are_passed_over(empty: bytes, tmp_path: Path) -> None:
    written(tmp_path, empty, "1.csv")
    written(tmp_path, "a,b\n1,2\n", "2.csv")

    dataset = opened(tmp_path)

    assert names(dataset) == ["a", "b"]
    assert rows(dataset) == [("1", "2")]


def test_fields_without_a_name_are_called_by_their_place(tmp_path: Path) -> None:
    assert names(opened(written(tmp_path, ",b,\n1,2,3\n"))) == ["_c0", "b", "_c2"]


def test_a_header_of_megabytes_is_read(tmp_path: Path) -> None:
    columns = [f"{'long name ' * 10}{number}" for number in range(20_000)]
    path = written(tmp_path, ",".join(columns) + "\n" + ",".join("1" for _ in columns) + "\n")

    assert names(opened(path)) == columns
    assert rows(opened(path)) == [("1",) * 20_000]


@pytest.mark.parametrize("tail", ['"x\n2,y\n', 'x\n"3,y\n4,5\n6,7\n'])
def test_a_quote_that_stays_open_is_not_taken_for_text(tail: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"a,b\n1,{tail}")

    with pytest.raises(InputError, match="a row does not end"):
        rows(opened(path))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('a,b\n1,2\n3,"x\n4,5\n', 3),
        ('a,b\n1,2\n3,"x ""y\n4,5', 3),
        ('a,b\n1\n"2\n3,4\n', 3),
        ('\na,b\n1,2\n\n3,"', 5),
        ('"a,b\n1,2\n', 1),
    ],
)
def test_an_open_quote_is_named_by_its_line(
    content: str, line: int, *, packed: bool, tmp_path: Path
) -> None:
    path = written(tmp_path, gzip.compress(content.encode()) if packed else content)

    with pytest.raises(InputError) as raised:
        rows(opened(path))

    assert str(raised.value).startswith(f"{path}:{line}: a row does not end")


@pytest.mark.parametrize("head", ['"a,b\n', 'a,b\n1,"x\n'])
def test_an_open_quote_over_many_short_lines_takes_little(
    head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, head + "1,2\n" * 4_000_000)
    searches: list[int] = []
    searchsorted = np.searchsorted

    def counted(*given: Any, **named: Any) -> Any:
        searches.append(1)
        return searchsorted(*given, **named)

    monkeypatch.setattr("driftkit.readers.csv_quoting.np.searchsorted", counted)

    with pytest.raises(InputError, match="a row does not end"):
        rows(opened(path))

    # Not a step for each line.
    assert len(searches) < 100


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('5" pipe,b\n1,2\n3,4\n', [("1", "2"), ("3", "4")]),
        ('5" pipe,b\n1,2\n3,4"\n5,6\n', [("1", "2"), ("3", '4"'), ("5", "6")]),
        ("a,b\r1,2\r3,4\n5,6\n", [("1", "2"), ("3", "4"), ("5", "6")]),
    ],
)
def test_no_row_below_an_odd_header_is_lost(
    content: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert rows(opened(written(tmp_path, content))) == expected


def test_quoted_line_ends_at_the_end_are_text(tmp_path: Path) -> None:
    assert rows(opened(written(tmp_path, 'a,b\n1,"x\n"\n'))) == [("1", "x\n")]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_ragged_row_in_another_encoding_is_named_by_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n1,2\n\n3,\xff\xfe,4\n5,6\n")

    with pytest.raises(InputError) as raised:
        rows(opened(path))

    assert str(raised.value).startswith(f"{path}:4: the text is not UTF-8")


def test_other_encodings_in_a_later_part_are_named_by_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, b"a,b\n" + b"1,x\n" * 500 + b"1,caf\xe9\n")
    monkeypatch.setattr(csv_files, "UNIT_BYTES", 400)

    with pytest.raises(InputError) as raised:
        rows(opened(path))

    assert str(raised.value).startswith(f"{path}:502: the text is not UTF-8")


def test_only_the_first_ragged_rows_are_shown(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n" + "1,2\n" * 30 + "3\n" * 20)
    aside = rejected(opened(path))

    assert aside.counts == {"with another number of fields": 20}
    assert [example.split(":")[1] for example in aside.examples] == ["32", "33", "34"]


@pytest.mark.parametrize("name", ["data.tsv", "data.tsv.gz", "DATA.TSV"])
def test_tabs_are_known_by_the_end_of_the_name(name: str, tmp_path: Path) -> None:
    content = b"a\tb\n1,5\t2\n"
    path = written(tmp_path, gzip.compress(content) if name.endswith("gz") else content, name)

    assert rows(opened(path)) == [("1,5", "2")]


def test_a_folder_called_tsv_does_not_make_tabs(tmp_path: Path) -> None:
    (tmp_path / "old.tsv.d").mkdir()

    assert rows(opened(written(tmp_path / "old.tsv.d", "a,b\n1,2\n"))) == [("1", "2")]


def test_many_small_files_come_in_few_chunks(tmp_path: Path) -> None:
    for number in range(200):
        written(tmp_path, f"a,b\n{number},x\n{number}\n", f"{number:03d}.csv")
    dataset = opened(tmp_path)

    chunks = [chunk for unit in dataset.units for chunk in unit.chunks()]

    assert len(chunks) == len(dataset.units) == 1
    assert rows(dataset) == [(str(number), "x") for number in range(200)]
    assert rejected(dataset).total == 200


def test_a_quote_within_a_ragged_row_spoils_that_row_only(tmp_path: Path) -> None:
    dataset = opened(written(tmp_path, 'a,b\n1,2\n1,5","x\ny"\n3,4\n'))

    assert rows(dataset) == [("1", "2"), ("3", "4")]
    assert rejected(dataset).total == 1
