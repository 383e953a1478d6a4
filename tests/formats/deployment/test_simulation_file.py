"""simulation.json: written, read again, and refused where it is wrong."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from driftkit.errors import FormatError
from driftkit.formats.deployment import simulation
from driftkit.formats.deployment.verdict import PlanName
from tests.formats.damage import damaged, ours
from tests.formats.documents import with_value

if TYPE_CHECKING:
    from pathlib import Path

SHARE = simulation.RunShare(share=0.25, low=0.2, high=0.3)
SIMULATION = simulation.Simulation(
    plan=PlanName(name="churn", sha256="0" * 64),
    metric="accuracy",
    rates={"old": 0.1, "new": 0.12},
    requests=20_000,
    runs=500,
    looks=2,
    days=14.0,
    challengers=(
        simulation.SimulatedChallenger(
            challenger="new",
            promote=SHARE,
            hold=SHARE,
            roll_back=SHARE,
            requests=simulation.Spread(median=5.0, tenth=1.0, ninetieth=9.0),
        ),
    ),
    regret=simulation.Regret(mean=10.0, equal_shares=200.0),
    weights=(
        simulation.MeanWeights(requests=0, weights={"old": 0.5, "new": 0.5}),
        simulation.MeanWeights(requests=10_000, weights={"old": 0.3, "new": 0.7}),
    ),
    notes=("brier is taken for passing",),
)
DOCUMENT: dict[str, Any] = json.loads(json.dumps(SIMULATION.to_dict()))


def test_it_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / simulation.NAME
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")

    assert simulation.read_file(file) == SIMULATION


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", "2.0"),
        ("runs", -1),
        ("challengers.0.promote.share", 1.5),
        ("regret.mean", None),
        ("weights.0.weights.old", "half"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(path: str, value: Any) -> None:
    with pytest.raises(FormatError) as raised:
        simulation.read(with_value(deepcopy(DOCUMENT), path, value))

    assert path.rpartition(".")[2] in str(raised.value)


@given(damaged(DOCUMENT))
def test_damage_is_refused_or_read(document: Any) -> None:
    with ours():
        simulation.read(document)
