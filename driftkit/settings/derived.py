"""The settings of columns that are made of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from driftkit.settings import checks
from driftkit.settings.declaring import Option, setting

DERIVING = "What columns are made of others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deriving:
    """Which columns are monitored by others that are made of them; a window has its baseline's."""

    text_columns: tuple[str, ...] = setting(
        (),
        checks.columns,
        "Monitor texts by columns that are made of them: length, words, script, markup, ...",
        Option(DERIVING, "COLUMN[,COLUMN]"),
    )
    embedding_columns: tuple[str, ...] = setting(
        (),
        checks.columns,
        "Monitor vectors, such as embeddings, by columns that are made of them: dimensions, norm, "
        "projections.",
        Option(DERIVING, "COLUMN[,COLUMN]"),
    )


class DerivingKeywords(TypedDict, total=False):
    """What users may write for `Deriving`."""

    text_columns: str | Sequence[str] | None
    embedding_columns: str | Sequence[str] | None
