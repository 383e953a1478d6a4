"""Sets which form of the loops is taken, and where the readers cut files, for tiny inputs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

HAS_COMPILED = find_spec("numba") is not None
_KERNELS = "driftkit.states.kernels.choice"
_CUTS = "driftkit.native.slicing"
_COMPILED = {
    _KERNELS: "driftkit.states.kernels.compiled",
    _CUTS: "driftkit.native.compiled_slicing",
}
# Threads would make an iteration slower, and no unit is read otherwise by them; of intervals it is
# seen whether they are made, for which few draws do.
_QUICK: dict[tuple[str, str], Any] = {
    ("driftkit.compute.engine", "MOST_THREADS"): 1,
    ("driftkit.comparison.quality_intervals", "RESAMPLES"): 9,
    ("driftkit.comparison.bias.sampling", "RESAMPLES"): 9,
    ("driftkit.comparison.bias.sampling", "FEWEST_RESAMPLES"): 9,
}
# A name that is never loaded: what is as small as these inputs is not worth compiling then.
_NONE = "no.such.module"
# All sizes by which files are cut into units, pieces and blocks, how many times a piece each is,
# and the least: a unit holds more than a header, and lines of JSON are longer than those of CSV.
_SIZES = (
    ("driftkit.readers.csv_parts", "PIECE_BYTES", 1, 1),
    ("driftkit.readers.csv_files", "UNIT_BYTES", 4, 100),
    ("driftkit.readers.csv_files", "HEAD_BYTES", 1, 1),
    ("driftkit.readers.csv_quoting", "BLOCK_BYTES", 1, 1),
    ("driftkit.readers.lines", "PIECE_BYTES", 32, 200),
    ("driftkit.readers.lines", "BLOCK_BYTES", 8, 60),
    ("driftkit.capture.rows", "PIECE_BYTES", 32, 200),
)
_LEAST = (
    ("driftkit.readers.dataset", "LEAST_BYTES"),
    ("driftkit.readers.csv_parts", "LEAST_BYTES"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How files are read.

    Attributes:
        compiled: whether by the compiled loops.
        piece: bytes at which files are cut; None for the usual megabytes.
    """

    compiled: bool = False
    piece: int | None = None


PLAIN = Way()


@contextmanager
def taken(way: Way) -> Iterator[None]:
    """Reads so while the context lasts."""
    values: dict[tuple[str, str], Any] = {
        (module, "_COMPILED"): name if way.compiled and HAS_COMPILED else _NONE
        for module, name in _COMPILED.items()
    }
    values |= _QUICK
    if way.compiled or way.piece:
        values |= dict.fromkeys(_LEAST, 0)
    if way.piece:
        values |= {(m, name): max(way.piece * n, least) for m, name, n, least in _SIZES}
    before = {key: getattr(import_module(key[0]), key[1]) for key in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: dict[tuple[str, str], Any]) -> None:
    for (module, name), value in values.items():
        setattr(import_module(module), name, value)


def load_compiled() -> None:
    """Loads what is compiled, if it is there, so that no iteration waits for it."""
    for name in _COMPILED.values():
        if HAS_COMPILED:
            import_module(name)


def some_way(random: Random) -> Way:
    """A way to read."""
    piece = random.choice((None, 1, 7, 16, 33, 64, 200))
    return Way(compiled=random.random() < 0.5, piece=piece)
