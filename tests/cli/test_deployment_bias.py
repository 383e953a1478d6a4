"""`driftkit deployment` with bias in the plan, and attributions beside it, by its own command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from driftkit import attribution
from tests.cli.test_deployment import run, verdict
from tests.monitors.attribution.data import CONFIG, FORMER, MODEL, model_file, rows
from tests.monitors.deployment.test_bias import flights

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

COMMON = ("--time-column", "at", "--runner", "local")


def test_a_version_that_treats_a_group_worse_is_rolled_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flights(against=0.0).to_csv(tmp_path / "before.csv", index=False)
    flights(6_000, against=0.6).to_csv(tmp_path / "window.csv", index=False)
    run(
        *("baseline", tmp_path / "before.csv", "-o", tmp_path / "plan", *COMMON),
        *("--arm", "old=field:arm=old", "--arm", "new=field:arm=new", "--strategy", "canary"),
        *("--goal", "accuracy:0.4", "--guardrail", "bias:DPPL:carrier=B:0.02"),
        *("--information", "bias:SD:distance>1500", "--segment-by", "origin"),
    )

    code = run(
        *("monitor", tmp_path / "window.csv", "-b", tmp_path / "plan", "-o", tmp_path / "report"),
        *(*COMMON, "--exit-code", "verdict"),
    )

    assert code == 3
    assert "bias:DPPL:carrier=B is worse by at least" in capsys.readouterr().out
    plan = json.loads((tmp_path / "plan" / "deployment_plan.json").read_text())
    [planned] = [each for each in plan["metrics"] if each["role"] == "guardrail"]
    assert (planned["kind"], planned["column"], planned["margin"]) == ("bias", "carrier", 0.02)
    metrics = {each["name"]: each for each in verdict(tmp_path / "report")["metrics"]}
    found = metrics["bias:DPPL:carrier=B"]
    assert found["difference"] == abs(found["challenger"]) - abs(found["champion"])
    assert found["low"] > 0.02
    segments = json.loads((tmp_path / "report" / "comparison.json").read_text())["segments"]
    assert {each["value"] for each in segments} == {"EWR", "JFK"}
    assert all(
        each["differences"][1]["metric"] == "bias:DPPL:carrier=B"
        and abs(each["differences"][1]["difference"]) > 0.02
        for each in segments
    )


def test_attributions_stand_beside_the_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flights(500).to_csv(tmp_path / "rows.csv", index=False)
    run(
        *("baseline", tmp_path / "rows.csv", "-o", tmp_path / "plan", *COMMON),
        *("--arm", "old=field:arm=old", "--arm", "new=field:arm=new", "--goal", "accuracy:0.1"),
    )
    for arm, code in (("old", MODEL), ("new", FORMER)):
        attribution.baseline(
            rows(), model_file(tmp_path, code, f"{arm}.py"), analysis_config=CONFIG, runner="local"
        ).write(tmp_path / f"run=1,arm={arm}")

    run(
        *("monitor", tmp_path / "rows.csv", "-b", tmp_path / "plan", "-o", tmp_path / "report"),
        *(f"--attribution=old={tmp_path}/run=1,arm=old", *COMMON),
        *("--attribution", f"new={tmp_path}/run=1,arm=new"),
    )

    said = capsys.readouterr()
    assert "as old does by NDCG 0.7" in " ".join((said.out + said.err).split())
    comparison = json.loads((tmp_path / "report" / "comparison.json").read_text())
    [table] = comparison["attributions"]
    assert [each["feature"] for each in table["features"]] == ["a", "b", "c"]
    assert any("NDCG" in note for note in verdict(tmp_path / "report")["notes"])
