"""Java and the Deequ jar are found where they may be, in this order."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from driftkit.compute import runtime
from driftkit.errors import SettingsError


def java(folder: Path, version: str) -> Path:
    """Makes a folder that looks like an installed Java."""
    (folder / "bin").mkdir(parents=True)
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    program = folder / "bin" / "java"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return folder


def jar(folder: Path, name: str = runtime.DEEQU_JAR) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()
    return folder / name


@pytest.fixture(autouse=True)
def _no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_package", lambda _name: None)


@pytest.mark.parametrize(
    ("written", "major"), [("17.0.15", "17"), ("17", "17"), ("1.8.0_402", "1"), ("21.0.2", "21")]
)
def test_the_version_of_a_java(tmp_path: Path, written: str, major: str) -> None:
    assert runtime.java_version(java(tmp_path, written)) == major


def test_what_is_no_java_has_no_version(tmp_path: Path) -> None:
    assert runtime.java_version(tmp_path) is None


def test_java_home_comes_first(tmp_path: Path) -> None:
    named, other = java(tmp_path / "named", "17.0.1"), java(tmp_path / "other", "17.0.2")

    assert runtime.java_home({"JAVA_HOME": str(named), "PATH": str(other / "bin")}) == named


def test_a_java_home_of_another_version_is_passed_over(tmp_path: Path) -> None:
    old, fit = java(tmp_path / "old", "1.8.0_402"), java(tmp_path / "fit", "17.0.2")

    assert runtime.java_home({"JAVA_HOME": str(old), "PATH": str(fit / "bin")}) == fit


def test_a_link_on_path_is_followed_to_its_java(tmp_path: Path) -> None:
    home, links = java(tmp_path / "jvm", "17.0.2"), tmp_path / "links"
    links.mkdir()
    (links / "java").symlink_to(home / "bin" / "java")

    assert runtime.java_home({"PATH": str(links)}) == home


def test_the_packaged_java_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged = java(tmp_path / "java-runtime", "17.0.9")
    monkeypatch.setattr(runtime, "_package", lambda _name: tmp_path)

    assert runtime.java_home({"PATH": str(tmp_path)}) == packaged


def test_there_may_be_no_java(tmp_path: Path) -> None:
    assert runtime.java_home({"PATH": str(tmp_path)}) is None


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"DRIFTKIT_CACHE": "/own", "XDG_CACHE_HOME": "/xdg"}, Path("/own")),
        ({"XDG_CACHE_HOME": "/xdg"}, Path("/xdg/driftkit")),
        ({}, Path("~/.cache/driftkit").expanduser()),
    ],
)
def test_the_cache(environ: dict[str, str], folder: Path) -> None:
    assert runtime.cache_folder(environ) == folder


def test_the_named_jar_comes_first(tmp_path: Path) -> None:
    jar(tmp_path / "cache")
    named = jar(tmp_path, "own.jar")
    environ = {"DRIFTKIT_DEEQU_JAR": str(named), "DRIFTKIT_CACHE": str(tmp_path / "cache")}

    assert runtime.deequ_jar(environ) == named


def test_a_named_jar_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^DRIFTKIT_DEEQU_JAR: the Deequ jar is not there"):
        runtime.deequ_jar({"DRIFTKIT_DEEQU_JAR": str(tmp_path / "none.jar")})


def test_the_cached_jar_comes_before_sparks(tmp_path: Path) -> None:
    cached, of_spark = jar(tmp_path / "cache"), jar(tmp_path / "spark" / "jars", "deequ-2.0.21.jar")
    environ = {"DRIFTKIT_CACHE": str(cached.parent), "SPARK_HOME": str(tmp_path / "spark")}

    assert runtime.deequ_jar(environ) == cached
    cached.unlink()
    assert runtime.deequ_jar(environ) == of_spark


def test_there_may_be_no_jar(tmp_path: Path) -> None:
    assert runtime.deequ_jar({"DRIFTKIT_CACHE": str(tmp_path)}) is None


def test_the_session_gets_what_is_missing(tmp_path: Path) -> None:
    home = java(tmp_path, "17.0.2")

    missing = runtime.session_environment({"PATH": str(home / "bin"), "PYSPARK_PYTHON": "mine"})

    assert missing == {"JAVA_HOME": str(home), "PYSPARK_DRIVER_PYTHON": sys.executable}
