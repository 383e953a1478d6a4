"""Fields of dataclasses as keys of JSON objects: one declaration by which they are read and written.

A field is a key of its object, in the file's order. Its type says what the key holds: `str`,
`float`, `int` (a count) or `bool`; `key` says it of other fields, and where a key stands or is
called otherwise. A key need not be there if its field has a default; a field that is None has no
key. Fields of other types are no keys, and `extra`, where there is one, holds the keys that no field
names.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from driftkit.formats.mapping import Node, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

_BY_TYPE: Mapping[str, Callable[[Node, str], Any]] = {
    "str": Node.text,
    "float": Node.number,
    "int": Node.count,
    "bool": Node.truth,
}


_Record = TypeVar("_Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    field: str
    needed: bool
    has_default: bool
    nested: bool
    read: Callable[[Node, str], Any]
    way: tuple[str, ...]
    name: str
    former: str | None = None
    newer: bool = False
    null: bool = False
    write: Callable[[Any], Any] | None = None


def key(read: Callable[[Node, str], Any], at: str = "", **said: Any) -> Mapping[str, Any]:
    """The metadata of a field that is not just a text, number, count or truth value.

    Args:
        read: gives the value of a key of an object.
        at: where the key stands, for example `common.num_present`; empty for the field's name.
        **said: `needed`, whether the key must be there though the field has a default; `former`,
            the key's name in older files; `newer`, whether only the containers since 2024 write
            it; `null`, whether None is written; `write`, what makes the file's value of the
            field's.
    """
    return {"read": read, "at": at, **said}


@cache
def _keys(kind: type[Any]) -> tuple[_Key, ...]:
    return tuple(_declared(kind))


def _declared(kind: Any) -> Iterator[_Key]:
    for each in fields(kind):
        simple = _BY_TYPE.get(str(each.type).removesuffix(" | None"))
        said: dict[str, Any] = {"read": simple, "at": "", **each.metadata}
        if said["read"] is not None:
            *way, name = (said.pop("at") or each.name).split(".")
            made = each.default_factory is not MISSING
            said["has_default"] = made or each.default not in {MISSING, None}
            said.setdefault("needed", each.default is MISSING and each.default_factory is MISSING)
            yield _Key(field=each.name, way=tuple(way), name=name, nested=simple is None, **said)


@cache
def _defaulted(kind: Any) -> tuple[_Key, ...]:
    return tuple(each for each in _keys(kind) if each.has_default and not each.way)


@cache
def _has_extra(kind: type[Any]) -> bool:
    return any(each.name == "extra" for each in fields(kind))


def read_fields(kind: type, node: Node, *, without: Collection[str] = ()) -> dict[str, Any]:
    """The fields of a dataclass that an object has.

    Raises:
        FormatError: one of them is missing, or is not what it should be.
    """
    values = {}
    for each in _keys(kind):
        holder = _holder(node, each) if each.way else node
        if holder is None or each.field in without:
            continue
        if each.needed or holder.has(each.name):
            values[each.field] = each.read(holder, each.name)
        elif each.former is not None and holder.has(each.former):
            values[each.field] = each.read(holder, each.former)
    return values


def _holder(node: Node, wanted: _Key) -> Node | None:
    """The object that has the key; None where it is missing, and may be."""
    for step in wanted.way:
        if not wanted.needed and not node.has(step):
            return None
        node = node.child(step)
    return node


def read(kind: type[_Record], node: Node, **others: Any) -> _Record:
    """What an object stands for.

    Args:
        kind: a dataclass whose fields are the object's keys.
        node: the object.
        **others: fields that are no keys.

    Raises:
        FormatError: a key is missing, or is not what it should be.
    """
    made: Callable[..., _Record] = kind
    values = read_fields(kind, node)
    if _has_extra(made):
        for each in _defaulted(made):
            node.leave_to_default(each.name)
        others["extra"] = node.rest()
    return made(**values, **others)


def record(kind: type[_Record]) -> Callable[[Node, str], _Record]:
    """Reads an object."""
    return lambda node, name: read(kind, node.child(name))


def records(kind: type[_Record]) -> Callable[[Node, str], tuple[_Record, ...]]:
    """Reads an array of objects."""
    return lambda node, name: tuple(read(kind, each) for each in node.children(name))


def to_dict(value: Any, *, newer: bool = True) -> dict[str, Any]:
    """The object of a dataclass; `newer` says whether newer containers' keys are in it."""
    known = known_keys(value, newer=newer)
    extra = getattr(value, "extra", None)
    return merged(known, extra) if extra else known


def known_keys(of: Any, *, newer: bool = True) -> dict[str, Any]:
    """The same without extra keys."""
    known: dict[str, Any] = {}
    for each in _keys(of.__class__):
        value = getattr(of, each.field)
        if (value is None and not each.null) or (each.newer and not newer):
            continue
        holder = known
        for step in each.way:
            holder = holder.setdefault(step, {})
        if each.write is not None:
            value = each.write(value)
        elif each.nested:
            value = _plain(value, newer=newer)
        holder[each.name] = value
    return known


def _plain(value: Any, *, newer: bool) -> Any:
    if isinstance(value, tuple):
        return [_plain(each, newer=newer) for each in value]
    return to_dict(value, newer=newer) if is_dataclass(value) else value


def choice(spellings: Mapping[str, str]) -> Callable[[Node, str], str]:
    """Reads one of some words; `spellings` leads from each in lower case to the word itself."""
    return lambda node, name: node.choice(name, spellings)
