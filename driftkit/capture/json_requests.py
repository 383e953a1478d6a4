"""JSON payloads of captured requests as text columns.

Payloads of one endpoint are mostly alike but for their values. Those of a shape are cut apart
together, without a parse; all others are parsed one by one, and their rows put in their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.pairs import Pair, joined, pairs
from driftkit.capture.record import INPUT, OUTPUT
from driftkit.capture.template import shape_of
from driftkit.native.slicing import is_worth_cutting, offsets_and_data, slice_json
from driftkit.readers.dataset import TableChunk
from driftkit.readers.json_values import from_json, text_of
from driftkit.readers.lines import Tally, text_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from driftkit.capture.table import RecordTable
    from driftkit.columns.chunk import Rejections
    from driftkit.native.slicing import Slices
    from driftkit.readers.json_values import JsonRow

    Numbers = npt.NDArray[np.int64]

UNKNOWN_FIELDS = "with fields that the records looked at first do not have"
OTHER_ENCODING = "of another encoding than most"
# So many shapes are tried; optional fields make more than one.
_SHAPES = 4
# Between these Arrow writes doubles as Python does, but for whole ones.
_SMALLEST, _LARGEST = 1e-4, 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Rows and the numbers of the records that they are from."""

    table: pa.Table
    records: Numbers


def json_chunk(found: RecordTable, names: tuple[str, ...]) -> TableChunk:
    """The rows of captured JSON payloads with these fields; other records are set aside."""
    left, others = np.arange(found.count), np.empty(0, np.int64)
    parts: list[_Rows] = []
    for _ in range(_SHAPES if is_worth_cutting(found.columns.nbytes) else 0):
        part = _same_shape(_some(found, left), names) if len(left) else None
        if part is not None:
            parts.append(_Rows(table=part.table, records=left[part.records]))
        else:
            others = np.append(others, left[:1])
        left = np.delete(left, part.records if part is not None else slice(0, 1))
    others = np.append(others, left)
    part, rejected = _one_by_one(_some(found, others), names)
    parts.append(_Rows(table=part.table, records=others[part.records]))
    return TableChunk(table=_in_order(parts), rejected=rejected)


def _some(found: RecordTable, numbers: Numbers) -> RecordTable:
    if len(numbers) == found.count:
        return found
    mask = np.zeros(found.count, np.bool_)
    mask[numbers] = True
    return found.kept(pa.array(mask))


def _in_order(parts: Sequence[_Rows]) -> pa.Table:
    filled = [part for part in parts if part.table.num_rows] or [parts[-1]]
    if len(filled) == 1:
        return filled[0].table
    order = np.argsort(np.concatenate([part.records for part in filled]), kind="stable")
    return pa.concat_tables([part.table for part in filled]).take(pa.array(order))


def _one_by_one(found: RecordTable, names: tuple[str, ...]) -> tuple[_Rows, Rejections]:
    known = frozenset(names)
    rows: list[JsonRow] = []
    records: list[int] = []
    rejections = Tally(found.rejected)
    for number, pair in enumerate(pairs(found)):
        reason = _unread(pair, known)
        if reason:
            rejections.append(found.rejection(number, reason))
        elif isinstance(pair, Pair):
            some = pair.json_rows()
            rows += some
            records += [number] * len(some)
    table = text_table(rows, names)
    return _Rows(table=table, records=np.array(records, np.int64)), rejections.total


def _unread(pair: Pair | str, known: frozenset[str]) -> str | None:
    """Why the rows of a record are set aside."""
    if isinstance(pair, str):
        return pair
    if pair.encoding != "JSON":
        return OTHER_ENCODING
    if any(row.keys() - known for row in pair.json_rows()):
        return UNKNOWN_FIELDS
    return None


def _same_shape(found: RecordTable, names: tuple[str, ...]) -> _Rows | None:
    """The rows of the records that have the shape of the first; None if that has none."""
    sides = [_Side(found=found, name=name) for name in (INPUT, OUTPUT)]
    first = [side.first() for side in sides]
    fits = np.ones(found.count, np.uint8)
    for side, payload in zip(sides, first, strict=True):
        fits &= side.captured() if payload is not None else np.asarray(pc.is_null(side.data))
    shapes = [None if payload is None else shape_of(payload) for payload in first]
    if any(
        shape is None and payload is not None for shape, payload in zip(shapes, first, strict=True)
    ):
        return None
    fields = list(joined(*(shape.row if shape else {} for shape in shapes)))
    if not fields or set(fields) - set(names):
        return None
    cuts = [
        slice_json(*offsets_and_data(side.data), (shape.text, shape.stops), fits)
        for side, shape in zip(sides, shapes, strict=True)
        if shape
    ]
    if not fits[0]:
        return None
    kept = np.flatnonzero(fits)
    texts = [text for cut in cuts for text in _values(cut, kept)]
    columns = dict(zip(fields, texts, strict=True))
    nothing = pa.nulls(len(kept), pa.string())
    table = pa.table({str(n): columns.get(name, nothing) for n, name in enumerate(names)})
    return _Rows(table=table, records=kept)


def _values(cut: Slices, kept: Numbers) -> Iterator[pa.Array]:
    """All values of the payloads that are kept, numbers as Python writes them."""
    whole = len(kept) == cut.starts.shape[1]
    columns = cut.columns(len(kept)) if whole else None
    for value in range(len(cut.starts)):
        texts = columns[value] if columns is not None else cut.texts(value, kept)
        yield _with_numbers(texts, cut.numbers(value, slice(None) if whole else kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """What was sent, or what was answered."""

    found: RecordTable
    name: str

    @property
    def data(self) -> pa.Array:
        """The payloads."""
        return self.found.part(self.name, "data")

    def first(self) -> str | None:
        """The payload of the first record."""
        found: str | None = self.data[0].as_py()
        return found

    def captured(self) -> npt.NDArray[np.bool_]:
        """Which records have a payload of JSON."""
        encoded = pc.equal(self.found.part(self.name, "encoding"), "JSON")
        return np.asarray(pc.and_(pc.fill_null(encoded, fill_value=False), pc.is_valid(self.data)))


def _with_numbers(texts: pa.Array, chosen: npt.NDArray[np.bool_]) -> pa.Array:
    """The texts with some numbers as Python writes them."""
    if not chosen.any():
        return texts
    mask = pa.array(chosen)
    numbers = texts.filter(mask)
    doubles = pc.cast(numbers, pa.float64())
    written = pc.cast(doubles, pa.string())
    if not _are_written_alike(np.abs(np.asarray(doubles))):
        written = pa.array([from_json(text, text_of) for text in numbers.to_pylist()], pa.string())
    return pc.replace_with_mask(texts, mask, written)


def _are_written_alike(sizes: npt.NDArray[np.float64]) -> bool:
    """Whether Arrow writes all numbers of these sizes as Python does."""
    if sizes.min() < _SMALLEST or sizes.max() >= _LARGEST:
        return False
    return bool((sizes % 1 != 0).all())
