"""Parses numbers in data, which are fewer than Python accepts."""

from __future__ import annotations


def number_in(text: str) -> float | None:
    """The number that a text spells; None where it spells none.

    Python's float also takes `1_0`, and digits of other scripts, which neither Arrow nor pandas nor
    Spark do; columns of such texts are text.

    >>> [number_in(text) for text in ("1.50", " 7 ", "-1e3", "1_0", "yes")]
    [1.5, 7.0, -1000.0, None, None]
    """
    if "_" in text or not text.isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None


def is_index(text: str) -> bool:
    """Whether a text counts places from 0: plain digits only, of which `²` is none.

    >>> [is_index(text) for text in ("0", "12", "²", "-1", "")]
    [True, True, False, False, False]
    """
    return text.isascii() and text.isdigit()
