"""Columns made of others: as they are asked for, and as a baseline has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.errors import SettingsError
from driftkit.formats.derived import Derivation

if TYPE_CHECKING:
    from driftkit.settings.derived import Deriving


def asked_derivation(asked: Deriving) -> Derivation:
    """What is to be made."""
    return Derivation(text_columns=asked.text_columns, embedding_columns=asked.embedding_columns)


def refuse_other_derivation(asked: Deriving, known: Derivation) -> None:
    """Refuses to make other columns of a window than its baseline has.

    Raises:
        SettingsError: others are asked for.
    """
    wanted = asked_derivation(asked)
    if wanted and wanted != known:
        raise SettingsError(
            "columns of a window are made of others as its baseline's are",
            where="text_columns, embedding_columns",
            expected=known.told,
            found=wanted.told,
            todo="Leave the setting out, or learn the baseline with it",
        )
