"""How far the vectors of a window are from the baseline's, and how many of them count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.comparison.sliced_energy import sliced_energy
from driftkit.readers.vectors import PROJECTIONS
from driftkit.results.contract import Metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftkit.comparison.distributions import Distribution
    from driftkit.formats.derived import Derivation
    from driftkit.formats.statistics import FeatureStatistics, Statistics
    from driftkit.states.partitions.partition import TableState

_METHOD = "SlicedEnergy"


def vector_distances(
    now: Statistics, before: Statistics | None, derivation: Derivation
) -> Iterator[Metric]:
    """The energy distance of each column of vectors that both sides have the projections of."""
    known = {each.name: each for each in before.features} if before else {}
    measured = {each.name: each for each in now.features}
    for name in derivation.embedding_columns:
        sides = [_projections(of, name) for of in (measured, known)]
        if not all(sides):
            continue
        found = sliced_energy([*zip(*sides, strict=True)])
        yield Metric(
            group="drift",
            name="distance",
            feature=name,
            value=found.value,
            dimensions={"method": _METHOD},
            detectable=found.noise,
            beyond_noise=found.value > found.noise,
            rows=sides[0][0].total,
        )


def _projections(of: Mapping[str, FeatureStatistics], name: str) -> list[Distribution]:
    """The distributions of a column's projections; none where one of them has no values."""
    features = [of.get(f"{name}.{each}") for each in PROJECTIONS]
    sketches = [each.sketched() for each in features if each]
    found = [each for each in sketches if each is not None]
    return found if len(found) == len(PROJECTIONS) else []


def vectors_moved(distances: Iterable[Metric]) -> Iterator[str]:
    """Columns of vectors that have moved by more than chance, a line each."""
    for each in distances:
        if each.beyond_noise:
            yield (
                f"column {each.feature}: its vectors have moved by {each.value:.2g} of 1; "
                f"chance alone hardly moves them by {each.detectable:.2g}"
            )


def vectors_set_aside(table: TableState, derivation: Derivation) -> Iterator[str]:
    """Columns in which some vectors have no direction, a line each."""
    present = {each.name: each.presence.present for each in table.columns}
    for name in derivation.embedding_columns:
        whole = present.get(f"{name}.dimensions", 0)
        without = whole - present.get(f"{name}.{PROJECTIONS[0]}", whole)
        if without:
            yield (
                f"column {name}: {without:,} of {whole:,} vectors are empty, of zeros only, or have "
                "numbers that are missing or not finite, and count in none of its projections"
            )
