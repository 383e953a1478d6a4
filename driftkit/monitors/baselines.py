"""Resolves a baseline argument: a result, a path, or training data."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from driftkit.errors import DriftkitError, FormatError, InputError
from driftkit.formats.document import kind_of
from driftkit.formats.python_json import loads_object
from driftkit.io.finding import File
from driftkit.io.locations import locate
from driftkit.monitors.data_quality.result_files import CONSTRAINTS, STATISTICS
from driftkit.readers.opening import is_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driftkit.formats.document import Kind
    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.results.contract import Report

_Baseline = TypeVar("_Baseline", bound="Readable")
_Statistics = TypeVar("_Statistics")
_LOOKED_AT_BYTES = 4096


class Readable(Protocol):
    """What `read` gives of where it is."""

    @classmethod
    def read(cls, where: PathOrUrl, /) -> Self:
        """Reads what is there."""


def baseline_of(
    handed_in: Any,
    kind: type[_Baseline],
    result: type[Report],
    learn: Callable[[Any], _Baseline],
) -> _Baseline:
    """The baseline that was handed in.

    Args:
        handed_in: a baseline, the path or URL of one, an earlier result, or a table of data.
        kind: of the monitor's baselines.
        result: the monitor's results.
        learn: makes one of a table.

    Raises:
        InputError: it is nothing of these.
        FormatError: no baseline is there.
        DriftkitError: none can be made of the table; the message says that it is the baseline's.
    """
    given = handed_in.as_baseline() if isinstance(handed_in, result) else handed_in
    if isinstance(given, kind):
        return given
    if isinstance(given, str | PathLike):
        return kind.read(given)
    if is_table(handed_in):
        with _about_the_baseline():
            return learn(handed_in)
    raise InputError(
        "this is no baseline",
        where="baseline",
        expected=f"a {kind.__name__}, its folder or file, or a data frame to learn it from",
        found=f"{type(handed_in).__module__}.{type(handed_in).__name__}",
        todo="Hand in what `baseline` returned, or where `write` put it: monitor(data, baseline)",
    )


@contextmanager
def _about_the_baseline() -> Iterator[None]:
    """Errors that name the baseline's data: the window's may be right."""
    try:
        yield
    except DriftkitError as error:
        where = f"the baseline's data, {error.where}" if error.where else "the baseline's data"
        raise type(error)(
            error.what,
            where=where,
            expected=error.expected,
            found=error.found,
            todo=f"{error.todo or 'Correct it'}; where a baseline needs settings of its own, make "
            "it first with `baseline`",
        ) from error


def statistics_of(
    handed_in: Any, kind: type[_Statistics], read: Callable[[PathOrUrl], _Statistics]
) -> _Statistics:
    """The statistics that were handed in: themselves, a result that has some, or where they are.

    Raises:
        InputError: it is nothing of these.
        FormatError: they cannot be read.
    """
    if isinstance(handed_in, str | PathLike):
        named = locate(handed_in)
        return read(named / STATISTICS if named.is_dir() else named)
    ours = type(handed_in).__module__.startswith("driftkit.")
    found = getattr(handed_in, "statistics", handed_in) if ours else None
    if isinstance(found, kind):
        return found
    raise InputError(
        "these are no statistics",
        where="statistics",
        expected=f"a window's {STATISTICS}, its folder, or a result that has some",
        found=f"{type(handed_in).__module__}.{type(handed_in).__name__}",
        todo="To look at data, call monitor(data, baseline)",
    )


def is_kept(handed_in: Any) -> bool:
    """Whether this is what a run has kept, and `statistics_of` reads, rather than data or states."""
    if isinstance(handed_in, str | PathLike):
        named = locate(handed_in)
        return named.name == STATISTICS or (named.is_dir() and (named / STATISTICS).exists())
    kind = type(handed_in)
    return kind.__module__.startswith("driftkit.") and (
        kind.__name__ == "Statistics" or hasattr(handed_in, "statistics")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineFiles:
    """Where a baseline is.

    Attributes:
        folder: that holds it; None where its files were named one by one.
        constraints: of it.
        statistics: of it; None where there are none.
        mixed: whether the statistics are others than the folder's own.
    """

    folder: Location | None
    constraints: PathOrUrl
    statistics: PathOrUrl | None
    mixed: bool

    @classmethod
    def of(
        cls,
        directory: PathOrUrl | None,
        statistics: PathOrUrl | None,
        constraints: PathOrUrl | None,
        kind: Kind,
    ) -> BaselineFiles:
        """Finds the files.

        Args:
            directory: a folder, or one of its files under any name, which then goes before the
                folder's own.
            statistics: goes before the folder's, too.
            constraints: go before the folder's, too.
            kind: of file that the statistics are.

        Raises:
            FormatError: no constraints are named, or a file is no JSON.
        """
        folder = None
        if directory is not None:
            folder, named = _folder_and_file(directory, kind)
            if statistics is None:
                statistics = named.get(STATISTICS)
            if constraints is None:
                constraints = named.get(CONSTRAINTS, folder / CONSTRAINTS)
        if constraints is None:
            raise FormatError(
                "a baseline needs its constraints",
                expected="a folder with constraints.json, or the file by name",
                found="neither",
                todo="Name one of them",
            )
        mixed = statistics is not None
        if folder is not None and not mixed and (folder / STATISTICS).exists():
            statistics = folder / STATISTICS
        return cls(folder=folder, constraints=constraints, statistics=statistics, mixed=mixed)


def _folder_and_file(where: PathOrUrl, kind: Kind) -> tuple[Location, dict[str, Location]]:
    """The folder, and the file that was named if it is another than the folder's own."""
    named = locate(where)
    if not named.is_file():
        return named, {}
    if named.name in {CONSTRAINTS, STATISTICS}:
        return named.parent, {}
    name = STATISTICS if kind_of(_document(named)) is kind else CONSTRAINTS
    return named.parent, {name: named}


def _document(file: Location) -> dict[str, Any]:
    # A file of data may be large.
    head = File(path=str(file), size=0).head(_LOOKED_AT_BYTES)
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        raise FormatError(
            "the file is no baseline",
            where=str(file),
            expected=f"a folder with {CONSTRAINTS}, or that file",
            found="a file that is no JSON object",
            todo="If it holds data, make a baseline of them first",
        )
    return loads_object(file.read_bytes().decode("utf-8", "replace"), str(file))
