"""States that no rows can have are refused, and no file of states harms the process."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from driftkit.errors import FormatError
from driftkit.states.partitions.partition import PartitionOptions, TableState
from driftkit.states.profile.column import STATES
from driftkit.states.profile.table import FoldOptions
from driftkit.states.states import States
from driftkit.states.storage import dumps, loads, part_of, parts_of
from driftkit.states.storage_columns import SCHEMA
from tests.states.forged import File, sample
from tests.states.tables import folded

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = pa.table({"n": [1.5, 2.5, None, -4.0], "w": ["a", "b", "a", None]})
OPTIONS = FoldOptions(known={"w": ("a",)})
NUMBER, WORD = 0, 1


def with_field(
    name: str, row: int, value: Any, options: pa.ipc.IpcWriteOptions | None = None
) -> bytes:
    """A file whose checksums are right and in which one field of a column is another."""
    file = File.of(dumps(States.of(folded(TABLE, OPTIONS))))
    metadata, body = file.batches[0]
    batch = pa.ipc.read_record_batch(pa.ipc.read_message(framed(metadata, body)), SCHEMA)
    values = batch.column(name).to_pylist()
    values[row] = value
    place = SCHEMA.names.index(name)
    arrays = [*batch.columns]
    arrays[place] = pa.array(values, SCHEMA.field(place).type)
    # Written without a schema that would refuse nulls.
    changed = pa.RecordBatch.from_arrays(arrays, SCHEMA.names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, changed.schema, options=options) as stream:
        stream.write_batch(changed)
    reader = pa.ipc.MessageReader.open_stream(sink.getvalue())
    reader.read_next_message()
    message = reader.read_next_message()
    file.batches[0] = (bytes(message.metadata), bytes(message.body))
    return file.signed()


def framed(metadata: bytes, body: bytes) -> bytes:
    return b"\xff" * 4 + len(metadata).to_bytes(4, "little") + metadata + body


@pytest.mark.parametrize(
    ("field", "row", "value"),
    [
        ("name", WORD, "n"),
        ("name", WORD, None),
        ("declared", WORD, "Number"),
        ("present", NUMBER, -1),
        ("present", NUMBER, 5),
        ("missing", NUMBER, 2),
        ("missing", NUMBER, None),
        ("missing", NUMBER, 2**63 - 1),
        ("integral", WORD, 4),
        ("string", WORD, -3),
        ("finite", NUMBER, 4),
        ("non_finite", NUMBER, 1),
        ("non_finite", NUMBER, -1),
        ("sum", NUMBER, 10.5),
        ("sum", NUMBER, float("nan")),
        ("sum", NUMBER, float("inf")),
        ("sum", WORD, 1.0),
        ("average", NUMBER, 2.6),
        ("average", NUMBER, float("nan")),
        ("m2", NUMBER, -1.0),
        ("m2", NUMBER, float("inf")),
        ("skew_n", NUMBER, 4),
        ("skew_n", NUMBER, -1),
        ("skew_average", NUMBER, 2.6),
        ("skew_average", WORD, 1.0),
        ("skew_m2", NUMBER, -1.0),
        ("skew_m2", NUMBER, float("nan")),
        ("skew_m3", NUMBER, 1e9),
        ("skew_m3", NUMBER, float("inf")),
        ("skew_m3", WORD, 1.0),
        ("minimum", NUMBER, None),
        ("minimum", NUMBER, float("nan")),
        ("minimum", NUMBER, 3.0),
        ("minimum", NUMBER, -3.0),
        ("minimum", NUMBER, float("-inf")),
        ("minimum", WORD, 1.0),
        ("maximum", NUMBER, 2.0),
        ("maximum", NUMBER, float("inf")),
        ("levels", NUMBER, []),
        ("levels", NUMBER, [[1.5, 2.5]]),
        ("levels", NUMBER, [[1.5, 2.5, -4.0, 1.0]]),
        ("levels", NUMBER, [[1.5], [2.5, 2.5]]),
        ("levels", NUMBER, [[1.5, 2.5, float("nan")]]),
        ("levels", NUMBER, [[1.5, 2.5, float("inf")]]),
        ("levels", NUMBER, [[1.5, 2.5, None]]),
        ("levels", NUMBER, [[1.5, 2.5, -4.0], *[[]] * 70]),
        ("compactions", NUMBER, [0, 0]),
        ("compactions", NUMBER, [-1]),
        ("registers", NUMBER, bytes([57]) + bytes(511)),
        ("registers", NUMBER, bytes([1]) * 512),
        ("values", WORD, ["a"]),
        ("values", WORD, ["a", "a"]),
        ("values", WORD, ["a", None]),
        ("rows", WORD, [2, 2]),
        ("rows", WORD, [4, -1]),
        ("rows", WORD, [2**62, 2**62]),
        ("counted", WORD, 4),
        ("counted", WORD, -1),
        ("domain", WORD, [None]),
        *(
            (field.name, NUMBER, None)
            for schema in STATES.values()
            for field in schema.fields
            if not field.nullable
        ),
    ],
)
def test_what_no_rows_can_have_is_refused_by_column_and_field(
    field: str, row: int, value: Any
) -> None:
    content = with_field(field, row, value)

    with pytest.raises(FormatError) as raised:
        part_of(content, "hour.arrow")

    related = {
        **dict.fromkeys(("present", "missing"), ("present", "missing")),
        "integral": ("integral", "string"),
        "non_finite": ("finite", "non_finite"),
        "minimum": ("minimum", "maximum", "levels"),
        "maximum": ("maximum", "levels"),
        "values": ("values", "rows"),
        "levels": ("levels", "compactions"),
    }.get(field, (field,))
    assert any(f"hour.arrow, field {name}: " in str(raised.value) for name in related)
    column = repr(TABLE.column_names[row]) if field != "name" else ""
    assert f"the states of column {column}" in str(raised.value)


def test_more_values_than_are_ever_counted_are_refused() -> None:
    rows = 1000
    table = pa.table({"n": np.arange(float(rows)), "w": ["a"] * rows})
    state = folded(table)
    word = state.columns[1]
    many = {f"v{n}": 1 for n in range(513)}
    crowded = _replaced(word, frequencies=_replaced(word.frequencies, counts=many))
    content = dumps(States.of(_replaced(state, columns=(state.columns[0], crowded))))

    with pytest.raises(FormatError, match=r"hour\.arrow, field values: the states of column 'w'"):
        loads(content, "hour.arrow")


def _replaced(value: Any, **changes: Any) -> Any:
    from dataclasses import replace  # noqa: PLC0415

    return replace(value, **changes)


def test_packed_batches_are_refused_before_they_are_unpacked() -> None:
    content = with_field("sum", NUMBER, 0.0, pa.ipc.IpcWriteOptions(compression="zstd"))

    with pytest.raises(FormatError, match="the states are damaged"):
        loads(content, "hour.arrow")


def _windows_of_two(about: dict[str, Any]) -> None:
    about["paths"] = [[], []]


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    *steps, key, value = path

    def change(about: dict[str, Any]) -> None:
        node: Any = about
        for step in steps:
            node = node[step]
        node[key] = value

    return change


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (_set("tables", 0, "rows", -1), r"tables\[0\].rows"),
        (_set("tables", 0, "rows", 2**60), r"tables\[0\].rows"),
        (_set("tables", 0, "rows", "6"), r"tables\[0\].rows"),
        (_set("tables", 0, "rejected", None), r"tables\[0\].rejected"),
        (_set("tables", 0, "rejected", "counts", {"bad": -1}), r"tables\[0\].rejected.counts.bad"),
        (_set("tables", 0, "split", 0), "tables"),
        (_set("tables", 1, "split", 7), r"tables\[1\].split"),
        (_set("tables", 1, "split", None), "tables"),
        (_set("tables", 1, "key", ["a"]), r"tables\[1\].key"),
        (_set("tables", 1, "key", [1, 2]), r"tables\[1\].key"),
        (_set("tables", []), "tables"),
        (_set("tables", {}), "tables"),
        (_set("splits", []), r"tables\[1\].split"),
        (_set("splits", 0, "by", []), r"splits\[0\].by"),
        (_set("splits", 0, "unit", "month"), r"splits\[0\].unit"),
        (_set("windows", None), "windows"),
        (_set("windows", 0, "start", "noon"), r"windows\[0\].start"),
        (_set("windows", 0, "digest", {}), r"windows\[0\].digest"),
        (_set("windows", 0, "source", 3), r"windows\[0\].source"),
        (_windows_of_two, "paths"),
        (_set("paths", [[1]]), r"paths\[0\]\[0\]"),
    ],
)
def test_what_a_file_says_of_itself_is_checked(
    change: Callable[[dict[str, Any]], None], place: str
) -> None:
    file = File.of(dumps(sample()))
    change(file.about)

    with pytest.raises(FormatError, match=rf"hour\.arrow: {place}"):
        loads(file.signed(), "hour.arrow")


def test_parts_that_are_not_the_whole_are_refused() -> None:
    file = File.of(dumps(sample()))
    del file.about["tables"][1]
    del file.batches[1]

    with pytest.raises(FormatError, match=r"splits\[0\]: the parts are not those of the table"):
        loads(file.signed(), "hour.arrow")


def test_parts_of_other_columns_are_refused() -> None:
    one, two = (
        folded(
            pa.table({name: [1.0, 2.0], "w": ["a", "a"]}),
            FoldOptions(partitions=(PartitionOptions(by=("w",)),)),
        )
        for name in "ab"
    )

    with pytest.raises(FormatError, match="field name: the parts of a table have other columns"):
        loads(dumps(States.of(_replaced(one, partitions=two.partitions))), "hour.arrow")


def test_of_many_files_the_one_that_is_wrong_is_named() -> None:
    right = dumps(States.of(folded(TABLE, OPTIONS)))
    wrong = with_field("present", NUMBER, -1)
    files = [(wrong if number == 37 else right, f"{number}.arrow") for number in range(50)]

    with pytest.raises(FormatError, match=r"^37\.arrow, field present: .* column 'n'"):
        list(parts_of(files))


def test_tables_without_rows_or_columns_are_read() -> None:
    states = [States.of(TableState()), States.of(folded(TABLE.slice(0, 0), OPTIONS))]

    files = [(dumps(each), "file") for each in states]

    assert [part.states() for part in parts_of(files)] == states


def test_no_forged_file_harms_the_process() -> None:
    command = [sys.executable, "-m", "tests.states.forged", "20240318", "2000"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    last = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, (last, done.stderr[-2000:])
    assert last[0].startswith("accepted ")
