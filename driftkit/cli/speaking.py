"""The options by which every command says how it speaks: as JSON, quietly, or with a log."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from driftkit.cli.helping import Grouped, Listed
from driftkit.report.speech import LogFormat, speech

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    Command = Callable[..., None]

SPEAKING = "How it speaks"
LogLevel = Literal["debug", "info", "warning", "error"]


def _option(name: str, text: str, default: Any, kind: Any) -> inspect.Parameter:
    info = typer.Option(
        name,
        help=text,
        envvar=f"DRIFTKIT_{name[2:].replace('-', '_').upper()}",
        rich_help_panel=SPEAKING,
        show_default=False,
    )
    called = "as_json" if name == "--json" else name[2:].replace("-", "_")
    return inspect.Parameter(
        called, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info]
    )


OPTIONS = (
    _option("--json", "Write one JSON object to stdout, in place of tables.", False, bool),
    _option(
        "--quiet", "Say nothing but errors; a JSON object that is asked for stays.", False, bool
    ),
    _option("--verbose", "Log each step to stderr, as --log-level debug.", False, bool),
    _option(
        "--log-format",
        "How the log on stderr is written; json: all of stderr.",
        None,
        LogFormat | None,
    ),
    _option(
        "--log-level",
        "The least that is logged; nothing is, unless asked for.",
        None,
        LogLevel | None,
    ),
)
_NAMES = {each.name for each in OPTIONS}


def with_speech(commands: typer.Typer, without: Container[str] = ()) -> None:
    """Gives all commands of an app these options, and help in groups; those that have them stay.

    Args:
        commands: of the app.
        without: names of functions whose commands speak in a way of their own.
    """
    # typer's own form of help cuts the names of options where the terminal is narrow.
    commands.rich_markup_mode = None
    if not isinstance(commands.info.cls, type):
        commands.info.cls = Listed
    for each in commands.registered_commands:
        each.cls = Grouped
        if each.callback is not None and each.callback.__name__ not in without:
            each.callback = _with_options(each.callback)
    for group in commands.registered_groups:
        if group.typer_instance is not None:
            with_speech(group.typer_instance, without)


def _with_options(function: Command) -> Command:
    signature = inspect.signature(function)
    if signature.parameters.keys() >= _NAMES:
        return function

    @wraps(function)
    def run(**given: Any) -> None:
        _speak(**{name: given.pop(name) for name in _NAMES})
        function(**given)

    hints = get_type_hints(function, include_extras=True)
    own = [
        each.replace(kind=each.KEYWORD_ONLY, annotation=hints.get(each.name, each.annotation))
        for each in signature.parameters.values()
    ]
    made: Any = run
    made.__signature__ = inspect.Signature([*own, *OPTIONS])
    made.__annotations__ = {}
    return run


def _speak(
    *,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    log_format: LogFormat | None,
    log_level: LogLevel | None,
) -> None:
    own = speech()
    own.as_json, own.quiet = as_json, quiet
    if verbose or log_format or log_level:
        own.start_log(log_format or "text", log_level or ("debug" if verbose else "info"))
