"""Files of states whose bytes were changed and whose checksums are right again, by a seed.

Run as a program, it reads and uses so many of them: what crashes it, or raises anything but an error
of driftkit, is a fault. `python -m tests.states.forged SEED COUNT`
"""

from __future__ import annotations

import json
import random
import struct
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pyarrow as pa

from driftkit.errors import DriftkitError, FormatError
from driftkit.monitors.data_quality.description import describe
from driftkit.states.partitions.partition import PartitionOptions
from driftkit.states.profile.table import FoldOptions
from driftkit.states.states import Part, States, combined
from driftkit.states.storage import dumps, loads, part_of
from tests.states.tables import folded

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = b"driftkit"
NUMBERS = (-1, 0, 1, 7, 56, 57, 255, 2**15, 2**31 - 1, -(2**31), 2**32, 2**62, 2**63 - 1, -(2**63))
DOUBLES = (float("nan"), float("inf"), -1.5, 1e308, -0.0)
VALUES: tuple[Any, ...] = (None, -1, 0, 1, 1.5, 2**70, True, "", "x", [], {}, [None], {"a": -1})


@dataclass(slots=True, kw_only=True)
class File:
    """A file of states in parts: what it says of itself, and metadata and body of each batch."""

    about: dict[str, Any]
    schema: pa.Schema
    batches: list[tuple[bytes, bytes]]

    @classmethod
    def of(cls, content: bytes) -> File:
        """The parts of a file."""
        reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(content))
        schema = pa.ipc.read_schema(reader.read_next_message())
        about = json.loads(schema.metadata[KEY])
        messages = [reader.read_next_message() for _ in about["tables"]]
        return cls(
            about=about,
            schema=schema,
            batches=[(bytes(each.metadata), bytes(each.body)) for each in messages],
        )

    def signed(self) -> bytes:
        """The file with checksums that are right."""
        tables = self.about.get("tables")
        tables = tables if isinstance(tables, list) else []
        for table, (metadata, body) in zip(tables, self.batches, strict=False):
            if isinstance(table, dict):
                table["checksum"] = crc32(body, crc32(metadata))
        about = {key: value for key, value in self.about.items() if key != "checksum"}
        about["checksum"] = crc32(json.dumps(about, separators=(",", ":")).encode())
        text = json.dumps(about, separators=(",", ":")).encode()
        parts = [bytes(self.schema.with_metadata({KEY: text}).serialize())]
        for metadata, body in self.batches:
            parts += [b"\xff" * 4, struct.pack("<i", len(metadata)), metadata, body]
        return b"".join(parts)


def sample() -> States:
    """Small states with everything in them: numbers, text, nulls, segments, days."""
    table = pa.table(
        {
            "number": pa.array([1.5, None, -2.0, float("nan"), 7.25, 1e10], pa.float64()),
            "whole": pa.array([1, 2, None, 4, 5, 5], pa.int32()),
            "word": ["a", "b", "a", None, "3.5", "\u00fc"],
            "truth": [True, None, False, True, True, True],
            "day": ["2024-03-18"] * 3 + ["2024-03-19", None, "2024-03-20"],
        }
    )
    options = FoldOptions(
        known={"word": ("a", "z"), "whole": ("1",)},
        partitions=(
            PartitionOptions(by=("word", "truth")),
            PartitionOptions(by=("day",), unit="day"),
        ),
    )
    return States.of(folded(table, options), source="/data/a.csv", paths=("/data/a", "/data/b"))


def flipped(content: bytes, chance: random.Random) -> bytes:
    """The bytes with some changed, left out or put in."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        place = chance.randrange(len(changed))
        kind = chance.randrange(5)
        if kind == 0:
            changed[place] = chance.randrange(256)
        elif kind == 1:
            changed[place] ^= 1 << chance.randrange(8)
        elif kind == 2:
            place -= place % 8
            changed[place : place + 8] = struct.pack("<q", chance.choice(NUMBERS))
        elif kind == 3:
            place -= place % 4
            changed[place : place + 4] = struct.pack("<q", chance.choice(NUMBERS))[:4]
        else:
            place -= place % 8
            changed[place : place + 8] = struct.pack("<d", chance.choice(DOUBLES))
    return bytes(changed[: len(content)])


def bytes_changed(content: bytes, chance: random.Random) -> bytes:
    """Any bytes of the file, whose checksums are wrong mostly; or the file cut off."""
    if not chance.randrange(10):
        return content[: chance.randrange(len(content))]
    return flipped(content, chance)


def body_changed(content: bytes, chance: random.Random) -> bytes:
    """A batch with other values, offsets or nulls."""
    file = File.of(content)
    place = chance.randrange(len(file.batches))
    metadata, body = file.batches[place]
    file.batches[place] = (metadata, flipped(body, chance))
    return file.signed()


def metadata_changed(content: bytes, chance: random.Random) -> bytes:
    """A batch whose description lies about lengths, nulls and places of buffers."""
    file = File.of(content)
    place = chance.randrange(len(file.batches))
    metadata, body = file.batches[place]
    file.batches[place] = (flipped(metadata, chance), body)
    return file.signed()


def about_changed(content: bytes, chance: random.Random) -> bytes:
    """A file that says something else of itself."""
    file = File.of(content)
    node: Any = file.about
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = chance.choice(keys)
        if not isinstance(node[key], dict | list) or not node[key] or not chance.randrange(4):
            break
        node = node[key]
    if chance.randrange(4):
        node[key] = chance.choice(VALUES)
    else:
        del node[key]
    return file.signed()


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    bytes_changed,
    body_changed,
    body_changed,
    metadata_changed,
    about_changed,
)


def use(content: bytes) -> None:
    """Does what a run does with states: adds them up in both ways, reads statistics, writes them."""
    part = part_of(content, "forged.arrow")
    states = part.states()
    describe(states.table)
    for _, split in enumerate(states.partitions):
        split.largest(1)
    pairs: tuple[list[States | Part], ...] = ([part, part], [states, Part.from_states(states)])
    for some in pairs:
        describe(combined(some, allow_overlap=True).table)
    dumps(states)


def main(seed: int, count: int) -> None:
    """Uses so many forged files, and says how many of them were accepted."""
    chance = random.Random(seed)  # noqa: S311  (repeatable on purpose)
    original = sample()
    content = dumps(original)
    accepted = 0
    for number in range(count):
        change = chance.choice(MUTATIONS)
        forged = change(content, chance)
        sys.stdout.write(f"{number} {change.__name__}\n")
        sys.stdout.flush()
        try:
            if change is bytes_changed:
                # What is not signed again is either refused, or padding that nobody reads.
                assert loads(forged, "forged.arrow") == original
            use(forged)
            accepted += 1
        except FormatError as error:
            assert str(error)  # noqa: PT017
        except DriftkitError as error:
            # Parts of a forged file may not fit together.
            assert "forged.arrow" in str(error)  # noqa: PT017
    sys.stdout.write(f"accepted {accepted} of {count}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
