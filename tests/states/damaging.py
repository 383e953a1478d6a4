"""Damages files of states, and makes ones whose checksums are right though no rows can have them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from driftkit.errors import FormatError
from driftkit.states.state_files import checksum_of, stream_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME = "states.arrow"


def opened(content: bytes) -> tuple[dict[str, Any], pa.Table]:
    """What a file says of itself, and its table."""
    table = pa.ipc.open_stream(content).read_all()
    return json.loads(table.schema.metadata[b"driftkit"]), table


def signed(about: Mapping[str, Any], columns: Mapping[str, list[Any]], schema: pa.Schema) -> bytes:
    """A file of one batch whose checksums are right, whatever is in it."""
    plain = schema.remove_metadata()
    arrays = [pa.array(columns[each.name], each.type) for each in plain]
    batch = pa.RecordBatch.from_arrays(arrays, schema=plain)
    told = {key: value for key, value in about.items() if key not in {"format", "checksum"}}
    content = batch.serialize().to_pybytes()
    return b"".join(stream_of({**told, "batch": checksum_of(content)}, batch.schema, [content]))


def forged(content: bytes, column: str, change: Callable[[Any], Any], row: int = 0) -> bytes:
    """The same file with one field changed, whose checksums are right."""
    about, table = opened(content)
    columns = table.to_pydict()
    columns[column][row] = change(columns[column][row])
    return signed(about, columns, table.schema)


def every_flipped_bit_is_noticed_or_harmless(
    content: bytes, loads: Callable[[bytes, str], Any], flips: int = 300
) -> None:
    """Nobody reads the padding between Arrow's messages, or the end mark: under a tenth of a file."""
    states = loads(content, NAME)
    random = np.random.default_rng(2)
    harmless = 0
    for place in random.choice(len(content), flips, replace=False).tolist():
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(random.integers(8))
        try:
            assert loads(bytes(damaged), NAME) == states
            harmless += 1
        except FormatError as error:
            assert NAME in str(error)  # noqa: PT017
    assert harmless < flips / 10


def a_file_that_is_cut_off_is_refused(
    content: bytes, loads: Callable[[bytes, str], Any], kept: float
) -> None:
    """Wherever it is cut."""
    with pytest.raises(FormatError, match="cut off"):
        loads(content[: int(len(content) * kept)], NAME)
