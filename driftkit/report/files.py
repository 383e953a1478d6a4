"""Writes the files of a run, all of them or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from driftkit.errors import OutputError
from driftkit.formats.places import Place, Remote, place
from driftkit.report import remote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from os import PathLike

_STAGING_PREFIX = ".driftkit-"


def prepare(directory: str | PathLike[str]) -> Place:
    """Checks that results can be written, before anything long is computed; leaves no trace.

    Args:
        directory: where the results shall go, a URL too; need not be there yet.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    folder = place(directory)
    if isinstance(folder, Remote):
        remote.probe(folder)
        return folder
    existing = next(path for path in (folder, *folder.absolute().parents) if _is_there(path))
    try:
        with tempfile.TemporaryDirectory(prefix=_STAGING_PREFIX, dir=existing):
            return folder
    except OSError as error:
        raise _not_writable(folder, error) from error


def write_outputs(
    directory: str | PathLike[str],
    files: Mapping[str, str | bytes | Iterable[str]],
    *,
    obsolete: Collection[str] = (),
) -> tuple[Place, ...]:
    """Writes files into a folder so that either all of them are new or nothing has changed.

    Files of the same names are replaced, obsolete ones removed, all others are left alone.
    Whatever interrupts it, Ctrl-C included, undoes what was done.

    Args:
        directory: a path or URL; made where it is missing.
        files: content by file name, which may have folders before it, whole or in parts; text
            is written as UTF-8.
        obsolete: names of files that an earlier run may have left and this one does not write.

    Returns:
        Paths of the files, in the order given.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    folder = place(directory)
    if isinstance(folder, Remote):
        return remote.write(folder, files, obsolete)
    try:
        with ExitStack() as made:
            for parent in dict.fromkeys((folder, *((folder / name).parent for name in files))):
                made.enter_context(_made(parent))
            staging = made.enter_context(_staging(folder))
            for name, content in files.items():
                _write(staging / name, content)
            gone = tuple(name for name in obsolete if _is_there_as_file(folder / name))
            _publish(staging, folder, tuple(files), gone)
    except OSError as error:
        raise _not_writable(folder, error) from error
    return tuple(folder / name for name in files)


def local_folder(directory: str | PathLike[str]) -> Path:
    """The folder of this machine that is named.

    Raises:
        OutputError: it is elsewhere.
    """
    folder = place(directory)
    if isinstance(folder, Remote):
        raise OutputError(
            "the output is not a folder of this machine",
            where=folder.url,
            expected="a local or mounted folder",
            found="an address",
            todo="Write to a local folder and copy the files from there",
        )
    return folder


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """The folder and its missing parents; removed again if what follows fails."""
    missing = [path for path in (folder, *folder.parents) if not _is_there(path)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for path in missing:
            with suppress(OSError):
                path.rmdir()
        raise


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A hidden folder on the same file system, so that files can be renamed into place."""
    staging = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=folder))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _write(path: Path, content: str | bytes | Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            file.writelines(
                part.encode() for part in ([content] if isinstance(content, str) else content)
            )
        file.flush()
        os.fsync(file.fileno())


def _publish(staging: Path, folder: Path, names: tuple[str, ...], gone: tuple[str, ...]) -> None:
    """Renames the staged files into place; puts the former ones back if that stops half way."""
    former = staging / "former"
    former.mkdir()
    for name in (*names, *gone):
        if _is_there(folder / name):
            _keep(folder / name, former / name)
    try:
        for name in names:
            (staging / name).replace(folder / name)
        for name in gone:
            (folder / name).unlink()
        _sync(folder)
    except BaseException:
        for name in (*names, *gone):
            # A file that is still staged has not replaced anything yet.
            if not _is_there(staging / name):
                _restore(former / name, folder / name)
        raise


def _keep(path: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        copy.hardlink_to(path)
    except OSError:
        # Not every file system has hard links.
        shutil.copy2(path, copy, follow_symlinks=False)


def _restore(copy: Path, path: Path) -> None:
    if _is_there(copy):
        copy.replace(path)
    else:
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    # Some systems cannot open or flush a folder; the files themselves are safe by then.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)


def _is_there_as_file(path: Path) -> bool:
    return _is_there(path) and not path.is_dir()


def _not_writable(folder: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    place = f" at {error.filename}" if error.filename else ""
    return OutputError(
        "the results cannot be written",
        where=str(folder),
        expected="a folder that can be written",
        found=f"{reason}{place}",
        todo="Choose another output folder, or make room or permissions there",
    )
