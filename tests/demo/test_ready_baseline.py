"""The ready baseline is what its README says, and it tells the damaged month from the others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from baselines.flights.damage import DAMAGES, damaged
from baselines.flights.findings import Month, mistakes
from baselines.flights.model import PREDICTION, predict
from baselines.flights.training import COLUMNS, write_training_csv
from driftkit.formats.jackson import loads
from driftkit.monitors.data_quality.results import Baseline

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

READY = Path(__file__).parents[2] / "baselines" / "flights" / "ready"


@pytest.fixture(scope="module")
def made_again(model: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    file = tmp_path_factory.mktemp("training") / "training.csv"
    write_training_csv(file, model)
    return driftkit.data_quality.baseline(str(file))


def _features(content: dict[str, Any], *, of_model: bool) -> list[dict[str, Any]]:
    return [f for f in content["features"] if (f["name"] == PREDICTION) == of_model]


@pytest.mark.parametrize("name", ["statistics.json", "constraints.json"])
def test_the_data_give_the_ready_files_again(made_again: Baseline, name: str) -> None:
    ready = loads((READY / name).read_text(encoding="utf-8"), where=name)

    assert _features(made_again.files[name], of_model=False) == _features(ready, of_model=False)


def test_the_model_gives_nearly_its_ready_statistics_again(made_again: Baseline) -> None:
    ready = loads((READY / "statistics.json").read_text(encoding="utf-8"), where="statistics.json")
    (then,) = _features(ready, of_model=True)
    (now,) = _features(made_again.files["statistics.json"], of_model=True)

    # Versions of scikit-learn may grow slightly different trees.
    for statistic in ("mean", "std_dev", "max"):
        expected = then["numerical_statistics"][statistic]
        assert now["numerical_statistics"][statistic] == pytest.approx(expected, rel=0.02)


def test_the_ready_baseline_tells_exactly_the_damage(
    october: pd.DataFrame, model: Pipeline
) -> None:
    ready = Baseline.read(READY)

    flown, broken = (
        Month.of(
            "October",
            driftkit.data_quality.monitor(
                rows.assign(**{PREDICTION: predict(model, rows)})[list(COLUMNS)], ready
            ),
        )
        for rows in (october, damaged(october))
    )

    assert mistakes(flown=flown, damaged=broken) == ()
    assert len(broken.named) - len(flown.named) == len(DAMAGES)
