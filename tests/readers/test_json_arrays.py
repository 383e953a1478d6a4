"""A long array of JSON is read in pieces, and gives the rows that it gives at once."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftkit.errors import InputError
from driftkit.readers import json_arrays
from driftkit.readers.json_arrays import Elements, MixedError, Opening
from driftkit.readers.json_values import JsonRow, element_rows
from tests.readers.reading import names, opened, rejected, rows

if TYPE_CHECKING:
    from pathlib import Path

TEXT = st.text(st.sampled_from('ab"\\[]{},: \n\u00fc\U0001f600'), max_size=6)
KEY = TEXT.filter(bool)
SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=True), TEXT
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(KEY, VALUE, max_size=3), min_size=1, max_size=12)
ARRAYS = st.lists(st.lists(VALUE, max_size=3), min_size=1, max_size=12)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are read a few bytes at a time, and chunks end after a few rows."""
    for name, size in (
        ("json_files.TEXT_BYTES", 16),
        ("json_files.READ_BYTES", 5),
        ("json_files.CHUNK_BYTES", 100),
        ("json_arrays.TEXT_BYTES", 16),
    ):
        monkeypatch.setattr(f"driftkit.readers.{name}", size)


def read_in_pieces(text: bytes, opening: Opening, at_once: int) -> list[JsonRow]:
    pieces = iter([text[i : i + at_once] for i in range(0, len(text), at_once)])
    first = next(pieces)
    while len(first) <= opening.size:
        first += next(pieces)
    elements = Elements("a.json", first, opening, lambda: next(pieces, b""))
    found = elements.parsed(lambda values: element_rows(values, opening.name))
    return [row for rows_, _ in found for row in rows_]


@given(
    values=OBJECTS | ARRAYS,
    key=st.none() | TEXT,
    indent=st.sampled_from([None, 0, 2, 9]),
    ascii_only=st.booleans(),
    at_once=st.integers(1, 60),
    wanted=st.integers(1, 60),
)
@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_elements_are_those_that_python_reads(
    monkeypatch: pytest.MonkeyPatch,
    values: list[Any],
    key: str | None,
    indent: int | None,
    ascii_only: bool,  # noqa: FBT001
    at_once: int,
    wanted: int,
) -> None:
    monkeypatch.setattr(json_arrays, "TEXT_BYTES", wanted)
    document = values if key is None else {key: values}
    text = " \n" + json.dumps(document, indent=indent, ensure_ascii=ascii_only) + "\t\n"
    opening = Opening.from_head(text.encode())
    assert opening is not None
    assert (opening.name, opening.wrapped) == (key or "", key is not None)

    found = read_in_pieces(text.encode(), opening, at_once)

    read = json.loads(text)
    elements = read if key is None else read[key]
    assert found == [
        flattened(each, "" if isinstance(each, dict) else key or "") for each in elements
    ]


def flattened(value: Any, name: str = "") -> dict[str, str | None]:
    """The oracle: fields by dots."""
    if not isinstance(value, dict | list):
        text = value if value is None or isinstance(value, str) else json.dumps(value)
        return {name or "0": text}
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    fields: dict[str, str | None] = {}
    for key, inner in pairs:
        fields |= flattened(inner, f"{name}.{key}" if name else str(key))
    return fields


KEYS = st.text(st.sampled_from("ab"), min_size=1, max_size=1)
ROW = st.dictionaries(KEYS, VALUE, min_size=1, max_size=2)


@given(values=st.lists(ROW, min_size=3, max_size=12), wrapped=st.booleans(), packed=st.booleans())
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.usefixtures("tiny")
def test_rows_of_pieces_are_those_of_the_whole(
    tmp_path: Path,
    values: list[dict[str, Any]],
    wrapped: bool,  # noqa: FBT001
    packed: bool,  # noqa: FBT001
) -> None:
    text = json.dumps({"instances": values} if wrapped else values).encode()
    path = tmp_path / "a.json"
    path.write_bytes(gzip.compress(text) if packed else text)
    fields = [flattened(value) for value in values]
    columns = sorted({name for each in fields for name in each})
    if not columns:
        return

    dataset = opened(path)

    assert names(dataset) == columns
    assert rows(dataset) == [tuple(each.get(name) for name in columns) for each in fields]
    assert rejected(dataset).total == 0


LONG = [{"a": number, "b": "x" * (number % 7)} for number in range(200)]


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps(LONG)[:-1], r"a\.json:1: the file is not JSON.*delimiter"),
        (json.dumps(LONG)[:-9], r"a\.json:1: the file is not JSON"),
        (json.dumps(LONG, indent=1)[:-30], r"a\.json:798: the file is not JSON"),
        (json.dumps(LONG)[:-1] + ",]", r"a\.json:1: the file is not JSON"),
        (json.dumps(LONG) + "\nx", r"a\.json:2: the file is not JSON.*Extra data"),
        (json.dumps(LONG) + "]", r"a\.json:1: the file is not JSON.*Extra data"),
        (json.dumps(LONG) + json.dumps(LONG), r"a\.json:1: the file is not JSON.*Extra data"),
        (json.dumps(LONG).replace("},", "},,", 1), r"a\.json:1: the file is not JSON"),
        (json.dumps({"a": LONG})[:-1], r"a\.json:1: the file is not JSON"),
        (json.dumps({"a": LONG}) + "}", r"a\.json:1: the file is not JSON"),
        (json.dumps({"a": LONG, "b": 1}), r"a\.json:1: the object has other keys"),
        (json.dumps({"a": LONG, "b": LONG}), r"a\.json:1: the object has other keys"),
        (json.dumps([*LONG, 3]), r"a\.json, at or after line 1: the array has elements of several"),
        (json.dumps([*LONG, 3, *LONG]), "the array has elements of several kinds"),
        (
            json.dumps([*LONG, {"a": "@"}]).replace("@", "\\ud800"),
            r"a\.json:1: the file is not JSON",
        ),
        ("[" + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_wrong_with_a_long_array_is_said_with_its_line(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)

    with pytest.raises(InputError, match=said):
        opened(path)


@pytest.mark.usefixtures("tiny")
def test_text_that_is_not_utf_8_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps(LONG, indent=1).encode() + b'\n[{"a": "caf\xe9"}]')

    with pytest.raises(InputError, match=r"a\.json:803: the file is not JSON"):
        opened(path)


@pytest.mark.usefixtures("tiny")
def test_a_packed_array_that_is_cut_off_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(json.dumps(LONG).encode())[:-40])

    with pytest.raises(InputError, match="the compressed file is cut off or damaged"):
        opened(path)


@pytest.mark.usefixtures("tiny")
def test_an_element_is_read_however_long_it_is_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"a": "x" * 1000}, {"a": "y"}]))
    assert rows(opened(path)) == [("x" * 1000,), ("y",)]

    monkeypatch.setattr(json_arrays, "MOST_ELEMENT_BYTES", 500)

    with pytest.raises(
        InputError, match=r"an element of the array is too long .*at most 500 bytes"
    ):
        opened(path)


@pytest.mark.usefixtures("tiny")
def test_a_mark_before_a_long_array_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(LONG).encode())

    assert len(rows(opened(path))) == len(LONG)


@pytest.mark.usefixtures("tiny")
def test_long_files_called_json_may_hold_lines(tmp_path: Path) -> None:
    lines = [json.dumps(each) for each in LONG]
    (tmp_path / "1.json").write_text('[{"a": 1,\n "b": "x"}]')
    (tmp_path / "2.json").write_text("\n".join(lines))
    (tmp_path / "3.json").write_text("\n".join(json.dumps({"a": each["a"]}) for each in LONG))

    assert len(rows(opened(tmp_path))) == 1 + 2 * len(LONG)


def test_chunks_end_where_they_would_had_all_been_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (("a.json", json.dumps(LONG)), ("b.jsonl", "\n".join(map(json.dumps, LONG)))):
        (tmp_path / name).write_text(text)
    documents = ("a.json", "b.jsonl")
    before = [chunked(tmp_path / name) for name in documents]
    for name, size in (("json_files.TEXT_BYTES", 50), ("json_arrays.TEXT_BYTES", 50)):
        monkeypatch.setattr(f"driftkit.readers.{name}", size)

    assert [chunked(tmp_path / name) for name in documents] == before


def chunked(path: Path) -> list[list[int]]:
    """The lengths of the arrays of each chunk: sums run over one after the other."""
    found = [chunk.column(0) for unit in opened(path).units for chunk in unit.chunks()]
    return [[len(array) for array in column.chunks] for column in found]


def test_others_than_objects_and_arrays_are_told_by_who_makes_rows() -> None:
    def refuse(_: Any) -> Any:
        raise MixedError

    opening = Opening.from_head(b"[[1],")
    assert opening is not None
    elements = Elements("a.json", b"[[1],2]", opening, lambda: b"")

    with pytest.raises(InputError, match="several kinds"):
        list(elements.parsed(refuse))


MEASURE = """
import resource, sys
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
open_dataset([sys.argv[2]], Settings())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = 0
for unit in open_dataset([sys.argv[1]], Settings()).units:
    for chunk in unit.chunks():
        found += chunk.num_rows
print(found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    ("name", "begin", "row", "end"),
    [
        ("a.json.gz", b"[", b'{"a":1},', b'{"a":1}]'),
        ("b.json.gz", b'{"rows":[', b"[1,2],", b"[1,2]]}"),
        ("c.jsonl.gz", b"", b'{"a":1}\n', b'{"a":1}\n'),
    ],
)
def test_memory_does_not_grow_with_what_a_small_file_unpacks_to(
    name: str,
    begin: bytes,
    row: bytes,
    end: bytes,
    tmp_path: Path,
) -> None:
    count = 800_000
    path, small = tmp_path / name, tmp_path / f"small-{name}"
    path.write_bytes(gzip.compress(begin + row * count + end, 1))
    small.write_bytes(gzip.compress(begin + row * 3 + end))
    assert path.stat().st_size < 200_000

    command = [sys.executable, "-c", MEASURE, str(path), str(small)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    found, kilobytes = map(int, done.stdout.split())
    assert found == count + 1
    assert kilobytes < 300 * 1024


def test_what_is_read_as_a_whole_is_bounded_by_its_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftkit.io.finding.MOST_HELD", 100_000_000)
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b'{"a": {"b": [' + b"{}," * 400_000 + b"1]}}"))

    with pytest.raises(InputError, match=r"too many values .* at most about 100,000,000 bytes"):
        opened(path)
