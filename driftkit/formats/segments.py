"""segment_constraints.json and segment_violations.json: constraints and violations by segment.

They are driftkit's own files: SageMaker Model Monitor knows no segments. Inside, constraints and
violations stand as in its files.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats.constraints import Constraints
from driftkit.formats.files import read_document
from driftkit.formats.violations import Violation, Violations, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

CONSTRAINTS_FILE = "segment_constraints.json"
VIOLATIONS_FILE = "segment_violations.json"

Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentConstraints:
    """What is normal in a segment; the key is None for the rows of all other segments."""

    key: Key | None
    rows: int
    constraints: Constraints


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentViolations:
    """What is not normal in a segment; the key is None for the rows of all other segments."""

    key: Key | None
    rows: int
    violations: tuple[Violation, ...]


def constraints_to_dict(
    by: Sequence[str], segments: Sequence[SegmentConstraints]
) -> dict[str, Any]:
    """The content of segment_constraints.json."""
    return _document(
        by,
        [
            {**_head(by, each.key, each.rows), "constraints": each.constraints.to_dict()}
            for each in segments
        ],
    )


def violations_to_dict(by: Sequence[str], segments: Sequence[SegmentViolations]) -> dict[str, Any]:
    """The content of segment_violations.json."""
    return _document(
        by,
        [
            {
                **_head(by, each.key, each.rows),
                **Violations(violations=each.violations).to_dict(),
            }
            for each in segments
        ],
    )


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
) -> tuple[tuple[str, ...], tuple[SegmentViolations, ...]]:
    """The columns that tell segments apart, and the violations of each segment.

    Raises:
        FormatError: the file is missing or is another one.
    """
    document = read_document(path)
    with _expecting(path, "window", "rows and violations"):
        by = tuple(str(name) for name in document["segment_by"])
        return by, tuple(
            SegmentViolations(
                key=_key(by, each["segment"]),
                rows=int(each["rows"]),
                violations=read(
                    {"violations": each["violations"]},
                    Violation,
                    f"{path}: $.segments[{number}]",
                ).violations,
            )
            for number, each in enumerate(document["segments"])
        )


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


def _document(by: Sequence[str], segments: list[dict[str, Any]]) -> dict[str, Any]:
    return {"version": 0.0, "segment_by": list(by), "segments": segments}


def _head(by: Sequence[str], key: Key | None, rows: int) -> dict[str, Any]:
    segment = None if key is None else dict(zip(by, key, strict=True))
    return {"segment": segment, "rows": rows}


def _key(by: Sequence[str], segment: Mapping[str, str | None] | None) -> Key | None:
    return None if segment is None else tuple(segment[name] for name in by)
