"""The help of commands: options in groups, and nothing that is cut however narrow the terminal is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

_ARGUMENTS, _OTHERS = "Arguments", "Options"
_LONGEST = 400


class Listed(TyperGroup):
    """Commands, each with all of its first sentence."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the section of the commands."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, each.get_short_help_str(_LONGEST)) for name, each in found if each]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


class Grouped(TyperCommand):
    """A command whose help has a section for each group of its options."""

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
