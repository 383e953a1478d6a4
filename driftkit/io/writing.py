"""Writes the files of a run, all or none."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from driftkit.errors import OutputError
from driftkit.io import publishing, remote_publishing
from driftkit.io.locations import Location, Remote, locate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from os import PathLike
    from pathlib import Path

    from driftkit.io.publishing import Content

_LOGGER = logging.getLogger(__name__)


@contextmanager
def holding(directory: str | PathLike[str], *, wait: float = 0.0) -> Iterator[Location]:
    """Checks that results can be written, and keeps other runs from writing until the block ends.

    Leaves no trace if nothing is written. In an object store other runs are kept away only while
    files are written: there it is refused to write over what another one wrote within the block.

    Args:
        directory: where the results shall go, a URL too; need not be there yet.
        wait: seconds to wait for another run that is writing there; math.inf waits for as long as
            it takes.

    Raises:
        OutputError: the folder cannot be made or written, or another run is writing there.
    """
    folder = locate(directory)
    if isinstance(folder, Remote):
        with remote_publishing.holding(folder):
            yield folder
        return
    with publishing.holding(folder, wait):
        yield folder


def prepare(directory: str | PathLike[str]) -> Location:
    """Checks that results can be written, before anything long is computed; leaves no trace.

    Args:
        directory: where the results shall go, a URL too; need not be there yet.

    Raises:
        OutputError: the folder cannot be made or written, or another run is writing there.
    """
    with holding(directory) as folder:
        return folder


def write_outputs(
    directory: str | PathLike[str],
    files: Mapping[str, Content],
    *,
    obsolete: Collection[str] = (),
    wait: float = 0.0,
) -> tuple[Location, ...]:
    """Writes files into a folder so that either all of them are new or nothing has changed.

    Files of the same names are replaced, obsolete ones removed, all others are left alone. Whoever
    reads with driftkit sees the files of one run, even after a run that was killed.

    Args:
        directory: a path or URL; made where it is missing.
        files: content by file name, which may have folders before it, whole or in parts; text
            is written as UTF-8.
        obsolete: names of files that an earlier run may have left and this one does not write.
        wait: seconds to wait for another run that is writing there.

    Returns:
        Paths of the files, in the order given.

    Raises:
        OutputError: the folder cannot be made or written, or another run is writing there.
    """
    folder = locate(directory)
    _LOGGER.info("writing %s: %s", folder, ", ".join(files))
    if isinstance(folder, Remote):
        return remote_publishing.write(folder, files, obsolete, wait)
    with publishing.publishing(folder, wait=wait) as publication:
        publication.add(folder, files, obsolete)
    return tuple(folder / name for name in files)


@contextmanager
def together(
    directory: str | PathLike[str],
    *,
    beside: Collection[Path] = (),
    wait: float = 0.0,
    at_once: bool = True,
) -> Iterator[None]:
    """Lets all that the block writes into a folder, and below it, change in one step at its end.

    In an object store each folder changes by itself.

    Args:
        directory: a path or URL; made where it is missing.
        beside: other folders whose files belong to the same step.
        wait: seconds to wait for another run that is writing there.
        at_once: whether the folders are locked now, or not before something is written.

    Raises:
        OutputError: the files cannot be written; nothing has changed then.
    """
    folder = locate(directory)
    if isinstance(folder, Remote):
        yield
        return
    with publishing.publishing(folder, beside=beside, wait=wait, at_once=at_once):
        yield


def local_folder(directory: str | PathLike[str]) -> Path:
    """The folder of this machine that is named.

    Raises:
        OutputError: it is elsewhere.
    """
    folder = locate(directory)
    if isinstance(folder, Remote):
        raise OutputError(
            "the output is not a folder of this machine",
            where=folder.url,
            expected="a local or mounted folder",
            found="an address",
            todo="Write to a local folder and copy the files from there",
        )
    return folder
