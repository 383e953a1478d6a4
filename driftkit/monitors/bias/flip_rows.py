"""Brings the rows of the flip test, which counts do not tell, to the driver."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from driftkit.columns.types import InferredType
from driftkit.comparison.bias.metrics import FLIP_TEST
from driftkit.compute.job import Job
from driftkit.states.groups.flip import NOT_NUMERIC, FlipTest, flip_rows
from driftkit.states.groups.rows import sample

if TYPE_CHECKING:
    from driftkit.monitors.bias.counting import Counted
    from driftkit.monitors.bias.settings import BiasSettings


def read_flip_rows(counted: Counted, settings: BiasSettings) -> FlipTest:
    """The rows of the flip test, or why there are none."""
    asked, columns, source = counted.plan, counted.columns, counted.source
    if FLIP_TEST not in asked.stages.get("post_training", ()):
        return FlipTest(rows=None)
    # Known without a look at the rows.
    if all(len(indices) == 1 for indices in asked.count.facets):
        facets = {asked.count.columns[index].index for (index,) in asked.count.facets}
        texts = {
            index for index in asked.features if columns[index].declared is InferredType.STRING
        }
        if texts - facets or len(texts) > 1:
            return FlipTest(rows=None, refused=NOT_NUMERIC)
    if source is None:
        return FlipTest(rows=None, refused="Flip Test compares rows, and kept states have none")
    limit, rows = settings.flip_test_rows, counted.counts.rows
    if rows > limit and not settings.flip_test_sample:
        return FlipTest(
            rows=None,
            refused=f"Flip Test compares each row with its nearest neighbours, and {rows:,} rows are "
            f"more than flip_test_rows ({limit:,}); set flip_test_sample to take as many by chance",
        )
    names = tuple(column.name for column in columns)
    job = Job(fold=partial(sample, names, limit=limit), divisible=True)
    found = source.runner.run(source.dataset, job)
    values = [found.table.column(index) for index in range(len(columns))]
    features = [(columns[index], values[index]) for index in asked.features]
    return FlipTest(rows=flip_rows(asked.count, features, values))
