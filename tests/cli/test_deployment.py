"""`driftkit deployment` from plan to verdict, by its own command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from driftkit.cli import main

if TYPE_CHECKING:
    from pathlib import Path

ARMS = ("--arm", "old=field:version=old", "--arm", "new=field:version=new")
HOURS = 48


def table(right: float, *, slow: float = 0.05, run: int = 1) -> pd.DataFrame:
    """Two days of requests; the old version answers rightly in 80 % and slowly in 5 %."""
    random = np.random.default_rng(run)
    rows = 250 * HOURS
    is_new = random.random(rows) < 0.5
    label = random.integers(0, 2, rows)
    good = random.random(rows) < np.where(is_new, right, 0.8)
    late = random.random(rows) < np.where(is_new, slow, 0.05)
    return pd.DataFrame(
        {
            "version": np.where(is_new, "new", "old"),
            "at": pd.date_range("2026-11-02", periods=rows, freq=f"{3600 // 250}s").astype(str),
            "label": label,
            "prediction": np.where(good, label, 1 - label),
            "latency": np.where(late, 400, 100),
        }
    )


def run(*arguments: object) -> object:
    """The exit code of a command; None where it ended without one."""
    try:
        main(["deployment", *map(str, arguments)])
    except SystemExit as ended:
        return ended.code
    return None


def verdict(folder: Path) -> dict[str, Any]:
    """What a run wrote."""
    found: dict[str, Any] = json.loads((folder / "verdict.json").read_text())
    return found


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan of accuracy and latency."""
    table(0.8).to_csv(tmp_path / "before.csv", index=False)
    code = run(
        *("baseline", tmp_path / "before.csv", "-o", tmp_path / "plan", *ARMS),
        *("--goal", "accuracy", "--guardrail", "latency_slo:0.02", "--limit", "latency_slo=250"),
        *("--time-column", "at", "--strategy", "canary", "--runner", "local"),
    )
    assert code in {None, 0}
    return tmp_path / "plan"


@pytest.mark.parametrize(
    ("right", "slow", "said", "code"),
    [
        (0.86, 0.05, "promote", 0),
        (0.80, 0.12, "roll_back", 3),
        (0.80, 0.07, "hold", 4),
    ],
)
def test_the_exit_code_says_the_verdict(
    tmp_path: Path, plan: Path, right: float, slow: float, said: str, code: int
) -> None:
    table(right, slow=slow, run=2).to_csv(tmp_path / "window.csv", index=False)

    ended = run(
        *("monitor", tmp_path / "window.csv", "-b", plan, "-o", tmp_path / "report"),
        *("--time-column", "at", "--exit-code", "verdict", "--runner", "local"),
    )

    found = verdict(tmp_path / "report")
    assert (found["verdict"], ended) == (said, code)
    assert {path.name for path in (tmp_path / "report").glob("*.*")} == {
        "verdict.json",
        "report.html",
        "comparison.json",
        "looks.json",
        "states.arrow",
    }


def test_only_a_roll_back_fails_where_that_is_asked_for(
    tmp_path: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = []
    for name, slow in (("held", 0.07), ("harmed", 0.12)):
        table(0.8, slow=slow).to_csv(tmp_path / f"{name}.csv", index=False)
        codes.append(
            run(
                *("monitor", tmp_path / f"{name}.csv", "-b", plan, "-o", tmp_path / name),
                *("--time-column", "at", "--fail-on-roll-back", "--runner", "local"),
            )
        )

    assert codes == [0, 3]
    said = capsys.readouterr().out
    assert "hold new: " in said
    assert "roll back new: latency_slo is worse by at least " in said


def test_hours_add_up_to_the_same_verdict(tmp_path: Path, plan: Path) -> None:
    whole = table(0.86, run=2)
    whole.to_csv(tmp_path / "whole.csv", index=False)
    common = ("-b", plan, "--time-column", "at", "--runner", "local")
    run("monitor", tmp_path / "whole.csv", "-o", tmp_path / "at-once", *common)
    earlier: list[Path] = []
    for number, part in enumerate(np.array_split(whole.index, 3)):
        whole.loc[part].to_csv(tmp_path / f"{number}.csv", index=False)
        folder = tmp_path / f"after-{number}"
        run("monitor", tmp_path / f"{number}.csv", *earlier, "-o", folder, *common)
        earlier = [folder / "states.arrow"]

    last = verdict(folder)
    assert last == verdict(tmp_path / "at-once")
    assert last["verdict"] == "promote"


def test_a_plan_that_was_changed_is_refused(
    tmp_path: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table(0.8).to_csv(tmp_path / "window.csv", index=False)
    common = ("-b", plan, "--time-column", "at", "--runner", "local")
    run("monitor", tmp_path / "window.csv", "-o", tmp_path / "report", *common)
    file = plan / "deployment_plan.json"
    file.write_text(file.read_text().replace('"margin": 0.02', '"margin": 0.09'))

    code = run("monitor", tmp_path / "report" / "states.arrow", "-o", tmp_path / "again", *common)

    assert code == 1
    assert "voids its error rates" in capsys.readouterr().err
    assert not [*(tmp_path / "again").glob("*.json")]


def test_an_arm_without_rows_is_refused(
    tmp_path: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = table(0.8)
    rows[rows["version"] == "old"].to_csv(tmp_path / "window.csv", index=False)

    code = run(
        *("monitor", tmp_path / "window.csv", "-b", plan, "-o", tmp_path / "report"),
        *("--time-column", "at", "--runner", "local"),
    )

    assert code == 1
    assert "new (field:version=new)" in capsys.readouterr().err


def test_limits_and_cells_of_inputs_are_the_champions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = table(0.8).assign(amount=np.arange(250 * HOURS) % 1_000)
    rows.to_csv(tmp_path / "before.csv", index=False)
    rows.assign(amount=rows["amount"].where(rows["version"] == "old", 5)).to_csv(
        tmp_path / "window.csv", index=False
    )

    planned = run(
        *("baseline", tmp_path / "before.csv", "-o", tmp_path / "plan", *ARMS),
        *("--goal", "accuracy", "--guardrail", "amount_slo", "--limit", "amount_slo=p95"),
        *("--input-columns", "amount,latency", "--time-column", "at", "--runner", "local"),
    )
    said = " ".join(capsys.readouterr().err.split())
    judged = run(
        *("monitor", tmp_path / "window.csv", "-b", tmp_path / "plan", "-o", tmp_path / "report"),
        *("--time-column", "at", "--exit-code", "verdict", "--runner", "local"),
    )

    plan = json.loads((tmp_path / "plan/deployment_plan.json").read_text())
    old = rows[rows["version"] == "old"]["amount"]
    limit = float(np.percentile(old, 95, method="inverted_cdf"))
    assert planned in {None, 0}
    assert plan["metrics"][1]["limit"] == limit
    assert f"amount_slo counts rows above {limit:g}, p95 of {len(old):,} rows of old" in said
    assert [each["column"] for each in plan["inputs"]] == ["amount", "latency"]
    assert judged == 4
    assert ", of amount" in verdict(tmp_path / "report")["reason"]
    comparison = json.loads((tmp_path / "report/comparison.json").read_text())
    assert comparison["inputs"][0]["stability_index"] > 1.0
