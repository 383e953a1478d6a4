"""Several production variants are different models: no monitor takes them as one unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import driftkit
from driftkit.capture.preprocessor import Reader, scripted_dataset
from driftkit.capture.scripts import Script
from driftkit.cli import app
from driftkit.errors import InputError
from driftkit.io.finding import find
from driftkit.settings import Settings
from tests.monitors.record_kinds import READABLE, rows
from tests.monitors.record_reading import NAMES, monitor, write

if TYPE_CHECKING:
    from pathlib import Path

CSV = next(kind for kind in READABLE if kind.name == "CSV")
ROWS = rows(50)
OF_VARIANT = {"blue": ROWS[:24], "green": ROWS[24:]}


@pytest.fixture
def captured(tmp_path: Path) -> Path:
    """Merged records of two variants of an endpoint."""
    for variant, some in OF_VARIANT.items():
        write(tmp_path / f"in/churn/{variant}/2024/03/18/15/a.jsonl", CSV.records(some))
    return tmp_path / "in"


@pytest.mark.parametrize("name", NAMES)
def test_two_variants_are_refused_by_name(name: str, captured: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        monitor(name, tmp_path).of_records(captured, CSV, runner="local")

    message = str(caught.value)
    assert "several production variants" in message
    assert "churn/blue, churn/green" in message
    assert "--variant" in message


@pytest.mark.parametrize("spelling", ["green", "churn/green"])
@pytest.mark.parametrize("name", NAMES)
def test_one_variant_is_chosen(name: str, spelling: str, captured: Path, tmp_path: Path) -> None:
    one = monitor(name, tmp_path)

    found = one.of_records(captured, CSV, variant=spelling)

    wanted = one.of_table(OF_VARIANT["green"])
    assert found.rows == wanted.rows
    assert found.numbers == pytest.approx(wanted.numbers, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", NAMES)
def test_variants_are_taken_as_one_if_that_is_asked(
    name: str, captured: Path, tmp_path: Path
) -> None:
    assert monitor(name, tmp_path).of_records(captured, CSV, together=True).rows == len(ROWS)


@pytest.mark.parametrize("name", NAMES)
def test_a_variant_that_is_not_there_is_an_error(name: str, captured: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no variant 'red'"):
        monitor(name, tmp_path).of_records(captured, CSV, variant="red")


@pytest.mark.parametrize("name", NAMES)
def test_endpoints_are_told_apart_as_variants_are(name: str, tmp_path: Path) -> None:
    for endpoint in ("churn", "fraud"):
        file = tmp_path / f"in/{endpoint}/AllTraffic/2024/03/18/15/a.jsonl"
        write(file, CSV.records(OF_VARIANT["blue"]))

    with pytest.raises(InputError, match="churn/AllTraffic, fraud/AllTraffic"):
        monitor(name, tmp_path).of_records(tmp_path / "in", CSV)


def test_preprocessors_see_one_variant(captured: Path) -> None:
    script = Script(name="p.py", text="def preprocess_handler(record):\n    return {'x': 1}\n")
    files = find([str(captured)])

    def reader(**settings: Any) -> Reader:
        return Reader(script=script, settings=Settings.from_keywords(format="capture", **settings))

    with pytest.raises(InputError, match="churn/blue, churn/green"):
        scripted_dataset(files, "in", reader())
    dataset = scripted_dataset(files, "in", reader(variant="blue"))
    assert sum(chunk.num_rows for unit in dataset.units for chunk in unit.chunks()) == 24


def test_the_command_line_names_the_variants_and_chooses_one(
    captured: Path, tmp_path: Path
) -> None:
    command = ["data-quality", "baseline", str(captured), "-o", str(tmp_path / "out")]

    refused = CliRunner().invoke(app, command)
    chosen = CliRunner().invoke(app, [*command, "--variant", "blue"])
    together = CliRunner().invoke(app, [*command, "--together"])

    assert "churn/blue, churn/green" in str(refused.exception)
    assert (chosen.exit_code, together.exit_code) == (0, 0)


@pytest.mark.parametrize("command", ["data-quality", "bias", "attribution", "model-quality"])
def test_every_monitor_has_the_option(command: str) -> None:
    for step in ("baseline", "monitor"):
        done = CliRunner().invoke(app, [command, step, "--help"], env={"COLUMNS": "200"})
        assert "--variant" in done.output
        assert "--together" in done.output


def test_a_table_has_no_variants(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")

    with pytest.raises(InputError, match="a variant is one of captured data"):
        driftkit.data_quality.baseline(tmp_path, variant="blue")


def test_a_merge_keeps_variants_apart(captured: Path, tmp_path: Path) -> None:
    truth = {
        "groundTruthData": {"data": "1", "encoding": "CSV"},
        "eventMetadata": {"eventId": "id-0"},
        "eventVersion": "0",
    }
    write(tmp_path / "truth/a.jsonl", [truth])

    done = driftkit.merge(captured, tmp_path / "truth", tmp_path / "out")

    assert set(done.changed_hours) == {
        "churn/blue/2024/03/18/15",
        "churn/green/2024/03/18/15",
    }
