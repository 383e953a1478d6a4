"""The demo goes on: three versions, whose shares of the requests follow the warnings that were right."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import orjson

from baselines.flights import page, shell
from baselines.flights.endpoint import ENDPOINT
from baselines.flights.model import PREDICTION
from baselines.flights.quality import THRESHOLD
from baselines.flights.traffic import between, routed, write_table
from driftkit.formats.deployment import bandit as bandit_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from baselines.flights.versions import Version
    from driftkit.formats.deployment.bandit import BanditWeights

RIGHT = "right"
WEEKS = ("2013-09-01", "2013-09-08", "2013-09-15", "2013-09-22", "2013-09-29")
_READ = ("--time-column", "requested")
_SEED = 2013


def with_right(requests: pd.DataFrame) -> pd.DataFrame:
    """The requests with a column RIGHT: 1 where passengers of late flights alone were warned."""
    warned = requests[PREDICTION] > THRESHOLD
    return requests.assign(**{RIGHT: (warned == requests["late"]).astype(int)})


def run_bandit(root: Path, table: pd.DataFrame, versions: Sequence[Version]) -> list[BanditWeights]:
    """Four weeks in which the endpoint takes the weights that driftkit writes each Sunday.

    Args:
        root: the folder for its files.
        table: flights with the features of all versions.
        versions: the arms, the champion first.

    Returns:
        What was decided after each week.
    """
    names = [each.name for each in versions]
    weights = {name: 1 / len(names) for name in names}
    reports: list[Path] = []
    decided: list[BanditWeights] = []
    counts: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(pairwise(WEEKS)):
        rows = between(table, start, end)
        requests = with_right(routed(rows, versions, weights, _SEED + number))
        week = root / f"{start}.csv"
        write_table(week, requests, RIGHT)
        if number == 0:
            _plan(root, week, names)
        reports.append(root / f"report-{start}")
        shell.driftkit(
            *("deployment", "monitor", week, "--baseline", root / "plan", *_READ),
            *("--output", reports[-1]),
            told=number == 0,
        )
        decided.append(_weights(root, reports, weights))
        page.say(f"  week of {start}:")
        asked = {name: int((requests["version"] == name).sum()) for name in names}
        page.show_weights(asked, decided[-1])
        counts.append((int(requests[RIGHT].sum()), _by_thirds(rows, versions)))
        weights = {arm.name: arm.weight for arm in decided[-1].arms}
    right, by_thirds = (sum(each) for each in zip(*counts, strict=True))
    page.say(
        f"In four weeks {right:,} flights were told right; thirds for ever would have told "
        f"{by_thirds:,}."
    )
    return decided


def _plan(root: Path, week: Path, names: Sequence[str]) -> None:
    arms = (word for name in names for word in ("--arm", f"{name}=field:version={name}"))
    shell.driftkit(
        *("deployment", "baseline", week, "--strategy", "bandit", "--endpoint", ENDPOINT, *arms),
        *("--goal", f"rate:{RIGHT}:higher", *_READ, "--output", root / "plan"),
    )


def _weights(root: Path, reports: Sequence[Path], before: Mapping[str, float]) -> BanditWeights:
    """The weights for the next week, by the rewards of all weeks so far."""
    endpoint = root / "endpoint.json"
    variants = [{"VariantName": name, "CurrentWeight": share} for name, share in before.items()]
    endpoint.write_bytes(orjson.dumps({"EndpointName": ENDPOINT, "ProductionVariants": variants}))
    folder = root / f"weights-{len(reports)}"
    shell.driftkit(
        *("deployment", "weights", *reports, "--baseline", root / "plan"),
        *("--weights-file", endpoint, "--output", folder),
        told=len(reports) == 1,
    )
    return bandit_file.read_file(folder / bandit_file.NAME).weights[0]


def _by_thirds(rows: pd.DataFrame, versions: Sequence[Version]) -> int:
    """How many flights would be told right in the mean if each version got the same share."""
    told = [
        with_right(rows.assign(**{PREDICTION: each.answers(rows)}))[RIGHT].sum()
        for each in versions
    ]
    return round(sum(told) / len(told))
