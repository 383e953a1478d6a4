"""Merged captures whose payloads are a plain line of CSV, read all at once.

Lines of one shape are taken apart together, with the very rows that `judged` finds one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.columns.numbers import is_place
from driftkit.records.merging.uniform import Uniform
from driftkit.records.window import time_of, times_inside

if TYPE_CHECKING:
    from driftkit.records.judged import Paths
    from driftkit.records.window import Window

# Line ends, as JSON writes them; and all that is no plain text of one line, escapes included.
_ENDS = r"(?:\\[rn])+$"
_ODD = r"[^ !#-\[\]-~]"


def alike(content: bytes, paths: Paths, window: Window | None = None) -> pa.Table | None:
    """Label, prediction and probability of some lines; None where they are not all plain.

    Args:
        content: whole lines.
        paths: where a record says what.
        window: records that were answered at other times are left out; None for no window.
    """
    lines = Uniform.of(content)
    record = None if lines is None else orjson.loads(lines.template.line)
    if lines is None or not isinstance(record, dict):
        return None
    truth, captured = record.get("groundTruthData"), record.get("captureData")
    parts = captured if isinstance(captured, Mapping) else {}
    answer = parts.get("endpointOutput") or parts.get("batchTransformOutput")
    sent, answered = _plain(truth, lines), _plain(answer, lines)
    if sent is None or answered is None:
        return None
    label = _only(sent) if paths.label is None else _field(sent, paths.label)
    wanted = [path for path in (paths.prediction, paths.probability) if path is not None]
    columns = [label, *(_field(answered, path) for path in wanted)]
    if any(column is None for column in columns):
        return None
    table = pa.Table.from_arrays(columns, names=[str(place) for place in range(len(columns))])
    return table if window is None else _inside(table, record, lines, window)


def _inside(table: pa.Table, record: Any, lines: Uniform, window: Window) -> pa.Table | None:
    """The rows of the window; None where a time is not plain."""
    time = time_of(record)
    times = pa.nulls(lines.lines, pa.string()) if time is None else lines.texts(time)
    return None if times is None else table.filter(times_inside(times, window.start, window.end))


def _plain(part: Any, lines: Uniform) -> pa.Array | None:
    """The payload of every line without its line's end; None if one is not plain CSV."""
    if not isinstance(part, Mapping) or not isinstance(part.get("data"), str):
        return None
    encoding = part.get("encoding")
    known = lines.texts(encoding) if isinstance(encoding, str) else None
    if known is None or not pc.all(pc.equal(known, "CSV")).as_py():
        return None
    texts = pc.replace_substring_regex(lines.each(part["data"]), _ENDS, "")
    odd = pc.or_(pc.equal(texts, ""), pc.match_substring_regex(texts, _ODD))
    return None if pc.any(odd).as_py() else texts


def _only(texts: pa.Array) -> pa.Array | None:
    """The fields of lines that have one."""
    return None if pc.any(pc.match_substring(texts, ",")).as_py() else _stripped(texts)


def _field(texts: pa.Array, path: str) -> pa.Array | None:
    """The field at a place, "2" or "_c2"; the first where the path is a name."""
    text = path.removeprefix("_c")
    place = int(text) if is_place(text) else 0
    fields = pc.split_pattern(texts, ",")
    if pc.any(pc.less_equal(pc.list_value_length(fields), place)).as_py():
        return None
    return _stripped(pc.list_element(fields, place))


def _stripped(texts: pa.Array) -> pa.Array:
    stripped = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(stripped, ""), pa.scalar(None, pa.string()), stripped)
