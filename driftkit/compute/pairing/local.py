"""Pairs in this process: halves wait in memory, on disk when they become many."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.compute.threads import in_order
from driftkit.readers.dataset import runs_of
from driftkit.states.deployment.halves import Halves, parts_of
from driftkit.states.deployment.keyed_sums import KeyedSums
from driftkit.states.deployment.pair_sums import bits_of, counted, paired
from driftkit.states.deployment.pairs import PairState

if TYPE_CHECKING:
    from driftkit.compute.job import Halved
    from driftkit.states.deployment.pairing import Pairing

# Halves in memory.
HELD_BYTES = 512 * 1024 * 1024
THREADS = 2
# States of parts that are added up together.
AT_ONCE = 64


@dataclass(slots=True, kw_only=True)
class LocalHalves:
    """Halves of this process's units: in memory, and on disk when they become many."""

    folder: tempfile.TemporaryDirectory[str] | None = None
    parts: list[Halves] = field(default_factory=list)
    held: int = 0

    def take(self, state: Halved) -> Halved:
        """Takes the halves of one more unit; gives its state without them."""
        halves = state.halves
        fits = self.held + halves.size <= HELD_BYTES
        self.held += halves.size if fits else 0
        self.parts.append(halves if fits else self._on_disk(halves))
        return state.without_halves()

    def pairs(self, pairing: Pairing) -> PairState:
        """The state of all pairs."""
        parts = parts_of(self.parts, bits_of(sum(part.rows for part in self.parts)))
        total = counted(KeyedSums.together(part.counts for part in self.parts), pairing)
        with closing(in_order(parts, partial(paired, pairing), THREADS)) as found:
            # Several at once: each time all of the total is sorted again.
            for some in runs_of(found, lambda _: 1, AT_ONCE):
                total = PairState.together([total, *some])
        return total

    def _on_disk(self, halves: Halves) -> Halves:
        self.folder = self.folder or tempfile.TemporaryDirectory(prefix="driftkit-pairs-")
        stem = str(Path(self.folder.name) / str(len(self.parts)))
        files = [f"{stem}-{number}.arrow" for number in range(len(halves.tables))]
        for file, table in zip(files, halves.tables, strict=True):
            with pa.OSFile(file, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
        return Halves(tables=tuple(map(_mapped, files)), counts=halves.counts)


def _mapped(file: str) -> pa.Table:
    with pa.memory_map(file) as mapped:
        return pa.ipc.open_file(mapped).read_all()
