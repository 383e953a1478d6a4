"""How the demo shows itself in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from baselines.flights.damage import DAMAGES
from baselines.flights.findings import REASONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from baselines.flights.findings import Month

_console = Console(highlight=False)


def heading(text: str) -> None:
    """Begins a part of the demo."""
    _console.print(f"\n[bold]{text}[/]")


def say(text: str) -> None:
    """Tells one thing."""
    _console.print(escape(text), soft_wrap=True)


def command(text: str) -> None:
    """Shows a command that is about to be run."""
    _console.print(f"[dim]$[/] [cyan]{escape(text)}[/]", soft_wrap=True)


def show_damages() -> None:
    """Lists what was done to the damaged month."""
    for fault in DAMAGES:
        _console.print(f"  - [bold]{fault.feature}[/]: {fault.story}", soft_wrap=True)


def show_summary(months: Sequence[Month]) -> None:
    """Shows what each month brought, a row a month."""
    table = Table("month", "requests", "violations", "what driftkit named", show_lines=True)
    for column in table.columns[1:3]:
        column.justify = "right"
    for month in months:
        phrases = "\n".join(month.named.values()) or "nothing"
        table.add_row(month.label, f"{month.requests:,}", str(len(month.named)), phrases)
    _console.print(table)


def show_reasons(months: Sequence[Month]) -> None:
    """Explains what was named in months that nobody damaged."""
    _console.print("What was named without any damage is true. The reasons:")
    named = {finding for month in months for finding in month.named}
    for feature, check in REASONS:
        if (feature, check) in named:
            reason = REASONS[feature, check]
            _console.print(f"  - [bold]{feature}[/] ({check}): {reason}", soft_wrap=True)


def show_verdict(wrong: Sequence[str]) -> None:
    """Says whether exactly the damage was named."""
    if wrong:
        _console.print("\n[bold red]driftkit did not name exactly the damage:[/]")
        for sentence in wrong:
            _console.print(f"  - {sentence}", soft_wrap=True)
        return
    _console.print(
        f"\n[bold green]All {len(DAMAGES)} damages were named, by feature and check, "
        "and nothing else beside what October brings undamaged.[/]",
        soft_wrap=True,
    )


def show_end(root: Path, seconds: float) -> None:
    """Says where to look further."""
    _console.print(f"{seconds:.0f} s. Every file is in {root}; plots: notebooks/data_quality.ipynb")
