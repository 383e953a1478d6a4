"""`driftkit merge` and `driftkit model-quality` from files to files, exit codes included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.monitors.merging import capture, label, put
from tests.monitors.model_quality import test_models as models

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

HOUR, LATER = "2024/03/18/15", "2024/03/19/02"
JUDGED = ("--problem-type", "BinaryClassification", "--probability-attribute", "probability")


@pytest.fixture
def baseline(tmp_path: Path, driftkit_command: Callable[..., Ended]) -> Path:
    rows = ["1,0.9"] * 90 + ["1,0.3"] * 10 + ["0,0.1"] * 90 + ["0,0.7"] * 10
    (tmp_path / "labelled.csv").write_text("\n".join(["label,probability", *rows]) + "\n")
    ended = driftkit_command(
        *("model-quality", "baseline", tmp_path / "labelled.csv", *JUDGED),
        *("--ground-truth-attribute", "label", "--output", tmp_path / "baseline"),
    )
    assert ended.code == 0, ended.err
    assert "0.9000" in ended.out
    return tmp_path / "baseline"


def _captured(folder: Path, variant: str, outputs: list[str]) -> Path:
    records = [capture(f"{variant}-{i}", output=output) for i, output in enumerate(outputs)]
    put(folder / "endpoint" / variant, HOUR, records)
    return folder


def test_from_captures_to_violations(
    tmp_path: Path, baseline: Path, driftkit_command: Callable[..., Ended]
) -> None:
    captured = _captured(tmp_path / "captured", "A", ["0.9"] * 20 + ["0.1"] * 20)
    labels = [label(f"A-{i}", str(i % 2)) for i in range(40)]
    truth = put(tmp_path / "truth", LATER, labels)

    merged = driftkit_command(
        "merge", captured, "--ground-truth", truth, "--output", tmp_path / "merged"
    )
    monitored = driftkit_command(
        *("model-quality", "monitor", tmp_path / "merged", "--baseline", baseline),
        *("--probability-attribute", "0", "--output", tmp_path / "report"),
        *("--start", "2024-03-18", "--end", "2024-03-19", "--fail-on-violations"),
    )

    assert merged.code == 0, merged.err
    assert "40 of 40 captures matched" in merged.out
    assert monitored.code == 3, monitored.err
    written = json.loads((tmp_path / "report" / "constraint_violations.json").read_text())
    assert "truePositiveRate" in {each["metric_name"] for each in written["violations"]}
    statistics = json.loads((tmp_path / "report" / "statistics.json").read_text())
    assert statistics["dataset"]["item_count"] == 40
    assert statistics["dataset"]["start_time"] == "2024-03-18T00:00:00Z"
    assert "worse, beyond noise" in monitored.out


def test_late_labels_say_which_hours_changed(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    captured = _captured(tmp_path / "captured", "A", ["1", "0"])
    first = put(tmp_path / "first", LATER, [label("A-0")])
    late = put(tmp_path / "late", "2024/03/20/00", [label("A-1", "0")])
    output = tmp_path / "merged"

    driftkit_command("merge", captured, "--ground-truth", first, "--output", output)
    ended = driftkit_command("merge", captured, "-g", late, "--output", output, "--update")

    assert "2 of 2 captures matched" in ended.out
    assert "1 hours changed:" in ended.out
    assert f"endpoint/A/{HOUR}" in ended.out


def test_variants_are_judged_apart_or_together(
    tmp_path: Path, baseline: Path, driftkit_command: Callable[..., Ended]
) -> None:
    captured = _captured(tmp_path / "captured", "blue", ["0.9", "0.1"])
    _captured(tmp_path / "captured", "green", ["0.1", "0.9"])
    labels = [label(f"{name}-{i}", str(1 - i)) for name in ("blue", "green") for i in (0, 1)]
    truth = put(tmp_path / "truth", LATER, labels)
    merged = tmp_path / "merged"
    driftkit_command("merge", captured, "-g", truth, "--output", merged)
    asked = ("--baseline", baseline, "--probability-attribute", "0")

    apart = driftkit_command("model-quality", "monitor", merged, *asked, "-o", tmp_path / "apart")
    together = driftkit_command(
        "model-quality", "monitor", merged, *asked, "--together", "-o", tmp_path / "one"
    )

    assert apart.code == together.code == 0, apart.err
    accuracy = {
        folder: json.loads((tmp_path / folder / "statistics.json").read_text())[
            "binary_classification_metrics"
        ]["accuracy"]["value"]
        for folder in ("apart/endpoint/blue", "apart/endpoint/green", "one")
    }
    assert accuracy == {"apart/endpoint/blue": 1.0, "apart/endpoint/green": 0.0, "one": 0.5}
    worse = {
        name: json.loads(
            (tmp_path / "apart/endpoint" / name / "constraint_violations.json").read_text()
        )["violations"]
        for name in ("blue", "green")
    }
    assert worse["blue"] == []
    assert "accuracy" in {each["metric_name"] for each in worse["green"]}


def test_compare_tries_out_a_threshold(
    tmp_path: Path, baseline: Path, driftkit_command: Callable[..., Ended]
) -> None:
    constraints = json.loads((baseline / "constraints.json").read_text())
    constraints["binary_classification_constraints"]["auc"]["threshold"] = 0.995
    (baseline / "constraints.json").write_text(json.dumps(constraints))

    ended = driftkit_command(
        *("model-quality", "compare", "--statistics", baseline / "statistics.json"),
        *("--baseline", baseline, "--output", tmp_path / "trial", "--fail-on-violations"),
    )

    assert ended.code == 3, ended.err
    written = json.loads((tmp_path / "trial" / "constraint_violations.json").read_text())
    assert [each["metric_name"] for each in written["violations"]] == ["auc"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--problem-type", "ranking"), "there is no such problem type"),
        ((), "the problem type is not known"),
        (("--problem-type", "binary"), "there is nothing to judge"),
        (("--problem-type", "binary", "--inference-attribute", "x"), "there is no column 'x'"),
    ],
)
def test_wrong_settings_are_one_clear_line(
    tmp_path: Path, driftkit_command: Callable[..., Ended], arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "rows.csv").write_text("label,prediction\n1,1\n")

    ended = driftkit_command(
        *("model-quality", "baseline", tmp_path / "rows.csv", "-o", tmp_path / "o"), *arguments
    )

    assert ended.code == 1
    assert said in ended.err.replace("\n", " ")
    assert "Traceback" not in ended.err
    assert not (tmp_path / "o").exists()


def test_no_baseline_says_how_to_make_one(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    ended = driftkit_command("model-quality", "monitor", tmp_path, "--output", tmp_path / "o")

    assert ended.code == 1
    assert "driftkit model-quality baseline" in ended.err


def test_reports_that_keep_their_states_are_judged_together(
    tmp_path: Path, baseline: Path, driftkit_command: Callable[..., Ended]
) -> None:
    judged = ("--baseline", baseline, "--probability-attribute", "probability")
    of_rows = ("--ground-truth-attribute", "label")
    hours = [["1,0.8"] * 6 + ["0,0.2"] * 5, ["1,0.4"] * 3 + ["0,0.6"] * 2 + ["1,0.9"] * 4]
    for number, rows in enumerate(hours):
        hour = tmp_path / f"{number}.csv"
        hour.write_text("\n".join(["label,probability", *rows]) + "\n")
        ended = driftkit_command(
            *("model-quality", "monitor", hour, *judged, *of_rows, "--keep-states"),
            *("--output", tmp_path / "reports" / str(number)),
        )
        assert ended.code == 0, ended.err
    both = [tmp_path / f"{number}.csv" for number in range(2)]
    kept = [tmp_path / "reports" / str(number) / "states.arrow" for number in range(2)]

    for inputs, name, more in ((both, "rows", of_rows), (kept, "states", ())):
        ended = driftkit_command(
            *("model-quality", "monitor", *inputs, *judged, *more, "--output", tmp_path / name)
        )
        assert ended.code == 0, ended.err

    found, expected = (
        json.loads((tmp_path / name / "statistics.json").read_text()) for name in ("states", "rows")
    )
    for each in (found, expected):
        del each["dataset"]["evaluation_time"]
    assert found == expected
    assert (tmp_path / "states" / "states.arrow").exists()


def test_a_baseline_that_keeps_its_states_grows(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    learn = ("model-quality", "baseline", "--problem-type", "BinaryClassification")
    attributes = ("--probability-attribute", "probability", "--ground-truth-attribute", "label")
    months = [["1,0.8"] * 6 + ["0,0.2"] * 5, ["1,0.4"] * 3 + ["0,0.6"] * 2 + ["1,0.9"] * 4]
    for number, rows in enumerate(months):
        (tmp_path / f"{number}.csv").write_text("\n".join(["label,probability", *rows]) + "\n")
        kept = driftkit_command(
            *(*learn, *attributes, tmp_path / f"{number}.csv", "--keep-states"),
            *("-o", tmp_path / "kept" / str(number)),
        )
        plain = driftkit_command(
            *learn, *attributes, tmp_path / f"{number}.csv", "-o", tmp_path / "plain" / str(number)
        )
        assert (kept.code, plain.code) == (0, 0), kept.err + plain.err
        assert not (tmp_path / "plain" / str(number) / "states.arrow").exists()
    folders = [tmp_path / "kept" / str(number) for number in range(2)]
    files = [tmp_path / f"{number}.csv" for number in range(2)]

    grown = driftkit_command(*learn, *attributes, *folders, "-o", tmp_path / "grown")
    at_once = driftkit_command(*learn, *attributes, *files, "-o", tmp_path / "at-once")

    assert (grown.code, at_once.code) == (0, 0), grown.err + at_once.err
    pairs = [("grown", "at-once"), ("kept/0", "plain/0"), ("kept/1", "plain/1")]
    for name, expected in pairs:
        for file in ("constraints.json", "statistics.json"):
            found, wanted = (
                json.loads((tmp_path / each / file).read_text()) for each in (name, expected)
            )
            for each in (found, wanted):
                each.get("dataset", {}).pop("evaluation_time", None)
            assert found == wanted


def test_each_model_of_an_endpoint_has_its_own_baseline(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    """Of two models that were right in 95 % and 60 %, the first is as bad as the second now."""
    names = ("good", "poor")
    for window, right in (
        ("before", {"good": 0.95, "poor": 0.6}),
        ("after", dict.fromkeys(names, 0.6)),
    ):
        models.merged(tmp_path / window, models.rows(right, many=800))
    traffic = driftkit_command(
        *("deployment", "traffic", tmp_path / "after/merged", "-o", tmp_path / "traffic"),
        *("--model-by", "attribute:model", "--runner", "local"),
    )
    found = json.loads((tmp_path / "traffic/traffic.json").read_text())["models"]
    asked = ("--model-by", "attribute:model", "--problem-type", "BinaryClassification")

    codes, fell = {}, {}
    for name in sorted(each["model"] for each in found):
        baseline, report = tmp_path / "baselines" / name, tmp_path / "reports" / name
        learnt = driftkit_command(
            *("model-quality", "baseline", tmp_path / "before/merged", "-o", baseline),
            *("--model", name, *asked, "--runner", "local"),
        )
        monitored = driftkit_command(
            *("model-quality", "monitor", tmp_path / "after/merged", "-b", baseline, "-o", report),
            *("--model", name, *asked, "--violations-beyond-noise", "--fail-on-violations"),
        )
        codes[name] = (learnt.code, monitored.code)
        violations = json.loads((report / "constraint_violations.json").read_text())["violations"]
        fell[name] = {each["metric_name"] for each in violations}

    assert traffic.code == 0
    assert codes == {"good": (0, 3), "poor": (0, 0)}
    assert "accuracy" in fell["good"]
    assert not fell["poor"]
