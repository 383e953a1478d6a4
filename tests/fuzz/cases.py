"""What one iteration of the fuzzer is made of: files, options, and what is expected of them."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from driftkit.errors import DriftkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

ERROR, RESULT, KNOWN = "error", "result", "known"
# What a process says that ends by a fault of another's that docs/reliability.md tells of: of pyarrow's.
LIMITS = (
    b"level histogram size mismatch",
    b"type does not match ColumnDescriptor physical type",
    b"a known limit, for the tests of the fuzzer",
)
# A name that would lead out of the folder is part of no case.
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One input; it can be pickled, so that it outlives the process that it ends.

    Attributes:
        files: path below the folder of the iteration -> content.
        options: what the run is told beside them.
        expected: what plain Python makes of the values that the files were written from.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    expected: Any = None

    def put(self, folder: Path) -> None:
        """Writes the files."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def save(self, folder: Path) -> None:
        """Keeps the case for people: its files, its options, and itself."""
        (folder / "files").mkdir(parents=True, exist_ok=True)
        self.put(folder / "files")
        about = f"options: {self.options!r}\nexpected: {self.expected!r}\n"
        (folder / "about.txt").write_text(about, encoding="utf-8", errors="backslashreplace")
        (folder / "case.pickle").write_bytes(pickle.dumps(self))

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(map(len, self.files.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A part of driftkit and how it is attacked.

    Attributes:
        name: for people.
        share: of all iterations; shares need not add up to anything.
        make: makes a case.
        run: gives ERROR or RESULT; raises where driftkit is wrong.
        structured: whether the case is sound and its result known, so that hypothesis can make
            it too and shrink what fails; otherwise it is a mutation.
    """

    name: str
    share: int
    make: Callable[[Random], Case]
    run: Callable[[Case, Path], str]
    structured: bool = False


class WrongError(AssertionError):
    """A result is not what plain Python says."""


def check(condition: object, said: str) -> None:
    """Says what is wrong with a result.

    Raises:
        WrongError: the condition does not hold.
    """
    if not condition:
        raise WrongError(said)


def outcome(work: Callable[[], Any]) -> tuple[str, Any]:
    """RESULT and what the work gave, or ERROR and what driftkit said; anything else is raised."""
    try:
        return RESULT, work()
    except DriftkitError as error:
        check(error.what and str(error).strip(), "an error without a message")
        return ERROR, f"{type(error).__name__}: {error}"


def writable(files: Mapping[str, Any]) -> None:
    """Sees whether the files of a result can be written as JSON."""
    json.dumps(files, default=lambda array: array.tolist())


def safe_name(name: str) -> str:
    """A name as it can be a file's."""
    kept = "".join(c if c.isalnum() or c in "-._" else "_" for c in PurePosixPath(name).name)
    return kept[:_LONGEST_NAME] or "unnamed"
