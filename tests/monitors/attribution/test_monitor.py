"""The attribution monitor, through its public functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import driftkit
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.monitors.reports import read_report
from tests.monitors.attribution.data import CONFIG, FORMER, MODEL, NAMES, config, model_file, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def model(tmp_path: Path) -> str:
    return model_file(tmp_path)


def baseline(data: Any, model: str, **settings: Any) -> driftkit.attribution.AttributionBaseline:
    """A baseline in this process."""
    chosen = {"analysis_config": CONFIG, "runner": "local", **settings}
    return driftkit.attribution.baseline(data, model, **chosen)


def monitor(
    data: Any, normal: Any, model: str, **settings: Any
) -> driftkit.attribution.AttributionResult:
    """A window in this process."""
    chosen = {"analysis_config": CONFIG, "runner": "local", **settings}
    return driftkit.attribution.monitor(data, normal, model, **chosen)


def values(found: Any) -> dict[str, float]:
    """The global values of the only label."""
    ((_, label),) = found.files["analysis.json"]["explanations"]["kernel_shap"].items()
    return dict(label["global_shap_values"])


def test_a_linear_model_is_explained_exactly(model: str) -> None:
    data = rows()

    found = values(baseline(data, model))

    expected = data.abs().mean() * [4, 2, 1]
    assert found == pytest.approx(expected.to_dict(), rel=1e-12)


def test_the_same_rows_are_no_violation_and_score_one(model: str) -> None:
    result = monitor(rows(), baseline(rows(), model), model)

    assert result.files["constraint_violations.json"] == {"version": "1.0", "violations": []}
    assert [each.score for each in result.compared] == [1.0]


def test_another_ranking_is_a_violation_in_awss_words(model: str) -> None:
    window = rows() * [0.01, 0.1, 100]

    result = monitor(window, baseline(rows(), model), model)

    (compared,) = result.compared
    (violation,) = result.files["constraint_violations.json"]["violations"]
    assert compared.score < 0.9
    assert violation == {
        "label": "label0",
        "metric_name": "shap",
        "constraint_check_type": "feature_attribution_drift_check",
        "description": f"Feature attribution drift {compared.score} exceeds threshold 0.9",
    }


def test_a_report_without_scores_has_the_threshold_of_its_violations(
    tmp_path: Path, model: str
) -> None:
    normal = baseline(rows(), model)
    normal.write(tmp_path / "baseline")
    later = model_file(tmp_path, FORMER, "later.py")
    monitor(rows(seed=2), normal, later, ndcg_threshold=0.99).write(tmp_path / "run")
    (tmp_path / "run" / "intervals.json").unlink()

    (score,) = _scores(read_report(tmp_path / "run", tmp_path / "baseline"))

    assert (score.threshold, score.violated) == (0.99, True)


def _scores(report: Any) -> list[Any]:
    return [each for each in report.metrics() if each.name == "ndcg"]


def test_the_features_that_moved_most_come_first(model: str) -> None:
    result = monitor(rows() * [1, 1, 50], baseline(rows(), model), model)

    first = result.moved()[0]
    assert first["feature"] == "c"
    assert (first["baseline_rank"], first["current_rank"]) == (3, 1)


def test_the_change_is_told_apart_into_data_and_model(tmp_path: Path, model: str) -> None:
    former = model_file(tmp_path, FORMER, "former.py")
    window = rows() * [1, 1, 2]

    result = monitor(window, baseline(rows(), former), model, former_model=former)

    moved = {row["feature"]: row for row in result.moved()}
    size = {name: float(column.abs().mean()) for name, column in rows().items()}
    assert moved["a"]["by_data"] == pytest.approx(0, abs=1e-12)
    assert moved["a"]["by_model"] == pytest.approx(3 * size["a"])
    assert moved["c"]["by_data"] == pytest.approx(4 * size["c"])
    assert moved["c"]["by_model"] == pytest.approx((2 - 8) * size["c"])


def test_the_interval_of_the_score_narrows_with_the_rows(model: str) -> None:
    normal = baseline(rows(20_000), model)
    data = rows(20_000, seed=1) * [1, 1, 1.9]

    widths = []
    for count in (100, 20_000):
        (compared,) = monitor(data[:count], normal, model).compared
        assert compared.interval is not None
        low, high = compared.interval
        assert low <= compared.score <= high
        widths.append(high - low)

    assert widths[1] < widths[0]


@pytest.mark.parametrize("method", ["mean_abs", "mean_sq", "median"])
def test_rows_become_one_number_as_asked(model: str, method: str) -> None:
    data = rows(301)
    weighted = data * [4, 2, 1]

    found = values(baseline(data, model, analysis_config=config(agg_method=method)))

    expected = {
        "mean_abs": weighted.abs().mean(),
        "mean_sq": (weighted**2).mean(),
        "median": weighted.median(),
    }[method]
    assert found == pytest.approx(expected.to_dict(), rel=1e-9, abs=1e-12)


def test_local_values_are_written_a_row_each(tmp_path: Path, model: str) -> None:
    data = rows(5)

    found = baseline(data, model, analysis_config=config(save_local_shap_values=True))
    found.write(tmp_path / "out")

    lines = (tmp_path / "out" / "explanations_shap" / "out.csv").read_text().splitlines()
    assert lines[0] == "a_label0,b_label0,c_label0"
    numbers = [[float(cell) for cell in line.split(",")] for line in lines[1:]]
    assert np.array(numbers) == pytest.approx((data * [4, 2, 1]).to_numpy())


def test_a_baseline_survives_the_disk(tmp_path: Path, model: str) -> None:
    clustered = config(baseline=None, num_clusters=2)
    found = baseline(rows(), model, analysis_config=clustered)
    found.write(tmp_path / "out")

    read = driftkit.attribution.AttributionBaseline.read(tmp_path / "out")

    assert read.explanations == found.explanations
    assert read.background is not None
    assert np.allclose(read.background.values, found.background.values)  # type: ignore[union-attr]
    assert monitor(rows(), read, model, analysis_config=clustered).violations == ()


def test_features_are_found_by_name_in_any_order(model: str) -> None:
    data = rows().assign(note="x")[["note", "c", "a", "b"]]

    assert values(baseline(data, model)) == pytest.approx(values(baseline(rows(), model)))


def test_a_sample_is_the_same_however_rows_are_ordered(model: str) -> None:
    data = rows(500)

    first = baseline(data, model, sample=100)
    second = baseline(data[::-1], model, sample=100)

    assert values(first) == pytest.approx(values(second), rel=1e-12)
    assert first.run is not None
    assert first.run.rows == 100
    assert "a sample of 100 of 500 rows was explained" in first.remarks


def test_one_row_is_explained_with_a_word_of_caution(model: str) -> None:
    result = monitor(rows(1), baseline(rows(), model), model)

    assert any("single row" in remark for remark in result.remarks)
    assert result.compared[0].interval is None


def test_text_among_numbers_is_counted_and_set_aside(tmp_path: Path, model: str) -> None:
    file = tmp_path / "data.csv"
    file.write_text("a,b,c\n1,2,3\n4,oops,6\n7,8,9\n", encoding="utf-8")

    found = baseline(str(file), model)

    assert found.run is not None
    assert found.run.rejected.counts == {"with text in a feature of numbers": 1}
    assert values(found)["a"] == pytest.approx(4 * (1 + 7) / 2)


def _without(name: str) -> Callable[[], Any]:
    return lambda: rows().drop(columns=name)


@pytest.mark.parametrize(
    ("data", "changes", "error", "said"),
    [
        (_without("b"), {}, SettingsError, "features are not in the data"),
        (rows, {"num_samples": 0}, FormatError, r"methods\.shap\.num_samples"),
        (rows, {"agg_method": "sum"}, FormatError, r"methods\.shap\.agg_method"),
        (rows, {"baseline": [[1, 2]]}, InputError, "another number of features"),
        (rows, {"baseline": [{"a": 1, "b": 2}]}, SettingsError, "lacks a feature"),
        (rows, {"baseline": "/nowhere/rows.csv"}, SettingsError, "cannot be read"),
        (rows, {"features_to_explain": ["z"]}, SettingsError, "not there"),
        (rows, {"features_to_explain": [7]}, SettingsError, "not there"),
        (rows, {"baseline": None, "num_clusters": 9000}, SettingsError, "fewer rows than"),
    ],
)
def test_bad_configurations_say_what_is_wrong(
    data: Callable[[], Any], changes: dict[str, Any], error: type[Exception], said: str, model: str
) -> None:
    with pytest.raises(error, match=said):
        baseline(data(), model, analysis_config=config(**changes))


def test_a_configuration_without_methods_is_refused(model: str) -> None:
    with pytest.raises(FormatError, match=r"missing.*|methods"):
        baseline(rows(), model, analysis_config={"headers": NAMES})


def test_label_headers_name_each_output(model: str) -> None:
    named = {**CONFIG, "predictor": {"label_headers": ["late"]}}
    many = {**CONFIG, "predictor": {"label_headers": ["late", "early"]}}

    found = baseline(rows(), model, analysis_config=named)

    assert list(found.explanations.labels) == ["late"]
    with pytest.raises(SettingsError, match="label headers"):
        baseline(rows(), model, analysis_config=many)


def test_a_baseline_of_other_features_says_which(tmp_path: Path, model: str) -> None:
    other = {**CONFIG, "headers": ["a", "b"]}
    other["methods"] = {"shap": {"baseline": [[0, 0]]}}
    small = model_file(tmp_path, "def predict(table):\n    return table['a']\n", "small.py")
    normal = baseline(rows(), small, analysis_config=other)

    with pytest.raises(FormatError, match="not in the baseline: c"):
        monitor(rows(), normal, model)


def test_a_model_that_fails_for_every_row_ends_the_run(tmp_path: Path) -> None:
    broken = model_file(tmp_path, "def predict(table):\n    raise ValueError('no')\n")

    with pytest.raises(InputError, match="fails for every row"):
        baseline(rows(), broken)


def test_a_model_that_fails_for_some_rows_costs_these_only(tmp_path: Path) -> None:
    code = MODEL.replace("    return", "    assert (table['a'] < 2).all()\n    return")
    data = rows(400)

    found = baseline(data, model_file(tmp_path, code))

    assert found.run is not None
    assert found.run.rejected.total == int((data["a"] >= 2).sum())


@pytest.mark.parametrize(("dialect", "method"), [("aws", "all coalitions"), ("textbook", "linear")])
def test_dialects_choose_how_a_linear_model_is_explained(dialect: str, method: str) -> None:
    linear = pytest.importorskip("sklearn.linear_model").LinearRegression()
    data = rows()
    model = linear.fit(data.to_numpy(), data.to_numpy() @ [4, 2, 1])

    found = baseline(data, model, dialect=dialect)

    assert found.run is not None
    assert method in found.run.engine
    assert values(found) == pytest.approx((data.abs().mean() * [4, 2, 1]).to_dict(), rel=1e-9)


def test_partial_dependence_is_a_line_where_the_model_is(model: str) -> None:
    asked = config()
    asked["methods"]["pdp"] = {"grid_resolution": 5, "top_k_features": 2}

    document = baseline(rows(), model, analysis_config=asked).files["analysis.json"]

    first, second = document["explanations"]["pdp"]
    assert (first["feature_name"], second["feature_name"]) == ("a", "b")
    assert first["data_type"] == "numerical"
    steps = np.diff(first["model_predictions"][0]) / np.diff(first["feature_values"])
    assert steps == pytest.approx([4.0] * 4)
    assert sum(first["data_distribution"]) == pytest.approx(1)


def test_unknown_settings_are_refused(model: str) -> None:
    with pytest.raises(SettingsError, match="no setting"):
        baseline(rows(), model, colour="red")
    with pytest.raises(SettingsError, match="sample"):
        baseline(rows(), model, sample=0)


@pytest.mark.parametrize("cores", [1, 3, 8])
def test_sums_of_parquet_do_not_depend_on_the_number_of_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, cores: int
) -> None:
    """Not even in their last bits."""
    rows(120_000).to_parquet(tmp_path / "rows.parquet", row_group_size=6_000)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    here = baseline(tmp_path / "rows.parquet", model)

    monkeypatch.setattr("os.cpu_count", lambda: cores)
    there = baseline(tmp_path / "rows.parquet", model)

    assert json.dumps(there.files) == json.dumps(here.files)
