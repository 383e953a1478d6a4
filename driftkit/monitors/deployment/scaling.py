"""The verb `scaling`: replays scaling policies on the requests that a variant had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from driftkit.comparison.deployment.scaling import replayed
from driftkit.comparison.deployment.scaling_search import cheapest
from driftkit.formats.deployment import scaling_policy, scaling_replay
from driftkit.formats.fields import to_dict
from driftkit.formats.files import read_document
from driftkit.formats.python_json import file_text
from driftkit.io.reading import of_data
from driftkit.monitors.deployment.arrivals import arrivals_of
from driftkit.monitors.deployment.scaling_settings import ScalingSettings
from driftkit.readers.opening import refuse_results
from driftkit.results import methods
from driftkit.results.contract import Metric
from driftkit.results.tables import baseline_html
from driftkit.settings.declaring import spelt_out

if TYPE_CHECKING:
    from os import PathLike

    from driftkit.comparison.deployment.scaling import AutoScaling
    from driftkit.comparison.deployment.scaling_search import Choice
    from driftkit.compute.job import Progress
    from driftkit.formats.deployment.scaling_policy import ScalingPolicy
    from driftkit.formats.deployment.scaling_replay import ScalingReplay
    from driftkit.monitors.deployment.arrivals import Arrivals
    from driftkit.monitors.deployment.scaling_settings import ScalingKeywords
    from driftkit.results.contract import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedScaling:
    """What scaling policies would have done.

    Attributes:
        replay: the actions, and what they came to.
        run: how the requests were counted.
    """

    replay: ScalingReplay
    run: Run | None = field(default=None, compare=False)

    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {"metric": "name", "value": "value"}
    _repr_html_ = baseline_html
    write = methods.written_as(file_text)
    statistics_table = methods.statistics_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        return {scaling_replay.NAME: to_dict(self.replay)}

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        about = f"a {self.replay.about}"
        return [*methods.notes(self), about, *self.replay.notes]

    def metrics(self) -> list[Metric]:
        """What the policies came to."""
        replay, found = self.replay, self.replay.cheapest
        over, beyond = replay.over_target, replay.over_capacity
        values = {
            "minutes": replay.arrivals.minutes,
            "requests": replay.arrivals.requests,
            "actions": len(replay.actions),
            "instance_minutes": replay.instance_minutes,
            "peak_instances": replay.peak_instances,
            "minutes_over_target": over.minutes if over else None,
            "share_over_target": over.share if over else None,
            "share_over_capacity": beyond.share if beyond else None,
            "cost": replay.cost,
            "cheapest_target": found.target if found else None,
            "cheapest_minimum": found.minimum if found else None,
        }
        return [
            Metric(group="scaling", name=name, value=value)
            for name, value in values.items()
            if value is not None
        ]


@spelt_out(ScalingSettings)
@of_data
def scaling(
    data: Any,
    policy: str | PathLike[str] | Mapping[str, Any],
    *,
    progress: Progress | None = None,
    **settings: Unpack[ScalingKeywords],
) -> ReplayedScaling:
    """Replays scaling policies on the requests of each minute: actions, instances, what was over.

    Args:
        data: the variant's captured records, rows with a time each, or a table of CloudWatch's
            metrics (metric, timestamp, variant, statistic, value): a path or paths, a pandas or
            Spark DataFrame, an Arrow table, or a mapping of columns to values.
        policy: bounds and policies as Application Auto Scaling's API has them: a path or URL of a
            JSON file, or its content.
        progress: called with units done, units in all and rows so far.
        **settings: what is asked of the replay, for example max_rps=20, price=0.23, and how the
            requests are read.

    Returns:
        The replay, a reading of the published rule and not of AWS; `write` makes
        scaling_replay.json.

    Raises:
        InputError: the data cannot be read, or have no times.
        SettingsError: a setting is unknown, or contradicts another.
        FormatError: the policy is missing, or not what it should be.
        EngineError: Spark failed.
    """
    chosen = ScalingSettings.from_keywords(**settings)
    refuse_results(data)
    read = _policy(policy, chosen.resource)
    return _replayed(arrivals_of(data, chosen, read.variant, progress), read, chosen)


def _policy(policy: str | PathLike[str] | Mapping[str, Any], resource: str | None) -> ScalingPolicy:
    if isinstance(policy, Mapping):
        return scaling_policy.read(policy, "policy", resource)
    return scaling_policy.read(read_document(policy), str(policy), resource)


def _replayed(
    arrivals: Arrivals, policy: ScalingPolicy, settings: ScalingSettings
) -> ReplayedScaling:
    scaled = replace(
        policy.scaling,
        scheduled=policy.scheduled_changes(arrivals.first_minute, len(arrivals.requests)),
        initial=settings.instances,
    )
    if settings.arrive_minutes is not None:
        scaled = replace(scaled, arrive_minutes=settings.arrive_minutes)
    asked = scaling_replay.Questions(
        max_rps=settings.max_rps,
        price=settings.price,
        limit=settings.most_over_capacity,
        sampling_percentage=arrivals.sampling_percentage,
        captured=arrivals.captured,
    )
    replay = scaling_replay.of_replay(
        replayed(arrivals.requests, scaled),
        scaled,
        arrivals.first_minute,
        asked,
        _cheapest(arrivals, scaled, settings),
    )
    return ReplayedScaling(replay=replay, run=arrivals.run)


def _cheapest(arrivals: Arrivals, scaled: AutoScaling, settings: ScalingSettings) -> Choice | None:
    if settings.most_over_capacity is None or settings.max_rps is None:
        return None
    return cheapest(
        arrivals.requests, scaled, max_rps=settings.max_rps, limit=settings.most_over_capacity
    )
