"""The settings of columns that are made of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from driftkit.settings import checks
from driftkit.settings.declaring import Option, setting

DERIVING = "What columns are made of others"


def _two_columns(name: str, value: Any) -> tuple[str, ...]:
    """A setting that is a list of pairs of columns, each pair once."""
    found = checks.columns(name, value)
    halves = [each.split(":") for each in found]
    if not all(len(each) == 2 and all(each) and each[0] != each[1] for each in halves):
        raise checks.wrong(
            f"{name} are no pairs of columns",
            name,
            "two columns with a colon between them, for example age:income",
            value,
            "Write them so; a column with a colon in its name must be renamed",
        )
    return found


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
    joint_columns: tuple[str, ...] = setting(
        (),
        _two_columns,
        "Monitor whether two columns depend on each other as before, for example age:income, by a "
        "column of the cells that both fall into.",
        Option(DERIVING, "COLUMN:COLUMN[,...]"),
    )


class DerivingKeywords(TypedDict, total=False):
    """What users may write for `Deriving`."""

    text_columns: str | Sequence[str] | None
    embedding_columns: str | Sequence[str] | None
    joint_columns: str | Sequence[str] | None
