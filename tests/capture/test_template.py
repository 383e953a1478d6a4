"""Lines that differ in their texts only are taken apart as a parser would take them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.capture.template import cut_at_quotes, mark
from driftkit.capture.truth_join import tables
from driftkit.capture.truth_join.records import captures_of, merged_line
from tests.monitors.merging import capture, label

# What real payloads are made of: quotes of inner JSON, backslashes, ends of lines, other letters.
texts = st.text(st.sampled_from('a1,:{}[]"\\\n\r\té\U0001f600'), max_size=12)


def _content(records: list[Any]) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


@settings(deadline=None)
@given(answers=st.lists(texts, min_size=1, max_size=5))
def test_merged_at_once_is_merged_one_by_one(answers: list[str]) -> None:
    records = [
        capture(f"e{number}", inference="i" if number % 2 else "", output=answer)
        for number, answer in enumerate(answers)
    ]
    content, rows = _content(records), np.arange(len(records))[::2]
    matched = pa.table(
        {
            "data": [orjson.dumps(answers[row]).decode() for row in rows],
            "encoding": ["CSV"] * rows.size,
        }
    )

    plain = tables.captures(content)

    assert plain is not None
    one_by_one = [captures_of(line)[0] for line in content.split(b"\n")[:-1]]
    assert plain.ids.column("key").to_pylist() == [each.key for each in one_by_one]
    assert plain.ids.column("event").to_pylist() == [each.event for each in one_by_one]
    expected = [merged_line(one_by_one[row], answers[row], "CSV") + b"\n" for row in rows]
    assert plain.merged(matched, rows).to_pylist() == expected


@settings(deadline=None)
@given(data=st.lists(texts, min_size=1, max_size=5))
def test_labels_keep_their_text(data: list[str]) -> None:
    content = _content([label(f"e{number}", text) for number, text in enumerate(data)])

    found = tables.labels(content)

    assert found is not None
    assert [orjson.loads(text) for text in found.column("data").to_pylist()] == data


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_spaces_and_the_last_line_end_do_not_matter(end: bytes) -> None:
    content = b"\n".join(json.dumps({"a": text, "b": [1, "x"]}).encode() for text in "pq") + end

    cut = cut_at_quotes(content)

    assert cut is not None
    lines, pieces = cut
    assert lines.texts(mark(0)).to_pylist() == ["p", "q"]
    assert pieces.each(f"<{mark(0)}{mark(1)}>").to_pylist() == ["<px>", "<qx>"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"oops\n", id="no JSON"),
        pytest.param(b"{}\n", id="no text"),
        pytest.param(b'{"a":"x"}\n{"b":"x"}\n', id="other keys"),
        pytest.param(b'{"a":"x"}\n{"a": "x"}\n', id="other spaces"),
        pytest.param(b'{"a":"x","b":1}\n{"a":"x","b":2}\n', id="other numbers"),
        pytest.param(b'{"a":"x"}\n\n{"a":"x"}\n', id="a blank line"),
        pytest.param(b'{"a":"x"}\n{"a":"x"\n', id="a line cut off"),
        pytest.param(b'{"a":"x"}\n{"a":"\xff"}\n', id="no UTF-8"),
        pytest.param(b'{"a":"x"}\n{"a":"\t"}\n', id="a raw tab"),
        pytest.param(b'{"a":"x"}\n{"a":"y\nz"}\n', id="a raw line end"),
        pytest.param(b'{"a":"x"}\n{"a":"\\u0041"}\n', id="another spelling"),
        pytest.param(b'{"a":"x"}\n{"a":"\\', id="an escape of nothing"),
        pytest.param(b'{"a\\"":"x"}\n{"a\\"":"y"}\n', id="a key with an escape"),
    ],
)
def test_other_lines_are_left_to_a_parser(content: bytes) -> None:
    assert cut_at_quotes(content) is None
