"""Models of the attribution monitor get the types that the data have, in baseline and window."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from driftkit.errors import InputError
from driftkit.explain.payloads import CSV, JSON, LINES, Request, encode
from driftkit.explain.rows import Rows, rows_of
from driftkit.monitors.attribution import monitor as attribution

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.settings import ExplainerName

NAMES = ["whole", "share", "there", "word"]
GIVEN: list[list[Any]] = [[2, 0.5, True, "b"]]
KINDS = {"whole": "iu", "share": "f", "there": "b", "word": "O"}


def table(count: int = 80, seed: int = 0) -> pd.DataFrame:
    """Rows with a column of each type."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "whole": random.integers(0, 4, count),
            "share": random.random(count),
            "there": random.random(count) < 0.5,
            "word": random.choice(["a", "b", "c"], count),
        }
    )


def config(**shap: Any) -> dict[str, Any]:
    """A configuration with baseline rows, unless others are named."""
    return {"headers": NAMES, "methods": {"shap": {"baseline": GIVEN, "seed": 1, **shap}}}


def strict(frame: pd.DataFrame) -> Any:
    """A model that takes no other types than those of the data."""
    for name, kinds in KINDS.items():
        kind = frame[name].dtype.kind
        if kind not in kinds and frame[name].dtype != "str":
            message = f"{name} is of kind {kind}"
            raise TypeError(message)
    return np.asarray(3 * frame.whole + frame.share + frame.there * 2 + (frame.word == "a"))


def as_csv(folder: Path) -> Any:
    table().to_csv(folder / "rows.csv", index=False)
    text = (folder / "rows.csv").read_text().replace("True", "true").replace("False", "false")
    (folder / "rows.csv").write_text(text)
    return folder / "rows.csv"


def as_parquet(folder: Path) -> Any:
    frame = table().astype({"whole": "int32"})
    frame.to_parquet(folder / "rows.parquet")
    return folder / "rows.parquet"


def as_lines(folder: Path) -> Any:
    table().to_json(folder / "rows.jsonl", orient="records", lines=True)
    return folder / "rows.jsonl"


SOURCES: dict[str, Callable[[Path], Any]] = {
    "frame": lambda _: table(),
    "csv": as_csv,
    "parquet": as_parquet,
    "jsonl": as_lines,
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_model_gets_the_types_of_the_data(tmp_path: Path, source: str) -> None:
    data = SOURCES[source](tmp_path)
    settings: dict[str, Any] = {"analysis_config": config(), "runner": "local"}

    normal = attribution.baseline(data, strict, **settings)
    normal.write(tmp_path / "baseline")
    found = attribution.monitor(data, tmp_path / "baseline", strict, **settings)

    assert normal.run is not None
    assert found.run is not None
    assert (normal.run.rejected.total, found.run.rejected.total) == (0, 0)
    values = normal.explanations.labels["label0"].global_shap_values
    rows = table()
    expected = {
        "whole": 3 * (rows.whole - 2).abs().mean(),
        "share": (rows.share - 0.5).abs().mean(),
        "there": 2 * (~rows.there).mean(),
        "word": (rows.word == "a").mean(),
    }
    assert values == pytest.approx(expected)
    assert found.explanations.labels["label0"].global_shap_values == pytest.approx(expected)


def test_centres_of_clusters_are_rounded_for_a_model_that_takes_no_fractions() -> None:
    asked = config()
    asked["methods"]["shap"] = {"num_clusters": 2, "seed": 1}

    found = attribution.baseline(table(), strict, analysis_config=asked, runner="local")

    assert any("the baseline rows are rounded" in line for line in found.remarks)
    assert found.background is not None
    assert all(float(value).is_integer() for value in np.asarray(found.background.values)[:, 0])


def test_centres_of_clusters_stay_for_a_model_that_takes_them() -> None:
    asked = {"headers": ["whole", "share"], "methods": {"shap": {"num_clusters": 2, "seed": 1}}}
    frame = table()[["whole", "share"]]

    found = attribution.baseline(
        frame, lambda rows: rows.whole + rows.share, analysis_config=asked, runner="local"
    )

    assert found.background is not None
    assert not all(float(value).is_integer() for value in np.asarray(found.background.values)[:, 0])


def test_a_pipeline_that_encodes_whole_numbers_knows_them() -> None:
    compose = pytest.importorskip("sklearn.compose")
    linear_model = pytest.importorskip("sklearn.linear_model")
    pipeline = pytest.importorskip("sklearn.pipeline")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    frame = table()
    words = preprocessing.FunctionTransformer(lambda part: part.astype(str))
    encoder = pipeline.make_pipeline(words, preprocessing.OneHotEncoder(handle_unknown="error"))
    model = pipeline.make_pipeline(
        compose.make_column_transformer(
            (encoder, ["whole", "there", "word"]), remainder="passthrough"
        ),
        linear_model.LinearRegression(),
    )
    target = (frame.whole == 3) * 5 + frame.share
    model.fit(frame, target)

    found = attribution.baseline(frame, model, analysis_config=config(), runner="local")

    values = found.explanations.labels["label0"].global_shap_values
    assert values["whole"] == pytest.approx(5 * (frame.whole == 3).mean())
    assert values["word"] == pytest.approx(0, abs=1e-9)


CATEGORISED: dict[str, Callable[[], Any]] = {
    "lightgbm": lambda: pytest.importorskip("lightgbm").LGBMRegressor(
        n_estimators=5, min_child_samples=2, min_data_per_group=2, verbose=-1
    ),
    "xgboost": lambda: pytest.importorskip("xgboost").XGBRegressor(
        n_estimators=5, enable_categorical=True
    ),
    "histogram": lambda: pytest.importorskip("sklearn.ensemble").HistGradientBoostingRegressor(
        max_iter=5, min_samples_leaf=2, categorical_features="from_dtype"
    ),
}


@pytest.mark.parametrize("kind", CATEGORISED)
@pytest.mark.parametrize("explainer", ["auto", "kernel"])
def test_categories_are_those_of_training(kind: str, explainer: ExplainerName) -> None:
    """Whole numbers, which a model that is given their matrix would take for its own codes."""
    frame = table(60).assign(whole=lambda rows: rows.whole * 10 + 10)[["whole", "share"]]
    values = [10, 20, 30, 40]
    trained = frame.assign(whole=pd.Categorical(frame.whole, values))
    model = CATEGORISED[kind]().fit(trained, (frame.whole == 20) * 5.0 + frame.share)
    asked = {
        "headers": ["whole", "share"],
        "methods": {"shap": {"baseline": [[10, 0.5]], "seed": 1}},
    }

    found = attribution.baseline(
        trained if kind == "histogram" else frame,
        model,
        analysis_config=asked,
        runner="local",
        explainer=explainer,
    )

    def answer(rows: Any) -> Any:
        plain = pd.DataFrame({"whole": pd.Categorical(rows[:, 0], values), "share": rows[:, 1]})
        return model.predict(plain)

    if explainer == "auto" and kind == "lightgbm":
        expected = model.predict(trained, pred_contrib=True)[:, :2]
    elif explainer == "auto" and kind == "xgboost":
        matrix = pytest.importorskip("xgboost").DMatrix(trained, enable_categorical=True)
        expected = model.get_booster().predict(matrix, pred_contribs=True)[:, :2]
    else:
        # Of two features: half of what each changes alone, half of what it changes last.
        rows = frame.to_numpy()
        none, both = answer(np.array([[10, 0.5]])), answer(rows)
        first = answer(np.c_[rows[:, 0], np.full(len(rows), 0.5)])
        second = answer(np.c_[np.full(len(rows), 10), rows[:, 1]])
        expected = np.c_[first - none + both - second, second - none + both - first] / 2
    shap_values = found.explanations.labels["label0"].global_shap_values
    np.testing.assert_allclose([*shap_values.values()], abs(expected).mean(axis=0), atol=1e-5)


@pytest.mark.parametrize("dtype", ["datetime64[us]", "timedelta64[s]"])
def test_a_feature_of_times_is_an_error_that_names_it(dtype: str) -> None:
    frame = table().assign(when=np.arange(80).astype(dtype))
    asked = {"methods": {"shap": {"baseline": [[2, 0.5, True, "b", 1]]}}}

    with pytest.raises(InputError, match=r"'when'.*features are times.*excluded_columns"):
        attribution.baseline(frame, strict, analysis_config=asked, runner="local")

    excluding = {**config(), "headers": [*NAMES, "when"], "excluded_columns": ["when"]}
    found = attribution.baseline(frame, strict, analysis_config=excluding, runner="local")
    assert [*found.explanations.labels["label0"].global_shap_values] == NAMES


def typed() -> Rows:
    """Two rows of each type."""
    values = np.array(
        [[4.0, 4.0, 1.0, 1.0, "true", "a"], [5.0, 0.5, 0.0, 0.0, "false", "b"]], object
    )
    return Rows(
        names=("whole", "share", "there", "said", "written", "word"),
        values=values,
        kinds=("int64", "number", "bool", "truth", "truth", "text"),
    )


def test_payloads_have_the_types_of_the_data() -> None:
    records = [[4, 4, True, True, True, "a"], [5, 0.5, False, False, False, "b"]]
    lines = encode(typed(), Request(content_type=LINES)).decode().splitlines()

    assert [json.loads(line)["features"] for line in lines] == records
    assert json.loads(encode(typed(), Request(content_type=JSON)))["instances"] == records
    assert '"features":[4, 4, true, true, true, "a"]' in lines[0]
    csv = encode(typed(), Request(content_type=CSV)).decode()
    assert csv == "4,4,1,true,true,a\n5,0.5,0,false,false,b\n"


def test_numbers_too_large_to_count_are_not_written_in_full() -> None:
    rows = Rows(names=("a",), values=np.array([[1e300], [2.0**53]]), kinds=("number",))

    assert encode(rows, Request(content_type=CSV)) == b"1e+300\n9007199254740992.0\n"


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        ([[1, 1.5, True, "a"], [2, 2, False, "b"]], ("int64", "number", "bool", "text")),
        ([[1.0, None, 1, 0]], ("int64", "text", "int64", "int64")),
        ([[True, 1], [1, True]], ("number", "number")),
    ],
)
def test_baseline_rows_have_the_types_of_json(given: Any, kinds: tuple[str, ...]) -> None:
    assert rows_of(given, [str(place) for place in range(len(given[0]))], "here").kinds == kinds


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("int64", [1.0, 2.0], "int64"),
        ("int8", [1.0, 2.0], "int8"),
        ("int8", [1.0, 300.0], "float64"),
        ("uint64", [0.0, 2.0**64], "float64"),
        ("int64", [1.0, np.nan], "float64"),
        ("int64", [1.0, 2.5], "float64"),
        ("bool", [1.0, 0.0], "bool"),
        ("bool", [1.0, 0.5], "float64"),
        ("number", [1.0, 2.0], "float64"),
    ],
)
def test_values_that_do_not_fit_a_type_keep_their_own(
    kind: str, values: list[float], expected: str
) -> None:
    rows = Rows(names=("a",), values=np.array(values)[:, None], kinds=(kind,))

    assert rows.frame()["a"].dtype == expected
    assert rows.matrix().dtype == expected
