"""What `columns` and `ignore` mean to each monitor, and where they mean nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.errors import SettingsError
from tests.configuration.conftest import driftkit_command, written
from tests.monitors.attribution.data import CONFIG, FORMER, MODEL, model_file, rows
from tests.monitors.bias.tables import TWO_FACETS, flights_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

__all__ = ["driftkit_command", "written"]

ASKED: dict[str, Any] = {"analysis_config": TWO_FACETS, "runner": "local"}


@pytest.mark.parametrize("given", [{"columns": "carrier"}, {"ignore": ["dist*"]}])
def test_bias_looks_at_the_facets_that_are_chosen(given: dict[str, Any]) -> None:
    normal = driftkit.bias.baseline(flights_table(), **ASKED)
    window = flights_table(seed=5, against=0.3)

    everything = driftkit.bias.monitor(window, normal, **ASKED)
    found = driftkit.bias.monitor(window, normal, **ASKED, **given)

    def of_carriers(result: Any) -> list[Any]:
        return [
            (each.name, each.dimensions, each.value)
            for each in result.metrics()
            if each.dimensions["facet"] == "carrier"
        ]

    assert {each.dimensions["facet"] for each in everything.metrics()} == {"carrier", "distance"}
    assert {each.dimensions["facet"] for each in found.metrics()} == {"carrier"}
    assert of_carriers(found) == of_carriers(everything)
    assert {each.facet for each in found.violations} == {"carrier"}


def attributed(folder: Path, **given: Any) -> Any:
    """A window whose model decides by c, and no more by a."""
    asked: dict[str, Any] = {"analysis_config": CONFIG, "runner": "local"}
    normal = driftkit.attribution.baseline(rows(), model_file(folder, MODEL), **asked)
    later = model_file(folder, FORMER, "later.py")
    return driftkit.attribution.monitor(rows(seed=2), normal, later, **asked, **given)


def test_attributions_are_ranked_by_the_features_that_are_chosen(tmp_path: Path) -> None:
    (whole,) = attributed(tmp_path).compared
    found = attributed(tmp_path, ignore="c")
    (part,) = found.compared

    values = found.explanations.labels[part.label].global_shap_values
    before = found.normal.labels[part.label].global_shap_values
    gains = [before[name] for name in sorted(("a", "b"), key=lambda each: -values[each])]
    ideal = sorted(gains, reverse=True)
    discounts = 1 / np.log2(np.arange(2) + 2)
    assert part.score == pytest.approx(gains @ discounts / (ideal @ discounts))
    assert part.score != whole.score
    assert part.interval is not None
    assert part.interval[0] <= part.interval[1]
    assert list(values) == ["a", "b", "c"]
    assert "column c not monitored: left out by ignore" in found.notes()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"columns": "carier"}, "no such facets .*carrier"),
        ({"ignore": ["carrier", "distance"]}, "no facet is left"),
    ],
)
def test_facets_that_there_are_not_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        driftkit.bias.baseline(flights_table(200), **ASKED, **given)


@pytest.mark.parametrize(
    ("given", "said"),
    [({"columns": "d"}, "no such features"), ({"columns": "a"}, "too few features are left")],
)
def test_features_that_there_are_not_are_refused(
    given: dict[str, Any], said: str, tmp_path: Path
) -> None:
    looked_at: list[Any] = []

    with pytest.raises(SettingsError, match=said):
        attributed(tmp_path, **given, progress=lambda *at: looked_at.append(at))

    assert looked_at == []


def test_a_severity_of_no_metric_is_refused_before_rows_are_counted() -> None:
    normal = driftkit.bias.baseline(flights_table(200), **ASKED)
    looked_at: list[Any] = []

    with pytest.raises(SettingsError, match="no such checks or metrics"):
        driftkit.bias.monitor(
            *(flights_table(200), normal),
            **ASKED,
            severity={"DPPPL": "critical"},
            progress=lambda *at: looked_at.append(at),
        )

    assert looked_at == []


@pytest.mark.parametrize("name", ["columns", "ignore"])
def test_windows_of_model_quality_choose_no_columns(
    name: str, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    file = written(
        "version: 1\nmodel: {name: a}\ninputs: {data: {path: a.csv}}\n"
        f"monitors:\n  model_quality: {{baseline: b, {name}: [age]}}\n"
    )

    in_file = driftkit_command("check", file)
    in_line = driftkit_command(
        *("model-quality", "monitor", "a.csv", "-b", "b", "-o", "o", f"--{name}", "age")
    )

    assert (in_file.code, in_line.code) == (1, 2)
    assert f"monitors.model_quality.{name}: unknown" in in_file.err
    assert "it belongs to" in in_line.err
    assert "model-quality baseline" in " ".join(in_line.err.split())


NOTHING = {"deployment": "by the columns that its plan names"}


@pytest.mark.parametrize(("monitor", "said"), NOTHING.items())
@pytest.mark.parametrize("name", ["columns", "ignore"])
def test_where_they_mean_nothing_python_file_and_line_say_so(
    monitor: str,
    said: str,
    name: str,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    file = written(
        "version: 1\nmodel: {name: a}\ninputs: {data: {path: a.csv}}\n"
        f"monitors:\n  {monitor}: {{baseline: b, {name}: [age]}}\n"
    )

    with pytest.raises(SettingsError, match=said):
        getattr(driftkit, monitor).monitor(pd.DataFrame(), "b", **{name: "age"})
    in_file = driftkit_command("check", file)
    command = monitor.replace("_", "-")
    in_line = driftkit_command(
        command, "monitor", "a.csv", "-b", "b", "-o", "o", f"--{name}", "age"
    )

    assert in_file.code == 1
    assert f"driftkit.yml:5:{in_file.err.partition('driftkit.yml:5:')[2][:2]}" in in_file.err
    assert said in in_file.err
    assert in_line.code == 2
    assert said in " ".join(in_line.err.split())
