"""States of attribution are kept, combined, and compared as the rows of all windows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from driftkit import attribution, data_quality
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.states.attribution_storage import loads
from tests.monitors.attribution.data import (
    CONFIG,
    FORMER,
    NAMES,
    config,
    model_file,
    rows,
    states,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.states.attribution_storage import AttributionStates

HOURS = (120, 1, 200, 79)


@pytest.fixture
def model(tmp_path: Path) -> str:
    return model_file(tmp_path)


def hours() -> list[pd.DataFrame]:
    return [rows(count, seed) * [1, 1, 6 * seed + 1] for seed, count in enumerate(HOURS)]


def numbers(content: Any, where: str = "") -> dict[str, Any]:
    """All numbers of a file by their place."""
    if not isinstance(content, dict | list):
        return {where: content}
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    return {
        key: value
        for name, each in pairs
        for key, value in numbers(each, f"{where}/{name}").items()
    }


def told(result: Any) -> dict[str, Any]:
    """All numbers of its files, but for sentences that spell one."""
    found = numbers(result.files)
    return {key: value for key, value in found.items() if not key.endswith("/description")}


@pytest.mark.parametrize("method", ["mean_abs", "mean_sq", "median"])
@pytest.mark.parametrize("given", ["a glob", "folders", "states"])
def test_windows_together_are_the_rows_at_once(
    tmp_path: Path, model: str, method: str, given: str
) -> None:
    of = config(agg_method=method)
    normal = attribution.baseline(rows(), model, analysis_config=of, runner="local")
    results = [
        attribution.monitor(hour, normal, model, analysis_config=of, keep_states=True)
        for hour in hours()
    ]
    for number, result in enumerate(results):
        result.write(tmp_path / f"{number}")
    kept: Any = {
        "a glob": lambda: attribution.combine(tmp_path / "*" / "states.arrow"),
        "folders": lambda: [tmp_path / f"{number}" for number in range(len(HOURS))],
        "states": lambda: attribution.combine(*results),
    }[given]

    month = attribution.monitor(kept(), normal, analysis_config=of)

    at_once = attribution.monitor(
        pd.concat(hours(), ignore_index=True), normal, model, analysis_config=of, runner="local"
    )
    assert told(month) == {
        key: pytest.approx(value, rel=1e-11) if isinstance(value, float) else value
        for key, value in told(at_once).items()
    }
    assert len(month.violations) == len(at_once.violations) == (method != "median")
    assert month.states is not None
    assert [each.rows for each in month.states.windows] == list(HOURS)
    assert month.run is not None
    assert (month.run.rows, month.run.engine) == (sum(HOURS), "kept states")


@pytest.mark.parametrize("method", ["mean_abs", "median"])
def test_states_are_read_back(model: str, method: str) -> None:
    found = states(rows(3000), model, config(agg_method=method))

    back = loads(found.dumps(), "here")

    assert back.dumps() == found.dumps()
    assert (back.request, back.windows) == (found.request, found.windows)


def test_a_run_says_the_same_whether_it_keeps_states_or_not(tmp_path: Path, model: str) -> None:
    settings: dict[str, Any] = {"analysis_config": CONFIG, "runner": "local"}
    found = attribution.baseline(rows(), model, keep_states=True, **settings)
    found.write(tmp_path / "kept")
    attribution.baseline(rows(), model, **settings).write(tmp_path / "plain")

    written_files = {
        folder: {
            str(path.relative_to(tmp_path / folder)): path.read_bytes()
            for path in (tmp_path / folder).rglob("*")
            if path.is_file()
        }
        for folder in ("kept", "plain")
    }
    assert written_files["kept"].pop("states.arrow")
    assert written_files["kept"] == written_files["plain"]


def test_a_baseline_is_learnt_from_states(tmp_path: Path, model: str) -> None:
    """Rows that were clusters of the data are those of the states."""
    pytest.importorskip("sklearn", reason="clusters need scikit-learn")
    of = config(baseline=None, num_clusters=2)
    learnt = attribution.baseline(rows(), model, analysis_config=of, keep_states=True)
    learnt.write(tmp_path)

    found = attribution.baseline(tmp_path / "states.arrow", analysis_config=of)

    assert found.files == learnt.files
    found.write(tmp_path / "again")
    name = "explanations_shap/baseline.csv"
    assert (tmp_path / "again" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_windows_are_explained_against_the_rows_of_their_baseline(model: str) -> None:
    pytest.importorskip("sklearn", reason="clusters need scikit-learn")
    of = config(baseline=None, num_clusters=2)
    normal = attribution.baseline(rows(), model, analysis_config=of, runner="local")
    parts = [states(hour, model, of, baseline=normal) for hour in (rows(50, 1), rows(60, 2))]

    result = attribution.monitor(attribution.combine(*parts), normal, analysis_config=of)

    assert result.run is not None
    assert result.run.rows == 110
    other = attribution.baseline(rows(90, 5), model, analysis_config=of, runner="local")
    with pytest.raises(InputError, match=r"explained otherwise.*background|background.*explained"):
        attribution.monitor(parts[0], other, analysis_config=of)


def test_the_same_rows_are_not_added_twice(model: str) -> None:
    found = states(rows(), model)

    with pytest.raises(InputError, match="overlap"):
        attribution.combine(found, found)
    assert attribution.combine(found, found, allow_overlap=True).state.rows == 600


OTHERS: dict[str, Callable[[Path, str], AttributionStates]] = {
    "features": lambda folder, _: states(
        rows(50, 1).rename(columns={"c": "d"}),
        model_file(folder, MODEL_OF_D, "d.py"),
        {**CONFIG, "headers": ["a", "b", "d"]},
    ),
    "labels": lambda _, model: states(
        rows(50, 1), model, {**CONFIG, "predictor": {"label_headers": ["price"]}}
    ),
    "expected": lambda folder, _: states(rows(50, 1), model_file(folder, MOVED, "moved.py")),
    "background": lambda _, model: states(rows(50, 1), model, config(baseline=[[0, 0, 1]])),
    "median": lambda _, model: states(rows(50, 1), model, config(agg_method="median")),
    "samples": lambda _, model: states(rows(50, 1), model, config(num_samples=50)),
    "explainer": lambda _, model: states(rows(50, 1), model, explainer="kernel"),
    "seed": lambda _, model: states(rows(50, 1), model, seed=7),
    "explained": lambda _, model: states(
        rows(50, 1), model, config(features_to_explain=["a", "b"])
    ),
}
MODEL_OF_D = "def predict(table):\n    return 4 * table['a'] + 2 * table['b'] + table['d']\n"
MOVED = "def predict(table):\n    return 7 + 4 * table['a'] + 2 * table['b'] + table['c']\n"


@pytest.mark.parametrize("name", OTHERS)
def test_rows_that_were_explained_otherwise_do_not_add_up(
    tmp_path: Path, model: str, name: str
) -> None:
    kept, other = states(rows(), model), OTHERS[name](tmp_path, model)

    with pytest.raises(InputError, match="explained otherwise") as caught:
        attribution.combine(kept, other)

    assert f", {name}" in str(caught.value)


ASKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "samples": (config(num_samples=50), {}),
    "seed": (CONFIG, {"seed": 9}),
    "logit": (config(use_logit=True), {}),
    "explainer": (CONFIG, {"dialect": "aws"}),
    "agg_method": (config(agg_method="median"), {}),
    "background": (config(baseline=[[0, 0, 1]]), {}),
    "labels": ({**CONFIG, "predictor": {"label_headers": ["price"]}}, {}),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_configuration_that_differs_is_refused(model: str, name: str) -> None:
    of, settings = ASKED[name]
    kept = states(rows(), model)

    with pytest.raises(InputError, match="explained otherwise") as caught:
        attribution.baseline(kept, analysis_config=of, **settings)

    assert f", {name}" in str(caught.value)


def test_states_of_another_monitor_are_refused(tmp_path: Path, model: str) -> None:
    attribution.save_states(states(rows(), model), tmp_path / "reasons")
    data_quality.baseline({"a": [1, 2, 3]}).write(tmp_path / "data", keep_states=True)

    with pytest.raises(FormatError, match=r"of another monitor.*states of data_quality"):
        data_quality.combine(tmp_path / "reasons")
    with pytest.raises(FormatError, match=r"of another monitor.*states of attribution"):
        attribution.baseline(tmp_path / "data" / "states.arrow", analysis_config=CONFIG)


def test_what_is_none_of_states_is_refused(tmp_path: Path, model: str) -> None:
    attribution.save_states(states(rows(), model), tmp_path / "kept")
    rows(9).to_csv(tmp_path / "rows.csv")

    with pytest.raises(InputError, match="no states of attribution"):
        attribution.combine(7)
    with pytest.raises(InputError, match="handed in together"):
        attribution.baseline([tmp_path / "kept", tmp_path / "rows.csv"], analysis_config=CONFIG)


def test_what_only_rows_can_answer_is_refused(tmp_path: Path, model: str) -> None:
    kept = states(rows(), model)
    normal = attribution.baseline(kept, analysis_config=CONFIG)
    former = model_file(tmp_path, FORMER, "former.py")
    dependence = {**CONFIG, "methods": {**CONFIG["methods"], "pdp": {"features": ["a"]}}}

    with pytest.raises(SettingsError, match="former_model"):
        attribution.monitor(kept, normal, analysis_config=CONFIG, former_model=former)
    with pytest.raises(SettingsError, match=r"methods\.pdp"):
        attribution.baseline(kept, analysis_config=dependence)
    with pytest.raises(SettingsError, match="no model to explain"):
        attribution.baseline(rows(), analysis_config=CONFIG)


def test_values_of_single_rows_are_not_kept(tmp_path: Path, model: str) -> None:
    of = config(save_local_shap_values=True)
    found = attribution.baseline(rows(), model, analysis_config=of, keep_states=True)
    found.write(tmp_path / "rows")

    again = attribution.baseline(tmp_path / "rows" / "states.arrow", analysis_config=of)
    again.write(tmp_path / "states")

    assert (tmp_path / "rows/explanations_shap/out.csv").exists()
    assert not (tmp_path / "states/explanations_shap/out.csv").exists()
    assert "kept states have no values of single rows: none are written" in again.remarks


def test_samples_of_windows_say_how_many_rows_there_were(model: str) -> None:
    parts = [states(rows(200, seed), model, sample=50) for seed in range(2)]

    found = attribution.baseline(attribution.combine(*parts), analysis_config=CONFIG)

    assert "a sample of 100 of 400 rows was explained" in found.remarks


def test_a_result_as_baseline_says_what_the_run_said(model: str) -> None:
    normal = attribution.baseline(rows(), model, analysis_config=CONFIG, runner="local")
    result = attribution.monitor(
        rows(200), normal, model, analysis_config=CONFIG, runner="local", sample=50
    )

    assert "a sample of 50 of 200 rows was explained" in result.as_baseline().notes()


def test_names_of_features_are_those_of_the_model(model: str) -> None:
    assert states(rows(), model).request.features == tuple(NAMES)
