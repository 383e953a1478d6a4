"""Stops a run at its n-th change of a folder, or keeps what the folder is before each change.

A process that is killed leaves behind what the system has been told so far, and nothing else: the
tree right before a change is what a kill at this change leaves.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Tree = dict[str, bytes | None]
"""The content of files by path, and None for folders."""

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_listener: Callable[[str, str], None] | None = None
_busy = threading.RLock()
_inside = threading.local()
_deaf = threading.Event()


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _is_heard() or not _is_change(event, args):
        return
    paths = [os.fspath(each) for each in args[:2] if isinstance(each, str | os.PathLike)]
    if paths:
        _tell(event, paths[-1] if event == "os.link" else paths[0])


def unheard(run: Callable[[], Any]) -> Any:
    """What a function gives, whose changes no listener hears, of none of its threads.

    The listener waits for it meanwhile, so that nobody else is to be heard either.
    """
    _deaf.set()
    try:
        return run()
    finally:
        _deaf.clear()


def _is_heard() -> bool:
    return _listener is not None and not _deaf.is_set() and not getattr(_inside, "hook", False)


def _is_change(event: str, args: tuple[Any, ...]) -> bool:
    return event in _CHANGES or (event == "open" and bool((args[2] or 0) & _WRITING))


def _tell(event: str, path: str) -> None:
    with _busy:
        listener = _listener
        if listener is None:
            return
        _inside.hook = True
        try:
            listener(event, path)
        finally:
            _inside.hook = False


# A hook cannot be taken away again; without a listener it does nothing.
sys.addaudithook(_hook)


@contextmanager
def heard(root: Path, listener: Callable[[str, str], None]) -> Iterator[None]:
    """Calls the listener before each change of anything below a folder, from any thread."""
    global _listener  # noqa: PLW0603  (a hook of the interpreter is one for all)

    def below(event: str, path: str) -> None:
        if os.path.realpath(path).startswith(f"{os.path.realpath(root)}{os.sep}"):
            listener(event, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", _telling("os.fsync", os.fsync))
        # Arrow writes without Python's knowledge.
        patch.setattr(pq, "write_table", _telling("open", pq.write_table, at=1))
        # A single worker, so that the order of events is always the same.
        patch.setattr(os, "cpu_count", lambda: 1)
        _listener = below
        try:
            yield
        finally:
            _listener = None


def _telling(event: str, real: Callable[..., Any], at: int = 0) -> Callable[..., Any]:
    def call(*args: Any, **keywords: Any) -> Any:
        named = args[at]
        path = Path(f"/proc/self/fd/{named}").readlink() if isinstance(named, int) else named
        if _is_heard():
            _tell(event, os.fspath(path))
        return real(*args, **keywords)

    return call


def recorded(root: Path, run: Callable[[], object]) -> tuple[list[Tree], int]:
    """What the folder is before each change that a run makes there, and how many changes it makes.

    Trees that are alike are given once. A file that is opened is there, empty, before its content
    is.
    """
    trees: dict[int, Tree] = {}
    count = 0

    def keep(event: str, path: str) -> None:
        nonlocal count
        count += 1
        before = tree(root)
        opened = {**before, os.path.relpath(os.path.realpath(path), os.path.realpath(root)): b""}
        for each in (before, opened) if event == "open" else (before,):
            trees.setdefault(hash(frozenset(_alike(each).items())), each)

    with heard(root, keep):
        run()
    return list(trees.values()), count


def _alike(found: Tree) -> Tree:
    """A tree without the names by chance, and without who wrote and when."""
    names = sorted({part for path in found for part in path.split("/") if _by_chance(part)})
    known = {name: str(number) for number, name in enumerate(names)}
    return {
        "/".join(known.get(part, part) for part in path.split("/")): b""
        if path.endswith(("/.driftkit-lock", "journal.json")) and content
        else content
        for path, content in found.items()
    }


def _by_chance(part: str) -> bool:
    return part.startswith(".driftkit-") and part not in {".driftkit-lock", ".driftkit-commit"}


def tree(root: Path) -> Tree:
    """All files and folders below a folder, hidden ones too."""
    found: Tree = {}
    for folder, folders, files in os.walk(root):
        above = os.path.relpath(folder, root)
        for name in folders:
            found[os.path.normpath(os.path.join(above, name))] = None  # noqa: PTH118
        for name in files:
            path = os.path.join(folder, name)  # noqa: PTH118
            with open(path, "rb") as file:  # noqa: PTH123
                found[os.path.normpath(os.path.join(above, name))] = file.read()  # noqa: PTH118
    return found


def restored(found: Tree, root: Path) -> Path:
    """Makes a folder what a tree says; gives it."""
    root.mkdir(parents=True)
    for path, content in sorted(found.items()):
        if content is None:
            (root / path).mkdir(parents=True, exist_ok=True)
        else:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
    return root


def count_changes(root: Path, run: Callable[[], object]) -> list[str]:
    """The changes that a run makes below a folder, in their order."""
    events: list[str] = []
    with heard(root, lambda event, _: events.append(event)):
        run()
    return events


@contextmanager
def failing(root: Path, at: int, error: BaseException, *, once: bool = True) -> Iterator[list[str]]:
    """Lets the n-th change fail, and all later ones too unless it is to be `once`."""
    events: list[str] = []

    def fail(event: str, _: str) -> None:
        events.append(event)
        # To take something away needs no room on the disk.
        if len(events) == at or (not once and len(events) > at and event in _TAKING):
            raise error

    with heard(root, fail):
        yield events


_TAKING = {"open", "os.fsync", "os.mkdir", "os.link", "os.rename"}
