"""All verbs of the deployment monitor in a processing job: the files of a call with the same words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from driftkit import deployment
from driftkit.sagemaker import deployment_jobs
from driftkit.settings.declaring import declared
from tests.monitors.deployment.every_verb import STAGES, called, lay_out
from tests.sagemaker.box import CAPTURE, CSV

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sagemaker.box import Box

IN = "/opt/ml/processing/input"
ROWS = {"dataset_source": f"{IN}/rows", "dataset_format": CSV, "time_column": "at"}
CAPTURES = {"dataset_source": f"{IN}/captures", "dataset_format": CAPTURE}
PIPELINE = {
    "dataset_format": CSV,
    **{
        name: json.dumps({each: f"{IN}/{folder}/{each}.csv" for each in STAGES})
        for name, folder in (("stages", "after"), ("baseline_stages", "before"))
    },
}
VERBS: dict[str, dict[str, str]] = {
    "baseline": {
        **ROWS,
        "arms": '{"old": "field:version=old", "new": "field:version=new"}',
        "goals": "rate:ok:0.01:higher",
        "guardrails": '["column:ok:0.02:higher"]',
        "weights": '["old=0.7", "new=0.3"]',
        "strategy": "ab",
        "minimum_days": "0.5",
        "horizon_units": "4000",
        "segment_by": "carrier",
    },
    "monitor": {**ROWS, "deployment_plan": f"{IN}/plan"},
    "weights": {
        "deployment_plan": f"{IN}/plan",
        "deployment_states": f"{IN}/earlier",
        "floor": "0.1",
        "policy": "ucb1",
        "weights_file": f"{IN}/weights.json",
    },
    "evaluate": {**ROWS, "deployment_plan": f"{IN}/plan", "policy_file": f"{IN}/policies"},
    "scaling": {
        **CAPTURES,
        "policy_file": f"{IN}/scaling.json",
        "sampling_percentage": "50",
        "max_rps": "0.2",
    },
    "traffic": {**CAPTURES, "model_by": "folder", "models": "champion,idle", "cold_seconds": "60"},
    "pipeline": PIPELINE,
    "simulate": {
        "deployment_plan": f"{IN}/plan",
        "rates": "old=0.1,new=0.12",
        "runs": "3",
        "requests": "900",
        "looks": "3",
    },
}


@pytest.fixture
def inputs(box: Box) -> Path:
    """The folder of the inputs that the verbs need."""
    at = box.at(f"{IN}/x").parent
    lay_out(at)
    return at


def job(verb: str, **variables: str) -> dict[str, str]:
    """The variables of a verb's job, some of them with other values."""
    return {
        "analysis_type": "DEPLOYMENT",
        "deployment_verb": verb,
        **VERBS.get(verb, {}),
        **variables,
    }


@pytest.mark.parametrize("verb", VERBS)
def test_a_job_writes_what_a_call_says(box: Box, inputs: Path, verb: str) -> None:
    code = box.run(job(verb))

    assert code == 0, box.message
    expected = called(verb, inputs, dialect="aws")
    assert {name: box.json(name) for name in expected} == expected
    assert box.outputs - {"states.arrow"} == expected.keys()
    assert box.message.startswith("Completed: ")
    if verb != "monitor":
        assert {*box.message.removeprefix("Completed: ").split(", ")} == expected.keys()


@pytest.mark.parametrize(
    ("verb", "variables", "said"),
    [
        ("promote", {}, "the deployment monitor has no such verb"),
        ("monitor", {"deployment_plan": ""}, "there is no plan to decide by"),
        ("scaling", {"policy_file": ""}, "there is no policy"),
        ("scaling", {"policy_file": "/etc/passwd"}, "outside of the job's folders"),
        ("scaling", {"max_rps": "many"}, "max_rps"),
        ("scaling", {"instances": "1.5"}, "instances"),
        ("weights", {"deployment_states": f"{IN}/plan"}, "there are no states"),
        ("weights", {"deployment_states": ""}, "there are no states"),
        ("weights", {"deployment_plan": ""}, "weights of states need the plan"),
        ("weights", {"weights_file": f"{IN}/none.json"}, "no such file or folder"),
        ("baseline", {"weights": '["old=0.7"'}, "weights: it is not JSON"),
        ("baseline", {"guardrails": "speed"}, "no metric is called so"),
        ("pipeline", {"stages": '{"a": "/x@input"}'}, "stages"),
        ("monitor", {"merge_report": "/etc/passwd"}, "outside of the job's folders"),
        ("monitor", {"attributions": '{"old": "/etc"}'}, "outside of the job's folders"),
        ("monitor", {"attributions": f'{{"older": "{IN}/plan"}}'}, "no arm of the plan"),
        ("simulate", {"deployment_plan": ""}, "there is no plan to decide by"),
    ],
)
def test_a_job_that_is_told_wrongly_says_so(
    box: Box, inputs: Path, verb: str, variables: dict[str, str], said: str
) -> None:
    assert inputs.exists()

    code = box.run(job(verb, **variables))

    assert code == 255
    assert said in box.message
    assert box.outputs == set()


def test_whatever_names_a_path_is_looked_up_in_an_input() -> None:
    named = {
        each.name
        for verb in deployment_jobs._VERBS.values()
        for each in declared(verb.settings).values()
        if each.option and {"FILE", "FOLDER"} & {*(each.option.metavar or "").split("=")}
    }

    # A pipeline reads its stages as data quality does, and judges none of their columns.
    named -= {"calendar", "importance"}
    assert named <= deployment_jobs._FILES | deployment_jobs._FOLDERS


def test_sides_of_captures_are_stages(box: Box, inputs: Path) -> None:
    stages = json.dumps({"in": f"{IN}/captures@input", "out": f"{IN}/captures@output"})

    code = box.run(job("pipeline", dataset_format=CAPTURE, stages=stages, baseline_stages=stages))

    assert code == 0, box.message
    paths = {name: str(inputs / f"captures@{name}put") for name in ("in", "out")}
    expected = deployment.pipeline(paths, paths, runner="local", dialect="aws")
    assert box.json("pipeline.json") == expected.files["pipeline.json"]


def test_a_column_of_ids_joins_the_steps_of_a_pipeline(box: Box, inputs: Path) -> None:
    for name in STAGES:
        path = inputs / "after" / f"{name}.csv"
        head, *rows = path.read_text().splitlines()
        lines = [f"key,{head}", *(f"id{number},{row}" for number, row in enumerate(rows))]
        path.write_text("\n".join(lines) + "\n")

    code = box.run(job("pipeline", id_column="key"))

    assert code == 0, box.message
    steps = box.json("pipeline.json")["steps"]
    assert [each["ids"]["joined"] for each in steps] == [len(rows)] * (len(STAGES) - 1)


def test_attributions_of_arms_lie_in_inputs(box: Box, inputs: Path) -> None:
    for arm, values in (("old", {"a": 3.0, "b": 1.0}), ("new", {"a": 1.0, "b": 3.0})):
        (inputs / arm).mkdir()
        shap = {"kernel_shap": {"label": {"global_shap_values": values}}}
        document = json.dumps({"version": "1.0", "explanations": shap})
        (inputs / arm / "analysis.json").write_text(document)

    code = box.run(job("monitor", attributions=f'{{"old": "{IN}/old", "new": "{IN}/new"}}'))

    assert code == 0, box.message
    [table] = box.json("comparison.json")["attributions"]
    assert [each["difference"] for each in table["features"]] == [-2.0, 2.0]
