"""JSON that is not as it should be keeps its digits, or is said to be wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.errors import InputError
from driftkit.readers.json_values import UnreadableError, flat, from_json
from tests.capture.captures import record, side, write
from tests.readers.reading import names, opened, rejected, rows

if TYPE_CHECKING:
    from pathlib import Path

VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def as_text(value: Any) -> str | None:
    """The oracle: what Python's own writer makes of a value."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


@given(st.dictionaries(st.text(st.sampled_from("abc"), min_size=1), VALUE))
def test_values_are_the_text_that_python_writes(value: dict[str, Any]) -> None:
    expected = {name: as_text(inner) for name, inner in value.items()}

    assert from_json(json.dumps(value), flat) == expected
    assert from_json(json.dumps(value).encode(), flat) == expected


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("18446744073709551616", "18446744073709551616"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("1" * 5000, "1" * 5000),
        ("1e20", "1e+20"),
        ("1E400", "1E400"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
    ],
)
def test_numbers_that_no_machine_word_holds(token: str, text: str, tmp_path: Path) -> None:
    lines = written(tmp_path / "a.jsonl", f'{{"a": {token}}}\n{{"a": 1}}\n')
    document = written(tmp_path / "a.json", f'[{{"a": {token}}}, {{"a": 1}}]')
    payload = side(f'{{"a": {token}}}', "JSON")
    capture = write(tmp_path / "c.jsonl", [record(payload, None)] * 2)

    assert rows(opened(lines)) == rows(opened(document)) == [(text,), ("1",)]
    assert rows(opened(capture)) == [(text,), (text,)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        '{"a": }',
        '"\\ud800"',
        "[" * 100_000,
        '{"a": ' + "[" * 1010 + "1" + "]" * 1010 + "}",
    ],
)
def test_what_cannot_be_read_is_not_json(text: str) -> None:
    with pytest.raises(UnreadableError, match="not JSON"):
        from_json(text, flat)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a"])
def test_a_mark_before_the_text_is_no_part_of_it(name: str, tmp_path: Path) -> None:
    dataset = opened(written(tmp_path / name, b'\xef\xbb\xbf{"a": 1}\n{"a": 2}\n'))

    assert rows(dataset) == [("1",), ("2",)]
    assert rejected(dataset).total == 0


def test_a_line_may_hold_an_array_of_objects(tmp_path: Path) -> None:
    dataset = opened(written(tmp_path / "a.jsonl", '{"a": 1}\n[{"a": 2}, {"a": 3}]\n[4]\n[]\n'))

    assert rows(dataset) == [("1",), ("2",), ("3",)]
    assert rejected(dataset).counts == {"no JSON object": 2}


@pytest.mark.parametrize("first", ['[{"a": 1}]', '{"a": 1}', '{\n"a": 1}', '{"a": 1}\n{"a": 1}'])
@pytest.mark.parametrize("second", ['[{"a": 1}]', '{"a": 1}\n', '{"a": 1}\n{"a": 1}\n'])
def test_files_called_json_may_hold_documents_or_lines(
    first: str, second: str, tmp_path: Path
) -> None:
    written(tmp_path / "1.json", first)
    written(tmp_path / "2.json", second)
    dataset = opened(tmp_path)

    assert names(dataset) == ["a"]
    assert rows(dataset) == [("1",)] * (first + second).count("a")
    assert rejected(dataset).total == 0


@pytest.mark.parametrize("end", ["", "\n"])
def test_rows_below_a_single_key_do_not_depend_on_the_last_line_end(
    end: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.json", '{"rows": [{"a": 1}, {"a": 2}]}' + end)

    assert rows(opened(path)) == [("1",), ("2",)]


def test_fields_that_come_late_in_a_document_are_named_with_their_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftkit.readers.json_files.LOOKED_AT_BYTES", 1)
    written(tmp_path / "1.json", '[{"a": 1}]')
    written(tmp_path / "2.json", '[{"a": 1}, {"late": 1}]')

    assert rejected(opened(tmp_path)).examples == (
        f"{tmp_path}/2.json, object 2: with fields that the first records do not have: late",
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"a": 1},\n{"a": "caf\xe9"}]', "a.json:2: the file is not JSON"),
        (b'[{"a": 1}]\nx', "a.json:2: the file is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_documents_that_cannot_be_read(content: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        opened(written(tmp_path / "a.json", content))

    assert said in str(raised.value)


def test_many_small_documents_come_in_few_chunks(tmp_path: Path) -> None:
    for number in range(200):
        written(tmp_path / f"{number:03d}.json", f'[{{"a": {number}}}]')
    dataset = opened(tmp_path)

    chunks = [chunk for unit in dataset.units for chunk in unit.chunks()]

    assert len(chunks) == len(dataset.units) == 1
    assert rows(dataset) == [(str(number),) for number in range(200)]


def test_empty_files_among_others_are_passed_over(tmp_path: Path) -> None:
    written(tmp_path / "1.json", "")
    written(tmp_path / "2.json", '[{"a": 1}]')

    assert rows(opened(tmp_path)) == [("1",)]
