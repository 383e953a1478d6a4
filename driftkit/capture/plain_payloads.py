"""Payloads that are a plain line of CSV, of many records at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.paths import place_of

if TYPE_CHECKING:
    from driftkit.capture.table import RecordTable

# All that is no plain text of one line.
_ODD = r"[^ !#-~]"


def plain_lines(found: RecordTable, part: str) -> pa.Array | None:
    """The payload of every record without its line's end; None if one is not plain CSV."""
    data = found.part(part, "data")
    if data.null_count or not pc.all(pc.equal(found.part(part, "encoding"), "CSV")).as_py():
        return None
    texts = pc.replace_substring_regex(data, r"[\r\n]+$", "")
    odd = pc.or_(pc.equal(texts, ""), pc.match_substring_regex(texts, _ODD))
    return None if pc.any(odd).as_py() else texts


def only_field(texts: pa.Array) -> pa.Array | None:
    """The fields of lines that have one."""
    return None if pc.any(pc.match_substring(texts, ",")).as_py() else _stripped(texts)


def field_at(texts: pa.Array, path: str) -> pa.Array | None:
    """The field at a place; None if a line is too short."""
    index, fields = place_of(path), pc.split_pattern(texts, ",")
    if pc.any(pc.less_equal(pc.list_value_length(fields), index)).as_py():
        return None
    return _stripped(pc.list_element(fields, index))


def _stripped(texts: pa.Array) -> pa.Array:
    stripped = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(stripped, ""), pa.scalar(None, pa.string()), stripped)
