"""CSV with other separators, encodings, decimals and missing values is read, or said to be such."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from driftkit.errors import InputError, SettingsError
from driftkit.readers import csv_files
from driftkit.settings import Settings
from tests.capture.captures import record, write
from tests.readers.reading import names, opened, rejected, rows

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [("1", "x"), ("2", "é"), ("3", None)]


def written(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("sign", [";", "\t", "|"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "a;b\n1;x\n2;é\n3;\n",
        '"a";"b"\n"1";"x, y"\n"2";"é"\n"3";""',
        "a;b\n1,5;x\n2,5;é\n3,5;y\n",
        "a;b\r\n1;x\r\n",
    ],
)
def test_another_separator_is_named_with_the_option(
    sign: str,
    text: str,
    *,
    header: bool,
    tmp_path: Path,
) -> None:
    path = written(tmp_path, text.replace(";", sign))
    shown = sign.replace("\t", r"\t")

    with pytest.raises(InputError) as raised:
        opened(path, header=header)

    assert str(raised.value).startswith(
        f"{path}: the fields seem to stand between other separators"
    )
    assert f"--separator '{shown}'" in str(raised.value)
    # What the message says to type is read.
    assert len(names(opened(path, header=header, separator=shown, decimal="."))) == 2


def test_commas_in_a_file_of_tabs_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--separator ','"):
        opened(written(tmp_path, "a,b\n1,2\n", "data.tsv"))


@pytest.mark.parametrize(
    "text",
    [
        "text\nhello; world\nand; more; words\n",
        "a;b\nno sign here\nnor here\n",
        "a\n1\n2\n",
        "a|b",
        "a,b\n1;2,3\n4;5,6\n",
        "a,b\n1,x;y;z\n2\n3,4\n",
    ],
)
def test_files_that_are_as_they_seem_are_read(text: str, tmp_path: Path) -> None:
    fields = text.splitlines()[0].split(",")

    assert names(opened(written(tmp_path, text))) == fields


def test_a_single_column_with_such_signs_is_read_when_it_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "a;b\n1;2\n")

    assert rows(opened(path, separator=",")) == [("1;2",)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("block", [10, 1000, 8_000_000])
def test_other_encodings_are_read(
    encoding: str,
    packed: bool,  # noqa: FBT001
    block: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = 'a,b\r\n1,x\r\n2,é\r\n3,""' + '\r\n4,"q\r\n"' * 50
    content = text.encode(encoding)
    path = written(tmp_path, gzip.compress(content) if packed else content)
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", max(block, 40))
    monkeypatch.setattr(csv_files, "UNIT_BYTES", 50)

    # A mark needs no word.
    said: dict[str, Any] = {} if encoding in {"utf-16", "utf-32"} else {"encoding": encoding}

    assert rows(opened(path, **said)) == [*ROWS, *[("4", "q\r\n")] * 50]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_named(encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,x\n".encode(encoding))

    with pytest.raises(InputError, match=f"--encoding {encoding}"):
        opened(path)


def test_files_of_a_folder_have_each_their_mark(tmp_path: Path) -> None:
    written(tmp_path, "a,b\n1,x\n".encode("utf-16"), "1.csv")
    written(tmp_path, "a,b\n2,é\n", "2.csv")

    assert rows(opened(tmp_path)) == [("1", "x"), ("2", "é")]


def test_text_that_is_not_in_the_encoding_is_named_by_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n1,x\n2,\x81\n")

    with pytest.raises(InputError) as raised:
        rows(opened(path, encoding="cp1252"))

    assert str(raised.value).startswith(f"{path}:3: the text is not cp1252")


def test_other_text_than_utf_8_names_the_option(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,é\n".encode("cp1252"))

    with pytest.raises(InputError, match="--encoding cp1252"):
        rows(opened(path))
    assert rows(opened(path, encoding="cp1252")) == [("1", "é")]


def test_decimal_commas_are_named_and_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a;b\n1,5;x\n-0,25;1,5\n;7,5e3\n")

    with pytest.raises(InputError, match=r"column 'a'.*--decimal ','"):
        opened(path, separator=";")

    read = rows(opened(path, separator=";", decimal=","))
    assert read == [("1.5", "x"), ("-0.25", "1.5"), (None, "7.5e3")]
    assert rows(opened(path, separator=";", decimal="."))[0] == ("1,5", "x")


@pytest.mark.parametrize("text", ["a;b\n1,234;x\n5,678;y\n", "a;b\n1,5;x\nten;y\n"])
def test_thousands_and_texts_are_no_decimals(text: str, tmp_path: Path) -> None:
    assert len(rows(opened(written(tmp_path, text), separator=";"))) == 2


def test_texts_that_stand_for_missing_values(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\nNA,1\n"NA",-999\nna,""\n')

    dataset = opened(path, null_values="NA, -999")

    assert rows(dataset) == [(None, "1"), (None, None), ("na", None)]
    assert rejected(dataset).total == 0


def test_captured_payloads_and_json_have_missing_values_too(tmp_path: Path) -> None:
    captured = write(tmp_path / "a.jsonl", [record("NA,2", "0.5")] * 2)
    lines = written(tmp_path, '{"a": "NA", "b": 1}\n', "b.jsonl")

    assert rows(opened(captured, null_values=["NA"])) == [("0.5", None, "2")] * 2
    assert rows(opened(lines, null_values=["NA"])) == [(None, "1")]


@pytest.mark.parametrize("said", [{"separator": ";"}, {"encoding": "cp1252"}, {"decimal": ","}])
def test_what_is_about_csv_is_refused_elsewhere(said: dict[str, Any], tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")

    (name,) = said
    with pytest.raises(InputError, match=f"Leave --{name} out"):
        opened(tmp_path / "a.parquet", **said)


@pytest.mark.parametrize("given", ["", ";;", "é", "a", '"', "\n", "\\x0a"])
def test_separators_that_are_none(given: str) -> None:
    with pytest.raises(SettingsError, match="separator"):
        Settings.from_keywords(separator=given)


@pytest.mark.parametrize("given", ["utf-9", "base64", "", "a\0b"])
def test_encodings_that_are_none(given: str) -> None:
    with pytest.raises(SettingsError, match="encoding"):
        Settings.from_keywords(encoding=given)


@pytest.mark.parametrize("given", ["UTF-8", "utf8", "utf_8_sig", None])
def test_utf_8_is_read_as_it_is(given: str | None) -> None:
    assert Settings.from_keywords(encoding=given).read.encoding is None


def test_a_sign_of_decimals_that_is_none() -> None:
    with pytest.raises(SettingsError, match="decimal"):
        Settings.from_keywords(decimal=";")


def test_arrows_threads_never_run_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = gzip.compress('a,b\n1,"x"\n2,\n'.encode("utf-16"))
    given: list[object] = []
    parse = csv.open_csv

    def seen(source: object, **options: Any) -> object:
        given.append(type(source))
        return parse(source, **options)

    dataset = opened(written(tmp_path, content))
    monkeypatch.setattr("driftkit.readers.csv_files.csv.open_csv", seen)

    assert rows(dataset) == [("1", "x"), ("2", None)]
    # They read ahead, also while the interpreter ends, which Python does not survive.
    assert given == [pa.BufferReader]
