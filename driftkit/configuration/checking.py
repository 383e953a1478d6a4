"""Makes a configuration of what a document says; errors name file, line, path, and what was meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from driftkit.configuration.documents import dotted
from driftkit.configuration.model import Configuration
from driftkit.configuration.receivers import SINKS
from driftkit.errors import SettingsError
from driftkit.settings.checks import shown
from driftkit.sinks.references import is_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from driftkit.configuration.documents import Document
    from driftkit.configuration.yaml_values import Path

_REFERENCE = re.compile(r"\$\{[^}]*\}?")
_EXPECTED = {
    "missing": "this key",
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "dict_type": "keys and their values",
    "model_type": "keys and their values",
    "model_attributes_type": "keys and their values",
    "tuple_type": "a list",
    "string_too_short": "a text that is not empty",
    "too_short": "one or more",
}
_WHERE_SECRETS_ARE = {"sinks", "store"}


def checked(document: Document) -> Configuration:
    """The configuration of a document.

    Raises:
        SettingsError: a key is not known, a value is not what it should be, or a secret is
            written out.
    """
    _refuse_secrets(document)
    try:
        return Configuration.model_validate(document.values)
    except ValidationError as error:
        found = [_told(document, each) for each in error.errors()]
    first = found[0]
    if len(found) > 1:
        others = "".join(f"\n{each}" for each in found[1:]).removesuffix(".")
        first = SettingsError(
            first.what,
            where=first.where,
            expected=first.expected,
            found=first.found,
            todo=f"{first.todo}. {len(found) - 1} more:{others}",
        )
    raise first


def _told(document: Document, error: ErrorDetails) -> SettingsError:
    path: Path = tuple(each for each in error["loc"] if each != "[key]")
    known_at = path[:-1]
    if path[0] == "sinks" and len(path) > 2 and path[2] in SINKS:
        # Its kind is no key.
        path = (*path[:2], *path[3:])
    where = f"{document.where(path)}: {dotted(path)}"
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        known = _known_keys(known_at)
        what, meant = _unknown(str(path[-1]), known)
        return SettingsError(what, where=where, expected=", ".join(known), todo=meant)
    if kind == "refused":
        what, todo = str(context["what"]), str(context["todo"])
        return SettingsError(
            what, where=where, expected=context["expected"], found=context["found"], todo=todo
        )
    if kind == "missing":
        return SettingsError(
            "missing", where=where, expected=_EXPECTED[kind], found="nothing", todo="Add it"
        )
    if kind.startswith("union_tag"):
        expected = ", ".join(sorted(SINKS))
        found = str(context.get("tag", "nothing"))
        return SettingsError(
            "there is no such sink", where=where, expected=expected, found=found, todo="Correct it"
        )
    expected = _EXPECTED.get(kind) or context.get("expected") or error["msg"]
    expected = str(expected).removeprefix("Input should be ")
    similar = get_close_matches(str(error["input"]), re.findall(r"'([^']*)'", expected), n=1)
    todo = f"Did you mean {similar[0]!r}?" if similar else "Correct it"
    return SettingsError(
        "this is something else than expected",
        where=where,
        expected=expected,
        found=shown(error["input"]),
        todo=todo.removesuffix("."),
    )


def _unknown(name: str, known: list[str]) -> tuple[str, str]:
    similar = get_close_matches(name, known, n=1, cutoff=0.5)
    if similar:
        return f"unknown; did you mean {similar[0]!r}?", "Correct the key"
    return "unknown", "Leave it out"


def _known_keys(path: Path) -> list[str]:
    """The keys of the section at a path."""
    kind: Any = Configuration
    for each in path:
        found = list(_sections(kind))
        kind = next(
            (of for of in found if of.__name__ == f"Sink_{each}"), found[0] if found else kind
        )
        if isinstance(each, str) and hasattr(kind, "model_fields") and each in kind.model_fields:
            kind = kind.model_fields[each].annotation
    known: dict[str, Any] = next((each.model_fields for each in _sections(kind)), {})
    return sorted(each.alias or name for name, each in known.items())


def _sections(kind: Any) -> Iterator[Any]:
    """The sections that a type is made of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for each in get_args(kind):
        yield from _sections(each)


def _refuse_secrets(document: Document) -> None:
    for path, text in _texts(document.values, ()):
        if is_secret(str(path[-1]), text):
            raise SettingsError(
                "this looks like a secret",
                where=f"{document.where(path)}: {dotted(path)}",
                expected="a reference to the variable or file that holds it",
                found="it itself",
                todo='Write "${env:NAME}" or "${file:PATH}", and change the secret if others saw it',
            )
        if _REFERENCE.search(text) and path[0] not in _WHERE_SECRETS_ARE:
            raise SettingsError(
                "references are looked up in sinks and store only",
                where=f"{document.where(path)}: {dotted(path)}",
                expected="the value itself",
                found=shown(text),
                todo="Write it out, or set this key by an environment variable DRIFTKIT_...",
            )


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _texts(each, (*path, at))
