"""Merged captures read all at once give the rows that reading one by one gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.capture.predictions import PredictionPaths
from driftkit.capture.record import Record
from driftkit.capture.table import record_table
from driftkit.io.finding import File
from driftkit.readers.json_values import UnreadableError
from driftkit.readers.lines import Batch, Block

if TYPE_CHECKING:
    import pyarrow as pa

PAYLOADS = st.one_of(
    st.from_regex(r"[0-9]\.[0-9]{1,3}(,[01]){0,2}\n?", fullmatch=True),
    st.text(alphabet='01 ,.\n\r\\"xé\u2028', max_size=6),
)
PATHS = [
    PredictionPaths(prediction="0"),
    PredictionPaths(label="0", prediction="_c1", probability="0"),
    PredictionPaths(label="truth", probability="score"),
]


def merged(truth: Any, answer: Any, **more: str) -> dict[str, Any]:
    return {
        "eventVersion": "0",
        "groundTruthData": {"data": truth, "encoding": "CSV"},
        "captureData": {"endpointOutput": {"data": answer, "encoding": "CSV", **more}},
        "eventMetadata": {"eventId": "1"},
    }


def content(records: list[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def at_once(records: list[Any], paths: PredictionPaths) -> pa.Table | None:
    block = Block(file=File(path="x", size=0), line=1, content=content(records))
    return paths.at_once(record_table(Batch(blocks=(block,))))


def one_by_one(
    records: list[dict[str, Any]], paths: PredictionPaths
) -> list[list[str | None]] | None:
    """The rows; None where a record cannot be judged."""
    try:
        return [row for record in records for row in paths.rows(Record.from_document(record))]
    except UnreadableError:
        return None


@settings(max_examples=300, deadline=None)
@given(
    pairs=st.lists(st.tuples(PAYLOADS, PAYLOADS), min_size=1, max_size=5),
    paths=st.sampled_from(PATHS),
)
def test_all_at_once_is_one_by_one(pairs: list[tuple[str, str]], paths: PredictionPaths) -> None:
    records = [merged(*pair) for pair in pairs]

    found = at_once(records, paths)

    if found is not None:
        assert [list(row.values()) for row in found.to_pylist()] == one_by_one(records, paths)


@pytest.mark.parametrize("paths", PATHS)
def test_what_an_endpoint_answers_is_read_at_once(paths: PredictionPaths) -> None:
    records = [merged("1\n", "0.25,0"), merged(" 0", "0.75,1\r\n")]

    found = at_once(records, paths)

    assert found is not None
    assert [list(row.values()) for row in found.to_pylist()] == one_by_one(records, paths)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(merged("1", "0.5") | {"captureData": {}}, id="no answer"),
        pytest.param(merged("1", "0.5") | {"groundTruthData": None}, id="no truth"),
        pytest.param(merged("1", '"0.5"'), id="quotes"),
        pytest.param(merged("1\n0", "0.5\n0.25"), id="several rows"),
        pytest.param(merged("", "0.5"), id="nothing"),
        pytest.param(merged("1", "MC41", encoding="BASE64"), id="another encoding"),
    ],
)
def test_the_rest_is_left_to_reading_one_by_one(record: Any) -> None:
    assert at_once([record, merged("1", "0.5")], PATHS[0]) is None
