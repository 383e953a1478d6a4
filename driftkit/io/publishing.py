"""Publishes all files of a run to a folder atomically."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from driftkit.errors import OutputError
from driftkit.io.journal import COMMIT, FORMER, NEW, Journal, Part, check_inside, flush
from driftkit.io.locking import LOCK, PREFIX, exchanging, make_folder, writer_lock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    Content = str | bytes | Iterable[str | bytes]

# Folders that this run has locked, and publications into which it writes at the moment. Other
# threads begin without any.
_held: ContextVar[tuple[Path, ...]] = ContextVar("_held", default=())
_open: ContextVar[tuple[Publication, ...]] = ContextVar("_open", default=())


@contextmanager
def holding(folder: Path, wait: float = 0.0) -> Iterator[None]:
    """Keeps other writers away from a folder, from before inputs are read to the end of a run.

    What a killed run left is finished or swept away first. The folder is made where it is missing,
    and goes again if nothing was written.

    Args:
        folder: that will be written.
        wait: seconds to wait for another writer.

    Raises:
        OutputError: another run holds it, or it cannot be written.
    """
    key = Path(os.path.realpath(folder))
    if key in _held.get():
        yield
        return
    with ExitStack() as stack:
        with reported(folder):
            stack.enter_context(_made(folder))
            alone = stack.enter_context(writer_lock(folder, wait))
            recover(folder)
            if alone:
                _sweep(folder)
        token = _held.set((*_held.get(), key))
        stack.callback(_held.reset, token)
        yield


@contextmanager
def publishing(
    folder: Path, *, beside: Collection[Path] = (), wait: float = 0.0, at_once: bool = True
) -> Iterator[Publication]:
    """Collects what a run writes, and publishes all of it at the end of the block.

    Inside of another block for the same folder it is a part of that one.

    Args:
        folder: that is written, and everything below it.
        beside: other folders that belong to the same step.
        wait: seconds to wait for another writer.
        at_once: whether the folder is locked now, or not before something is written.

    Raises:
        OutputError: the files cannot be written; nothing has changed then.
    """
    for publication in _open.get():
        if publication.covers(folder):
            yield publication
            return
    with ExitStack() as stack:
        publication = Publication((folder, *beside), wait, stack)
        if at_once:
            publication.begin()
        token = _open.set((*_open.get(), publication))
        try:
            yield publication
        except BaseException:
            publication.discard()
            raise
        finally:
            _open.reset(token)
        publication.commit()


class Publication:
    """Files that are written beside those that they replace, until all of them change at once."""

    def __init__(self, folders: tuple[Path, ...], wait: float, stack: ExitStack) -> None:
        self._folders = folders
        self._wait = wait
        self._stack = stack
        self._token = ""
        self._files: dict[Path, dict[str, str]] = {folder: {} for folder in folders}
        self._obsolete: dict[Path, list[str]] = {folder: [] for folder in folders}
        # By their real names: a folder that is locked twice would wait for itself.
        self._read_together = set(map(os.path.realpath, folders))

    def covers(self, folder: Path) -> bool:
        """Whether a folder is one of these, or below one."""
        return self._root_of(folder) is not None

    def begin(self) -> None:
        """Locks the folders, if that was not done."""
        if not self._token:
            for folder in self._folders:
                self._stack.enter_context(holding(folder, self._wait))
            self._token = secrets.token_hex(8)

    def staged(self, root: Path) -> Path:
        """The folder in which files for a root are written first."""
        self.begin()
        new = self._staging(root) / NEW
        with reported(root):
            if not new.exists():
                new.parent.mkdir(mode=0o700, exist_ok=True)
                new.mkdir()
        return new

    def add(
        self, folder: Path, files: Mapping[str, Content], obsolete: Collection[str] = ()
    ) -> None:
        """Writes files that will replace those of the same names, and takes obsolete ones away.

        Raises:
            OutputError: they cannot be written.
        """
        root = self._root_of(folder)
        if root is None:
            message = f"{folder} is not part of this publication"
            raise ValueError(message)
        above = Path(os.path.relpath(os.path.realpath(folder), os.path.realpath(root)))
        staging = self.staged(root)
        self._read_together.add(os.path.realpath(folder))
        with reported(folder):
            for name, content in files.items():
                staged = str(len(self._files[root]))
                with (staging / staged).open("wb") as file:
                    file.writelines(encoded(content))
                self._files[root][staged] = str(above / name)
        self._obsolete[root] += [str(above / name) for name in obsolete]

    def adopt(self, root: Path, files: Mapping[str, str], obsolete: Collection[str] = ()) -> None:
        """Takes files over that others wrote into the staging folder: their names -> in the root."""
        self._files[root].update(files)
        self._obsolete[root] += obsolete

    def discard(self) -> None:
        """Takes away what was staged; nothing else has changed."""
        if self._token:
            for root in self._folders:
                shutil.rmtree(self._staging(root), ignore_errors=True)

    def commit(self) -> None:
        """Publishes all files, or none.

        Raises:
            OutputError: one cannot be written; nothing has changed then.
        """
        parts = [self._part(root) for root in self._folders] if self._token else []
        if not any(part.targets for part in parts):
            self.discard()
            return
        journal = Journal(token=self._token, parts=tuple(parts))
        with reported(self._folders[0]), ExitStack() as stack:
            try:
                can_undo = self._ready(journal)
                for folder in sorted(self._read_together):
                    stack.enter_context(exchanging(Path(folder)))
                self._staging(self._folders[0]).replace(journal.committed)
            except BaseException:
                # The step may be done, when Ctrl-C comes right after it.
                if self._staging(self._folders[0]).exists():
                    self.discard()
                    raise
                _carry_out(journal, can_undo=can_undo)
                raise
            _carry_out(journal, can_undo=can_undo)

    def _ready(self, journal: Journal) -> bool:
        """Brings everything to the disk; tells whether the former files can be put back."""
        can_undo = True
        for part in journal.parts:
            staging = self.staged(part.folder)
            check_inside(part)
            for name in part.targets:
                if (part.folder / name).is_dir():
                    raise IsADirectoryError(
                        errno.EISDIR, os.strerror(errno.EISDIR), str(part.folder / name)
                    )
            flush([*(staging / name for name in part.files), staging])
            can_undo = _kept(part, staging.parent / FORMER) and can_undo
            flush([staging.parent, part.folder])
        journal.write(self._staging(self._folders[0]))
        return can_undo

    def _part(self, root: Path) -> Part:
        files = self._files[root]
        new = {*files.values()}
        above = {parent for name in new for parent in Path(name).parents}
        gone = dict.fromkeys(name for name in self._obsolete[root] if name not in new)
        return Part(
            folder=root,
            files=files,
            obsolete=tuple(name for name in gone if _is_file(root / name)),
            made=tuple(sorted(str(each) for each in above if not (root / each).exists())),
        )

    def _root_of(self, folder: Path) -> Path | None:
        real = Path(os.path.realpath(folder))
        for root in self._folders:
            if real.is_relative_to(os.path.realpath(root)):
                return root
        return None

    def _staging(self, root: Path) -> Path:
        return root / f"{PREFIX}{self._token}"


def recover(folder: Path) -> None:
    """Finishes what a killed run had published; whoever calls holds the folder's lock.

    Raises:
        OutputError: what is there is none of driftkit's.
        OSError: a file cannot be moved.
    """
    if (folder / COMMIT).exists():
        with exchanging(folder):
            if (folder / COMMIT).exists():
                Journal.read(folder).roll_forward()


def _carry_out(journal: Journal, *, can_undo: bool) -> None:
    """Moves the files; an interruption does not keep it from that, a disk that fails undoes it."""
    try:
        journal.roll_forward()
    except OSError as error:
        if not can_undo:
            raise _half_way(journal, error) from error
        try:
            journal.roll_back()
        except OSError as again:
            raise _half_way(journal, again) from again
        raise
    except BaseException:
        if journal.committed.exists():
            journal.roll_forward()
        raise


def _half_way(journal: Journal, error: OSError) -> OutputError:
    return OutputError(
        "the results are published, but not all of them are in their places",
        where=str(journal.committed),
        found=error.strerror or str(error),
        todo="Make room or permissions there; the next run that writes or reads there ends it",
    )


def _kept(part: Part, former: Path) -> bool:
    """Keeps the files that are replaced under a second name, where the file system has those."""
    former.mkdir()
    for number, name in enumerate(part.targets):
        if os.path.lexists(part.folder / name):
            try:
                os.link(part.folder / name, former / str(number), follow_symlinks=False)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise
                return False
    return True


def _sweep(folder: Path) -> None:
    """Takes away what killed runs left; whoever calls holds the folder's lock."""
    with os.scandir(folder) as entries:
        left = [e.path for e in entries if e.name.startswith(PREFIX) and e.name != LOCK]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """The folder and its missing parents; those that stay empty go again."""
    missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    try:
        make_folder(folder)
        yield
    finally:
        for path in missing:
            with suppress(OSError):
                path.rmdir()


def encoded(content: Content) -> Iterable[bytes]:
    """The bytes of a file, of text as UTF-8, whole or in parts."""
    if isinstance(content, bytes):
        return [content]
    parts = [content] if isinstance(content, str) else content
    return (part.encode() if isinstance(part, str) else part for part in parts)


def _is_file(path: Path) -> bool:
    return os.path.lexists(path) and not path.is_dir()


@contextmanager
def reported(folder: Path) -> Iterator[None]:
    """Turns errors of the system into one that says what can be done.

    Raises:
        OutputError: in their place.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        where = f" at {error.filename}" if error.filename else ""
        raise OutputError(
            "the results cannot be written",
            where=str(folder),
            expected="a folder that can be written",
            found=f"{reason}{where}",
            todo="Choose another output folder, or make room or permissions there",
        ) from error
