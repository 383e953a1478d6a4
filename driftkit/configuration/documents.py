"""Reads YAML 1.2 and TOML to plain values, and remembers the line and column of each."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.configuration.yaml_values import Position, Read, read_yaml
from driftkit.errors import SettingsError
from driftkit.io.locations import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.configuration.yaml_values import Path
    from driftkit.io.locations import PathOrUrl

MOST_BYTES = 1_000_000
_TABLE = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_ASSIGNED = re.compile(r"""^(\s*)((?:"[^"]*"|'[^']*'|[\w\s.-])+?)\s*=""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says.

    Attributes:
        name: of the file.
        values: plain values: mappings, lists, texts, numbers, truths.
        origins: of each path of keys and indices: file, line and column, or a variable.
        faults: what is wrong with it already, though its values can be read.
    """

    name: str
    values: Mapping[str, Any]
    origins: Mapping[Path, str] = field(default_factory=dict)
    faults: tuple[SettingsError, ...] = ()

    def where(self, path: Path) -> str:
        """Where a path was said, or the nearest one above it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.origins:
                return self.origins[path[:end]]
        return self.name


def dotted(path: Path) -> str:
    """A path as people write it.

    >>> dotted(("sinks", 0, "on"))
    'sinks[0].on'
    """
    text = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    return text.removeprefix(".")


def read_document(file: PathOrUrl) -> Document:
    """Reads a file whose name ends in .yml, .yaml or .toml.

    Raises:
        SettingsError: there is none, it is too large, or it is not what its name says.
    """
    found = locate(file)
    suffix = f".{found.name.rpartition('.')[2].lower()}"
    reader = _READERS.get(suffix)
    if reader is None:
        raise _wrong(found, "the name has another ending", ".yml, .yaml or .toml", repr(suffix))
    if not found.is_file():
        raise _wrong(found, "there is no such file", "a configuration", "nothing")
    content = found.read_bytes()
    if len(content) > MOST_BYTES:
        raise _wrong(found, "the file is too large", "1 MB or less", f"{len(content):,} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(found, "the file is not in UTF-8", "text in UTF-8", str(error)) from error
    name = found.name
    values, positions, faults = reader(text, name)
    if not isinstance(values, dict):
        raise _wrong(
            name, "this is no configuration", "keys and their values", type(values).__name__
        )
    origins = {path: f"{name}:{at.line}:{at.column}" for path, at in positions.items()}
    return Document(name=name, values=values, origins=origins, faults=faults)


def _wrong(where: object, what: str, expected: str, found: str) -> SettingsError:
    return SettingsError(
        what,
        where=str(where),
        expected=expected,
        found=found,
        todo="Name a file such as driftkit.yml; `driftkit init` writes one",
    )


def _read_toml(text: str, name: str) -> Read:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        where = f"{name}:{at[1]}:{at[2]}" if at else name
        said = str(error).partition(" (at ")[0]
        raise SettingsError(
            "this is not TOML", where=where, expected="TOML 1.0", found=said, todo="Correct it"
        ) from error
    found: dict[Path, Position] = {}
    for path, position in _toml_positions(text):
        if _holds(values, path):
            for end in range(1, len(path) + 1):
                found.setdefault(path[:end], position)
    return Read(values, found)


def _toml_positions(text: str) -> Iterator[tuple[Path, Position]]:
    """Where keys stand, by lines: tomllib itself tells no positions."""
    table: Path = ()
    counted: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = _TABLE.match(line)
        if header and "=" not in header[2].partition('"')[0]:
            table = _indexed(_keys(header[2]), counted, adds=header[1] == "[[")
            yield table, Position(number, line.index("[") + 1)
            continue
        assigned = _ASSIGNED.match(line)
        if assigned:
            yield (*table, *_keys(assigned[2])), Position(number, len(assigned[1]) + 1)


def _keys(text: str) -> Path:
    """The keys of a dotted key."""
    try:
        node: Any = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(node, dict):
        ((key, node),) = node.items()
        keys.append(key)
    return tuple(keys)


def _indexed(keys: Path, counted: dict[Path, int], *, adds: bool) -> Path:
    """The path of a table, with the indices of the arrays of tables that it is in."""
    if adds:
        counted[keys] = counted.get(keys, -1) + 1
    path: list[str | int] = []
    for end, each in enumerate(keys, 1):
        path.append(each)
        if keys[:end] in counted:
            path.append(counted[keys[:end]])
    return tuple(path)


def _holds(values: Any, path: Path) -> bool:
    for each in path:
        if isinstance(each, int):
            if not isinstance(values, list) or each >= len(values):
                return False
        elif not isinstance(values, dict) or each not in values:
            return False
        values = values[each]
    return True


_READERS = {".yml": read_yaml, ".yaml": read_yaml, ".toml": _read_toml}
