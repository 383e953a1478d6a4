"""`driftkit init` writes a file that `check` and `run` take as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv, parquet

from driftkit.configuration.drafting import draft
from driftkit.configuration.yaml_values import read_yaml
from driftkit.errors import DriftkitError
from tests.monitors.merging import capture, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

# Data to be monitored, and what the model was trained with.
RECORDED = {
    "car loans": (
        "carloan/synthetic_car_loan_analysis.csv.gz",
        "carloan/synthetic_car_loan_reference.csv.gz",
    ),
    "churn": (
        "churn-data-quality/training-dataset-with-header.csv",
        "churn-data-quality/training-dataset-with-header.csv",
    ),
    "churn with predictions": (
        "churn-model-quality/validation_with_predictions.csv",
        "churn-model-quality/validation_with_predictions.csv",
    ),
    "taxi": (
        "detection/green_taxi_2023_jan_apr_every3rd.parquet",
        "detection/green_taxi_2023_jan_apr_every3rd.parquet",
    ),
    "captures": ("captures/dsoaws_captured_data_example.jsonl",) * 2,
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("data", "training"), RECORDED.values(), ids=RECORDED)
def test_a_draft_runs_unchanged(
    data: str,
    training: str,
    golden: Callable[[str], Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    drafted = driftkit_command("init", "--from", golden(data), "--training", golden(training))
    tried = driftkit_command("check")
    ended = driftkit_command("run")

    assert (drafted.code, tried.code, ended.code) == (0, 0, 0), drafted.err + tried.err + ended.err


def read(text: str) -> Any:
    return read_yaml(text, "driftkit.yml")[0]


def test_days_of_captures_run_as_the_comment_says(
    here: Path, driftkit_command: Callable[..., Ended]
) -> None:
    for hour, day in (("2024/03/18/15", 18), ("2024/03/19/02", 19)):
        records = [capture(f"{day}-{i}", time=f"2024-03-{day}T15:10:00Z") for i in range(9)]
        put(here / "captured" / "churn" / "A", hour, records)
    driftkit_command("init", "--from", "captured")
    text = (here / "driftkit.yml").read_text()

    ended = driftkit_command("run", "--window", "2024-03-18/2024-03-20")

    assert read(text)["model"] == {"name": "churn", "variant": "A"}
    assert "driftkit run --window 2024-03-18/2024-03-20" in text
    assert ended.code == 0, ended.err
    assert {each.name for each in (here / "reports/data_quality").iterdir()} == {
        "2024-03-18",
        "2024-03-19",
    }


def test_columns_that_say_nothing_are_ignored(here: Path) -> None:
    table = pa.table(
        {
            "user_id": range(50),
            "made_at": [f"2024-03-18T15:{i:02}:00Z" for i in range(50)],
            "age": range(50),
            "paid": [True, False] * 25,
        }
    )
    parquet.write_table(table, here / "data.parquet")

    features = read(draft("data.parquet"))["monitors"]["data_quality"]["features"]

    assert features == {"user_id": {"ignore": True}, "made_at": {"ignore": True}}


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        (["0", "1"] * 20, "BinaryClassification"),
        ([str(each / 8) for each in range(40)], "Regression"),
        (["cat", "dog"] * 20, None),
    ],
)
def test_predictions_and_labels_are_recognised(
    labels: list[str], problem: str | None, here: Path
) -> None:
    csv.write_csv(pa.table({"label": labels, "prediction": labels}), here / "data.csv")

    quality = read(draft("data.csv"))["monitors"].get("model_quality")

    assert (quality or {}).get("problem_type") == problem


@given(st.text(min_size=1, max_size=20).filter(lambda name: name.encode("utf-8", "ignore") != b""))
def test_names_may_be_anything(name: str) -> None:
    column = f"{name}_id".encode("utf-8", "replace").decode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("driftkit.configuration.drafting.seen", lambda path: _of(path, column))

        text = draft("data.csv")

    assert list(read(text)["monitors"]["data_quality"]["features"]) == [column]


def _of(path: str, column: str) -> Any:
    from driftkit.configuration.looking import Seen  # noqa: PLC0415

    return Seen(
        path=path,
        captured=False,
        variants=(),
        hours=None,
        columns=(column,),
        ignored={column: "another value in each row"},
        labels=frozenset(),
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing says what is to be monitored"),
        (("--from", "nowhere.csv"), "no such file"),
        (("--from", "data.csv", "--output", "a.toml"), "another ending"),
        (("--from", "data.csv"), "a file already"),
    ],
)
def test_what_stops_a_draft_is_named(
    arguments: tuple[str, ...], said: str, here: Path, driftkit_command: Callable[..., Ended]
) -> None:
    (here / "data.csv").write_text("a\n1\n")
    (here / "driftkit.yml").write_text("mine")
    output = () if said == "a file already" or "--output" in arguments else ("-o", "b.yml")

    ended = driftkit_command("init", *arguments, *output)

    assert ended.code == 1
    assert said in " ".join(ended.err.split())
    assert (here / "driftkit.yml").read_text() == "mine"


def test_a_draft_of_no_rows_is_an_error(here: Path) -> None:
    (here / "data.csv").write_text("")

    with pytest.raises(DriftkitError):
        draft("data.csv")
