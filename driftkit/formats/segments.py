"""segment_constraints.json and segment_violations.json: constraints and violations by segment.

They are driftkit's own files: SageMaker Model Monitor knows no segments. Inside, constraints and
violations stand as in its files.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats.constraints import Constraints
from driftkit.formats.files import read_document
from driftkit.formats.violations import Violation, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from os import PathLike

CONSTRAINTS_FILE = "segment_constraints.json"
VIOLATIONS_FILE = "segment_violations.json"

Key = tuple[str | None, ...]


def to_dict(
    by: Sequence[str], segments: Iterable[tuple[Key | None, int, dict[str, Any]]]
) -> dict[str, Any]:
    """The content of either file.

    Args:
        by: the columns that tell segments apart.
        segments: values of these columns, None for the rows of all other segments; rows; and what
            the file says of them.
    """
    listed = [
        {"segment": None if key is None else dict(zip(by, key, strict=True)), "rows": rows, **said}
        for key, rows, said in segments
    ]
    return {"version": 0.0, "segment_by": list(by), "segments": listed}


def read_constraints(path: str | PathLike[str]) -> dict[Key | None, Constraints]:
    """The constraints of each segment.

    Raises:
        FormatError: the file is missing or is another one.
    """
    document = read_document(path)
    with _expecting(path, "baseline", "constraints"):
        by = [str(name) for name in document["segment_by"]]
        return {
            _key(by, each["segment"]): Constraints.read(
                each["constraints"], f"{path}: $.segments[{number}].constraints"
            )
            for number, each in enumerate(document["segments"])
        }


def read_violations(
    path: str | PathLike[str],
) -> tuple[tuple[str, ...], list[tuple[Key | None, int, tuple[Violation, ...]]]]:
    """The columns that tell segments apart, and the key, rows and violations of each segment.

    Raises:
        FormatError: the file is missing or is another one.
    """
    document = read_document(path)
    with _expecting(path, "window", "rows and violations"):
        by = tuple(str(name) for name in document["segment_by"])
        return by, [
            (
                _key(by, each["segment"]),
                int(each["rows"]),
                read(
                    {"violations": each["violations"]},
                    Violation,
                    f"{path}: $.segments[{number}]",
                ).violations,
            )
            for number, each in enumerate(document["segments"])
        ]


@contextmanager
def _expecting(path: str | PathLike[str], writer: str, content: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(
            f"this is not what a segmented {writer} writes",
            where=str(path),
            expected=f"segment_by, and segments with segment and {content}",
            found=f"{type(error).__name__} {error}",
            todo=f"Write the {writer} again",
        ) from error


def _key(by: Sequence[str], segment: Mapping[str, str | None] | None) -> Key | None:
    return None if segment is None else tuple(segment[name] for name in by)
