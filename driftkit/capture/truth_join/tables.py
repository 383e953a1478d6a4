"""Reads blocks of captures and ground truth as Arrow tables.

A block is plain when its lines differ in their texts only, as the lines of an endpoint's captures
do. Any other block is read record by record, with the same result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.record import TRUTH, Event
from driftkit.capture.template import cut_at_quotes, mark
from driftkit.capture.truth_join.records import Capture, Label, captures_of, labels_of, merged_line
from driftkit.capture.window import all_in_utc
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from driftkit.capture.template import Pieces

_TEXT = pa.string()
SEEN = pa.schema([("key", _TEXT), ("event", _TEXT), ("number", pa.int64()), ("time", _TEXT)])
MATCHED = pa.schema([("number", pa.int64()), ("data", _TEXT), ("encoding", _TEXT)])
_DATA, _ENCODING = "data", "encoding"


class PlainCaptures(NamedTuple):
    """A plain block of an endpoint's captures.

    Attributes:
        ids: key, event and time of each line.
        pieces: of the block.
        record: its first line, with marks for its values.
    """

    ids: pa.Table
    pieces: Pieces
    record: Capture

    def merged(self, matched: pa.Table, rows: np.ndarray) -> pa.Array:
        """The merged lines of some records, each with its end.

        Args:
            matched: data and encoding of their labels.
            rows: their numbers in the block, ascending.
        """
        marked = merged_line(self.record, mark(_DATA), mark(_ENCODING)) + b"\n"
        # The label's data are JSON text already.
        marked = marked.replace(orjson.dumps(mark(_DATA)), mark(_DATA).encode())
        others = {name: matched.column(name).combine_chunks() for name in (_DATA, _ENCODING)}
        others[_ENCODING] = _escaped(others[_ENCODING])
        return self.pieces.filled(marked, rows, others)


def captures(content: bytes) -> PlainCaptures | None:
    """A plain block of an endpoint's captures, all of which have an id; None of any other."""
    cut = cut_at_quotes(content)
    record = None if cut is None else _captured(cut[0].template.line)
    if cut is None or record is None:
        return None
    lines, pieces = cut
    found = Event.of(record.content)
    # The mark of an inferenceId stands for an empty one too, which is none.
    event, inferences, time = map(lines.texts, (found.event_id, found.inference_id, record.time))
    key = pc.if_else(pc.equal(inferences, ""), event, inferences)
    if pc.any(pc.equal(key, "")).as_py():
        return None
    ids = pa.table({"key": key, "event": event, "time": all_in_utc(time)})
    return PlainCaptures(ids, pieces, record)


def labels(content: bytes) -> pa.Table | None:
    """The labels of plain lines of ground truth without their hours; None of any other."""
    cut = cut_at_quotes(content)
    label = None if cut is None else _label(cut[0].template.line)
    if cut is None or label is None:
        return None
    lines, pieces = cut
    key, encoding = lines.texts(label.key), lines.texts(label.encoding)
    if pc.any(pc.or_(pc.equal(key, ""), pc.equal(encoding, ""))).as_py():
        return None
    return pa.table({"key": key, "data": pieces.each(label.data), "encoding": encoding})


def _captured(marked: bytes) -> Capture | None:
    """The first line as a captured record of an endpoint, with marks for its values."""
    try:
        found = captures_of(marked)
    except UnreadableError:
        return None
    return found[0] if len(found) == 1 and not found[0].batch else None


def _label(marked: bytes) -> Label | None:
    """The first line as one label that says how it is encoded; None of any other."""
    document = orjson.loads(marked)
    truth = document.get(TRUTH) if isinstance(document, dict) else None
    if not isinstance(truth, dict) or not truth.get("encoding"):
        return None
    found, _ = labels_of(marked, "")
    return found[0] if found else None


def _escaped(texts: pa.Array) -> pa.Array:
    """Texts as they stand between the quotes of JSON."""
    if not pc.any(pc.match_substring_regex(texts, "[^ !#-\\[\\]-~]")).as_py():
        return texts
    return pa.array([orjson.dumps(text).decode()[1:-1] for text in texts.to_pylist()], _TEXT)


def together(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    """All rows of some tables of one schema."""
    return pa.concat_tables(
        [schema.empty_table(), *(table.select(schema.names) for table in tables)]
    )
