"""Reads YAML with the scalars of YAML 1.2's core schema: `no` is a text, `1e-3` a number."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from driftkit.errors import SettingsError

Path = tuple["str | int", ...]


class Position(NamedTuple):
    """A line and a column, from 1."""

    line: int
    column: int


class Read(NamedTuple):
    """What a text says.

    Attributes:
        values: plain ones.
        positions: of each path of keys and indices.
        faults: what is wrong with it though its values can be read, such as a key that is there twice.
    """

    values: Any
    positions: dict[Path, Position]
    faults: tuple[SettingsError, ...] = ()


_MOST_ALIASES = 100
_DEEPEST = 50
_NOTHING, _TRUTH, _WHOLE, _NUMBER, _TEXT = (
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str")
)
# https://yaml.org/spec/1.2.2/#103-core-schema
_CORE = (
    (_NOTHING, re.compile(r"^(?:~|null|Null|NULL|)$"), ("~", "n", "N", "")),
    (_TRUTH, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), tuple("tTfF")),
    (_WHOLE, re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"), tuple("-+0123456789")),
    (
        _NUMBER,
        re.compile(
            r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
        ),
        tuple("-+0123456789."),
    ),
)


@cache
def LOADER() -> Any:  # noqa: N802  (a class, made where YAML is read)
    """PyYAML's safe loader with these scalars; nothing else is made of a text."""
    import yaml  # noqa: PLC0415  (only who reads YAML loads it)

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        yaml_implicit_resolvers: Any = {}  # noqa: RUF012  (PyYAML's own name and form)

    for tag, pattern, first in _CORE:
        Loader.add_implicit_resolver(tag, pattern, list(first))
    return Loader


def read_yaml(text: str, name: str) -> Read:
    """The values of a text, and their positions.

    Args:
        text: YAML.
        name: of the file, for messages.

    Raises:
        SettingsError: it is no YAML.
    """
    import yaml  # noqa: PLC0415

    _refuse_many_aliases(text, name)
    try:
        node = yaml.compose(text, LOADER())
    except (yaml.YAMLError, RecursionError) as error:
        raise _no_yaml(name, error) from error
    reader = _Reader(name)
    values = None if node is None else reader.value(node, ())
    return Read(values, reader.positions, tuple(reader.faults))


def _refuse_many_aliases(text: str, name: str) -> None:
    import yaml  # noqa: PLC0415

    try:
        found = sum(isinstance(each, yaml.AliasToken) for each in yaml.scan(text, LOADER()))
    except yaml.YAMLError as error:
        raise _no_yaml(name, error) from error
    if found > _MOST_ALIASES:
        raise SettingsError(
            "there are too many aliases",
            where=name,
            expected=f"{_MOST_ALIASES} or fewer",
            found=str(found),
            todo="Write out what they stand for",
        )


def _no_yaml(name: str, error: Exception) -> SettingsError:
    mark = getattr(error, "problem_mark", None)
    where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
    said = getattr(error, "problem", None) or " ".join(str(error).split()) or "it is too deep"
    return SettingsError(
        "this is not YAML", where=where, expected="YAML 1.2", found=said, todo="Correct it"
    )


class _Reader:
    """Makes plain values of nodes, and notes where they stand."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.positions: dict[Path, Position] = {}
        self.faults: list[SettingsError] = []
        self._made = 0

    def value(self, node: Any, path: Path) -> Any:
        self._made += 1
        if len(path) > _DEEPEST or self._made > 100_000:
            raise self._error(node, "this is nested too deeply", "a configuration", "too much")
        self.positions.setdefault(path, _position(node))
        if node.id == "mapping":
            return self._mapping(node, path)
        if node.id == "sequence":
            return [self.value(each, (*path, at)) for at, each in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: Any, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name_node, value_node in node.value:
            if name_node.id != "scalar":
                self._note(name_node, "a key is no text", "a name", name_node.id)
                continue
            key = name_node.value
            if key in found:
                first = self.positions[*path, key]
                self._note(
                    name_node,
                    f"the key {key!r} is there twice",
                    "each key once",
                    f"the first in line {first.line}",
                )
                continue
            self.positions[*path, key] = _position(name_node)
            found[key] = self.value(value_node, (*path, key))
        return found

    def _scalar(self, node: Any) -> Any:
        make = _MAKERS.get(node.tag)
        if make is None:
            self._note(
                node,
                "a value has a tag that is not known",
                "null, a truth, a number or a text",
                node.tag,
            )
            return node.value
        try:
            return make(node.value)
        except ValueError:
            self._note(node, "this is no value of its tag", node.tag, node.value)
            return node.value

    def _note(self, *about: Any) -> None:
        self.faults.append(self._error(*about))

    def _error(self, node: Any, what: str, expected: str, found: str) -> SettingsError:
        at = _position(node)
        where = f"{self.name}:{at.line}:{at.column}"
        return SettingsError(what, where=where, expected=expected, found=found, todo="Correct it")


def _position(node: Any) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)


def _whole(text: str) -> int:
    for prefix, base in (("0o", 8), ("0x", 16)):
        if text.startswith(prefix):
            return int(text[2:], base)
    return int(text)


def _number(text: str) -> float:
    return float(text.replace(".inf", "inf").replace(".nan", "nan")) if text else 0.0


_MAKERS: Any = {
    _NOTHING: lambda _: None,
    _TRUTH: lambda text: text.lower() == "true",
    _WHOLE: _whole,
    _NUMBER: lambda text: _number(text.lower()),
    _TEXT: str,
}
