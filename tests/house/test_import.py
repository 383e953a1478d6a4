"""`import driftkit` works without Spark, starts nothing and reads no environment."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.house.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT_SPARK = """
import sys
sys.modules["pyspark"] = sys.modules["pydeequ"] = sys.modules["py4j"] = None
"""

# Audit events tell of every process, connection and opened file; the environment has none, so
# that it is wrapped. The standard library may read it while it is imported.
WATCHED = """
import os, sys
seen = []
class Watched(dict):
    def __getitem__(self, name):
        note("environment", name)
        return super().__getitem__(name)
    def get(self, name, default=None):
        note("environment", name)
        return super().get(name, default)
    def __contains__(self, name):
        note("environment", name)
        return super().__contains__(name)
def note(what, value):
    frame = sys._getframe()
    while frame:
        if "driftkit" in frame.f_code.co_filename:
            seen.append(f"{what}: {value}")
            return
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return
        frame = frame.f_back
os.environ = Watched(os.environ)
STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.fork", "socket.connect", "socket.bind")
def hook(event, args):
    if event in STARTS or event == "open" and args[1] and set(args[1]) & set("wax+"):
        seen.append(f"{event}: {args}")
sys.addaudithook(hook)
import driftkit
import threading
seen += [f"thread: {t.name}" for t in threading.enumerate() if t is not threading.main_thread()]
print(*seen, sep="\\n")
"""

LOADED = """
import sys
import driftkit
print(*sorted({name.partition(".")[0] for name in sys.modules}), sep="\\n")
"""

# What takes long to load: nobody should wait for it who does not need it.
HEAVY = {"boto3", "numba", "pandas", "py4j", "pydeequ", "pyspark", "scipy", "shap", "sklearn"}
MONITORS = ("data-quality", "model-quality", "bias", "attribution", "deployment")


def loaded_by(command: list[str]) -> str:
    """Code that prints which modules a command has loaded when it ends."""
    return f"""
import sys
from driftkit.cli import main
try:
    main({command})
except SystemExit as ended:
    print(*sorted(sys.modules), sep="\\n")
    sys.exit(ended.code)
"""


def run(code: str) -> list[str]:
    """Runs code in an interpreter of its own, which writes no byte code, and gives its lines."""
    ended = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return [line for line in ended.stdout.splitlines() if line]


def test_import_has_no_effect() -> None:
    assert run(WATCHED) == []


def test_import_loads_no_library() -> None:
    assert {*HEAVY, "numpy", "pyarrow", "rich"}.isdisjoint(run(LOADED))


def test_other_monitors_do_not_wait_for_the_settings_of_deployments() -> None:
    found = run(loaded_by(["data-quality", "baseline", "--help"]))

    assert "driftkit.cli.data_quality" in found
    assert not [name for name in found if name.startswith("driftkit.monitors.deployment")]


@pytest.mark.parametrize(
    "command", [["--help"], *([monitor, "baseline", "--help"] for monitor in MONITORS)]
)
def test_help_loads_no_library(command: list[str]) -> None:
    assert {*HEAVY, "numpy", "pyarrow"}.isdisjoint(run(loaded_by(command)))


def test_a_small_baseline_and_window_load_no_heavy_library(tmp_path: Path) -> None:
    # So many texts are counted by their hashes too.
    rows = "".join(f"{number},x{number}\n" for number in range(600))
    (tmp_path / "in.csv").write_text(f"a,b\n{rows}", encoding="utf-8")
    first, second = f"{tmp_path}/first", f"{tmp_path}/second"
    baseline = ["data-quality", "baseline", f"{tmp_path}/in.csv", "-o", first, "--keep-states"]
    window = ["data-quality", "monitor", f"{tmp_path}/in.csv", "-b", first, "-o", second]

    assert HEAVY.isdisjoint(run(loaded_by(baseline)))
    assert HEAVY.isdisjoint(run(loaded_by(window)))
    assert all((tmp_path / "second" / name).exists() for name in ("cells.arrow", "states.arrow"))


def test_a_plan_loads_no_scipy(tmp_path: Path) -> None:
    rows = "version,label,prediction\nold,1,1\nold,0,1\n"
    (tmp_path / "in.csv").write_text(rows, encoding="utf-8")
    command = ["deployment", "baseline", f"{tmp_path}/in.csv", "-o", f"{tmp_path}/out"]
    command += ["--arm", "old=field:version=old", "--arm", "new=field:version=new"]
    command += ["--goal", "accuracy:0.1", "--strategy", "ab", "--runner", "local"]

    assert "scipy" not in run(loaded_by(command))
    assert (tmp_path / "out/deployment_plan.json").exists()


@pytest.mark.parametrize("module", ["driftkit", "driftkit.data_quality", "driftkit.cli"])
def test_works_without_spark(module: str) -> None:
    code = (
        f"{WITHOUT_SPARK}\nimport driftkit, driftkit.cli\nprint({module}.__doc__.splitlines()[0])"
    )

    assert len(run(code)) == 1
