"""File locks of an output folder, for its writer and its readers."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import sys
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Windows has no such locks.
fcntl: Any = import_module("fcntl") if find_spec("fcntl") else None
PREFIX = ".driftkit-"
LOCK = f"{PREFIX}lock"
# How long a writer lets readers finish, and a reader a writer that exchanges files.
PATIENCE_SECONDS = 600.0
_POLL_SECONDS = 0.02
_ATTEMPTS = 100
_NOT_SUPPORTED = {
    *(errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP),
    *(errno.EINVAL, errno.EBADF, errno.EISDIR),
}
_WORD = re.compile(r"[\w.-]+")


@contextmanager
def writer_lock(folder: Path, wait: float = 0.0) -> Iterator[bool]:
    """Keeps other writers away from a folder while the block runs.

    The kernel holds the lock, on a file that is gone afterwards: whoever is killed holds nothing.

    Args:
        folder: that is written; made again where another run takes it away meanwhile.
        wait: seconds to wait for another writer; infinity waits for as long as it takes.

    Yields:
        Whether others are really kept away; False where the file system has no locks.

    Raises:
        OutputError: another run holds it for longer than that.
        OSError: the folder cannot be written.
    """
    path = folder / LOCK
    end = time.monotonic() + max(0.0, wait)
    while (held := _taken(path)) is None:
        if time.monotonic() >= end:
            raise busy(str(path.parent), described(_read(path)))
        time.sleep(_POLL_SECONDS)
    handle, sure = held
    try:
        os.pwrite(handle, json.dumps(owner()).encode(), 0)
        yield sure
    finally:
        # While it is held, so that nobody else's is taken away.
        with suppress(OSError):
            path.unlink()
        os.close(handle)


@contextmanager
def exchanging(folder: Path) -> Iterator[None]:
    """Waits for readers of a folder, and keeps new ones waiting while the block runs.

    Raises:
        OutputError: a reader takes too long.
    """
    late = OutputError(
        "other runs are still reading the folder",
        where=str(folder),
        expected=f"that they are done within {PATIENCE_SECONDS:,.0f} s",
        todo="Run it again when they are; nothing has changed",
    )
    with _folder_lock(folder, late, exclusive=True):
        yield


@contextmanager
def undisturbed(folder: Path) -> Iterator[None]:
    """Keeps files from being exchanged while the block reads them; needs no right to write.

    Raises:
        InputError: a writer takes too long.
    """
    late = InputError(
        "another run is still exchanging the folder's files",
        where=str(folder),
        expected=f"that it is done within {PATIENCE_SECONDS:,.0f} s",
        todo="Run it again later",
    )
    with _folder_lock(folder, late, exclusive=False):
        yield


@contextmanager
def _folder_lock(folder: Path, late: Exception, *, exclusive: bool) -> Iterator[None]:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        # What is not there, or closed to us, has nothing to be kept.
        yield
        return
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while _flock(handle, exclusive=exclusive) is False:
            if time.monotonic() >= end:
                raise late
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Makes a folder and its parents, also where runs that wrote nothing remove theirs meanwhile.

    Raises:
        OSError: it cannot be made.
    """
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError, FileExistsError):
            folder.mkdir(parents=True, exist_ok=True)
            return
    folder.mkdir(parents=True, exist_ok=True)


def _taken(path: Path) -> tuple[int, bool] | None:
    """The handle of the lock's file, and whether it is locked; None where another run has it."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except FileNotFoundError:
        make_folder(path.parent)
        return _taken(path)
    try:
        got = _flock(handle, exclusive=True)
        # A file that its owner took away while we waited keeps nobody out.
        if got is not False and _is_same(handle, path):
            return handle, bool(got)
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None if got is False else _taken(path)


def _flock(handle: int, *, exclusive: bool) -> bool | None:
    """Whether the lock was had; None where there are none."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in _NOT_SUPPORTED:
            return None
        raise
    return True


def _is_same(handle: int, path: Path) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), path.stat())
    return False


def owner() -> dict[str, Any]:
    """What a lock says of this run."""
    # Options may hold secrets; the words before them say enough.
    words = [os.path.basename(sys.argv[0] if sys.argv else "python")]  # noqa: PTH119
    words += [word for word in sys.argv[1:3] if re.fullmatch(r"[a-z-]+", word)]
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(words),
    }


def busy(where: str, holder: str) -> OutputError:
    """The error for a folder that another run holds."""
    return OutputError(
        "another run is writing into the folder",
        where=where,
        expected="one run at a time",
        found=holder,
        todo="Run it again later, or let it wait with --wait SECONDS (wait= in Python)",
    )


def _read(path: Path) -> Any:
    with suppress(OSError, ValueError):
        return json.loads(path.read_bytes()[:4096])
    return None


def described(held_by: Any) -> str:
    """Who holds a lock, in words; a lock's file is no more trusted than other input."""
    if not isinstance(held_by, dict):
        return "a run that does not say which"
    said = {key: " ".join(_WORD.findall(str(each))[:8]) for key, each in held_by.items()}
    since = "".join(re.findall(r"[\dT:+-]", str(held_by.get("since", "?"))))
    return (
        f"process {said.get('pid', '?')} on {said.get('host', '?')}, since {since}: "
        f"{said.get('command', '?')}"
    )
