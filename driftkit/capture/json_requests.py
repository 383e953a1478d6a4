"""JSON payloads of captured requests as text columns.

Payloads of one endpoint are mostly alike but for their values. Those of a shape are cut apart
together, without a parse; all others are parsed one by one, and their rows put in their place.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.pairs import PairReader, Rows, joined
from driftkit.capture.record import INPUT, OUTPUT
from driftkit.capture.template import shape_of
from driftkit.native.slicing import is_worth_cutting, offsets_and_data, slice_json
from driftkit.readers.json_values import from_json, text_of
from driftkit.readers.lines import text_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from driftkit.capture.pairs import Numbers, Pair
    from driftkit.capture.table import Mask, RecordTable
    from driftkit.capture.template import JsonShape
    from driftkit.native.slicing import Slices
    from driftkit.readers.dataset import TableChunk
    from driftkit.readers.json_values import JsonRow

UNKNOWN_FIELDS = "with fields that the records looked at first do not have"
OTHER_ENCODING = "of another encoding than most"
# So many shapes are tried; optional fields make more than one.
_SHAPES = 4
# Between these Arrow writes doubles as Python does, but for whole ones.
_SMALLEST, _LARGEST = 1e-4, 1e9


def json_chunk(found: RecordTable, names: tuple[str, ...]) -> TableChunk:
    """The rows of captured JSON payloads with these fields; other records are set aside."""
    known = frozenset(names)

    def rows(pair: Pair) -> list[JsonRow] | str:
        if pair.encoding != "JSON":
            return OTHER_ENCODING
        found = pair.json_rows()
        return UNKNOWN_FIELDS if any(row.keys() - known for row in found) else found

    left = np.ones(found.count, np.bool_)
    others, parts = left.copy(), []
    for _ in range(_SHAPES if is_worth_cutting(found.columns.nbytes) else 0):
        numbers = np.flatnonzero(left)
        part = _same_shape(found.kept(left), names) if numbers.size else None
        taken = numbers[:1] if part is None else numbers[part.records]
        left[taken] = False
        if part is not None:
            others[taken] = False
            parts.append(replace(part, records=taken))
    reader = PairReader(rows=rows, table=partial(text_table, names=names))
    return reader.with_others(found, parts, others)


def _same_shape(found: RecordTable, names: tuple[str, ...]) -> Rows | None:
    """The rows of the records that have the shape of the first; None if that has none."""
    fits = np.ones(found.count, np.uint8)
    shapes: dict[str, JsonShape] = {}
    for side in (INPUT, OUTPUT):
        data = found.part(side, "data")
        first = data[0].as_py()
        if first is None:
            fits &= np.asarray(pc.is_null(data))
            continue
        shape = shape_of(first)
        if shape is None:
            return None
        shapes[side] = shape
        encoded = pc.fill_null(pc.equal(found.part(side, "encoding"), "JSON"), fill_value=False)
        fits &= np.asarray(pc.and_(encoded, pc.is_valid(data)))
    sent, answered = (shapes[side].row if side in shapes else {} for side in (INPUT, OUTPUT))
    fields = list(joined(sent, answered))
    if not fields or set(fields) - set(names):
        return None
    cuts = [
        slice_json(*offsets_and_data(found.part(side, "data")), (shape.text, shape.stops), fits)
        for side, shape in shapes.items()
    ]
    if not fits[0]:
        return None
    kept = np.flatnonzero(fits)
    texts = [text for cut in cuts for text in _values(cut, kept)]
    columns = dict(zip(fields, texts, strict=True))
    nothing = pa.nulls(len(kept), pa.string())
    table = pa.table({str(n): columns.get(name, nothing) for n, name in enumerate(names)})
    return Rows(table=table, records=kept)


def _values(cut: Slices, kept: Numbers) -> Iterator[pa.Array]:
    """All values of the payloads that are kept, numbers as Python writes them."""
    whole = len(kept) == cut.starts.shape[1]
    columns = cut.columns(len(kept)) if whole else None
    for value in range(len(cut.starts)):
        texts = columns[value] if columns is not None else cut.texts(value, kept)
        yield _with_numbers(texts, cut.numbers(value, slice(None) if whole else kept))


def _with_numbers(texts: pa.Array, chosen: Mask) -> pa.Array:
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
