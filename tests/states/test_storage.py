"""States come back from their bytes as they were, and damaged bytes are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.errors import FormatError
from driftkit.states.partitions.partition import PartitionOptions, TableState
from driftkit.states.profile.table import FoldOptions
from driftkit.states.states import States
from driftkit.states.storage import dumps, is_states, loads
from driftkit.states.windows import Window
from tests.compute.samples import text_table, typed_table
from tests.states.damaging import (
    a_file_that_is_cut_off_is_refused,
    every_flipped_bit_is_noticed_or_harmless,
)
from tests.states.tables import as_of_version_1, folded

OPTIONS = FoldOptions(
    known={"texts": ("a", "not there"), "many texts": ("v1",), "few ints": ("1",)},
    partitions=(
        PartitionOptions(by=("texts", "truths")),
        PartitionOptions(by=("days",), unit="day"),
        PartitionOptions(by=("few ints",), keys=(("1",), ("9",))),
    ),
)
WINDOW = Window(
    source="s3://bucket/captures",
    start=datetime(2024, 3, 18, tzinfo=UTC),
    end=datetime(2024, 3, 18, tzinfo=UTC) + timedelta(hours=1),
    rows=3,
    digest=7,
)


def of(table: TableState) -> States:
    return States(table=table, windows=(WINDOW, Window()))


def typed() -> pa.Table:
    names = typed_table(0, 1).column_names
    return typed_table(4000, 3).select([name for name in names if name != "nothing"])


@pytest.mark.parametrize(
    "table",
    [
        folded(typed(), OPTIONS),
        folded(typed(), FoldOptions(row_order=True)),
        folded(text_table(7000, 3)),
        folded(text_table(0, 3)),
        TableState(),
    ],
    ids=["typed and split", "row order", "text", "no rows", "nothing"],
)
def test_states_come_back_as_they_were(table: TableState) -> None:
    states = of(table)

    assert loads(dumps(states), "states.arrow") == states


values = st.one_of(
    st.none(), st.floats(), st.sampled_from([-0.0, 1e308, -1e308, 5e-324]), st.integers().map(float)
)
texts = st.one_of(st.none(), st.text(), st.integers().map(str), st.floats().map(str))


@given(numbers=st.lists(values, max_size=40), words=st.lists(texts, max_size=40))
@settings(deadline=None, max_examples=60)
def test_any_values_come_back(numbers: list[float | None], words: list[str | None]) -> None:
    rows = min(len(numbers), len(words))
    words = [word if word is None or _is_unicode(word) else None for word in words]
    table = pa.table(
        {
            "number": pa.array(numbers[:rows], pa.float64()),
            "word": pa.array(words[:rows], pa.string()),
        }
    )
    states = of(folded(table, FoldOptions(partitions=(PartitionOptions(by=("word",)),))))

    back = loads(dumps(states), "states.arrow")

    assert dumps(back) == dumps(states)
    assert repr(back.table) == repr(states.table)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def test_a_numeric_column_takes_at_most_50_kilobytes() -> None:
    random = np.random.default_rng(1)
    table = pa.table({f"n{n}": random.normal(size=300_000) for n in range(4)})

    assert len(dumps(of(folded(table)))) / 4 < 50_000


FIRST = pa.table(
    {
        "word": ["a", "b", None, "a", "\u00fc"],
        "number": [1.5, -0.0, None, float("nan"), 7.25],
        "whole": pa.array([1, 2, 3, 4, 5], pa.int32()),
        "truth": [True, None, False, True, True],
    }
)


def test_windows_of_several_paths_are_read_back() -> None:
    several = Window(source="/a.csv and 1 more", rows=1, paths=("/a.csv", "/b.csv"))
    states = States(table=TableState(), windows=(WINDOW, several))

    assert loads(dumps(states), "here").windows == states.windows


def test_the_first_version_of_the_format_is_read_for_ever() -> None:
    options = FoldOptions(known={"word": ("a",)}, partitions=(PartitionOptions(by=("word",)),))

    states = loads((Path(__file__).parent / "states-1.arrow").read_bytes(), "states-1.arrow")

    assert dumps(states) == dumps(of(as_of_version_1(folded(FIRST, options))))


def test_other_tools_read_the_file() -> None:
    content = dumps(of(folded(typed())))

    table = pa.ipc.open_stream(content).read_all()

    assert table.column("name").to_pylist() == typed().column_names
    assert pa.types.is_list(table.schema.field("levels").type)


def test_every_flipped_bit_is_noticed_or_harmless() -> None:
    content = dumps(of(folded(pa.table({"a": [1.5, 2.5], "b": ["x", "y"]}))))

    every_flipped_bit_is_noticed_or_harmless(content, loads, flips=400)


def test_a_damaged_column_is_named() -> None:
    random = np.random.default_rng(3)
    table = pa.table({"a": random.normal(size=20), "b": random.normal(size=20)})
    content = bytearray(dumps(of(folded(table))))
    value = table.column("b")[7].as_py()
    content[content.index(np.float64(value).tobytes())] ^= 1

    with pytest.raises(FormatError, match=r"hour-7\.arrow: the states of column 'b' are damaged"):
        loads(bytes(content), "hour-7.arrow")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_a_file_that_is_cut_off_is_refused(kept: float) -> None:
    a_file_that_is_cut_off_is_refused(dumps(of(folded(typed()))), loads, kept)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"ARROW1\0\0", b'{"version": 0}'])
def test_what_is_no_file_of_states_is_refused(content: bytes) -> None:
    assert not is_states(content)
    with pytest.raises(FormatError, match=r"x\.csv: this is no file of states"):
        loads(content, "x.csv")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 4}, "a later version of driftkit wrote these states"),
        ({"sketch": {"k": 1024, "c": 0.64}}, "the sketches have other parameters"),
        ({"registers": 1024}, "the sketches have other parameters"),
    ],
)
def test_states_that_cannot_be_added_up_are_refused(change: dict[str, Any], message: str) -> None:
    content = _with(dumps(of(folded(text_table(5, 1)))), change)

    with pytest.raises(FormatError, match=rf"states\.arrow: {message}"):
        loads(content, "states.arrow")


def _with(content: bytes, change: dict[str, Any]) -> bytes:
    table = pa.ipc.open_stream(content).read_all()
    about = {**json.loads(table.schema.metadata[b"driftkit"]), **change}
    del about["checksum"]
    about["checksum"] = crc32(json.dumps(about, separators=(",", ":")).encode())
    text = json.dumps(about, separators=(",", ":"))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema.with_metadata({"driftkit": text})) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())
