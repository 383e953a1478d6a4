"""What a metrics store takes in room and time: a year of hours of 50 columns."""

from __future__ import annotations

import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.results.facts import Facts, Subject, facts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from driftkit.store.store import Store

    Tables = dict[str, pa.Table]

COLUMNS = 50
HOURS, MONTHS = 720, 12
HOUR_ROWS, BASELINE_ROWS = (4_000, 6_000), 20_000
APPENDS = 10
_START = datetime(2026, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_TREND = """
    select window_start, distance, distance_lower, distance_upper, threshold
    from driftkit_drift_metrics_latest
    where model = 'churn' and column_name = 'column_07' and slice_key is null
    order by window_start
"""
_LIMITS = ("100 MB", "150 ms", "50 ms", "", "2 s")


def store(data: Path, rows: int, rounds: int) -> str:
    """Room on the disk, and time of an append, of a trend, and of what a page reads."""
    del rows
    folder = data / "stores"
    shutil.rmtree(folder, ignore_errors=True)
    hours = iter(_facts(HOURS + APPENDS))
    month = _tables(islice(hours, HOURS))
    more = list(hours)
    kinds = {"a folder of Parquet": f"{folder}/parquet"}
    if find_spec("duckdb"):
        kinds["a file of DuckDB"] = f"{folder}/store.duckdb"
    if find_spec("deltalake"):
        kinds["a folder of Delta tables"] = f"delta:{folder}/delta"
    measured: dict[str, tuple[str, ...]] = {
        name: _measured(address, month, more, rounds) for name, address in kinds.items()
    }
    measured = {"limit": _LIMITS, **measured}
    columns = (
        *("store", "size", "to keep one more run", "trend of a column by SQL"),
        *("`driftkit.history`, 90 windows", "a page's 90 windows"),
    )
    lines = [
        f"{HOURS} runs of an hour in each of {MONTHS} months, with {COLUMNS} numeric columns.",
        "Times are of one process, after its imports.",
        f"Others used the machine as well: its load was {os.getloadavg()[0]:.1f} at the end.",
        "",
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
    ]
    lines += [f"| {' | '.join((name, *each))} |" for name, each in measured.items()]
    return "\n".join(lines)


def _measured(address: str, month: Tables, more: list[Facts], rounds: int) -> tuple[str, ...]:
    from driftkit.store.history import history, windows  # noqa: PLC0415
    from driftkit.store.opening import open_store  # noqa: PLC0415
    from driftkit.store.store import Query, keep  # noqa: PLC0415

    opened = open_store(address)
    opened.ensure()
    for number in range(MONTHS):
        _load(opened, _shifted(month, number), number)
    opened.compact()
    size = _size(address)
    appends = [_seconds(partial(keep, opened, each)) for each in more]
    of = Query(model="churn", monitor="data_quality")
    asked: list[Callable[[], Any]] = [
        lambda: history(address, "drift_metrics", model="churn", last=90),
        lambda: windows(address, of),
    ]
    times = [median(_seconds(each) for _ in range(rounds)) for each in asked]
    return (
        f"{size / 1e6:.0f} MB",
        f"{median(appends) * 1e3:.0f} ms",
        _trend(address, rounds),
        *(f"{each * 1e3:.0f} ms" for each in times),
    )


def _facts(count: int) -> Iterable[Facts]:
    """Hours of real windows, from the first of the year, the last ones in the next year."""
    import driftkit  # noqa: PLC0415

    chance = np.random.default_rng(17)
    normal = driftkit.data_quality.baseline(_frame(chance, BASELINE_ROWS))
    for number in range(count):
        found = driftkit.data_quality.monitor(_frame(chance, *HOUR_ROWS), normal)
        hour = number if number < HOURS else number - HOURS + 24 * 365
        start = _START + hour * _HOUR
        of = Subject(model="churn", start=start, end=start + _HOUR, granularity="1 hour")
        yield facts_of(found, of, evaluated_at=start + 2 * _HOUR)


def _frame(chance: np.random.Generator, least: int, most: int | None = None) -> pd.DataFrame:
    """Columns of five kinds, with missing values."""
    rows = least if most is None else int(chance.integers(least, most))
    kinds: list[Callable[[], Any]] = [
        lambda: chance.normal(50, 10, rows),
        lambda: chance.lognormal(2, 1, rows),
        lambda: chance.integers(0, 90, rows).astype(float),
        lambda: np.round(chance.gamma(2, 30, rows), 2),
        lambda: chance.uniform(0, 1, rows),
    ]
    made = {f"column_{at:02d}": kinds[at % len(kinds)]() for at in range(COLUMNS)}
    return pd.DataFrame(made).mask(chance.random((rows, COLUMNS)) < 0.02)


def _tables(hours: Iterable[Facts]) -> Tables:
    from driftkit.store.rows import tables_of  # noqa: PLC0415

    made = [tables_of(each, version="0") for each in hours]
    return {name: pa.concat_tables([each[name] for each in made]) for name in made[0]}


def _shifted(month: Tables, number: int) -> Tables:
    """The runs of another month, under other names."""
    later = pa.scalar(_month(number) - _START, pa.duration("us"))
    found = {}
    for name, table in month.items():
        columns = dict(zip(table.column_names, table.columns, strict=True))
        for time_of in ("window_start", "window_end", "evaluated_at"):
            columns[time_of] = pc.add(columns[time_of], later)
        ids = pc.utf8_replace_slice(columns["run_id"], 0, 2, f"{number:02x}")
        shifted = pa.table({**columns, "run_id": ids}).cast(table.schema)
        found[name] = shifted.filter(pc.less(shifted["window_start"], _month(number + 1)))
    return found


def _month(number: int) -> datetime:
    return datetime(_START.year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def _load(opened: Store, tables: Tables, number: int) -> None:
    """Writes the rows of a month as they stand after it."""
    from driftkit.io.remote_files import put  # noqa: PLC0415
    from driftkit.store.delta import DeltaStore  # noqa: PLC0415
    from driftkit.store.packing import packed  # noqa: PLC0415
    from driftkit.store.parquet import ParquetStore  # noqa: PLC0415
    from driftkit.store.run_files import month_of  # noqa: PLC0415
    from driftkit.store.store import RunKey  # noqa: PLC0415

    key = RunKey(run_id=f"month{number}", model="churn", window_start=_month(number))
    if isinstance(opened, DeltaStore):
        from deltalake import write_deltalake  # noqa: PLC0415

        for name, rows in tables.items():
            write_deltalake(opened.path(name), rows, mode="append", partition_by=["model"])
        return
    if not isinstance(opened, ParquetStore):
        opened.replace_run(key, tables)
        return
    folder = opened.folder
    for name, rows in tables.items():
        put(folder.filesystem, folder.packed_path(name, month_of(key)), packed(name, rows))


def _trend(address: str, rounds: int) -> str:
    if address.startswith("delta:"):
        return ""
    from driftkit.store.connection import connect  # noqa: PLC0415

    with connect(address) as connection:

        def asked() -> Any:
            return connection.sql(_TREND).to_arrow_table()

        asked()
        found = median(_seconds(asked) for _ in range(rounds))
    return f"{found * 1e3:.0f} ms"


def _seconds(job: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun


def _size(address: str) -> int:
    path = address.removeprefix("delta:")
    if os.path.isfile(path):  # noqa: PTH113
        return os.path.getsize(path)  # noqa: PTH202
    return sum(
        os.path.getsize(os.path.join(top, name))  # noqa: PTH118, PTH202
        for top, _, names in os.walk(path)
        for name in names
    )
