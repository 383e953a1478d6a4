"""YAML 1.2 and TOML say the same; what goes before the file, and where values are from."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.configuration.checking import checked
from driftkit.configuration.documents import read_document
from driftkit.configuration.opening import opened
from driftkit.configuration.schema import NAME, schema, schema_text
from driftkit.configuration.values import values_of
from driftkit.configuration.yaml_values import read_yaml
from driftkit.errors import SettingsError
from tests.configuration.conftest import RIGHT
from tests.house.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BLOCKS = [
    text
    for page in sorted((ROOT / "docs").rglob("*.md"))
    for text in re.findall(r"```yaml\n(version: .*?)```", page.read_text(), re.DOTALL)
]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("driftkit*.*ml"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("NO", "NO"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("1e-3", 0.001),
        ("1.", 1.0),
        ("-.inf", -math.inf),
        ("0o17", 15),
        ("0x1F", 31),
        ("017", 17),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("2024-03-18", "2024-03-18"),
        ("<<", "<<"),
        ("=", "="),
        ('"5"', "5"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    found = read_yaml(f"key: {text}\n", "a.yml")[0]["key"]

    assert (found, type(found)) == (value, type(value))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(SettingsError):
        read_yaml(text, "a.yml")


def test_a_country_called_no_stays_a_text(written: Callable[..., Path]) -> None:
    path = written(RIGHT.replace("data.csv}", "data.csv, null_values: [NA, no]}"))

    inputs: Any = opened(path, environment={}).configuration.inputs

    assert inputs.data.null_values == ["NA", "no"]


def test_a_key_called_no_is_the_feature_no(written: Callable[..., Path]) -> None:
    text = RIGHT.replace("{baseline: baseline}", "{features: {no: {ignore: true}}}")

    monitors: Any = opened(written(text), environment={}).configuration.monitors

    assert list(monitors.data_quality.features) == ["no"]


TOML = """\
version = 1
model.name = "churn"
[inputs]
data = {path = "data.csv"}
training = {path = "training.csv"}
[monitors.data_quality]
baseline = "baseline"
"""


def test_toml_says_the_same(written: Callable[..., Path]) -> None:
    yaml = opened(written(RIGHT), environment={}).configuration
    toml = opened(written(TOML, "driftkit.toml"), environment={}).configuration

    assert yaml == toml


def test_the_command_line_goes_before_the_environment_before_the_file(
    written: Callable[..., Path],
) -> None:
    path = written(RIGHT + "report: {path: of the file, history: 1}\n")
    variables = {"DRIFTKIT_REPORT__PATH": "of the environment", "DRIFTKIT_REPORT__HISTORY": "2"}

    found = opened(path, ["report.path=of the line"], variables)

    assert (found.configuration.report.path, found.configuration.report.history) == (
        "of the line",
        2,
    )
    assert {each.path: each.origin for each in values_of(found.configuration, found.document)} == {
        "version": "driftkit.yml:1:1",
        "model.name": "driftkit.yml:2:9",
        "model.variant": "default",
        "inputs.data.path": "driftkit.yml:4:10",
        "inputs.training.path": "driftkit.yml:5:14",
        "monitors.data_quality.baseline": "driftkit.yml:7:18",
        "report.path": "command line --set report.path",
        "report.page": "default",
        "report.values": "default",
        "report.history": "environment DRIFTKIT_REPORT__HISTORY",
    }


@pytest.mark.parametrize("name", ["DRIFTKIT_DIALECT", "DRIFTKIT_DEFAULTS__DIALECT"])
def test_variables_of_the_commands_are_defaults(name: str, written: Callable[..., Path]) -> None:
    found = opened(written(), environment={name: "aws"})

    assert found.configuration.defaults.dialect == "aws"


@pytest.mark.parametrize(
    ("variables", "given", "said"),
    [
        (
            {"DRIFTKIT_REPORT__PTH": "a"},
            [],
            "environment DRIFTKIT_REPORT__PTH: report.pth: unknown",
        ),
        ({"DRIFTKIT_VERSION__A": "a"}, [], "a key of what has no keys"),
        ({}, ["report.history=x"], "command line --set report.history: report.history: "),
        ({}, ["report.path"], "sets no key"),
        ({"DRIFTKIT_STORE__TOKEN": "abc"}, [], "looks like a secret"),
    ],
)
def test_errors_name_the_variable_or_option(
    variables: dict[str, str], given: list[str], said: str, written: Callable[..., Path]
) -> None:
    with pytest.raises(SettingsError) as refusal:
        opened(written(), given, variables)

    assert said in str(refusal.value)


def test_the_schema_that_is_shipped_is_the_models() -> None:
    shipped = (ROOT / "driftkit" / "configuration" / NAME).read_text(encoding="utf-8")

    assert shipped == schema_text(), (
        f"run `driftkit config schema > driftkit/configuration/{NAME}` after changing settings"
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_of_the_docs_are_valid(path: Path) -> None:
    validators = pytest.importorskip("jsonschema.validators")
    document = read_document(path)

    validators.Draft202012Validator.check_schema(schema())
    validators.Draft202012Validator(json.loads(schema_text())).validate(document.values)
    assert checked(document).version == 1


@pytest.mark.parametrize("text", BLOCKS)
def test_the_blocks_of_the_docs_are_valid(text: str, written: Callable[..., Path]) -> None:
    validators = pytest.importorskip("jsonschema.validators")
    path = written(text)

    validators.Draft202012Validator(json.loads(schema_text())).validate(read_document(path).values)
    assert opened(path, environment={}).configuration.version == 1


def test_there_are_examples() -> None:
    assert EXAMPLES
    assert BLOCKS
