"""A file of states as an Arrow stream: signed, and checked whole before any of it is believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pyarrow as pa

from driftkit.errors import FormatError
from driftkit.formats.mapping import Node
from driftkit.states.storage_about import AGAIN, text_of
from driftkit.states.storage_checks import is_packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

FORMAT = "driftkit states"
FILE = "states.arrow"
DATA_QUALITY = "data_quality"
_KEY = b"driftkit"
# By which a stream of Arrow says that no message follows.
_END = b"\xff\xff\xff\xff\0\0\0\0"
# So much of a file tells what it is.
_HEAD = 65_536


def is_states(head: bytes) -> bool:
    """Whether a file that begins so holds states."""
    return head[:4] == b"\xff\xff\xff\xff" and FORMAT.encode() in head


def stream_of(
    about: Mapping[str, Any], schema: pa.Schema, batches: Iterable[bytes | pa.Buffer]
) -> Iterator[bytes | pa.Buffer]:
    """The content of a file, part by part.

    Args:
        about: what it says of itself, after its format.
        schema: of the batches.
        batches: as they are in a stream, at least one.
    """
    signed = {"format": FORMAT, **about}
    text = text_of({**signed, "checksum": crc32(text_of(signed))})
    yield schema.with_metadata({_KEY: text}).serialize().to_pybytes()
    yield from batches
    yield _END


def checksum_of(batch: bytes | pa.Buffer) -> int:
    """What a file says of a batch as it is in a stream, so that damage is noticed."""
    return _checksum(pa.ipc.read_message(batch))


def digest_of(batch: pa.RecordBatch) -> int:
    """A number that the same rows give again, where their states are the same bytes."""
    return crc32(pa.ipc.read_message(batch.serialize()).body)


def written_alone(
    monitor: str, version: int, about: Mapping[str, Any], batch: pa.RecordBatch
) -> bytes:
    """The content of a file with one batch.

    Args:
        monitor: whose states they are.
        version: of the format of the monitor's states.
        about: what else the file says of itself.
        batch: the states.
    """
    content = batch.serialize()
    described = {"version": version, "monitor": monitor, **about, "batch": checksum_of(content)}
    return b"".join(stream_of(described, batch.schema, [content]))


def read_alone(
    content: bytes | pa.Buffer, where: str, monitor: str, schemas: Mapping[int, pa.Schema]
) -> tuple[Node, pa.RecordBatch]:
    """What such a file says of itself, and its batch.

    Args:
        content: of the file.
        where: its path, for messages.
        monitor: whose states are asked for.
        schemas: of the versions that are known.

    Raises:
        FormatError: as `opened` and `next_batch`.
    """
    reader, about = opened(content, where, monitor, schemas.get)
    node = Node(value=about, file=where)
    batch, _ = next_batch(reader, schemas[about["version"]], node.count("batch"), where)
    return node, batch


def opened(
    content: bytes | pa.Buffer, where: str, monitor: str, schemas: Callable[[int], pa.Schema | None]
) -> tuple[pa.ipc.MessageReader, dict[str, Any]]:
    """The batches of a file that are still to be read, and what it says of itself.

    Args:
        content: of the file.
        where: its path, for messages.
        monitor: whose states are asked for.
        schemas: the schema of a version; None for versions that are not known.

    Raises:
        FormatError: it is none of states, those of another monitor or of a later version, cut off
            or damaged.
    """
    if not is_states(bytes(memoryview(content)[:_HEAD])):
        raise FormatError(
            "this is no file of states",
            where=where,
            expected=f"a {FILE} that driftkit wrote",
            found=f"{memoryview(content).nbytes:,} bytes of something else",
            todo="Name the states.arrow of an earlier run",
        )
    try:
        reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(content))
        message = reader.read_next_message()
        # Another kind of message would be taken for a schema, and lead anywhere in memory.
        if message.type != "schema":
            raise damaged(where, None)
        schema = pa.ipc.read_schema(message)
    except (StopIteration, pa.ArrowException, OSError, ValueError) as error:
        raise cut_off(where, str(error)) from error
    about = _read_about(schema, where)
    _refuse_others(about, where, monitor)
    known = schemas(about["version"])
    if known is None:
        raise FormatError(
            "a later version of driftkit wrote these states",
            where=where,
            expected="a version of the format that this one knows",
            found=f"version {about['version']}",
            todo="Update driftkit",
        )
    if not about.pop("signed") or schema.remove_metadata() != known:
        raise damaged(where, None)
    return reader, about


def next_batch(
    reader: pa.ipc.MessageReader,
    schema: pa.Schema,
    checksum: int,
    where: str,
    broken: Callable[[pa.ipc.Message], str | None] = lambda _: None,
) -> tuple[pa.RecordBatch, int]:
    """The next batch, whose buffers can be looked at, and its size in bytes.

    Args:
        reader: of the file.
        schema: of its batches.
        checksum: that the file has of it.
        where: the file, for messages.
        broken: names the column that is damaged.

    Raises:
        FormatError: it is cut off, damaged or compressed.
    """
    try:
        message = reader.read_next_message()
    except (StopIteration, pa.ArrowException, OSError, ValueError) as error:
        raise cut_off(where, str(error)) from error
    if message.type != "record batch" or is_packed(message.metadata):
        raise damaged(where, None)
    if _checksum(message) != checksum:
        raise damaged(where, broken(message))
    try:
        batch = pa.ipc.read_record_batch(message, schema)
        # Offsets lead anywhere in memory until they are looked at.
        batch.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise cut_off(where, str(error)) from error
    return batch, message.body.size


def _read_about(schema: pa.Schema, where: str) -> dict[str, Any]:
    try:
        about = json.loads((schema.metadata or {})[_KEY])
        signature, version = about.pop("checksum"), int(about["version"])
        signed = crc32(text_of(about))
    except (
        ArithmeticError,
        AttributeError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise damaged(where, None) from error
    about["version"] = version
    about["signed"] = signature == signed
    return dict(about)


def _refuse_others(about: Mapping[str, Any], where: str, monitor: str) -> None:
    found = about.get("monitor", DATA_QUALITY)
    if found != monitor:
        raise FormatError(
            "these are states of another monitor",
            where=where,
            expected=f"states of {monitor}",
            found=f"states of {found}",
            todo="Hand them to the monitor that wrote them",
        )


def _checksum(message: pa.ipc.Message) -> int:
    return crc32(message.body, crc32(message.metadata))


def impossible(where: str, field: str, expected: str, found: str = "something else") -> FormatError:
    """The error for a field that no rows can have."""
    return FormatError(
        "the states are impossible",
        where=f"{where}, field {field}",
        expected=expected,
        found=found,
        todo=AGAIN,
    )


def cut_off(where: str, reason: str) -> FormatError:
    """The error for a file that ends too early."""
    return FormatError(
        "the states are cut off or damaged",
        where=where,
        expected="the whole file",
        found=reason.splitlines()[0] if reason else "an early end",
        todo=AGAIN,
    )


def damaged(where: str, column: str | None) -> FormatError:
    """The error for bytes that are not those that were written."""
    return FormatError(
        f"the states of column {column!r} are damaged" if column else "the states are damaged",
        where=where,
        expected="the checksum that was written",
        found="another one",
        todo=AGAIN,
    )
