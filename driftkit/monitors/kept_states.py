"""Kept states of monitors that keep one state of all rows: found, combined, written, taken as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from os import PathLike
from typing import TYPE_CHECKING, Any, Generic, cast

from driftkit.errors import InputError
from driftkit.io.writing import write_outputs
from driftkit.monitors.saved_states import contents_of, files_of, partitioned, states_in
from driftkit.monitors.sources import origin_of
from driftkit.readers.opening import paths_in
from driftkit.results.contract import Run
from driftkit.states.kept import Kept
from driftkit.states.state_files import FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.readers.dataset import Dataset
    from driftkit.settings import Settings
    from driftkit.states.kept import OneState


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStates(Generic[Kept]):
    """How a monitor's kept states are taken.

    Attributes:
        monitor: model_quality, bias, attribution or deployment.
        kind: the class of its states.
        loads: reads the content of a file, whose path is for messages.
        combined: adds states up; takes `allow_overlap`.
    """

    monitor: str
    kind: type[Kept]
    loads: Callable[[bytes | pa.Buffer, str], Kept]
    combined: Callable[..., Kept]

    def combine(self, *states: Any, allow_overlap: bool = False) -> Kept:
        """The states of several windows together, as if their rows had been read at once.

        Args:
            *states: states, results that have some, files, folders with a states.arrow, or globs.
            allow_overlap: whether rows that are in two windows may count twice.

        Returns:
            States that `baseline` and `monitor` take in place of data.

        Raises:
            FormatError: a file is missing, damaged, or is none of states of this monitor.
            InputError: rows were looked at otherwise, or windows overlap.
        """
        found = [part for each in states for part in self._found(each)]
        parts: list[Kept] = []
        for are_files, some in groupby(found, lambda each: isinstance(each, str)):
            if are_files:
                parts += (self.loads(*content) for content in contents_of(cast("Any", some)))
            else:
                parts += cast("Any", some)
        return self.combined(parts, allow_overlap=allow_overlap)

    def _found(self, each: Any) -> list[Kept | str]:
        """States, or the files that are named."""
        found = states_in(each, self.kind)
        if found is not None:
            return [found]
        if isinstance(each, str | PathLike):
            return [*files_of(each)]
        raise InputError(
            f"these are no states of {self.monitor.replace('_', ' ')}",
            expected="states, a file or a folder",
            found=type(each).__name__,
            todo=f"Hand in what {self.monitor}.states returned, or the path of a {FILE}",
        )

    def parted(self, data: Any) -> tuple[list[Any], list[Any]]:
        """The states that were handed in as data, as `combine` takes them, and everything else.

        Raises:
            InputError: a folder has states and data.
        """
        return ([data], []) if isinstance(data, self.kind) else partitioned(paths_in(data) or ())

    def kept_in(self, data: Any) -> Kept | None:
        """The states that were handed in as data; None if data were.

        Raises:
            FormatError: a file of states is damaged.
            InputError: states stand beside data, or do not fit together.
        """
        if isinstance(data, self.kind):
            return data
        states, others = self.parted(data)
        if not states:
            return None
        if others:
            raise InputError(
                "states and data are handed in together",
                where=str(others[0]),
                expected="only states, or only data",
                found=f"{len(states)} of states and {len(others)} others",
                todo=f"Make states of the data first, with {self.monitor}.states, and combine them",
            )
        return self.combine(*states)

    def about(self, states: Kept, settings: Settings) -> Run:
        """What is known of a run on states before anything is looked at."""
        return Run.on(self.monitor, states.name, settings, "kept states")


def of_window(states: Kept, data: Any, dataset: Dataset, settings: Settings) -> Kept:
    """The states of rows that were read, with from where and when these are, as they are kept.

    Args:
        states: of all rows.
        data: what a user handed in.
        dataset: that was opened of it.
        settings: which window was asked for.
    """
    return signed(placed(states, data, dataset, settings))


def placed(states: Kept, data: Any, dataset: Dataset, settings: Settings) -> Kept:
    """The same, of states of which it is not known yet whether they are kept."""
    window = replace(origin_of(data, dataset, settings), rows=states.state.rows)
    return replace(states, windows=(window,), name=window.source or dataset.name)


def signed(states: Kept) -> Kept:
    """The states of a window with the number that tells its rows from those of others."""
    (window,) = states.windows
    return replace(states, windows=(replace(window, digest=states.digest()),))


def save_states(states: OneState, directory: PathOrUrl) -> tuple[Location, ...]:
    """Writes states.arrow into a folder.

    Raises:
        OutputError: the folder cannot be written.
    """
    return write_outputs(directory, {FILE: states.dumps()})
