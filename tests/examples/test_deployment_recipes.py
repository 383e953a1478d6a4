"""The recipes of docs/examples/deployment, each on the three verdicts."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self, get_args
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from driftkit.formats.deployment.prometheus import expositions
from driftkit.formats.deployment.verdict import Answer, read
from driftkit.formats.python_json import file_text
from tests.formats.deployment.verdicts import document

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
RECIPES = EXAMPLES / "deployment"
ANSWERS: tuple[Answer, ...] = get_args(Answer)


def verdict_file(folder: Path, verdict: str) -> Path:
    """A verdict.json as a run writes it."""
    file = folder / "verdict.json"
    file.write_text(file_text(read({**document(), "verdict": verdict}).to_dict()))
    return file


def manifests(name: str) -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    loaded = yaml.safe_load_all((RECIPES / name).read_text())
    return {each["kind"]: each for each in loaded}


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def holds(condition: str, result: dict[str, Any]) -> bool:
    """Whether a condition like `result.verdict == "promote"` is true."""
    comparison = ast.parse(condition, mode="eval").body
    assert isinstance(comparison, ast.Compare)
    (operator,), (right,) = comparison.ops, comparison.comparators
    assert isinstance(operator, ast.Eq)
    assert isinstance(right, ast.Constant)
    left = comparison.left
    assert isinstance(left, ast.Attribute)
    assert ast.unparse(left.value) == "result"
    return bool(result[left.attr] == right.value)


@pytest.mark.parametrize(
    ("verdict", "phase"),
    [("promote", "Successful"), ("hold", "Inconclusive"), ("roll_back", "Failed")],
)
def test_argos_conditions(verdict: str, phase: str, tmp_path: Path) -> None:
    (metric,) = manifests("argo_web.yaml")["AnalysisTemplate"]["spec"]["metrics"]
    assert metric["provider"]["web"]["jsonPath"] == "{$}"
    result = json.loads(verdict_file(tmp_path, verdict).read_text())

    passed, failed = (holds(metric[f"{word}Condition"], result) for word in ("success", "failure"))

    # A measurement that neither succeeds nor fails is inconclusive.
    found = "Failed" if failed else "Successful" if passed else "Inconclusive"
    assert found == phase


@pytest.mark.parametrize(
    ("codes", "ends_with", "runs"),
    [
        ([0], 0, 1),
        ([3], 1, 1),
        ([4, 4, 0], 0, 3),
        ([4, 3], 1, 2),
        ([4, 4, 4], 4, 3),
        ([2], 2, 1),
        ([1], 1, 1),
    ],
)
def test_the_script_of_argos_job(
    codes: list[int], ends_with: int, runs: int, tmp_path: Path
) -> None:
    (tmp_path / "codes").write_text("".join(f"{code}\n" for code in codes))
    stand_in = tmp_path / "driftkit"
    stand_in.write_text(
        "#!/bin/sh\n"
        f'cd "{tmp_path}"; echo "$@" >> calls\n'
        'code=$(sed -n "$(wc -l < calls)p" codes); exit "$code"\n'
    )
    command = ["sh", str(RECIPES / "wait_for_verdict.sh"), "0", "3", "sh", str(stand_in), "a b"]

    done = subprocess.run(command, check=False, capture_output=True, timeout=60)

    assert done.returncode == ends_with, done.stderr
    assert (tmp_path / "calls").read_text() == "a b\n" * runs


def test_argos_job_runs_the_script() -> None:
    (metric,) = manifests("argo_job.yaml")["AnalysisTemplate"]["spec"]["metrics"]
    (container,) = metric["provider"]["job"]["spec"]["template"]["spec"]["containers"]

    assert Path(container["command"][1]).name == "wait_for_verdict.sh"
    assert container["args"][2:5] == ["driftkit", "deployment", "monitor"]
    assert container["args"][-2:] == ["--exit-code", "verdict"]


@pytest.mark.parametrize("verdict", ANSWERS)
def test_flaggers_range_is_left_by_a_roll_back_only(verdict: Answer) -> None:
    found = manifests("flagger.yaml")
    (metric,) = found["Canary"]["spec"]["analysis"]["metrics"]
    assert metric["templateRef"]["name"] == found["MetricTemplate"]["metadata"]["name"]
    assert "driftkit_deployment_verdict{endpoint=" in found["MetricTemplate"]["spec"]["query"]

    value = float(expositions([(verdict, {})]).split()[-1])

    assert (value >= metric["thresholdRange"]["min"]) == (verdict != "roll_back")


@pytest.fixture
def webhook(tmp_path: Path) -> Iterator[str]:
    server = imported(RECIPES / "flagger_webhook.py").server(tmp_path / "verdict.json", 0)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def post(url: str) -> int:
    try:
        with urlopen(url, data=b'{"name": "churn"}', timeout=60) as answer:  # noqa: S310
            return int(answer.status)
    except HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    ("verdict", "promote", "roll_back"),
    [("promote", 200, 403), ("hold", 403, 403), ("roll_back", 403, 200), (None, 503, 503)],
)
def test_flaggers_webhooks(
    verdict: str | None, promote: int, roll_back: int, webhook: str, tmp_path: Path
) -> None:
    hooks = manifests("flagger.yaml")["Canary"]["spec"]["analysis"]["webhooks"]
    paths = {hook["type"]: hook["url"].rpartition("/")[2] for hook in hooks}
    if verdict is not None:
        verdict_file(tmp_path, verdict)

    assert post(f"{webhook}/{paths['confirm-promotion']}") == promote
    assert post(f"{webhook}/{paths['rollback']}") == roll_back
    assert post(f"{webhook}/other") == 404


@pytest.mark.parametrize(
    ("verdict", "final", "state"),
    [
        ("promote", True, "Set weights"),
        ("roll_back", True, "Set weights"),
        ("hold", False, "Wait"),
        ("hold", True, "Inconclusive"),
    ],
)
def test_step_functions_go_on_by_the_verdict(verdict: str, final: bool, state: str) -> None:  # noqa: FBT001
    states = json.loads((RECIPES / "step_functions.json").read_text())["States"]
    content = {**document(), "verdict": verdict, "final": final}
    data = {"read": {"content": content}}

    assert chosen(states["Decide"], data) == state
    assert all(each.get("Next", "Wait") in states for each in states.values())
    assert all(choice["Next"] in states for choice in states["Decide"]["Choices"])


def chosen(choice: dict[str, Any], data: dict[str, Any]) -> str:
    """The next state of a choice."""
    for rule in choice["Choices"]:
        value: Any = data
        for step in rule["Variable"].removeprefix("$.").split("."):
            value = value[step]
        (expected,) = (rule[word] for word in rule if word.endswith("Equals"))
        if value == expected:
            return str(rule["Next"])
    return str(choice["Default"])


def test_airflow_goes_on_by_the_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, module in stand_ins().items():
        monkeypatch.setitem(sys.modules, name, module)
    dag = imported(EXAMPLES / "airflow_deployment.py")
    tasks = {operator.said["task_id"] for operator in Operator.made}

    followed = {}
    for verdict in ANSWERS:
        verdict_file(tmp_path, verdict)
        followed[verdict] = dag.next_task(str(tmp_path))

    assert followed == {verdict: verdict for verdict in ANSWERS}
    assert tasks == {"monitor", "branch", *ANSWERS}
    assert dag.monitor.said["bash_command"].startswith("driftkit deployment monitor s3://")


class Operator:
    """Stands for all of Airflow that the file uses, and remembers what was made."""

    made: list[Operator] = []  # noqa: RUF012

    def __init__(self, *_: Any, **said: Any) -> None:
        self.said = said
        if "task_id" in said:
            self.made.append(self)

    def __rshift__(self, other: Any) -> Any:
        return other

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def stand_ins() -> dict[str, ModuleType]:
    names = {
        "airflow.sdk": ("DAG", "CronDataIntervalTimetable"),
        "airflow.providers.standard.operators.bash": ("BashOperator",),
        "airflow.providers.standard.operators.empty": ("EmptyOperator",),
        "airflow.providers.standard.operators.python": ("BranchPythonOperator",),
    }
    modules = {}
    for name, classes in names.items():
        modules[name] = ModuleType(name)
        for each in classes:
            setattr(modules[name], each, Operator)
        while "." in name:
            name = name.rpartition(".")[0]  # noqa: PLW2901
            modules.setdefault(name, ModuleType(name))
    return modules
