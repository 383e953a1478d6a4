"""Counts of features on their cells, block of time by block, and how they are kept."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast, get_args

import numpy as np
import pyarrow as pa

from driftkit.formats.mapping import Node
from driftkit.native.arrays import values_of
from driftkit.native.arrow_arrays import array_of
from driftkit.states.cells.grid_storage import (
    GRID_FIELDS,
    grid_columns,
    read_grids,
    without_hashed,
)
from driftkit.states.schemas import COUNTS, NUMBER
from driftkit.states.state_files import impossible, read_alone, written_alone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.cells.grids import Grid

FILE = "cells.arrow"
MONITOR = "data_quality_cells"
VERSION = 2
HOURS = 24

_FIELDS = {
    **GRID_FIELDS,
    "counts": pa.binary(),
    "missing": COUNTS,
    "allowance": pa.list_(NUMBER),
}
_SCHEMA = pa.schema([pa.field(name, kind, nullable=False) for name, kind in _FIELDS.items()])
_SCHEMAS = {1: without_hashed(_SCHEMA), VERSION: _SCHEMA}
# A block's counts are small numbers; most of their bytes are zero.
_LEVEL = 1
_LONG = np.dtype("<i8")

Standing = Literal["ordinary", "alarmed", "accepted"]
_STANDINGS: tuple[Standing, ...] = get_args(Standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A span of time whose rows are counted together.

    Attributes:
        start: its beginning; None where it is not known.
        standing: whether it may be a reference for others: ordinary ones are until an alarm is
            raised, alarmed ones are not, accepted ones are for somebody said so.
        different: the features that differed from the baseline beyond sampling.
        unusual: the features that were none of the reference's days.
        alone: those of both that the block shows by itself, without those before it.
        hours: its rows by hour of the day in UTC, 24 numbers; none where they are not known.
    """

    start: datetime | None = None
    standing: Standing = "ordinary"
    different: tuple[str, ...] = ()
    unusual: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()


class Tables(Protocol):
    """Of each feature, blocks by its cells."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Integers]: ...
    def __getitem__(self, index: int, /) -> Integers: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    """The blocks of all parts, which are put together when a feature is asked for."""

    parts: tuple[Tables, ...]

    def __len__(self) -> int:
        return len(self.parts[0])

    def __iter__(self) -> Iterator[Integers]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, index: int) -> Integers:
        return np.concatenate([each[index] for each in self.parts])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellCounts:
    """Counts of features in blocks of time.

    Attributes:
        unit: "day", "hour" or "week", the length of a block; None where blocks have none.
        by: the column with the rows' times; None where blocks have none.
        grids: the cells of each feature.
        blocks: in the order of time.
        counts: of each feature, blocks by its cells, in integers as short as they may be: their sums
            are long ones.
        missing: rows without a value, features by blocks.
        allowance: how far a share of rows up to a cell may be off by a sketch, features by blocks.
    """

    unit: str | None = None
    by: str | None = None
    grids: tuple[Grid, ...] = ()
    blocks: tuple[Block, ...] = ()
    counts: Tables = ()
    missing: Integers
    allowance: Floats

    @property
    def present(self) -> Integers:
        """Rows with a value, features by blocks."""
        found = [each.sum(axis=1) for each in self.counts]
        return np.array(found, np.int64).reshape(self.missing.shape)

    def __add__(self, other: CellCounts) -> CellCounts:
        """The blocks of both; the other ones on the cells of these.

        A feature that the others do not have, or have on other cells, has no rows there.
        """
        return self.joined([other])

    def joined(self, others: Sequence[CellCounts]) -> CellCounts:
        """The same of many, without adding them up one by one."""
        parts = [self, *(each.on(self.grids) for each in others)]
        return CellCounts(
            unit=self.unit,
            by=self.by,
            grids=self.grids,
            blocks=tuple(block for each in parts for block in each.blocks),
            counts=_Joined(parts=tuple(each.counts for each in parts)),
            missing=np.concatenate([each.missing for each in parts], axis=1),
            allowance=np.concatenate([each.allowance for each in parts], axis=1),
        )

    def on(self, grids: tuple[Grid, ...]) -> CellCounts:
        """The counts of some features; no rows of those that are not counted on these cells."""
        if grids == self.grids:
            return self
        blocks, known = len(self.blocks), {grid: i for i, grid in enumerate(self.grids)}
        indices = [known.get(grid) for grid in grids]
        nothing = np.zeros(blocks)
        return replace(
            self,
            grids=grids,
            counts=tuple(
                np.zeros((blocks, grid.cells), np.int8) if at is None else self.counts[at]
                for grid, at in zip(grids, indices, strict=True)
            ),
            missing=np.array(
                [nothing if at is None else self.missing[at] for at in indices], np.int64
            ).reshape(len(grids), blocks),
            allowance=np.array(
                [nothing if at is None else self.allowance[at] for at in indices], np.float64
            ).reshape(len(grids), blocks),
        )

    def together(self) -> CellCounts:
        """All blocks as one, which begins with the first; errors of sketches in one direction."""
        present = self.present
        doubt = (present * self.allowance).sum(axis=1, keepdims=True)
        return replace(
            self,
            blocks=(replace(self.blocks[-1], start=self.blocks[0].start),),
            counts=tuple(each.sum(axis=0, keepdims=True) for each in self.counts),
            missing=self.missing.sum(axis=1, keepdims=True),
            allowance=doubt / np.maximum(present.sum(axis=1, keepdims=True), 1),
        )

    def only(self, kept: Sequence[int]) -> CellCounts:
        """Some of the blocks, by their indices."""
        if list(kept) == list(range(len(self.blocks))):
            return self
        return replace(
            self,
            blocks=tuple(self.blocks[index] for index in kept),
            counts=tuple(each[kept] for each in self.counts),
            missing=self.missing[:, kept],
            allowance=self.allowance[:, kept],
        )

    def but(self, names: Collection[str]) -> CellCounts:
        """The same with no rows of some features."""
        if not names:
            return self
        gone = np.array([grid.name in names for grid in self.grids])[:, None]
        return replace(
            self,
            counts=tuple(
                np.zeros_like(counts) if grid.name in names else counts
                for grid, counts in zip(self.grids, self.counts, strict=True)
            ),
            missing=np.where(gone, 0, self.missing),
        )

    def standing(self, standing: Standing) -> CellCounts:
        """The same, with all blocks standing so."""
        return replace(self, blocks=tuple(replace(each, standing=standing) for each in self.blocks))

    def dumps(self) -> bytes:
        """The content of a file."""
        about = {"unit": self.unit, "by": self.by, "blocks": [_block(each) for each in self.blocks]}
        columns = [
            *grid_columns(self.grids),
            [zlib.compress(each.astype(_LONG).tobytes(), _LEVEL) for each in self.counts],
            list(self.missing),
            list(self.allowance),
        ]
        arrays = [array_of(each, field.type) for each, field in zip(columns, _SCHEMA, strict=True)]
        batch = pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)
        return written_alone(MONITOR, VERSION, about, batch)


def loads(content: bytes | pa.Buffer, where: str) -> CellCounts:
    """The counts of a file.

    Args:
        content: of the file.
        where: its path, for messages.

    Raises:
        FormatError: it is none of counts, of a later version, cut off or damaged, or no rows can
            have such counts.
    """
    node, batch = read_alone(content, where, MONITOR, _SCHEMAS)
    blocks = tuple(_read_block(each) for each in node.children("blocks"))
    grids = tuple(read_grids(batch))
    counts = [
        _counts(packed.as_py(), len(blocks), grid, where)
        for packed, grid in zip(batch.column("counts"), grids, strict=True)
    ]
    missing = _table(batch, "missing", len(blocks), where, np.int64)
    allowance = _table(batch, "allowance", len(blocks), where, np.float64)
    if (missing < 0).any():
        raise impossible(where, "missing", "0 or more")
    return CellCounts(
        unit=node.maybe(Node.text, "unit"),
        by=node.maybe(Node.text, "by"),
        grids=grids,
        blocks=blocks,
        counts=tuple(counts),
        missing=missing,
        allowance=allowance,
    )


def _block(block: Block) -> dict[str, Any]:
    return {
        "start": block.start.isoformat() if block.start else None,
        "standing": block.standing,
        "different": list(block.different),
        "unusual": list(block.unusual),
        "alone": list(block.alone),
        "hours": list(block.hours),
    }


def _read_block(node: Node) -> Block:
    return Block(
        start=node.maybe(_moment, "start"),
        standing=cast("Standing", node.choice("standing", {each: each for each in _STANDINGS})),
        different=node.texts("different"),
        unusual=node.texts("unusual"),
        alone=node.texts("alone"),
        hours=node.defaulted(_hours, "hours", ()),
    )


def _hours(node: Node, key: str) -> tuple[int, ...]:
    found = node.row(key)
    if len(found) not in {0, HOURS} or any(each < 0 or each != int(each) for each in found):
        raise node.wrong(key, f"{HOURS} counts of rows, or none", node.value[key])
    return tuple(map(int, found))


def _moment(node: Node, key: str) -> datetime:
    text = node.text(key)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise node.wrong(key, "a time of ISO 8601", text) from error


def _counts(packed: bytes, blocks: int, grid: Grid, where: str) -> Integers:
    size = blocks * grid.cells * _LONG.itemsize
    unpacking = zlib.decompressobj()
    try:
        # No more than the counts need, whatever the bytes claim.
        found = unpacking.decompress(packed, size + 1)
    except zlib.error as error:
        raise impossible(where, "counts", "packed counts", str(error)) from error
    if len(found) != size or len(grid.atoms) not in {0, grid.cells}:
        raise impossible(where, "counts", f"a count for each cell and block of {grid.name!r}")
    rows = np.frombuffer(found, _LONG).reshape(blocks, grid.cells)
    if (rows < 0).any():
        raise impossible(where, "counts", "0 or more")
    return narrowed(rows)


def narrowed(counts: Integers) -> Integers:
    """The same counts in as few bytes as hold them: those of two months have mostly zeros before them."""
    most = counts.max(initial=0)
    kinds: tuple[Any, ...] = (np.int8, np.int16, np.int32, np.int64)
    return counts.astype(next(kind for kind in kinds if most <= np.iinfo(kind).max))


def _table(batch: pa.RecordBatch, name: str, blocks: int, where: str, kind: type[Any]) -> Any:
    column = batch.column(name)
    if len(column.values) != batch.num_rows * blocks:
        raise impossible(where, name, "a number for each feature and block")
    return np.array(values_of(column.values), kind).reshape(batch.num_rows, blocks)
