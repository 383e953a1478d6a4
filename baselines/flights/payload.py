"""Rows as CSV text, as a client sends them and a model answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


def csv_lines(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """One line of CSV a row, without a line end; missing values are empty.

    >>> import pandas as pd
    >>> csv_lines(pd.DataFrame({"seats": [55, None], "carrier": ["EV", "US"]}), ["carrier", "seats"])
    ['EV,55.0', 'US,']
    """
    texts = [table[name].astype("string").fillna("").tolist() for name in columns]
    return [",".join(values) for values in zip(*texts, strict=True)]
