"""Kayenta's judge as the judge of a deployment, beside driftkit's own on the same tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import fisher_exact

from driftkit import deployment
from driftkit.cli import main
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.formats.deployment import verdict as verdict_file
from tests.monitors.deployment.minutes import (
    ARMS,
    BURSTS,
    ERRORS,
    REQUESTS,
    config,
    errors,
    plan,
    series,
)

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.deployment.results import DeploymentReport

# 46 errors in 50 minutes, in bursts as those of the report.
FORTY_SIX = [7, *(3 * each for each in (BURSTS * 2)[1:])]
RAMP = [10.0 + each % 7 for each in range(30)]


def judged(table: Any, path: str, **settings: Any) -> DeploymentReport:
    return deployment.monitor(table, plan(), judge="kayenta", canary_config=path, **settings)


def test_errors_that_kayenta_passes_are_rolled_back_by_rates_of_error(tmp_path: Path) -> None:
    table = errors({"old": [0] * 50, "new": FORTY_SIX}, requests=200)

    by_kayenta = judged(table, config(tmp_path / "canary.json", ERRORS, critical=True))
    by_rates = deployment.monitor(table, plan())

    assert (by_kayenta.verdict.verdict, by_rates.verdict.verdict) == ("promote", "roll_back")
    assert by_kayenta.verdict.metrics[0].method == "kayenta"
    assert by_rates.verdict.metrics[0].low == pytest.approx(0.00233964 - 0.00088625, abs=1e-8)
    p_value = fisher_exact(np.array([[46, 9_954], [0, 10_000]]), alternative="greater").pvalue
    said = [note for note in by_kayenta.verdict.notes if "by construction" in note]
    assert said[0].endswith(
        f"0 of 10000 against 46 of 10000, of which the exact test of rates says p = {p_value:.2g}"
    )


@pytest.mark.parametrize(
    "new", [BURSTS, [0, 0.048, 0, 0.18, 0.089, 0, 0.098, 0.035, 0, 0]], ids=["counts", "rates"]
)
def test_reported_arrays_pass_with_a_note(tmp_path: Path, new: list[float]) -> None:
    table = pd.concat([series(ERRORS, "old", [0] * len(new)), series(ERRORS, "new", new)])

    found = judged(table, config(tmp_path / "canary.json", ERRORS)).verdict

    assert found.verdict == "promote"
    assert any("an exact test of rates needs counts" in note for note in found.notes)


def test_the_verdict_states_no_rates_of_error(tmp_path: Path) -> None:
    table = errors({"old": RAMP, "new": RAMP})

    report = judged(table, config(tmp_path / "canary.json", ERRORS))

    rates = report.verdict.error_rates
    assert (rates.promote, rates.roll_back, rates.guarantee) == (None, None, "none")
    assert not report.verdict.final
    assert report.verdict.units == {"old": 30, "new": 30}
    assert report.verdict.requests == {"old": 3_000, "new": 3_000}
    files = {path.name for path in report.write(tmp_path / "report")}
    assert files == {"verdict.json", "comparison.json", "looks.json"}
    read = verdict_file.read_file(tmp_path / "report" / "verdict.json")
    assert read.to_dict() == report.verdict.to_dict()


@pytest.mark.parametrize(
    ("worse", "verdict", "score"),
    [((), "promote", "100"), ((0,), "hold", "75"), ((0, 1), "roll_back", "50")],
)
def test_pass_is_promote_marginal_is_hold_fail_is_roll_back(
    tmp_path: Path, worse: tuple[int, ...], verdict: str, score: str
) -> None:
    names = [f"metric{number}" for number in range(4)]
    table = pd.concat(
        [
            series(name, arm, [value + 20 * (arm == "new" and at in worse) for value in RAMP])
            for at, name in enumerate(names)
            for arm in ("old", "new")
        ]
    )

    report = judged(table, config(tmp_path / "canary.json", *names))

    assert report.verdict.verdict == verdict
    assert report.verdict.reason.startswith(f"Kayenta's score is {score}, where")
    states = ["harmed" if at in worse else "passes" for at in range(4)]
    assert [each.state for each in report.verdict.metrics] == states
    rolled_back = worse if verdict == "roll_back" else ()
    assert [each.metric_name for each in report.violations] == [names[at] for at in rolled_back]


@pytest.mark.parametrize(
    ("harm", "better"), [("increase", "lower"), ("decrease", "higher"), ("either", None)]
)
def test_what_changes_count_says_what_is_better(
    tmp_path: Path, harm: str, better: str | None
) -> None:
    table = errors({"old": RAMP, "new": RAMP})

    found = judged(table, config(tmp_path / "canary.json", ERRORS, direction=harm)).verdict

    assert [each.better for each in found.metrics] == [better]


def test_a_critical_metric_rolls_back_alone_and_carries_the_request(tmp_path: Path) -> None:
    table = errors({"old": RAMP, "new": [each + 20 for each in RAMP]})
    path = config(tmp_path / "canary.json", ERRORS, critical=True)
    weighted = plan(weights={"old": 0.9, "new": 0.1})

    found = deployment.monitor(table, weighted, judge="kayenta", canary_config=path).verdict

    assert found.reason == (f"Canary Failed: The metric {ERRORS} was classified as High (Critical)")
    (body,) = found.actions.values()
    assert body["DesiredWeightsAndCapacities"][0] == {
        "VariantName": "champion",
        "DesiredWeight": 1.0,
    }


def test_minutes_without_a_value_are_zero_or_left_out_as_configured(tmp_path: Path) -> None:
    table = pd.concat([errors({"old": RAMP, "new": RAMP})])
    table = table[(table["metric"] == REQUESTS) | (table["variant"] == "champion")]
    removed = config(tmp_path / "remove.json", ERRORS, REQUESTS, mustHaveData=True)
    replaced = config(tmp_path / "replace.json", ERRORS, REQUESTS, nanStrategy="replace")

    without, with_zeros = judged(table, removed).verdict, judged(table, replaced).verdict

    assert [each.state for each in without.metrics] == ["not_measured", "passes"]
    assert without.metrics[0].reason == f"Missing data for {ERRORS}"
    assert (without.verdict, with_zeros.metrics[0].state) == ("roll_back", "harmed")


def test_a_metric_of_several_statistics_is_named_with_one(tmp_path: Path) -> None:
    table = pd.concat(
        [
            series("ModelLatency", arm, RAMP, statistic)
            for arm in ("old", "new")
            for statistic in ("Average", "p99", "SampleCount")
        ]
    )

    with pytest.raises(InputError, match="several statistics") as error:
        judged(table, config(tmp_path / "one.json", "ModelLatency"))

    assert error.value.expected == "ModelLatency@Average | ModelLatency@p99"
    found = judged(table, config(tmp_path / "two.json", "ModelLatency@p99", "CPUUtilization"))
    assert [each.state for each in found.verdict.metrics] == ["passes", "not_measured"]
    assert "the table has no metric CPUUtilization" in found.verdict.notes


def test_the_window_chooses_minutes(tmp_path: Path) -> None:
    later = [each + 50 for each in RAMP]
    table = errors({"old": RAMP * 3, "new": [*RAMP, *later, *later]})
    path = config(tmp_path / "canary.json", ERRORS)

    before = judged(table, path, end="2026-11-02T10:30:00Z").verdict

    assert (before.verdict, before.units["new"]) == ("promote", 30)
    assert judged(table, path).verdict.verdict == "roll_back"


@pytest.mark.parametrize("as_table", [pa.Table.from_pandas, lambda frame: frame.to_dict("list")])
def test_tables_in_memory_are_the_same(tmp_path: Path, as_table: Any) -> None:
    frame = errors({"old": RAMP, "new": RAMP})
    path = config(tmp_path / "canary.json", ERRORS)

    found, expected = judged(as_table(frame), path).verdict, judged(frame, path).verdict
    assert found.to_dict() == expected.to_dict()


def test_judge_and_configuration_need_each_other(tmp_path: Path) -> None:
    table = errors({"old": RAMP, "new": RAMP})
    path = config(tmp_path / "canary.json", ERRORS)

    alone: list[dict[str, Any]] = [{"judge": "kayenta"}, {"canary_config": path}]
    for said in alone:
        with pytest.raises(SettingsError, match="need each other"):
            deployment.monitor(table, plan(), **said)


def test_a_table_beside_the_input_is_refused(tmp_path: Path) -> None:
    path = config(tmp_path / "canary.json", ERRORS)

    with pytest.raises(SettingsError, match="they are its input"):
        judged(errors({"old": RAMP, "new": RAMP}), path, metrics_table="metrics.csv")


def test_of_several_challengers_that_of_the_best_score_is_told(tmp_path: Path) -> None:
    worse = errors({"new": [each + 20 for each in RAMP]}).replace({"challenger": "third"})
    table = pd.concat([errors({"old": RAMP, "new": RAMP}), worse])
    three = plan(arms=ARMS | {"third": "folder:churn/third"}, champion="old")
    path = config(tmp_path / "canary.json", ERRORS)

    found = deployment.monitor(table, three, judge="kayenta", canary_config=path).verdict

    assert (found.challenger, found.best, found.verdict) == ("new", "new", "promote")
    said = {each.challenger: each.verdict for each in found.verdicts or ()}
    assert said == {"new": "promote", "third": "roll_back"}


def test_tables_that_lack_an_arm_or_all_metrics_are_refused(tmp_path: Path) -> None:
    path = config(tmp_path / "canary.json", "Latency")

    with pytest.raises(InputError, match="the arm 'new' has no metrics"):
        judged(errors({"old": RAMP}), path)
    with pytest.raises(InputError, match="no metric of the canary configuration"):
        judged(errors({"old": RAMP, "new": RAMP}), path)
    with pytest.raises(InputError, match="no data"):
        judged([1, 2], path)


def _run(*arguments: object) -> object:
    try:
        main(["deployment", *map(str, arguments)])
    except SystemExit as ended:
        return ended.code
    return None


def _line(folder: Path, document: dict[str, Any]) -> tuple[object, ...]:
    plan().write(folder / "plan")
    errors({"old": [0] * 25, "new": BURSTS}).to_csv(folder / "metrics.csv", index=False)
    (folder / "canary.json").write_text(json.dumps(document))
    return (
        *("monitor", folder / "metrics.csv", "-b", folder / "plan", "-o", folder / "report"),
        *("--judge", "kayenta", "--canary-config", folder / "canary.json"),
        *("--exit-code", "verdict"),
    )


def test_the_command_line_judges_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = _run(*_line(tmp_path, {"metrics": [{"name": ERRORS, "groups": ["errors"]}]}))

    found = json.loads((tmp_path / "report" / "verdict.json").read_text())
    assert (code, found["verdict"]) == (0, "promote")
    said = capsys.readouterr()
    assert "promote new: Kayenta's score is 100, where 95 passes" in said.out
    assert "Kayenta passes Invocation5XXErrors by construction" in said.err


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"metrics": []}, "the configuration has nothing to judge by"),
        (
            {
                "metrics": [
                    {"name": ERRORS, "groups": ["a"]},
                    {"name": REQUESTS, "groups": ["b"]},
                ],
                "classifier": {"groupWeights": {"a": 70, "b": 60}},
            },
            "the weights of groups are wrong",
        ),
    ],
)
def test_wrong_configurations_end_without_a_file(
    tmp_path: Path, document: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = _line(tmp_path, document)

    code = _run(*line)

    assert code == 1
    message = " ".join(capsys.readouterr().err.split())
    assert said in message
    assert "canary.json" in message
    assert not [*(tmp_path / "report").glob("*.json")]
    with pytest.raises(FormatError):
        judged(tmp_path / "metrics.csv", str(tmp_path / "canary.json"))
