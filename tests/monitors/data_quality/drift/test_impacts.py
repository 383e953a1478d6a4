"""How far drift of a feature alone moves predictions and losses, beside rows that are weighted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

import driftkit
from driftkit.cli import app
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.monitors.data_quality.results import Baseline

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.drift import Impact, Predictions
    from driftkit.monitors.data_quality.results import MonitoringResult

COLUMNS: dict[str, Any] = {"prediction_column": "score", "label_column": "label"}


def rows_of(
    rows: int, *, seed: int = 0, shift: float = 0.0, nulls: float = 0.0, new: float = 0.0
) -> pd.DataFrame:
    """Rows whose score hangs on an amount and a kind, and whose error hangs on the kind.

    Args:
        rows: how many.
        seed: of the draws.
        shift: of the amounts.
        nulls: share of the amounts that are missing.
        new: share of the kinds that no others have.
    """
    rng = np.random.default_rng(seed)
    amount = np.round(rng.normal(10 + shift, 2, rows))
    kind = rng.choice(["a", "b", "c"], rows, p=[0.5, 0.3, 0.2]).astype(object)
    score = 0.1 * amount + (kind == "a") + rng.normal(0, 0.5, rows)
    label = score + rng.normal(0, np.where(kind == "c", 2.0, 0.5))
    amount[rng.random(rows) < nulls] = np.nan
    kind[rng.random(rows) < new] = "other"
    return pd.DataFrame({"amount": amount, "kind": kind, "score": score, "label": label})


NORMAL = rows_of(4_000, nulls=0.1)
NOW = rows_of(1_500, seed=1, shift=0.7, nulls=0.25, new=0.1)


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return driftkit.data_quality.baseline(NORMAL, **COLUMNS)


def impacts(result: MonitoringResult) -> dict[str, Impact]:
    assert result.drift is not None
    return {each.feature: each.impact for each in result.drift.features if each.impact}


def predictions(result: MonitoringResult) -> Predictions:
    assert result.drift is not None
    assert result.drift.predictions is not None
    return result.drift.predictions


def weighted(before: pd.Series[Any], now: pd.Series[Any], answers: pd.Series[Any]) -> float:
    """The mean answer where each value is as frequent as now, less the mean; unknown ones move nothing."""
    usual, seen = (each.fillna("none").value_counts(normalize=True) for each in (before, now))
    known = before.fillna("none")
    weights = known.map(seen).fillna(0.0).to_numpy(float) / known.map(usual).to_numpy(float)
    return float((weights * (answers - answers.mean())).mean())


@pytest.mark.parametrize("feature", ["amount", "kind"])
def test_a_move_is_that_of_rows_that_are_weighted(feature: str, baseline: Baseline) -> None:
    result = driftkit.data_quality.monitor(NOW, baseline)

    found = impacts(result)[feature]
    loss = (NORMAL.score - NORMAL.label) ** 2
    before, now = NORMAL[feature].astype(object), NOW[feature].astype(object)
    assert found.prediction == pytest.approx(weighted(before, now, NORMAL.score), abs=1e-12)
    assert found.loss == pytest.approx(weighted(before, now, loss), abs=1e-12)
    unknown = ~now.fillna("none").isin(before.fillna("none"))
    assert found.unknown == pytest.approx(unknown.mean())


def test_beside_it_stand_the_predictions_of_the_window(baseline: Baseline) -> None:
    found = predictions(driftkit.data_quality.monitor(NOW, baseline))

    loss = (NORMAL.score - NORMAL.label) ** 2
    error = np.hypot(NORMAL.score.std(ddof=0) / 4_000**0.5, NOW.score.std(ddof=0) / 1_500**0.5)
    assert (found.column, found.label) == ("score", "label")
    assert found.mean == pytest.approx(NORMAL.score.mean())
    assert found.loss == pytest.approx(loss.mean())
    assert found.move == pytest.approx(NOW.score.mean() - NORMAL.score.mean())
    assert found.move_error == pytest.approx(error)
    # Of themselves predictions and labels say nothing.
    assert set(impacts(driftkit.data_quality.monitor(NOW, baseline))) == {"amount", "kind"}


def test_a_window_without_predictions_has_an_expectation(baseline: Baseline) -> None:
    whole = driftkit.data_quality.monitor(NOW, baseline)

    inputs = driftkit.data_quality.monitor(NOW[["amount", "kind"]], baseline)

    assert impacts(inputs) == impacts(whole)
    assert predictions(inputs).move is None


def test_labels_need_not_be_monitored(baseline: Baseline) -> None:
    alone = driftkit.data_quality.baseline(NORMAL, **COLUMNS, ignore="label")

    result = driftkit.data_quality.monitor(NOW.drop(columns="label"), alone)

    assert impacts(result) == impacts(driftkit.data_quality.monitor(NOW, baseline))
    assert not any("column" in each.check for each in result.findings)


def test_rows_in_many_files_are_rows_in_one(baseline: Baseline, tmp_path: Path) -> None:
    for index in range(0, len(NORMAL), 999):
        NORMAL[index : index + 999].to_parquet(tmp_path / f"{index:05}.parquet")

    found = driftkit.data_quality.baseline(str(tmp_path), **COLUMNS).outcomes

    whole = baseline.outcomes
    assert found is not None
    assert whole is not None
    assert found.grids == whole.grids
    assert found.rows == whole.rows
    assert found.center == pytest.approx(whole.center)
    for mine, theirs in zip(found.sums, whole.sums, strict=True):
        # Counts exactly, sums to their last bits.
        np.testing.assert_array_equal(mine[:, 0], theirs[:, 0])
        np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-9)


@pytest.mark.spark
def test_spark_finds_the_same_to_the_last_bit(tmp_path: Path) -> None:
    for index in range(4):
        NORMAL[index::4].to_csv(tmp_path / f"{index}.csv", index=False)

    found = [
        driftkit.data_quality.baseline(str(tmp_path), **COLUMNS, runner=runner, engine="scan")
        for runner in ("local", "spark")
    ]

    local, spark = (each.outcomes for each in found)
    assert local is not None
    assert spark is not None
    assert local.dumps() == spark.dumps()


def test_kept_states_and_kept_files_say_the_same(baseline: Baseline, tmp_path: Path) -> None:
    baseline.write(tmp_path / "baseline")
    read = Baseline.read(tmp_path / "baseline")
    result = driftkit.data_quality.monitor(NOW, read)
    result.write(tmp_path / "report")

    again = driftkit.data_quality.monitor(str(tmp_path / "report" / "states.arrow"), read)

    assert impacts(result) == impacts(driftkit.data_quality.monitor(NOW, baseline))
    assert impacts(again) == impacts(result)
    kept = driftkit.data_quality.MonitoringResult.read(tmp_path / "report")
    assert kept.drift == result.drift


def test_of_classes_the_share_of_wrong_ones_moves() -> None:
    rng = np.random.default_rng(2)
    kind = rng.choice(["easy", "hard"], 2_000, p=[0.7, 0.3])
    label = rng.choice(["yes", "no"], 2_000)
    wrong = rng.random(2_000) < np.where(kind == "hard", 0.4, 0.1)
    predicted = np.where(wrong, np.where(label == "yes", "no", "yes"), label)
    rows = pd.DataFrame({"kind": kind, "score": predicted, "label": label})
    normal = driftkit.data_quality.baseline(rows, **COLUMNS)

    result = driftkit.data_quality.monitor(rows.assign(kind="hard"), normal)

    found = impacts(result)["kind"]
    assert found.prediction is None
    assert found.loss == pytest.approx(wrong[kind == "hard"].mean() - wrong.mean())
    assert predictions(result).loss == pytest.approx(wrong.mean())


def test_what_moves_predictions_most_comes_first_where_no_attributions_are_given() -> None:
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({name: rng.normal(0, 1, 3_000) for name in ("idle", "strong")})
    rows["score"] = rows.strong + rng.normal(0, 0.1, 3_000)
    now = pd.DataFrame({"idle": rows.idle[:900] * 40, "strong": rows.strong[:900] + 0.7})
    stories = []
    for predicted in (None, "score"):
        normal = driftkit.data_quality.baseline(rows, prediction_column=predicted)
        found = driftkit.data_quality.monitor(now, normal, alarm_on="different", ignore="score")
        assert found.drift is not None
        stories.append([each.features for each in found.drift.stories])

    assert stories == [[("idle",), ("strong",)], [("strong",), ("idle",)]]


def test_of_rows_that_are_new_nothing_is_expected(baseline: Baseline) -> None:
    now = NOW.assign(amount=NOW.amount * 1_000)

    result = driftkit.data_quality.monitor(now, baseline, alarm_on="different")

    of_amount = next(each for each in result.findings if each.feature == "amount")
    assert "expected to move an unknown amount: 7" in of_amount.observed
    assert "% of the rows are new to the baseline" in of_amount.observed
    assert not impacts(result)["amount"].is_known
    assert impacts(result)["kind"].is_known


def test_a_user_is_told_whether_it_matters(tmp_path: Path) -> None:
    NORMAL.to_csv(tmp_path / "training.csv", index=False)
    NOW.to_csv(tmp_path / "today.csv", index=False)
    folder, report = str(tmp_path / "normal"), str(tmp_path / "report")
    run = CliRunner().invoke
    asked = ["--prediction-column", "score", "--label-column", "label"]
    learnt = run(
        app, ["data-quality", "baseline", str(tmp_path / "training.csv"), "-o", folder, *asked]
    )

    found = run(
        app,
        [
            *("data-quality", "monitor", str(tmp_path / "today.csv"), "-b", folder, "-o", report),
            *("--alarm-on", "different"),
        ],
        env={"COLUMNS": "250"},
    )

    assert learnt.exit_code == 0, learnt.output
    assert "outcomes.arrow" in learnt.output
    assert "in this window mean score +" in found.output
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    result = driftkit.data_quality.MonitoringResult.read(report)
    of_amount = next(each for each in result.findings if each.feature == "amount")
    said = of_amount.observed.partition("expected to move ")[2].partition(";")[0]
    assert said.startswith("mean score +0.0")
    assert said in found.output
    assert said in page


@pytest.mark.parametrize(
    ("data", "asked", "said"),
    [
        (NORMAL, {"prediction_column": "scores"}, "there is no such column"),
        (NORMAL, {"label_column": "label"}, "there is a label_column, and no prediction_column"),
        (NORMAL, {"prediction_column": "kind"}, "these predictions cannot be added up"),
        (NORMAL, {**COLUMNS, "label_column": "kind"}, "these predictions cannot be added up"),
        (
            NORMAL,
            {**COLUMNS, "label_column": "kind", "ignore": "kind"},
            "these predictions cannot be added up",
        ),
        (NORMAL, {**COLUMNS, "ignore": "score"}, "there is no such column"),
        (
            pa.Table.from_pandas(NORMAL).to_reader(),
            {"prediction_column": "score"},
            "these rows cannot be read twice",
        ),
    ],
)
def test_what_cannot_be_is_refused(data: Any, asked: dict[str, Any], said: str) -> None:
    with pytest.raises((InputError, SettingsError), match=said):
        driftkit.data_quality.baseline(data, **asked)


def test_states_have_no_rows_to_read_predictions_of(baseline: Baseline, tmp_path: Path) -> None:
    baseline.write(tmp_path, keep_states=True)
    states = str(tmp_path / "states.arrow")

    with pytest.raises(InputError, match="kept states have no rows"):
        driftkit.data_quality.baseline(states, **COLUMNS)
    grown = driftkit.data_quality.baseline([states, *_files(tmp_path)], **COLUMNS)

    assert grown.outcomes is not None
    assert grown.outcomes.rows == len(NOW)
    assert any("kept states have none" in each for each in grown.notes())


def _files(folder: Path) -> list[str]:
    NOW.to_parquet(folder / "more.parquet")
    return [str(folder / "more.parquet")]


def test_a_window_is_not_asked_for_predictions(baseline: Baseline) -> None:
    with pytest.raises(SettingsError, match="as its baseline was"):
        driftkit.data_quality.monitor(NOW, baseline, prediction_column="score")


@pytest.mark.parametrize("cut", [10, 2_000])
def test_a_damaged_file_is_refused(cut: int, baseline: Baseline, tmp_path: Path) -> None:
    baseline.write(tmp_path)
    file = tmp_path / "outcomes.arrow"
    content = bytearray(file.read_bytes())
    content[cut] ^= 0xFF
    file.write_bytes(bytes(content))

    with pytest.raises(FormatError):
        Baseline.read(tmp_path)


def test_a_baseline_without_predictions_leaves_no_old_ones(
    baseline: Baseline, tmp_path: Path
) -> None:
    baseline.write(tmp_path)

    driftkit.data_quality.baseline(NORMAL).write(tmp_path)

    assert not (tmp_path / "outcomes.arrow").exists()
