"""Metrics of tables in a decision: errors beside rows, alone, hour by hour, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from driftkit import deployment
from driftkit.cli import main
from driftkit.errors import InputError, SettingsError
from driftkit.formats.fields import to_dict
from driftkit.states.deployment import storage
from tests.monitors.deployment.minutes import ARMS, ERRORS, REQUESTS, TEN, errors, plan, series

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.deployment.results import DeploymentPlan

HOUR = pd.Timedelta(hours=1)


def rows(right: float, hours: int = 3, run: int = 1) -> pd.DataFrame:
    """Requests of two arms; the old one answers rightly in 80 %."""
    random = np.random.default_rng(run)
    size = 400 * hours
    is_new = random.random(size) < 0.5
    label = random.integers(0, 2, size)
    good = random.random(size) < np.where(is_new, right, 0.8)
    return pd.DataFrame(
        {
            "version": np.where(is_new, "new", "old"),
            "at": [str(TEN + pd.Timedelta(seconds=9 * i)) for i in range(size)],
            "label": label,
            "prediction": np.where(good, label, 1 - label),
            "user": random.integers(0, 99, size),
        }
    )


def plan_of_rows(
    *guardrails: str, table: pd.DataFrame | None = None, **settings: Any
) -> DeploymentPlan:
    """A plan of accuracy by rows, and of errors by tables."""
    before = rows(0.8) if table is None else table
    usual: dict[str, Any] = {
        "arms": {"old": "field:version=old", "new": "field:version=new"},
        "goals": "accuracy:0.05",
        "guardrails": guardrails or ("errors:0.01",),
        "minimum_days": 0,
        "time_column": "at",
        "runner": "local",
    }
    return deployment.baseline(before, **(usual | settings))


def table(new: float, minutes: int = 180) -> pd.DataFrame:
    """Errors a minute; variants are called as the arms."""
    found = errors({"old": [1] * minutes, "new": [new] * minutes})
    return found.replace({"variant": {"champion": "old", "challenger": "new"}})


@pytest.mark.parametrize("unit", ["request", "field:user"])
@pytest.mark.parametrize(
    ("new", "verdict", "state"), [(1, "promote", "passes"), (5, "roll_back", "harmed")]
)
def test_errors_of_a_table_decide_beside_rows(
    tmp_path: Path, unit: str, new: float, verdict: str, state: str
) -> None:
    table(new).to_csv(tmp_path / "metrics.csv", index=False)

    report = deployment.monitor(
        rows(0.95),
        plan_of_rows(unit=unit),
        time_column="at",
        metrics_table=str(tmp_path / "metrics.csv"),
        runner="local",
    )

    found = {each.name: each for each in report.verdict.metrics}
    assert (report.verdict.verdict, found["errors"].state) == (verdict, state)
    assert found["errors"].challenger == pytest.approx(new / 100)
    assert found["errors"].champion == pytest.approx(0.01)
    assert report.verdict.requests["old"] < 18_000


def test_errors_of_a_table_decide_beside_pairs(tmp_path: Path) -> None:
    table(5).to_csv(tmp_path / "metrics.csv", index=False)
    asked = rows(0.8).drop(columns="user").reset_index(names="id")
    both = pd.concat([asked.assign(version="old"), asked.assign(version="new")])
    shadow = plan_of_rows(strategy="shadow", pair_by="field:id", table=both)

    report = deployment.monitor(
        both,
        shadow,
        time_column="at",
        metrics_table=str(tmp_path / "metrics.csv"),
        runner="local",
    )

    found = {each.name: each for each in report.verdict.metrics}
    assert found["errors"].state == "harmed"
    assert found["errors"].challenger == pytest.approx(0.05)
    assert report.verdict.verdict == "roll_back"


def test_without_a_table_errors_are_awaited() -> None:
    found = deployment.monitor(rows(0.95), plan_of_rows(), time_column="at", runner="local").verdict

    assert found.verdict == "hold"
    assert found.reason.startswith("errors is not measured yet: no table of metrics has values")
    assert found.metrics[1].reason == "no table of metrics has values of both arms"


def test_hours_of_tables_add_up(tmp_path: Path) -> None:
    whole, frame, by_rows = rows(0.9), table(2), plan_of_rows()
    times, at = pd.to_datetime(frame["timestamp"]), pd.to_datetime(whole["at"])
    frame.to_csv(tmp_path / "all.csv", index=False)
    common: dict[str, Any] = {"time_column": "at", "runner": "local"}
    parts = []
    for hour in range(3):
        begin, end = TEN + hour * HOUR, TEN + (hour + 1) * HOUR
        path = tmp_path / f"{hour}.csv"
        frame[(times >= begin) & (times < end)].to_csv(path, index=False)
        part = whole[(at >= begin) & (at < end)]
        found = deployment.monitor(part, by_rows, metrics_table=str(path), **common)
        assert found.states is not None
        parts.append(storage.loads(found.states.dumps(), "states.arrow"))

    together = deployment.monitor(deployment.combine(*parts), by_rows, **common)
    at_once = deployment.monitor(whole, by_rows, metrics_table=str(tmp_path / "all.csv"), **common)

    assert together.verdict == at_once.verdict
    assert together.comparison == at_once.comparison
    with pytest.raises(InputError, match="two windows overlap"):
        deployment.monitor(parts[0], by_rows, metrics_table=str(tmp_path / "0.csv"), **common)


def test_tables_alone_are_monitored_without_rows() -> None:
    by_tables = plan("errors:0.002", weights={"old": 0.5, "new": 0.5})
    frame = errors({"old": [1] * 200, "new": [1, 0] * 100})

    first = deployment.monitor(frame, by_tables)

    assert first.verdict.verdict == "promote"
    assert first.verdict.requests == {"old": 20_000, "new": 20_000}
    assert [each.name for each in first.verdict.checks] == ["sample_ratio"]
    assert first.states is not None
    assert deployment.monitor(first.states, by_tables).verdict == first.verdict


def test_an_arm_without_errors_is_decided_by_exact_bounds() -> None:
    frame = errors({"old": [0] * 100, "new": [0] * 100}, requests=1_000)

    found = deployment.monitor(frame, plan("errors:0.001")).verdict

    assert (found.verdict, found.error_rates.guarantee) == ("promote", "exact")
    assert found.metrics[0].low is not None
    assert -0.001 < found.metrics[0].low < 0.0


def test_shares_over_a_limit_are_counted_by_the_statistic_that_says_so() -> None:
    slow, all_of_it = "ModelLatency@TC(250000:)", "ModelLatency@SampleCount"
    frame = pd.concat(
        [
            series("ModelLatency", arm, [late] * 100, "TC(250000:)")
            for arm, late in (("old", 5), ("new", 9))
        ]
        + [series("ModelLatency", arm, [100] * 100, "SampleCount") for arm in ("old", "new")]
    )
    by_tables = deployment.baseline(
        frame, arms=ARMS, minimum_days=0, guardrails=f"table:{slow}/{all_of_it}:0.01:lower"
    )

    found = deployment.monitor(frame, by_tables).verdict

    assert by_tables.champion[f"table:{slow}/{all_of_it}"] == pytest.approx(0.05)
    assert found.verdict == "roll_back"
    assert found.metrics[0].difference == pytest.approx(0.04)


def test_averages_are_pooled_by_their_counts_and_shown_only() -> None:
    frame = pd.concat(
        [
            errors({"old": [0] * 4, "new": [0] * 4}),
            series("ModelLatency", "old", [100, 300], "Average", 10),
            series("ModelLatency", "new", [200], "Average", 30),
            series("ModelLatency", "new", [0, 600], "Average", 10).iloc[1:],
        ]
    )

    by_tables = plan(information="table:ModelLatency", table=frame)

    found = deployment.monitor(frame, by_tables).verdict.metrics[1]

    assert (found.champion, found.challenger) == (200.0, 300.0)
    written = to_dict(found)
    assert (written["low"], written["high"], found.state) == (None, None, "not_measured")
    assert found.reason == "averages tell no variance, so that they are shown only"


@pytest.mark.parametrize("asked", ["table:ModelLatency:5:lower", "table:ModelLatency:lower"])
def test_averages_cannot_decide(asked: str) -> None:
    with pytest.raises(SettingsError, match="averages, which tell no variance"):
        plan(asked)


def test_averages_without_counts_are_refused() -> None:
    frame = pd.concat(
        [
            errors({"old": [0] * 4, "new": [0] * 4}),
            series("ModelLatency", "old", [1, 2], "Average"),
        ]
    )

    with pytest.raises(InputError, match="averages without counts"):
        plan(information="table:ModelLatency", table=frame)


def test_a_table_for_which_the_plan_has_no_metric_is_refused(tmp_path: Path) -> None:
    table(1).to_csv(tmp_path / "metrics.csv", index=False)
    by_rows = deployment.baseline(
        rows(0.8),
        arms={"old": "field:version=old", "new": "field:version=new"},
        goals="accuracy:0.05",
        runner="local",
    )

    with pytest.raises(SettingsError, match="no metric of tables"):
        deployment.monitor(
            rows(0.8), by_rows, metrics_table=str(tmp_path / "metrics.csv"), runner="local"
        )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame[frame["metric"] != REQUESTS], f"the metric '{REQUESTS}'"),
        (
            lambda frame: frame.assign(
                value=frame["value"].where(frame["metric"] != ERRORS, 101.0)
            ),
            "more events than requests",
        ),
        (lambda frame: frame.drop(columns="variant"), "lacks columns"),
    ],
)
def test_wrong_tables_end_without_a_file(
    tmp_path: Path, change: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_of_rows().write(tmp_path / "plan")
    rows(0.9).to_csv(tmp_path / "rows.csv", index=False)
    change(table(1)).to_csv(tmp_path / "metrics.csv", index=False)

    with pytest.raises(SystemExit) as ended:
        main(
            [
                *("deployment", "monitor", str(tmp_path / "rows.csv"), "--time-column", "at"),
                *("-b", str(tmp_path / "plan"), "-o", str(tmp_path / "report")),
                *("--metrics-table", str(tmp_path / "metrics.csv"), "--runner", "local"),
            ]
        )

    assert ended.value.code == 1
    assert said in " ".join(capsys.readouterr().err.split())
    assert not [*(tmp_path / "report").glob("*")]


def test_the_command_line_makes_and_uses_a_plan_of_tables(tmp_path: Path) -> None:
    frame = errors({"old": [1] * 100, "new": [6] * 100})
    frame.to_csv(tmp_path / "metrics.csv", index=False)
    arms = [text for name, said in ARMS.items() for text in ("--arm", f"{name}={said}")]
    codes = []
    for line in (
        ["baseline", "metrics.csv", "-o", "plan", *arms, "--guardrail", "errors:0.01"],
        ["monitor", "metrics.csv", "-b", "plan", "-o", "report", "--exit-code", "verdict"],
    ):
        words = [
            str(tmp_path / each) if each in {"metrics.csv", "plan", "report"} else each
            for each in line
        ]
        try:
            main(["deployment", *words])
        except SystemExit as ended:
            codes.append(ended.code)

    assert codes[-1] == 3
    found = json.loads((tmp_path / "report" / "verdict.json").read_text())
    assert found["verdict"] == "roll_back"
