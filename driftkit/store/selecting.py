"""Which rows of Arrow tables are read: those that a query asks for, of runs that are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from driftkit.store.schema import OF_RUNS, RUNS

if TYPE_CHECKING:
    import pyarrow as pa

    from driftkit.store.store import Query, Store


def condition(table: str, query: Query) -> Any:
    """A filter of pyarrow; None for all rows."""
    parts = [pc.field(name) == value for name, value in query.equal_in(table).items()]
    if query.runs is not None:
        parts.append(pc.field("run_id").isin([each.run_id for each in query.runs]))
        if table in OF_RUNS and query.runs:
            # By which parts of a file are left out.
            starts = [each.window_start for each in query.runs]
            parts += [
                pc.field("window_start") >= min(starts),
                pc.field("window_start") <= max(starts),
            ]
    found = None
    for part in parts:
        found = part if found is None else found & part
    return found


def of_whole_runs(store: Store, table: str, query: Query, found: pa.Table) -> pa.Table:
    """The rows of runs that have one in the table of runs, which is written last.

    Args:
        store: that they were read from.
        table: that they are of.
        query: by which they were read; runs that it names are known to be whole.
        found: the rows.
    """
    if table == RUNS or table not in OF_RUNS or query.runs is not None:
        return found
    runs = store.read(RUNS, query)
    return found.filter(pc.is_in(found["run_id"], runs["run_id"].combine_chunks()))
