"""The CronJob of docs/examples: its command runs with its configuration, on data of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from driftkit.cli import main
from tests.docs.example_data import write_example_data
from tests.house.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = ROOT / "docs/examples/kubernetes_cronjob.yaml"


@pytest.fixture
def job() -> dict[str, Any]:
    """What the file describes, by kind."""
    return {each["kind"]: each for each in yaml.safe_load_all(EXAMPLE.read_text())}


def test_the_command_runs_with_the_configuration(
    job: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_example_data(tmp_path)
    (pod,) = job["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    command, file, *options = pod["args"]
    (name, text), *_ = job["ConfigMap"]["data"].items()
    assert file == f"{pod['volumeMounts'][0]['mountPath']}/{name}"
    configuration = tmp_path / name
    configuration.write_text(text.replace("/data/", f"{tmp_path}/"))
    # Nobody is told of windows of the past.
    monkeypatch.setenv(pod["env"][0]["name"], "none")

    with pytest.raises(SystemExit) as ended:
        main([command, str(configuration), *options, "--window", "2024-03-18/2024-03-19"])

    found = job["CronJob"]["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert ended.value.code == 3
    assert 3 in found[0]["onExitCodes"]["values"]
    assert (tmp_path / "reports/data_quality/2024-03-18/constraint_violations.json").exists()
