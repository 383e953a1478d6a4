"""Lists all options of the command line, as `python -m tests.cli.surface > tests/cli/options.jsonl`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import typer

from driftkit.cli import app

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = ("metavar", "default", "envvar", "required", "multiple", "min", "rich_help_panel", "help")


def commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Gives the commands that run something, and their names."""
    inner = getattr(command, "commands", {})
    for each, made in inner.items():
        yield from commands(made, f"{name} {each}".strip())
    if not inner:
        yield name, command


def surface() -> list[str]:
    """Every command and option in a line of JSON: what the help says, and which commands have it."""
    found: dict[str, list[str]] = {}
    for name, command in commands(typer.main.get_command(app)):
        found[json.dumps({"command": name, "help": command.help})] = [name]
        for each in command.params:
            about = {"option": " ".join([*each.opts, *each.secondary_opts])}
            about |= {key: value for key in SHOWN if (value := getattr(each, key, None))}
            found.setdefault(json.dumps(about, default=str), []).append(name)
    return [
        json.dumps(json.loads(about) | {"commands": names})
        for about, names in sorted(found.items())
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join([*surface(), ""]))
