"""Serialises states as an Arrow stream, and validates it when it is read.

The format is documented in docs/states.md. A file begins with a schema whose metadata say what is
in it; then comes one record batch for each table, in which a row is the state of a column.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.errors import FormatError
from driftkit.states.partitions.partition import Partition, TableState
from driftkit.states.profile.distinct import REGISTERS
from driftkit.states.profile.kll import SHRINKING_FACTOR, SKETCH_SIZE
from driftkit.states.state_files import (
    DATA_QUALITY,
    FILE,
    checksum_of,
    is_states,
    next_batch,
    opened,
    stream_of,
)
from driftkit.states.states import Part
from driftkit.states.storage_about import (
    AGAIN,
    partition_to_dict,
    read_about,
    rejections_to_dict,
    windows_to_dict,
)
from driftkit.states.storage_checks import SavedSketches, refuse_impossible
from driftkit.states.storage_columns import (
    SCHEMA,
    SCHEMAS,
    VERSION,
    batch_of,
    columns_of,
    damaged_column,
    upgraded,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftkit.states.states import States
    from driftkit.states.storage_about import About, Described

__all__ = ["FILE", "dumps", "is_states", "loads", "part_of", "parts_of"]

# States of so many columns are looked through in one go.
_COLUMNS_AT_ONCE = 1024
_SKETCH = {"k": SKETCH_SIZE, "c": SHRINKING_FACTOR}


def dumps(states: States) -> bytes:
    """The content of a states file."""
    return b"".join(dumped(states))


def dumped(states: States) -> Iterator[bytes]:
    """The content of a states file part by part.

    It begins with what is said of all of its tables, so that each is made twice: those of months,
    or of many segments, take as much memory as the states themselves.
    """
    tables = list(_tables(states.table))
    checksums, signatures = [], []
    for _, table in tables:
        batch = batch_of(table.columns)
        checksums.append(batch.column("checksum").to_pylist())
        signatures.append(checksum_of(batch.serialize()))
    about = {
        "version": VERSION,
        "sketch": _SKETCH,
        "registers": REGISTERS,
        **windows_to_dict(states.windows),
        **({"derived": states.derivation.to_dict()} if states.derivation else {}),
        "splits": [partition_to_dict(split) for split in states.table.partitions],
        "tables": [
            {
                **of_what,
                "rows": table.rows,
                "rejected": rejections_to_dict(table.rejected),
                "checksum": signature,
            }
            for (of_what, table), signature in zip(tables, signatures, strict=True)
        ],
    }
    batches = (
        batch_of(table.columns, known).serialize().to_pybytes()
        for (_, table), known in zip(tables, checksums, strict=True)
    )
    yield from stream_of(about, SCHEMA, batches)


def loads(content: bytes | pa.Buffer, where: str) -> States:
    """The states of a file, as `part_of` checks them."""
    return part_of(content, where).states()


def part_of(content: bytes | pa.Buffer, where: str) -> Part:
    """The states of a file, checked but not taken apart, to be added up.

    Args:
        content: of the file.
        where: its path, for messages.

    Raises:
        FormatError: the file is none of states, of a newer version or other parameters, cut off
            or damaged, or no rows can have such states.
    """
    return next(parts_of([(content, where)]))


def parts_of(files: Iterable[tuple[bytes | pa.Buffer, str]]) -> Iterator[Part]:
    """The states of files, as `part_of` checks them, some at a time.

    Args:
        files: content and path of each.

    Raises:
        FormatError: as `part_of`.
    """
    read: list[_Read] = []
    held = 0
    for content, where in files:
        read.append(_read(content, where))
        held += sum(each.batch.num_rows for each in read[-1].tables)
        if held >= _COLUMNS_AT_ONCE:
            yield from _checked(read)
            read, held = [], 0
    yield from _checked(read)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A file whose buffers can be looked at: what is in them is not believed yet."""

    about: About
    tables: tuple[SavedSketches, ...]

    def part(self) -> Part:
        """The states."""
        whole, described = self.tables[0], self.about.tables[0]
        parts = [
            TableState(rows=about.rows, columns=columns_of(kept.batch), rejected=about.rejected)
            for about, kept in zip(self.about.tables[1:], self.tables[1:], strict=True)
        ]
        return Part(
            name=whole.where,
            windows=self.about.windows,
            rows=described.rows,
            rejected=described.rejected,
            derivation=self.about.derivation,
            partitions=tuple(_partitions(parts, self.about)),
            columns=whole.batch,
        )


def _read(content: bytes | pa.Buffer, where: str) -> _Read:
    reader, described = opened(content, where, DATA_QUALITY, _schema_of)
    _same_parameters(described, where)
    about = read_about(described, where)
    tables = tuple(_batch(reader, each, described["version"], where) for each in about.tables)
    for part in tables[1:]:
        _same_columns(tables[0].batch, part.batch, where)
    return _Read(about=about, tables=tables)


def _checked(read: Sequence[_Read]) -> Iterator[Part]:
    refuse_impossible([table for each in read for table in each.tables])
    for each in read:
        yield each.part()


def _tables(table: TableState) -> Iterator[tuple[dict[str, Any], TableState]]:
    """All tables of a state and where they belong, the whole first."""
    yield {}, table
    for number, split in enumerate(table.partitions):
        for key, part in split.parts.items():
            yield {"split": number, "key": list(key)}, part
        if split.rest is not None:
            yield {"split": number, "rest": True}, split.rest


def _partitions(parts: Sequence[TableState], about: About) -> Iterator[Partition]:
    pairs = list(zip(about.tables[1:], parts, strict=True))
    for number, (by, unit) in enumerate(about.partitions):
        mine = [(described, part) for described, part in pairs if described.split == number]
        yield Partition(
            by=by,
            unit=unit,
            parts={described.key: part for described, part in mine if described.key is not None},
            rest=next((part for described, part in mine if described.key is None), None),
        )


def _batch(
    reader: pa.ipc.MessageReader, about: Described, version: int, where: str
) -> SavedSketches:
    found, size = next_batch(
        reader,
        SCHEMAS[version],
        about.checksum,
        where,
        lambda message: damaged_column(message, version),
    )
    return SavedSketches(batch=upgraded(found, version), rows=about.rows, where=where, size=size)


def _schema_of(version: int) -> pa.Schema | None:
    # A file that says to be before the first is damaged, and not later.
    return SCHEMAS.get(version) if version > 0 else pa.schema([])


def _same_columns(whole: pa.RecordBatch, part: pa.RecordBatch, where: str) -> None:
    for field in ("name", "declared"):
        if not part.column(field).equals(whole.column(field)):
            raise FormatError(
                "the parts of a table have other columns than the whole",
                where=f"{where}, field {field}",
                expected=f"the {whole.num_rows} columns of the whole",
                found=f"{part.num_rows} columns",
                todo=AGAIN,
            )


def _same_parameters(about: Mapping[str, Any], where: str) -> None:
    found = {"sketch": about.get("sketch"), "registers": about.get("registers")}
    expected = {"sketch": _SKETCH, "registers": REGISTERS}
    if found != expected:
        raise FormatError(
            "the sketches have other parameters",
            where=where,
            expected=json.dumps(expected),
            found=json.dumps(found),
            todo="Read the data again; such sketches cannot be added up",
        )
