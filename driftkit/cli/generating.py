"""Makes the commands of a monitor: their options are the monitor's settings."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

import typer

from driftkit.settings.checks import Whole
from driftkit.settings.declaring import declared, not_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from driftkit.settings.declaring import Declared, Option

    Command = Callable[..., None]

_CONTEXT, _SETTINGS = "context", "settings"
_IN_CONTEXT = inspect.Parameter(_CONTEXT, inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)


def verb(
    kind: type[Any],
    *,
    own: Mapping[str, Any] | None = None,
    only: Container[str] | None = None,
    without: Container[str] = (),
    instead: Mapping[str, Any] | None = None,
) -> Callable[[Command], Command]:
    """Gives a command the options of a monitor's settings, besides those of its own parameters.

    Settings that a user gave, in the line or by the environment, are handed in as `settings`.

    Args:
        kind: the dataclass of the settings.
        own: name -> annotation of an option that is handed in besides.
        only: names of those that the command has; None for all.
        without: names of those that it has not.
        instead: name -> annotation of the option that stands in place of the setting's own, or
            the parameter's.
    """
    means_nothing = not_of(kind) if only is None else {}
    generated = {
        each.name: _parameter(each, each.option, (instead or {}).get(each.name))
        for each in declared(kind).values()
        if each.option and each.name not in without and (only is None or each.name in only)
    }

    def command(function: Command) -> Command:
        named = _parameters(function, instead or {})
        refused = [_refused(name, why) for name, why in means_nothing.items()]
        needed = [each for each in named if each.default is each.empty]
        more = [_own(name, annotation) for name, annotation in (own or {}).items()]
        others = [each for each in named if each not in needed]

        @wraps(function)
        def run(**given: Any) -> None:
            context = given.pop(_CONTEXT)
            values = {name: given.pop(name) for name in (*generated, *means_nothing)}
            said = {name: values[name] for name in generated if _is_said(context, name)}
            function(**given, settings=said)

        made: Any = run
        made.__signature__ = inspect.Signature(
            [*needed, *more, *others, *generated.values(), *refused, _IN_CONTEXT]
        )
        made.__annotations__ = {}
        return run

    return command


def _parameters(function: Command, instead: Mapping[str, Any]) -> list[inspect.Parameter]:
    """Its parameters, as keywords: typer asks for no other kind, and their order is free."""
    hints = {**get_type_hints(function, include_extras=True), **instead}
    return [
        each.replace(kind=each.KEYWORD_ONLY, annotation=hints[each.name])
        for each in inspect.signature(function).parameters.values()
        if each.kind is not each.VAR_KEYWORD and each.name != _SETTINGS
    ]


def _refused(name: str, why: str) -> inspect.Parameter:
    """An option that help does not show, for users who look for that of another monitor."""

    def refuse(value: str | None) -> None:
        if value is not None:
            raise typer.BadParameter(f"{why}.")

    option = typer.Option(f"--{name.replace('_', '-')}", hidden=True, callback=refuse)
    annotation = Annotated[str | None, option]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )


def _own(name: str, annotation: Any) -> inspect.Parameter:
    kind = get_args(annotation)[0]
    default: Any = inspect.Parameter.empty
    if kind is bool or type(None) in get_args(kind):
        default = False if kind is bool else None
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def _is_said(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _parameter(of: Declared, option: Option, instead: Any) -> inspect.Parameter:
    annotation, default = _typed(of)
    if instead is not None:
        annotation, default = instead, None
    else:
        info = typer.Option(
            *([option.name] if option.name else _flags(of)),
            help=of.text,
            metavar=option.metavar,
            show_default=option.default or default is not None,
            case_sensitive=False,
            envvar=f"DRIFTKIT_{of.name.upper()}",
            min=of.check.least if isinstance(of.check, Whole) else None,
            rich_help_panel=option.panel,
        )
        annotation = Annotated[annotation, info]
    return inspect.Parameter(
        of.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def _flags(of: Declared) -> list[str]:
    flag = f"--{of.name.replace('_', '-')}"
    return [f"{flag}/--no-{flag[2:]}"] if of.default is True else [flag]


def _typed(of: Declared) -> tuple[Any, Any]:
    """Type and default of an option: lists and times are written as text."""
    inner = [each for each in get_args(of.kind) if each is not type(None)]
    if get_origin(of.kind) is tuple:
        # Names are told apart by commas; what has a form of its own is given several times.
        return (str | None if inner[0] is str else list[str] | None), None
    if get_origin(of.kind) is Mapping:
        return list[str] | None, None
    if datetime in inner:
        return str | None, None
    return of.kind, of.default
