"""Segments in words as the two columns that tell slices apart, and back."""

from __future__ import annotations


def slice_of(segment: str | None) -> tuple[str | None, str | None]:
    """Column and value of a segment in words.

    >>> slice_of("carrier=AA"), slice_of("origin missing"), slice_of(None)
    (('carrier', 'AA'), ('origin missing', None), (None, None))
    """
    key, between, value = (segment or "").partition("=")
    return (None if segment is None else key), (value if between else None)


def segment_of(key: str | None, value: str | None) -> str | None:
    """The segment in words.

    >>> segment_of("carrier", "AA")
    'carrier=AA'
    """
    return key if key is None or value is None else f"{key}={value}"
