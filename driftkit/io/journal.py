"""The journal of a publication: file moves that can be finished or undone after a crash.

A publication becomes true by one step, the renaming of its folder to `.driftkit-commit`. What the
journal there says can then be done any number of times, by anyone: a file that has moved is not in
the folder any more.
"""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftkit.errors import OutputError
from driftkit.io.locking import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COMMIT = f"{PREFIX}commit"
NEW = "new"
FORMER = "former"
_NAME = "journal.json"
_VERSION = 1
# A disk flushes many files together sooner than one after another.
_FLUSHES_AT_ONCE = 16
_FEW = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The files of one folder.

    Attributes:
        folder: where they go.
        files: staged name -> name in the folder.
        obsolete: names that go away.
        made: folders in it that were not there, outermost first.
    """

    folder: Path
    files: Mapping[str, str]
    obsolete: tuple[str, ...] = ()
    made: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """All names that change."""
        return (*self.files.values(), *self.obsolete)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """All that one publication changes.

    Attributes:
        token: of the publication; its folders are called after it.
        parts: the first is of the folder with the journal.
    """

    token: str
    parts: tuple[Part, ...]

    @property
    def committed(self) -> Path:
        """The folder by whose name the publication is true."""
        return self.parts[0].folder / COMMIT

    def staging(self, part: Part) -> Path:
        """Where the part's files are before they move."""
        return self.committed if part is self.parts[0] else part.folder / f"{PREFIX}{self.token}"

    def write(self, staging: Path) -> None:
        """Writes it into the folder that will be the commit's, down to the disk."""
        root = os.path.realpath(self.parts[0].folder)
        parts = [
            {
                # Both may be mounted elsewhere when it is read.
                "folder": os.path.relpath(os.path.realpath(part.folder), root),
                "files": dict(part.files),
                "obsolete": list(part.obsolete),
                "made": list(part.made),
            }
            for part in self.parts
        ]
        content = {"version": _VERSION, "token": self.token, "parts": parts}
        path = staging / _NAME
        with path.open("w", encoding="utf-8") as file:
            json.dump(content, file)
        flush([path, staging])

    @classmethod
    def read(cls, folder: Path) -> Journal:
        """The journal of the publication that is true for a folder, and not yet done.

        Raises:
            OutputError: it is none of ours, or leads out of its folder.
            OSError: it cannot be read.
        """
        path = folder / COMMIT / _NAME
        try:
            content = json.loads(path.read_bytes())
            parts = tuple(_part(each, folder) for each in content["parts"])
            journal = cls(token=_plain(content["token"]), parts=parts)
        except (ValueError, KeyError, TypeError, AttributeError, FileNotFoundError) as error:
            raise _strange(path, str(error)) from error
        if content.get("version") != _VERSION or not parts:
            raise _strange(path, f"version {content.get('version')!r}")
        return journal

    def roll_forward(self) -> None:
        """Moves all files into place and takes the commit away.

        Raises:
            OutputError: a name leads out of its folder.
            OSError: a file cannot be moved; what has moved stays so.
        """
        for part in self._there():
            source = self.staging(part) / NEW
            check_inside(part)
            for made in part.made:
                (part.folder / made).mkdir(parents=True, exist_ok=True)
            for staged, name in part.files.items():
                _move(source / staged, part.folder / name)
            for name in part.obsolete:
                (part.folder / name).unlink(missing_ok=True)
            flush(_folders(part))
        self._end()

    def roll_back(self) -> None:
        """Puts all files back as they were, and takes the commit away.

        Raises:
            OSError: a file cannot be moved.
        """
        for part in self._there():
            staging = self.staging(part)
            for staged, name in part.files.items():
                if not os.path.lexists(staging / NEW / staged):
                    (part.folder / name).replace(staging / NEW / staged)
            for number, name in enumerate(part.targets):
                if os.path.lexists(staging / FORMER / str(number)):
                    (staging / FORMER / str(number)).replace(part.folder / name)
            for made in reversed(part.made):
                with suppress(OSError):
                    (part.folder / made).rmdir()
            flush(_folders(part))
        self._end()

    def _there(self) -> Iterator[Part]:
        """The parts that are not done; those of other folders only where these take part."""
        for part in self.parts:
            if part is self.parts[0] or self.staging(part).is_dir():
                yield part

    def _end(self) -> None:
        # Under another name it is nobody's commit any more, however much of it is deleted.
        done = self.parts[0].folder / f"{PREFIX}{self.token}"
        self.committed.replace(done)
        flush([self.parts[0].folder])
        for folder in (done, *map(self.staging, self.parts[1:])):
            shutil.rmtree(folder, ignore_errors=True)


def _move(staged: Path, path: Path) -> None:
    try:
        staged.replace(path)
    except FileNotFoundError:
        # It has moved before; or somebody took the folder away that it goes to.
        if os.path.lexists(staged):
            path.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(path)


def _part(content: Any, root: Path) -> Part:
    return Part(
        folder=Path(os.path.realpath(root / content["folder"])),
        files={_inner(staged): _inner(name) for staged, name in content["files"].items()},
        obsolete=tuple(map(_inner, content["obsolete"])),
        made=tuple(map(_inner, content["made"])),
    )


def _plain(name: Any) -> str:
    if not isinstance(name, str) or not name.isalnum():
        message = f"the token {name!r}"
        raise ValueError(message)
    return name


def _inner(name: Any) -> str:
    """A relative name that does not climb: a journal may come with data from anywhere."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        message = f"the name {name!r}"
        raise ValueError(message)
    return str(name)


def check_inside(part: Part) -> None:
    """Refuses links by which a name leads out of its folder.

    Raises:
        OutputError: there is one.
    """
    root = os.path.realpath(part.folder)
    inner = {os.path.dirname(name) for name in part.targets}.union(part.made)  # noqa: PTH120
    for name in inner:
        found = os.path.realpath(part.folder / name)
        if found != root and not found.startswith(root.rstrip(os.sep) + os.sep):
            raise OutputError(
                "a link leads out of the folder that is written",
                where=str(part.folder / name),
                expected=f"a folder in {root}",
                found=found,
                todo="Write to where it leads, or take the link away",
            )


def _folders(part: Part) -> list[Path]:
    names = {os.path.dirname(name) for name in part.targets}  # noqa: PTH120
    return [part.folder / name for name in sorted(names.union(part.made, {""}))]


def _strange(path: Path, found: str) -> OutputError:
    return OutputError(
        "the folder holds a publication that is none of driftkit's, or damaged",
        where=str(path),
        expected="the journal of a run that was killed while it published its files",
        found=found,
        todo=f"Remove {path.parent.name}, and run again what wrote into the folder",
    )


def flush(paths: Iterable[Path]) -> None:
    """Brings files and the entries of folders down to the disk.

    Raises:
        OSError: a file cannot be flushed, for example because the disk is full.
    """
    given = list(paths)
    if len(given) <= _FEW:
        for path in given:
            _flush(path)
        return
    with ThreadPoolExecutor(_FLUSHES_AT_ONCE) as pool:
        for _ in pool.map(_flush, given):
            pass


def _flush(path: Path) -> None:
    is_folder = path.is_dir()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        # Some systems cannot open a folder; its files are safe by then.
        if is_folder:
            return
        raise
    try:
        os.fsync(handle)
    except OSError:
        if not is_folder:
            raise
    finally:
        os.close(handle)
