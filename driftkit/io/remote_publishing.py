"""Publishes all files of a run to object storage, where nothing can be renamed.

The step is one object, the manifest `.driftkit-manifest`. While it is there, it says under which
names the files of the folder really are; once they have been copied to their own, it goes.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import fs

from driftkit.errors import FormatError, InputError, OutputError
from driftkit.io import locking
from driftkit.io.locations import Remote, filesystem_of, standing_in
from driftkit.io.locking import PREFIX, described
from driftkit.io.publishing import encoded
from driftkit.io.remote_files import MANIFEST, STORES, delete, get, listed, manifest_of, put

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from typing import TypeVar

    from driftkit.io.publishing import Content
    from driftkit.io.remote_files import Listed

    _Result = TypeVar("_Result")

_PROBE = f"{PREFIX}probe"
# A lock that is older belongs to a run that was killed: to publish takes seconds.
LOCK_SECONDS = 900.0
_POLL_SECONDS = 0.5
_READINGS = 10
# What was in the folders of runs under way, when they began.
_begun: ContextVar[Mapping[str, Listed]] = ContextVar("_begun", default=MappingProxyType({}))


@contextmanager
def holding(folder: Remote) -> Iterator[None]:
    """Checks that files can be written, and lets `write` refuse what others changed meanwhile.

    It leaves no file; a store may keep an empty folder.

    Raises:
        OutputError: they cannot.
    """
    with _reported(folder):
        filesystem, path = filesystem_of(folder.url)
        put(filesystem, f"{path}/{_PROBE}", b"")
        filesystem.delete_file(f"{path}/{_PROBE}")
        token = _begun.set({**_begun.get(), path: listed(filesystem, path)})
    try:
        yield
    finally:
        _begun.reset(token)


def write(
    folder: Remote,
    files: Mapping[str, Content],
    obsolete: Collection[str] = (),
    wait: float = 0.0,
) -> tuple[Remote, ...]:
    """Publishes all files, and removes obsolete ones, by one object.

    Raises:
        OutputError: a file cannot be written, and nothing has changed; or another run is writing,
            or has written since this one began.
    """
    contents = {name: b"".join(encoded(each)) for name, each in files.items()}
    with _reported(folder):
        filesystem, path = filesystem_of(folder.url)
        with claimed(filesystem, path, folder, wait):
            _unchanged(filesystem, path, folder, {*contents, *obsolete})
            _settle(filesystem, path)
            _sweep(filesystem, path)
            _publish(filesystem, path, contents, obsolete)
            try:
                _settle(filesystem, path)
            except (OSError, pa.ArrowException) as error:
                raise _not_copied(folder, error) from error
            if path in _begun.get():
                _begun.set({**_begun.get(), path: listed(filesystem, path)})
    return tuple(folder / name for name in contents)


def followed(where: Remote, read: Callable[[], _Result]) -> _Result:
    """What a function reads, from files of one run.

    It is called again if others were published meanwhile.

    Args:
        where: the folder that it reads, or a file in it.
        read: opens the files by `locate`.

    Raises:
        InputError: the folder cannot be read, or changes whenever it is.
    """
    filesystem, path = filesystem_of(where.url)
    for _ in range(_READINGS):
        before, names = _state(filesystem, path)
        token = standing_in.set({**standing_in.get(), **names})
        try:
            result = read()
        except (OSError, FormatError, InputError):
            if _state(filesystem, path)[0] == before:
                raise
            continue
        finally:
            standing_in.reset(token)
        if _state(filesystem, path)[0] == before:
            return result
    raise InputError(
        "the folder's files change while they are read",
        where=where.url,
        expected="files of one run",
        found=f"others at each of {_READINGS} readings",
        todo="Run it again when nothing is written there",
    )


def _unchanged(filesystem: fs.FileSystem, path: str, folder: Remote, names: set[str]) -> None:
    """Refuses to write over what another run published since this one began, and may have read."""
    begun = _begun.get().get(path)
    if begun is None:
        return
    now = listed(filesystem, path)
    changed = sorted(each for each in names if begun[1].get(each) != now[1].get(each))
    if begun[0] == now[0] and not changed:
        return
    raise OutputError(
        "another run has written there since this one began",
        where=folder.url,
        expected="files as they were when this run began, which it may have read",
        found=f"others: {', '.join(changed or [MANIFEST])}",
        todo="Run it again; or let only one run at a time write there",
    )


def _state(filesystem: fs.FileSystem, path: str) -> tuple[Any, dict[str, str]]:
    """What is in a folder, to be compared; and where its files are, as far as that is elsewhere."""
    try:
        if filesystem.get_file_info(path).type == fs.FileType.File:
            path = path.rpartition("/")[0]
        manifest, files = listed(filesystem, path)
    except (OSError, pa.ArrowException) as error:
        raise InputError("the folder cannot be read", where=path, found=str(error)) from error
    if manifest is None:
        return files, {}
    names = {f"{path}/{name}": f"{path}/{key}" for name, key in manifest["files"].items()}
    gone = f"{path}/{PREFIX}{manifest['token']}/gone"
    names |= {f"{path}/{name}": gone for name in manifest["obsolete"]}
    # While it is there, it alone says what the files are.
    return manifest["token"], names


def _publish(
    filesystem: fs.FileSystem, path: str, contents: Mapping[str, bytes], obsolete: Collection[str]
) -> None:
    token = secrets.token_hex(8)
    keys = {name: f"{PREFIX}{token}/{number}" for number, name in enumerate(contents)}
    manifest = {
        "version": 1,
        "token": token,
        "files": keys,
        "obsolete": [name for name in obsolete if name not in contents],
    }
    try:
        for name, key in keys.items():
            put(filesystem, f"{path}/{key}", contents[name])
        # A store shows an object only when it is whole; other systems rename.
        in_store = filesystem.type_name in STORES
        first = f"{path}/{MANIFEST}" if in_store else f"{path}/{PREFIX}{token}/manifest"
        put(filesystem, first, json.dumps(manifest).encode())
        if not in_store:
            filesystem.move(first, f"{path}/{MANIFEST}")
    except BaseException:
        with suppress(OSError, pa.ArrowException):
            if manifest_of(filesystem, path) is None:
                _sweep(filesystem, path)
        raise


def _settle(filesystem: fs.FileSystem, path: str) -> None:
    """Copies published files to their own names, if there are any, and takes the manifest away."""
    manifest = manifest_of(filesystem, path)
    if manifest is None:
        return
    for name, key in manifest["files"].items():
        content = get(filesystem, f"{path}/{key}")
        if content is None:
            raise FileNotFoundError(2, os.strerror(2), f"{path}/{key}")
        put(filesystem, f"{path}/{name}", content)
    for name in manifest["obsolete"]:
        delete(filesystem, f"{path}/{name}")
    delete(filesystem, f"{path}/{MANIFEST}")
    with suppress(OSError, pa.ArrowException):
        _sweep(filesystem, path)


def _sweep(filesystem: fs.FileSystem, path: str) -> None:
    """Takes away what was staged, by killed runs too; whoever calls holds the lock."""
    for each in filesystem.get_file_info(fs.FileSelector(path, allow_not_found=True)):
        if each.type == fs.FileType.Directory and each.base_name.startswith(PREFIX):
            filesystem.delete_dir(each.path)


@contextmanager
def claimed(filesystem: fs.FileSystem, path: str, folder: Remote, wait: float) -> Iterator[None]:
    """An object that says who is writing: it is asked, and cannot keep two apart that ask at once.

    Args:
        filesystem: where the folder is.
        path: the folder's path there.
        folder: as the user named it.
        wait: seconds to wait for another one.

    Raises:
        OutputError: it says that another run is.
    """
    key = f"{path}/{locking.LOCK}"
    end = time.monotonic() + max(0.0, wait)
    while _is_alive(owner := _owner(filesystem, key)):
        if time.monotonic() >= end:
            raise locking.busy(folder.url, described(owner))
        time.sleep(_POLL_SECONDS)
    mine = {**locking.owner(), "token": secrets.token_hex(8), "time": time.time()}
    put(filesystem, key, json.dumps(mine).encode())
    held = _owner(filesystem, key)
    if held is None or held.get("token") != mine["token"]:
        raise locking.busy(folder.url, described(held))
    try:
        yield
    finally:
        with suppress(OSError, pa.ArrowException):
            delete(filesystem, key)


def _owner(filesystem: fs.FileSystem, key: str) -> dict[str, Any] | None:
    content = get(filesystem, key)
    with suppress(ValueError):
        found = json.loads(content or b"null")
        return found if isinstance(found, dict) else None
    return None


def _is_alive(owner: Mapping[str, Any] | None) -> bool:
    """Whether the run that left a lock may still be there."""
    if owner is None:
        return False
    since, pid = owner.get("time"), owner.get("pid")
    if not isinstance(since, float) or time.time() - since > LOCK_SECONDS:
        return False
    if owner.get("host") == socket.gethostname() and isinstance(pid, int):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            return True
    return True


def _not_copied(folder: Remote, error: BaseException) -> OutputError:
    return OutputError(
        "the results are published, but not all of them are under their own names",
        where=f"{folder.url}/{MANIFEST}",
        found=str(error).splitlines()[0],
        todo="The next run that writes there ends it; driftkit reads them rightly until then",
    )


@contextmanager
def _reported(folder: Remote) -> Iterator[None]:
    try:
        yield
    except (InputError, OSError, pa.ArrowException) as error:
        raise OutputError(
            "the results cannot be written",
            where=folder.url,
            expected="a place that can be written from this machine",
            found=str(error).splitlines()[0],
            todo="Check the URL, the credentials and their permissions",
        ) from error
