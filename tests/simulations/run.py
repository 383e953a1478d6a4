"""`make simulate`: decides simulated deployments by the thousand; error rates in docs/deployment.md.

python -m tests.simulations.run [--runs N] [--jobs N] [--document FILE]
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from tests.simulations.areas import areas, areas_of_few, paired_areas, paired_areas_of_few
from tests.simulations.biases import biases
from tests.simulations.scenarios import any_harm, rates, sample_ratio, three_arms, users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.simulations.scenarios import Row

SCENARIOS: tuple[Callable[[int], Iterator[Row]], ...] = (
    *(rates, any_harm, users, three_arms),
    *(areas, areas_of_few, paired_areas, paired_areas_of_few),
    *(biases, sample_ratio),
)

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "deployment.md"
BEGIN, END = "<!-- simulate begin -->", "<!-- simulate end -->"
HEAD = """# The deployment monitor

## Error rates, simulated
"""
TABLE = """| decided | truth | promote | hold | roll back | requests until then, median |
|---|---|---|---|---|---|"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the table; 1 if something goes wrong more often than is promised, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--document", type=Path, default=DOCUMENT)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="scenarios at once")
    asked = parser.parse_args(arguments)
    rows: list[Row] = []
    for found in _made(asked.runs, asked.jobs):
        sys.stderr.writelines(f"{line(row)}\n" for row in found)
        rows += found
    write(asked.document, rows, asked.runs)
    broken = list(broken_promises(rows))
    sys.stderr.writelines(f"{each}\n" for each in broken)
    return 1 if broken else 0


def _made(runs: int, jobs: int) -> Iterator[list[Row]]:
    """The rows of each scenario, in their order."""
    numbers = range(len(SCENARIOS))
    if jobs == 1:
        yield from map(partial(_rows, runs), numbers)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(_rows, runs), numbers)


def _rows(runs: int, scenario: int) -> list[Row]:
    return list(SCENARIOS[scenario](runs))


def broken_promises(rows: Sequence[Row]) -> Sequence[str]:
    """What goes wrong more often than is promised, a sentence each."""
    return [
        f"{row.of}, {row.truth}: {what} in {share:.2%} of the runs, {limit:.2%} are allowed"
        for row in rows
        for what, (share, limit) in row.wrong.items()
        if share > limit
    ]


def line(row: Row) -> str:
    """The row of the table; what may happen rarely only is bold."""
    cells = [
        _share(share, bold=name in row.wrong or ("either" in row.wrong and name != "hold"))
        for name, share in (
            ("promote", row.promote),
            ("hold", row.hold),
            ("roll_back", row.roll_back),
        )
    ]
    return f"| {row.of} | {row.truth} | {' | '.join(cells)} | {row.requests} |"


def _share(share: float, *, bold: bool) -> str:
    if math.isnan(share):
        return "-"
    text = f"{100 * share:.2f} %"
    return f"**{text}**" if bold else text


def write(document: Path, rows: Sequence[Row], runs: int) -> None:
    """Replaces the marked part of the document; all else stays."""
    text = document.read_text(encoding="utf-8") if document.exists() else f"{HEAD}\n"
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    table = "\n".join([TABLE, *map(line, rows)])
    document.write_text(
        f"{before}{BEGIN}\n{_about(runs)}\n\n{table}\n{END}{after}", encoding="utf-8"
    )


def _about(runs: int) -> str:
    versions = ", ".join(f"{package} {version(package)}" for package in ("numpy", "scipy"))
    return (
        f"{runs:,} runs each, seeds 0, 1, 2 and so on, at the default error rates of 5 % (2.5 % on "
        "either side where any difference is a false alarm). Bold is what may happen in 5 % of the "
        "runs at most, in 0.4 % where shares are doubted that are as planned. Of two challengers "
        "promoted means either, rolled back the first. "
        f"Made {datetime.now(UTC):%Y-%m-%d} by `make simulate`, {os.cpu_count()} cores "
        f"({platform.machine()}), Python {platform.python_version()}, {versions}."
    )


if __name__ == "__main__":
    sys.exit(main())
