"""What a metrics store can do, and how the facts of a run are kept in one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from driftkit.errors import DriftkitError, FormatError
from driftkit.store.rows import key_of, tables_of
from driftkit.store.schema import KNOWN_LAYOUTS, RUNS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import pyarrow as pa

    from driftkit.results.facts import Facts

    Row = dict[str, Any]

_LOGGER = logging.getLogger(__name__)
# Monitors whose input grows when labels come late.
_LABELLED = {"model_quality", "estimated_quality", "bias"}
_WINDOW = ("model", "variant", "monitor", "window_start", "window_end", "granularity")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """What a run's rows are found by.

    Attributes:
        run_id: of the run.
        model: that it is about.
        window_start: beginning of its window.
    """

    run_id: str
    model: str
    window_start: datetime

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> RunKey:
        """That of a row of any table of runs."""
        return cls(**{name: row[name] for name in cls.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which rows of a table are read.

    Attributes:
        model: those of one model alone; None for all, as of all others.
        monitor: of one monitor.
        variant: of one variant.
        window_start: of windows that begin then.
        run_id: of one run.
        runs: of these runs.
        last: at least those of so many windows that began last; a store may give more.
    """

    model: str | None = None
    monitor: str | None = None
    variant: str | None = None
    window_start: datetime | None = None
    run_id: str | None = None
    runs: tuple[RunKey, ...] | None = None
    last: int | None = None

    def equal_in(self, table: str) -> dict[str, Any]:
        """Column of a table -> the value that it has in all rows."""
        names = ("model", "monitor", "variant", "window_start", "run_id")
        known = {each.name for each in TABLES[table]}
        values = {name: getattr(self, name) for name in names if name in known}
        return {name: value for name, value in values.items() if value is not None}


EVERYTHING = Query()


class Store(Protocol):
    """Tables of runs, wherever they are."""

    def ensure(self) -> None:
        """Makes the tables, or adds the columns that they lack.

        Raises:
            OutputError: that cannot be.
            FormatError: a later driftkit has laid them out in another way.
        """

    def replace_run(self, key: RunKey, tables: Mapping[str, pa.Table]) -> None:
        """Puts rows in place of those that the run has in these tables, all or none.

        Readers see them together, with the row in the table of runs.

        Raises:
            OutputError: they cannot be written.
        """

    def read(self, table: str, query: Query = EVERYTHING) -> pa.Table:
        """Rows of runs that are there as a whole; none where there is no store yet.

        Raises:
            InputError: they cannot be read.
        """

    def compact(self) -> int:
        """Puts rows together that are in many files; others may write and read meanwhile.

        Returns:
            How many files were put together.

        Raises:
            OutputError: the store cannot be written.
        """

    def expire(self, before: datetime) -> int:
        """Removes old runs; alerts stay, whatever their age.

        Args:
            before: runs whose windows ended before may be removed, and no later ones.

        Returns:
            How many runs were removed.

        Raises:
            OutputError: the store cannot be written.
        """

    def tidy(self, key: RunKey) -> None:
        """Keeps reading quick after a run was kept, where that is due, soon done and safe.

        Args:
            key: of the run.

        Raises:
            OutputError: the store cannot be written.
        """


def keep(store: Store, facts: Facts, *, version: str = "") -> Facts:
    """Keeps what a run found, once however often it is kept.

    The same run made again keeps the time of the first one, so that the order of runs stays. Another
    run of the same window stands beside the earlier one, and is the latest from now on.

    Args:
        store: where.
        facts: of the run.
        version: of driftkit.

    Returns:
        The facts as they are kept.

    Raises:
        OutputError: the store cannot be written.
    """
    store.ensure()
    there = _beside(store, facts)
    same = [row for row in there if row["run_id"] == facts.run_id]
    if same:
        known = {name: same[0][name] for name in ("supersedes", "reason")}
        facts = replace(facts, evaluated_at=same[0]["evaluated_at"])
    else:
        before = latest(there)
        known = _following(facts, before[0] if before else None)
        facts = _later(facts, before)
    key = RunKey.of(key_of(facts))
    store.replace_run(key, tables_of(facts, version=version, **known))
    try:
        store.tidy(key)
    except DriftkitError as error:
        # The run is kept, and the next one tries again.
        _LOGGER.warning("%s", error)
    return facts


def _beside(store: Store, facts: Facts) -> list[Row]:
    """The runs of the same window; the same run where there is none, whenever it was made."""
    subject, key = facts.subject, key_of(facts)
    of = Query(model=subject.model, monitor=facts.monitor, variant=subject.variant)
    if subject.start is None and subject.end is None:
        same: list[Row] = store.read(RUNS, replace(of, run_id=facts.run_id)).to_pylist()
        return same
    there = store.read(RUNS, replace(of, window_start=key["window_start"]))
    return [row for row in there.to_pylist() if _window(row) == _window(key)]


def latest(runs: Iterable[Row]) -> list[Row]:
    """The last run of each window, in the order of the windows.

    Args:
        runs: rows of the table of runs.
    """
    found: dict[tuple[Any, ...], Row] = {}
    for row in sorted(runs, key=_order):
        found[_window(row)] = row
    return sorted(found.values(), key=lambda row: (row["window_start"], _order(row)))


def refuse_layout(found: object, where: str) -> None:
    """Refuses a store that a later driftkit has laid out in another way.

    Raises:
        FormatError: it has.
    """
    if isinstance(found, int) and found in KNOWN_LAYOUTS:
        return
    raise FormatError(
        "the store has a layout that this driftkit does not know",
        where=where,
        expected=f"layout {' or '.join(map(str, sorted(KNOWN_LAYOUTS)))}",
        found=f"layout {found}",
        todo="Use the driftkit that made it or a later one, or name another store",
    )


def _order(row: Row) -> tuple[Any, ...]:
    return row["evaluated_at"], row["run_id"]


def _window(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _WINDOW)


def _following(facts: Facts, before: Row | None) -> dict[str, str | None]:
    """Why the run is made, and after which one."""
    if before is None:
        return {"supersedes": None, "reason": "first"}
    if before["baseline_digest"] != facts.baseline_digest:
        reason = "new_baseline"
    elif before["settings_digest"] != facts.settings_digest:
        reason = "new_settings"
    else:
        reason = "late_labels" if facts.monitor in _LABELLED else "rerun"
    return {"supersedes": before["run_id"], "reason": reason}


def _later(facts: Facts, before: list[Row]) -> Facts:
    """The facts after those that they follow, whatever the clocks of two machines say."""
    if not before or before[0]["evaluated_at"] < facts.evaluated_at:
        return facts
    return replace(facts, evaluated_at=before[0]["evaluated_at"] + timedelta(microseconds=1))
