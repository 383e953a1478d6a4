"""What kept states cost and save: segments, blocks of time, windows added up."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.benchmarks import competitors, tables
from tests.benchmarks.timing import alternate

if TYPE_CHECKING:
    from pathlib import Path

HOURS = 720
HOUR_ROWS = 20_000
DISTINCT_HOURS = 24
MILLION = 1_000_000
SEGMENTED = "s1"


def states(data: Path, rows: int, rounds: int) -> str:
    """A month of hours added up, from files to a baseline's numbers."""
    del rows
    import driftkit  # noqa: PLC0415
    from driftkit.states.kernels.choice import compiled  # noqa: PLC0415

    files = _hours(data / "hours")
    size = files[0].stat().st_size
    month = [files[n % len(files)] for n in range(HOURS)]

    def add_up() -> object:
        return driftkit.data_quality.combine(*month, allow_overlap=True)

    def anew() -> object:
        command = [sys.executable, "-c", COMBINE, *map(str, month)]
        return subprocess.run(command, check=True)

    # As in a process that has read data before; a new one does without for a month.
    compiled()
    measured = alternate(
        {f"{HOURS} hours to a month": add_up, "in a process of its own, from its start": anew},
        rounds,
    )
    lines = [
        f"{HOURS} hourly states of {HOUR_ROWS:,} rows x 30 columns, read, checked and added up.",
        f"A column's state takes {size / 30 / 1000:.1f} kB.",
        "",
        "| job | seconds | limit |",
        "|---|---|---|",
    ]
    limits = ("2", "")
    pairs = zip(measured.items(), limits, strict=True)
    lines += [f"| {name} | {each} | {limit} |" for (name, each), limit in pairs]
    return "\n".join(lines)


COMBINE = """
import sys
import driftkit
driftkit.data_quality.combine(*sys.argv[1:], allow_overlap=True)
"""


def segments(data: Path, rows: int, rounds: int) -> str:
    """The same table with and without states for each of twelve values, and for days."""
    from tests.benchmarks.jobs import scan, session  # noqa: PLC0415

    some = min(rows, 2 * MILLION)
    folder = tables.make_narrow(data / f"narrow-{some}", some, files=4)
    session()
    kinds: dict[str, dict[str, Any]] = {
        "the whole": {},
        "and 12 segments": {"segment_by": SEGMENTED},
        "and 348 days": {"time_column": "t"},
    }
    measured = [
        alternate({name: scan(folder, runner, **each) for name, each in kinds.items()}, rounds)
        for runner in ("spark", "local")
    ]
    lines = [f"`narrow`: {some:,} rows x 30 columns of Parquet, two tasks or two threads.", ""]
    lines += ["| states kept | on Spark | to the whole | in this process | to the whole | limit |"]
    lines += ["|---|---|---|---|---|---|"]
    limits = {"the whole": "", "and 12 segments": "2", "and 348 days": ""}
    for name, limit in limits.items():
        cells = [
            f"{each[name]} | {each[name].median / each['the whole'].median:.2f}"
            for each in measured
        ]
        lines.append(f"| {name} | {' | '.join(cells)} | {limit} |")
    return "\n".join(lines)


def text(data: Path, rows: int, rounds: int) -> str:
    """CSV in which every value is text, beside DuckDB's SUMMARIZE, Spark's bare count, a parse."""
    from tests.benchmarks.jobs import scan, session  # noqa: PLC0415

    some = min(rows, MILLION)
    folder = _csv(data / f"csv-{some}", some)
    spark = session()
    measured = alternate(
        {
            "driftkit in this process": scan(folder, runner="local", format="csv"),
            "driftkit scan on Spark": scan(folder, format="csv"),
            "DuckDB SUMMARIZE, all_varchar": lambda: competitors.summarize_text(folder),
            "Spark's count of every column": lambda: competitors.count_text(spark, folder),
            "pyarrow's bare parse": lambda: competitors.bare_parse(folder),
        },
        rounds,
    )
    here, there, *_ = (each.median for each in measured.values())
    lines = [f"CSV of {some:,} rows x 30 columns, two threads or two tasks.", ""]
    lines += ["| job | seconds | to driftkit here | limit | to driftkit on Spark | limit |"]
    lines += ["|---|---|---|---|---|---|"]
    limits = dict(zip(measured, (("", ""), ("", ""), ("2", ""), ("", "1"), ("", "")), strict=True))
    lines += [
        f"| {name} | {each} | {each.median / here:.2f} | {limits[name][0]} "
        f"| {each.median / there:.2f} | {limits[name][1]} |"
        for name, each in measured.items()
    ]
    return "\n".join(lines)


def _hours(folder: Path) -> list[Path]:
    from driftkit.compute.engine import Scan  # noqa: PLC0415
    from driftkit.compute.local import LocalRunner  # noqa: PLC0415
    from driftkit.readers.arrow import from_table  # noqa: PLC0415
    from driftkit.states.profile.table import FoldOptions  # noqa: PLC0415
    from driftkit.states.states import States  # noqa: PLC0415
    from driftkit.states.storage import dumps  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:02d}.arrow" for number in range(DISTINCT_HOURS)]
    for number, path in enumerate(paths):
        table = from_table(tables.narrow_part(HOUR_ROWS, number))
        state = Scan(runner=LocalRunner()).profile(table, FoldOptions())
        path.write_bytes(dumps(States.of(state, source=f"hour {number}")))
    return paths


def _csv(folder: Path, rows: int) -> Path:
    import pyarrow.csv as pacsv  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    for number in range(4):
        path = folder / f"part-{number}.csv"
        if not path.exists():
            pacsv.write_csv(tables.narrow_part(rows // 4, number), path)
    return folder


__all__ = ["segments", "states", "text"]
