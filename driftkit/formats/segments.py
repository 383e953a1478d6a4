"""segment_constraints.json and segment_violations.json: constraints and violations by segment.

They are driftkit's own files: SageMaker Model Monitor knows no segments. Inside, constraints and
violations stand as in its files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats.constraints import Constraints
from driftkit.formats.files import read_document
from driftkit.formats.violations import Violations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from driftkit.formats.violations import Violation

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
    try:
        by = [str(name) for name in document["segment_by"]]
        return {
            _key(by, each["segment"]): Constraints.read(
                each["constraints"], f"{path}: $.segments[{number}].constraints"
            )
            for number, each in enumerate(document["segments"])
        }
    except (KeyError, TypeError) as error:
        raise FormatError(
            "this is not what a segmented baseline writes",
            where=str(path),
            expected="segment_by, and segments with segment and constraints",
            found=f"{type(error).__name__} {error}",
            todo="Write the baseline again",
        ) from error


def _document(by: Sequence[str], segments: list[dict[str, Any]]) -> dict[str, Any]:
    return {"version": 0.0, "segment_by": list(by), "segments": segments}


def _head(by: Sequence[str], key: Key | None, rows: int) -> dict[str, Any]:
    segment = None if key is None else dict(zip(by, key, strict=True))
    return {"segment": segment, "rows": rows}


def _key(by: Sequence[str], segment: Mapping[str, str | None] | None) -> Key | None:
    return None if segment is None else tuple(segment[name] for name in by)
