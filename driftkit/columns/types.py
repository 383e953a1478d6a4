"""The inferred types of Model Monitor, decided from how many values look like each."""

from __future__ import annotations

import re
from enum import StrEnum

# As in Deequ since 1.2.2, whose patterns must match the whole text; \d are ASCII digits there.
INTEGRAL = r"^[-+]? ?\d+$"
FRACTIONAL = r"^[-+]? ?\d+(?:\.\d+|(?:\.\d+)?[Ee][-+]?\d+)$"
BOOLEAN = r"^(?:true|false)$"


class InferredType(StrEnum):
    """The types that statistics.json and constraints.json name in `inferred_type`."""

    INTEGRAL = "Integral"
    FRACTIONAL = "Fractional"
    BOOLEAN = "Boolean"
    STRING = "String"
    UNKNOWN = "Unknown"

    @property
    def is_numeric(self) -> bool:
        """Whether columns of this type have numerical statistics."""
        return self in (InferredType.INTEGRAL, InferredType.FRACTIONAL)


_PATTERNS = {
    InferredType.INTEGRAL: re.compile(INTEGRAL, re.ASCII),
    InferredType.FRACTIONAL: re.compile(FRACTIONAL, re.ASCII),
    InferredType.BOOLEAN: re.compile(BOOLEAN, re.ASCII),
}


def type_of(text: str) -> InferredType:
    """The type that a value looks like.

    >>> [str(type_of(text)) for text in ("3", "3.0", "1e5", "true", ".5", "")]
    ['Integral', 'Fractional', 'Fractional', 'Boolean', 'String', 'String']
    """
    matches = (kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(text))
    return next(matches, InferredType.STRING)


def decide(*, integral: int, fractional: int, boolean: int, string: int) -> InferredType:
    """The type of a column, from how many of its values look like each (Deequ's rule).

    One String makes the column String, and so do truth values among numbers;
    one Fractional makes a column of integers Fractional.

    >>> str(decide(integral=99, fractional=1, boolean=0, string=0))
    'Fractional'
    """
    if string or (boolean and (integral or fractional)):
        return InferredType.STRING
    if boolean:
        return InferredType.BOOLEAN
    if fractional:
        return InferredType.FRACTIONAL
    return InferredType.INTEGRAL if integral else InferredType.UNKNOWN
