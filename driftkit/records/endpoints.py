"""Which endpoint and variant a captured or merged file is of, by its path."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.errors import InputError
from driftkit.formats.places import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.records.files import File

_DATED = re.compile(r"^(?P<above>.*?)/?(?P<hour>\d{4}/\d{2}/\d{2}/\d{2})/[^/]+$")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """An endpoint's variant; both are empty where the path does not tell.

    Attributes:
        endpoint: name of the endpoint.
        variant: name of the production variant.
    """

    endpoint: str = ""
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(name for name in (self.endpoint, self.variant) if name) or "(none)"


def place_of(path: str) -> Place:
    """The endpoint and variant of `.../<endpoint>/<variant>/yyyy/mm/dd/hh/file`.

    >>> place_of("/data/churn/AllTraffic/2024/03/18/15/14-45-000-x.jsonl")
    Place(endpoint='churn', variant='AllTraffic')
    """
    # Of thousands of files; pathlib takes ten times longer.
    whole = path if is_url(path) else os.path.abspath(path)  # noqa: PTH100
    found = _DATED.match(whole.replace("\\", "/"))
    if found is None:
        return Place()
    names = [name for name in found["above"].split("/") if name]
    if len(names) < 2:
        return Place(variant=names[-1] if names else "")
    return Place(endpoint=names[-2], variant=names[-1])


def places(files: Sequence[File]) -> tuple[Place, ...]:
    """The endpoints and variants of some files, sorted."""
    return tuple(sorted({place_of(file.path) for file in files}))


def of_variant(files: Sequence[File], variant: str) -> tuple[File, ...]:
    """The files of one variant, named alone or with its endpoint.

    Raises:
        InputError: there are none.
    """
    kept = tuple(
        file for file in files if variant in {place_of(file.path).variant, str(place_of(file.path))}
    )
    if not kept:
        raise InputError(
            f"there is no variant {variant!r}",
            expected=", ".join(map(str, places(files))),
            todo="Choose one of them",
        )
    return kept
