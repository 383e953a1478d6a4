"""Compares each segment of a window with the same segment of the baseline."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError, SettingsError
from driftkit.formats import segments as segment_files
from driftkit.formats.segments import CONSTRAINTS_FILE
from driftkit.formats.violations import Violations
from driftkit.monitors.data_quality.checks.column_sets import EXTRA, MISSING
from driftkit.monitors.data_quality.checks.evidence import Evidence
from driftkit.monitors.data_quality.checks.table import check
from driftkit.monitors.data_quality.description import describe
from driftkit.monitors.data_quality.suggestion import suggest
from driftkit.results.contract import Finding, Metric, Skipped
from driftkit.states.partitions.partition import PartitionOptions
from driftkit.states.storage import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.dialects import Dialect
    from driftkit.formats.constraints import Constraints
    from driftkit.formats.violations import Violation
    from driftkit.io.locations import Location
    from driftkit.settings import Partition, Settings
    from driftkit.states.partitions.partition import Key, TableState
    from driftkit.states.partitions.partition import Partition as Split
    from driftkit.states.profile.column import ColumnState
    from driftkit.states.states import States

_REST = "all others"
VANISHED_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentResult:
    """A segment of a window against its baseline.

    Attributes:
        by: the columns that tell segments apart.
        key: their values; None for the rows of all other segments.
        rows: of the window.
        violations: of the segment's constraints.
        found: one finding a violation, in the same order; empty for what was read.
        distances: of every feature that has one.
    """

    by: tuple[str, ...]
    key: Key | None
    rows: int
    violations: tuple[Violation, ...] = ()
    found: tuple[Finding, ...] = field(default=(), compare=False)
    distances: tuple[Metric, ...] = field(default=(), compare=False)

    @property
    def label(self) -> str:
        """The segment in words."""
        return label(self.by, self.key)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The violations, with what is known of them."""
        return self.found or bare_findings(self.violations, self.label)


def label(by: tuple[str, ...], key: Key | None) -> str:
    """A segment in words.

    >>> label(("carrier", "origin"), ("AA", None))
    'carrier=AA, origin missing'
    """
    if key is None:
        return f"{', '.join(by)}: {_REST}"
    pairs = zip(by, key, strict=True)
    return ", ".join(
        f"{name} missing" if value is None else f"{name}={value}" for name, value in pairs
    )


def asked_splits(settings: Partition) -> tuple[PartitionOptions, ...]:
    """How a baseline tells rows apart."""
    segments = [PartitionOptions(by=settings.segment_by)] if settings.segment_by else []
    if settings.time_column is None:
        return tuple(segments)
    return (*segments, PartitionOptions(by=(settings.time_column,), unit=settings.time_unit))


def refuse_of_baseline(settings: Settings) -> None:
    """Refuses what a window has of its baseline: how rows are told apart, and predictions."""
    partition, predicted = settings.partition, settings.outcomes.prediction_column
    said = [*partition.segment_by, *filter(None, [partition.time_column, predicted])]
    if said:
        raise SettingsError(
            "a window is told apart as its baseline was",
            where="segment_by, time_column, prediction_column",
            expected="none of them",
            found=", ".join(said),
            todo="Give them to the baseline",
        )


def known_splits(baseline: States | None) -> tuple[PartitionOptions, ...]:
    """How a window is told apart: into the baseline's segments and all others."""
    split = baseline.segments() if baseline else None
    return () if split is None else (PartitionOptions(by=split.by, keys=tuple(split.parts)),)


def segment_constraints(
    states: States | None,
    whole: Constraints,
    edited: Mapping[Key | None, Constraints] | None = None,
) -> dict[Key | None, Constraints]:
    """What is normal in each segment of a baseline.

    Args:
        states: of the baseline.
        whole: of the table; how strictly it is checked holds for segments too.
        edited: constraints that were read from a file, which go before suggested ones.
    """
    split = states.segments() if states else None
    if split is None:
        return {}
    known = edited or {}
    joint = states.derivation.joint_columns if states else ()
    return {
        key: known[key]
        if key in known
        else _like(whole, suggest(describe(part, distributions=False), joint))
        for key, part in _parts(split)
    }


def refuse_strange(
    states: States, edited: Mapping[Key | None, Constraints], folder: Location
) -> None:
    """Refuses constraints of segments that the states beside them do not have.

    Raises:
        FormatError: there are some.
    """
    split = states.segments()
    known = set(split.parts) if split else set()
    strange = [key for key in edited if key is not None and key not in known]
    if strange:
        by = split.by if split else tuple("?" for _ in strange[0])
        raise FormatError(
            "states and constraints of segments are not of the same baseline",
            where=f"{folder / FILE} and {folder / CONSTRAINTS_FILE}",
            expected=f"states of every segment that has constraints, of {len(known)} segments",
            found="none of " + "; ".join(label(by, key) for key in strange[:5]),
            todo="Write the baseline again",
        )


def check_segments(
    states: States,
    baseline: States | None,
    constraints: Mapping[Key | None, Constraints],
    rules: Dialect,
    least: int = 0,
) -> tuple[tuple[SegmentResult, ...], tuple[Skipped, ...]]:
    """What is not in each segment as in the same segment of the baseline.

    Args:
        states: of the window.
        baseline: the baseline's, where it has some.
        constraints: of the baseline's segments.
        rules: the dialect.
        least: rows of a segment that is compared.

    Returns:
        The segments with rows, and what could not be checked.
    """
    normal = baseline.segments() if baseline else None
    if normal is None:
        return (), ()
    now = states.segments()
    if now is None or now.by != normal.by:
        return (), (_skipped(normal.by, "The window was not told apart by these columns."),)
    before = dict(_parts(normal))
    found: list[SegmentResult] = []
    unknown: list[Skipped] = []
    there: set[Key | None] = set()
    for key, part in _parts(now):
        if not part.rows:
            continue
        if key not in before or not before[key].rows:
            unknown.append(_skipped(now.by, _unknown(now.by, key, part.rows)))
            continue
        there.add(key)
        if part.rows < least:
            unknown.append(_few(label(now.by, key), part.rows, least))
            continue
        segment = SegmentResult(by=now.by, key=key, rows=part.rows)
        found.append(_checked(segment, part, before[key], constraints[key], rules))
    gone = [key for key, part in before.items() if part.rows and key not in there]
    return tuple(found), (*unknown, *_vanished(normal.by, gone))


def _unknown(by: tuple[str, ...], key: Key | None, rows: int) -> str:
    if key is None:
        return f"{rows:,} rows have values of {', '.join(by)} that the baseline does not know."
    return f"The baseline has no rows of {label(by, key)}; the window has {rows:,}."


def _few(segment: str, rows: int, least: int) -> Skipped:
    reason = f"the window has {rows:,} rows of it, fewer than the {least:,} that are asked for"
    return Skipped(check=f"segment {segment}", reason=reason)


def _vanished(by: tuple[str, ...], keys: Sequence[Key | None]) -> Iterator[Skipped]:
    """A line each for the first of the segments without rows, and one for the others."""
    for key in keys[:VANISHED_SHOWN]:
        yield Skipped(check=f"segment {label(by, key)}", reason="the window has no rows of it")
    if len(keys) > VANISHED_SHOWN:
        more = len(keys) - VANISHED_SHOWN
        yield _skipped(by, f"The window has no rows of {more} more of the baseline's segments.")


def constraints_file(
    states: States, constraints: Mapping[Key | None, Constraints]
) -> dict[str, Any] | None:
    """The content of segment_constraints.json; None where there are no segments."""
    split = states.segments()
    if split is None:
        return None
    said = (
        (key, part.rows, {"constraints": constraints[key].to_dict()}) for key, part in _parts(split)
    )
    return segment_files.to_dict(split.by, said)


def violations_file(segments: tuple[SegmentResult, ...]) -> dict[str, Any]:
    """The content of segment_violations.json."""
    said = (
        (each.key, each.rows, Violations(violations=each.violations).to_dict()) for each in segments
    )
    return segment_files.to_dict(segments[0].by, said)


def read_violations(folder: Location) -> tuple[SegmentResult, ...]:
    """The segments of a folder's segment_violations.json; none where there is no such file.

    Raises:
        FormatError: it is another file.
    """
    file = folder / segment_files.VIOLATIONS_FILE
    if not file.exists():
        return ()
    by, segments = segment_files.read_violations(file)
    return tuple(
        SegmentResult(by=by, key=key, rows=rows, violations=violations)
        for key, rows, violations in segments
    )


def evidence_of(table: TableState, baseline: Constraints) -> Evidence:
    """What the checks read of a table's states.

    Values of a feature count as counted only if all known ones were: states that were kept for
    another baseline may have dropped them.
    """
    asked = {feature.name: feature.domains or () for feature in baseline.features}

    def counted(column: ColumnState) -> bool:
        frequencies = column.frequencies
        complete = frequencies.total == column.presence.present and not frequencies.overflowed
        return complete or frequencies.domain.issuperset(asked.get(column.name, ()))

    return Evidence(
        statistics=describe(table),
        type_counts={column.name: column.types.by_type() for column in table.columns},
        value_counts={
            column.name: column.frequencies.known() for column in table.columns if counted(column)
        },
    )


def _checked(
    segment: SegmentResult,
    part: TableState,
    before: TableState,
    constraints: Constraints,
    rules: Dialect,
) -> SegmentResult:
    outcome = check(evidence_of(part, constraints), constraints, describe(before), rules)
    # Which columns there are is a question of the table, and was answered there.
    of_columns = [each for each in outcome.findings if each.check not in {MISSING, EXTRA}]
    own = replace(outcome, findings=tuple(of_columns))
    return replace(
        segment,
        violations=own.violations,
        found=tuple(replace(each, segment=segment.label) for each in own.findings),
        distances=tuple(replace(each, segment=segment.label) for each in own.distances),
    )


def bare_findings(
    violations: Sequence[Violation], segment: str | None = None
) -> tuple[Finding, ...]:
    """Findings of which only the violations are known."""
    return tuple(
        Finding(
            check=each.constraint_check_type,
            feature=each.feature_name,
            message=each.description,
            segment=segment,
        )
        for each in violations
    )


def _parts(split: Split) -> Iterator[tuple[Key | None, TableState]]:
    yield from split.parts.items()
    if split.rest is not None:
        yield None, split.rest


def _like(whole: Constraints, own: Constraints) -> Constraints:
    """A segment's constraints, checked as strictly as the table's."""
    strictness = {feature.name: feature.overrides for feature in whole.features}
    return replace(
        own,
        monitoring_config=whole.monitoring_config,
        features=tuple(replace(each, overrides=strictness.get(each.name)) for each in own.features),
    )


def _skipped(by: tuple[str, ...], reason: str) -> Skipped:
    return Skipped(check=f"segments by {', '.join(by)}", reason=reason)
