"""Lines of captured data that have one shape, cut into columns without a parse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native.slicing import MOST_BYTES, cut_json, is_utf8, is_worth_cutting, line_offsets
from driftkit.records.json_shape import shape_of

if TYPE_CHECKING:
    from driftkit.native.slicing import Cut


def alike(content: bytes, schema: pa.Schema) -> pa.Table | None:
    """The records of some lines; None where they are not of one shape, or too few.

    Args:
        content: the lines.
        schema: what is read of a record: texts, in objects of any depth.
    """
    if not content.endswith(b"\n"):
        content += b"\n"
    if not is_worth_cutting(len(content)) or len(content) > MOST_BYTES or not is_utf8(content):
        return None
    head = content[: content.find(b"\n") + 1].decode()
    shape = shape_of(head)
    if shape is None:
        return None
    data = np.frombuffer(content, np.uint8)
    offsets = line_offsets(data)
    fits = np.ones(len(offsets) - 1, np.uint8)
    cut = cut_json(offsets, data, (shape.text, shape.stops), fits)
    if not fits.all():
        return None
    return _Reader(cut, {name: place for place, name in enumerate(shape.row)}).table(schema)


class _Reader:
    """Puts the values of lines together to a table.

    Args:
        cut: the values.
        places: of the values, by the path to them.
    """

    def __init__(self, cut: Cut, places: dict[str, int]) -> None:
        self._cut = cut
        self._places = places

    def table(self, schema: pa.Schema) -> pa.Table | None:
        """The columns of a schema; None if one of them is not text."""
        columns = [self._column(field.name, field.type) for field in schema]
        if any(column is None for column in columns):
            return None
        return pa.Table.from_arrays(columns, schema=schema)

    def _column(self, path: str, kind: pa.DataType) -> pa.Array | None:
        if pa.types.is_struct(kind):
            return self._struct(path, kind)
        place = self._places.get(path)
        if place is None:
            inside = any(each.startswith(f"{path}.") for each in self._places)
            return None if inside else pa.nulls(self._cut.starts.shape[1], kind)
        return self._cut.texts(place) if self._cut.is_quoted(place) else None

    def _struct(self, path: str, kind: pa.StructType) -> pa.Array | None:
        if path in self._places:
            return None
        fields = [kind.field(number) for number in range(kind.num_fields)]
        inner = [self._column(f"{path}.{field.name}", field.type) for field in fields]
        if any(column is None for column in inner):
            return None
        return pa.StructArray.from_arrays(inner, fields=fields)
