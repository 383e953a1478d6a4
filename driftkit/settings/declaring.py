"""Declares a setting once: name, type, default, check and help text, as a field of a dataclass.

Settings from keywords, the options of the command line and the signatures of the public calls are
made from these declarations.
"""

from __future__ import annotations

import inspect
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast, get_type_hints

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Check = Callable[[str, Any], Any]

_Value = TypeVar("_Value")
_Function = TypeVar("_Function", bound="Callable[..., Any]")
_DECLARED, _PARTS = "declared", "parts"


class Option(NamedTuple):
    """How a setting is written on the command line.

    Attributes:
        panel: under which it stands in the help.
        metavar: what stands for its value there; None for the name of its type.
        default: what stands for its default there; None for the default itself, if it has one.
        name: in place of the setting's own.
    """

    panel: str
    metavar: str | None = None
    default: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A setting as it was declared.

    Attributes:
        name: the keyword.
        kind: its type, once it was checked.
        default: its value where nothing is said.
        check: makes the value of what was said, or refuses it.
        text: what it means; the help text of its option.
        option: how it is written on the command line; None where it is not.
    """

    name: str
    kind: Any
    default: Any
    check: Check
    text: str
    option: Option | None


def setting(default: _Value, check: Check, text: str, option: Option | None = None) -> _Value:
    """A field of a dataclass of settings; the arguments are those of `Declared`."""
    about = {_DECLARED: (check, text, option)}
    made: Any
    if isinstance(default, dict):
        made = field(default_factory=default.copy, metadata=about)
    else:
        made = field(default=default, metadata=about)
    return cast("_Value", made)


def same(kind: type[Any], name: str) -> Any:
    """A field that is declared as one of the settings of another dataclass is."""
    of = declared(kind)[name]
    return setting(of.default, of.check, of.text, of.option)


def part(kind: type[_Value], *names: str) -> _Value:
    """A field with settings that are declared in a dataclass of their own.

    Args:
        kind: that dataclass.
        names: which of its own parts count; all, if none is named.
    """
    about = {_PARTS: names}
    return field(default_factory=kind, metadata=about)


def declared(kind: type[Any], *names: str) -> Mapping[str, Declared]:
    """All settings of a dataclass by their keywords: its own first, then those of its parts.

    Args:
        kind: a dataclass whose fields are made by `setting` and `part`.
        names: which of its parts count; all, if none is named.
    """
    # To mypy, a class has the hash of its instances.
    return _table(cast("Any", kind), names)


# Commands, and settings that are declared as others are, ask for the same table again and again.
@cache
def _table(kind: type[Any], names: tuple[str, ...]) -> Mapping[str, Declared]:
    hints = get_type_hints(kind)
    own: dict[str, Declared] = {}
    inner: dict[str, Declared] = {}
    for each in fields(kind):
        if _PARTS in each.metadata:
            if not names or each.name in names:
                inner |= declared(hints[each.name], *each.metadata[_PARTS])
            continue
        check, text, option = each.metadata[_DECLARED]
        own[each.name] = Declared(
            name=each.name,
            kind=hints[each.name],
            default=_default(each),
            check=check,
            text=text,
            option=option,
        )
    return MappingProxyType(own | inner)


def _default(of: Field[Any]) -> Any:
    return of.default_factory() if of.default_factory is not MISSING else of.default


def from_keywords(kind: type[_Value], values: Mapping[str, Any]) -> _Value:
    """The settings from keywords, checked; None stands for what is not said.

    Raises:
        SettingsError: a name or a value is not one of those known.
    """
    known = declared(kind)
    means_nothing = not_of(kind)
    for name in values:
        if name in means_nothing:
            raise SettingsError(means_nothing[name], where=name, todo="Leave it out")
    _refuse_unknown(values, known)
    said = {
        name: known[name].check(name, value) for name, value in values.items() if value is not None
    }
    return _made(kind, said)


def not_of(kind: type[Any]) -> Mapping[str, str]:
    """Settings of other monitors that users may look for, and why there are none here."""
    found: Mapping[str, str] = getattr(kind, "NOT_OF_IT", {})
    return found


def _made(kind: type[_Value], said: Mapping[str, Any]) -> _Value:
    hints = get_type_hints(kind)
    own = {
        each.name: _made(hints[each.name], said)
        if _PARTS in each.metadata
        else said.get(each.name, _default(each))
        for each in fields(cast("Any", kind))
    }
    return kind(**own)


def changed(settings: _Value, **values: Any) -> _Value:
    """The settings with some of them replaced, in whatever part they are."""
    strange = values.keys() - declared(type(settings)).keys()
    if strange:
        raise TypeError(f"no settings: {strange}")
    return _changed(settings, values)


def _changed(settings: _Value, values: Mapping[str, Any]) -> _Value:
    made = {}
    for each in fields(cast("Any", settings)):
        before = getattr(settings, each.name)
        if is_dataclass(before):
            made[each.name] = _changed(before, values)
        elif each.name in values:
            made[each.name] = values[each.name]
    return cast("_Value", replace(cast("Any", settings), **made))


def _refuse_unknown(values: Iterable[str], known: Iterable[str]) -> None:
    known = sorted(known)
    for name in values:
        if name not in known:
            similar = get_close_matches(name, known, n=2)
            raise SettingsError(
                f"there is no setting {name!r}",
                expected=" or ".join(similar) if similar else ", ".join(known),
                todo="Check the spelling",
            )


def spelt_out(kind: type[Any], *names: str) -> Callable[[_Function], _Function]:
    """Lets notebooks complete and explain each setting of a function that takes `**settings`.

    Type checkers know them from its TypedDict; at run time, signature and docstring say them.

    Args:
        kind: the dataclass of the settings.
        names: of those that the function takes; all, if none is named.
    """
    said = [each for each in declared(kind).values() if not names or each.name in names]

    def with_signature(function: _Function) -> _Function:
        before = inspect.signature(function)
        own = [each for each in before.parameters.values() if each.kind is not each.VAR_KEYWORD]
        settings = [
            inspect.Parameter(
                each.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=each.default,
                annotation=each.kind,
            )
            for each in said
        ]
        about: Any = function
        about.__signature__ = before.replace(parameters=[*own, *settings])
        lines = [f"    {each.name}: {each.text}" for each in said]
        if function.__doc__:
            function.__doc__ = "\n".join(
                [inspect.cleandoc(function.__doc__), "", "Settings:", *lines]
            )
        return function

    return with_signature
