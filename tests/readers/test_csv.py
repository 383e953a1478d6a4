"""CSV files become columns of text."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from driftkit.errors import InputError
from driftkit.readers import csv_files, csv_parts
from tests.readers.reading import names, opened, rejected, rows

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,x\n", [("1", "x")]),
        ("a,b\n1,x", [("1", "x")]),
        ("a,b\r\n1,x\r\n", [("1", "x")]),
        ("\ufeffa,b\n1,x\n", [("1", "x")]),
        ("a,b\n1,\n,x\n", [("1", None), (None, "x")]),
        ('a,b\n1,""\n"",x\n', [("1", None), (None, "x")]),
        ('a,b\n"1, 2","x ""y"""\n', [("1, 2", 'x "y"')]),
        ('a,b\n1,"x\ny"\n2,z\n', [("1", "x\ny"), ("2", "z")]),
        ("a,b\n1,x\n\n2,y\n", [("1", "x"), ("2", "y")]),
        ("\n\na,b\n1,x\n", [("1", "x")]),
        ("a,b\n 1 ,NA\nnull,NaN\n", [(" 1 ", "NA"), ("null", "NaN")]),
        ("a,b\n007,1e5\n3.0,true\n", [("007", "1e5"), ("3.0", "true")]),
        ("a,b\né,日本\n", [("é", "日本")]),
    ],
)
def test_values_are_text_as_it_stands(
    text: str, expected: list[tuple[str | None, ...]], tmp_path: Path
) -> None:
    dataset = opened(written(tmp_path, text))

    assert names(dataset) == ["a", "b"]
    assert all(column.declared is None for column in dataset.columns)
    assert rows(dataset) == expected
    assert rejected(dataset).total == 0


def test_without_a_header_columns_are_numbered(tmp_path: Path) -> None:
    path = written(tmp_path, ",".join("0123456789x") + "\n" + ",".join("abcdefghijk") + "\n")

    dataset = opened(path, header=False)

    assert names(dataset) == [f"_c{place}" for place in range(11)]
    assert rows(dataset) == [tuple("0123456789x"), tuple("abcdefghijk")]


@pytest.mark.parametrize(
    "name",
    ["with.dots", "`back`ticks`", "with spaces", "naïve 日本語", "n" * 300, " ", "a/b<c>", "0"],
)
def test_odd_names_stay(name: str, tmp_path: Path) -> None:
    dataset = opened(written(tmp_path, f"{name},b\n1,2\n"))

    assert names(dataset) == [name, "b"]
    assert rows(dataset) == [("1", "2")]


@pytest.mark.parametrize("name", ["data.csv.gz", "data.csv"])
def test_gzip_is_known_by_its_bytes(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))

    assert rows(opened(path)) == [("1", "2")]


def test_tabs_separate_in_tsv(tmp_path: Path) -> None:
    assert rows(opened(written(tmp_path, "a\tb\n1,5\t2\n", "data.tsv"))) == [("1,5", "2")]


def test_ragged_rows_are_counted_with_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,2\n3\n4,5\n6,7,8\n9,0\n")
    dataset = opened(path)

    assert rows(dataset) == [("1", "2"), ("4", "5"), ("9", "0")]
    assert rejected(dataset).counts == {"with another number of fields": 2}
    assert rejected(dataset).examples[0].startswith(f"{path}:3: 1 fields in place of 2")
    assert rejected(dataset).examples[1].startswith(f"{path}:5: 3 fields in place of 2")


def test_lines_of_ragged_rows_count_from_the_beginning_of_a_cut_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "a,b\n" + "1,2\n" * 1000 + "3\n" + "1,2\n" * 10)
    monkeypatch.setattr(csv_files, "UNIT_BYTES", 700)

    assert rejected(opened(path)).examples[0].startswith(f"{path}:1002: 1 fields in place of 2")


def test_a_folder_is_one_dataset_in_the_order_of_paths(tmp_path: Path) -> None:
    for name in ("b/2.csv", "a/3.csv", "a/1.csv", "_SUCCESS", ".hidden.csv", "_x/9.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        written(tmp_path, f"a\n{name}\n", name)

    assert rows(opened(tmp_path)) == [("a/1.csv",), ("a/3.csv",), ("b/2.csv",)]


@pytest.mark.parametrize("header", [True, False])
def test_ranges_of_a_large_file_are_its_rows(
    *, header: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "a,b\n" if header else ""
    text = head + "".join(f'{number},"x,\n{number}"\n' for number in range(2000))
    path = written(tmp_path, text)
    whole = rows(opened(path, header=header))
    monkeypatch.setattr(csv_files, "UNIT_BYTES", 1500)

    cut = opened(path, header=header)

    assert 10 < len(cut.units) <= 64
    assert rows(cut) == whole
    assert len(whole) == 2000


def test_names_that_stand_twice_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'b', 'c'"):
        opened(written(tmp_path, "c,b,a,b,c\n1,2,3,4,5\n"))


@pytest.mark.parametrize(
    ("other", "difference"), [("a,c\n1,2\n", "b, c"), ("b,a\n1,2\n", "another order")]
)
def test_files_of_different_columns_are_named(other: str, difference: str, tmp_path: Path) -> None:
    first = written(tmp_path, "a,b\n1,2\n", "1.csv")
    second = written(tmp_path, other, "2.csv")

    with pytest.raises(InputError) as raised:
        opened(tmp_path)

    for text in (str(first), str(second), difference):
        assert text in str(raised.value)


@pytest.mark.parametrize("lines", [3, 300_000])
def test_other_encodings_end_with_file_and_line(lines: int, tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(b"a,b\n" + b"1,x\n" * (lines - 2) + b"1,caf\xe9\n2,y\n")

    with pytest.raises(InputError) as raised:
        rows(opened(path))

    assert str(raised.value).startswith(f"{path}:{lines}: the text is not UTF-8")


def test_a_header_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(b"caf\xe9,b\n1,2\n")

    with pytest.raises(InputError, match=r"latin\.csv:1: .*UTF-8"):
        opened(path)


@pytest.mark.parametrize("share", [0.2, 0.9])
def test_a_cut_off_gzip_file_is_said_to_be_so(share: float, tmp_path: Path) -> None:
    packed = gzip.compress(("a,b\n" + "".join(f"{n},{n * n}\n" for n in range(100_000))).encode())
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(packed[: int(len(packed) * share)])

    with pytest.raises(InputError, match=r"cut\.csv\.gz: the compressed file is cut off"):
        rows(opened(path))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("rest", ['1,"x\n' + "2,3\n" * 1000, "1," + "0" * 5000 + "\n2,3\n"])
def test_a_row_that_does_not_end_is_said_to_be_so(
    rest: str,
    packed: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(csv_parts, "PIECE_BYTES", 1000)
    path = written(tmp_path, f"a,b\n{rest}")
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))

    with pytest.raises(InputError, match=r"data\.csv:2: a row does not end"):
        rows(opened(path))


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    dataset = opened(written(tmp_path, "a,b\n"))

    assert names(dataset) == ["a", "b"]
    assert rows(dataset) == []
