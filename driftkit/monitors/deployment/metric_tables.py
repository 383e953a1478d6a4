"""Tables of operational metrics of a deployment: opened, cut to the window, told by arm."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.errors import InputError
from driftkit.formats.deployment.metric_files import read_metrics
from driftkit.formats.deployment.operational_metrics import operational_metrics
from driftkit.monitors.deployment.timeline import moment
from driftkit.monitors.sources import sources
from driftkit.readers.opening import is_table, no_data, paths_in
from driftkit.results.contract import Run
from driftkit.states.deployment.arms import SUMS, ArmSums
from driftkit.states.deployment.blocks import blocks_of_seconds
from driftkit.states.deployment.storage import MONITOR, DeploymentStates
from driftkit.states.windows import Window

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from driftkit.formats.deployment.operational_metrics import OperationalMetrics, Totals
    from driftkit.formats.deployment.plan import Plan
    from driftkit.native.arrays import Floats, Integers
    from driftkit.settings import Settings
    from driftkit.settings import Window as Asked
    from driftkit.states.deployment.arms import ArmLayout

IN_MEMORY = "table of metrics"
_MINUTE = 60
# Of a rate, a row that counts has S 0 or 1 and N 1.
_TRIALS, _EVENTS = ("counted", "n", "nn"), ("s", "ss", "sn")


def opened_metrics(
    data: Any, plan: Plan, window: Asked, arms: Collection[str] = ()
) -> OperationalMetrics:
    """The metrics of tables.

    Args:
        data: paths of tables with the columns metric, timestamp, variant, statistic, value and
            perhaps count, or such a table in memory.
        plan: by whose arms the variants are named.
        window: of the minutes that count.
        arms: those that must be in it.

    Raises:
        InputError: it is no such table, or an arm has no minutes in it.
    """
    paths = paths_in(data)
    whole = operational_metrics(_table(data), IN_MEMORY) if paths is None else read_metrics(paths)
    metrics = whole.between(window.start, window.end)
    variants = variants_of(plan)
    lacking = [arm for arm in arms if variants[arm] not in metrics.variants]
    if lacking:
        raise InputError(
            f"the arm {lacking[0]!r} has no metrics",
            where=metrics.where,
            expected=f"rows of the variants {', '.join(variants.values())}",
            found=", ".join(metrics.variants) or "none in the window",
            todo="Name the arms as their variants, or export all of them",
        )
    return metrics


def variants_of(plan: Plan) -> dict[str, str]:
    """The variant by which tables name each arm: that of its folder, else its own name."""
    return {
        arm: selector.value if selector.kind == "folder" else arm
        for arm, selector in plan.arms.items()
    }


def _table(data: Any) -> pa.Table:
    if isinstance(data, pa.Table):
        return data
    try:
        if isinstance(data, Mapping):
            return pa.table(dict(data))
        if is_table(data) and hasattr(data, "iloc"):
            return pa.Table.from_pandas(data, preserve_index=False)
    except (pa.ArrowException, TypeError) as error:
        raise InputError(
            "the table of metrics cannot be read",
            where=IN_MEMORY,
            expected="columns with values of one type each",
            found=str(error).splitlines()[0],
            todo="Correct the column",
        ) from error
    raise no_data(data)


def run_on(metrics: OperationalMetrics, settings: Settings, began: float, engine: str) -> Run:
    """What is known of a run on tables of metrics alone.

    Args:
        metrics: that were read.
        settings: of the run.
        began: when it did, by `time.perf_counter`.
        engine: for people.
    """
    run = Run.on(MONITOR, metrics.where, settings, engine)
    return replace(run, rows=_values(metrics), seconds=time.perf_counter() - began)


def states_of(
    data: Any, metrics: OperationalMetrics, plan: Plan, sums: ArmSums
) -> DeploymentStates:
    """The states of tables of metrics, with from where and when they are.

    Args:
        data: what a user handed in.
        metrics: that were read of it.
        plan: by which.
        sums: of the metrics.
    """
    states = DeploymentStates(state=sums, plan=plan.sha256, name=metrics.where)
    if not metrics.series:
        return states
    source, paths = sources(data, metrics.where)
    window = Window(
        source=source,
        start=moment(_MINUTE * min(int(each.minutes[0]) for each in metrics.series.values())),
        end=moment(_MINUTE * (max(int(s.minutes[-1]) for s in metrics.series.values()) + 1)),
        rows=_values(metrics),
        digest=states.digest(),
        paths=paths,
    )
    return replace(states, windows=(window,))


def _values(metrics: OperationalMetrics) -> int:
    return sum(len(each.minutes) for each in metrics.series.values())


def sums_of(
    metrics: OperationalMetrics, plan: Plan, layout: ArmLayout, *, alone: bool = False
) -> ArmSums:
    """The sums of a plan's metrics of tables by block and arm; all other metrics are left at 0.

    Args:
        metrics: minute by minute.
        plan: that names them.
        layout: of the sums that they are added to.
        alone: whether there are no rows of requests, so that those of the tables count.

    Raises:
        InputError: a metric is not there, has no counts, or more events than requests.
    """
    found = [*_totals(metrics, plan, layout)]
    changes = [int(each.start.timestamp()) for each in plan.weights_history or ()]
    codes = [
        blocks_of_seconds(_MINUTE * each.minutes, changes) * len(layout.arms) + arm
        for _, arm, each in found
    ]
    together, index = np.unique(np.concatenate([*codes, _NONE]), return_inverse=True)
    at = np.split(index.reshape(-1), np.cumsum([len(each) for each in codes]))
    size = len(together)
    summed = ArmSums.zeros(layout, np.column_stack(np.divmod(together, len(layout.arms))))
    for (metric, _, totals), of_minute in zip(found, at, strict=False):
        is_rate = plan.metrics[metric].kind == "rate"
        for names, values in ((_TRIALS, totals.counts), (_EVENTS, totals.sums)):
            # Of averages no squares are known.
            for name in names if is_rate else names[: 2 if names is _TRIALS else 1]:
                summed.sums[:, metric, SUMS.index(name)] += np.bincount(of_minute, values, size)
    return replace(summed, requests=_requests(summed.sums, plan)) if alone else summed


_NONE: Integers = np.empty(0, np.int64)


def _totals(
    metrics: OperationalMetrics, plan: Plan, layout: ArmLayout
) -> Iterator[tuple[int, int, Totals]]:
    """Index of the metric, index of the arm, and what is known of both."""
    variants = variants_of(plan)
    for index, metric in enumerate(plan.metrics):
        if metric.table:
            rate = metric.kind == "rate"
            found = metrics.rates(*metric.table) if rate else metrics.means(*metric.table)
            for arm, name in enumerate(layout.arms):
                if variants[name] in found:
                    yield index, arm, found[variants[name]]


def _requests(sums: Floats, plan: Plan) -> Integers:
    """Of the first rate, its trials."""
    rates = [index for index, metric in enumerate(plan.metrics) if metric.kind == "rate"]
    found: Integers = sums[:, rates[:1], SUMS.index("counted")].sum(axis=1).astype(np.int64)
    return found
