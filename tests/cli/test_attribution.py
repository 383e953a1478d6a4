"""`driftkit attribution` as a user types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.monitors.attribution.data import CONFIG, model_file, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

VIOLATIONS_FOUND = 3


@pytest.fixture
def options(tmp_path: Path) -> tuple[object, ...]:
    file = tmp_path / "analysis_config.json"
    file.write_text(json.dumps(CONFIG))
    return ("-c", file, "-m", model_file(tmp_path), "--runner", "local")


def capture(folder: Path, count: int, scale: float) -> Path:
    """Captured requests of the model, as an endpoint writes them."""
    hour = folder / "endpoint" / "AllTraffic" / "2024" / "03" / "18" / "10"
    hour.mkdir(parents=True)
    lines = []
    for number, (a, b, c) in enumerate(rows(count).itertuples(index=False)):
        sides = {
            "endpointInput": f"{a},{b},{c * scale}",
            "endpointOutput": f"{4 * a + 2 * b + c * scale}",
        }
        data = {
            side: {"observedContentType": "text/csv", "mode": "M", "data": text, "encoding": "CSV"}
            for side, text in sides.items()
        }
        about = {"eventId": str(number), "inferenceTime": "2024-03-18T10:15:00Z"}
        lines.append(json.dumps({"captureData": data, "eventMetadata": about, "eventVersion": "0"}))
    (hour / "data.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_baseline_then_monitor_of_captures(
    tmp_path: Path, options: tuple[object, ...], driftkit_command: Callable[..., Ended]
) -> None:
    rows().to_csv(tmp_path / "training.csv", index=False)
    window = capture(tmp_path / "captured", 200, scale=100)

    learned = driftkit_command(
        *("attribution", "baseline", tmp_path / "training.csv", *options),
        *("-o", tmp_path / "baseline"),
    )
    ended = driftkit_command(
        *("attribution", "monitor", window, *options, "-b", tmp_path / "baseline"),
        *("-o", tmp_path / "report", "--fail-on-violations"),
        *("--start", "2024-03-18T10:00:00Z", "--end", "2024-03-18T11:00:00Z"),
    )

    assert learned.code == 0, learned.err
    assert (tmp_path / "baseline" / "explanations_shap" / "baseline.csv").exists()
    assert ended.code == VIOLATIONS_FOUND, ended.err
    assert "expected at least 0.9" in ended.out
    assert "c (label0): rank 3 to 1" in ended.err
    report = json.loads((tmp_path / "report" / "constraint_violations.json").read_text())
    (violation,) = report["violations"]
    assert violation["constraint_check_type"] == "feature_attribution_drift_check"


def test_a_model_that_is_not_there_writes_nothing(
    tmp_path: Path, options: tuple[object, ...], driftkit_command: Callable[..., Ended]
) -> None:
    rows().to_csv(tmp_path / "training.csv", index=False)

    ended = driftkit_command(
        *("attribution", "baseline", tmp_path / "training.csv", *options),
        *("-m", tmp_path / "nowhere.joblib", "-o", tmp_path / "baseline"),
    )

    assert ended.code == 1
    assert "the model cannot be read" in ended.err
    assert not (tmp_path / "baseline").exists()


def test_reports_that_keep_their_states_are_compared_together(
    tmp_path: Path, options: tuple[object, ...], driftkit_command: Callable[..., Ended]
) -> None:
    """Neither data nor the model are read again."""
    hours = [tmp_path / f"{number}.csv" for number in range(2)]
    for number, hour in enumerate(hours):
        (rows(80, seed=number) * [1, 1, 100]).to_csv(hour, index=False)
    rows().to_csv(tmp_path / "training.csv", index=False)
    config, runner = options[:2], options[4:]
    commands = [
        (("baseline", tmp_path / "training.csv", *options), "normal"),
        *(
            (("monitor", hour, *options, "-b", tmp_path / "normal", "--keep-states"), hour.stem)
            for hour in hours
        ),
        (("monitor", *hours, *options, "-b", tmp_path / "normal"), "rows"),
    ]
    for command, name in commands:
        ended = driftkit_command("attribution", *command, "-o", tmp_path / name)
        assert ended.code == 0, ended.err
    kept = [tmp_path / "0" / "states.arrow", tmp_path / "1"]

    ended = driftkit_command(
        *("attribution", "monitor", *kept, *config, *runner, "-b", tmp_path / "normal"),
        *("-o", tmp_path / "states"),
    )

    assert ended.code == 0, ended.err
    assert "160 rows" in ended.err
    assert (tmp_path / "states" / "states.arrow").exists()
    assert not (tmp_path / "rows" / "states.arrow").exists()
    found, expected = (
        json.loads((tmp_path / name / "analysis.json").read_text()) for name in ("states", "rows")
    )
    (found, expected) = (
        each["explanations"]["kernel_shap"]["label0"]["global_shap_values"]
        for each in (found, expected)
    )
    assert found == pytest.approx(expected, rel=1e-12)


def test_data_without_a_model_say_what_is_missing(
    tmp_path: Path, options: tuple[object, ...], driftkit_command: Callable[..., Ended]
) -> None:
    rows().to_csv(tmp_path / "training.csv", index=False)

    ended = driftkit_command(
        *("attribution", "baseline", tmp_path / "training.csv", *options[:2]),
        *("-o", tmp_path / "baseline"),
    )

    assert ended.code == 1
    assert "Give --model SPEC" in ended.err
