"""The commands where neither SciPy nor scikit-learn is installed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_COMMAND = """
import sys
sys.modules.update(scipy=None, sklearn=None)
from driftkit.cli import main
main()
"""


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def _scored(folder: Path) -> Path:
    rows = [f"{index % 2},{index % 3 % 2},{index % 10 / 10}" for index in range(600)]
    (folder / "scored.csv").write_text("\n".join(["label,answer,score", *rows]))
    return folder / "scored.csv"


def test_data_quality_needs_none_of_them(tmp_path: Path) -> None:
    data = _scored(tmp_path)

    learnt = _run("data-quality", "baseline", data, "-o", tmp_path / "normal")
    ended = _run("data-quality", "monitor", data, "-b", tmp_path / "normal", "-o", tmp_path / "now")

    assert (learnt.returncode, ended.returncode) == (0, 0), learnt.stderr + ended.stderr
    assert (tmp_path / "now" / "report.html").is_file()


def test_model_quality_needs_none_of_them(tmp_path: Path) -> None:
    columns = ["--problem-type", "BinaryClassification", "--inference-attribute", "answer"]
    columns += ["--probability-attribute", "score", "--ground-truth-attribute", "label"]

    ended = _run(
        "model-quality", "baseline", _scored(tmp_path), *columns, "-o", tmp_path / "normal"
    )

    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "normal" / "statistics.json").is_file()


def test_deployments_name_what_they_need(tmp_path: Path) -> None:
    ended = _run("deployment", "monitor", _scored(tmp_path), "-b", tmp_path, "-o", tmp_path / "out")

    assert ended.returncode == 1
    assert "the deployment monitor needs scipy" in ended.stderr
    assert "pip install 'driftkit-spark[science]'" in ended.stderr
    assert "Traceback" not in ended.stderr
