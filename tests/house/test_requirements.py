"""The pins and pyproject.toml say the same."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.conftest import ROOT

REQUIREMENTS = ROOT / "requirements"
PIN = re.compile(r"^[\w.-]+==[\w.]+( ; python_version >= \"3\.12\")?$")
OF_TWO_VERSIONS = {"pyspark"}
# The environments of other projects' clients hold what those allow.
OF_CLIENTS = {"sdk2", "sdk3", "airflow", "sinks"}


def project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project


def lines(name: str) -> list[str]:
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def names() -> list[str]:
    return sorted(path.stem for path in REQUIREMENTS.glob("*.txt"))


def pins(name: str) -> dict[str, Version]:
    """Gives the pins of a requirements file and of the files it takes in."""
    found: dict[str, Version] = {}
    for line in lines(name):
        if line.startswith("-r "):
            found |= pins(line.removeprefix("-r ").removesuffix(".txt"))
        else:
            pinned = Requirement(line)
            version = next(iter(pinned.specifier)).version
            found[canonicalize_name(pinned.name)] = Version(version)
    return found


@pytest.mark.parametrize("name", names())
def test_every_line_is_a_pin_or_takes_in_a_file(name: str) -> None:
    others = [f"-r {other}.txt" for other in names()]

    assert [line for line in lines(name) if not PIN.match(line) and line not in others] == []


def test_a_package_has_one_version() -> None:
    versions: dict[str, set[Version]] = defaultdict(set)
    for name in set(names()) - OF_CLIENTS:
        for package, version in pins(name).items():
            versions[package].add(version)

    assert {package for package, found in versions.items() if len(found) > 1} <= OF_TWO_VERSIONS


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        (None, "core"),
        (None, "pure"),
        ("science", "science"),
        ("spark", "base"),
        ("spark", "spark4"),
        ("deequ", "base"),
        ("fast", "base"),
        ("aws", "aws"),
        ("avro", "avro"),
        ("apprise", "receivers"),
        ("attribution", "attribution"),
        ("demo", "demo"),
        ("otel", "sinks"),
        ("mlflow", "sinks"),
        ("notebook", "notebook"),
        ("adbc", "stores"),
        ("delta", "stores"),
        ("iceberg", "stores"),
        ("store-delta", "stores"),
        ("store-duckdb", "stores"),
        ("store-postgres", "stores"),
    ],
)
def test_pins_are_within_the_ranges_that_users_get(extra: str | None, name: str) -> None:
    about = project()
    asked = about["dependencies"] if extra is None else about["optional-dependencies"][extra]
    pinned = pins(name)

    outside = [
        text
        for text in asked
        if (wanted := Requirement(text)).marker is None
        if pinned[canonicalize_name(wanted.name)] not in wanted.specifier
    ]

    assert outside == []


def test_the_pure_environment_has_no_spark_and_no_compiled_loops() -> None:
    assert pins("pure").keys().isdisjoint({"pyspark", "pydeequ", "numba", "py4j"})


def test_the_version_is_the_packages() -> None:
    import driftkit  # noqa: PLC0415 - the version is this test's subject, not its tool

    assert project()["version"] == driftkit.__version__


def test_the_distribution_is_not_the_other_projects() -> None:
    assert project()["name"] == "driftkit-spark"
