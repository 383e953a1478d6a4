"""How the demo shows itself in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from baselines.flights.damage import DAMAGES
from baselines.flights.findings import PLANTED, REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from baselines.flights.deployment import Segment
    from baselines.flights.findings import Month
    from driftkit.formats.deployment.bandit import BanditWeights

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


def show_month(month: Month) -> None:
    """Tells in a line what a month brought."""
    say(f"  {month.label}: {month.requests:,} requests, {len(month.named)} violations")


def show_summary(months: Sequence[Month], broken: Month) -> None:
    """Shows a row a month; what was damaged stands out."""
    table = Table("month", "requests", "violations", "what driftkit named", show_lines=True)
    for column in table.columns[1:3]:
        column.justify = "right"
    for month in (*months, broken):
        lines = [
            f"[bold red]{phrase}[/]" if month is broken and finding in PLANTED else phrase
            for finding, phrase in month.named.items()
        ]
        listed = "\n".join(lines) or "nothing"
        table.add_row(month.label, f"{month.requests:,}", str(len(lines)), listed)
    _console.print(table)
    say("Drift is a distance from 0 to 1; Model Monitor reports it above 0.1.")


def show_reasons(months: Sequence[Month]) -> None:
    """Explains what was named in months that nobody damaged."""
    _console.print("\n[bold]What was named without any damage is true:[/]")
    named = {finding for month in months for finding in month.named}
    features: dict[tuple[str, str], list[str]] = {}
    for (feature, check), reason in REASONS.items():
        if (feature, check) in named:
            features.setdefault((check, reason), []).append(feature)
    for (check, reason), names in features.items():
        _console.print(f"  - [bold]{', '.join(names)}[/] ({check}): {reason}", soft_wrap=True)


def show_verdict(wrong: Sequence[str]) -> None:
    """Says whether exactly the damage was named."""
    if wrong:
        _console.print("\n[bold red]driftkit did not name exactly the damage:[/]")
        for sentence in wrong:
            _console.print(f"  - {sentence}", soft_wrap=True)
        return
    _console.print(
        f"\n[bold green]All {len(DAMAGES)} damages were named, by feature and check. "
        "Beside them driftkit named only what it names in October as it was.[/]",
        soft_wrap=True,
    )


def show_quality(months: Mapping[str, tuple[str, str, str]]) -> None:
    """Shows how good each month's predictions were: AUC, its interval, what got worse."""
    _show_scores(months, "AUC", "worse than the baseline beyond noise")
    say("Curves and confusion matrices: notebooks/model_quality.ipynb")


def show_attribution(months: Mapping[str, tuple[str, str, str]]) -> None:
    """Shows how alike each month's reasons were: NDCG, its interval, what moved most."""
    _show_scores(months, "NDCG", "moved most (rank)")
    say("NDCG is 1 for the same ranking; Model Monitor reports it under 0.9.")


def show_segments(arms: tuple[str, str], metric: str, found: Sequence[Segment]) -> None:
    """Shows a metric by carrier in both arms, and which part of the difference is whose."""
    old, new = arms
    table = Table("carrier", f"flights of {new}", f"{metric} {old}", f"{metric} {new}", "part")
    for column in table.columns[1:]:
        column.justify = "right"
    for each in found:
        values = (
            f"{each.flights:,}",
            f"{each.old:.2f}",
            f"{each.new:.2f}",
            f"{each.part:.0%}".replace("-0%", "0%"),
        )
        table.add_row(escape(each.name), *values)
    _console.print(table)


def show_weights(requests: Mapping[str, int], decided: BanditWeights) -> None:
    """Tells in a line a version what it answered, how often rightly, and its next share."""
    for arm in decided.arms:
        chance = "" if arm.probability_best is None else f"{arm.probability_best:.1%}"
        say(
            f"    {arm.name}: {requests.get(arm.name, 0):,} requests; so far {arm.mean:.1%} of "
            f"{arm.units:,.0f} right, best with {chance}; next week {arm.weight:.0%}"
        )


def show_decision(text: str) -> None:
    """Tells what driftkit decided about a version."""
    _console.print(f"[bold]{escape(text)}[/]", soft_wrap=True)


def _show_scores(months: Mapping[str, tuple[str, str, str]], score: str, about: str) -> None:
    table = Table("month", score, "95 % interval", about)
    for month, found in months.items():
        table.add_row(month, *found)
    _console.print(table)


def show_end(root: Path, seconds: float) -> None:
    """Says where to look further."""
    _console.print(f"{seconds:.0f} s. Every file is in {root}; plots: notebooks/data_quality.ipynb")
