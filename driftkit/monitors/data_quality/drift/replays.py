"""Replays of a user's own history: what is asked, what comes of it, and its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.errors import InputError
from driftkit.formats.jackson import dumps
from driftkit.formats.replay import NAME, Replay
from driftkit.io.writing import write_outputs
from driftkit.monitors.data_quality.drift.accepting import known_counts
from driftkit.monitors.data_quality.drift.replay_settings import ReplaySettings, refuse_strange
from driftkit.monitors.data_quality.drift.replaying import Plan
from driftkit.monitors.data_quality.drift.replaying import replay as replayed
from driftkit.monitors.data_quality.drift.units import UNITS
from driftkit.monitors.data_quality.drift.windows import earlier_counts
from driftkit.results.tables import table
from driftkit.settings.declaring import spelt_out
from driftkit.settings.detection import Detection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from driftkit.compute.job import Progress
    from driftkit.formats.replay import Found
    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.monitors.data_quality.drift.replay_settings import ReplayKeywords
    from driftkit.states.cells.counted import CellCounts


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReplayResult:
    """What each rule would have done on a history, and which faults it finds.

    Attributes:
        replay: what replay.json says.
    """

    replay: Replay

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        return {NAME: self.replay.to_dict()}

    def write(self, directory: PathOrUrl) -> tuple[Location, ...]:
        """Writes replay.json.

        Raises:
            OutputError: the directory cannot be written.
        """
        return write_outputs(directory, {name: dumps(each) for name, each in self.files.items()})

    def rules_table(self) -> pd.DataFrame:
        """One row a rule: how often it raises an alarm, and which share of each fault it finds."""
        return table(list(self.rows()))

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of `rules_table`."""
        for rule in self.replay.rules:
            yield {
                "rule": rule.rule,
                "threshold": rule.threshold,
                "windows_with_alarm": rule.rate,
                "interval": rule.interval,
                **{_fault(each): each.share for each in rule.found},
                **{f"{_fault(each)}: days": each.delay for each in rule.found},
            }

    def alarms_table(self) -> pd.DataFrame:
        """One row an alarm that would have been raised."""
        rows = [
            {
                "start": each.start,
                "rule": each.rule,
                "threshold": each.threshold,
                "feature": each.feature,
                "message": each.message,
            }
            for each in self.replay.alarms
        ]
        return table(rows)

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        of = self.replay
        unit = of.unit
        judged = f"{of.windows} {unit}s of {of.features} features, after {of.reference} {unit}s of"
        lasting = (
            f"a planted fault lasts {of.days} {unit}s, in rows of the history, and is found in a"
        )
        return [
            f"{judged} reference; where nothing was wrong on them, their alarms are false",
            f"{lasting} feature at the level that the feature needs by itself",
        ]

    def __repr__(self) -> str:
        return f"<ReplayResult of {self.replay.windows} windows, {len(self.replay.rules)} rules>"


def _fault(found: Found) -> str:
    return f"{found.fault} {found.size:g}"


@spelt_out(ReplaySettings)
def replay(
    baseline: PathOrUrl,
    history: Sequence[Any] = (),
    *,
    progress: Progress | None = None,
    **settings: Unpack[ReplayKeywords],
) -> ReplayResult:
    """Tries rules of alarm on the days that a baseline and earlier reports have kept.

    Args:
        baseline: its folder, made with a column of times.
        history: reports of windows since: results, their folders, or folders that hold these.
        progress: called with windows done, windows in all and 0.
        **settings: which rules are tried, and which faults are planted.

    Returns:
        For each rule the share of windows with an alarm, and which faults it finds, and how soon.

    Raises:
        InputError: there are too few days.
        FormatError: a file is missing or damaged.
        SettingsError: a fault or method is not known.
    """
    chosen = ReplaySettings.from_keywords(**settings)
    refuse_strange("rules", chosen.rules, (*NUMERICAL, *CATEGORICAL))
    counts = known_counts(baseline)
    earlier, _ = earlier_counts(history, counts.grids)
    known = _in_time(counts.joined(earlier), str(baseline))
    span = UNITS[known.unit or "day"]
    reference = min(span.advised, max(span.needed, len(known.blocks) // 2))
    plan = Plan(known=known, reference=reference, asked=chosen, detection=Detection())
    tell = progress or (lambda _done, _all, _rows: None)
    return ReplayResult(replay=replayed(plan, lambda done, every: tell(done, every, 0)))


def _in_time(counts: CellCounts, name: str) -> CellCounts:
    """The blocks with a time, the oldest first, each once: the last one that is told of."""
    of_start = {block.start: index for index, block in enumerate(counts.blocks) if block.start}
    kept = [of_start[start] for start in sorted(start for start in of_start if start)]
    unit = counts.unit or "day"
    least = UNITS[unit].needed
    if len(kept) < least + 1:
        raise InputError(
            f"there are too few {unit}s to replay",
            where=name,
            expected=f"more than {least} {unit}s in the baseline and the reports of --history",
            found=f"{len(kept)} {unit}s",
            todo="Make the baseline with --time-column, or name the reports of more windows",
        )
    return counts.only(kept).standing("ordinary")
