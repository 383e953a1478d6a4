"""Puts command line, environment and file one above the other, and knows where each value is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.configuration.documents import Document, dotted
from driftkit.configuration.yaml_values import read_yaml
from driftkit.errors import SettingsError
from driftkit.settings import Compute
from driftkit.settings.declaring import declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.configuration.yaml_values import Path

PREFIX = "DRIFTKIT_"
_BETWEEN = "__"


def layered(file: Document, environment: Mapping[str, str], given: Iterable[str] = ()) -> Document:
    """What holds: the command line before the environment before the file.

    Args:
        file: as it was read.
        environment: variables; those called DRIFTKIT_STORE__PATH name a key by its path, and
            DRIFTKIT_DIALECT, _ENGINE and _RUNNER are those of `defaults`.
        given: on the command line, as `store.path=VALUE`.

    Raises:
        SettingsError: what was given has no `=`, or names a key of something that has none.
    """
    found = file
    for path, text, origin in (*_of_environment(environment), *_of_command_line(given)):
        found = Document(
            name=found.name,
            values=_with(found.values, path, _value(text), origin),
            origins={**_without(found.origins, path), path: origin},
            faults=found.faults,
        )
    return found


def _of_environment(variables: Mapping[str, str]) -> Iterable[tuple[Path, str, str]]:
    flat = {f"{PREFIX}{name.upper()}": ("defaults", name) for name in declared(Compute)}
    for name in sorted(variables):
        path: Path = flat.get(name, ())
        if not path and name.startswith(PREFIX) and _BETWEEN in name:
            path = tuple(name.removeprefix(PREFIX).lower().split(_BETWEEN))
        if path:
            yield path, variables[name], f"environment {name}"


def _of_command_line(given: Iterable[str]) -> Iterable[tuple[Path, str, str]]:
    for each in given:
        key, between, text = each.partition("=")
        if not between or not key.strip():
            raise SettingsError(
                "this sets no key",
                where="--set",
                expected="KEY=VALUE, for example store.path=metrics",
                found=repr(key),
            )
        yield tuple(key.strip().split(".")), text, f"command line --set {key.strip()}"


def _value(text: str) -> Any:
    """What a text is in YAML; what is no YAML is a text."""
    try:
        read = read_yaml(text, "")
    except SettingsError:
        return text
    return read.values if text.strip() and not read.faults else text


def _with(values: Any, path: Path, value: Any, origin: str) -> Any:
    if not path:
        return value
    if values is not None and not isinstance(values, dict):
        raise SettingsError(
            "this names a key of what has no keys",
            where=origin,
            expected="keys of the configuration",
            found=dotted(path),
            todo="Correct the name",
        )
    known = values or {}
    return {**known, path[0]: _with(known.get(path[0]), path[1:], value, origin)}


def _without(origins: Mapping[Path, str], path: Path) -> dict[Path, str]:
    """The origins but for those of what is replaced."""
    return {each: where for each, where in origins.items() if each[: len(path)] != path}
