"""CSV as Germans and Excel write it gives each monitor the numbers of plain CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import driftkit
from driftkit.errors import InputError
from tests.monitors.attribution.data import CONFIG, model_file
from tests.monitors.attribution.data import rows as attribution_rows
from tests.monitors.bias.tables import configuration, flights_table

if TYPE_CHECKING:
    from pathlib import Path

GERMAN: dict[str, Any] = {
    "separator": ";",
    "encoding": "cp1252",
    "decimal": ",",
    "null_values": ["k. A."],
}


def german(table: pd.DataFrame, path: Path) -> Path:
    """A table in a file as German software writes it."""
    table.to_csv(path, sep=";", decimal=",", na_rep="k. A.", index=False, encoding="cp1252")
    return path


def plain(table: pd.DataFrame, path: Path) -> Path:
    """The same in plain CSV."""
    table.to_csv(path, index=False)
    return path


def judged() -> pd.DataFrame:
    """Labels, predictions and a third column with what is in no ASCII."""
    table = pd.DataFrame(
        {"label": [1.5, 2.5, 3.5, 2.25] * 50, "prediction": [1.5, 2.0, 3.0, 2.5] * 50}
    )
    return table.assign(city=pd.array(["Köln", "Ulm", pd.NA, "Fürth"] * 50, "string"))


REGRESSION: dict[str, Any] = {"problem_type": "Regression", "inference_attribute": "prediction"}


def files(monitor: str, data: Path, model: str = "", **settings: Any) -> dict[str, Any]:
    """What the baseline of a monitor writes, in this process, without the time."""
    settings = {"runner": "local", **settings}
    found: dict[str, Any]
    if monitor == "data_quality":
        found = driftkit.data_quality.baseline(data, **settings).files
    elif monitor == "model_quality":
        found = driftkit.model_quality.baseline(data, **REGRESSION, **settings).files
    elif monitor == "bias":
        found = driftkit.bias.baseline(data, analysis_config=configuration(), **settings).files
    else:
        found = driftkit.attribution.baseline(data, model, analysis_config=CONFIG, **settings).files
    found.get("statistics.json", {}).get("dataset", {}).pop("evaluation_time", None)
    return found


@pytest.mark.parametrize(
    ("monitor", "table"),
    [
        ("data_quality", judged()),
        ("model_quality", judged()),
        ("bias", flights_table()),
        ("attribution", attribution_rows()),
    ],
)
def test_every_monitor_reads_it(monitor: str, table: pd.DataFrame, tmp_path: Path) -> None:
    model = model_file(tmp_path)
    usual = files(monitor, plain(table, tmp_path / "plain.csv"), model)

    found = files(monitor, german(table, tmp_path / "german.csv"), model, **GERMAN)

    assert found == usual


@pytest.mark.parametrize("monitor", ["data_quality", "model_quality", "bias", "attribution"])
def test_no_monitor_takes_it_for_one_column(monitor: str, tmp_path: Path) -> None:
    path = german(judged(), tmp_path / "german.csv")

    with pytest.raises(InputError, match="--separator ';'"):
        files(monitor, path, model_file(tmp_path), encoding="cp1252")


def test_a_quoted_empty_number_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text('"x","y"\n"1.5","1"\n"","2"\n')

    found = driftkit.data_quality.baseline(path, runner="local").files["statistics.json"]

    x, y = found["features"]
    assert (x["inferred_type"], y["inferred_type"]) == ("Fractional", "Integral")
    common = x["numerical_statistics"]["common"]
    assert (common["num_present"], common["num_missing"]) == (1, 1)


def test_data_in_memory_have_no_separator() -> None:
    with pytest.raises(InputError, match="Leave --null-values out"):
        driftkit.data_quality.baseline({"a": ["NA"]}, null_values=["NA"])


@pytest.mark.parametrize("options", [{}, {"null_values": "NA"}], ids=["plain", "null values"])
def test_a_column_of_times_that_is_not_there_is_named(
    options: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n3,NA\n")

    with pytest.raises(InputError, match="absent: there is no such column"):
        driftkit.data_quality.baseline(tmp_path / "a.csv", time_column="absent", **options)
