"""Makes a configuration of what a document says; errors name file, line, path, and what was meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from driftkit.configuration.documents import dotted
from driftkit.configuration.model import Configuration
from driftkit.configuration.planning import KINDS
from driftkit.configuration.receivers import SINKS
from driftkit.configuration.section import PATTERNS
from driftkit.errors import SettingsError, all_in_one
from driftkit.settings.checks import shown
from driftkit.settings.declaring import not_of
from driftkit.sinks.references import FORMS, is_reference, is_secret, strange_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from driftkit.configuration.documents import Document
    from driftkit.configuration.yaml_values import Path

_LINE = re.compile(r":(\d+):(\d+)(?:: |$)")
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
        SettingsError: a key is there twice or not known, a value is not what it should be, or a
            secret is written out; all of it is told at once, in the order of the file.
    """
    secrets = dict(_secrets(document))
    found = [*document.faults, *secrets.values()]
    made: Configuration | None = None
    try:
        made = Configuration.model_validate(document.values)
    except ValidationError as error:
        others = ((_path(each), each) for each in error.errors())
        # A sink with a secret in it is refused because of it, and of nothing else.
        found += [
            _told(document, path, each)
            for path, each in others
            if not any(path == secret[: len(path)] for secret in secrets)
        ]
    if found or made is None:
        raise all_in_one(sorted(found, key=_by_line))
    return made


def _by_line(error: SettingsError) -> tuple[int, int]:
    """Those of the file in its order, after those of the environment and the command line."""
    at = _LINE.search(error.where or "")
    return (int(at[1]), int(at[2])) if at else (0, 0)


def _path(error: ErrorDetails) -> Path:
    """The keys and indices at which something is wrong."""
    path: Path = tuple(each for each in error["loc"] if each != "[key]")
    # The kind of a sink is no key.
    of_kind = path[0] == "sinks" and len(path) > 2 and path[2] in SINKS
    return (*path[:2], *path[3:]) if of_kind else path


def _told(document: Document, path: Path, error: ErrorDetails) -> SettingsError:
    where = f"{document.where(path)}: {dotted(path)}"
    kind, context = error["type"], error.get("ctx", {})
    why = _of_another_monitor(path) if kind == "extra_forbidden" else None
    if why is not None:
        return SettingsError(
            why, where=where, expected="other keys", found=shown(str(path[-1])), todo="Leave it out"
        )
    if kind == "extra_forbidden":
        known = _known_keys(error["loc"][:-1])
        what, meant = _unknown(str(path[-1]), known)
        found = shown(str(path[-1]))
        return SettingsError(what, where=where, expected=", ".join(known), found=found, todo=meant)
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
    words = PATTERNS.get(context.get("pattern", ""))
    expected = words or _EXPECTED.get(kind) or context.get("expected") or error["msg"]
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


def _of_another_monitor(path: Path) -> str | None:
    """Why a setting of another monitor means nothing in this one."""
    if len(path) != 3 or path[0] != "monitors" or path[1] not in KINDS:
        return None
    return not_of(KINDS[str(path[1])].settings).get(str(path[2]))


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


def _secrets(document: Document) -> Iterator[tuple[Path, SettingsError]]:
    """What is wrong with secrets and with references to them, by where they stand."""
    for path, text in _texts(document.values, ()):
        where = f"{document.where(path)}: {dotted(path)}"
        if is_secret(str(path[-1]), text):
            yield (
                path,
                SettingsError(
                    "this looks like a secret",
                    where=where,
                    expected="a reference to the variable or file that holds it",
                    found="it itself",
                    todo=f"Write {FORMS}, and change the secret if others saw it",
                ),
            )
        elif (is_reference(text) or strange_reference(text)) and path[0] not in _WHERE_SECRETS_ARE:
            yield (
                path,
                SettingsError(
                    "references are looked up in sinks and store only",
                    where=where,
                    expected="the value itself",
                    found=shown(text),
                    todo="Write it out, or set this key by an environment variable DRIFTKIT_...",
                ),
            )
        elif strange_reference(text):
            yield (
                path,
                SettingsError(
                    "this is no reference",
                    where=where,
                    expected=FORMS,
                    found=shown(strange_reference(text)),
                    todo="Correct it",
                ),
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
