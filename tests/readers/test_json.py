"""JSON and JSON Lines are flattened into columns of text."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.errors import InputError
from driftkit.readers import lines
from tests.readers.reading import names, opened, rejected, rows

if TYPE_CHECKING:
    from pathlib import Path

OBJECTS: list[dict[str, Any]] = [
    {"b": 1, "a": "x"},
    {"b": 2.0, "a": None},
    {"a": "z", "c": {"d": [True]}},
]
TABLE = [("x", "1", None), (None, "2.0", None), ("z", None, "true")]


def written(path: Path, text: str) -> Path:
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def as_lines(objects: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data.jsonl", as_lines(OBJECTS)),
        ("data.ndjson", as_lines(OBJECTS)),
        ("data.json", as_lines(OBJECTS)),
        ("data", as_lines(OBJECTS)),
        ("data.jsonl.gz", as_lines(OBJECTS)),
        ("data.json", json.dumps(OBJECTS)),
        ("data.json", json.dumps(OBJECTS, indent=2)),
        ("data", json.dumps({"records": OBJECTS}, indent=2)),
        ("data.json.gz", json.dumps(OBJECTS)),
    ],
)
def test_objects_are_rows_and_their_fields_columns(name: str, text: str, tmp_path: Path) -> None:
    dataset = opened(written(tmp_path / name, text))

    assert names(dataset) == ["a", "b", "c.d.0"]
    assert rows(dataset) == TABLE


def test_one_object_is_one_row(tmp_path: Path) -> None:
    dataset = opened(written(tmp_path / "data.json", '{\n "a": 1,\n "b": [2, 3]\n}'))

    assert names(dataset) == ["a", "b.0", "b.1"]
    assert rows(dataset) == [("1", "2", "3")]


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("3", "3"),
        ("-3", "-3"),
        ("3.0", "3.0"),
        ("0.1", "0.1"),
        ("1e-7", "1e-07"),
        ("1e5", "100000.0"),
        ("9007199254740993", "9007199254740993"),
        ("true", "true"),
        ("false", "false"),
        ("null", None),
        ('"3"', "3"),
        ('""', ""),
        ('"null"', "null"),
    ],
)
def test_values_keep_what_they_look_like(token: str, text: str | None, tmp_path: Path) -> None:
    path = written(tmp_path / "data.jsonl", f'{{"a": {token}, "b": 0}}\n')

    assert rows(opened(path)) == [(text, "0")]


def test_bad_lines_are_counted_and_set_aside(tmp_path: Path) -> None:
    path = written(tmp_path / "data.jsonl", '{"a": 1}\nnot json\n[1]\n\n{"a": 2}\n')
    dataset = opened(path)

    assert rows(dataset) == [("1",), ("2",)]
    assert rejected(dataset).counts == {"not JSON": 1, "no JSON object": 1}
    assert rejected(dataset).examples == (
        f"{path}:2: not JSON: not json",
        f"{path}:3: no JSON object: [1]",
    )


def test_fields_that_come_late_are_named_with_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftkit.readers.json_files.LOOKED_AT_BYTES", 10)
    for number, text in enumerate(['{"a": 1}\n{"a": 2}\n', '{"a": 3}\n{"late": 4}\n']):
        written(tmp_path / f"{number}.jsonl", text)

    dataset = opened(tmp_path)

    assert rows(dataset) == [("1",), ("2",), ("3",)]
    assert rejected(dataset).examples == (
        f"{tmp_path}/1.jsonl:2: with fields that the first records do not have: late",
    )


def test_a_large_file_of_lines_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "data.jsonl", as_lines([{"a": n} for n in range(2000)]))
    whole = rows(opened(path))
    for name in ("lines.PIECE_BYTES", "json_files.PIECE_BYTES"):
        monkeypatch.setattr(f"driftkit.readers.{name}", 1000)

    cut = opened(path)

    assert 10 < len(cut.units) <= 64
    assert rows(cut) == whole == [(str(n),) for n in range(2000)]
    assert lines.PIECE_BYTES == 1000


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("data.json", '[{"a": 1},\n{"a": }]', "data.json:2: the file is not JSON"),
        ("data.json", "[]", "there is no JSON object"),
        ("data.json", "3", "there is no JSON object"),
        ("data.jsonl", "nothing\nat all\n", "data.jsonl:1: not JSON: nothing"),
    ],
)
def test_what_is_no_json_is_said(name: str, text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        opened(written(tmp_path / name, text))

    assert said in str(raised.value)
