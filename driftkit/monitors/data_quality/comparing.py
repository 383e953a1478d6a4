"""Compares two sides by every distance, and by all columns together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from driftkit.comparison.distributions import Distribution
from driftkit.formats import statistics as statistics_file
from driftkit.formats.statistics import Statistics
from driftkit.io.reading import reading_data
from driftkit.monitors.baselines import is_kept, statistics_of
from driftkit.monitors.data_quality.derivation import asked_derivation
from driftkit.monitors.data_quality.description import describe
from driftkit.monitors.data_quality.distances import Distances, Sample, between, samples
from driftkit.monitors.data_quality.measuring import Request, measure
from driftkit.monitors.data_quality.multivariate import (
    TESTS,
    numeric,
    refuse_unknown_tests,
    told_apart,
)
from driftkit.monitors.data_quality.selection import selected
from driftkit.monitors.data_quality.value_counts import counted
from driftkit.readers.opening import opened
from driftkit.settings import DataQualityKeywords, Settings
from driftkit.settings.declaring import spelt_out
from driftkit.states.states import States

if TYPE_CHECKING:
    from collections.abc import Sequence


@spelt_out(Settings)
def distances(
    window: Any,
    baseline: Any,
    *,
    names: Sequence[str] | str | None = None,
    **settings: Unpack[DataQualityKeywords],
) -> Distances:
    """Every distance of every column from the baseline, with intervals, in one table.

    Of what a run has kept, numbers are those of the sketches. Of data, every number counts, so that
    distances of other tools are theirs to the last digits; what Spark holds, or can be read once
    only, is sketched first.

    Args:
        window: an earlier result, its statistics, folder or states, or data as for `baseline`.
        baseline: the same of the baseline.
        names: of distances, or patterns such as "nannyml:*"; None for all but other tools'.
        **settings: how data are read, as for `baseline`.

    Raises:
        InputError: the data cannot be read.
        FormatError: a file is missing or is not what it should be.
        SettingsError: a setting or distance is unknown.
    """
    chosen = Settings.from_keywords(**settings)
    now, before = (_samples(each, chosen) for each in (window, baseline))
    return between(now, before, names)


@spelt_out(Settings)
def multivariate(
    window: Any,
    baseline: Any,
    *,
    tests: Sequence[str] | None = None,
    **settings: Unpack[DataQualityKeywords],
) -> Distances:
    """How well rows of a window are told from the baseline's by all columns together.

    It sees columns that change together, each of which looks the same. It needs the rows of both
    sides, in files or in memory, and holds their columns.

    Args:
        window: data as for `baseline`.
        baseline: training data.
        tests: of reconstruction, mmd and domain_classifier (needs the extra science); None for all.
        **settings: how data are read, as for `baseline`.

    Raises:
        InputError: the data cannot be read, are too few, or have no column in common.
        SettingsError: a setting or test is unknown, or a library is not installed.
    """
    chosen = Settings.from_keywords(**settings)
    names = list(TESTS) if tests is None else tests
    refuse_unknown_tests(names)
    with reading_data(window, baseline):
        now, before = (
            selected(opened(each, chosen), chosen.selection) for each in (window, baseline)
        )
        return told_apart(now, before, numeric(learnt(baseline, chosen)), names)


def _samples(handed_in: Any, settings: Settings) -> dict[str, Sample]:
    """The values of the columns of one side."""
    if is_kept(handed_in):
        return samples(statistics_of(handed_in, Statistics, statistics_file.read_file))
    with reading_data(handed_in):
        found = samples(learnt(handed_in, settings))
        if isinstance(handed_in, States):
            return found
        numbers = {name for name, each in found.items() if isinstance(each, Distribution)}
        return found | counted(opened(handed_in, settings), numbers)


def learnt(data: Any, settings: Settings) -> Statistics:
    """The statistics of data or states."""
    request = Request(
        purpose="baseline", settings=settings, derivation=asked_derivation(settings.deriving)
    )
    return describe(measure(data, request).states.table)
