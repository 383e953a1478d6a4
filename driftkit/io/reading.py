"""Reads all files of one run from a folder, consistently while others publish."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from glob import has_magic
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from driftkit.errors import InputError, OutputError
from driftkit.io import remote_publishing
from driftkit.io.journal import COMMIT
from driftkit.io.locations import Remote, locate
from driftkit.io.locking import LOCK, PATIENCE_SECONDS, undisturbed, writer_lock
from driftkit.io.publishing import recover

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# Folders in which one of these is, or was at the end of a merge, are written as a whole together
# with what is below them: <endpoint>/<variant>/yyyy/mm/dd/hh.
_MARKS = (COMMIT, LOCK, "_merge")
_DEEPEST = 7
_POLL_SECONDS = 0.02


def of_a_run(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Lets a function that reads several files of a folder see those of one run.

    Its arguments that are texts or paths name the folder, or files in it.

    Raises:
        InputError: a publication there cannot be finished or waited for.
    """

    @wraps(function)
    def whole(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        named = [
            locate(each) for each in (*args, *kwargs.values()) if isinstance(each, str | PathLike)
        ]
        read: Callable[[], _Result] = partial(function, *args, **kwargs)
        for remote in named:
            if isinstance(remote, Remote):
                read = partial(remote_publishing.followed, remote, read)
        local = _folders([each for each in named if isinstance(each, Path)])
        with _all_settled(local.union(*map(_roots_above, local))):
            return read()

    return whole


def of_data(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Lets a function see merged captures as one merge left them.

    Its first argument, or `data`, names the inputs; what is no path is passed through.

    Raises:
        InputError: a publication there cannot be finished or waited for.
    """

    @wraps(function)
    def whole(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        with reading_data(args[0] if args else kwargs.get("data")):
            return function(*args, **kwargs)

    return whole


@contextmanager
def reading_data(*inputs: Any) -> Iterator[None]:
    """Keeps merges from exchanging the files of inputs while the block reads them.

    Args:
        *inputs: paths, lists of them, or anything else, which is left alone.

    Raises:
        InputError: a publication there cannot be finished or waited for.
    """
    folders = _folders([path for each in inputs for path in _named_paths(each)])
    marked = set(filter(_is_marked, folders))
    with _all_settled(marked.union(*map(_roots_above, folders))):
        yield


@contextmanager
def _all_settled(roots: Iterable[Path]) -> Iterator[None]:
    with ExitStack() as stack:
        for root in sorted(roots):
            stack.enter_context(_settled(root))
        yield


@contextmanager
def _settled(root: Path) -> Iterator[None]:
    """The folder without a publication half in place, and without one while the block runs."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        with undisturbed(root):
            if not os.path.lexists(root / COMMIT):
                yield
                return
        _finish(root, in_time=time.monotonic() < end)


def _finish(root: Path, *, in_time: bool) -> None:
    """Does what a killed writer did not; a living one is waited for."""
    with ExitStack() as stack:
        try:
            stack.enter_context(writer_lock(root))
        except OutputError:
            if not in_time:
                raise
            time.sleep(_POLL_SECONDS)
            return
        except OSError as error:
            raise _unfinished(root, error) from error
        try:
            recover(root)
        except OSError as error:
            raise _unfinished(root, error) from error


def _unfinished(root: Path, error: OSError) -> InputError:
    return InputError(
        "a run was killed while it published the folder's files, which are old and new now",
        where=str(root),
        expected="that this run may write there, to finish it",
        found=error.strerror or str(error),
        todo="Run again what wrote there, or read the folder once with the right to write",
    )


def _named_paths(given: Any) -> Iterator[Path]:
    if isinstance(given, str | PathLike):
        named = locate(given)
        if isinstance(named, Path):
            yield _before_pattern(named)
    elif isinstance(given, list | tuple):
        for each in given:
            yield from _named_paths(each)


def _before_pattern(path: Path) -> Path:
    for part in (path, *path.parents):
        if not has_magic(str(part)):
            return part
    return path


def _folders(paths: Iterable[Path]) -> set[Path]:
    """The real folders of paths; of many files in one it is looked for once."""
    beside = {each if each.is_symlink() or each.is_dir() else each.parent for each in paths}
    return set(map(_folder, beside))


def _folder(path: Path) -> Path:
    real = Path(os.path.realpath(path))
    return real if real.is_dir() else real.parent


def _roots_above(folder: Path) -> set[Path]:
    return {each for each in list(folder.parents)[:_DEEPEST] if _is_marked(each)}


def _is_marked(folder: Path) -> bool:
    return any(os.path.lexists(folder / mark) for mark in _MARKS)
