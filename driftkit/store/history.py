"""What a metrics store tells of the past: tables for analysts, and windows for a page."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError, SettingsError
from driftkit.results.contract import Run
from driftkit.results.facts import SNAPSHOT
from driftkit.results.history import Series, Window
from driftkit.results.known_run import KnownRun
from driftkit.store import past
from driftkit.store.distributions import figures_of
from driftkit.store.opening import open_store
from driftkit.store.schema import OF_RUNS, RUNS
from driftkit.store.store import EVERYTHING, Query, RunKey, latest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from driftkit.io.locations import PathOrUrl
    from driftkit.store.store import Store

    Row = dict[str, Any]

LAST = 90
# Whatever else a run has takes longer to look at than to leave out.
_OF_SERIES = (
    *("run_id", "model", "variant", "monitor", "window_start", "window_end", "granularity"),
    *("evaluated_at", "status", "rows", "report_uri"),
)


class Asked(TypedDict, total=False):
    """What runs are about; whatever is left out may be anything."""

    model: str | None
    monitor: str | None
    variant: str | None


def history(
    store: PathOrUrl | Store, table: str = RUNS, *, last: int = LAST, **asked: Unpack[Asked]
) -> pd.DataFrame:
    """What a metrics store knows of the last windows, from the latest run of each.

    Args:
        store: its address, as that of `monitor --store`.
        table: runs, profile_metrics, drift_metrics, metrics, distributions or violations.
        last: so many windows of each model, variant and monitor.
        asked: the model, monitor (such as data_quality) or variant that it shall be of.

    Returns:
        The rows of the table, the oldest window first.

    Raises:
        InputError: the store cannot be read.
        SettingsError: there is no such table, or no window is asked for.
    """
    found: pd.DataFrame = past_rows(store, table, last=last, **asked).to_pandas()
    return found


def past_rows(
    store: PathOrUrl | Store, table: str = RUNS, *, last: int = LAST, **asked: Unpack[Asked]
) -> pa.Table:
    """The rows of `history` as an Arrow table."""
    _refuse_wrong(table, last)
    opened = opened_store(store)
    runs = _last_runs(opened, Query(last=last, **asked))
    found = opened.read(table, _of(runs))
    # A store may give the rows of more runs, in any order.
    ordered = pa.array([row["run_id"] for row in runs], pa.string())
    position = pc.index_in(found["run_id"], value_set=ordered)
    chosen = found.append_column("position", position).filter(pc.is_valid(position))
    return chosen.take(pc.sort_indices(chosen["position"])).drop_columns("position")


def windows(
    store: PathOrUrl | Store, query: Query, last: int = LAST
) -> tuple[KnownRun, list[Window]]:
    """The last window of a model as it was found, and those before it, newest last.

    Args:
        store: its address.
        query: the model; monitor and variant where it has several.
        last: so many windows at most.

    Raises:
        InputError: the store cannot be read, or has no such run, or those of several monitors.
    """
    opened = opened_store(store)
    runs = _last_runs(opened, replace(query, last=last))
    _refuse_other(runs, query)
    return _outcome(opened, runs[-1]), _windows(opened, runs[:-1])


def windows_before(store: Store, query: Query, start: datetime, last: int = LAST) -> list[Window]:
    """The windows of a monitor of a model that began before a time, the oldest first.

    Args:
        store: where they are kept.
        query: the model, the monitor and its variant.
        start: of the window that they are before.
        last: so many at most.

    Raises:
        InputError: the store cannot be read.
    """
    runs = latest(store.read(RUNS, query).to_pylist())
    before = [row for row in runs if row["window_start"] < start]
    return _windows(store, before[-last:]) if last else []


def series(store: PathOrUrl | Store, query: Query, last: int = LAST) -> list[Series]:
    """The last windows of every model, variant and monitor, without their numbers, by one query.

    Args:
        store: its address.
        query: which of them.
        last: so many windows of each at most.

    Raises:
        InputError: the store cannot be read.
    """
    found = _last_of_each(opened_store(store), replace(query, last=last), _OF_SERIES)
    return [
        Series(
            model=model,
            variant=variant,
            monitor=monitor,
            windows=tuple(_window(row, [], [], []) for row in rows),
        )
        for (model, variant, monitor), rows in sorted(found.items())
    ]


def _windows(store: Store, runs: list[Row]) -> list[Window]:
    of_all = _of(runs)
    if not runs:
        return []
    drift, others, violated = (
        _by_run(store, table, of_all) for table in ("drift_metrics", "metrics", "violations")
    )
    return [
        _window(row, drift[row["run_id"]], others[row["run_id"]], violated[row["run_id"]])
        for row in runs
    ]


def opened_store(store: PathOrUrl | Store) -> Store:
    """The store at an address; one that is open already is left as it is."""
    return open_store(store) if isinstance(store, str | PathLike) else store


def _last_runs(store: Store, query: Query) -> list[Row]:
    """The latest run of each of the last windows of all models, variants and monitors."""
    chosen = [row for rows in _last_of_each(store, query).values() for row in rows]
    return sorted(chosen, key=lambda row: (row["window_start"], row["evaluated_at"]))


def _last_of_each(
    store: Store, query: Query, columns: Sequence[str] = ()
) -> dict[tuple[str, str, str], list[Row]]:
    """Model, variant and monitor -> the latest run of each of the last windows, in their order."""
    assert query.last is not None  # noqa: S101  (all callers give it)
    found = store.read(RUNS, query)
    runs: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in latest((found.select(columns) if columns else found).to_pylist()):
        runs[row["model"], row["variant"], row["monitor"]].append(row)
    return {key: rows[-query.last :] for key, rows in runs.items()}


def _of(runs: list[Row]) -> Query:
    return replace(EVERYTHING, runs=tuple(map(RunKey.of, runs)))


def _by_run(store: Store, table: str, query: Query) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in store.read(table, query).to_pylist():
        found[row["run_id"]].append(row)
    return found


def _window(row: Row, drift: list[Row], others: list[Row], violations: list[Row]) -> Window:
    return Window(
        name=_name(row),
        status=row["status"],
        metrics=(*past.drift_metrics(drift), *past.other_metrics(others)),
        violations=len(violations),
        rows=row["rows"],
        start=row["window_start"],
        link=row["report_uri"],
    )


def _name(row: Row) -> str:
    return f"{row['window_start']:%Y-%m-%d %H:%M} UTC"


def _outcome(store: Store, row: Row) -> KnownRun:
    of = _of([row])
    rows = {each: store.read(each, of).to_pylist() for each in OF_RUNS if each != RUNS}
    has_window = row["granularity"] != SNAPSHOT
    run = Run(
        rows=row["rows"] or 0,
        seconds=row["seconds"] or 0.0,
        engine=row["engine"] or "",
        rejected=Rejections(counts=json.loads(row["rejected_reasons"] or "{}")),
        monitor=row["monitor"],
        start=row["window_start"] if has_window else None,
        end=row["window_end"] if has_window else None,
    )
    measured = (
        *past.profile_metrics(rows["profile_metrics"]),
        *past.drift_metrics(rows["drift_metrics"]),
        *past.other_metrics(rows["metrics"]),
    )
    return KnownRun(
        run=run,
        findings=tuple(past.findings(rows["violations"])),
        skipped=tuple(past.skipped(rows["metrics"])),
        measured=measured,
        drawn=tuple(figures_of(rows["distributions"])),
        said=tuple(run.lines()),
        drift=past.verdicts(rows["drift_metrics"], measured),
    )


def _refuse_wrong(table: str, last: int) -> None:
    if table in OF_RUNS and last > 0:
        return
    raise SettingsError(
        "this cannot be looked up in a metrics store",
        where="table, last",
        expected=f"one of {', '.join(OF_RUNS)}, and at least one window",
        found=f"{table!r}, {last}",
        todo="Correct them",
    )


def _refuse_other(runs: list[Row], query: Query) -> None:
    """Refuses what is not the history of one monitor of one variant."""
    found = sorted({(row["monitor"], row["variant"]) for row in runs})
    if len(found) == 1:
        return
    listed = ", ".join(f"{monitor} {variant}".strip() for monitor, variant in found[:10])
    raise InputError(
        "the store has runs of several monitors" if found else "the store has no such run",
        where=f"model {query.model!r}",
        expected="those of one monitor and variant",
        found=listed or "none",
        todo="Name one with --monitor and --variant"
        if found
        else "See `driftkit history STORE` for what there is",
    )
