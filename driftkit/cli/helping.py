"""The help of commands: options in groups, and nothing that is cut however narrow the terminal is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ARGUMENTS, _OTHERS = "Arguments", "Options"
_LONGEST = 400
# Of all errors in how a command is called, which typer has by no name of its own.
_USAGE: type[Exception] = typer.BadParameter.__bases__[0]


class Listed(TyperGroup):
    """Commands, each with all of its first sentence."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the section of the commands."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, each.get_short_help_str(_LONGEST)) for name, each in found if each]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is asked for; the error of one that a group inside has says which."""
        try:
            return super().resolve_command(ctx, args)
        except _USAGE as error:
            inside = self.commands.items()
            _say_where(
                error,
                (
                    f"{ctx.command_path} {at} {args[0]}"
                    for at, each in inside
                    if _has(each, args[0])
                ),
            )
            raise


class Grouped(TyperCommand):
    """A command whose help has a section for each group of its options."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Reads the arguments; the error of an option that a command beside has says which."""
        try:
            return super().parse_args(ctx, args)
        except _USAGE as error:
            option = getattr(error, "option_name", None)
            beside = ctx.parent.command.commands.items() if option and ctx.parent else ()
            having = (name for name, each in beside if any(option in x.opts for x in each.params))
            _say_where(error, (f"{ctx.parent.command_path} {name}" for name in having))
            raise

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes the sections: arguments, options of no group, and the groups in their order."""
        found: dict[str, list[tuple[str, str]]] = {_ARGUMENTS: [], _OTHERS: []}
        for group, record in self._records(ctx):
            found.setdefault(group, []).append(record)
        for group, records in found.items():
            if records:
                with formatter.section(group):
                    formatter.write_dl(records)

    def _records(self, ctx: Any) -> Iterator[tuple[str, tuple[str, str]]]:
        for each in self.get_params(ctx):
            record = each.get_help_record(ctx)
            is_argument = each.param_type_name == "argument"
            group = _ARGUMENTS if is_argument else getattr(each, "rich_help_panel", None)
            if record is not None:
                yield group or _OTHERS, record


def _has(group: Any, name: str) -> bool:
    return name in getattr(group, "commands", ())


def _say_where(error: Any, found: Iterable[str]) -> None:
    """Adds to an error the commands that have what this one has not."""
    said = ", ".join(f"`{each}`" for each in found)
    if said:
        error.message = f"{error.message.rstrip('.')}; it belongs to {said}"
