"""`driftkit deployment scaling` by its own command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.monitors.deployment.test_scaling import POLICY, captured

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_scaling_writes_the_replay(tmp_path: Path, driftkit_command: Callable[..., Any]) -> None:
    captured(tmp_path / "in")
    (tmp_path / "policy.json").write_text(json.dumps(POLICY))

    ended = driftkit_command(
        *("deployment", "scaling", tmp_path / "in", "-o", tmp_path / "out"),
        *("--policy-file", tmp_path / "policy.json", "--sampling-percentage", 50),
        *("--max-rps", 0.2, "--price", 0.3, "--runner", "local"),
    )

    found = json.loads((tmp_path / "out/scaling_replay.json").read_text())
    assert ended.code == 0
    assert found["arrivals"]["sampling_percentage"] == 50
    assert "instance_minutes" in ended.out
    assert "50 % of the requests were captured" in ended.err


def test_a_policy_that_is_missing_ends_with_an_error(
    tmp_path: Path, driftkit_command: Callable[..., Any]
) -> None:
    captured(tmp_path / "in")

    ended = driftkit_command(
        *("deployment", "scaling", tmp_path / "in", "-o", tmp_path / "out"),
        *("--policy-file", tmp_path / "policy.json"),
    )

    assert ended.code == 1
    assert "the file is missing" in ended.err
    assert not (tmp_path / "out/scaling_replay.json").exists()
