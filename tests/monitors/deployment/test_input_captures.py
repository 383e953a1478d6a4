"""What a shadow is asked, by attributes, fields and places of captured requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit import InputError
from driftkit.formats.deployment.plan_inputs import PlannedInput
from tests.capture.captures import record, write
from tests.monitors.deployment.test_input_columns import ARMS, inputs_check, monitored, planned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def shadows(folder: Path, of_new: Callable[[int], str] = str) -> str:
    """Captures of a champion and a shadow that answer the same requests."""
    for variant, payload in (("old", str), ("new", of_new)):
        records = []
        for i in range(2_000):
            one = record(f"{payload(i % 40)},{i % 3}", "0.5", f"2026-11-02T10:{i % 60:02}:00Z")
            one["eventMetadata"]["inferenceId"] = f"id-{i}"
            one["eventMetadata"]["customAttributes"] = [f"country={'de' if i % 4 else 'fr'}"]
            records.append(one)
        write(folder / "churn" / variant / "2026/11/02/10" / "f.jsonl", records)
    return str(folder)


SHADOW: dict[str, Any] = {
    "arms": {each: f"folder:churn/{each}" for each in ARMS},
    "champion": "old",
    "strategy": "shadow",
    "goals": None,
    "guardrails": "positive_rate:0.05:higher",
    "input_columns": ("0", "field:1", "attribute:country"),
    "time_column": None,
}


def test_a_shadow_is_asked_the_same(tmp_path: Path) -> None:
    data = shadows(tmp_path / "same")
    by_plan = planned(data, **SHADOW)

    same = monitored(data, by_plan, time_column=None)
    other = monitored(shadows(tmp_path / "other", lambda i: str(i // 4)), by_plan, time_column=None)

    assert [len(each.cells) for each in by_plan.plan.inputs] == [11, 4, 4]
    assert by_plan.plan.inputs[2] == PlannedInput(column="attribute:country", values=("de", "fr"))
    assert [each.stability_index for each in same.comparison.inputs] == [0.0, 0.0, 0.0]
    assert inputs_check(same).passed
    assert not inputs_check(other).passed
    assert inputs_check(other).detail.endswith(", of 0")
    assert other.states.pairs is not None


def test_a_shadow_may_begin_later(tmp_path: Path) -> None:
    data = shadows(tmp_path)
    by_plan = planned(data, **SHADOW)
    early = [record("1000,7", "0.5", f"2026-11-02T09:{i % 60:02}:00Z") for i in range(2_000)]
    write(tmp_path / "churn/old/2026/11/02/09/f.jsonl", early)

    report = monitored(data, by_plan, time_column=None)

    assert inputs_check(report).passed
    assert [each.units for each in report.comparison.inputs] == [{"old": 2_000, "new": 2_000}] * 3


def test_a_place_that_no_request_has_is_told_by_its_place_in_the_plan(tmp_path: Path) -> None:
    data = shadows(tmp_path)
    document = planned(data, **SHADOW).plan.to_dict()
    document["inputs"][0]["column"] = "attribute:land"
    (tmp_path / "deployment_plan.json").write_text(json.dumps(document))

    with pytest.raises(InputError, match="no row has a value of attribute:land") as caught:
        monitored(data, str(tmp_path / "deployment_plan.json"), time_column=None)

    assert caught.value.where == "deployment_plan.json: inputs[0].column"
