"""The demo goes on: a second version of the delay model asks for the endpoint's traffic.

`python -m baselines.flights.deployment [FOLDER]` runs a shadow, a canary, an A/B test and a bandit.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import driftkit
from baselines.flights import page, shell
from baselines.flights.bandit import run_bandit
from baselines.flights.data import flights, training_rows
from baselines.flights.endpoint import ENDPOINT
from baselines.flights.model import PREDICTION, train
from baselines.flights.quality import LABEL, THRESHOLD, write_labels
from baselines.flights.traffic import answered, between, capture, routed, write_table
from baselines.flights.versions import NEW, NEWER, OLD, RECENT, first, second, third, with_recent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sklearn.pipeline import Pipeline

    from baselines.flights.versions import Version
    from driftkit.monitors.deployment.results import DeploymentReport

CARRIER = "carrier"
# Passengers are to be warned: what counts is the share of late flights that have a warning.
CANARY = ("--goal", "recall:0.05", "--guardrail", "brier:0.01", "--segment-by", CARRIER)
AB = (
    *("--goal", "brier:superior", "--guardrail", "auc:0.01"),
    *("--information", "accuracy", "--information", "recall", "--maximum-days", "31"),
)
CANARY_WEIGHTS = {OLD: 0.8, NEW: 0.2}
AB_WEIGHTS = {OLD: 0.5, NEW: 0.5}
_SEED = 2013
_JUDGED = (
    *("--probability-attribute", PREDICTION),
    *("--probability-threshold-attribute", str(THRESHOLD)),
)
_FOLDERS = tuple(
    word for name in (OLD, NEW) for word in ("--arm", f"{name}=folder:{ENDPOINT}/{name}")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A carrier's flights in both arms.

    Attributes:
        name: of the carrier.
        old: the metric of the champion's flights.
        new: that of the challenger's.
        flights: of the challenger that the metric is of.
        part: of the whole difference that is the carrier's; parts sum to 1, those of carriers that
            differ in the other direction are below 0.
    """

    name: str
    old: float
    new: float
    flights: int
    part: float


def run(root: Path, model: Pipeline) -> dict[str, DeploymentReport]:
    """Serves two versions, and asks driftkit what is to become of the second.

    Args:
        root: the folder below which everything is written.
        model: the first version.

    Returns:
        The last report of the shadow, of the canary and of the A/B test.
    """
    for name in ("shadow", "canary", "ab", "bandit"):
        shutil.rmtree(root / name, ignore_errors=True)
    table = with_recent(flights())
    old, faulty, mended = first(model), second(table, faulty=True), second(table)
    page.heading("11  A second version of the model asks for the traffic: an hour as a shadow")
    page.say(
        f"{NEW} also knows how many flights left late two and three hours before ({RECENT}). What "
        "nobody knows yet: its training data had lost the delays of ExpressJet (EV), so that it "
        f"learned that EV is always on time. For an hour it answers beside {OLD}, unseen."
    )
    shadow = run_shadow(root / "shadow", table, (old, faulty))
    page.heading("12  A canary")
    page.say(f"{NEW} gets a fifth of the requests; each morning driftkit is asked.")
    canary = run_canary(root / "canary", table, (old, faulty))
    page.heading("13  The mended version in an A/B test")
    page.say(f"{NEW} learned anew, with all delays. In August each version gets half.")
    tested = run_ab(root / "ab", table, (old, mended))
    page.heading("14  Three versions: a bandit")
    page.say(
        f"{NEWER} is {NEW}, trained anew with July and August. In September the endpoint takes the "
        "weights that driftkit writes each week; a reward is a flight that was told right."
    )
    newer = third(table, until=pd.Timestamp("2013-09-01", tz="UTC"))
    run_bandit(root / "bandit", table, (old, mended, newer))
    return {"shadow": shadow, "canary": canary, "ab": tested}


def run_shadow(root: Path, table: pd.DataFrame, versions: Sequence[Version]) -> DeploymentReport:
    """Both versions answer the requests of an hour; there are no labels yet.

    Returns:
        The report.
    """
    hour = between(table, "2013-07-01T20", "2013-07-01T21")
    for each in versions:
        capture(answered(hour, each), root / "captured" / ENDPOINT)
    shell.driftkit(
        *("deployment", "baseline", root / "captured", "--strategy", "shadow", *_FOLDERS),
        *("--goal", "accuracy", "--information", "agreement", *_JUDGED, "--output", root / "plan"),
    )
    shell.driftkit(
        *("deployment", "monitor", root / "captured", "--baseline", root / "plan", *_JUDGED),
        *("--output", root / "report"),
    )
    report = driftkit.deployment.DeploymentReport.read(root / "report")
    page.show_decision(report.verdict.headline)
    (found,) = report.comparison.agreements
    page.say(
        f"{found.pairs} requests were answered by both: to {found.same_label:.0%} they gave the same "
        f"answer, and their probabilities are {found.probability_difference:.2f} apart in the mean."
    )
    return report


def run_canary(root: Path, table: pd.DataFrame, versions: Sequence[Version]) -> DeploymentReport:
    """A canary, looked at every morning with the labels of the day before, until it is decided.

    Returns:
        The last report.
    """
    before = between(table, "2013-07-01", "2013-07-02")
    days = between(table, "2013-07-02", "2013-07-16")
    capture(answered(before, versions[0]), root / "before" / ENDPOINT)
    capture(routed(days, versions, CANARY_WEIGHTS, _SEED), root / "captured" / ENDPOINT)
    write_labels(root / "truth", between(table, "2013-07-01", "2013-07-16"))
    for name, captured in (("merged-before", "before"), ("merged", "captured")):
        shell.driftkit(
            *("merge", root / captured, "--ground-truth", root / "truth"),
            *("--output", root / name),
        )
    shell.driftkit(
        *("deployment", "baseline", root / "merged-before", *_FOLDERS, *_weights(CANARY_WEIGHTS)),
        *(*CANARY, *_JUDGED, "--horizon-units", "12000", "--output", root / "plan"),
        show=True,
    )
    report = _every_morning(root)
    page.show_decision(report.verdict.headline)
    found = segments(report, "recall")
    page.show_segments((OLD, NEW), "recall", found)
    _tell_who_decides(found)
    return report


def _every_morning(root: Path) -> DeploymentReport:
    """Monitors one day more each time, with the states of the days before, until it is final."""
    earlier: list[Path] = []
    for day in range(2, 16):
        folder = root / f"july-{day:02}"
        shell.driftkit(
            *("deployment", "monitor", root / "merged", *earlier, "--baseline", root / "plan"),
            *("--start", f"2013-07-{day:02}", "--end", f"2013-07-{day + 1:02}", *_JUDGED),
            *("--output", folder),
            told=not earlier,
        )
        report = driftkit.deployment.DeploymentReport.read(folder)
        page.say(f"  up to {day} July: {report.verdict.headline}")
        if report.verdict.final:
            break
        earlier = [folder / "states.arrow"]
    return report


def run_ab(root: Path, table: pd.DataFrame, versions: Sequence[Version]) -> DeploymentReport:
    """An A/B test on a table of requests, each with what became of it.

    Returns:
        Its report.
    """
    before = between(table, "2013-07-01", "2013-08-01")
    month = between(table, "2013-08-01", "2013-09-01")
    write_table(root / "july.csv", answered(before, versions[0]))
    write_table(root / "august.csv", routed(month, versions, AB_WEIGHTS, _SEED))
    arms = (word for name in (OLD, NEW) for word in ("--arm", f"{name}=field:version={name}"))
    read = (
        *("--time-column", "requested", "--ground-truth-attribute", LABEL),
        *_JUDGED,
    )
    shell.driftkit(
        *("deployment", "baseline", root / "july.csv", "--strategy", "ab", *arms),
        *(*_weights(AB_WEIGHTS), *AB, *read, "--output", root / "plan"),
    )
    shell.driftkit(
        *("deployment", "monitor", root / "august.csv", "--baseline", root / "plan", *read),
        *("--output", root / "report"),
        show=True,
    )
    report = driftkit.deployment.DeploymentReport.read(root / "report")
    (recall,) = (each for each in report.verdict.metrics if each.name == "recall")
    page.say(
        f"Decided at {report.verdict.decided_at_window}; later hours do not change it. What does not "
        f"decide is shown: above {THRESHOLD}, {NEW} warned of {recall.challenger:.0%} of the late "
        f"flights, {OLD} of {recall.champion:.0%}."
    )
    return report


def segments(report: DeploymentReport, metric: str) -> list[Segment]:
    """A metric by carrier, those first that make most of the difference.

    Both arms have all carriers in the same shares, but for chance: so a carrier's part is its
    difference times its share of the flights that the metric is of.
    """
    found = [
        (table.value, each.champion or 0.0, each.challenger or 0.0, each.units)
        for table in report.comparison.segments
        for each in table.differences
        if each.metric == metric and all(each.units.values())
    ]
    added = [sum(units.values()) * (new - old) for _, old, new, units in found]
    parts = [
        Segment(name=name, old=old, new=new, flights=units[NEW], part=each / sum(added))
        for (name, old, new, units), each in zip(found, added, strict=True)
    ]
    return sorted(parts, key=lambda each: -each.part)


def _tell_who_decides(found: Sequence[Segment]) -> None:
    first_of_all = found[0]
    page.say(
        f"{first_of_all.name} decides, with {first_of_all.part:.0%} of the difference: of its late "
        f"flights {NEW} warned of {first_of_all.new:.0%}, {OLD} of {first_of_all.old:.0%}."
    )


def _weights(weights: dict[str, float]) -> list[str]:
    return [word for name, share in weights.items() for word in ("--weight", f"{name}={share}")]


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build") / "demo"
    run(place, train(training_rows(flights())))
