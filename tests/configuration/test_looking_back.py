"""Windows of `driftkit run` are judged together with those before them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.configuration.conftest import CAPTURES, captured

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Ended


def test_windows_of_data_quality_look_back_at_those_before(
    tmp_path: Path,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for day in (18, 19, 20):
        captured(tmp_path, day, ["0.9", "0.1"] * 20)
    written(CAPTURES.replace("model_quality:", "data_quality: {}\n  model_quality:"))
    window = ("--monitor", "data-quality", "--window", "2024-03-18/2024-03-21")

    for _ in range(2):
        assert driftkit_command("run", "driftkit.yml", *window).code == 0

    looked_back = [
        json.loads((tmp_path / f"reports/data_quality/2024-03-{day}/drift.json").read_text())
        for day in (18, 19, 20)
    ]
    assert [each["earlier_windows"] for each in looked_back] == [0, 1, 2]
