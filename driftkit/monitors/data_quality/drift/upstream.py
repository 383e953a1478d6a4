"""Where columns come from, as far as it is said: a step upstream, or a column that others are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.errors import SettingsError
from driftkit.readers.derived import made_of_one
from driftkit.settings.patterns import matched, refuse_unmatched

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from driftkit.formats.derived import Derivation

    Sources = Mapping[str, Sequence[str]]


def refuse_strange_sources(
    sources: Sources, names: Collection[str], derivation: Derivation
) -> None:
    """Refuses steps of columns that there are not, and a column of two steps.

    Args:
        sources: step -> names and patterns of its columns.
        names: of the baseline's columns.
        derivation: how some of them are made of others, which may be meant too.

    Raises:
        SettingsError: there are some.
    """
    every = dict.fromkeys((*names, *made_of_one(derivation).values()))
    known: dict[str, str] = {}
    for step, texts in sources.items():
        refuse_unmatched("sources", texts, every)
        for name in sorted(matched(texts, every)):
            if name in known:
                raise SettingsError(
                    "a column comes from two steps",
                    where="sources",
                    expected="one step for each column",
                    found=f"{name!r} of {known[name]} and of {step}",
                    todo="Name it once, or make the patterns narrower",
                )
            known[name] = step


def upstream_of(sources: Sources, names: Collection[str], derivation: Derivation) -> dict[str, str]:
    """Of each column where it comes from; those of which it is not known are left out.

    Args:
        sources: step -> names and patterns of its columns.
        names: of the columns that are judged.
        derivation: how some of them are made of others, which are their step where none is named.
    """
    origins = {made: name for made, name in made_of_one(derivation).items() if made in names}
    origins |= {name: name for name in origins.values() if name in names}
    every = {*names, *origins.values()}
    said = {name: step for step, texts in sources.items() for name in matched(texts, every)}
    made = {each: said.get(each, said.get(name, name)) for each, name in origins.items()}
    return {name: step for name, step in (said | made).items() if name in names}
