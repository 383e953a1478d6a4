"""Finds, reads and combines files of saved states."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from dataclasses import replace
from glob import glob
from glob import has_magic as is_glob
from itertools import groupby
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from driftkit.errors import FormatError, InputError
from driftkit.formats import statistics as statistics_file
from driftkit.io.finding import find
from driftkit.io.locations import Remote, is_url, locate
from driftkit.io.reading import of_a_run
from driftkit.monitors.data_quality.result_files import OF_A_RUN
from driftkit.report.page import FILES
from driftkit.states.merge_losses import Seen
from driftkit.states.states import Part, States, combined
from driftkit.states.storage import FILE, is_states, part_of, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from driftkit.formats.statistics import Statistics
    from driftkit.io.locations import Location
    from driftkit.states.partitions.partition import TableState

Kept = TypeVar("Kept")

_HEAD = 65_536
# Files that are open in memory at a time, before they are looked at.
_AT_ONCE = 1_000
_ENDING = ".arrow"
# What runs of monitors write that keep their states.
_OF_OTHERS = ("analysis.json", "intervals.json", "explanations_shap")
_WRITTEN = {*OF_A_RUN, *FILES, *_OF_OTHERS, "calibration.json", "estimate.json"}


def combine(*states: Any, allow_overlap: bool = False) -> States:
    """The states of several windows together, as if their rows had been read at once.

    Args:
        *states: states, results or baselines that have some, files, folders with a states.arrow,
            or globs, in the order in which they are added up.
        allow_overlap: whether rows that are in two windows may count twice.

    Returns:
        States that `baseline` and `monitor` take in place of data.

    Raises:
        FormatError: a file is missing, damaged, or is none of states.
        InputError: columns differ, or windows overlap.
    """
    with _nothing_collected():
        seen = Seen()
        found = [part for each in states for part in _found(each)]
        parts = seen.watched(_parts(found))
        total = combined(parts, allow_overlap=allow_overlap, expected=len(found))
        return replace(total, merge_losses=seen.lost(total.partitions))


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Holds the garbage collector back.

    Every segment of a window adds hundreds of objects that stay; to look through them for garbage,
    time and again, takes a good part of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_states(path: str | PathLike[str]) -> States:
    """The states of a file, or of the states.arrow in a folder.

    Raises:
        FormatError: it is missing, damaged, or is none of states.
    """
    return part_of(*content_of(path)).states()


def contents_of(paths: Iterable[str]) -> Iterator[tuple[bytes | pa.Buffer, str]]:
    """What is in each file of states, and its path.

    Files of one folder are read together: to see whether a run publishes there takes longer than to
    read a file.

    Raises:
        FormatError: one is missing.
    """

    def together(numbered: tuple[int, str]) -> tuple[int, str]:
        number, path = numbered
        # Each URL is followed by itself, and so is a folder.
        alone = is_url(path) or not path.endswith(_ENDING)
        return number // _AT_ONCE, path if alone else os.path.dirname(path)  # noqa: PTH120  (fast)

    for _, some in groupby(enumerate(paths), key=together):
        yield from _contents(*(path for _, path in some))


@of_a_run
def _contents(*paths: str) -> list[tuple[bytes | pa.Buffer, str]]:
    return [_content(path) for path in paths]


@of_a_run
def content_of(path: str | PathLike[str]) -> tuple[bytes | pa.Buffer, str]:
    """What is in a file of states, and its path."""
    return _content(path)


def _content(path: str | PathLike[str]) -> tuple[bytes | pa.Buffer, str]:
    named = locate(path)
    file = named / FILE if named.is_dir() else named
    try:
        if isinstance(file, Remote):
            return file.read_bytes(), str(file)
        with pa.memory_map(str(file)) as mapped:
            return mapped.read_buffer(), str(file)
    except OSError as error:
        raise FormatError(
            "the states cannot be read",
            where=str(file),
            expected=f"a {FILE}, written with --keep-states",
            found=_said(error),
            todo="Check the path",
        ) from error


def _said(error: OSError) -> str:
    """What the system said, without the path that Arrow puts around it."""
    return os.strerror(error.errno) if error.errno else str(error).splitlines()[0]


@of_a_run
def read_baseline_states(where: str | PathLike[str], written: Statistics | None = None) -> States:
    """The states of a baseline, to which more can be added.

    Args:
        where: its folder.
        written: its statistics.json, where it was read already.

    Raises:
        FormatError: they are missing, damaged, or of another baseline than its statistics.json.
    """
    folder = locate(where)
    states = read_states(folder)
    statistics = folder / statistics_file.NAME
    if written is None and statistics.exists():
        written = statistics_file.read_file(statistics)
    if written is not None:
        _agree(states.table, written, folder)
    return states


def _agree(measured: TableState, written: Statistics, folder: Location) -> None:
    present = [(column.name, column.presence.present) for column in measured.columns]
    if measured.rows != written.item_count or present != _presence(written):
        raise FormatError(
            "states and statistics are not of the same baseline",
            where=f"{folder / FILE} and {folder / statistics_file.NAME}",
            expected=f"states of {written.item_count:,} rows and {len(written.features)} columns",
            found=f"states of {measured.rows:,} rows and {len(measured.columns)} columns",
            todo="Write the baseline again with --keep-states",
        )


def _presence(statistics: Statistics) -> list[tuple[str, int]]:
    parts = ((feature.name, feature.numerical or feature.string) for feature in statistics.features)
    return [(name, part.num_present if part else 0) for name, part in parts]


def partitioned(paths: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """Files of states and folders of runs that kept some, and everything else.

    Raises:
        InputError: a folder has states and data.
    """
    states: list[Any] = []
    others: list[Any] = []
    for path in paths:
        (states if isinstance(path, States) or _names_states(path) else others).append(path)
    return states, others


def _names_states(path: Any) -> bool:
    if not isinstance(path, str | PathLike):
        return False
    named = locate(path)
    # Whatever is in it: no data are called so, and only states can say what is wrong with them.
    if named.name.endswith(_ENDING):
        return True
    if isinstance(named, Remote):
        return False
    try:
        if named.is_dir():
            return (named / FILE).is_file() and _is_of_a_run(named)
        return named.is_file() and _begins_as_states(named)
    except OSError:
        return False


def _begins_as_states(path: Path) -> bool:
    with path.open("rb") as file:
        return is_states(file.read(_HEAD))


def _is_of_a_run(folder: Path) -> bool:
    """Whether a folder with states has nothing else than a run writes.

    Raises:
        InputError: it has, which may be data.
    """
    strange = sorted({path.name for path in folder.iterdir()} - _WRITTEN)
    others = [name for name in strange if not name.startswith((".", "_"))]
    if others:
        raise InputError(
            "the folder has kept states beside other files",
            where=str(folder),
            expected="data, or the files of a run that kept its states",
            found=f"{FILE} beside {', '.join(map(repr, others[:5]))}",
            todo=f"Name the {FILE}, or the data without it",
        )
    return True


def _parts(found: Iterable[States | str]) -> Iterator[States | Part]:
    """The states, those of neighbouring files read together."""
    for are_files, some in groupby(found, lambda each: isinstance(each, str)):
        if are_files:
            yield from parts_of(contents_of(path for path in some if isinstance(path, str)))
        else:
            yield from (states for states in some if isinstance(states, States))


def _found(each: Any) -> list[States | str]:
    if isinstance(each, str | PathLike):
        return [*files_of(each)]
    kept = states_in(each, States)
    if kept is not None:
        return [kept]
    raise InputError(
        "these are no states",
        expected="states, a result that has some, a file or a folder",
        found=type(each).__name__,
        todo="Hand in result.states or the path of a states.arrow",
    )


def states_in(each: Any, kind: type[Kept]) -> Kept | None:
    """States of a kind, or those that a result of driftkit's has; None of anything else."""
    if isinstance(each, kind):
        return each
    ours = type(each).__module__.startswith("driftkit.")
    kept = getattr(each, "states", None) if ours else None
    return kept if isinstance(kept, kind) else None


def files_of(path: str | PathLike[str]) -> list[str]:
    """The files that a pattern names; a path that is none stands for itself.

    Raises:
        InputError: there is none.
    """
    text = fspath(path)
    return _matching(text) if is_glob(text) and not locate(text).exists() else [text]


def _matching(text: str) -> list[str]:
    if is_url(text):
        return [file.path for file in find([text])]
    paths = sorted(glob(text, recursive=True))  # noqa: PTH207  (text may be absolute)
    if not paths:
        raise InputError("there is no such file of states", where=text, todo="Check the pattern")
    return paths
