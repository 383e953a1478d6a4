"""Validates states that were read: rejects what no rows can have."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from struct import error as StructError
from struct import unpack_from
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.columns.types import InferredType
from driftkit.errors import FormatError
from driftkit.states.profile.column import STATES
from driftkit.states.profile.state_table import StateTable, has_gaps
from driftkit.states.storage_about import AGAIN
from driftkit.states.storage_columns import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.states.schemas import Finding

_TYPES = frozenset([None, *map(str, InferredType)])
_FILLED = tuple(field.name for field in SCHEMA if not field.nullable)
# Offsets of joined lists end at 2 GB.
_MOST_BYTES = 2**30
# Of the tables by which Arrow's messages are described: where the first field's place stands.
_FIRST_FIELD = 4
_HEADER, _COMPRESSION = 2, 3


def is_packed(metadata: pa.Buffer) -> bool:
    """Whether a record batch is compressed, which no states are: a few bytes may unpack to all memory.

    Source: Arrow's Message.fbs; the fourth field of a RecordBatch says how its buffers are packed.
    """
    try:
        root = unpack_from("<I", metadata, 0)[0]
        header = root + _field(metadata, root, _HEADER)
        return bool(_field(metadata, header + unpack_from("<I", metadata, header)[0], _COMPRESSION))
    except StructError:
        return True


def _field(metadata: pa.Buffer, table: int, number: int) -> int:
    """Where a field of a flat table is, counted from the table; 0 where it is left out."""
    described = table - unpack_from("<i", metadata, table)[0]
    index = _FIRST_FIELD + 2 * number
    if index >= unpack_from("<H", metadata, described)[0]:
        return 0
    return int(unpack_from("<H", metadata, described + index)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSketches:
    """A batch of states as it was read, its buffers validated.

    Attributes:
        batch: a row a column.
        rows: of the table that they are of.
        where: the file, for messages.
        size: bytes of the batch.
    """

    batch: pa.RecordBatch
    rows: int
    where: str
    size: int


def refuse_impossible(kept: Sequence[SavedSketches]) -> None:
    """Refuses batches of states if no tables of so many rows have them.

    Raises:
        FormatError: so it is; the error names file, column and field.
    """
    filled = [each for each in kept if each.batch.num_rows]
    together = sum(each.size for each in filled) <= _MOST_BYTES
    for some in [filled] if together else [[each] for each in filled]:
        if some:
            _refuse(some)


def _refuse(filled: Sequence[SavedSketches]) -> None:
    table = StateTable([each.batch for each in filled], [each.rows for each in filled])
    for name in _FILLED:
        if table.has_gaps(name):
            _refuse_gaps(filled, name)
    for check in (_names, *(schema.check for schema in STATES.values())):
        for field, expected, wrong in check(table):
            if wrong.any():
                raise _impossible(filled, int(np.argmax(wrong)), field, expected)


def _refuse_gaps(kept: Sequence[SavedSketches], name: str) -> None:
    for each in kept:
        column = each.batch.column(name)
        if has_gaps(column):
            wrong = [_lacks(value) for value in column.to_pylist()].index(True)
            raise _impossible([each], wrong, name, "a value in every place")


def _lacks(value: Any) -> bool:
    return value is None or (isinstance(value, list) and any(map(_lacks, value)))


def _names(table: StateTable) -> Iterator[Finding]:
    names = table.array("name").to_pylist()
    for start, stop in pairwise(table.starts.tolist()):
        own = names[start:stop]
        if len(set(own)) < len(own):
            wrong = np.array(
                [
                    index >= start and names.index(name, start) < index
                    for index, name in enumerate(names[:stop])
                ]
            )
            yield "name", "every column once", wrong
    declared = table.array("declared").to_pylist()
    if not _TYPES.issuperset(declared):
        wrong = np.array([each not in _TYPES for each in declared])
        yield "declared", f"null or one of {', '.join(map(str, InferredType))}", wrong


def _impossible(
    kept: Sequence[SavedSketches], index: int, field: str, expected: str
) -> FormatError:
    for each in kept:
        if index < each.batch.num_rows:
            break
        index -= each.batch.num_rows
    name = each.batch.column("name")[index].as_py()
    return FormatError(
        f"the states of column {name!r} are impossible",
        where=f"{each.where}, field {field}",
        expected=expected,
        found=_shown(each.batch.column(field)[index]),
        todo=AGAIN,
    )


def _shown(value: Any) -> str:
    if isinstance(value, pa.ListScalar):
        return f"{len(value.values) if value.is_valid else 'no'} of them"
    return "other bytes" if isinstance(value, pa.FixedSizeBinaryScalar) else repr(value.as_py())
