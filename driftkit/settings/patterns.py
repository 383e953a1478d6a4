"""Finds the names that a setting means: a name, or a pattern such as tmp_*."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from driftkit.settings import Selection

_SHOWN = 5
NOT_NAMED = "not among those of columns"
IGNORED = "left out by ignore"


def is_pattern(text: str) -> bool:
    """Whether a text may stand for several names.

    >>> is_pattern("tmp_*"), is_pattern("age")
    (True, False)
    """
    return any(sign in text for sign in "*?[")


def matching(text: str, names: Collection[str]) -> list[str]:
    """The names that a text means: itself, if it is one of them, else those of the pattern.

    >>> matching("tmp_*", ["tmp_a", "age"]), matching("a[1]", ["a[1]", "a1"])
    (['tmp_a'], ['a[1]'])
    """
    if text in names:
        return [text]
    return [name for name in names if fnmatchcase(name, text)] if is_pattern(text) else []


def matched(texts: Iterable[str], names: Collection[str]) -> set[str]:
    """The names that any of the texts means.

    >>> sorted(matched(["age", "tmp_*"], ["tmp_a", "age", "city"]))
    ['age', 'tmp_a']
    """
    return {name for text in texts for name in matching(text, names)}


def meanings(texts: Iterable[str], names: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Each text with the names that it means; names come last, as what they say goes before patterns.

    >>> list(meanings(["age", "a*"], ["age", "area"]))
    [('a*', ['age', 'area']), ('age', ['age'])]
    """
    for text in sorted(texts, key=lambda each: each in names):
        yield text, matching(text, names)


def left_out(names: Iterable[str], selection: Selection) -> dict[str, str]:
    """The columns that are not monitored, and why, in the order of the columns."""
    known = dict.fromkeys(names)
    kept = matched(selection.columns, known) if selection.columns else known
    ignored = matched(selection.ignore, known)
    return {
        name: IGNORED if name in ignored else NOT_NAMED
        for name in known
        if name in ignored or name not in kept
    }


def refuse_unknown(selection: Selection, names: Iterable[str], what: str = "columns") -> None:
    """Refuses names and patterns of columns that there are not.

    Args:
        selection: that has them.
        names: of the columns of the data and, where there is one, of its baseline.
        what: they are, where not all columns take part.

    Raises:
        SettingsError: there are some.
    """
    known = dict.fromkeys(names)
    refuse_unmatched("columns", selection.columns, known, what)
    refuse_unmatched("ignore", selection.ignore, known, what)


def refuse_unmatched(
    setting: str,
    texts: Iterable[str],
    names: Collection[str],
    what: str = "columns",
    left_out: Collection[str] = (),
) -> None:
    """Refuses names that are none of the columns, and patterns of none.

    Args:
        setting: its name.
        texts: names and patterns that it has.
        names: of the columns.
        what: they are, where they are no columns.
        left_out: names of those that there are and that do not take part.

    Raises:
        SettingsError: there are some.
    """
    unknown = [text for text in texts if not matching(text, names)]
    if not unknown:
        return
    gone = [text for text in unknown if matching(text, left_out)]
    if gone:
        raise SettingsError(
            f"these {what} are left out of the run",
            where=setting,
            expected=f"{what} that take part",
            found=", ".join(map(repr, gone[:_SHOWN])),
            todo="Leave them out here too, or let them take part (columns, ignore)",
        )
    near = [each for text in unknown[:_SHOWN] for each in get_close_matches(text, names, n=2)]
    close = list(dict.fromkeys(near))[:_SHOWN]
    some = [*list(names)[:_SHOWN], *(["..."] if len(names) > _SHOWN else [])]
    raise SettingsError(
        f"there are no such {what}",
        where=setting,
        expected=" or ".join(close) if close else ", ".join(some),
        found=", ".join(map(repr, unknown[:_SHOWN])),
        todo="Check the spelling",
    )
