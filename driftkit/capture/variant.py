"""The endpoint and variant of a captured or merged file, by its path."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from glob import has_magic
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from driftkit.errors import InputError
from driftkit.io.finding import local_path
from driftkit.io.locations import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.io.finding import File
    from driftkit.settings import Window

# The production variant of a captured request, by which its rows are told apart as by a column.
VARIANT = "variantName"
_DATED = re.compile(r"^(?P<above>.*?)/?(?P<hour>\d{4}/\d{2}/\d{2}/\d{2})/[^/]+$")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Variant:
    """An endpoint's variant; both are empty where the path does not tell.

    Attributes:
        endpoint: name of the endpoint.
        variant: name of the production variant.
    """

    endpoint: str = ""
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(name for name in (self.endpoint, self.variant) if name) or "(none)"


def variant_of(path: str) -> Variant:
    """The endpoint and variant of `.../<endpoint>/<variant>/yyyy/mm/dd/hh/file`.

    >>> variant_of("/data/churn/AllTraffic/2024/03/18/15/14-45-000-x.jsonl")
    Variant(endpoint='churn', variant='AllTraffic')
    """
    found = _DATED.match(_whole(path))
    if found is None:
        return Variant()
    names = [name for name in found["above"].split("/") if name]
    if len(names) < 2:
        return Variant(variant=names[-1] if names else "")
    return Variant(endpoint=names[-2], variant=names[-1])


def folder_of(path: str) -> str:
    """The folder in which the hours of a variant are; the path itself where it has no hour."""
    found = _DATED.match(path)
    return path if found is None else found["above"]


def variant_below(path: str, sources: Sequence[str]) -> Variant:
    """The folders between a source and `yyyy/mm/dd/hh/file`, of which the last is the variant.

    Args:
        path: of a file.
        sources: folders, files, globs or URLs, of which one names the file.

    >>> str(variant_below("/opt/input_data/schedule/2024/03/18/15/a.csv.out", ["/opt/input_data"]))
    'schedule'
    """
    found = _DATED.match(named_path(path))
    if found is None:
        return Variant()
    dated = f"{found['above']}/"
    roots = [root for source in sources if dated.startswith(root := _folder(source))]
    # Where a source lies deeper, there is no folder between.
    between = dated[max(map(len, roots), default=len(dated)) :].strip("/")
    above, _, last = between.rpartition("/")
    return Variant(endpoint=above, variant=last)


def _folder(source: str) -> str:
    """The folder of a source, without what a pattern leaves open, with a slash at its end."""
    fixed = takewhile(lambda part: not has_magic(part), named_path(source).split("/"))
    return "/".join(fixed).rstrip("/") + "/"


def named_path(path: str) -> str:
    """A path from the root, or a URL, its parts as people call them."""
    local = local_path(path)
    return unquote(urlsplit(local)._replace(query="").geturl()) if is_url(local) else _whole(local)


def _whole(path: str) -> str:
    # Of thousands of files; pathlib takes ten times longer.
    whole = path if is_url(path) else os.path.abspath(path)  # noqa: PTH100
    return whole.replace("\\", "/")


def variants(files: Sequence[File]) -> tuple[Variant, ...]:
    """The endpoints and variants of some files, sorted."""
    return tuple(sorted({variant_of(file.path) for file in files}))


def one_variant(files: Sequence[File], settings: Window) -> tuple[File, ...]:
    """The files of the variant that was asked for, or of the only one there is.

    Args:
        files: of captured or merged data.
        settings: the variant, or whether all of them are looked at as one.

    Raises:
        InputError: there are several, and nothing was said; or there is not the one asked for.
    """
    if settings.variant is not None:
        return of_variant(files, settings.variant)
    if settings.together:
        return tuple(files)
    found = variants(files)
    if len(found) > 1:
        raise InputError(
            "the data are of several production variants, which are different models",
            where=found[0].endpoint,
            expected="one endpoint and variant",
            found=", ".join(map(str, found)),
            todo="Choose one with --variant (variant=), or take them as one with --together "
            "(together=True)",
        )
    return tuple(files)


def of_variant(files: Sequence[File], variant: str) -> tuple[File, ...]:
    """The files of one variant, named alone or with its endpoint.

    Raises:
        InputError: there are none.
    """
    kept = tuple(
        file
        for file in files
        if variant in {variant_of(file.path).variant, str(variant_of(file.path))}
    )
    if not kept:
        raise InputError(
            f"there is no variant {variant!r}",
            expected=", ".join(map(str, variants(files))),
            todo="Choose one of them",
        )
    return kept
