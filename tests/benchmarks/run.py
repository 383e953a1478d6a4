"""`make bench`: measures driftkit beside its competitors and writes docs/benchmarks.md.

python -m tests.benchmarks.run [narrow] [wide] [captures] [shell] [states] ... [--rows N] [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks import (
    attribution,
    bias,
    deployments,
    estimates,
    jobs,
    kept,
    losses,
    quality,
    scaling,
    stores,
)

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "benchmarks.md"
DATA = Path(os.environ.get("DRIFTKIT_BENCH_DATA", ROOT / "build" / "bench"))
PACKAGES = ("pyspark", "pyarrow", "numpy", "numba", "duckdb", "pydeequ")
SECTIONS = {
    "narrow": jobs.narrow,
    "wide": jobs.wide,
    "captures": jobs.captures,
    "memory": jobs.memory,
    "shell": jobs.shell,
    "text": kept.text,
    "states": kept.states,
    "segments": kept.segments,
    "scaling": scaling.scaling,
    "costs": scaling.costs,
    "bias": bias.facets,
    "quality": quality.quality,
    "estimates": estimates.estimates,
    "losses": losses.losses,
    "merging": quality.merging,
    "attribution": attribution.attribution,
    "deployment": deployments.deployment,
    "store": stores.store,
}


def main() -> None:
    """Runs the sections asked for and replaces them in the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", default=list(SECTIONS), help=", ".join(SECTIONS))
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of narrow")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    for name in asked.sections:
        sys.stderr.write(f"measuring {name}\n")
        write({name: SECTIONS[name](DATA, asked.rows, asked.rounds)})


def write(measured: dict[str, str]) -> None:
    """The document with the sections measured now; those of earlier runs stay."""
    sections = {
        **_sections(),
        **{name: f"{text}\n\n{_machine()}" for name, text in measured.items()},
    }
    body = "\n\n".join(f"## {name}\n\n{sections[name]}" for name in SECTIONS if name in sections)
    DOCUMENT.write_text(f"{HEAD}\n\n{body}\n", encoding="utf-8")


def _sections() -> dict[str, str]:
    if not DOCUMENT.exists():
        return {}
    parts = DOCUMENT.read_text(encoding="utf-8").split("\n## ")[1:]
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1].strip() for part in parts}


def _machine() -> str:
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, {versions}."
    )


HEAD = """# Benchmarks

Made by `make bench`. All jobs of a table ran in turn in one process on the same two cores, after
one round that was not counted; figures are medians (minimum-maximum) in seconds. Machines differ
and are noisy: read the ratios. The tables are generated from a seed (tests/benchmarks/tables.py)."""


if __name__ == "__main__":
    main()
