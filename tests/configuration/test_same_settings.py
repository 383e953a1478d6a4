"""The same setting is the same run, whether file, environment or command line says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from driftkit.configuration.opening import opened
from driftkit.configuration.planning import planned
from driftkit.configuration.running import compared, learn, settings_of, subject_of
from driftkit.results.facts import facts_of
from driftkit.store.history import history
from tests.configuration.conftest import RIGHT
from tests.configuration.test_runs import NOW, here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.cli.conftest import Ended

__all__ = ["here"]

DIALECT = "defaults: {dialect: aws}\n"
TOML = """\
version = 1
model = {name = "churn"}
inputs.data.path = "data.csv"
inputs.training.path = "training.csv"
defaults.dialect = "aws"
monitors.data_quality.baseline = "baseline"
"""


def run_id(file: Path, given: Iterable[str] = (), environment: Any = None) -> str:
    found = opened(file, given, environment or {})
    (work,) = planned(found.configuration, "LAST", NOW)
    learn(work)
    subject = subject_of(work, found.configuration)
    return facts_of(compared(work), subject, settings=settings_of(work)).run_id


# In YAML, in TOML, and on the command line or in the environment.
SAID = {
    "severity": (
        "    severity: {completeness_check: critical}",
        'monitors.data_quality.severity.completeness_check = "critical"',
        ("monitors.data_quality.severity", "{completeness_check: critical}"),
    ),
    "columns": (
        "    ignore: [city]",
        'monitors.data_quality.ignore = ["city"]',
        ("monitors.data_quality.ignore", "city"),
    ),
    "a feature": (
        "    features: {age: {distance: 0.25}}",
        "monitors.data_quality.features.age.distance = 0.25",
        ("monitors.data_quality.features.age.distance", "0.25"),
    ),
    "a threshold": (
        "    thresholds: {completeness: 5e-1}",
        "monitors.data_quality.thresholds.completeness = 0.5",
        ("monitors.data_quality.thresholds.completeness", ".5"),
    ),
}


@pytest.mark.parametrize(("of_yaml", "of_toml", "given"), SAID.values(), ids=SAID)
def test_any_setting_is_the_same_run_wherever_it_is_said(
    of_yaml: str, of_toml: str, given: tuple[str, str], written: Callable[..., Path]
) -> None:
    key, value = given
    plain = TOML.replace('defaults.dialect = "aws"\n', "")
    block = RIGHT.replace(
        "data_quality: {baseline: baseline}", f"data_quality:\n    baseline: baseline\n{of_yaml}"
    )
    other = run_id(written(RIGHT))

    found = {
        run_id(written(block)),
        run_id(written(f"{plain}{of_toml}\n", "driftkit.toml")),
        run_id(written(RIGHT), [f"{key}={value}"]),
        run_id(
            written(RIGHT),
            environment={f"DRIFTKIT_{key.upper().replace('.', '__')}": value},
        ),
    }

    assert len(found) == 1
    assert other not in found


def test_the_same_setting_is_the_same_run_wherever_it_is_said(
    written: Callable[..., Path],
) -> None:
    other = run_id(written(RIGHT))
    found = {
        run_id(written(RIGHT + DIALECT)),
        run_id(written(TOML, "driftkit.toml")),
        run_id(written(RIGHT), ["defaults.dialect=aws"]),
        run_id(written(RIGHT), environment={"DRIFTKIT_DIALECT": "aws"}),
        run_id(written(RIGHT), environment={"DRIFTKIT_MONITORS__DATA_QUALITY__DIALECT": "AWS"}),
    }

    assert len(found) == 1
    assert other not in found


def test_a_command_of_a_monitor_keeps_the_same_run(
    here: Path,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    monitor = ("data-quality", "monitor", "data.csv", "-b", "baseline", "--output")
    said = ("--dialect", "aws", "--store", "said", "--model-name", "churn")
    ended = [driftkit_command("run", str(written(f"{RIGHT}{DIALECT}store: {{path: filed}}\n")))]
    ended.append(driftkit_command(*monitor, "one", *said))
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (("STORE", "around"), ("MODEL_NAME", "churn"), ("DIALECT", "aws")):
            environment.setenv(f"DRIFTKIT_{name}", value)
        ended.append(driftkit_command(*monitor, "other"))

    assert [each.code for each in ended] == [0, 0, 0], [each.err for each in ended]
    kept = [history(here / name)["run_id"].to_list() for name in ("filed", "said", "around")]
    assert kept[0] == kept[1] == kept[2]
    assert len(kept[0]) == 1
